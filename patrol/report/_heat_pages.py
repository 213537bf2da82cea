"""Lays the picture of the day on pages: one row a look, or one a category and platform where there are too many looks."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime, time, timedelta

from reportlab.platypus import Flowable, PageBreak, Spacer

from patrol.ledger.day import DayReport, LookDay
from patrol.paper.page import FONT, Paper
from patrol.report._heat import SHADES, Band, Heat, Legend, heights
from patrol.report.words import Words

_PER_PAGE = 120
_MOST = 2000
"""Looks that are shown one by one: more would be a book."""
_GROUP_ROW = 26.0


def heat_pages(report: DayReport, words: Words, paper: Paper, width: float, height: float) -> Iterable[Flowable]:
    """The picture, on as many pages as it needs."""
    looks = [look for look in report.looks if look.state != "disabled"]
    grouped = len(looks) > _MOST
    bands = _groups(looks, report, words, paper) if grouped else _rows(looks, report, words, paper)
    length = (report.span.end - report.span.start).total_seconds()
    known = (report.span.until - report.span.start).total_seconds()
    hours = axis(report)
    row = (
        _GROUP_ROW
        if grouped
        else max((height - 90) / (_PER_PAGE * 1.02), min(12.0, (height - 130) / max(1, len(bands))))
    )
    first = True
    while bands or first:
        yield PageBreak()
        title = words("heat")
        yield paper.heading(title if first else words("continued", title=title))
        if first:
            text = words("heat_groups", looks=len(looks), limit=_MOST) if grouped else words("heat_rows")
            yield paper.small(text)
        yield Legend([(shade, words(f"shade.{shade}")) for shade in SHADES], width, FONT)
        if not bands:
            yield paper.text(words("none"))
            return
        count = min(heights(bands, height - 78, row), len(bands) if grouped else _PER_PAGE)
        yield Heat(bands[:count], hours, length, known, width, row, FONT)
        bands, first = bands[count:], False
    yield Spacer(0, 6)


def axis(report: DayReport) -> list[tuple[float, str]]:
    """Every second hour of county time, where it falls in the day: a clock change leaves a wider or a narrower step."""
    span = report.span
    marks: dict[float, str] = {}
    for hour in range(0, 24, 2):
        local = datetime.combine(span.day, time(hour), span.zone).astimezone(UTC)
        if local.astimezone(span.zone).hour == hour:
            marks[(local - span.start).total_seconds()] = f"{hour:02d}"
    marks[(span.end - span.start) / timedelta(seconds=1)] = "24"
    return sorted(marks.items())


def _rows(looks: Iterable[LookDay], report: DayReport, words: Words, paper: Paper) -> list[Band]:
    return [
        Band(
            paper.clean(look.name),
            paper.clean(words.name(report.name_of(f"category:{look.category}"))),
            (look,),
        )
        for look in looks
    ]


def _groups(looks: Iterable[LookDay], report: DayReport, words: Words, paper: Paper) -> list[Band]:
    found: dict[tuple[str, str], list[LookDay]] = {}
    for look in looks:
        found.setdefault((look.category, look.platform), []).append(look)
    return [
        Band(
            paper.clean(f"{words.name(report.name_of(f'platform:{platform}'))} ({len(members)})"),
            paper.clean(words.name(report.name_of(f"category:{category}"))),
            tuple(members),
        )
        for (category, platform), members in found.items()
    ]
