"""Messages that say how things stand: rotation, camera status, available. Retained; the newest counts."""

from __future__ import annotations

from typing import Literal

from pydantic import Field, RootModel
from pydantic.json_schema import SkipJsonSchema

from patrol.alerts.message import Count, Message, Moment, Sha256, Share


class Platform(Message):
    """One platform's part of the rotation."""

    platform: str = Field(title="Platform", description="Its id.")
    load: Share = Field(title="Load", description="Stream-seconds needed, of those there are.")
    running: Count = Field(title="Running", description="Looks being made.")
    limit: int = Field(ge=1, title="Limit", description="Streams at once.")
    look_s: Share | None = Field(
        title="Seconds a look", description="Measured mean seconds a look holds its stream; null before the first."
    )
    away: bool = Field(title="Away", description="No camera of it answers; it is probed.")


class FirstBroken(Message):
    """The first look that will go past its period."""

    look: str = Field(title="Look", description="Key of the look.")
    at: Moment = Field(title="At", description="When.")


class Forecast(Message):
    """The rotation run ahead over twice the longest period."""

    made_at: Moment = Field(title="Made at", description="When it was made.")
    until: Moment = Field(title="Until", description="How far it sees.")
    worst_gap_s: Share | None = Field(title="Worst gap", description="Longest predicted gap, seconds.")
    worst_look: str | None = Field(title="Worst look", description="Whose that is.")
    first_broken: FirstBroken | None = Field(
        title="First broken", description="The first look that will go past its period; null when none will."
    )
    broken: Count = Field(title="Broken", description="Looks that will.")
    peak_load: Share = Field(title="Peak load", description="Highest load predicted.")
    peak_at: Moment = Field(title="Peak at", description="When that is.")
    shortened: Count = Field(title="Shortened", description="Looks that will be shorter than planned.")


class LedgerHead(Message):
    """Where the hash chain over the ledger ends, and the last closed day's root.

    Whoever keeps these messages can prove later that nothing before was changed.
    """

    position: Count = Field(title="Position", description="Of the chain's last entry.")
    hash: Sha256 = Field(title="Hash", description="Of that entry.")
    day: str | None = Field(title="Day", description="The last closed day.", json_schema_extra={"format": "date"})
    root: Sha256 | None = Field(title="Root", description="That day's root.")


class Rotation(Message):
    """Where the rotation stands. Retained, published every few seconds; the newest counts."""

    schema_: Literal["patrol.rotation/1"] = Field(alias="schema", title="Schema", description="This form's version.")
    at: Moment = Field(title="At", description="When it was so.")
    cameras: Count = Field(title="Looks", description="Looks in the rotation (a camera, or a preset of it).")
    due: Count = Field(title="Due", description="Waiting for a free stream.")
    late: Count = Field(title="Late", description="Past their deadline without an inspected look.")
    away: Count = Field(title="Away", description="Not answering.")
    held: Count | SkipJsonSchema[None] = Field(None, title="Held", description="On hold for maintenance.")
    running: Count = Field(title="Running", description="Being looked at now.")
    worst_gap_s: Share | None = Field(
        title="Worst gap",
        description="Longest time, seconds, since the start of the last inspected look of a camera that answers.",
    )
    load: Share = Field(
        title="Load", description="Stream-seconds needed, of those there are; above 1 the promise cannot be kept."
    )
    load_shortened: Share | SkipJsonSchema[None] = Field(
        None, title="Load, shortened", description="The same with looks as short as they are now."
    )
    platforms: list[Platform] | SkipJsonSchema[None] = Field(
        None, title="Platforms", description="One entry per platform, fullest first."
    )
    forecast: Forecast | None = Field(
        None, title="Forecast", description="The rotation run ahead; null before the first."
    )
    warning: str | None = Field(title="Warning", description="Says so before the first gap is broken.")
    problems: dict[str, str] = Field(title="Problems", description="What an operator must know now, by subject.")
    ledger: LedgerHead | None = Field(None, title="Ledger", description="Where the ledger's chain ends.")


class CameraStatus(Message):
    """The last look at one camera. Retained; on an MQTT 5 broker it expires after six hours."""

    schema_: Literal["patrol.camera_status/1"] = Field(
        alias="schema", title="Schema", description="This form's version."
    )
    camera: str = Field(title="Camera", description="Id in the registry.")
    preset: str | None = Field(title="Preset", description="Of a camera that turns; null for a fixed one.")
    visit: str = Field(title="Visit", description="Id of the look in the ledger.")
    at: Moment = Field(title="At", description="Start of the look.")
    outcome: Literal["inspected", "unusable", "unreachable", "missed"] = Field(
        title="Outcome", description="Only `inspected` counts as seen."
    )
    cause: str | None = Field(title="Cause", description="Why it is not `inspected`.")
    judged: bool = Field(title="Judged", description="Every detector asked for ran.")


class Available(RootModel[Literal["online", "stopped", "offline"]]):
    """Whether the patrol service is there. Plain text, not JSON; retained, and also the service's will.

    `online` is published last, after the states; `stopped` on a clean end; `offline` by the broker when the service vanished.
    """

    root: Literal["online", "stopped", "offline"] = Field(title="Availability", description="One word.")
