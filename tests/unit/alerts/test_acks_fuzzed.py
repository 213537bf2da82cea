"""Ten thousand answers, right, wrong and broken: none crashes anything, and each alert stands where the oracle says."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings

from patrol.store import Store, open_store
from tests.support.databases import Postgres
from tests.unit.alerts.fuzzed import Said, World, batches

_ACKS = 10_000
_BATCH = 4


def fuzz(store: Store, *, search: bool) -> World:
    """Play the answers; ``search`` takes new ones at every run."""
    world = World(store)
    with store.sessions() as session:

        @settings(
            max_examples=_ACKS // _BATCH,
            derandomize=not search,
            database=None,
            print_blob=True,
            deadline=None,
            suppress_health_check=list(HealthCheck),
        )
        @given(batches(world.owners))
        def run(answers: list[Said]) -> None:
            world.play(session, answers)

        run()
    return world


def check_counts(world: World, record: Callable[[str, object], None]) -> None:
    """They were so many, and of every sort many."""
    for name, count in sorted(world.counts.items()):
        record(name.replace(" ", "_"), count)
    assert world.counts["all"] >= _ACKS
    for sort in ("taken", "too late", "not understood", "with a flaw"):
        assert world.counts[sort] >= _ACKS / 10, world.counts


@pytest.mark.timeout(600)  # a failure is made smaller first
def test_ten_thousand_answers_crash_nothing_and_leave_no_wrong_state(
    sqlite_store: Store, record_property: Callable[[str, object], None]
) -> None:
    check_counts(fuzz(sqlite_store, search=False), record_property)


@pytest.mark.long
@pytest.mark.timeout(900)
@pytest.mark.postgres
def test_ten_thousand_more_on_postgresql(
    postgres: Postgres, tmp_path: Path, record_property: Callable[[str, object], None]
) -> None:
    store = open_store(postgres.new(), tmp_path)
    store.upgrade()
    try:
        world = fuzz(store, search=True)
    finally:
        store.close()
    check_counts(world, record_property)
    print(dict(world.counts))  # noqa: T201 - `make test-long` shows the figures
