"""Checks of a window, be it of a rule or of a category: it must be able to open and to close."""

from __future__ import annotations

import calendar

from patrol.registry._collect import Findings
from patrol.registry.models import Days, Window
from patrol.registry.problems import Loc

_SOLAR = tuple(calendar.monthrange(2024, month)[1] for month in range(1, 13))
_LUNAR = (30,) * 12


def check_window(found: Findings, loc: Loc, window: Window) -> None:
    """What no window may be: always open, of no length, on days that do not exist."""
    if window.start is None and window.solar is None and window.lunar is None and window.days is Days.ANY:
        found.error(loc, "is always open; give it days, hours or dates, or leave it out")
    if window.start is not None and window.start == window.end:
        found.error((*loc, "to"), f"from and to are both {window.start:%H:%M}; leave both out for the whole day")
    elif window.start is not None and window.start.microsecond:
        found.error((*loc, "from"), "24:00 ends a day; begin at 00:00")
    for name, months in (("solar", _SOLAR), ("lunar", _LUNAR)):
        span = getattr(window, name)
        if span is None:
            continue
        for end, day in (("from", span.first), ("to", span.last)):
            if day.day > months[day.month - 1]:
                found.error(
                    (*loc, name, end),
                    f"{day.month:02d}-{day.day:02d} is no {name} date; the month ends on {months[day.month - 1]}",
                )
