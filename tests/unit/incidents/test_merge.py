"""One thing at one place is one incident, whatever order its looks come in."""

from __future__ import annotations

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from patrol.incidents import FindingSeen, Policy
from patrol.incidents.merge import Open, Step, cell_of, same_place, steps


def finding(
    verdict: str = "candidate",
    *,
    kind: str = "fishing",
    box: tuple[float, float, float, float] | None = (0.4, 0.4, 0.5, 0.6),
    zone: str = "whole",
) -> FindingSeen:
    return FindingSeen(kind=kind, verdict=verdict, score=0.6, at=1.0, box=box, zone=zone, reason="seen")


def opened(step: Step, *, looks: int = 1, clear: int = 0, kind: str = "fishing") -> Open:
    return Open("i", kind, step.cell, step.verdict, looks, clear)


def test_a_first_candidate_opens_an_incident_and_asks_for_follow_ups() -> None:
    (step,) = steps([finding()], [], Policy())
    assert (step.what, step.cell, step.verdict) == ("open", "cell-1-1", "candidate")
    assert step.follow_ups == (timedelta(minutes=10), timedelta(minutes=30))


def test_a_flagged_finding_needs_no_follow_up() -> None:
    (step,) = steps([finding("flagged")], [], Policy())
    assert step.follow_ups == ()


@pytest.mark.parametrize("kind", ["fishing", "congestion"])
def test_what_is_still_there_at_both_follow_ups_is_flagged(kind: str) -> None:
    (first,) = steps([finding(kind=kind)], [], Policy())
    assert len(first.follow_ups) == 2
    (second,) = steps([finding(kind=kind)], [opened(first, kind=kind)], Policy())
    assert (second.what, second.verdict, second.strengthened) == ("update", "candidate", False)
    (third,) = steps([finding(kind=kind)], [opened(first, kind=kind, looks=2)], Policy())
    assert (third.what, third.verdict, third.strengthened) == ("update", "flagged", True)


def test_fireworks_are_never_flagged_by_mere_repetition() -> None:
    (first,) = steps([finding(kind="fireworks")], [], Policy())
    (second,) = steps([finding(kind="fireworks")], [opened(first, kind="fireworks", looks=9)], Policy())
    assert second.verdict == "candidate"


def test_a_clear_look_between_two_candidates_breaks_the_row() -> None:
    (first,) = steps([finding()], [], Policy())
    (again,) = steps([finding()], [opened(first, looks=2, clear=1)], Policy())
    assert (again.verdict, again.strengthened) == ("candidate", False)


def test_a_box_at_the_edge_of_a_cell_does_not_open_a_second_incident() -> None:
    near = finding(box=(0.64, 0.4, 0.72, 0.6))
    (first,) = steps([finding()], [], Policy())
    (second,) = steps([near], [opened(first)], Policy())
    assert cell_of(near) != first.cell
    assert second.incident == "i"


def test_two_zones_are_two_places() -> None:
    (first,) = steps([finding(zone="north_bank")], [], Policy())
    (second,) = steps([finding(zone="south_bank")], [opened(first)], Policy())
    assert second.what == "open"
    assert not same_place("north_bank", "south_bank")


def test_two_clear_looks_in_a_row_end_it() -> None:
    (first,) = steps([finding()], [], Policy())
    (clear,) = steps([finding("clear", box=None)], [opened(first)], Policy())
    (end,) = steps([finding("clear", box=None)], [opened(first, clear=1)], Policy())
    assert (clear.what, end.what) == ("clear", "end")


def test_a_kind_that_was_not_judged_changes_nothing() -> None:
    (first,) = steps([finding()], [], Policy())
    assert steps([finding("clear", kind="congestion")], [opened(first)], Policy()) == ()


def test_a_rotation_that_turns_faster_follows_up_sooner() -> None:
    (step,) = steps([finding()], [], Policy().paced(120))
    assert step.follow_ups == (timedelta(seconds=5), timedelta(seconds=15))


_findings = st.builds(
    finding,
    st.sampled_from(["clear", "candidate", "flagged"]),
    kind=st.sampled_from(["fishing", "congestion"]),
    box=st.one_of(st.none(), st.tuples(*(st.floats(0, 1) for _ in range(4)))),
    zone=st.sampled_from(["whole", "north_bank"]),
)


@given(st.lists(_findings, max_size=30))
def test_there_is_never_more_than_one_open_incident_of_a_kind_at_a_place(seen: list[FindingSeen]) -> None:
    known: dict[str, Open] = {}
    for number, one in enumerate(seen):
        for step in steps([one], known.values(), Policy()):
            if step.what == "open":
                known[str(number)] = Open(str(number), one.kind, step.cell, step.verdict, 1, 0)
            elif step.what == "end":
                del known[step.incident or ""]
            else:
                was = known[step.incident or ""]
                clear = was.clear_looks + 1 if step.what == "clear" else 0
                known[was.id] = Open(
                    was.id, was.kind, was.cell, step.verdict, was.looks + (step.what == "update"), clear
                )
        places = [(i.kind, i.cell) for i in known.values()]
        assert len(places) == len(set(places))
        for one_open in known.values():
            others = [o for o in known.values() if o is not one_open and o.kind == one_open.kind]
            assert not any(same_place(o.cell, one_open.cell) for o in others if "whole" not in (o.cell, one_open.cell))
