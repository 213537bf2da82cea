"""The picture of the day: cameras × time, drawn as vectors, one colour and one texture for each share of the period.

Colours grow darker with the time since a look, so that they tell apart in grey; what is past the period carries a black line,
what is away a white grid, what is not in the rotation is empty but for a thin line.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, get_args

from reportlab.lib.colors import HexColor, black, white
from reportlab.pdfbase.pdfmetrics import stringWidth
from reportlab.platypus import Flowable

from patrol.ledger.day import LookDay, Shade

COLOURS: dict[Shade, Any] = {
    "fresh": HexColor("#DCEBF7"),
    "aging": HexColor("#8DBBE0"),
    "near": HexColor("#F4B942"),
    "over": HexColor("#A31621"),
    "away": HexColor("#6E6E6E"),
    "paused": HexColor("#FFFFFF"),
}
SHADES: tuple[Shade, ...] = get_args(Shade)
_LINE = HexColor("#B8C2CC")
_LABEL = 104.0
_LEAST_OVER = 0.8
"""Points: a minute past the period must not vanish."""
_AXIS = 13.0


@dataclass(frozen=True, slots=True)
class Band:
    """One row of the picture: a look's stretches, or the shares of a group's looks by time."""

    label: str
    section: str
    looks: tuple[LookDay, ...]


class Heat(Flowable):
    """Some rows of the picture with their time axis.

    Args:
        bands: the rows; one look a row, or many: then each column shows how many are in which state.
        hours: ``(seconds from the day's start, label)`` of the axis, the first at 0 and the last at the day's end.
        length_s: length of the day.
        known_s: how much of it is known.
        width: points.
        row: height of a row, points.
        font: name of a registered font.
    """

    def __init__(
        self,
        bands: Sequence[Band],
        hours: Sequence[tuple[float, str]],
        length_s: float,
        known_s: float,
        width: float,
        row: float,
        font: str,
    ) -> None:
        super().__init__()
        self.bands, self.hours, self.length_s, self.known_s = bands, hours, length_s, known_s
        self.width, self.row, self.font = width, row, font
        self.sections = sum(1 for at, band in enumerate(bands) if at == 0 or band.section != bands[at - 1].section)
        self.height = _AXIS + row * len(bands) + self.sections * _head(row)

    def wrap(self, *_space: float) -> tuple[float, float]:
        """Its size."""
        return self.width, self.height

    def draw(self) -> None:
        """Draw it, from the top down."""
        canvas = self.canv
        top = self.height - _AXIS
        y, section = top, None
        for band in self.bands:
            if band.section != section:
                section = band.section
                y -= _head(self.row)
                canvas.setFillColor(black)
                canvas.setFont(self.font, 6.5)
                canvas.drawString(0, y + 2, section)
            y -= self.row
            self._label(band.label, y)
            if len(band.looks) == 1:
                self._stretches(band.looks[0], y)
            else:
                self._shares(band.looks, y)
        self._axis(top)

    def _x(self, seconds: float) -> float:
        return _LABEL + (self.width - _LABEL) * seconds / self.length_s

    def _label(self, text: str, y: float) -> None:
        size = min(6.5, self.row * 0.82)
        while text and stringWidth(text, self.font, size) > _LABEL - 3:
            text = text[:-2] + "…" if not text.endswith("…") else text[:-2] + "…" if len(text) > 2 else ""
        self.canv.setFillColor(black)
        self.canv.setFont(self.font, size)
        self.canv.drawString(0, y + (self.row - size * 0.72) / 2, text)

    def _stretches(self, look: LookDay, y: float) -> None:
        edge = min(0.35, self.row * 0.06)
        # What is past the period is drawn last: its least width may cover a neighbour, never the other way round.
        for stretch in sorted(look.stretches, key=lambda s: s.shade == "over"):
            x = self._x(stretch.start_s)
            width = self._x(stretch.end_s) - x
            if stretch.shade == "over":
                width = max(width, _LEAST_OVER)
            paint(self.canv, stretch.shade, x, y + edge, width, self.row - 2 * edge)

    def _shares(self, looks: Sequence[LookDay], y: float) -> None:
        step = 900.0
        columns = int(-(-self.known_s // step))
        sums = [dict.fromkeys(SHADES, 0.0) for _ in range(columns)]
        for look in looks:
            for s in look.stretches:
                for column in range(int(s.start_s // step), min(columns, int(-(-s.end_s // step)))):
                    part = min(s.end_s, (column + 1) * step) - max(s.start_s, column * step)
                    sums[column][s.shade] += max(0.0, part)
        height = self.row - 1.5
        for column, shares in enumerate(sums):
            whole = sum(shares.values())
            x, bottom = self._x(column * step), y + 0.5
            width = self._x(min((column + 1) * step, self.known_s)) - x
            # The worst lies at the bottom, where the eye compares heights.
            for shade in ("over", "away", "near", "aging", "fresh", "paused"):
                part = height * shares[shade] / whole if whole else 0.0
                if part:
                    paint(self.canv, shade, x, bottom, width, part, plain=True)
                    bottom += part

    def _axis(self, top: float) -> None:
        canvas = self.canv
        canvas.setStrokeColor(_LINE)
        canvas.setFillColor(black)
        canvas.setFont(self.font, 6)
        canvas.setLineWidth(0.3)
        for seconds, label in self.hours:
            x = self._x(seconds)
            canvas.line(x, 0, x, top + 2)
            canvas.drawCentredString(x, top + 4, label)
        canvas.line(_LABEL, 0, self.width, 0)


class Legend(Flowable):
    """The six shades with their names, in one line."""

    def __init__(self, names: Sequence[tuple[Shade, str]], width: float, font: str) -> None:
        super().__init__()
        self.names, self.width, self.height, self.font = names, width, 14.0, font

    def wrap(self, *_space: float) -> tuple[float, float]:
        """Its size."""
        return self.width, self.height

    def draw(self) -> None:
        """Draw it."""
        x = 0.0
        for shade, name in self.names:
            paint(self.canv, shade, x, 3, 20, 8)
            self.canv.setStrokeColor(_LINE)
            self.canv.setLineWidth(0.3)
            self.canv.rect(x, 3, 20, 8, stroke=1, fill=0)
            self.canv.setFillColor(black)
            self.canv.setFont(self.font, 7)
            self.canv.drawString(x + 23, 4.5, name)
            x += 23 + stringWidth(name, self.font, 7) + 12


def paint(canvas: Any, shade: Shade, x: float, y: float, width: float, height: float, *, plain: bool = False) -> None:
    """Fill a rectangle with a shade's colour and, unless ``plain``, its texture."""
    if shade == "paused":
        if not plain:
            canvas.setStrokeColor(_LINE)
            canvas.setLineWidth(0.4)
            canvas.line(x, y + height / 2, x + width, y + height / 2)
        return
    canvas.setFillColor(COLOURS[shade])
    canvas.rect(x, y, width, height, stroke=0, fill=1)
    if plain:
        return
    if shade == "over":
        canvas.setStrokeColor(black)
        canvas.setLineWidth(min(0.9, height / 4))
        canvas.line(x, y + height / 2, x + width, y + height / 2)
    elif shade == "away":
        canvas.setStrokeColor(white)
        canvas.setLineWidth(0.5)
        at = x - x % 3 + 3
        while at < x + width:
            canvas.line(at, y, at, y + height)
            at += 3


def _head(row: float) -> float:
    return max(9.5, min(11.0, row * 0.9))


def heights(bands: Sequence[Band], room: float, row: float) -> int:
    """How many of the rows fit into ``room`` points, their headings counted; at least one."""
    used = _AXIS
    for at, band in enumerate(bands):
        used += row + (_head(row) if at == 0 or band.section != bands[at - 1].section else 0.0)
        if used > room:
            return max(1, at)
    return len(bands)
