"""Fireworks: sparks, bursts and flash trains, told by what light does in time (docs/detectors-fireworks.md). Needs no model.

``_sparks`` finds what flashes, frame by frame; ``_bursts`` puts a look's flashes together, ``_spark_rule`` judges.
"""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from detectors._bursts import Story, tell
from detectors._spark_rule import DUSK, FLICKER, NIGHT, Look
from detectors._sparks import SIDE, Moment, SparkMeter
from detectors._types import Box, Finding, Frame, Glance, Image, Kind, Mark, Request, Verdict, ZoneKind, thinned

_RATE_HZ = 12.5
_COLOUR_EVERY_S, _COLOUR_SIDE = 1.0, 640
"""Every second one of these pictures is made for the object model anyway."""

_GREY = 8.0
_LIT, _LIT_PX = 60, 10
_SHINING, _NEARLY_WHITE = 150, 225
_GLANCES = 4
_GLANCE_ROSE, _GLANCE_BRIGHT = 40, 110
_GLANCE_WHITE_ROSE, _GLANCE_WHITE = 60, 200
_GLANCE_PX, _GLANCE_DAY_SHARE = 6, 0.01
"""New light in a keyframe above which only a full look can tell: a spark by night; by day a hundredth of the picture, which smoke of crackers
fills and a white car does not."""
_RATE_RATIO = 2.0


class Fireworks:
    """See :class:`detectors.Detector`."""

    kind = Kind.FIREWORKS
    rate_hz: float | None = _RATE_HZ

    def __init__(self, request: Request) -> None:
        self._ignored = [z for z in request.zones if z.kind in {ZoneKind.IGNORE, ZoneKind.PRIVATE}]
        self._sky = [z for z in request.zones if z.kind is ZoneKind.SKY]
        self._meter = SparkMeter()
        self._colours: list[tuple[float, float]] = []
        self._colour_due = 0.0
        self._first: float | None = None
        self._last = 0.0

    def glance(self, glance: Glance) -> Finding | None:
        """Clear where no keyframe holds a light that another lacks and, in the dark, the stream never swells between them.

        By day whatever moves makes it swell. What is left there, a string of crackers, lasts for ten seconds and more and smokes white:
        no keyframe of several shows either.
        """
        pictures = [frame.gray(SIDE) for frame in glance.frames]
        if len(pictures) < _GLANCES or len({p.shape for p in pictures}) > 1:
            return None
        stack = np.array(pictures)
        scene = float(np.median(np.percentile(stack[:, ::4, ::4], 10, axis=0)))
        if scene < DUSK and not _even(glance.rates):
            return None
        level = np.median(stack, axis=0).astype(np.uint8)
        by_day = scene >= NIGHT
        masked = self._mask(pictures[0]) if self._ignored else None
        most = 0
        for picture in pictures:
            over = cv2.subtract(picture, level) > (_GLANCE_WHITE_ROSE if by_day else _GLANCE_ROSE)
            new = (over & (picture > (_GLANCE_WHITE if by_day else _GLANCE_BRIGHT))).astype(np.uint8)
            most = max(most, cv2.countNonZero(new if masked is None else cv2.bitwise_and(new, masked)))
        if most > (max(_GLANCE_PX, _GLANCE_DAY_SHARE * level.size) if scene >= DUSK else _GLANCE_PX):
            return None
        return Finding(
            self.kind,
            Verdict.CLEAR,
            0.0,
            None,
            None,
            "whole",
            f"no new light in {len(pictures)} keyframes, and an even stream between them",
            {"scene_luma": round(scene, 1), "new_light_px": most, "keyframes": len(pictures)},
        )

    def update(self, frame: Frame) -> None:
        """Compare a frame with its neighbours in time; keeps five small pictures."""
        self._first = frame.at if self._first is None else self._first
        self._last = frame.at
        picture = frame.gray(SIDE)
        if self._ignored and picture.shape != self._meter.shape:
            self._meter.mask = self._mask(picture)
        self._meter.update(frame.at, picture)
        if frame.at >= self._colour_due:
            self._colour_due = frame.at + _COLOUR_EVERY_S
            colour = _colour(frame.bgr(_COLOUR_SIDE))
            if colour is not None:
                self._colours.append(colour)

    def finish(self) -> Finding:
        """Judge the whole look."""
        seconds = self._last - (self._first or 0.0)
        story = tell(self._meter, by_day=self._meter.darkness >= DUSK)
        colours = np.array(self._colours).reshape(-1, 2)
        look = Look(
            story,
            seconds,
            grey=len(colours) > 0 and float(np.median(colours[:, 0])) < _GREY,
            blue=float(np.percentile(colours[:, 1], 90)) if len(colours) else 0.0,
        )
        verdict, why = look.verdict()
        measured: dict[str, float | int | str | bool] = {
            "sparkling_s": round(story.sparkling_s, 2),
            "specks_most": int(story.counts.max()) if len(story.counts) else 0,
            "crowded_s": round(story.crowded_s, 2),
            "close_s": round(story.close_s, 2),
            "speck_px": round(story.size, 1),
            "bursts": story.bursts,
            "train_s": round(story.train_s, 2),
            "train_spread_px": round(story.train_spread, 1),
            "flicker": round(story.flicker, 3),
            "sputter": round(story.sputter, 3),
            "alternates": round(story.alternates, 2),
            "darkens": round(story.darkens, 2),
            "travels": round(story.travels, 2),
            "from_nowhere": round(story.fresh, 2),
            "one_way": round(story.one_way, 2),
            "spread_wide": round(story.wide, 3),
            "spread_high": round(story.high, 3),
            "regular": round(story.regular, 2),
            "light_cuts": story.cuts,
            "full_frame_steps": story.steps,
            "light_peak_luma": round(story.light_peak, 2),
            "scene_luma": round(story.darkness, 1),
            "shift_px": round(story.shift, 2),
            "grey": look.grey,
            "blue_over_red_luma": round(look.blue, 1),
            "seconds": round(seconds, 1),
            "frames": self._meter.frames,
        }
        if verdict is Verdict.CLEAR:
            score = round(min(0.4, story.sparkling_s / 5), 3)
            return Finding(self.kind, verdict, score, None, None, "whole", why, measured)
        best = self._best(story)
        score = (
            0.5 + 0.1 * min(2.0, story.sparkling_s) + 0.06 * min(4, story.bursts) + 0.06 * (story.flicker > 2 * FLICKER)
        )
        score = min(1.0, score) if verdict is Verdict.FLAGGED else min(score, 0.6)
        return Finding(
            self.kind,
            verdict,
            round(score, 3),
            best.at if best is not None else None,
            _box(best.places / (self._meter.shape[1], self._meter.shape[0])) if best is not None else None,
            self._zone_of(best) if best is not None else "whole",
            why,
            measured,
            thinned(self._marks()),
        )

    def _marks(self) -> list[Mark]:
        size = (self._meter.shape[1], self._meter.shape[0])
        boxes = ((moment.at, _box(moment.places / size)) for moment in self._meter.moments)
        return [Mark(at, "sparks", box) for at, box in boxes if box is not None]

    def _best(self, story: Story) -> Moment | None:
        if not len(story.counts):
            return None
        if story.counts.max() > 0:
            return self._meter.moments[int(story.counts.argmax())]
        return max(self._meter.moments, key=lambda m: len(m.places))

    def _mask(self, picture: Image) -> Image:
        rows, columns = picture.shape[:2]
        mask = np.ones((rows, columns), bool)
        for zone in self._ignored:
            mask &= ~zone.mask(rows, columns)
        return mask.astype(np.uint8)

    def _zone_of(self, moment: Moment) -> str:
        rows, columns = self._meter.shape
        for zone in self._sky:
            mask = zone.mask(rows, columns)
            inside = [mask[int(y), int(x)] for x, y in moment.places]
            if inside and float(np.mean(inside)) >= 0.5:
                return zone.name
        return "whole"


def _even(rates: NDArray[np.float64]) -> bool:
    """Whether the stream never swells: a burst of a second, or a train of flashes, cannot be coded in the bytes of a still scene."""
    if len(rates) < _GLANCES or float(np.median(rates)) <= 0:
        return False
    return float(rates.max()) <= _RATE_RATIO * float(np.median(rates))


def _colour(picture: Image) -> tuple[float, float] | None:
    """Colour of what is lit, luma: mean distance of the strongest from the weakest channel, and of blue above red where it is
    bright but not white. None where all is dark.
    """
    step = max(1, round(max(picture.shape) / 160))
    first, green, red = cv2.split(np.ascontiguousarray(picture[::step, ::step]))
    most, least = cv2.max(cv2.max(first, green), red), cv2.min(cv2.min(first, green), red)
    lit = most > _LIT
    if lit.sum() < _LIT_PX:
        return None
    shining = (most > _SHINING) & (least < _NEARLY_WHITE)
    blue = float(first[shining].mean() - red[shining].mean()) if shining.sum() >= _LIT_PX else 0.0
    return float(cv2.subtract(most, least)[lit].mean()), blue


def _box(places: NDArray[np.float64]) -> Box | None:
    if len(places) == 0:
        return None
    left, top = np.percentile(places, 5, axis=0)
    right, bottom = np.percentile(places, 95, axis=0)
    return (
        float(max(0.0, left - 0.02)),
        float(max(0.0, top - 0.02)),
        float(min(1.0, right + 0.02)),
        float(min(1.0, bottom + 0.02)),
    )
