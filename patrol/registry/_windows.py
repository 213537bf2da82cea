"""Checks of times: a window must be able to open and to close, a maintenance must concern somebody and end."""

from __future__ import annotations

import calendar

from patrol.registry._collect import Findings
from patrol.registry.problems import Loc
from patrol.registry.when import Days, Window

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


def check_maintenance(found: Findings) -> None:
    """A maintenance names what it concerns, and ends after it began."""
    registry = found.registry
    known = {
        "platforms": (found.names("platforms", "id"), "platform"),
        "categories": (found.names("categories", "key"), "category"),
        "cameras": (found.names("cameras", "id"), "camera"),
    }
    for i, entry in enumerate(registry.maintenance):
        loc: Loc = ("maintenance", i)
        if (entry.start.tzinfo is None) != (entry.end.tzinfo is None):
            found.error((*loc, "to"), "from and to are to be both county time or both with an offset")
        elif entry.end <= entry.start:
            found.error((*loc, "to"), "is not after its beginning")
        if not (entry.platforms or entry.categories or entry.cameras):
            found.error(loc, "concerns nothing; name platforms, categories or cameras")
        for field, (names, what) in known.items():
            for k, name in enumerate(getattr(entry, field)):
                found.known((*loc, field, k), name, names, what)
