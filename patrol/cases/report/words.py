"""The words of reports on cases: their texts, written as all printed things are."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from patrol.cases.report._texts import TEXTS
from patrol.paper import words as paper


@dataclass(frozen=True, slots=True)
class Words(paper.Words):
    """One language, in one county's time."""

    texts: Mapping[str, tuple[str, str]] = field(default_factory=lambda: TEXTS, repr=False)

    def hours(self, seconds: float | None) -> str:
        """Working hours: ``12.50``."""
        return "—" if seconds is None else f"{seconds / 3600:.2f}"

    def mean(self, value: float | None) -> str:
        """A mean to two places."""
        return "—" if value is None else f"{value:.2f}"
