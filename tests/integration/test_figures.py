"""Figures of a county's busy day on both databases, held against the printed report of the same day."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta

import pytest
from sqlalchemy import delete, func, insert, select
from sqlalchemy.orm import Session

from patrol._figures import Figures
from patrol.alerts.ladder import RANK
from patrol.clock import Clock
from patrol.figures import rolls
from patrol.figures.coverage import coverage_of
from patrol.figures.departments import departments_of
from patrol.figures.false_alarms import false_alarms_of
from patrol.figures.incidents import incidents_of
from patrol.figures.period import Range, range_of
from patrol.figures.places import Places, places_of
from patrol.figures.response import response_of
from patrol.figures.roll import to_row
from patrol.figures.spot_checks import spot_checks_of
from patrol.incidents import false_alarms as reviewed
from patrol.ledger.day import DayReport, read_day
from patrol.registry import parse
from patrol.store import Store
from patrol.store.tables import (
    Ack,
    Alert,
    DispatchTrack,
    Escalation,
    FigureDay,
    Incident,
    IncidentLook,
    RegistryRevision,
    Review,
    Visit,
)
from tests.unit.ledger_day.county_day import DAY, SHANGHAI, local, visit_values
from tests.unit.report.busy_day import fill

NEXT_MORNING = local("09:00", days=1)
A_DAY = timedelta(days=1)


@pytest.fixture
def county(store: Store) -> Iterator[Store]:
    with store.sessions.begin() as session:
        fill(session, 24)
    return store


def asked(since: int = 0, until: int = 0) -> Range:
    return range_of(DAY + since * A_DAY, DAY + until * A_DAY, SHANGHAI, NEXT_MORNING)


def places(opened: Store) -> Places:
    with opened.reading() as session:
        row = session.scalars(select(RegistryRevision).order_by(RegistryRevision.id.desc())).first()
    assert row is not None
    return places_of(parse(row.text, "test").registry)


def printed(opened: Store) -> DayReport:
    with opened.reading() as session:
        return read_day(session, DAY, NEXT_MORNING)


def counted(opened: Store, back: int = 0) -> None:
    day = DAY + back * A_DAY
    with opened.reading() as session:
        roll, seq = rolls.count(session, day, SHANGHAI, NEXT_MORNING)
    with opened.sessions.begin() as session:
        rolls.keep(session, roll, seq, NEXT_MORNING)


def test_a_kept_day_says_what_the_printed_report_says(county: Store) -> None:
    counted(county)
    report = printed(county)
    with county.reading() as session:
        found = coverage_of(rolls.kept(session, asked()), "category")
        by_platform = coverage_of(rolls.kept(session, asked()), "platform")
    for whole, figures in [
        (found.whole, report.overall),
        *zip([f for _, f in found.groups], [g.figures for g in report.categories], strict=True),
        *zip(
            [f for _, f in sorted(by_platform.groups)],
            [g.figures for g in sorted(report.platforms, key=lambda group: group.key)],
            strict=True,
        ),
    ]:
        for name in (
            "looks", "kept", "answering", "attempts", "inspected", "unusable", "unreachable", "missed", "late",
            "not_judged", "windows", "windows_seen",
        ):  # fmt: skip
            assert getattr(whole, name) == getattr(figures, name), name
        assert whole.over_s == pytest.approx(figures.over_s, abs=1e-6)
        assert whole.gaps.worst_s == int(figures.worst_gap_s or 0)
        assert whole.gaps.p99_s == int(figures.p99_gap_s or 0)
    assert found.whole.causes == dict(Counter(miss.cause for miss in report.misses))
    assert found.whole.missed > 0


def test_a_kept_day_can_be_thrown_away_and_made_again_the_same(county: Store) -> None:
    counted(county)
    with county.reading() as session:
        before = [to_row(roll, 0) for roll in rolls.kept(session, asked())]
    with county.sessions.begin() as session:
        session.execute(delete(FigureDay))
    counted(county)
    with county.reading() as session:
        again = [to_row(roll, 0) for roll in rolls.kept(session, asked())]
        fresh, _ = rolls.count(session, DAY, SHANGHAI, NEXT_MORNING)
    assert len(before) == 1
    assert again == before == [to_row(fresh, 0)]


def test_a_visit_that_came_late_makes_its_day_be_counted_again(county: Store) -> None:
    counted(county)
    with county.reading() as session:
        assert DAY not in rolls.wanting(session, SHANGHAI, NEXT_MORNING, days=3)
    late = visit_values(999_999, "cam-0000", local("13:07"))
    with county.sessions.begin() as session:
        session.execute(insert(Visit), [late])
    with county.reading() as session:
        assert DAY in rolls.wanting(session, SHANGHAI, NEXT_MORNING, days=3)
        before = coverage_of(rolls.kept(session, asked()), "category").whole
    counted(county)
    with county.reading() as session:
        assert DAY not in rolls.wanting(session, SHANGHAI, NEXT_MORNING, days=3)
        assert coverage_of(rolls.kept(session, asked()), "category").whole.inspected == before.inspected + 1


def test_the_running_service_counts_every_day_since_the_first_registry(county: Store) -> None:
    class Morning(Clock):
        def wall(self) -> datetime:
            return NEXT_MORNING

    with county.reading() as session:
        text = session.scalars(select(RegistryRevision.text).order_by(RegistryRevision.id.desc())).first()
    assert text is not None
    loaded = parse(text, "test")
    keeper = Figures(county, lambda: loaded, Morning())
    range_ = range_of(DAY - 30 * A_DAY, DAY + A_DAY, SHANGHAI, NEXT_MORNING)
    with county.reading() as session:
        assert len(keeper.missing(session, range_)) == 21
    for _ in range(20):
        keeper.look()
    with county.reading() as session:
        assert keeper.missing(session, range_) == []
        days, counted_at = keeper.rolls(session, range_)
        found = coverage_of(days, "category")
        assert [day for day, _ in found.days] == [DAY + back * A_DAY for back in range(-20, 2)]
        assert counted_at == NEXT_MORNING
        assert dict(found.days)[DAY].inspected == printed(county).overall.inspected
        assert session.scalar(select(func.count()).select_from(FigureDay)) == 21


def test_incidents_and_checks_are_those_of_the_printed_report(county: Store) -> None:
    report, where = printed(county), places(county)
    with county.reading() as session:
        found = incidents_of(session, asked(), "kind", where)
        checks = spot_checks_of(session, asked(), "category", where)
    assert found.seen == len(report.incidents) == 4
    assert found.whole.new == 4
    assert found.whole.flagged == sum(each.verdict == "flagged" for each in report.incidents)
    assert found.review_median_s == report.review_median_s == 360.0
    assert {key: counts.new for key, counts in found.groups} == {"congestion": 2, "fishing": 2}
    assert (checks.whole.drawn, checks.whole.overlooked, checks.whole.unclear) == (
        report.checks.drawn,
        report.checks.overlooked,
        report.checks.unclear,
    )
    assert (checks.whole.share, checks.whole.low, checks.whole.high) == (
        report.checks.share,
        report.checks.low,
        report.checks.high,
    )
    assert checks.kinds == {"congestion": 1}
    assert sum(each.drawn for _, each in checks.groups) == checks.whole.drawn


def put_incident(
    session: Session,
    key: str,
    camera: str,
    first: datetime,
    verdicts: Sequence[tuple[str, int]] = (),
    kind: str = "congestion",
) -> None:
    """An incident with verdicts, each so many minutes after it was first seen."""
    session.add(
        Incident(
            id=key, camera=camera, kind=kind, cell="1-1", place=f"{camera}/{key}", category="roads", state="ended",
            verdict="flagged", review=verdicts[-1][0] if verdicts else None, score=0.9, summary="", first_seen_at=first,
            last_seen_at=first,
            judged_at=first + timedelta(minutes=verdicts[0][1]) if verdicts else None,
        )
    )  # fmt: skip
    session.flush()
    for verdict, minutes in verdicts:
        session.add(Review(incident=key, verdict=verdict, reviewer="li", at=first + timedelta(minutes=minutes)))
        session.flush()


def put_registry(opened: Store) -> Places:
    with opened.sessions.begin() as session:
        fill(session, 10)
        session.execute(delete(Review))
        session.execute(delete(IncidentLook))
        session.execute(delete(Incident))
    return places(opened)


def test_the_backlog_of_each_day_is_what_nobody_had_judged_at_its_end(store: Store) -> None:
    where = put_registry(store)
    with store.sessions.begin() as session:
        put_incident(session, "old", "cam-0001", local("10:00", days=-2), [("confirmed", 24 * 60)])
        put_incident(session, "two", "cam-0001", local("11:00", days=-1), [("unclear", 5), ("confirmed", 26 * 60)])
        put_incident(session, "wait", "cam-0002", local("12:00", days=-1))
        put_incident(session, "new", "cam-0002", local("23:59"), [("false_alarm", 2)])
    with store.reading() as session:
        found = incidents_of(session, asked(-2, 0), "platform", where)
        past = incidents_of(session, asked(-2, -1), "platform", where)
        one = incidents_of(session, asked(-2, 0), "platform", where, frozenset({"cam-0002"}))
    assert [(d.counts.new, d.judged, d.waiting) for d in found.days] == [(1, 0, 1), (2, 2, 1), (1, 0, 2)]
    assert past.days == found.days[:2]
    assert [(d.counts.new, d.judged, d.waiting) for d in one.days] == [(0, 0, 0), (1, 0, 1), (1, 0, 2)]
    assert found.whole.verdicts["confirmed"] == 2
    assert (found.whole.waiting, found.whole.verdicts["false_alarm"]) == (1, 1)


def test_false_alarms_are_counted_by_camera_and_kind_by_the_last_verdict(store: Store) -> None:
    put_registry(store)
    at = local("10:00")
    with store.sessions.begin() as session:
        for number, verdicts in enumerate(
            [["false_alarm"], ["false_alarm"], ["confirmed", "false_alarm"], ["confirmed"], ["exempt"], ["unclear"], []]
        ):
            put_incident(session, f"i{number}", "cam-0001", at, [(verdict, 1) for verdict in verdicts])
        put_incident(session, "other", "cam-0002", at, [("false_alarm", 3), ("confirmed", 9)], kind="fishing")
    with store.reading() as session:
        found = false_alarms_of(session, asked())
        mine = false_alarms_of(session, asked(), frozenset({"cam-0002"}))
    (camera, kind, first), (_, _, second) = found.rows
    assert (camera, kind, first.judged, first.false, first.share) == ("cam-0001", "congestion", 5, 3, 0.6)
    low, high = first.bounds
    # Wilson's interval of 3 in 5, as published tables have it.
    assert low == pytest.approx(0.2307, abs=1e-4)
    assert high == pytest.approx(0.8824, abs=1e-4)
    assert (second.judged, second.false) == (1, 0)
    assert (found.whole.judged, found.whole.false) == (6, 3)
    assert sum(first.reasons.values()) == 3
    assert [row[0] for row in mine.rows] == ["cam-0002"]
    with store.reading() as session:
        by_detector = reviewed.figures(reviewed.judged_between(session, asked().start, asked().end))
    assert [(f.camera, f.kind, f.judged, f.false, f.low, f.high) for f in by_detector] == [
        (camera, kind, each.judged, each.false, *each.bounds) for camera, kind, each in found.rows
    ]


def put_matter(
    session: Session,
    number: int,
    department: str,
    opened: datetime,
    answers: Sequence[tuple[str, int]],
    *,
    role: str = "primary",
    closed_at: datetime | None = None,
) -> None:
    """A matter opened at a time, with what was answered so many minutes later; limits 5, 15, 45 and 240 minutes."""
    key = f"m{number}"
    put_incident(session, key, "cam-0001" if number % 2 else "cam-0002", opened - timedelta(minutes=3))

    def minutes(after: int) -> datetime:
        return opened + timedelta(minutes=after)

    session.add(
        Alert(
            id=f"a{key}", seq=number, department=department, kind="congestion", type="new", incident=key, envelope={},
            state="sent", created_at=opened, next_attempt_at=opened, sent_at=opened + timedelta(seconds=2), ack_by=minutes(5),
        )
    )  # fmt: skip
    first: dict[str, datetime] = {}
    for status, after in answers:
        for step in ("received", "accepted", "on_scene", "disposed"):
            if RANK[status] >= RANK[step] and (status != "refused" or step == "received"):
                first.setdefault(f"{step}_at", minutes(after))
    session.add(
        DispatchTrack(
            id=number, incident=key, department=department, role=role, route="r", kind="congestion",
            state=answers[-1][0] if answers else "told", opened_at=opened, received_by=minutes(5), accepted_by=minutes(15),
            on_scene_by=minutes(45), disposed_by=minutes(240), due_at=None if closed_at else minutes(5), updated_at=opened,
            **first,
            closed_at=closed_at, closed_because="x" if closed_at else None,
        )
    )  # fmt: skip
    for status, after in answers:
        session.add(Ack(alert=f"a{key}", department=department, status=status, at=minutes(after), taken=True, raw="{}"))
    session.flush()


@pytest.fixture
def answered(store: Store) -> Store:
    put_registry(store)
    at = local("10:00")
    whole = [("received", 1), ("accepted", 10), ("on_scene", 40), ("disposed", 100)]
    with store.sessions.begin() as session:
        put_matter(session, 1, "police", at, whole, closed_at=at + timedelta(minutes=100))
        put_matter(session, 2, "police", at, [("received", 3), ("accepted", 20)])
        put_matter(session, 3, "police", at, [])
        put_matter(session, 4, "police", at, [("received", 2), ("refused", 4)])
        put_matter(session, 5, "police", at, [("received", 1)], closed_at=at + timedelta(minutes=8))
        put_matter(session, 6, "fishery", at, [("received", 1)], role="copy", closed_at=at + timedelta(minutes=1))
        put_matter(session, 7, "fishery", local("10:00", days=-3), [("received", 1)])
        session.add(
            Escalation(dispatch=3, at=at, step="received", rung=1, who="contacts", whom="desk", because="nobody")
        )
    return store


def test_response_times_count_from_the_alert_and_late_is_what_came_late_or_never(answered: Store) -> None:
    with answered.reading() as session:
        found = response_of(session, asked(), "department")
        odd = response_of(session, asked(), "kind", cameras=frozenset({"cam-0001"}))
        alone = response_of(session, asked(), "department", department="fishery")
    assert [key for key, _ in found.groups] == ["police"]
    whole = dict(found.whole.steps)
    assert found.whole.matters == 5
    # The copy was sent, too.
    assert (whole["sent"].reached, whole["sent"].median_s, whole["sent"].due) == (6, 2.0, None)
    # 1, 1, 2 and 3 minutes; one never: it was due too.
    assert (whole["received"].reached, whole["received"].median_s, whole["received"].p90_s) == (4, 60.0, 180.0)
    assert (whole["received"].due, whole["received"].in_time, whole["received"].share) == (5, 4, 0.8)
    # 10 minutes, 20 minutes (late), never, refused; the one closed after 8 minutes owed nothing more.
    assert (whole["accepted"].reached, whole["accepted"].due, whole["accepted"].in_time) == (2, 4, 1)
    assert (whole["disposed"].reached, whole["disposed"].median_s) == (1, 6000.0)
    assert odd.whole.matters == 3
    assert alone.whole.matters == 0


def test_departments_have_what_they_were_told_and_what_became_of_it(answered: Store) -> None:
    with answered.reading() as session:
        found = {each.id: each for each in departments_of(session, asked())}
        only = departments_of(session, asked(), department="fishery")
    police = found["police"]
    assert (police.told, police.copies, police.open, police.refused) == (5, 0, 3, 1)
    assert (police.escalated, police.disposed, police.ended) == (1, 1, 1)
    assert (police.open_now, police.late_now) == (3, 3)
    fishery = found["fishery"]
    assert (fishery.told, fishery.copies, fishery.open_now, fishery.late_now) == (0, 1, 1, 1)
    assert [each.id for each in only] == ["fishery"]
