"""The book: moves whole or not at all, versions, units, merges; lights and breaches written when their time has come."""

from __future__ import annotations

import threading
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select

from patrol.cases.book import NoCaseError, StaleError, clock_rows, history, move
from patrol.cases.desk import Desk
from patrol.cases.moves import Command, Move, MoveError, PlanStep
from patrol.cases.notices import payload_of
from patrol.cases.recompute import preview, recompute
from patrol.cases.sweep import sweep
from patrol.cases.types import ClockName
from patrol.store import Store
from patrol.store.tables import CaseEvent, CaseFile, CaseNotice
from tests.support.cases import HOUSES, OTHER_TOWN, T0, TOWN, VILLAGE, case_registry, opened

DESK = Desk(case_registry())
TICK = timedelta(microseconds=1)


def do(store: Store, number: str, what: Move, at: datetime = T0, *, desk: Desk = DESK, **said: Any) -> CaseFile:
    told = {"reason": "因故", "approver": "值班长", "document": "会议纪要〔2026〕3号", "text": "已到场", **said}
    with store.sessions.begin() as session:
        return move(session, desk, number, Command(what, "坐席一", at, **told))


def new(store: Store, at: datetime = T0, *, desk: Desk = DESK, **more: Any) -> str:
    with store.sessions.begin() as session:
        return opened(session, desk, at, **more).number


def clock(store: Store, number: str, name: ClockName) -> Any:
    with store.reading() as session:
        return next(row for row in clock_rows(session, number) if row.name == name)


def test_a_case_goes_round_the_loop_and_is_green_when_all_was_in_time(store: Store) -> None:
    number = new(store)
    hour = timedelta(hours=1)
    do(store, number, Move.ASSIGN, T0 + hour, unit="traffic_police", co_units=("police",))
    do(store, number, Move.ACCEPT, T0 + 2 * hour)
    do(store, number, Move.FEEDBACK, T0 + 3 * hour, text="正在疏导")
    do(store, number, Move.REPORT, T0 + 5 * hour, text="已疏通")
    row = do(store, number, Move.CLOSE, T0 + 6 * hour, text="视频核查已恢复")
    assert (row.stage, row.light, row.closed_at) == ("closed", "green", T0 + 6 * hour)
    row = do(store, number, Move.EVALUATE, T0 + 7 * hour, grade="good", satisfaction=5)
    assert (row.stage, row.grade, row.satisfaction, row.light_due_at) == ("evaluated", "good", 5, None)
    # 10:00 to 12:00 and 14:30 to 15:00 of the same Thursday.
    assert clock(store, number, ClockName.RESOLVE).used_s == 2.5 * 3600


def test_a_breach_is_kept_although_it_was_done_before_anybody_looked(store: Store) -> None:
    number = new(store)
    late = T0 + timedelta(days=4)
    row = do(store, number, Move.ASSIGN, late, unit="police")
    kept = clock(store, number, ClockName.ASSIGN)
    # Thursday's receipt: due at the end of Friday.
    assert kept.due == datetime(2026, 11, 27, 15, 59, 59, 999999, UTC)
    assert kept.breached_at == kept.due + TICK
    assert row.light != "red", "the other clocks are in time, and the worst open one counts"


def test_lights_turn_at_their_instants_and_each_turn_is_said_once(store: Store) -> None:
    number = new(store)
    assign = clock(store, number, ClockName.ASSIGN)
    assert sweep(store, DESK, assign.yellow_at - TICK).turned == ()
    assert [(t.was, t.light) for t in sweep(store, DESK, assign.yellow_at).turned] == [("unlit", "yellow")]
    assert sweep(store, DESK, assign.due).turned == ()
    assert [(t.was, t.light) for t in sweep(store, DESK, assign.due + TICK).turned] == [("yellow", "red")]
    assert sweep(store, DESK, assign.due + timedelta(hours=1)).turned == ()
    with store.reading() as session:
        said = [n.payload["light"] for n in session.scalars(select(CaseNotice).order_by(CaseNotice.id))]
    assert said == ["unlit", "yellow", "red"]


def test_suspension_stops_the_clocks_and_keeps_the_first_dates(store: Store) -> None:
    number = new(store)
    do(store, number, Move.ASSIGN, unit="police")
    before = clock(store, number, ClockName.RESOLVE)
    do(store, number, Move.SUSPEND, T0 + timedelta(days=1))
    row = do(store, number, Move.RESUME, T0 + timedelta(days=22), reason="条件已具备")
    after = clock(store, number, ClockName.RESOLVE)
    assert sweep(store, DESK, T0 + timedelta(days=22)).turned == ()
    assert row.light == "unlit"
    assert after.original_due == before.original_due == before.due
    # Paused Fri 11-27 with six working days left; resumed Fri 12-18: 21 22 23 24 25 and Mon 28.
    assert after.due == datetime(2026, 12, 28, 15, 59, 59, 999999, UTC)


def test_a_consultation_gives_a_dated_plan_and_the_resolve_clock_its_last_day(store: Store) -> None:
    number = new(store)
    do(store, number, Move.ASSIGN, unit="police")
    plan = (PlanStep("清障", "police", date(2026, 12, 10)), PlanStep("改造路口", "traffic_police", date(2026, 12, 31)))
    do(store, number, Move.CONSULT, plan=plan)
    assert clock(store, number, ClockName.RESOLVE).due == datetime(2026, 12, 31, 15, 59, 59, 999999, UTC)
    with store.reading() as session:
        assert history(session, number)[-1].data["plan"][1] == {
            "what": "改造路口",
            "unit": "traffic_police",
            "by": "2026-12-31",
        }


def test_a_case_is_handed_down_the_tree_one_level_at_a_time_and_reported_up_it(store: Store) -> None:
    number = new(store)
    do(store, number, Move.ASSIGN, unit="police")
    levels = [do(store, number, Move.HAND_DOWN, unit=unit).level for unit in (TOWN, VILLAGE, HOUSES)]
    assert levels == ["township", "village", "representative"]
    ups = [do(store, number, Move.REPORT_UP).unit for _ in range(3)]
    assert ups == [VILLAGE, TOWN, "430624"]
    with pytest.raises(MoveError, match="nobody is above"):
        do(store, number, Move.REPORT_UP)
    with pytest.raises(MoveError, match="directly below"):
        do(store, number, Move.HAND_DOWN, unit=VILLAGE)


@pytest.mark.parametrize(
    ("what", "said", "problem"),
    [
        (Move.TRANSFER, {"unit": "nobody"}, "no department or division 'nobody'"),
        (Move.TRANSFER, {"unit": "430624999"}, "no department or division '430624999'"),
        (Move.TRANSFER, {"unit": "43062400"}, "9, 12 or 15 digits"),
        (Move.TRANSFER, {"unit": "police"}, "has the case already"),
        (Move.TRANSFER, {"unit": OTHER_TOWN, "approver": " "}, "needs `approver`"),
        (Move.TRANSFER, {"unit": OTHER_TOWN, "approver": "坐席一"}, "somebody else"),
        (Move.SUSPEND, {"document": None}, "needs `document`"),
        (Move.EXTEND, {"clock": ClockName.ASSIGN, "until": date(2026, 12, 31)}, "the centre's own"),
        (Move.EXTEND, {"clock": ClockName.RESOLVE, "until": date(2026, 12, 26)}, "no working day"),
        (Move.EXTEND, {"clock": ClockName.RESOLVE, "until": date(2026, 12, 1)}, "no later"),
        (Move.REGRADE, {"severity": "general"}, "general already"),
        (Move.CLOSE, {}, "not possible in stage assigned; it is in supervised"),
        (Move.EVALUATE, {"grade": "good"}, "not possible in stage assigned"),
        (Move.OPEN, {}, "opened once"),
        (Move.RESUME, {}, "not suspended"),
        (Move.MERGE, {"into": "43062420261126999999"}, "no case"),
        (Move.CO_HANDLE, {"co_units": ("police",)}, "take part already"),
        (Move.CONSULT, {"plan": (PlanStep(" ", "police", date(2026, 12, 31)),)}, "by whom and by when"),
        (Move.URGE, {"text": None}, "needs `text`"),
    ],
)
def test_an_illegal_move_is_refused_with_the_reason_and_changes_nothing(
    sqlite_store: Store, what: Move, said: dict[str, Any], problem: str
) -> None:
    number = new(sqlite_store)
    do(sqlite_store, number, Move.ASSIGN, unit="police")
    with pytest.raises(MoveError, match=problem):
        do(sqlite_store, number, what, **said)
    with sqlite_store.reading() as session:
        row = session.get_one(CaseFile, number)
        assert (row.version, row.stage, row.unit) == (2, "assigned", "police")
        assert len(session.scalars(select(CaseEvent)).all()) == 2


def test_there_must_be_a_case(store: Store) -> None:
    with pytest.raises(NoCaseError):
        do(store, "43062420261126000009", Move.NOTE)


def test_of_two_at_once_who_read_the_same_version_one_is_refused(store: Store) -> None:
    number = new(store)
    start, results = threading.Barrier(2), []

    def assign(unit: str) -> None:
        start.wait()
        try:
            with store.sessions.begin() as session:
                results.append(move(session, DESK, number, Command(Move.ASSIGN, unit, T0, unit=unit), seen=1).unit)
        except StaleError as error:
            results.append(str(error))

    threads = [threading.Thread(target=assign, args=(unit,)) for unit in ("police", "fisheries")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with store.reading() as session:
        row = session.get_one(CaseFile, number)
    assert row.version == 2
    assert sorted(results) == sorted([row.unit, "the case has changed since you read it: version 2, not 1"])


def test_two_cases_merged_into_each_other_at_once_do_not_both_vanish(store: Store) -> None:
    first, second = new(store), new(store)
    start, problems = threading.Barrier(2), []

    def merge(number: str, into: str) -> None:
        start.wait()
        try:
            do(store, number, Move.MERGE, into=into)
        except MoveError as error:
            problems.append(str(error))

    threads = [threading.Thread(target=merge, args=pair) for pair in ((first, second), (second, first))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with store.reading() as session:
        assert sorted(row.stage for row in session.scalars(select(CaseFile))) == ["merged", "received"]
    assert len(problems) == 1


def test_a_regraded_case_has_a_month_and_keeps_what_was_first_promised(store: Store) -> None:
    number = new(store)
    first = clock(store, number, ClockName.RESOLVE).due
    do(store, number, Move.REGRADE, severity="major")
    kept = clock(store, number, ClockName.RESOLVE)
    # One month after Thursday 11-26 is Saturday 12-26; it rolls to Monday.
    assert (kept.limit, kept.due, kept.original_due) == ("1m", datetime(2026, 12, 28, 15, 59, 59, 999999, UTC), first)


def test_provisional_dates_are_shown_first_and_recomputed_with_who_and_why(store: Store) -> None:
    late = datetime(2026, 12, 30, 2, 0, tzinfo=UTC)
    number = new(store, late)
    with store.reading() as session:
        assert session.get_one(CaseFile, number).provisional
    assert list(preview(store, DESK)) == []
    # As if 2027's notice made the first three days of the year a holiday and the Monday after it, too.
    announced = (
        "calendar: {announced: [2027], holidays: [2027-01-02, 2027-01-03, 2027-01-04], workdays: [2027-01-09]}\n"
    )
    desk = Desk(case_registry(extra=announced))
    (moved,) = preview(store, desk)
    assert [(was.name, was.due.date(), now.due.date()) for was, now in moved.clocks if was.due != now.due] == [
        ("feedback", date(2027, 1, 5), date(2027, 1, 6)),
    ]
    with pytest.raises(MoveError, match="needs `reason`"):
        recompute(store, desk, moved, by="值班长", reason=" ", now=late)
    recompute(store, desk, moved, by="值班长", reason="国办通知", now=late)
    with store.reading() as session:
        row = session.get_one(CaseFile, number)
        assert not row.provisional
        assert row.calendar_version == desk.calendar_version != DESK.calendar_version
        assert (history(session, number)[-1].by, history(session, number)[-1].reason) == ("值班长", "国办通知")
    assert list(preview(store, desk)) == []
    with pytest.raises(StaleError):
        recompute(store, desk, moved, by="值班长", reason="again", now=late)


def test_a_changed_policy_counts_for_new_cases_only(store: Store) -> None:
    number = new(store)
    do(store, number, Move.ASSIGN, unit="police")
    text = "  policy: {version: 13710-2, resolve_days: 5, day_ends: office_close}\n"
    desk = Desk(case_registry(extra=text))
    other = new(store, desk=desk)
    assert clock(store, other, ClockName.RESOLVE).limit == "5wd"
    do(store, number, Move.SUSPEND, T0 + timedelta(hours=1), desk=desk)
    do(store, number, Move.RESUME, T0 + timedelta(days=1), desk=desk)
    kept = clock(store, number, ClockName.RESOLVE)
    assert (kept.limit, kept.due.minute) == ("7wd", 59), "it ends at midnight, as the policy it froze says"
    with store.reading() as session:
        assert [session.get_one(CaseFile, n).policy_version for n in (number, other)] == ["13710-1", "13710-2"]


def test_what_a_case_says_has_all_its_clocks(store: Store) -> None:
    number = new(store, incident="i-1")
    do(store, number, Move.ASSIGN, unit="police")
    with store.reading() as session:
        said = payload_of(session.get_one(CaseFile, number), clock_rows(session, number), T0)
    assert (said["schema"], said["number"], said["incident"]) == ("patrol.case/1", number, "i-1")
    assert (said["stage"], said["light"], said["unit"]) == ("assigned", "unlit", "police")
    assert [c["name"] for c in said["clocks"]] == ["assign", "feedback", "resolve"]
    assert said["clocks"][0]["light"] == "green"
    assert said["clocks"][2]["due"] == "2026-12-07T15:59:59.999Z"
