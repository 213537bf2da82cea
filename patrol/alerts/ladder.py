"""By when a department must answer, and who is told when it does not. Pure: a track and the hour in, the next rung out.

An open track always has a moment at which it is looked at again; the ladder's last rung repeats. So nothing can stall.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from patrol.registry import Step

State = Literal["told", "received", "accepted", "refused", "phoned", "on_scene", "disposed"]
Awaited = Literal["received", "accepted", "on_scene", "disposed", "refused"]
Who = Literal["contacts", "shift_lead", "fallback", "county", "desk"]

RANK: dict[str, int] = {
    "told": 0,
    "received": 1,
    "accepted": 2,
    "refused": 2,
    "phoned": 3,
    "on_scene": 4,
    "disposed": 5,
}
_AWAITS: dict[str, Awaited] = {
    "told": "received",
    "received": "accepted",
    "refused": "refused",
    "accepted": "on_scene",
    "phoned": "on_scene",
    "on_scene": "disposed",
}


@dataclass(frozen=True, slots=True)
class Track:
    """One incident at one department.

    Attributes:
        state: the furthest answer.
        role: a ``copy`` has only to receive it.
        by: when each step must be answered, UTC.
        rung: rungs climbed while waiting for the present step, ``rung_at`` when the last one was.
        department, fallback: whom it was told, and who is told in its place.
    """

    state: str
    role: str
    by: dict[str, datetime]
    rung: int
    rung_at: datetime | None
    department: str
    fallback: str | None

    @property
    def waits_on_another(self) -> bool:
        """Told in another's place and not taken on: the other's ladder goes on, this one calls its own people only."""
        return self.role in {"fallback", "escalation"} and self.state in {"told", "received", "refused"}

    @property
    def awaits(self) -> Awaited | None:
        """The step that it waits for; None: nothing more."""
        if self.role == "copy" and self.state != "told":
            return None
        return _AWAITS.get(self.state)


@dataclass(frozen=True, slots=True)
class Reachable:
    """Who can be told, by the roster of the hour.

    Attributes:
        contacts: ``(name, phone)`` of the department, in the order in which they are tried.
        shift_leads: of the command centre.
        county: the department that is told last.
        ladder: the rungs, as the registry has them.
        rung: time one rung gets.
        again: time between two tellings on the last rung.
    """

    contacts: tuple[tuple[str, str | None], ...]
    shift_leads: tuple[tuple[str, str | None], ...]
    county: str | None
    ladder: tuple[Step, ...]
    rung: timedelta
    again: timedelta


@dataclass(frozen=True, slots=True)
class Rung:
    """One telling: whom, with the telephone where one is known; ``department`` where an alert goes to another one."""

    number: int
    who: Who
    whom: str
    phone: str | None
    department: str | None
    because: str


def due_at(track: Track, reachable: Reachable, now: datetime) -> datetime | None:
    """When somebody else is told unless the awaited step comes before; None where nothing is awaited.

    Args:
        track: the matter.
        reachable: who can be told.
        now: UTC; a rung climbed "in the future" (a clock that was stepped back) counts as climbed now.
    """
    awaits = track.awaits
    if awaits is None:
        return None
    steps = rungs(track, reachable)
    if not steps:
        return now + reachable.again
    if track.rung_at is None or track.rung == 0:
        return now if awaits == "refused" else track.by[awaits]
    last = track.rung >= len(steps)
    return min(track.rung_at, now) + (reachable.again if last else reachable.rung)


def climb(track: Track, reachable: Reachable, now: datetime) -> Rung | None:
    """Who is told now; None while nothing is overdue."""
    due = due_at(track, reachable, now)
    if due is None or due > now:
        return None
    steps = rungs(track, reachable)
    number = track.rung + 1
    who, whom, phone, department = steps[min(number, len(steps)) - 1]
    return Rung(number, who, whom, phone, department, _because(track, now))


def rungs(track: Track, reachable: Reachable) -> list[tuple[Who, str, str | None, str | None]]:
    """The rungs of a track: each contact, the shift leads, the fallback department, the county.

    A refusal is answered with another department first: calling the one that said no again helps nobody. There are none
    only for a department that was told in another's place and can call nobody: the other's ladder goes on meanwhile.
    """
    found: dict[Step, list[tuple[Who, str, str | None, str | None]]] = {
        Step.CONTACTS: [("contacts", name, phone, None) for name, phone in reachable.contacts],
        Step.SHIFT_LEAD: [("shift_lead", name, phone, None) for name, phone in reachable.shift_leads],
        Step.FALLBACK: _department("fallback", track.fallback, track),
        Step.COUNTY: _department("county", reachable.county, track),
    }
    if track.waits_on_another:
        return found[Step.CONTACTS] if track.awaits != "refused" else []
    order = reachable.ladder
    if track.awaits == "refused":
        away = {Step.FALLBACK, Step.COUNTY}
        order = (*(s for s in order if s in away), *(s for s in order if s not in away and s is not Step.CONTACTS))
    steps = [step for rung in order for step in found[rung]]
    # Where the ladder reaches nobody, the people at the screen are told: never nobody.
    return steps or [("desk", "", None, None)]


def _department(who: Who, name: str | None, track: Track) -> list[tuple[Who, str, str | None, str | None]]:
    return [(who, name, None, name)] if name is not None and name != track.department else []


def _because(track: Track, now: datetime) -> str:
    awaits = track.awaits
    if awaits is None or awaits == "refused":
        return f"{track.department} refused it"
    late = max(0, round((now - track.by[awaits]).total_seconds()))
    words = {
        "received": "has not received it",
        "accepted": "has not accepted it",
        "on_scene": "is not on the scene",
        "disposed": "has not dealt with it",
    }
    return f"{track.department} {words[awaits]}, {late // 60} min {late % 60} s over the limit"
