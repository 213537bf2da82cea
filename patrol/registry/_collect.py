"""Where the checks put what they find: places in the file are worked out only for what is wrong."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from patrol.registry._source import Source
from patrol.registry.models import Registry
from patrol.registry.problems import Loc, Problem


@dataclass(slots=True)
class Findings:
    """Errors and warnings of the checks that bind entries.

    Attributes:
        source: the file, for lines and readable paths.
        registry: the entries that are valid by themselves.
        positions: for each list of the file, the places in the file of those entries (broken ones are left out).
    """

    source: Source
    registry: Registry
    positions: Mapping[str, Sequence[int]]
    errors: list[Problem] = field(default_factory=list)
    warnings: list[Problem] = field(default_factory=list)

    def error(self, loc: Loc, message: str) -> None:
        """Add what must be mended. ``loc`` counts among the valid entries."""
        self.errors.append(self.source.problem(self._in_file(loc), message))

    def warn(self, loc: Loc, message: str) -> None:
        """Add what is odd but works."""
        self.warnings.append(self.source.problem(self._in_file(loc), message))

    def line(self, loc: Loc) -> int | None:
        """The line of an entry."""
        return self.source.line(self._in_file(loc))

    def names(self, section: str, name: str) -> set[str]:
        """The names that a list of the file gives, those of broken entries included: a reference to one is no error."""
        entries: Any = self.source.data.get(section)
        if not isinstance(entries, list):
            return set()
        return {entry[name] for entry in entries if isinstance(entry, dict) and isinstance(entry.get(name), str)}

    def unique(self, places: Iterable[tuple[Loc, str]], what: str) -> None:
        """Each name once."""
        first: dict[str, Loc] = {}
        for loc, name in places:
            if name in first:
                self.error(loc, f"{what} {name!r} was already given in line {self.line(first[name])}")
            else:
                first[name] = loc

    def known(self, loc: Loc, name: str, names: set[str], what: str) -> bool:
        """A reference that must lead somewhere."""
        if name in names:
            return True
        self.error(loc, f"there is no {what} {name!r}{suggest(name, names)}")
        return False

    def within_county(self, loc: Loc, places: Iterable[str]) -> None:
        """Warn of divisions in a list at ``loc`` that are none of the county's."""
        county = self.registry.county.code
        for k, place in enumerate(places):
            if not place.startswith(county):
                self.warn((*loc, k), f"{place} lies outside the county ({county})")

    def _in_file(self, loc: Loc) -> Loc:
        if len(loc) > 1 and isinstance(loc[0], str) and isinstance(loc[1], int) and loc[0] in self.positions:
            return (loc[0], self.positions[loc[0]][loc[1]], *loc[2:])
        return loc


def suggest(name: str, names: Iterable[str]) -> str:
    """``; did you mean 'police'?`` or, for a handful of names, which there are."""
    known = sorted(names)
    close = difflib.get_close_matches(name, known, n=1)
    if close:
        return f"; did you mean {close[0]!r}?"
    return f"; there are {', '.join(known)}" if 0 < len(known) <= 15 else ""
