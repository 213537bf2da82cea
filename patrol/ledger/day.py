"""The report of one county day: what was in force, what was looked at, every gap, what was away, flagged and checked.

``read_day`` reads the rows, ``day_of`` computes the report from them and nothing else. docs/report.md defines the measures.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlalchemy.orm import Session

from patrol.ledger import _day_rows as rows
from patrol.ledger._day_figures import checks_of, figures_of, groups_of, percentile, review_median_s
from patrol.ledger._day_gaps import Interval, LookTimes, merged, times_of
from patrol.ledger._day_rows import LedgerLine, OutageRow, VisitRow
from patrol.ledger._day_terms import Force, Terms, clock_windows, span_of, terms_of
from patrol.ledger._day_types import (
    Away,
    Check,
    Checks,
    DayReport,
    Figures,
    Found,
    Gap,
    Group,
    Judged,
    LookDay,
    Miss,
    Revision,
    Root,
    Seen,
    Shade,
    Span,
    State,
    Stretch,
)
from patrol.registry import LoadedRegistry, Name, Registry, RegistryError, parse
from patrol.store.tables import RegistryRevision

__all__ = [
    "WINDOW",
    "Away",
    "Check",
    "Checks",
    "DayError",
    "DayReport",
    "DayRows",
    "Figures",
    "Found",
    "Gap",
    "Group",
    "Judged",
    "LedgerLine",
    "LookDay",
    "Miss",
    "OutageRow",
    "Revision",
    "RevisionRow",
    "Root",
    "Seen",
    "Shade",
    "Span",
    "State",
    "Stretch",
    "VisitRow",
    "day_of",
    "ledger_lines",
    "percentile",
    "read_day",
    "span_of",
]

WINDOW = timedelta(hours=2)
"""Length of the clock windows of the second measure: 两小时一巡查."""

_SLIVER_S = 1e-3
"""Times are kept to the microsecond; what is shorter than this is rounding."""


class DayError(Exception):
    """There is no report of this day; the message says why."""


@dataclass(frozen=True, slots=True)
class RevisionRow:
    """A registry that was in force from ``since`` on."""

    id: int
    sha256: str
    since: datetime
    cameras: int
    registry: Registry


@dataclass(frozen=True, slots=True)
class DayRows:
    """All that a report is computed from.

    Attributes:
        revisions: oldest first; the first was in force a day before the day or is the first of all.
        visits: the day's, in the order of their starts.
        before: start of the last inspected look before the day, by look.
        added: when looks came into the rotation, the last time.
        outages: that touch the day.
    """

    revisions: Sequence[RevisionRow]
    visits: Sequence[VisitRow] = ()
    before: Mapping[str, datetime] = field(default_factory=dict)
    added: Mapping[str, datetime] = field(default_factory=dict)
    outages: Sequence[OutageRow] = ()
    misses: Sequence[Miss] = ()
    incidents: Sequence[Seen] = ()
    found: Sequence[Found] = ()
    checks: Sequence[Check] = ()
    root: Root | None = None


def read_day(
    session: Session, day: date, now: datetime, *, zone: ZoneInfo | None = None, window: timedelta = WINDOW
) -> DayReport:
    """Read and compute the report of one county day.

    Args:
        session: an open session that may only read.
        day: county date.
        now: aware; a day that is not over is reported up to here.
        zone: county time zone; left out: of the registry that was loaded last before the day ended.
        window: length of the clock windows.

    Raises:
        DayError: the day has not begun, or no registry was in force in it.
    """
    known: dict[str, LoadedRegistry] = {}
    if zone is None:
        # Whatever the zone, the day is over within 36 hours of its date's beginning in UTC.
        latest = session.scalar(
            select(RegistryRevision)
            .where(
                RegistryRevision.loaded_at < datetime(day.year, day.month, day.day, tzinfo=UTC) + timedelta(hours=36)
            )
            .order_by(RegistryRevision.loaded_at.desc(), RegistryRevision.id.desc())
            .limit(1)
        )
        if latest is None:
            raise DayError(f"no registry was in force on {day}: the service had not run yet")
        zone = _parsed(latest, known).registry.county.zone
    span = span_of(day, zone, now)
    if span.until <= span.start:
        raise DayError(f"{day} has not begun in {zone.key}")
    found = rows.revisions(session, rows.look_back(span), span.until)
    if not found:
        raise DayError(f"no registry was in force on {day}: the service had not run yet")
    revisions = [
        RevisionRow(row.id, row.sha256, row.loaded_at, row.cameras, _parsed(row, known).registry) for row in found
    ]
    visits = rows.visits(session, span)
    terms = _terms(revisions, span)
    data = DayRows(
        revisions=revisions,
        visits=visits,
        before=rows.last_inspected_before(session, terms, span.start),
        added=rows.added(session),
        outages=rows.outages(session, span),
        misses=rows.misses(session, span),
        incidents=rows.incidents(session, span),
        found=rows.found(session, span),
        checks=rows.spot_checks(session, span),
        root=rows.root(session, span),
    )
    return _report(data, terms, span, now, window)


def day_of(data: DayRows, span: Span, now: datetime, *, window: timedelta = WINDOW) -> DayReport:
    """Compute a day's report from its rows.

    Args:
        data: the rows.
        span: the day, see :func:`span_of`.
        now: when the report is made.
        window: length of the clock windows.
    """
    return _report(data, _terms(data.revisions, span), span, now, window)


def ledger_lines(session: Session, span: Span) -> Iterator[LedgerLine]:
    """The day's ledger row by row, for the sheet that lists it all; read as it is asked for."""
    return rows.lines(session, span)


def _parsed(row: RegistryRevision, known: dict[str, LoadedRegistry]) -> LoadedRegistry:
    if row.sha256 not in known:
        try:
            known[row.sha256] = parse(row.text, f"registry revision {row.id}")
        except RegistryError as error:
            raise DayError(f"what was in force cannot be read: {error.problems[0]}") from error
    return known[row.sha256]


def _terms(revisions: Sequence[RevisionRow], span: Span) -> dict[str, Terms]:
    return terms_of([Force(row.since.timestamp(), row.registry) for row in revisions], span)


def _report(data: DayRows, terms: Mapping[str, Terms], span: Span, now: datetime, window: timedelta) -> DayReport:
    names = _names(data.revisions)
    ranks = {key: place for place, key in enumerate(names)}
    visits: dict[str, list[VisitRow]] = defaultdict(list)
    for row in data.visits:
        visits[row.look].append(row)
    away = _away(data.outages, terms, visits, span)
    windows = clock_windows(span, window)
    looks = [
        _look(each, visits.get(key, ()), data.before.get(key), data.added.get(key), away.get(key, ()), span, windows)
        for key, each in terms.items()
        if _of_this_day(each, span)
    ]
    looks.sort(key=lambda look: (ranks.get(f"category:{look.category}", 0), look.category, look.key))
    by_platform = sorted(looks, key=lambda look: ranks.get(f"platform:{look.platform}", 0))
    county = data.revisions[-1].registry.county
    return DayReport(
        span=span,
        county=county.name,
        county_code=county.code,
        window=window,
        made_at=now,
        overall=figures_of(looks),
        categories=groups_of(looks, "category", names),
        platforms=groups_of(by_platform, "platform", names),
        looks=tuple(looks),
        disabled=sum(look.state == "disabled" for look in looks),
        paused=sum(look.state == "paused" for look in looks),
        misses=tuple(data.misses),
        outages=_outages(data.outages, span),
        found=tuple(data.found),
        incidents=tuple(data.incidents),
        review_median_s=review_median_s(data.incidents),
        checks=checks_of(data.checks),
        revisions=_in_force(data.revisions, span),
        root=data.root,
        names=names,
    )


def _names(revisions: Sequence[RevisionRow]) -> dict[str, Name]:
    """Names of categories and platforms, the latest ones first: their order is the report's."""
    names: dict[str, Name] = {}
    for row in reversed(revisions):
        for category in row.registry.categories:
            names.setdefault(f"category:{category.key}", category.name)
        for platform in row.registry.platforms:
            names.setdefault(f"platform:{platform.id}", platform.name)
    return names


def _of_this_day(terms: Terms, span: Span) -> bool:
    """Not one that left the registry before the day began."""
    return terms.named_until > span.start.timestamp()


def _away(
    outages: Iterable[OutageRow], terms: Mapping[str, Terms], visits: Mapping[str, Sequence[VisitRow]], span: Span
) -> dict[str, tuple[Interval, ...]]:
    """When each look was away, by its own outages and its platforms', inside the day."""
    until = span.until.timestamp()
    own: dict[str, list[Interval]] = defaultdict(list)
    platforms: dict[str, list[Interval]] = defaultdict(list)
    for row in outages:
        part = (row.started_at.timestamp(), min(row.ended_at.timestamp() if row.ended_at else until, until))
        if row.look is not None:
            own[row.look].append(part)
        elif row.platform is not None:
            platforms[row.platform].append(part)
    for key, each in terms.items() if platforms else ():
        for duty in each.duties:
            for number, (since, period, platform) in enumerate(duty.steps):
                end = duty.steps[number + 1][0] if number + 1 < len(duty.steps) else duty.end
                for start, stop in platforms.get(platform, ()):
                    # Whether this camera answers again is not known before it has been looked at.
                    back = min(stop + period, end, _next_attempt(visits.get(key, ()), stop, until))
                    if max(start, since) < min(max(stop, back), end):
                        own[key].append((max(start, since), min(max(stop, back), end)))
    return {key: merged(parts) for key, parts in own.items()}


def _next_attempt(visits: Iterable[VisitRow], moment: float, until: float) -> float:
    return next(
        (v.started_at.timestamp() for v in visits if v.outcome != "missed" and v.started_at.timestamp() >= moment),
        until,
    )


def _look(
    terms: Terms,
    visits: Sequence[VisitRow],
    before: datetime | None,
    added: datetime | None,
    away: Sequence[Interval],
    span: Span,
    windows: Sequence[Interval],
) -> LookDay:
    spec = terms.spec
    start, until = span.start.timestamp(), span.until.timestamp()
    inspected = [v.started_at for v in visits if v.outcome == "inspected"]
    seen = [moment.timestamp() for moment in ([before] if before else []) + inspected]
    times = times_of(
        terms.duties, seen, away, (start, until), windows, added=added.timestamp() if added is not None else None
    )
    over, over_away = sum(g.over_s for g in times.gaps), sum(g.away_s for g in times.gaps)
    counts = {outcome: sum(v.outcome == outcome for v in visits) for outcome in ("unusable", "unreachable", "missed")}
    periods = [step[1] for duty in terms.duties for step in duty.steps if step[0] < until and duty.end > start] or [
        spec.period_s
    ]
    return LookDay(
        key=spec.key,
        camera=spec.camera.id,
        preset=spec.preset.id if spec.preset else None,
        name=f"{spec.camera.name} · {spec.preset.name or spec.preset.id}" if spec.preset else spec.camera.name,
        place=spec.camera.place.address,
        division=spec.camera.place.division_code,
        category=spec.category.key,
        categories=tuple(category.key for category in spec.categories),
        platform=spec.platform.id,
        period_s=periods[-1],
        tight_period_s=min(periods),
        state=_state(terms, times, over, over_away),
        on_duty_s=times.on_duty_s,
        attempts=len(visits) - counts["missed"],
        inspected=len(inspected),
        unusable=counts["unusable"],
        unreachable=counts["unreachable"],
        missed=counts["missed"],
        late=sum(v.outcome == "inspected" and v.started_at > v.due_at for v in visits),
        not_judged=sum(v.outcome == "inspected" and not v.judged for v in visits),
        over_s=over,
        away_s=over_away,
        offline_s=times.offline_s,
        windows=times.windows,
        windows_seen=times.windows_seen,
        windows_away=times.windows_away,
        last_inspected=inspected[-1] if inspected else before,
        gaps=tuple(
            Gap(
                datetime.fromtimestamp(g.start, UTC),
                datetime.fromtimestamp(g.end, UTC),
                g.over_s,
                away=g.over_s > _SLIVER_S and g.over_s - g.away_s <= _SLIVER_S,
            )
            for g in times.gaps
        ),
        stretches=tuple(Stretch(a - start, b - start, shade) for a, b, shade in times.stretches),
        note=terms.pause,
    )


def _state(terms: Terms, times: LookTimes, over: float, over_away: float) -> State:
    if not times.on_duty_s:
        return "paused" if terms.enabled else "disabled"
    if over <= _SLIVER_S:
        return "kept"
    return "away" if over - over_away <= _SLIVER_S else "over"


def _outages(outages: Sequence[OutageRow], span: Span) -> tuple[Away, ...]:
    folded: dict[int, int] = defaultdict(int)
    for row in outages:
        if row.part_of is not None:
            folded[row.part_of] += 1
    return tuple(
        Away(
            id=row.id,
            look=row.look,
            platform=row.platform,
            started_at=row.started_at,
            ended_at=row.ended_at,
            cause=row.cause,
            looks=row.looks,
            in_day_s=(min(row.ended_at or span.until, span.until) - max(row.started_at, span.start)).total_seconds(),
            part_of=row.part_of,
            folded=folded[row.id] if row.platform is not None else 0,
        )
        for row in outages
    )


def _in_force(revisions: Sequence[RevisionRow], span: Span) -> tuple[Revision, ...]:
    ends = [*(row.since for row in revisions[1:]), None]
    return tuple(
        Revision(row.id, row.sha256, row.since, end, row.cameras)
        for row, end in zip(revisions, ends, strict=True)
        if end is None or end > span.start
    )
