"""When somebody at the water is an angler, when he may be one, and when nobody can say: the rule, in one place.

docs/detectors-fishing.md has it in words, with its figures.
"""

from __future__ import annotations

from dataclasses import dataclass

from detectors._people import LIMITS, Limits, Person
from detectors._types import Box, Verdict

CROWD = 8
"""More people than this at once are a street or a beach: who stays there means nothing, and lines between bodies are no rods."""
_SHORTEST_S = 4.0
_NIGHT = 62
"""Median luma of a whole look below which it is night and an angler a candidate at most."""
_BATHER = 1.2
"""Height over width, in picture units, of a body in the water below which only head and shoulders show."""


@dataclass(frozen=True, slots=True)
class Answer:
    """A verdict, how sure it is in [0, 1], where and when (seconds) it shows best, None for nothing; and why."""

    verdict: Verdict
    score: float
    at: float | None
    box: Box | None
    words: str


@dataclass(frozen=True, slots=True)
class Somebody:
    """One person of a look; whether he is at the water, and whether water is all around him."""

    person: Person
    at_water: bool
    surrounded: bool


@dataclass(frozen=True, slots=True)
class Bank:
    """What was seen of a bank between two cuts.

    Attributes:
        people: everybody.
        crowd: how many at once, median.
        boats: ``(seconds, box)`` of boats with people on the water; ``moments``: how often boats were looked for.
        begun, ended: seconds.
        aspect: width of the picture over its height.
        water_known: where water is, is known; ``water_drawn``: because somebody drew it; ``water_told``: the model could have found some.
        rods_allowed: rods that one may use here, None: fishing is forbidden.
        luma: median of the whole look.
        limits: from where on somebody stays, and holds a rod.
    """

    people: tuple[Somebody, ...]
    crowd: float
    boats: tuple[tuple[float, Box], ...]
    moments: int
    begun: float
    ended: float
    aspect: float
    water_known: bool
    water_drawn: bool
    water_told: bool
    rods_allowed: int | None
    luma: float
    limits: Limits = LIMITS

    @property
    def seconds(self) -> float:
        """How long it was."""
        return self.ended - self.begun

    @property
    def staying(self) -> list[Somebody]:
        """Who stays, at the water where that is known."""
        stay = [s for s in self.people if s.person.stays(self.begun, self.ended, self.aspect, self.limits)]
        return [s for s in stay if s.at_water] if self.water_known else stay

    @property
    def anglers(self) -> list[Person]:
        """Who stays and holds a rod."""
        return [s.person for s in self.staying if s.person.holds_rod(doubly=self._water_missing, limits=self.limits)]

    def verdict(self) -> Answer:
        """The strongest of what shows."""
        anglers, staying = self.anglers, self.staying
        for answer in (self._of_anglers(anglers, len(staying)), self._of_boats(), self._of_staying(staying)):
            if answer is not None:
                return self._doubted(answer)
        words = "nobody stays at the water" if self.people else "nobody in sight"
        if anglers:
            words = f"leisure angling is allowed here: {len(anglers)} with {self.rods_allowed} rod(s) each at most"
        return Answer(Verdict.CLEAR, 0.0, None, None, words)

    @property
    def _water_missing(self) -> bool:
        return self.water_told and not self.water_known

    def _of_anglers(self, anglers: list[Person], staying: int) -> Answer | None:
        if self.rods_allowed is not None:
            anglers = [p for p in anglers if p.rods_at_once() > self.rods_allowed]
        if not anglers:
            return None
        best = max(anglers, key=lambda p: p.trained + len(p.rods))
        frames = len({at for at, _ in best.rods})
        words = f"{len(anglers)} of {staying} persons who stay hold a rod (seen in {frames} of {best.looked} frames"
        words += f", by the model in {best.trained})" if best.trained else ")"
        if self.rods_allowed is not None:
            words += f"; {best.rods_at_once()} rods at once, {self.rods_allowed} allowed"
        at = best.rods[0][0] if best.rods else best.times[0]
        if self._water_missing:
            words = f"{words}; no water is found in the picture"
            return Answer(Verdict.CANDIDATE, 0.5, at, best.with_rods(), words)
        share = min(1.0, (frames + best.trained) / max(best.looked, 1))
        return Answer(Verdict.FLAGGED, 0.6 + 0.35 * share, at, best.with_rods(), words)

    def _of_boats(self) -> Answer | None:
        if len(self.boats) < max(2, 0.4 * self.moments):
            return None
        at, box = self.boats[0]
        if self.water_drawn:
            return Answer(Verdict.FLAGGED, 0.7, at, box, "a boat with people on closed water")
        words = "a boat with people; no water is drawn, so nobody knows whether it is closed"
        return Answer(Verdict.CANDIDATE, 0.4, at, box, words)

    def _of_staying(self, staying: list[Somebody]) -> Answer | None:
        # Where fishing with a rod is allowed, who merely stays does nothing that is forbidden.
        if not self.water_known or self.crowd > CROWD or self.rods_allowed is not None:
            return None
        upright = [s.person for s in staying if not self._bathes(s)]
        if not upright:
            return None
        best = max(upright, key=lambda p: len(p.boxes))
        words = f"{len(upright)} person(s) stay at the water, no rod seen"
        return Answer(Verdict.CANDIDATE, 0.45, best.times[0], best.box, words)

    def _bathes(self, somebody: Somebody) -> bool:
        left, top, right, bottom = somebody.person.box
        return (bottom - top) < _BATHER * (right - left) * self.aspect and somebody.surrounded

    def _doubted(self, answer: Answer) -> Answer:
        """A flag that one look cannot give is a candidate."""
        if answer.verdict is not Verdict.FLAGGED:
            return answer
        if self.seconds < _SHORTEST_S:
            words = f"{answer.words}; {self.seconds:.1f} s are too short to tell who stays"
            return Answer(Verdict.CANDIDATE, min(answer.score, 0.5), answer.at, answer.box, words)
        if self.luma < _NIGHT:
            words = f"{answer.words}; by night a candidate at most"
            return Answer(Verdict.CANDIDATE, min(answer.score, 0.55), answer.at, answer.box, words)
        return answer
