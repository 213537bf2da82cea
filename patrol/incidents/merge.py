"""Which incident a finding belongs to, and what becomes of it. Pure: states and findings in, steps out.

One incident is one thing at one place: camera, preset, kind, place cell. A detector gives one finding a look, so a
look says of each kind at most one thing.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Literal

from patrol.incidents.changes import FindingSeen

WHOLE = "whole"
_GRID = 3
"""Cells a side where no zone was drawn: a third of a picture is about how far a crowd of anglers or a jam's middle wanders."""


@dataclass(frozen=True, slots=True)
class Policy:
    """How incidents open, strengthen and end.

    Attributes:
        follow_ups: delays of the extra looks that a new candidate asks for, by kind. Congestion: 3 and 8 minutes, two to
            six signal cycles; fishing: 10 and 30 minutes, who is still there is no walker; fireworks at once, for they
            are over soon (docs/incidents.md).
        strengthen_at: sightings in a row from which a candidate counts as flagged, by kind; a kind left out never does.
            Three: the first look and both follow-ups. A red light is red in every second look, so that two in a row say little;
            who fishes is still there after half an hour.
        clears_to_end: clear looks in a row that end an incident.
    """

    follow_ups: dict[str, tuple[timedelta, ...]] = field(
        default_factory=lambda: {
            "congestion": (timedelta(minutes=3), timedelta(minutes=8)),
            "fishing": (timedelta(minutes=10), timedelta(minutes=30)),
            "fireworks": (timedelta(seconds=0),),
        }
    )
    strengthen_at: dict[str, int] = field(default_factory=lambda: {"congestion": 3, "fishing": 3})
    clears_to_end: int = 2

    def paced(self, factor: float) -> Policy:
        """The same for a rotation that turns ``factor`` times faster than once in two hours."""
        return replace(
            self, follow_ups={kind: tuple(d / factor for d in delays) for kind, delays in self.follow_ups.items()}
        )


@dataclass(frozen=True, slots=True)
class Open:
    """An open incident as the merge needs it."""

    id: str
    kind: str
    cell: str
    verdict: str
    looks: int
    clear_looks: int


@dataclass(frozen=True, slots=True)
class Step:
    """What becomes of one incident.

    Attributes:
        what: ``open`` a new one, ``update`` it, note a ``clear`` look, ``end`` it.
        incident: its id, None for a new one.
        cell: the place.
        verdict: the strongest so far, after this look.
        strengthened: it became flagged because it was seen again and again.
        follow_ups: delays of the extra looks asked for.
    """

    what: Literal["open", "update", "clear", "end"]
    incident: str | None
    cell: str
    verdict: str
    finding: FindingSeen
    strengthened: bool = False
    follow_ups: tuple[timedelta, ...] = ()


def cell_of(finding: FindingSeen) -> str:
    """The place of a finding: its zone, else a cell of the picture, else the whole."""
    if finding.zone != WHOLE:
        return finding.zone
    if finding.box is None:
        return WHOLE
    left, top, right, bottom = finding.box
    column = min(_GRID - 1, max(0, int((left + right) / 2 * _GRID)))
    row = min(_GRID - 1, max(0, int((top + bottom) / 2 * _GRID)))
    return f"cell-{column}-{row}"


def same_place(one: str, other: str) -> bool:
    """Whether two cells may hold the same thing: equal, neighbours (it moved a little), or one is the whole picture."""
    if one == other or WHOLE in (one, other):
        return True
    a, b = _grid(one), _grid(other)
    return a is not None and b is not None and max(abs(a[0] - b[0]), abs(a[1] - b[1])) <= 1


def steps(found: Iterable[FindingSeen], opened: Iterable[Open], policy: Policy) -> tuple[Step, ...]:
    """What one inspected look changes.

    Args:
        found: its findings. A kind without a finding was not judged and changes nothing.
        opened: the open incidents of this camera and preset.
        policy: see :class:`Policy`.
    """
    known = tuple(opened)
    taken: list[Step] = []
    for finding in found:
        of_kind = [i for i in known if i.kind == finding.kind]
        if finding.verdict == "clear":
            taken += [_cleared(i, finding, policy) for i in of_kind]
            continue
        cell = cell_of(finding)
        here = [i for i in of_kind if same_place(i.cell, cell)]
        here.sort(key=lambda i: i.cell != cell)
        taken.append(_seen_again(here[0], finding, policy) if here else _new(cell, finding, policy))
    return tuple(taken)


def _new(cell: str, finding: FindingSeen, policy: Policy) -> Step:
    asked = policy.follow_ups.get(finding.kind, ()) if finding.verdict == "candidate" else ()
    return Step("open", None, cell, finding.verdict, finding, follow_ups=asked)


def _seen_again(known: Open, finding: FindingSeen, policy: Policy) -> Step:
    enough = policy.strengthen_at.get(finding.kind)
    again = known.verdict == "candidate" and enough is not None and known.looks + 1 >= enough and known.clear_looks == 0
    flagged = "flagged" in (known.verdict, finding.verdict) or again
    return Step(
        "update",
        known.id,
        known.cell,
        "flagged" if flagged else "candidate",
        finding,
        strengthened=again and finding.verdict != "flagged",
    )


def _cleared(known: Open, finding: FindingSeen, policy: Policy) -> Step:
    ends = known.clear_looks + 1 >= policy.clears_to_end
    return Step("end" if ends else "clear", known.id, known.cell, known.verdict, finding)


def _grid(cell: str) -> tuple[int, int] | None:
    parts = cell.split("-")
    if len(parts) == 3 and parts[0] == "cell" and parts[1].isdecimal() and parts[2].isdecimal():
        return int(parts[1]), int(parts[2])
    return None
