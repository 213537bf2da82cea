"""Ten thousand answers, right, wrong and broken: none crashes anything, and each alert stands where the oracle says."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from hypothesis import HealthCheck, given, settings

from patrol.store import Store
from tests.unit.alerts.fuzzed import Said, World, batches

_SOME, _ACKS = 2_500, 10_000
_BATCH = 4


def fuzz(store: Store, answers: int, *, search: bool) -> World:
    """Play the answers; ``search`` takes new ones at every run."""
    world = World(store)
    with store.sessions() as session:

        @settings(
            max_examples=answers // _BATCH,
            derandomize=not search,
            database=None,
            print_blob=True,
            deadline=None,
            suppress_health_check=list(HealthCheck),
        )
        @given(batches(world.owners))
        def run(said: list[Said]) -> None:
            world.play(session, said)

        run()
    return world


def check_counts(world: World, answers: int, record: Callable[[str, object], None]) -> None:
    """They were so many, and of every sort many."""
    for name, count in sorted(world.counts.items()):
        record(name.replace(" ", "_"), count)
    assert world.counts["all"] >= answers
    for sort in ("taken", "too late", "not understood", "with a flaw"):
        assert world.counts[sort] >= answers / 10, world.counts


@pytest.mark.timeout(600)  # a failure is made smaller first
def test_answers_of_all_sorts_crash_nothing_and_leave_no_wrong_state(
    sqlite_store: Store, record_property: Callable[[str, object], None]
) -> None:
    check_counts(fuzz(sqlite_store, _SOME, search=False), _SOME, record_property)


@pytest.mark.long
@pytest.mark.timeout(1800)
def test_ten_thousand_answers(store: Store, record_property: Callable[[str, object], None]) -> None:
    world = fuzz(store, _ACKS, search=True)
    check_counts(world, _ACKS, record_property)
    print(dict(world.counts))  # noqa: T201 - `make test-long` shows the figures
