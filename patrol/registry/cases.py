"""The registry's words for cases: which system keeps them, the policy of the three clocks, the divisions, the letters.

What binds two entries together is checked in ``_check_cases.py``.
"""

from __future__ import annotations

from datetime import time
from typing import Annotated, Literal

from pydantic import Field

from patrol.registry._entry import Entry, Key
from patrol.registry.when import ClockTime

CaseDivisionCode = Annotated[str, Field(pattern=r"^(\d{6}|\d{9}|\d{12}|\d{15})$")]
"""Six digits are the county, nine a township, twelve a village grid, fifteen a representative and his households."""


class OfficeHours(Entry):
    """A part of a working day in which offices are open."""

    start: ClockTime = Field(alias="from", title="From", description="County time, HH:MM.")
    end: ClockTime = Field(alias="to", title="To", description="County time, HH:MM.")


class Policy(Entry):
    """How 13710 is counted. Frozen on every case when it is opened; give it a new version whenever anything here changes."""

    version: str = Field(
        "13710-1", min_length=1, max_length=32, title="Version", description="Stands on every case opened under it."
    )
    basis: str = Field(
        "湘阴县“13710”工作机制",
        min_length=1,
        title="Basis",
        description="The document it stands in; named in every letter.",
    )
    office: tuple[OfficeHours, ...] = Field(
        (OfficeHours(**{"from": "08:30", "to": "12:00"}), OfficeHours(**{"from": "14:30", "to": "17:30"})),
        min_length=1,
        title="Office hours",
        description="Of a working day, in order. Working time is counted in these.",
    )
    day_ends: Literal["midnight", "office_close"] = Field(
        "midnight",
        title="Day ends",
        description="Whether the last day of a limit ends at 24:00 or when the offices close.",
    )
    assign_days: int = Field(1, ge=1, le=60, title="Assign", description="Working days until it is assigned.")
    feedback_days: int = Field(3, ge=1, le=60, title="Feed back", description="Working days until the first feedback.")
    resolve_days: int = Field(
        7, ge=1, le=250, title="Resolve", description="Working days until a general matter is resolved."
    )
    major_months: int = Field(1, ge=1, le=12, title="Resolve, major", description="Months until a major one is.")
    month_rolls: bool = Field(
        True,
        title="Month rolls",
        description="Whether a limit in months that ends on a day off ends on the next working day instead.",
    )
    yellow_share: float = Field(
        0.25,
        ge=0,
        lt=1,
        title="Yellow, share",
        description="Yellow when this share of the limit's working time is left,",
    )
    yellow_hours: float = Field(
        4, ge=0, le=200, title="Yellow, hours", description="or this many working hours, whichever is more."
    )
    letter_steps: tuple[Annotated[int, Field(ge=1, le=250)], ...] = Field(
        (3, 7),
        title="Letter steps",
        description="Working days after the due day at which a supervision letter is issued again, one level up each time.",
    )


class Division(Entry):
    """A place in the tree county, township, village grid, representative."""

    code: CaseDivisionCode = Field(
        title="Code", description="6, 9, 12 or 15 digits; its parent is the code without the last 3."
    )
    name: str = Field(min_length=1, title="Name", description="In Chinese; posts, not persons.")


class LetterHead(Entry):
    """What every supervision letter (督办函) carries."""

    issuer: str = Field("湘阴县社会治理指挥中心", min_length=1, title="Issuer", description="Who writes.")
    prefix: str = Field(
        "湘阴治督", min_length=1, max_length=20, title="Prefix", description="Of the number: 湘阴治督[2026]012号."
    )
    signer: str = Field("", title="Signer", description="Post of who signs; the name is written by hand.")
    contact: str = Field("", title="Contact", description="Desk to answer to.")
    phone: str = Field("", title="Phone", description="Public number of that desk.")
    cc: tuple[str, ...] = Field((), title="Copies", description="Who gets a copy of every letter.")


class Attachments(Entry):
    """What may be attached to a case."""

    max_mib: int = Field(20, ge=1, le=500, title="Largest file", description="MiB.")
    max_files: int = Field(50, ge=1, le=1000, title="Most files", description="Of one case.")
    scan: tuple[str, ...] = Field(
        (),
        title="Scanner",
        description="Command that checks a file for malware, e.g. [clamdscan, --fdpass, --no-summary]; the path is added at "
        "the end. Exit 0: clean, 1: infected, anything else: not checked. Empty: none.",
    )


class AppraisalWeights(Entry):
    """How much each part of the appraisal counts, as a share; together they are 1."""

    resolve: float = Field(0.4, ge=0, le=1, title="Resolve", description="Share of resolve clocks in time.")
    feedback: float = Field(0.2, ge=0, le=1, title="Feed back", description="Share of feedback clocks in time.")
    assign: float = Field(0.1, ge=0, le=1, title="Assign", description="Share of assign clocks in time.")
    not_returned: float = Field(
        0.1, ge=0, le=1, title="Not returned", description="Share of closed cases that were never returned."
    )
    satisfaction: float = Field(
        0.2, ge=0, le=1, title="Satisfaction", description="Mean satisfaction, 1 to 5 drawn out to 0 to 1."
    )


class Appraisal(Entry):
    """How units are scored in per cent (考核) in the month's and the year's report."""

    weights: AppraisalWeights = Field(
        default_factory=AppraisalWeights,
        title="Weights",
        description="A part without data leaves the formula; the others share its weight.",
    )
    letter_points: float = Field(
        2, ge=0, le=100, title="Points per letter", description="Taken off for every supervision letter issued."
    )
    least_cases: int = Field(
        5, ge=1, le=100_000, title="Least cases", description="A unit with fewer cases is scored and not ranked."
    )


class Cases(Entry):
    """Who follows a matter until it is closed."""

    system: Literal["built_in", "external", "none"] = Field(
        "none",
        title="System",
        description="built_in: this service keeps the cases. external: the county's own system does, over MQTT. none: nobody.",
    )
    department: Key | None = Field(
        None,
        title="Department",
        description="Under which id the case system gets a copy of every matter, and answers with the case's number.",
    )
    policy: Policy = Field(default_factory=Policy, title="Policy", description="How 13710 is counted.")
    divisions: tuple[Division, ...] = Field((), title="Divisions", description="The county's tree.")
    letters: LetterHead = Field(default_factory=LetterHead, title="Letters", description="Head of supervision letters.")
    attachments: Attachments = Field(
        default_factory=Attachments, title="Attachments", description="What may be attached."
    )
    appraisal: Appraisal = Field(
        default_factory=Appraisal, title="Appraisal", description="How units are scored in reports."
    )
    green_in_time: bool = Field(
        False,
        title="Green while in time",
        description="Whether screens draw an open case that is not near its limit green; the data says unlit all the same.",
    )

    @property
    def keeper(self) -> str | None:
        """The department under whose id the case system takes part; None: nobody keeps cases."""
        return self.department if self.system != "none" else None


def office_spans(policy: Policy) -> tuple[tuple[time, time], ...]:
    """The parts of a working day, in order."""
    return tuple((span.start, span.end) for span in policy.office)


__all__ = [
    "Appraisal",
    "AppraisalWeights",
    "Attachments",
    "CaseDivisionCode",
    "Cases",
    "Division",
    "LetterHead",
    "OfficeHours",
    "Policy",
    "office_spans",
]
