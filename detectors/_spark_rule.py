"""When the flashes of a look are fireworks, when they are something else, and when nobody can say: the rule, in one place.

Thresholds come from drawn scenes (tests/support/sparks/) and the clips of one source; docs/detectors-fireworks.md has both.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from detectors._bursts import Story
from detectors._types import Verdict

NIGHT = 75.0
DUSK = 95.0
"""Luma of a dark scene without its flashes, and of dusk or a flood-lit place. What is brighter than night gives a candidate at
most, by day only for a train of white flashes: things that move glint by the dozen."""
CANDIDATE_S = 0.5
_STRONG_LIGHT = 5.0
"""Seconds of sparks from which a dark look is a candidate; light that adds 5 luma to the whole picture is no distant lamp."""
_SHORTEST_S = 1.0
"""A look shorter than that is never flagged."""
BURSTS = 2
FLICKER = 0.035
_TRAIN_S = 1.0
_TRAIN_FLICKER = 0.2
_SLOW_S = 0.105
_SPUTTER = 0.03
_CLOSE_S = 1.0
_FLAT = 0.3
_TRAVELS = 0.3
_TRAVELS_FLICKER = 0.15
"""Traffic at night and stage lights flicker by 0.025 and less from frame to frame; fountains and flares by 0.048 and more;
crackers by 0.4. Glints of a car move on together in half of all half seconds, sparks of one source in at most 0.08;
the shots of a cake do too, but they flicker."""
_TRAIN_DRIFT = 0.8
"""A lamp that passes behind trees wanders steadily."""
_DARKENS = 0.65
"""Fire, crowds and traffic by day darken places as often as they brighten them (0.7 to 1.4), fireworks at most 0.56."""
_ALTERNATES = 0.3
_ALTERNATES_CLOSE = 0.5
_ALTERNATES_FEW = 0.22
_CLOSE = 0.09
_STILL_PX = 1.5
"""Signs and mirrored lamps alternate by 0.4 and more. So does a small fountain, whose sparks lie too close together."""
_FILLS = (0.2, 0.1)
_FROM_NOWHERE = 0.4
_ONE_WAY = 0.9
"""Specks spread evenly over a picture have a standard deviation of 0.29 of its width."""
_REGULAR = 0.7
_CUTS = 2
_CUT_FLICKER = 0.3
_STEPS_PER_S = 1.0
_BLUE = 20.0
"""An arc: light that is even and then gone in two frames, twice; or steps of the whole picture more than once a second; or blue
above red by 20 luma where it shines (welding 29 to 68, sparks of any clip at most 12)."""


@dataclass(frozen=True, slots=True)
class Limits:
    """From where on a dark look is flagged: the thresholds of the four ways to a flag. ``bench/folds.py`` sets them anew without the source
    that it judges.

    Attributes:
        train_s, train_flicker, train_spread: a string of crackers flickers and hops about by pixels; a strobe stands.
        bursts_s, burst_flat, burst_darkens: two bursts and so many seconds of sparks. Cars that come in a bunch spread wide and
            flat (height below 0.25 of the width; shells 0.5 and more), and darken the road as they pass (0.5 and more; shells
            0.1, 0.3 where the camera shakes).
        sparks_s, sparks_flicker: so many seconds of sparks that flicker, ``strong_s`` where their light is ``strong_light``: its own
            smoke hides most of them.
        crowded_s, crowd_size, crowd_light, crowd_darkens, crowd_alternates: seconds of a picture full of small sparks: nothing but
            light, none of it missing for a moment. Stage beams are 70 px a piece; lamps of a shaken town alternate by 0.17 and more.
    """

    train_s: float = _TRAIN_S
    train_flicker: float = _TRAIN_FLICKER
    train_spread: float = 2.5
    bursts_s: float = 0.7
    burst_flat: float = 0.4
    burst_darkens: float = 0.4
    sparks_s: float = 1.0
    sparks_flicker: float = FLICKER
    strong_s: float = 0.6
    strong_light: float = _STRONG_LIGHT
    crowded_s: float = 1.0
    crowd_size: float = 10.0
    crowd_light: float = 2.0
    crowd_darkens: float = 0.2
    crowd_alternates: float = 0.12


LIMITS = Limits()


@dataclass(frozen=True, slots=True)
class Look:
    """What is known of a look when it is judged.

    Attributes:
        story: what its flashes tell.
        seconds: how long it was.
        grey: the picture has no colour (infrared light).
        blue: how far blue stands above red where it shines, luma.
        limits: from where on it is flagged.
    """

    story: Story
    seconds: float
    grey: bool
    blue: float
    limits: Limits = LIMITS

    def verdict(self) -> tuple[Verdict, str]:
        """What it is, and a sentence a person can check against the clip."""
        seen = self._seen()
        if self.innocent:
            return Verdict.CLEAR, self.innocent
        shown = self.shown
        if self.story.darkness >= NIGHT:
            if self.by_day:
                return (
                    Verdict.CANDIDATE,
                    f"white flashes at one place for {self.story.train_white_s:.1f} s; by day that is not sure",
                )
            if self.story.darkness < DUSK and shown is not None:
                return Verdict.CANDIDATE, f"{shown}: {seen}; the scene is too bright to be sure"
            return Verdict.CLEAR, "by day, no train of white flashes at one place"
        if shown is None:
            if self.maybe:
                return Verdict.CANDIDATE, f"{seen}; too little to be sure"
            return (
                Verdict.CLEAR,
                "no sparks" if not self.story.counts.any() else f"{seen}; they neither burst nor flicker as sparks do",
            )
        doubt = self.doubt
        if doubt is not None:
            return Verdict.CANDIDATE, f"{seen}; {doubt}"
        return Verdict.FLAGGED, f"{shown}: {seen}"

    def _seen(self) -> str:
        most = int(self.story.counts.max()) if len(self.story.counts) else 0
        return f"sparks in {self.story.sparkling_s:.1f} of {self.seconds:.1f} s, {most} at once at most"

    @property
    def innocent(self) -> str:
        """Why what flashes is certainly something else, empty where that cannot be said."""
        s = self.story
        fills = s.wide >= _FILLS[0] and s.high >= _FILLS[1]
        if fills and s.one_way >= _ONE_WAY:
            return "streaks that all lie one way, all over the picture: rain or snow"
        if fills and s.fresh >= _FROM_NOWHERE:
            return "specks from nowhere all over the picture: insects, rain or snow near the lens"
        still = s.shift < _STILL_PX and s.bursts < BURSTS and not self._close
        if still and s.alternates >= _ALTERNATES and s.darkness < NIGHT:
            return "lights that come back where they were, again and again: signs or mirrored lamps"
        return ""

    @property
    def _close(self) -> bool:
        return self.story.close_s >= CANDIDATE_S or float(np.hypot(self.story.wide, self.story.high)) < _CLOSE

    @property
    def shown(self) -> str | None:
        """What kind of fireworks the numbers show, None for none."""
        s, limits = self.story, self.limits
        if s.darkens >= _DARKENS:
            return None
        if self.train:
            return "flash train"
        pops = s.high >= limits.burst_flat * s.wide and s.darkens < limits.burst_darkens
        if pops and s.bursts >= BURSTS and s.sparkling_s >= limits.bursts_s:
            return f"{s.bursts} bursts"
        enough = s.sparkling_s >= (limits.strong_s if s.light_peak >= limits.strong_light else limits.sparks_s)
        stays = s.travels < _TRAVELS or s.flicker >= _TRAVELS_FLICKER
        if enough and stays and s.flicker >= self._flicker and s.high >= _FLAT * s.wide:
            return "sparks that flicker"
        small = s.size <= limits.crowd_size and s.light_peak >= limits.crowd_light and not self.grey
        only_light = s.darkens <= limits.crowd_darkens and s.alternates <= limits.crowd_alternates
        if small and only_light and s.crowded_s >= limits.crowded_s:
            return "a picture full of sparks"
        return None

    @property
    def _flicker(self) -> float:
        # What moves smoothly strays from a straight line by the square of the time between frames.
        return self.limits.sparks_flicker * max(1.0, self.story.step_s / _SLOW_S) ** 2

    @property
    def train(self) -> bool:
        s, limits = self.story, self.limits
        hops = s.train_spread >= limits.train_spread and s.train_drift < _TRAIN_DRIFT
        return (
            s.train_s >= limits.train_s and s.flicker >= limits.train_flicker and s.sparkling_s >= CANDIDATE_S and hops
        )

    @property
    def maybe(self) -> bool:
        """Whether there is something of it."""
        s = self.story
        if s.darkens >= _DARKENS:
            return False
        lively = s.flicker >= FLICKER or s.bursts >= 1
        sputters = s.sputter >= _SPUTTER and (s.light_peak >= _STRONG_LIGHT or s.close_s >= _CLOSE_S)
        return (s.sparkling_s >= CANDIDATE_S and lively) or s.bursts >= 1 or sputters or s.train_white_s >= _TRAIN_S

    @property
    def by_day(self) -> bool:
        s = self.story
        return s.train_white_s >= _TRAIN_S and s.flicker >= _TRAIN_FLICKER and s.darkens < _DARKENS

    @property
    def doubt(self) -> str | None:
        """Why it is not flagged although it shows."""
        s = self.story
        if self.seconds < _SHORTEST_S:
            return "the look is too short"
        if s.steps > _STEPS_PER_S * self.seconds:
            return "the whole picture keeps changing with them, as by an arc or lightning"
        if s.cuts >= _CUTS and s.flicker < _CUT_FLICKER:
            return "their light is cut off at once, as an arc's"
        if self.blue >= _BLUE and s.bursts < BURSTS and not self.train:
            return "their light is blue-white, as an arc's"
        if s.regular >= _REGULAR:
            return "they come as regularly as a lamp that blinks"
        few = s.bursts < BURSTS and not self.train
        if s.alternates >= (_ALTERNATES_CLOSE if self._close else _ALTERNATES_FEW if few else _ALTERNATES):
            return "they come back where they were, as signs and mirrored lamps do"
        return None
