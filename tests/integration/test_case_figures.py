"""The figures of cases, from rows of a real SQLite and a real PostgreSQL."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from statistics import fmean
from zoneinfo import ZoneInfo

import pytest

from patrol.cases.figures import CaseFigures, Figures, read_figures
from patrol.cases.period import period_of
from patrol.cases.types import ClockName
from patrol.store import Store
from tests.support.case_months import END, NOW, START, some_cases
from tests.support.case_rows import CaseRow, ClockRow, put_cases

SHANGHAI = ZoneInfo("Asia/Shanghai")
GONE = {"merged", "withdrawn"}


def local(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=SHANGHAI).astimezone(UTC)


def figures(store: Store, rows: Sequence[CaseRow], label: str = "2026-10", now: datetime = NOW) -> CaseFigures:
    with store.sessions.begin() as session:
        put_cases(session, rows)
    with store.reading() as session:
        return read_figures(session, period_of(label, SHANGHAI, now))


def naive(rows: Sequence[CaseRow], start: datetime, until: datetime) -> dict[str, object]:
    """The same, one definition after another, from the rows themselves."""

    def within(at: datetime | None) -> bool:
        return at is not None and start <= at < until

    live = [row for row in rows if row.stage not in GONE]
    closed = [row for row in live if within(row.closed)]
    still = [row for row in live if row.opened < until and (row.closed is None or row.closed >= until)]
    moves = [move for row in live for move, at in row.events if within(at)]
    steps = [step for row in live for _, step, state, at in row.letters if state == "issued" and within(at)]
    judged = [
        row for row in live if row.stage == "evaluated" and any(m == "evaluate" and within(at) for m, at in row.events)
    ]
    marks = [row.satisfaction for row in judged if row.satisfaction is not None]
    resolve = [row.clock(ClockName.RESOLVE) for row in closed]
    clocks = []
    for name in ClockName:
        all_of_it = [row.clock(name) for row in live]
        stopped = [clock for clock in all_of_it if within(clock.stopped)]
        used = sorted((clock.used_h or 0) * 3600 for clock in stopped)
        rank = next((n for n in range(len(used)) if 10 * (n + 1) >= 9 * len(used)), None)
        clocks.append(
            {
                "judged": len(stopped),
                "in_time": sum(c.stopped is not None and c.stopped <= c.due for c in stopped),
                "mean_s": pytest.approx(fmean(used)) if used else None,
                "p90_s": None if rank is None else used[rank],
                "breached": sum(within(c.breached) for c in all_of_it),
                "overdue": sum(
                    c.breached is not None
                    and c.breached < until
                    and c.due < until
                    and (c.stopped is None or c.stopped >= until)
                    for c in all_of_it
                ),
            }
        )
    return {
        "opened": sum(within(row.opened) for row in live),
        "closed": len(closed),
        "in_time": sum(c.stopped is not None and c.stopped <= c.due for c in resolve),
        "late": sum(c.stopped is not None and c.stopped > c.due for c in resolve),
        "open": len(still),
        "suspended": sum(row.suspended for row in still),
        "provisional": sum(row.provisional for row in still),
        "returned": moves.count("return"),
        "transferred": moves.count("transfer"),
        "extended": moves.count("extend") + moves.count("consult"),
        "closed_returned": sum(row.returned > 0 for row in closed),
        "letters": tuple(steps.count(step) for step in range(max(steps, default=-1) + 1)),
        "evaluated": len(judged),
        "grades": tuple((g, sum(row.grade == g for row in judged)) for g in ("excellent", "good", "fair", "poor")),
        "satisfied": len(marks),
        "satisfaction": pytest.approx(fmean(marks)) if marks else None,
        **{
            stage: sum(row.stage == stage and any(m == move and within(at) for m, at in row.events) for row in rows)
            for stage, move in (("merged", "merge"), ("withdrawn", "withdraw"))
        },
        "clocks": clocks,
    }  # fmt: skip


def shown(found: Figures) -> dict[str, object]:
    fields = {name: getattr(found, name) for name in Figures.__slots__ if name != "clocks"}
    clocks = [
        {name: getattr(c, name) for name in ("judged", "in_time", "mean_s", "p90_s", "breached", "overdue")}
        for c in found.clocks
    ]
    return {**fields, "clocks": clocks}


KEYS: dict[str, Callable[[CaseRow], str]] = {
    "units": lambda row: row.unit or "",
    "kinds": lambda row: row.kind,
    "townships": lambda row: row.division[:9],
}


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_every_line_is_what_a_naive_count_gives(store: Store, seed: int) -> None:
    rows = some_cases(seed, 220)
    found = figures(store, rows)
    assert shown(found.overall) == naive(rows, START, END)
    # The seed's cases say something about every figure.
    assert all(value for key, value in shown(found.overall).items() if key != "clocks")
    for name, key in KEYS.items():
        lines = getattr(found, name)
        assert [line.key for line in lines] == sorted(line.key for line in lines)
        for line in lines:
            mine = [row for row in rows if key(row) == line.key]
            assert shown(line.figures) == naive(mine, START, END), (name, line.key)
    county = next(line for line in found.levels if line.key == "county")
    assert shown(county.figures) == naive([r for r in rows if r.unit in {"police", "fisheries"}], START, END)
    assert {line.key: line.level for line in found.units}["430624101"] == "township"


def test_a_year_and_a_month_that_is_not_over(store: Store) -> None:
    rows = some_cases(4, 150)
    year = figures(store, rows, "2026")
    assert shown(year.overall) == naive(rows, datetime(2025, 12, 31, 16, tzinfo=UTC), NOW)
    with store.reading() as session:
        month = read_figures(session, period_of("2026-10", SHANGHAI, START + timedelta(days=10)))
    assert shown(month.overall) == naive(rows, START, START + timedelta(days=10))


def test_a_month_ends_at_county_midnight(store: Store) -> None:
    rows = [
        CaseRow(1, local("2026-09-30T23:59:59.999999")),
        CaseRow(2, local("2026-10-01T00:00:00")),
        CaseRow(3, local("2026-10-31T23:59:59.999999")),
        CaseRow(4, local("2026-11-01T00:00:00")),
    ]
    found = figures(store, rows).overall
    assert (found.opened, found.open) == (2, 3)


def test_the_last_instant_is_in_time_and_the_next_is_late(store: Store) -> None:
    due = local("2026-10-20T23:59:59.999999")

    def closed(number: int, at: datetime) -> CaseRow:
        clocks = {"resolve": ClockRow(due, at, None if at <= due else due, used_h=number * 10)}
        return CaseRow(number, local("2026-10-11T09:00"), "closed", closed=at, clocks=clocks)

    found = figures(store, [closed(1, due), closed(2, due + timedelta(microseconds=1)), closed(3, due)]).overall
    assert (found.closed, found.in_time, found.late, found.share) == (3, 2, 1, pytest.approx(2 / 3))
    resolve = found.clock(ClockName.RESOLVE)
    assert (resolve.judged, resolve.in_time, resolve.late, resolve.breached, resolve.overdue) == (3, 2, 1, 1, 0)
    assert (resolve.mean_s, resolve.p90_s) == (20 * 3600, 30 * 3600)


def test_nothing_happened_and_nothing_is_100_per_cent(store: Store) -> None:
    found = figures(store, [])
    assert found.units == found.levels == found.kinds == found.townships == ()
    f = found.overall
    assert (f.opened, f.closed, f.open, f.letters, f.share, f.returned_share, f.satisfaction) == (
        0,
        0,
        0,
        (),
        None,
        None,
        None,
    )
    assert all((c.share, c.mean_s, c.p90_s) == (None, None, None) for c in f.clocks)


def test_merged_and_withdrawn_cases_stand_apart_and_in_nothing_else(store: Store) -> None:
    at = local("2026-10-10T10:00")
    red = {"resolve": ClockRow(at, at + timedelta(days=1), at, used_h=5)}
    rows = [
        CaseRow(
            1, at, "merged", clocks=red, events=(("return", at), ("merge", at)), letters=(("resolve", 0, "issued", at),)
        ),
        CaseRow(2, at, "withdrawn", clocks=red, events=(("withdraw", at),)),
        CaseRow(3, at, "withdrawn", events=(("withdraw", local("2026-11-01T00:00")),)),
    ]
    f = figures(store, rows).overall
    assert (f.merged, f.withdrawn) == (1, 1)
    rest = (f.opened, f.closed, f.open, f.returned, f.letters, sum(c.judged + c.breached + c.overdue for c in f.clocks))
    assert rest == (0, 0, 0, 0, (), 0)


def test_a_clock_that_was_extended_after_it_turned_red_is_not_red_at_the_end(store: Store) -> None:
    opened, red = local("2026-10-09T09:00"), local("2026-10-20T23:59:59.999999")
    rows = [
        CaseRow(1, opened, clocks={"resolve": ClockRow(red, None, red)}),
        CaseRow(2, opened, clocks={"resolve": ClockRow(local("2026-12-01T17:30"), None, red)}),
        CaseRow(3, opened, clocks={"resolve": ClockRow(red, local("2026-11-02T09:00"), red)}),
    ]
    resolve = figures(store, rows).overall.clock(ClockName.RESOLVE)
    assert (resolve.breached, resolve.overdue, resolve.judged) == (3, 2, 0)
