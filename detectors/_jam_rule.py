"""When a look at traffic is a jam, when it may be one, and when it is none: the rule, in one place.

Thresholds come from published figures, drawn streets and hand-made tracks; docs/detectors-congestion.md has them, and what is left of the
verdicts when a source is judged by thresholds set without it.
"""

from __future__ import annotations

from dataclasses import dataclass

from detectors._types import Verdict

CRAWLING = 0.5
"""Vehicle lengths a second below which traffic crawls: about 8 km/h."""
BARELY = 0.15
STEPS_WHOLE = ((0.18, 4), (0.08, 8), (0.04, 14))
STEPS_ROAD = ((0.18, 4), (0.12, 8))
"""``(share of the picture or of the road covered by vehicles, vehicles)``: any pair is a packed road. Near vehicles are few and
large, far ones many and small; zones are drawn on the carriageway, so there the share is soon reached."""
FEW = 4
"""Fewer vehicles than this are never a queue."""
SHORTEST_S = 4.0
"""Three moments two seconds apart."""
SHAKING = 0.02
"""Camera motion, shares of the picture's width a second, above which speeds are not trusted."""
_MOST_IDLE, _IDLE_ASKS = 0.8, 1.5
"""Where so many of those that stand never stir, they may be parked: half as many again make a packed road."""
_SOME_STAND = 0.3


@dataclass(frozen=True, slots=True)
class Limits:
    """From where on a look is a jam. ``bench/folds.py`` sets them anew without the source that it judges.

    Attributes:
        stand: share of vehicles that stand; of dense traffic that rolls, hand-made tracks have 7 to 29 %.
        barely, flows: or so many barely move (``BARELY`` lengths a second), and at most so many drive freely: stop and go.
        crowd: what both numbers of the steps of a packed road are multiplied with.
    """

    stand: float = 0.6
    barely: float = 0.75
    flows: float = 0.1
    crowd: float = 1.0


LIMITS = Limits()


@dataclass(frozen=True, slots=True)
class Traffic:
    """One look in numbers.

    Attributes:
        vehicles: how many, median of the moments or places where one stood.
        occupancy: share of the road that they cover.
        stopped: share of all vehicles that stand; ``standing`` leaves out those that are parked.
        barely: share that move less than ``BARELY`` lengths a second; ``flowing``: that drive freely.
        speed: median, vehicle lengths a second, below 0 for unknown.
        parked: how many, not counted in ``vehicles``.
        idle: of those that stand, the share that never stirred.
        drift: motion of the camera, shares of the picture's width a second.
        seconds: how long the look was.
        steps: ``STEPS_ROAD`` where the road is known, else ``STEPS_WHOLE``.
        limits: from where on it is a jam.
    """

    vehicles: float
    occupancy: float
    stopped: float
    standing: float
    barely: float
    speed: float
    parked: float
    flowing: float
    idle: float
    drift: float
    seconds: float
    steps: tuple[tuple[float, int], ...] = STEPS_WHOLE
    limits: Limits = LIMITS

    def verdict(self) -> tuple[Verdict, str, str]:
        """The verdict; the state: free, slow, dense_moving, candidate, congested; and why a flag is doubted, else an empty text."""
        if not self.known:
            return Verdict.CLEAR, "free", ""
        creeps = self.barely >= self.limits.barely and self.flowing <= self.limits.flows
        if self._packed and (self.standing >= self.limits.stand or creeps):
            doubt = self._doubt
            return (Verdict.CANDIDATE, "candidate", doubt) if doubt else (Verdict.FLAGGED, "congested", "")
        slow = self.speed < CRAWLING and self.vehicles >= FEW
        queue = self.standing >= self.limits.stand or (self._packed and self.standing >= _SOME_STAND)
        if slow and queue and not self._doubt:
            return Verdict.CANDIDATE, "candidate", ""
        if self._packed and self.speed < 2 * CRAWLING:
            return Verdict.CLEAR, "dense_moving", ""
        return Verdict.CLEAR, "slow" if slow else "free", ""

    @property
    def known(self) -> bool:
        """Whether there is a vehicle of which the speed is known."""
        return self.speed >= 0 and self.vehicles >= 1

    @property
    def score(self) -> float:
        """How full and slow it is, in [0, 1]."""
        if not self.known:
            return 0.0
        crowd = min(1.0, self.vehicles / 12) * 0.5 + min(1.0, self.occupancy / 0.36) * 0.5
        slow = max(0.0, 1.0 - self.speed / (2 * CRAWLING)) * 0.5 + self.standing * 0.5
        return round(crowd * slow, 3)

    @property
    def _packed(self) -> bool:
        asked = self.limits.crowd * (_IDLE_ASKS if self.idle >= _MOST_IDLE else 1.0)
        return any(
            self.occupancy >= self.limits.crowd * share and self.vehicles >= asked * count
            for share, count in self.steps
        )

    @property
    def _doubt(self) -> str:
        if self.seconds < SHORTEST_S:
            return f"the look of {self.seconds:.1f} s is too short to tell a jam from a stop"
        return "the camera moves, speeds are not sure" if self.drift > SHAKING else ""
