"""The registry as it is read and edited. Entries are as in ``camera_registry.yaml``; their form is its JSON Schema's."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated, Any, Literal

from pydantic import BaseModel, Field

Step = Annotated[str, Field(max_length=200)] | Annotated[int, Field(ge=0, le=1_000_000)]


class RegistryProblem(BaseModel):
    """What is wrong, or odd, and where."""

    line: int | None = Field(description="Of the file as it is, or as it would be.")
    column: int | None
    field: str = Field(description="e.g. cameras[3] (gate-12).platform; empty: the file as a whole.")
    message: str


class RegistryState(BaseModel):
    """The registry in force, without its cameras."""

    sha256: str = Field(description="Give it back as If-Match with an edit.")
    revision: int | None
    file: str | None = Field(description="Name of the file; null: it is in none and cannot be edited.")
    state: Literal["in_force", "broken"] = Field(
        description="broken: the file was changed by hand and is not valid; what is shown is in force, and edits are refused."
    )
    problems: list[RegistryProblem] = Field(description="What is wrong with the file by hand.")
    warnings: list[RegistryProblem] = Field(description="What is odd but works.")
    cameras: int
    sections: dict[str, Any] = Field(description="As the file gives them, without cameras; addresses masked.")


class RegistryCamera(BaseModel):
    """A camera's entry."""

    place: int = Field(description="Its place among the cameras, from 0.")
    entry: dict[str, Any] = Field(description="As the file gives it; addresses masked.")


class RegistryOperation(BaseModel):
    """One change. `path` begins with a section; then the id, key or name of an entry (or its place, from 0), a field, …"""

    op: Literal["set", "add", "remove", "rename", "move"]
    path: list[Step] = Field(min_length=1, max_length=12, examples=[["cameras", "gate-12", "categories"]])
    value: Any = Field(None, description="Of set and add. Fields that are null are left out; null itself removes.")
    to: str | None = Field(None, max_length=63, description="Of rename: the new id; whatever names it follows.")
    before: Step | None = Field(None, description="Of add and move: the entry it comes to stand before; null: the end.")


Operations = Annotated[list[RegistryOperation], Field(min_length=1, max_length=2000)]
Reason = Annotated[
    str, Field(min_length=1, max_length=500, pattern=r"\S", description="Why; it stands in the history.")
]


class RegistryOperations(BaseModel):
    """Changes to be looked at."""

    operations: Operations


class RegistryEdits(BaseModel):
    """Changes to be made."""

    operations: Operations
    reason: Reason


class RegistryReason(BaseModel):
    """Why a revision is restored."""

    reason: Reason


class RegistryChange(BaseModel):
    """One entry, or one field, that is other than before."""

    what: Literal["added", "removed", "changed", "moved"]
    section: str
    entry: str | None
    field: str | None
    before: Any
    after: Any
    zh: str = Field(description="One sentence.")
    en: str


class RegistryAsked(BaseModel):
    """What a registry asks of the patrol now, risk windows included."""

    looks: int
    looks_per_hour: float
    load: float = Field(description="Stream seconds needed over those there are; above 1 gaps will be broken.")
    load_shortened: float = Field(description="The same with looks as short as they may be.")
    platforms: dict[str, float] = Field(description="Load of each.")
    warning: str | None


class RegistryEffect(BaseModel):
    """What changes would mean for the rotation."""

    before: RegistryAsked
    after: RegistryAsked


class RegistryPreview(BaseModel):
    """What changes would do; nothing is written."""

    base: str = Field(description="SHA-256 of the registry in force.")
    sha256: str | None = Field(description="As it would be; null while there are problems.")
    changes: list[RegistryChange]
    diff: str = Field(description="Unified diff of the file; empty: nothing would change.")
    problems: list[RegistryProblem] = Field(description="What would be wrong; edits with problems are refused.")
    warnings: list[RegistryProblem]
    effect: RegistryEffect | None = Field(description="Null while there are problems.")
    merged: bool = Field(description="Somebody else changed other entries meanwhile; both would be in.")
    theirs: list[RegistryChange] = Field(description="What they changed.")


class RegistryDone(BaseModel):
    """Changes that are made and in force."""

    revision: int | None = Field(description="Null: nothing was to be changed.")
    sha256: str
    changes: list[RegistryChange]
    diff: str
    merged: bool = Field(description="Somebody else changed other entries meanwhile; both are in.")
    theirs: list[RegistryChange]


class RegistryRevision(BaseModel):
    """A registry that was in force."""

    id: int
    sha256: str
    at: datetime = Field(description="In force from then on.")
    cameras: int
    kind: Literal["edit", "restore", "import", "by_hand"] | None = Field(
        description="Null: from before this was noted."
    )
    who: str | None = Field(description="Null: changed by hand.")
    reason: str | None
    restored: int | None = Field(description="Of a restore: the revision whose text it is.")
    added: int = Field(description="Entries that came.")
    removed: int
    changed: int


class RegistryText(RegistryRevision):
    """A revision with its text."""

    text: str = Field(description="The file; addresses masked.")


class RegistryDiff(BaseModel):
    """What is different between two revisions."""

    changes: list[RegistryChange] | None = Field(description="Null: one of them is not valid by today's checks.")
    diff: str


class ImportRow(BaseModel):
    """What a row of the table would change."""

    row: int = Field(description="As the spreadsheet counts: the heads are row 1.")
    camera: str
    what: Literal["added", "changed"]
    columns: list[str]


class ImportProblem(BaseModel):
    """A cell that cannot be taken in."""

    row: int = Field(description="0: no row of the table, the registry as a whole.")
    column: str | None
    message: str


class RegistryImport(BaseModel):
    """A table that was read, and what came of it."""

    read: int = Field(description="Rows.")
    rows: list[ImportRow]
    problems: list[ImportProblem]
    diff: str
    effect: RegistryEffect | None
    done: RegistryDone | None = Field(description="Null: nothing was written.")


class ZonePolygon(BaseModel):
    """A polygon as it is being drawn."""

    polygon: list[tuple[Annotated[float, Field(ge=0, le=1)], Annotated[float, Field(ge=0, le=1)]]] = Field(
        max_length=1000, description="Points [x, y] in [0, 1] of the picture's width and height."
    )


class ZoneCheck(BaseModel):
    """Whether a polygon is one."""

    problem: str | None = Field(description="What is wrong; null: it is sound.")
    area: float = Field(description="Share of the picture, in [0, 1].")


class RuleSpan(BaseModel):
    """Days in a row on which a rule holds, with the same hours."""

    first: date
    last: date
    lunar_first: str = Field(description="e.g. 腊月三十.")
    lunar_last: str
    hours: list[tuple[str, str]] = Field(description="From, to; an end that is earlier is on the next morning.")


class RuleYear(BaseModel):
    """One rule in one year."""

    rule: str
    days: int
    spans: list[RuleSpan]
    provisional: bool = Field(description="Some depend on working days that are not announced yet.")


class LunarYear(BaseModel):
    """The lunar calendar over a solar year."""

    days: list[str] = Field(description="One a day from 1 January, e.g. 腊月三十.")
