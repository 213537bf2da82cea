"""Breaks Chinese lines as Chinese is set: no line begins with a closing mark or ends with an opening one, no number is torn.

reportlab's own breaking knows the Japanese marks and not ，；：？！》”, and lets the last one hang over the margin.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from reportlab.pdfbase.pdfmetrics import getAscentDescent, stringWidth
from reportlab.platypus import Paragraph

NOT_FIRST = frozenset("，。、；：？！）》〉」』】〕］｝”’…—·％‰℃々,.;:?!)]}%")
"""What no line begins with."""
NOT_LAST = frozenset("（《〈「『【〔［｛“‘([{")
"""What no line ends with."""


def lines_of(text: str, widths: Sequence[float], measure: Callable[[str], float]) -> list[tuple[float, str]]:
    """A text as lines.

    Args:
        text: without line breaks.
        widths: of the lines in order, points; the last one holds for all that follow.
        measure: width of a character, points.

    Returns:
        For each line what is left of its width, and what stands in it. A mark stays at the wrong end where a line has no
        other place to break. Together they are the text.
    """
    found: list[tuple[float, str]] = []
    start = 0
    while start < len(text):
        width = widths[min(len(found), len(widths) - 1)]
        full, used = start, 0.0
        while full < len(text) and (used + measure(text[full]) <= width or full == start):
            used += measure(text[full])
            full += 1
        end = full if full == len(text) else _place(text, start, full)
        # Blanks at the break hang over the margin, where nobody sees them; the next line begins with what is said.
        while end < len(text) and text[end] == " ":
            end += 1
        line = text[start:end]
        found.append((width - sum(map(measure, line.rstrip(" "))), line))
        start = end
    return found


class Wrapped(Paragraph):
    """A paragraph of plain text, escaped, whose lines break so. Its style's ``wordWrap`` is ``CJK``."""

    def breakLinesCJK(self, maxWidths: Any) -> Any:  # noqa: N802, N803 - reportlab's names
        """Break the lines; called by reportlab."""
        if len(self.frags) > 1:
            # reportlab parts a text where something was escaped.
            self.frags = [self.frags[0].clone(text="".join(frag.text for frag in self.frags))]
        frag = self.frags[0] if self.frags else None
        if frag is None or getattr(self, "_splitpara", False):
            return super().breakLinesCJK(maxWidths)
        widths = maxWidths if isinstance(maxWidths, (list, tuple)) else [maxWidths]
        # What reportlab carries over to a next page are the lines that were broken before.
        text = getattr(frag, "text", None) or "".join(getattr(frag, "words", ()))
        lines = lines_of(text, widths, lambda c: stringWidth(c, frag.fontName, frag.fontSize))
        self.height = 0
        ascent, descent = getAscentDescent(frag.fontName, frag.fontSize)
        return frag.clone(kind=0, lines=[(left, [line]) for left, line in lines], ascent=ascent, descent=descent)


def _place(text: str, start: int, full: int) -> int:
    """Where a line that begins at ``start`` and is full at ``full`` is broken best."""
    end = full
    while end > start + 1 and _torn(text[end - 1], text[end]):
        end -= 1
    return full if _torn(text[end - 1], text[end]) else end


def _torn(before: str, after: str) -> bool:
    if after in NOT_FIRST or before in NOT_LAST:
        return True
    return before.isascii() and after.isascii() and " " not in (before, after)
