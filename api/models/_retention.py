"""Answers and questions about how long things are kept."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

Reason = Annotated[str, Field(min_length=1, max_length=2000)]


class RetentionClass(BaseModel):
    """How long one class is kept, and what of it the next run of the purge meets."""

    key: str = Field(description="As in the registry's section `retention`.")
    days: int = Field(description="Kept for so many days.")
    floor_days: int = Field(description="No registry may go below.")
    due: int = Field(description="Things the next run would take now.")
    due_bytes: int
    held: int = Field(description="Things whose day has come and that stay.")


class RetentionHold(BaseModel):
    """Something that stays beyond its day until the hold is lifted."""

    id: int
    kind: str = Field(description="`incident`, `case` or `file`.")
    ref: str
    reason: str
    by: str
    at: datetime


class RetentionRun(BaseModel):
    """A run of the purge with its proof."""

    id: int
    by: str
    started_at: datetime
    ended_at: datetime | None
    items: int = Field(description="Things it dealt with.")
    deleted: int
    bytes: int = Field(description="Of the files it deleted.")
    held: int = Field(description="Things whose day had come and that stayed.")
    problems: list[str]
    left: bool = Field(description="More was due than a run may take.")
    hash: str | None = Field(description="What the chain of runs was at after it; null: it has not ended.")


class RetentionCause(BaseModel):
    """Why things stay, and how many."""

    why: str
    items: int


class RetentionSpace(BaseModel):
    """The disk of the data folder."""

    free_bytes: int
    growth_bytes_a_day: float = Field(description="In the last week, what was purged taken off.")
    days_left: int | None = Field(description="Until it is full at that growth; null: it does not grow.")


class Retention(BaseModel):
    """What is kept and for how long."""

    classes: list[RetentionClass]
    more: bool = Field(description="More is due than was counted here.")
    causes: list[RetentionCause] = Field(description="Why what is due stays; the most frequent ones first.")
    holds: list[RetentionHold]
    runs: list[RetentionRun] = Field(description="The last ones, newest first.")
    space: RetentionSpace
    problem: str | None = Field(description="Why nothing is purged, or what the last run met; null: all is well.")


class NewHold(BaseModel):
    """What is to stay, and why."""

    model_config = ConfigDict(extra="forbid")

    kind: Literal["incident", "case", "file"]
    ref: Annotated[
        str, Field(min_length=1, max_length=200, description="Incident id, case number, or path of the file.")
    ]
    reason: Reason
