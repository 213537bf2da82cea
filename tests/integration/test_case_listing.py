"""The list of cases for screens, from rows of a real SQLite and a real PostgreSQL."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable
from datetime import timedelta

import pytest

from patrol.cases.listing import CursorError, Filter, Order, counts, page
from patrol.cases.types import OPEN_STAGES, ClockName, Level, Light, Stage
from patrol.store import Store
from tests.support.case_months import END, START, some_cases
from tests.support.case_rows import CaseRow, put_cases

ROWS = some_cases(7, 160)


@pytest.fixture
def filled(store: Store) -> Store:
    with store.sessions.begin() as session:
        put_cases(session, ROWS)
    return store


def due(row: CaseRow) -> str:
    return f"{row.clock(ClockName.RESOLVE).due.isoformat(timespec='microseconds')}~{row.key}"


def opened(row: CaseRow) -> str:
    return f"{row.opened.isoformat(timespec='microseconds')}~{row.key}"


def walked(store: Store, wanted: Filter, order: Order = "resolve_due", limit: int = 7) -> list[str]:
    """All pages, one after another."""
    found: list[str] = []
    cursor = None
    while True:
        with store.reading() as session:
            got = page(session, wanted, order=order, cursor=cursor, limit=limit)
        found += [case.number for case in got.cases]
        cursor = got.cursor
        if cursor is None:
            return found
        assert len(got.cases) == limit


def expected(keep: Callable[[CaseRow], bool], order: Order = "resolve_due") -> list[str]:
    kept = [row for row in ROWS if keep(row)]
    by_due = order == "resolve_due"
    return [row.key for row in sorted(kept, key=due if by_due else opened, reverse=not by_due)]


def helps(row: CaseRow, unit: str) -> bool:
    return row.unit == unit or unit in row.co_units


FILTERS: dict[str, tuple[Filter, Callable[[CaseRow], bool]]] = {
    "nothing": (Filter(), lambda _: True),
    "stages": (Filter(stages=(Stage.HANDLING, Stage.CLOSED)), lambda r: r.stage in {"handling", "closed"}),
    "a stage twice": (Filter(stages=(Stage.HANDLING, Stage.HANDLING)), lambda r: r.stage == "handling"),
    "lights": (Filter(lights=(Light.RED, Light.GREEN)), lambda r: r.light in {"red", "green"}),
    "unit": (Filter(unit="police"), lambda r: r.unit == "police"),
    "mine": (Filter(mine="fisheries"), lambda r: helps(r, "fisheries")),
    "level": (Filter(levels=(Level.TOWNSHIP, Level.VILLAGE)), lambda r: bool(r.unit and r.unit.isdecimal())),
    "division": (Filter(division="430624101"), lambda r: r.division.startswith("430624101")),
    "village": (Filter(division="430624101001"), lambda r: r.division == "430624101001"),
    "county": (Filter(division="430624"), lambda _: True),
    "kind": (Filter(kinds=("fishing", "other")), lambda r: r.kind in {"fishing", "other"}),
    "severity": (Filter(severities=("major",)), lambda r: r.severity == "major"),
    "source": (Filter(sources=("grid",)), lambda r: r.source == "grid"),
    "opened": (Filter(opened_from=START, opened_to=END), lambda r: START <= r.opened < END),
    "due": (Filter(due_from=START, due_to=END), lambda r: START <= r.clock(ClockName.RESOLVE).due < END),
    "suspended": (Filter(suspended=True), lambda r: r.suspended),
    "not suspended": (Filter(suspended=False), lambda r: not r.suspended),
    "provisional": (Filter(provisional=True), lambda r: r.provisional),
    "together": (
        Filter(stages=OPEN_STAGES, lights=(Light.RED, Light.YELLOW), kinds=("fishing", "fireworks"), division="430624101"),
        lambda r: r.stage in {s.value for s in OPEN_STAGES}
        and r.light in {"red", "yellow"}
        and r.kind in {"fishing", "fireworks"}
        and r.division.startswith("430624101"),
    ),
    "scope of a department": (Filter(scope="police"), lambda r: helps(r, "police")),
    "scope of a township": (
        Filter(scope="430624104"),
        lambda r: any(unit and unit.startswith("430624104") for unit in (r.unit, *r.co_units)),
    ),
    "scope and filter": (
        Filter(scope="430624101", stages=(Stage.HANDLING,), division="430624101"),
        lambda r: r.stage == "handling"
        and r.division.startswith("430624101")
        and any(unit and unit.startswith("430624101") for unit in (r.unit, *r.co_units)),
    ),
}  # fmt: skip


@pytest.mark.parametrize("order", ["resolve_due", "opened_at"])
def test_every_filter_gives_its_cases_in_order_and_counts_them(filled: Store, order: Order) -> None:
    for name, (wanted, keep) in FILTERS.items():
        numbers = expected(keep, order)
        assert numbers, name
        assert walked(filled, wanted, order) == numbers, name
        rows = [row for row in ROWS if keep(row)]
        with filled.reading() as session:
            found = counts(session, wanted)
        assert found.total == len(rows), name
        assert found.lights == {light: Counter(r.light for r in rows)[light.value] for light in Light}, name
        assert found.stages == {stage: Counter(r.stage for r in rows)[stage.value] for stage in Stage}, name


def put(store: Store, rows: Iterable[CaseRow]) -> None:
    with store.sessions.begin() as session:
        put_cases(session, rows)


def numbers(store: Store, wanted: Filter) -> list[int]:
    return sorted(int(number[-6:]) for number in walked(store, wanted))


def test_text_is_found_in_number_title_and_address_and_signs_mean_themselves(store: Store) -> None:
    put(
        store,
        [
            CaseRow(1, START, title="有人垂钓 Km_5"),
            CaseRow(2, START, address="禁渔堤段 100% 水域"),
            CaseRow(3, START, title="Kmx5 拥堵"),
            CaseRow(4, START),
        ],
    )
    for text, wanted in {
        "垂钓": [1, 2, 4],
        "km_5": [1],
        "KMX5": [3],
        "100%": [2],
        "0%": [2],
        "%": [2],
        "_": [1],
        "000003": [3],
        "没有": [],
    }.items():
        assert numbers(store, Filter(text=text)) == wanted, text
    assert numbers(store, Filter(text="")) == [1, 2, 3, 4]


def test_a_department_sees_its_own_and_what_it_helps_with_and_nothing_else(store: Store) -> None:
    put(
        store,
        [
            CaseRow(1, START, unit="police"),
            CaseRow(2, START, unit="police_east", co_units=("police_west",)),
            CaseRow(3, START, unit="water", co_units=("fire", "police")),
            CaseRow(4, START, unit="430624101"),
            CaseRow(5, START, unit=None),
            CaseRow(6, START, unit="policexeast"),
        ],
    )
    assert numbers(store, Filter(scope="police")) == [1, 3]
    assert numbers(store, Filter(scope="fire")) == [3]
    assert numbers(store, Filter(scope="police_east")) == [2]
    assert numbers(store, Filter(scope="police", mine="fire")) == [3]
    assert numbers(store, Filter(scope="police", unit="water")) == [3]
    assert numbers(store, Filter(scope="nobody")) == []
    with store.reading() as session:
        assert counts(session, Filter(scope="police")).total == 2


def test_a_division_sees_what_it_and_those_below_it_have_or_help_with_wherever_it_lies(store: Store) -> None:
    put(
        store,
        [
            CaseRow(1, START, unit="police", division="430624101"),
            CaseRow(2, START, unit="police", division="430624101002"),
            CaseRow(3, START, unit="430624101002", division="430624101002003"),
            CaseRow(4, START, unit="430624101", division="430624104001"),
            CaseRow(5, START, unit="430624104", division="430624104001", co_units=("430624101002",)),
            CaseRow(6, START, unit="police", division="430624"),
        ],
    )
    assert numbers(store, Filter(scope="430624101")) == [3, 4, 5]
    assert numbers(store, Filter(scope="430624101002")) == [3, 5]
    assert numbers(store, Filter(scope="430624101002003")) == []
    assert numbers(store, Filter(scope="430624104")) == [5]
    assert numbers(store, Filter(scope="430624")) == [3, 4, 5]


@pytest.mark.parametrize("order", ["resolve_due", "opened_at"])
def test_pages_stay_whole_while_cases_come_and_go(store: Store, order: Order) -> None:
    # All due and opened at the same instant: only the number parts them.
    put(store, [CaseRow(number, START, due=END) for number in range(10, 40)])
    with store.reading() as session:
        first = page(session, Filter(), order=order, limit=10)
    more = timedelta(seconds=1)
    put(
        store,
        [
            CaseRow(1, START - more, due=END - more),
            CaseRow(50, START + more, due=END + more),
            CaseRow(20 + 80, START, due=END),
        ],
    )
    seen, cursor = [case.number for case in first.cases], first.cursor
    while cursor is not None:
        with store.reading() as session:
            got = page(session, Filter(), order=order, cursor=cursor, limit=10)
        seen += [case.number for case in got.cases]
        cursor = got.cursor
    assert len(seen) == len(set(seen))
    assert {number for number in seen if 10 <= int(number[-6:]) < 40} == {CaseRow(n, START).key for n in range(10, 40)}


def test_a_last_page_that_is_just_full_says_that_it_is_the_last(store: Store) -> None:
    put(store, [CaseRow(number, START) for number in range(5)])
    with store.reading() as session:
        assert page(session, Filter(), limit=5).cursor is None
        assert page(session, Filter(), limit=4).cursor is not None


@pytest.mark.parametrize(
    "cursor", ["", "x", "resolve_due~x~1", "resolve_due~2026-10-01T00:00:00~1", "opened_at~2026-10-01T00:00:00+00:00~1"]
)
def test_a_cursor_of_another_list_is_refused(sqlite_store: Store, cursor: str) -> None:
    with sqlite_store.reading() as session, pytest.raises(CursorError, match="ask for the first page again"):
        page(session, Filter(), cursor=cursor)
