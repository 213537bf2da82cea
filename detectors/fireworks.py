"""Fireworks: many small short-lived lights against the dark, whose light flickers or bursts. Needs no model.

What is looked for is the signature in time (docs/detectors-fireworks.md): sparks are specks a few pixels wide that were
dark a sixth of a second ago; a shell or a string of crackers throws ten and more at once, for a second and more. A
lamp that blinks is one speck, lightning is the whole picture, headlights are few and keep their light.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from detectors._types import Box, Finding, Frame, Glance, Image, Kind, Request, Verdict, ZoneKind

_RATE_HZ = 12.5
_SIDE = 320

SPECKS = 8
"""New specks in one frame that make it a sparkling one; the lantern of the footage reaches 4, the weakest flare's frames 14."""
_CONTRAST = 45
_BRIGHT = 150
_ROSE = 25
_SURROUNDING = 90
"""Luma: a spark is this much brighter than what lies around it, at least so bright, newly so, in surroundings no brighter."""
_WIDE = 25
_LARGEST = 60

NIGHT = 62
"""Median luma of a night scene. Brighter ones (dusk, flood-lit places, day) give a candidate at most: motion of bright things
in daylight makes specks too."""
_DUSK = 100
FLAGGED_S = 1.0
"""Sparkling seconds from which a night look is flagged (a flash train of a second, or two bursts); half of it is a candidate."""
_LIGHT = 1.5
_LIGHT_DUSK = 5.0
"""Luma that the transient lights add to the whole picture at their peak, from which they are no distant headlights."""
_FLICKER = 0.05
_SURGE = 3.0
"""Either the light flickers from frame to frame by this share, or its peak is so many times its ebb."""
_STEP_SHARE = 0.5
_STEP = 15
_REGULAR = 0.75
_SHAKING_PX = 1.0


@dataclass(slots=True)
class _Moment:
    at: float
    specks: int
    centres: NDArray[np.float64]


class Fireworks:
    """See :class:`detectors.Detector`."""

    kind = Kind.FIREWORKS
    rate_hz: float | None = _RATE_HZ

    def __init__(self, request: Request) -> None:
        self._ignored = [z for z in request.zones if z.kind in {ZoneKind.IGNORE, ZoneKind.PRIVATE}]
        self._sky = [z for z in request.zones if z.kind is ZoneKind.SKY]
        self._mask: NDArray[np.bool_] | None = None
        self._pictures: list[Image] = []
        self._medians: list[float] = []
        self._floor: NDArray[np.uint8] | None = None
        self._light: list[float] = []
        self._moments: list[_Moment] = []
        self._steps = 0
        self._shifts: list[float] = []
        self._first: float | None = None
        self._last = 0.0

    def glance(self, glance: Glance) -> Finding | None:  # noqa: ARG002 - nothing is plain yet
        """Always a full look."""
        return None

    def update(self, frame: Frame) -> None:
        """Compare a frame with the two before it; keeps two small pictures."""
        self._first = frame.at if self._first is None else self._first
        self._last = frame.at
        picture = frame.gray(_SIDE)
        if self._pictures and self._pictures[-1].shape != picture.shape:
            self._pictures.clear()
            self._floor = None
        self._medians.append(float(np.median(picture[::2, ::2])))
        # The floor of every pixel: what is never dark is a lamp or the moon, not a spark. It rises slowly, so that a
        # lamp switched on in mid-look becomes part of it.
        self._floor = picture.copy() if self._floor is None else np.minimum(cv2.add(self._floor, 1), picture)
        if len(self._pictures) == 2:
            self._compare(frame.at, picture)
        self._pictures = [*self._pictures, picture][-2:]

    def finish(self) -> Finding:
        """Judge the whole look."""
        seconds = self._last - (self._first or 0.0)
        luma = float(np.median(self._medians)) if self._medians else 0.0
        counts = np.array([m.specks for m in self._moments])
        sparkling = float((counts >= SPECKS).sum()) / _RATE_HZ
        light = np.array(self._light) if self._light else np.zeros(1)
        peak, ebb, usual = (float(v) for v in np.percentile(light, (95, 10, 50)))
        flicker = _flicker(light, usual)
        surge = peak / (ebb + 0.05)
        regular = _regularity(counts)
        shaking = len(self._shifts) >= 10 and float(np.median(self._shifts)) > _SHAKING_PX
        measured: dict[str, float | int | str | bool] = {
            "sparkling_s": round(sparkling, 2),
            "specks_most": int(counts.max()) if len(counts) else 0,
            "luma": round(luma, 1),
            "light_peak": round(peak, 2),
            "flicker": round(flicker, 3),
            "surge": round(surge, 1),
            "regular": round(regular, 2),
            "full_frame_steps": self._steps,
            "frames": len(self._medians),
            "seconds": round(seconds, 1),
            "camera_shakes": shaking,
        }
        verdict, why = _verdict(luma, sparkling, peak, flicker, surge, regular, shaking=shaking)
        words = f"sparks in {sparkling:.1f} of {seconds:.1f} s, {measured['specks_most']} at once at most{why}"
        if verdict is Verdict.CLEAR:
            if not len(counts) or not counts.any():
                words = "no sparks"
            return Finding(self.kind, verdict, round(min(0.4, sparkling / 4), 3), None, None, "whole", words, measured)
        best = max(self._moments, key=lambda m: m.specks)
        score = min(1.0, 0.45 + 0.15 * min(2.0, sparkling) + 0.05 * min(5.0, surge / _SURGE))
        score = score if verdict is Verdict.FLAGGED else min(score, 0.6)
        return Finding(
            self.kind, verdict, round(score, 3), best.at, _box(best.centres), self._zone_of(best), words, measured
        )

    def _compare(self, at: float, picture: Image) -> None:
        before, last = self._pictures
        change = cv2.absdiff(picture, last)
        if float((change > _STEP).mean()) > _STEP_SHARE:
            # Lightning, the infrared filter, exposure hunting: the whole picture, not a spark.
            self._steps += 1
            return
        assert self._floor is not None  # noqa: S101 - made by the first frame
        transient = cv2.subtract(picture, cv2.add(self._floor, 40))
        transient[picture <= 120] = 0
        mask = self._mask_for(picture)
        self._light.append(float(transient[mask].sum()) / picture.size)
        darkest = cv2.add(cv2.max(last, before), _ROSE)
        around = cv2.boxFilter(picture, cv2.CV_32F, (_WIDE, _WIDE))
        small = cv2.subtract(picture, cv2.medianBlur(picture, 9)) > _CONTRAST
        specks = (small & (picture > darkest) & (picture > _BRIGHT) & (around < _SURROUNDING) & mask).astype(np.uint8)
        count, _, stats, centres = cv2.connectedComponentsWithStats(specks, connectivity=8)
        kept = [i for i in range(1, count) if stats[i, cv2.CC_STAT_AREA] <= _LARGEST]
        size = np.array([picture.shape[1], picture.shape[0]], np.float64)
        self._moments.append(_Moment(at, len(kept), centres[kept] / size))
        if len(self._moments) % 3 == 0:
            self._shake(last, picture)

    def _shake(self, last: Image, picture: Image) -> None:
        # Lamps stand still where the camera does: below the sparks there is always something that can be compared.
        one, other = (cv2.min(p, 160).astype(np.float32) for p in (last, picture))
        (dx, dy), sure = cv2.phaseCorrelate(one, other, cv2.createHanningWindow(one.shape[::-1], cv2.CV_32F))
        if sure > 0.3:
            self._shifts.append(float(np.hypot(dx, dy)))

    def _mask_for(self, picture: Image) -> NDArray[np.bool_]:
        if self._mask is None or self._mask.shape != picture.shape:
            rows, columns = picture.shape
            mask = np.ones((rows, columns), bool)
            for zone in self._ignored:
                mask &= ~zone.mask(rows, columns)
            self._mask = mask
        return self._mask

    def _zone_of(self, moment: _Moment) -> str:
        for zone in self._sky:
            mask = zone.mask(100, 100)
            inside = [mask[min(99, int(y * 100)), min(99, int(x * 100))] for x, y in moment.centres]
            if inside and float(np.mean(inside)) >= 0.5:
                return zone.name
        return "whole"


def _verdict(
    luma: float, sparkling: float, peak: float, flicker: float, surge: float, regular: float, *, shaking: bool
) -> tuple[Verdict, str]:
    alive = flicker >= _FLICKER or surge >= _SURGE
    if not alive or sparkling < FLAGGED_S / 2:
        return Verdict.CLEAR, ""
    if luma >= _DUSK or (luma >= NIGHT and peak < _LIGHT_DUSK) or peak < _LIGHT / 2:
        return Verdict.CLEAR, ""
    if luma >= NIGHT:
        return Verdict.CANDIDATE, "; the scene is too bright to be sure"
    if regular >= _REGULAR:
        return Verdict.CANDIDATE, "; they come as regularly as a lamp that blinks"
    if shaking:
        return Verdict.CANDIDATE, "; the camera shakes, lamps may look like sparks"
    if sparkling < FLAGGED_S or peak < _LIGHT:
        return Verdict.CANDIDATE, "; too few to be sure"
    return Verdict.FLAGGED, ""


def _flicker(light: NDArray[np.float64], usual: float) -> float:
    """Share by which the light differs from the mean of its neighbours in time, median over frames."""
    if len(light) < 3:
        return 0.0
    return float(np.median(np.abs(light[1:-1] - (light[:-2] + light[2:]) / 2)) / (usual + 0.05))


def _regularity(counts: NDArray[np.int64]) -> float:
    """Highest autocorrelation at 0.25 to 2 s, in [0, 1]: a strobe comes near 1."""
    if len(counts) < 3 * _RATE_HZ:
        return 0.0
    series = counts - counts.mean()
    power = float((series * series).mean())
    if power < 1.0:
        return 0.0
    lags = range(3, min(int(2 * _RATE_HZ), len(series) // 2))
    return max((float((series[lag:] * series[:-lag]).mean()) / power for lag in lags), default=0.0)


def _box(centres: NDArray[np.float64]) -> Box | None:
    if len(centres) == 0:
        return None
    left, top = np.percentile(centres, 5, axis=0)
    right, bottom = np.percentile(centres, 95, axis=0)
    return (
        float(max(0.0, left - 0.02)),
        float(max(0.0, top - 0.02)),
        float(min(1.0, right + 0.02)),
        float(min(1.0, bottom + 0.02)),
    )
