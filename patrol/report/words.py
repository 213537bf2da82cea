"""The report's words: its texts, written as all printed things are."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from patrol.paper import words as paper
from patrol.report._texts import TEXTS


@dataclass(frozen=True, slots=True)
class Words(paper.Words):
    """One language, in one county's time."""

    texts: Mapping[str, tuple[str, str]] = field(default_factory=lambda: TEXTS, repr=False)
