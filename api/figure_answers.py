"""Figures as the API answers them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from datetime import date, datetime

from api import models
from patrol.figures import coverage as _coverage
from patrol.figures import departments as _departments
from patrol.figures import false_alarms as _false_alarms
from patrol.figures import incidents as _incidents
from patrol.figures import response as _response
from patrol.figures import spot_checks as _spot_checks
from patrol.figures.period import Range
from patrol.figures.places import Places

_CAMERAS = 500
"""Groups of one answer at most; only by camera are there more."""


def coverage(
    found: _coverage.Coverage,
    asked: Range,
    by: str,
    places: Places,
    counted_at: datetime | None,
    uncounted: Sequence[date],
) -> models.Coverage:
    """Coverage of a range."""
    return models.Coverage(
        range=_range(asked),
        by=by,
        counted_at=counted_at,
        uncounted=sorted(uncounted),
        whole=_figures(found.whole),
        days=[models.CoverageDay(day=day, figures=_figures(each)) for day, each in found.days],
        groups=[
            models.CoverageGroup(key=key, name=_name(places, by, key), figures=_figures(each))
            for key, each in found.groups
        ],
    )


def look(found: _coverage.LookFigures, places: Places) -> models.CoverageLook:
    """One look of the list behind the coverage."""
    values = asdict(found)
    which = found.look
    return models.CoverageLook(
        look=which.key,
        camera=which.camera,
        name=which.name,
        category=_name(places, "category", which.category),
        platform=_name(places, "platform", which.platform),
        **{name: value for name, value in values.items() if name != "look"},
    )


def incidents(found: _incidents.Incidents, asked: Range, by: str, places: Places) -> models.IncidentFigures:
    """The incidents of a range."""
    return models.IncidentFigures(
        range=_range(asked),
        by=by,
        whole=_counts(found.whole),
        seen=found.seen,
        review_median_s=found.review_median_s,
        days=[
            models.IncidentDay(day=day.day, counts=_counts(day.counts), judged=day.judged, waiting=day.waiting)
            for day in found.days
        ],
        groups=[
            models.IncidentGroup(key=key, name=_name(places, by, key), counts=_counts(each))
            for key, each in found.groups[:_CAMERAS]
        ],
    )


def false_alarms(found: _false_alarms.FalseAlarmFigures, asked: Range, places: Places) -> models.FalseAlarms:
    """The false alarms of a range."""
    return models.FalseAlarms(
        range=_range(asked),
        whole=_share(found.whole),
        kinds=[models.FalseAlarmKind(kind=kind, counts=_share(each)) for kind, each in found.kinds.items()],
        rows=[
            models.FalseAlarmRow(
                camera=camera,
                camera_name=places.cameras[camera].name if camera in places.cameras else None,
                kind=kind,
                counts=_share(each),
            )
            for camera, kind, each in found.rows
        ],
        rows_total=found.total,
    )


def response(found: _response.ResponseFigures, asked: Range, by: str, places: Places) -> models.ResponseFigures:
    """Response times of a range."""
    return models.ResponseFigures(
        range=_range(asked),
        by=by,
        whole=_steps("", found.whole, by, places),
        groups=[_steps(key, each, by, places) for key, each in found.groups],
    )


def departments(found: Sequence[_departments.Department], asked: Range, places: Places) -> models.DepartmentsFigures:
    """What departments have on their hands."""
    return models.DepartmentsFigures(
        range=_range(asked),
        departments=[
            models.DepartmentFigures(**asdict(each), name=_name(places, "department", each.id)) for each in found
        ],
    )


def spot_checks(found: _spot_checks.SpotChecks, asked: Range, by: str, places: Places) -> models.SpotCheckRange:
    """The spot-checks of a range."""
    return models.SpotCheckRange(
        range=_range(asked),
        by=by,
        whole=models.CheckFigures(**asdict(found.whole)),
        kinds=found.kinds,
        days=[models.CheckDay(day=day, figures=models.CheckFigures(**asdict(each))) for day, each in found.days],
        groups=[
            models.CheckGroup(key=key, name=_name(places, by, key), figures=models.CheckFigures(**asdict(each)))
            for key, each in found.groups
        ],
    )


def _range(asked: Range) -> models.FigureRange:
    return models.FigureRange(since=asked.since, until=asked.until, start=asked.start, end=asked.end)


def _name(places: Places, by: str, key: str) -> models.Name:
    name = places.name(by, key) if key else None
    return models.Name(zh=name.zh, en=name.en) if name else models.Name(zh="", en="")


def _figures(found: _coverage.Figures) -> models.CoverageFigures:
    return models.CoverageFigures(**asdict(found))


def _counts(found: _incidents.Counts) -> models.IncidentCounts:
    return models.IncidentCounts(
        new=found.new,
        flagged=found.flagged,
        open=found.open,
        waiting=found.waiting,
        kinds=dict(sorted(found.kinds.items())),
        **{verdict: found.verdicts[verdict] for verdict in _incidents.VERDICTS},
    )


def _share(found: _false_alarms.FalseAlarms) -> models.FalseAlarmCounts:
    low, high = found.bounds
    return models.FalseAlarmCounts(
        judged=found.judged,
        false=found.false,
        share=found.share,
        low=low,
        high=high,
        reasons=dict(found.reasons.most_common()),
    )


def _steps(key: str, found: _response.Response, by: str, places: Places) -> models.ResponseGroup:
    return models.ResponseGroup(
        key=key,
        name=_name(places, by, key),
        matters=found.matters,
        steps=[
            models.ResponseStep(
                step=step,
                reached=each.reached,
                median_s=each.median_s,
                p90_s=each.p90_s,
                due=each.due,
                in_time=each.in_time,
                share=each.share,
            )
            for step, each in found.steps
        ],
    )
