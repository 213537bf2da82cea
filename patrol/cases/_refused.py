"""Why a file is not kept."""

from __future__ import annotations

from typing import Literal

Why = Literal["empty", "too_large", "too_many", "kind", "name", "broken", "macros", "expands", "infected", "no_case"]


class AttachmentError(Exception):
    """A file that is not kept; the message says why and what to do. Nothing of it stays.

    Attributes:
        why: the same for programs.
    """

    def __init__(self, why: Why, message: str) -> None:
        super().__init__(message)
        self.why = why
