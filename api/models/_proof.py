"""The proof over the ledger as it stands: the chain's end, daily roots, the last walk through it."""

from __future__ import annotations

from datetime import date, datetime
from typing import Literal

from pydantic import BaseModel, Field


class LedgerProblem(BaseModel):
    """One thing that is not as it was sealed."""

    what: str = Field(description="changed, removed, inserted, link_removed, link_changed, head, root or evidence.")
    position: int | None
    kind: str
    ref: str
    detail: str


class LedgerCheck(BaseModel):
    """A walk through the whole ledger: under way, or the last one since the service started."""

    state: Literal["running", "whole", "broken", "failed"] = Field(
        description="whole: everything is as it was sealed; failed: it could not be read."
    )
    by: str
    started_at: datetime
    ended_at: datetime | None
    done: int = Field(description="Links so far.")
    total: int
    roots: int = Field(description="Daily roots that were held against it, those of the file included.")
    found: int = Field(description="Problems in all.")
    problems: list[LedgerProblem] = Field(description="The first hundred.")
    why: str | None = Field(description="Why it failed.")


class LedgerState(BaseModel):
    """Where the chain ends."""

    position: int | None = Field(description="Of the last link; null: nothing is sealed yet.")
    hash: str | None
    day: date | None = Field(description="The last day that has a root.")
    root: str | None
    check: LedgerCheck | None = Field(description="Null: nobody has asked for one since the service started.")


class LedgerRoot(BaseModel):
    """The root of one county day."""

    day: date
    first_position: int
    last_position: int
    last_hash: str
    root: str
    made_at: datetime
