from __future__ import annotations

from datetime import date, timedelta
from zoneinfo import ZoneInfo

import pytest

from patrol.intervals import interval
from patrol.ledger.day import percentile, span_of
from tests.unit.ledger_day.county_day import away, camera, every, local, looked, made, revision

ONE = camera("a")
BERLIN = ZoneInfo("Europe/Berlin")
LONG_AGO = local("08:00", days=-30)
H2 = timedelta(hours=2)


def shades(report, key="a"):
    look = next(look for look in report.looks if look.key == key)
    return [(s.start_s / 60, s.end_s / 60, s.shade) for s in look.stretches]


def test_both_windows_are_filled_although_the_gap_is_broken() -> None:
    # 23:30, 00:01, 03:59, then every hour: the windows 00-02 and 02-04 each hold a look, with 3 h 58 min between them.
    visits = [looked("a", local("23:30", days=-1)), looked("a", local("00:01")), looked("a", local("03:59"))]
    visits += every("a", timedelta(hours=1), local("04:30"), local("24:00"))
    report = made([revision(1, LONG_AGO, ONE)], visits)
    f = report.overall
    assert (f.windows, f.windows_seen, f.window_coverage) == (12, 12, 1.0)
    assert (f.looks, f.kept, f.coverage, f.coverage_answering) == (1, 0, 0.0, 0.0)
    assert f.worst_gap_s == (3 * 60 + 58) * 60
    assert f.over_s == (1 * 60 + 58) * 60
    assert report.looks[0].state == "over"


def test_a_day_without_a_fault_is_covered_whole() -> None:
    report = made([revision(1, LONG_AGO, ONE)], every("a", H2, local("23:00", days=-1), local("24:00")))
    f = report.overall
    assert (f.coverage, f.window_coverage, f.worst_gap_s, f.over_s) == (1.0, 1.0, 7200.0, 0.0)
    assert f.gaps == 13  # 23:00 to 01:00, eleven inside, the open one from 23:00 to midnight
    assert report.looks[0].gaps[-1].seconds == 3600


def test_a_gap_of_one_second_more_than_the_period_is_broken() -> None:
    visits = every("a", H2 + timedelta(seconds=1), local("23:00", days=-1), local("24:00"))
    f = made([revision(1, LONG_AGO, ONE)], visits).overall
    assert (f.kept, f.worst_gap_s, f.over_s) == (0, 7201.0, 12.0)  # twelve gaps end in the day


def test_a_gap_open_at_the_end_counts_up_to_there_and_goes_on_the_day_after() -> None:
    visits = [*every("a", H2, local("23:00", days=-1), local("22:00")), looked("a", local("02:00", days=1))]
    first = made([revision(1, LONG_AGO, ONE)], visits)
    assert first.overall.coverage == 0.0
    assert first.looks[0].gaps[-1].seconds == 3 * 3600  # 21:00 to midnight
    second = made([revision(1, LONG_AGO, ONE)], visits, day=local("12:00", days=1).date())
    assert second.looks[0].gaps[0].seconds == 5 * 3600  # 21:00 to 02:00, whole
    assert second.overall.over_s == (2 + 20) * 3600


def test_today_is_reported_up_to_now() -> None:
    report = made(
        [revision(1, LONG_AGO, ONE)], every("a", H2, local("23:00", days=-1), local("08:00")), now=local("09:30")
    )
    f = report.overall
    assert (f.kept, f.windows, f.windows_seen) == (0, 4, 4)  # 08-10 is not over
    assert f.worst_gap_s == 2.5 * 3600  # since 07:00
    assert report.looks[0].on_duty_s == 9.5 * 3600
    assert report.looks[0].stretches[-1].end_s == 9.5 * 3600


def test_a_miss_is_no_look_and_a_late_look_is_marked() -> None:
    visits = every("a", H2, local("23:00", days=-1), local("06:00"))
    visits += [looked("a", local("07:00"), "missed"), looked("a", local("07:20"), due=local("07:00"))]
    visits += every("a", H2, local("09:00"), local("24:00"))
    report = made([revision(1, LONG_AGO, ONE)], visits)
    f = report.overall
    assert (f.missed, f.late, f.attempts, f.inspected) == (1, 1, 12, 12)
    assert (f.over_s, f.worst_gap_s) == (20 * 60, 140 * 60)
    assert report.looks[0].state == "over"


def test_unusable_and_unreachable_looks_never_count_as_seen() -> None:
    visits = [looked("a", local("23:30", days=-1))]
    visits += [looked("a", local(f"{h:02d}:10"), "unusable" if h % 2 else "unreachable") for h in range(24)]
    f = made([revision(1, LONG_AGO, ONE)], visits).overall
    assert (f.attempts, f.inspected, f.unusable, f.unreachable) == (24, 0, 12, 12)
    assert (f.kept, f.windows_seen, f.worst_gap_s) == (0, 0, 24.5 * 3600)


def test_an_outage_over_midnight_leaves_the_second_denominator_only() -> None:
    visits = [looked("a", local("21:00", days=-1)), looked("a", local("05:00"))]
    visits += every("a", H2, local("07:00"), local("24:00"))
    out = away(local("22:45", days=-1), local("05:00"), look="a")
    report = made([revision(1, LONG_AGO, ONE)], visits, outages=[out])
    f = report.overall
    assert (f.looks, f.answering, f.kept, f.coverage, f.coverage_answering) == (1, 0, 0, 0.0, None)
    assert (f.windows, f.windows_seen, f.windows_answering) == (12, 10, 10)  # 00-02 and 02-04 stayed empty
    assert (f.worst_gap_s, f.worst_answering_s) == (8 * 3600, 7200)
    assert report.looks[0].state == "away"
    assert report.outages[0].in_day_s == 5 * 3600
    assert shades(report)[0] == (0, 300, "away")


def test_an_outage_that_began_after_the_deadline_excuses_nothing() -> None:
    visits = [looked("a", local("23:00", days=-1)), looked("a", local("05:00"))]
    visits += every("a", H2, local("07:00"), local("24:00"))
    report = made([revision(1, LONG_AGO, ONE)], visits, outages=[away(local("01:30"), local("05:00"), look="a")])
    assert (report.overall.answering, report.overall.kept) == (1, 0)
    assert report.looks[0].state == "over"
    assert (report.looks[0].over_s, report.looks[0].away_s) == (4 * 3600, 3.5 * 3600)


def test_a_platform_outage_holds_for_each_of_its_cameras_until_it_is_looked_at_again() -> None:
    cameras = [camera("a"), camera("b"), camera("c", platform="fishery")]
    visits = []
    for key, back in (("a", "06:05"), ("b", "06:50")):
        visits += [looked(key, local("23:00", days=-1)), looked(key, local(back))]
        visits += every(key, H2, local("08:00"), local("24:00"))
    visits += every("c", H2, local("23:00", days=-1), local("24:00"))
    out = away(local("00:50"), local("06:00"), platform="police", number=7)
    folded = away(local("00:50"), local("06:05"), look="a", number=8, part_of=7)
    report = made([revision(1, LONG_AGO, *cameras)], visits, outages=[out, folded])
    assert [look.state for look in report.looks] == ["away", "away", "kept"]
    assert [(o.platform, o.folded) for o in report.outages] == [("police", 1), (None, 0)]
    by = {group.key: group.figures for group in report.platforms}
    assert (by["police"].coverage, by["police"].coverage_answering) == (0.0, None)
    assert (by["fishery"].coverage, by["fishery"].coverage_answering) == (1.0, 1.0)


def test_a_camera_added_at_noon_is_asked_for_from_noon() -> None:
    revisions = [revision(1, LONG_AGO, ONE), revision(2, local("12:00"), ONE, camera("b"))]
    visits = every("a", H2, local("23:00", days=-1), local("24:00")) + every("b", H2, local("12:40"), local("24:00"))
    report = made(revisions, visits)
    added = report.looks[1]
    assert (added.key, added.state, added.on_duty_s) == ("b", "kept", 12 * 3600)
    assert added.gaps[0].seconds == 40 * 60
    assert (added.windows, added.windows_seen) == (5, 5)  # from 14:00: in 12-14 it had no time before it
    assert shades(report, "b")[0] == (0, 720, "paused")
    assert [(r.id, r.until) for r in report.revisions] == [(1, local("12:00")), (2, None)]


def test_a_camera_taken_out_at_noon_owes_nothing_after() -> None:
    revisions = [revision(1, LONG_AGO, ONE, camera("b")), revision(2, local("12:00"), ONE)]
    visits = every("a", H2, local("23:00", days=-1), local("24:00")) + every(
        "b", H2, local("23:00", days=-1), local("12:00")
    )
    gone = made(revisions, visits).looks[1]
    assert (gone.key, gone.state, gone.on_duty_s, gone.windows) == ("b", "kept", 12 * 3600, 6)


def test_paused_and_disabled_cameras_are_named_and_in_no_figure() -> None:
    cameras = [
        ONE,
        camera("b", more=', paused: {reason: "拆除，工单 4711"}'),
        camera("c", more=", enabled: false"),
        camera("d", more=', paused: {reason: "roadworks", until: "2026-11-20T10:00"}'),
    ]
    visits = every("a", H2, local("23:00", days=-1), local("24:00")) + every("d", H2, local("11:30"), local("24:00"))
    report = made([revision(1, LONG_AGO, *cameras)], visits)
    states = {look.key: (look.state, look.note) for look in report.looks}
    assert states["b"] == ("paused", "拆除，工单 4711")
    assert states["c"] == ("disabled", None)
    assert states["d"] == ("kept", None)
    assert (report.overall.looks, report.paused, report.disabled, report.overall.coverage) == (2, 1, 1, 1.0)
    assert shades(report, "b") == [(0, 1440, "paused")]
    assert shades(report, "d")[0] == (0, 600, "paused")


def test_the_clock_starts_anew_after_a_pause() -> None:
    held = camera("a", more=', paused: {reason: "works"}')
    revisions = [revision(1, LONG_AGO, ONE), revision(2, local("08:00"), held), revision(3, local("13:00"), ONE)]
    visits = every("a", H2, local("23:00", days=-1), local("08:00")) + every("a", H2, local("14:30"), local("24:00"))
    look = made(revisions, visits).looks[0]
    assert (look.state, look.over_s, look.worst_gap_s) == ("kept", 0, 7200)
    assert look.on_duty_s == 19 * 3600


def test_a_risk_window_shortens_the_period_while_it_is_open() -> None:
    school = camera("a", "schools")
    visits = every("a", H2, local("23:00", days=-1), local("07:10"))
    # Seen at 07:00 as it opens; the next look at 07:40 is ten minutes too late; at 08:10 in time.
    visits += [
        looked("a", local("07:40")),
        looked("a", local("08:10")),
        *every("a", H2, local("09:30"), local("24:00")),
    ]
    look = made([revision(1, LONG_AGO, school)], visits).looks[0]
    assert (look.over_s, look.tight_period_s, look.period_s) == (10 * 60, 1800, 7200)


def test_a_window_that_opens_gives_one_of_its_periods() -> None:
    # Unseen for an hour when it opens at 07:00: due by 07:30, not at once.
    visits = [*every("a", timedelta(hours=1), local("23:00", days=-1), local("06:30")), looked("a", local("07:28"))]
    visits += [
        looked("a", local("07:55")),
        looked("a", local("08:20")),
        *every("a", H2, local("10:00"), local("24:00")),
    ]
    assert made([revision(1, LONG_AGO, camera("a", "schools"))], visits).looks[0].over_s == 0


@pytest.mark.parametrize(
    ("day", "hours", "windows"),
    [(date(2026, 3, 29), 23, 11), (date(2026, 10, 25), 25, 12), (date(2026, 10, 26), 24, 12)],
)
def test_a_day_of_a_clock_change_is_as_long_as_it_is(day: date, hours: int, windows: int) -> None:
    noon_before = local("12:00", day=day, zone=BERLIN, days=-1)
    visits = every("a", H2, noon_before, local("12:00", day=day, zone=BERLIN, days=1))
    report = made(
        [revision(1, LONG_AGO - timedelta(days=400), ONE, zone="Europe/Berlin")], visits, day=day, zone=BERLIN
    )
    assert (report.span.end - report.span.start) == timedelta(hours=hours)
    assert report.looks[0].on_duty_s == hours * 3600
    assert (report.overall.coverage, report.overall.window_coverage) == (1.0, 1.0)
    # In spring the window from 02 to 04 is an hour long: nobody can promise it with a period of two.
    assert report.overall.windows == windows
    assert report.looks[0].stretches[-1].end_s == hours * 3600


def test_a_camera_never_seen_counts_from_when_it_came_in() -> None:
    report = made([revision(1, LONG_AGO, ONE)], [], added={"a": local("20:00", days=-1)})
    assert report.looks[0].worst_gap_s == 28 * 3600
    assert (report.looks[0].last_inspected, report.looks[0].state) == (None, "over")


def test_groups_add_up_to_the_whole() -> None:
    cameras = [camera("a"), camera("b", "dikes", "fishery"), camera("c", "dikes")]
    visits = every("a", H2, local("23:00", days=-1), local("24:00")) + every(
        "b", timedelta(hours=3), local("23:00", days=-1), local("24:00")
    )
    report = made([revision(1, LONG_AGO, *cameras)], visits)
    assert [group.key for group in report.categories] == ["roads", "dikes"]
    assert [group.key for group in report.platforms] == ["police", "fishery"]
    for groups in (report.categories, report.platforms):
        for name in ("looks", "kept", "answering", "windows", "windows_seen", "gaps", "inspected"):
            assert sum(getattr(g.figures, name) for g in groups) == getattr(report.overall, name), name
    assert max(g.figures.worst_gap_s for g in report.categories) == report.overall.worst_gap_s


def test_the_shades_follow_the_share_of_the_period() -> None:
    visits = [
        looked("a", local("00:00")),
        looked("a", local("03:00")),
        *every("a", timedelta(minutes=30), local("03:30"), local("24:00")),
    ]
    report = made([revision(1, LONG_AGO, ONE)], visits)
    assert shades(report)[:5] == [
        (0, 60, "fresh"),
        (60, 102, "aging"),
        (102, 120, "near"),
        (120, 180, "over"),
        (180, 1440, "fresh"),
    ]


def test_percentile_is_the_nearest_rank() -> None:
    assert percentile([], 0.99) is None
    assert percentile([5.0], 0.99) == 5.0
    assert percentile([float(n) for n in range(1, 101)], 0.99) == 99.0
    assert percentile([float(n) for n in range(1, 202)], 0.99) == 199.0


def test_the_interval_of_the_spot_checks() -> None:
    assert interval(0, 0) == (None, None)
    assert interval(0, 300) == (0.0, 0.01)
    assert interval(0, 2) == (0.0, 1.0)
    low, high = interval(10, 100)  # Wilson, by hand: 0.0552 to 0.1744
    assert (round(low or 0, 4), round(high or 0, 4)) == (0.0552, 0.1744)
    assert interval(5, 5)[1] == 1.0


def test_the_span_of_a_day_is_that_of_the_county() -> None:
    span = span_of(date(2026, 11, 20), ZoneInfo("Asia/Shanghai"), local("12:00", days=3))
    assert span.start.isoformat() == "2026-11-19T16:00:00+00:00"
    assert span.until == span.end
