"""Review: what waits for a person's verdict, one item with all that helps to judge it, what became of a verdict."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal

from pydantic import BaseModel, Field

from api.models._dispatch import Contact
from api.models._incidents import Review
from api.models._words import File, Name

Verdict = Literal["confirmed", "false_alarm", "duplicate", "unclear", "exempt"]
_Id = Annotated[str, Field(min_length=1, max_length=36)]
_Box = Annotated[list[float], Field(min_length=4, max_length=4)]
_Point = Annotated[list[float], Field(min_length=2, max_length=2)]


class ReviewLease(BaseModel):
    """One incident before one person."""

    incident: str
    holder: str = Field(description="Name of the account that works on it.")
    mine: bool = Field(description="It is the account that asks.")
    until: datetime = Field(description="From then on anybody may take it; renew it before.")


class ReviewItem(BaseModel):
    """An incident in the queue."""

    id: str
    kind: str
    verdict: str = Field(description="flagged or candidate.")
    severity: str
    at_once: bool = Field(description="A rule has it told to its department without waiting for a verdict.")
    camera: str
    camera_name: str | None
    preset: str | None
    place: str | None
    category: str | None
    category_name: Name | None
    state: str
    review: str | None = Field(description="The last verdict; null: nobody has judged it.")
    score: float
    summary: str
    looks: int
    first_seen_at: datetime
    last_seen_at: datetime
    version: int = Field(description="Send it as If-Match with a verdict.")
    lease: ReviewLease | None


class ReviewKindCount(BaseModel):
    """What waits of one kind."""

    kind: str
    waiting: int
    oldest: datetime


class ReviewCounts(BaseModel):
    """How much waits, and who works on what."""

    now: datetime
    waiting: int
    oldest: datetime | None = Field(description="When the one that waits longest was first seen.")
    kinds: list[ReviewKindCount]
    mine: list[str] = Field(description="Incidents that the account that asks works on.")
    others: list[ReviewLease] = Field(description="What others work on.")


class ReviewNextRequest(BaseModel):
    """Which incident is wanted next."""

    give_back: list[_Id] = Field([], max_length=20, description="Incidents to let go in the same step.")
    besides: list[_Id] = Field([], max_length=200, description="Incidents to pass over.")
    kind: str | None = Field(None, max_length=16)
    category: str | None = Field(None, max_length=64)
    camera: str | None = Field(None, max_length=64)


class ReviewNext(BaseModel):
    """The incident that was taken."""

    lease: ReviewLease | None = Field(description="Null: nothing waits that is free.")


class ReviewVerdictRequest(BaseModel):
    """A verdict."""

    verdict: Verdict
    code: str | None = Field(None, max_length=32, description="What a false alarm was; needed for one.")
    reason: str | None = Field(None, max_length=500, description="In words; needed with the code `other`.")


class ReviewTold(BaseModel):
    """A department that is told because of a verdict."""

    department: str
    name: Name | None


class ReviewVerdict(BaseModel):
    """What became of a verdict."""

    incident: str
    verdict: Verdict
    version: int
    told: list[ReviewTold]
    problem: str | None = Field(description="Why nobody could be told; the verdict is kept all the same.")
    until: datetime = Field(description="As long it can be changed without anybody coming in between.")


class ReviewDismissRequest(BaseModel):
    """Many false alarms with one reason."""

    incidents: list[_Id] = Field(min_length=1, max_length=200)
    code: str = Field(max_length=32)
    reason: str | None = Field(None, max_length=500)


class ReviewDismissed(BaseModel):
    """What became of one of them."""

    incident: str
    outcome: Literal["dismissed", "held", "judged", "unknown", "refused"] = Field(
        description="held: somebody else works on it; judged: somebody has judged it before; refused: see `problem`."
    )
    holder: str | None = None
    problem: str | None = None


class ReviewDismissals(BaseModel):
    """What became of all of them, in the order in which they were named."""

    dismissed: int
    items: list[ReviewDismissed]


class ReviewMark(BaseModel):
    """Where something was at one moment of a look."""

    at: float = Field(description="Seconds into the look.")
    what: str = Field(description="person, boat, standing, moving or sparks.")
    box: _Box = Field(description="x_min, y_min, x_max, y_max as shares of the picture.")
    track: int | None = Field(description="The same number for the same thing; null: it was not followed.")


class ReviewClip(BaseModel):
    """The clip of a look."""

    file: File
    from_s: float | None = Field(description="Seconds into the look at which it begins; null: not known.")


class ReviewSighting(BaseModel):
    """One look that showed it, with what is drawn over its clip."""

    visit: str
    at: datetime
    verdict: str
    score: float
    best_at: float | None = Field(description="Seconds into the look where it shows best.")
    box: _Box | None
    zone: str
    reason: str = Field(description="The detector's, in English.")
    reason_zh: str = Field(description="The same in Chinese.")
    measurements: dict[str, float | int | str | bool]
    marks: list[ReviewMark]
    clip: ReviewClip | None
    key_frame: File | None = Field(description="With boxes and zones drawn.")
    picture: File | None = Field(description="As it came.")


class ReviewZone(BaseModel):
    """A zone of the camera or its preset."""

    name: str
    kind: str
    polygon: list[_Point] = Field(description="Points as shares of the picture.")


class ReviewEarlier(BaseModel):
    """An earlier look of the same camera at this hour."""

    visit: str
    at: datetime
    outcome: str
    cause: str | None
    findings: dict[str, str] = Field(description="Verdict by kind.")
    picture: File | None = Field(description="Its key frame or picture; null: none was kept.")


class ReviewNeighbour(BaseModel):
    """Another camera nearby."""

    camera: str
    name: str
    lon: float
    lat: float
    waiting: int = Field(description="Incidents there that wait for a verdict.")


class ReviewMap(BaseModel):
    """Where it is."""

    lon: float
    lat: float
    datum: str
    neighbours: list[ReviewNeighbour] = Field(description="Nearest first, of the same datum.")


class ReviewRule(BaseModel):
    """What it breaks."""

    id: str
    name: Name
    when: str
    source: str
    at_once: bool


class ReviewWouldTell(BaseModel):
    """A department that would be told."""

    department: str
    name: Name | None
    role: str
    contacts: list[Contact]


class ReviewAnswer(BaseModel):
    """What it answered, or a call to it."""

    status: str
    at: datetime
    by: str | None
    note: str | None
    problem: str | None


class ReviewDepartment(BaseModel):
    """A department that was told, and how far it is."""

    department: str
    name: Name | None
    role: str
    state: str
    alert: str | None = Field(description="Id of the last alert to it.")
    due_at: datetime | None
    closed_at: datetime | None
    contacts: list[Contact]
    answers: list[ReviewAnswer]


class ReviewReason(BaseModel):
    """A reason that can be given."""

    code: str
    name: Name
    verdicts: list[str]


class ReviewWhole(BaseModel):
    """One incident with all that helps to judge it."""

    item: ReviewItem
    sightings: list[ReviewSighting] = Field(description="Newest first.")
    zones: list[ReviewZone]
    earlier: list[ReviewEarlier]
    map: ReviewMap | None
    rule: ReviewRule | None
    would_tell: list[ReviewWouldTell]
    would_not: str | None = Field(description="Why nobody would be told, or why it is not forbidden there now.")
    told: list[ReviewDepartment]
    reviews: list[Review]
    reasons: list[ReviewReason] = Field(description="That fit its kind, in the order of the keys 1 to 9.")


class ReviewReasonCount(BaseModel):
    """False alarms of one reason."""

    code: str | None = Field(description="Null: none was given.")
    name: Name | None
    count: int


class FalseAlarmFigure(BaseModel):
    """How often a detector was wrong at a camera."""

    camera: str
    camera_name: str | None
    kind: str
    detector: str | None = Field(description="With its model; null: from before this was kept.")
    judged: int
    false: int
    share: float
    low: float
    high: float = Field(description="95 % interval of the share (Wilson; with none false the rule of three).")
    reasons: list[ReviewReasonCount]


class FalseAlarmFigures(BaseModel):
    """False alarms over a time."""

    since: datetime
    until: datetime
    judged: int = Field(description="Of all cameras together.")
    false: int
    figures: list[FalseAlarmFigure] = Field(description="Those with the most false alarms.")
