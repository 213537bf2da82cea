"""Every message of the contract as a model: alert, ack, case, rotation, camera status, available.

The published JSON Schemas and ``docs/asyncapi.yaml`` are made from these (:mod:`patrol.alerts.contract`), and answers are
read by them. A version only ever grows by fields that may be left out; receivers ignore what they do not know.
"""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, Field
from pydantic.json_schema import SkipJsonSchema

from patrol.alerts.message import CaseNumber, Link, Message, Moment, Sha256, Stamp
from patrol.alerts.state_messages import Available, CameraStatus, Rotation
from patrol.registry import KindName

AnswerName = Literal["received", "accepted", "refused", "phoned", "on_scene", "disposed"]
LONGEST_ETA_MIN = 600
"""Minutes; whoever is longer on the way is not on the way."""


# --- alert --------------------------------------------------------------------------------------------------------


class AlertCamera(Message):
    """Where it was seen."""

    id: str = Field(title="Id", description="In the registry.")
    name: str = Field(title="Name", description="As people call it.")
    preset: str | None = Field(None, title="Preset", description="Of a camera that turns; null for a fixed one.")
    place: str | None = Field(title="Place", description="Address; null where it is not known.")
    division_code: str | None = Field(None, title="Division code", description="Of the administrative division.")
    lon: float | None = Field(title="Longitude", description="Degrees, in `datum`.")
    lat: float | None = Field(title="Latitude", description="Degrees, in `datum`.")
    datum: Literal["WGS84", "GCJ-02", "CGCS2000"] | SkipJsonSchema[None] = Field(
        None, title="Datum", description="What longitude and latitude are given in."
    )


class AlertRule(Message):
    """What it breaks."""

    id: str = Field(title="Id", description="In the registry.")
    name: str = Field(title="Name", description="In Chinese.")
    source: str | None = Field(None, title="Source", description="The document it stands in.")


class AlertFile(Message):
    """One piece of evidence."""

    url: str = Field(title="Link", description="Signed, works for a day, for that one file; never picture bytes.")
    sha256: Sha256 = Field(title="SHA-256", description="Of the file: check what you fetched.")
    role: Literal["clip", "key_frame"] | SkipJsonSchema[None] = Field(None, title="Role", description="What it is.")


class RespondBy(Message):
    """By when each step is expected; null or left out where none is."""

    received: Moment | None = Field(None, title="Received by", description="Until then the receiver's system answers.")
    accepted: Moment | None = Field(None, title="Accepted by", description="Until then a person accepts or refuses.")
    on_scene: Moment | None = Field(None, title="On scene by", description="Until then somebody is there.")
    disposed: Moment | None = Field(None, title="Disposed by", description="Until then it is dealt with.")


class Escalation(Message):
    """Why this one came to you: somebody else did not answer or refused; or who has taken it on in your place."""

    level: int = Field(
        ge=0, title="Level", description="The rung of the ladder; 0: `from` has taken it on, you are called no more."
    )
    from_: str = Field(alias="from", title="From", description="Id of the other department.")
    because: str = Field(title="Because", description="Why, for a person to read.")


class Told(Message):
    """Who heard of the incident when it was told for the first time."""

    department: str = Field(title="Department", description="Its id.")
    role: Literal["primary", "copy"] = Field(title="Role", description="Who acts, and who is told beside it.")


class Alert(Message):
    """One notice of one incident to one department. Receivers go by `id`: the same one may come more than once."""

    schema_: Literal["patrol.alert/1"] = Field(alias="schema", title="Schema", description="This form's version.")
    type: Literal["new", "update", "end"] = Field(
        title="Type", description="`new` opens a matter; `update` and `end` follow only a `new`."
    )
    id: str = Field(min_length=1, max_length=36, title="Id", description="The key: act on it once, answer it always.")
    seq: int = Field(ge=1, title="Number", description="Per department, from 1, without gaps.")
    incident: str = Field(title="Incident", description="What belongs together has the same.")
    kind: KindName = Field(title="Kind", description="What was seen.")
    severity: Literal["general", "major"] = Field(title="Severity", description="How bad it is.")
    reviewed: bool = Field(title="Reviewed", description="Whether a person has confirmed it; false: a machine's lead.")
    status: Literal["open", "ended"] | SkipJsonSchema[None] = Field(
        None, title="Status", description="Of the incident: whether the thing may still go on."
    )
    occurred_at: Stamp = Field(title="Occurred at", description="First sighting.")
    seen_at: Moment | SkipJsonSchema[None] = Field(None, title="Seen at", description="Last sighting.")
    published_at: Stamp = Field(title="Published at", description="When this copy was sent.")
    camera: AlertCamera = Field(title="Camera", description="Where it was seen.")
    category: str | None = Field(title="Category", description="Key of the camera's category.")
    rule: AlertRule | None = Field(None, title="Rule", description="What it breaks; null where no rule is named.")
    summary: str = Field(min_length=1, title="Summary", description="In Chinese.")
    summary_en: str | SkipJsonSchema[None] = Field(None, title="Summary in English", description="The same, shorter.")
    evidence: list[AlertFile] = Field(title="Evidence", description="Links, may be none.")
    ack_topic: str = Field(title="Topic for answers", description="Also MQTT 5's response topic.")
    ack_by: Moment = Field(title="Answer by", description="By when `received` is expected.")
    case: str | None = Field(
        title="Case", description="Number of the case that follows the incident, once it is known; null: none yet."
    )
    role: Literal["primary", "copy", "fallback", "escalation"] | SkipJsonSchema[None] = Field(
        None,
        title="Role",
        description="Why you get it: you act (`primary`), you are told beside it (`copy`), the first refused or did not answer "
        "(`fallback`), nobody before you did (`escalation`).",
    )
    respond_by: RespondBy | None = Field(None, title="Respond by", description="By when each step is expected.")
    escalation: Escalation | None = Field(None, title="Escalation", description="Null: nothing of the kind.")
    told: list[Told] | None = Field(
        None,
        title="Told",
        description="In the `new` of a first telling: all who hear of the incident then, as it was routed; null otherwise.",
    )


# --- ack ----------------------------------------------------------------------------------------------------------


class AckPhone(Message):
    """A phone call that was made about it."""

    number: str = Field(min_length=1, max_length=40, title="Number", description="That was called.")
    at: Moment | None = Field(None, title="At", description="When.")
    outcome: str | None = Field(None, max_length=200, title="Outcome", description="What came of it, one line.")


class AckPhoto(Message):
    """A picture of yours."""

    url: Link = Field(title="Link", description="http or https.")
    sha256: Sha256 | None = Field(None, title="SHA-256", description="Of the file, so that it can be proved later.")


class Ack(Message):
    """What a department answers, on the alert's `ack_topic`. Only `alert` and `status` are needed.

    An optional field that is not as described is left out and named; the status is taken all the same.
    """

    schema_: Literal["patrol.ack/1"] | SkipJsonSchema[None] = Field(
        None, alias="schema", title="Schema", description="This form's version."
    )
    alert: str = Field(min_length=1, max_length=36, title="Alert", description="The alert's `id`.")
    status: AnswerName = Field(title="Status", description="A status only moves forward; any says `received` as well.")
    at: Moment | None = Field(None, title="At", description="When it was so, by your clock.")
    by: str | None = Field(None, max_length=120, title="By", description="Who says so: a person, a desk, a system.")
    reason: str | None = Field(
        None,
        title="Reason",
        description="Why it was refused; needed for `refused`. Of more than 2,000 characters the rest is cut.",
    )
    note: str | None = Field(
        None, title="Note", description="For people. Of more than 2,000 characters the rest is cut."
    )
    phone: AckPhone | None = Field(None, title="Phone call", description="For `phoned`.")
    photos: list[AckPhoto | Link] | None = Field(
        None, max_length=100, title="Photos", description="Links; a bare link is taken too."
    )
    case: str | None = Field(
        None, max_length=64, title="Case", description="Number of the case in your own system or the county's."
    )
    eta_min: int | SkipJsonSchema[None] = Field(
        None,
        ge=1,
        le=LONGEST_ETA_MIN,
        title="On the way",
        description="With `accepted`: minutes until somebody is there. It may be said again with another `accepted`.",
    )


# --- case ---------------------------------------------------------------------------------------------------------


LightName = Literal["unlit", "yellow", "red", "green", "closed_late"]


class CaseClock(Message):
    """One of a case's clocks."""

    name: str = Field(
        min_length=1, max_length=32, title="Name", description="`assign`, `feedback`, `resolve`; or yours."
    )
    light: LightName = Field(title="Light", description="Of this clock.")
    due: Moment = Field(title="Due", description="The last instant that is in time.")
    original_due: Moment = Field(title="First due", description="As it was first set.")
    provisional: bool = Field(
        title="Provisional", description="Its dates lie in a year whose working days are not announced yet."
    )
    stopped_at: Moment | None = Field(title="Stopped at", description="When what it waits for was done; null: not yet.")
    paused: bool = Field(title="Paused", description="It stands still.")


class Case(Message):
    """What the case system says of a case whenever its stage or a light changes. `number`, `stage`, `light` and `at` are needed.

    Published on `case/<number>` under the case department's login. Of two the one with the later `at` counts.
    """

    schema_: Literal["patrol.case/1"] | SkipJsonSchema[None] = Field(
        None, alias="schema", title="Schema", description="This form's version."
    )
    number: CaseNumber = Field(
        title="Number", description="As it stands in the topic, and in the `case` of the answers that named it."
    )
    incident: str | None = Field(
        None, max_length=64, title="Incident", description="That it follows; null: no incident of the patrol's."
    )
    stage: str = Field(
        max_length=32,
        pattern=r"^[^\s\x00-\x1f\x7f][^\x00-\x1f\x7f]*$",
        title="Stage",
        description="Where it stands. The built-in system says `received`, `assigned`, `handling`, `supervised`, `closed`, "
        "`evaluated`, `merged` or `withdrawn`; another one uses its own words, which are shown as they are.",
    )
    light: LightName = Field(
        title="Light",
        description="`unlit`: open and not near its limit; `yellow`: near it; `red`: past it; `green`: closed in time; "
        "`closed_late`: closed after its limit.",
    )
    clocks: list[CaseClock] | None = Field(None, max_length=20, title="Clocks", description="Each by itself.")
    unit: str | None = Field(
        None, max_length=64, title="Unit", description="Who has it: department id or division code."
    )
    merged_into: CaseNumber | None = Field(None, title="Merged into", description="The case that its trail goes on in.")
    url: Link | None = Field(None, title="Link", description="To the case in its own system.")
    at: Moment = Field(title="At", description="When it stood so, by your clock.")


MESSAGES: dict[str, tuple[str, type[BaseModel]]] = {
    "alert": ("Alert", Alert),
    "ack": ("Acknowledgement", Ack),
    "case": ("Case", Case),
    "rotation": ("Rotation", Rotation),
    "camera_status": ("Camera status", CameraStatus),
    "available": ("Availability", Available),
}
"""Each message by the name of its schema's file, with its title."""
