"""Figures as sheets, for workbooks and text tables: what stands in which column. Lengths are minutes."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime

from patrol.figures import coverage, departments, false_alarms, incidents, response, spot_checks
from patrol.figures._texts import TEXTS
from patrol.figures.period import Range
from patrol.figures.places import Places
from patrol.ledger.spot_checks import Figures as Checks
from patrol.paper import words as paper
from patrol.paper.cells import Column, Row, Sheet, minutes, share

_MINUTES = "0.0"


@dataclass(frozen=True, slots=True)
class Words(paper.Words):
    """One language, in one county's time."""

    texts: Mapping[str, tuple[str, str]] = field(default_factory=lambda: TEXTS, repr=False)


def about(
    figure: str, asked: Range, words: Words, *, counted_at: datetime | None = None, uncounted: Sequence[date] = ()
) -> Sheet:
    """What was asked for and what is counted."""

    def rows() -> Iterator[Row]:
        yield words("since"), asked.since
        yield words("until"), asked.until
        if counted_at is not None:
            yield words("counted_at"), words.local(counted_at)
        yield words("uncounted"), ", ".join(day.isoformat() for day in uncounted) or words("none")
        yield words("measure"), words(f"def.{figure}")

    return Sheet("about", (Column("measure", 24), Column("value", 80)), rows())


def coverage_sheets(found: coverage.Coverage, by: str, places: Places, words: Words) -> list[Sheet]:
    """By group, by day."""
    causes = sorted(found.whole.causes)
    columns = (
        *_columns("looks kept"),
        *(Column(key, 14) for key in ("coverage_all", "coverage_answering", "window_all", "window_answering")),
        *_columns("over over_min attempts inspected unusable unreachable missed"),
        *(Column(f"cause.{cause}", 16) for cause in causes),
        *_columns("late judged_share p50_min p95_min worst_min"),
    )
    rows: list[Row] = [(words("whole"), *_coverage(found.whole, causes))]
    rows += [(_named(places, by, key, words), *_coverage(each, causes)) for key, each in found.groups]
    days = [(day, *_coverage(each, causes)) for day, each in found.days]
    return [Sheet("coverage", (_first("group"), *columns), rows), Sheet("days", (_day(), *columns), days)]


def _coverage(f: coverage.Figures, causes: Iterable[str]) -> Row:
    return (
        f.looks,
        f.kept,
        _of(f.kept, f.looks),
        _of(f.kept, f.answering),
        _of(f.windows_seen, f.windows),
        _of(f.windows_seen, f.windows - f.windows_away),
        f.over,
        minutes(f.over_s),
        *(getattr(f, name) for name in ("attempts", "inspected", "unusable", "unreachable", "missed")),
        *(f.causes.get(cause, 0) for cause in causes),
        f.late,
        _of(f.inspected - f.not_judged, f.inspected),
        *(minutes(value) for value in (f.gaps.p50_s, f.gaps.p95_s, f.gaps.worst_s)),
    )


def incident_sheets(found: incidents.Incidents, by: str, places: Places, words: Words) -> list[Sheet]:
    """By group, by day."""
    columns = _columns("new flagged open confirmed false_alarm duplicate unclear exempt waiting")
    rows: list[Row] = [(words("whole"), *_incidents(found.whole))]
    rows += [(_named(places, by, key, words), *_incidents(each)) for key, each in found.groups]
    days = [(each.day, *_incidents(each.counts), each.judged, each.waiting) for each in found.days]
    more = _columns("judged_on waiting_end")
    return [Sheet("incidents", (_first("group"), *columns), rows), Sheet("days", (_day(), *columns, *more), days)]


def _incidents(counts: incidents.Counts) -> Row:
    return (
        counts.new,
        counts.flagged,
        counts.open,
        *(counts.verdicts[verdict] for verdict in incidents.VERDICTS),
        counts.waiting,
    )


def false_alarm_sheets(found: false_alarms.FalseAlarmFigures, places: Places, words: Words) -> list[Sheet]:
    """By camera and kind, by kind."""
    columns = _columns("judged false share low high")

    def row(each: false_alarms.FalseAlarms) -> Row:
        low, high = each.bounds
        return each.judged, each.false, share(each.share), share(low), share(high)

    cameras: list[Row] = [
        (camera, _named(places, "camera", camera, words), words.value("kind", kind), *row(each))
        for camera, kind, each in found.rows
    ]
    kinds: list[Row] = [(words("whole"), *row(found.whole))]
    kinds += [(words.value("kind", kind), *row(each)) for kind, each in found.kinds.items()]
    return [
        Sheet("false-alarms", (Column("camera_id", 24), _first("camera"), Column("kind", 18), *columns), cameras),
        Sheet("kinds", (_first("kind"), *columns), kinds),
    ]


def response_sheets(found: response.ResponseFigures, by: str, places: Places, words: Words) -> list[Sheet]:
    """A row for each group and step."""

    def rows() -> Iterator[Row]:
        groups = [(_named(places, by, key, words), each) for key, each in found.groups]
        for name, each in [(words("whole"), found.whole), *groups]:
            for step, f in each.steps:
                yield (
                    name,
                    each.matters,
                    words.value("step", step),
                    f.reached,
                    minutes(f.median_s),
                    minutes(f.p90_s),
                    f.due,
                    f.in_time,
                    share(f.share),
                )

    head = (_first("group"), *_columns("matters step reached median_min p90_min due in_time in_time_share"))
    return [Sheet("response", head, rows())]


def department_sheets(found: Sequence[departments.Department], places: Places, words: Words) -> list[Sheet]:
    """A row for each department."""
    names = "told copies open refused escalated disposed ended open_now late_now"
    rows = [
        (_named(places, "department", each.id, words), *(getattr(each, name) for name in names.split()))
        for each in found
    ]
    return [Sheet("departments", (_first("department"), *_columns(names)), rows)]


def spot_check_sheets(found: spot_checks.SpotChecks, by: str, places: Places, words: Words) -> list[Sheet]:
    """By group, by day."""
    columns = _columns("drawn answered unclear overlooked share low high")

    def row(f: Checks) -> Row:
        return f.drawn, f.answered, f.unclear, f.overlooked, share(f.share), share(f.low), share(f.high)

    rows: list[Row] = [(words("whole"), *row(found.whole))]
    rows += [(_named(places, by, key, words), *row(each)) for key, each in found.groups]
    days = [(day, *row(each)) for day, each in found.days]
    return [Sheet("spot-checks", (_first("group"), *columns), rows), Sheet("days", (_day(), *columns), days)]


def _named(places: Places, by: str, key: str, words: Words) -> str:
    if not key:
        return words("unknown")
    return words.value("kind", key) if by == "kind" else words.name(places.name(by, key))


def _first(title: str) -> Column:
    return Column(title, 28)


def _day() -> Column:
    return Column("day", 12, "yyyy-mm-dd")


def _columns(names: str) -> tuple[Column, ...]:
    return tuple(Column(name, 12, _MINUTES if name.endswith("_min") else None) for name in names.split())


def _of(part: int, whole: int) -> float | None:
    return share(part / whole if whole else None)
