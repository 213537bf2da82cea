"""From answers to figures: recall, precision, false flags, each with its interval and the sources it rests on. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

from detectors import Finding, Kind, Verdict
from patrol.evaluation.looks import Piece
from patrol.intervals import interval


@dataclass(frozen=True, slots=True)
class Answer:
    """What one detector said of one look, beside what the clip shows.

    Attributes:
        piece: the look.
        kind: what was looked for.
        finding: None: no answer, which is never a ``clear``.
        absent: why there is no finding.
        seconds: media time that was looked at.
        inspected: whether the look was one; False: no picture, or one that is no proof, so that nothing was asked of it.
    """

    piece: Piece
    kind: Kind
    finding: Finding | None
    absent: str = ""
    seconds: float = 0.0
    inspected: bool = True

    @property
    def verdict(self) -> Verdict | None:
        """The finding's; None where there is none."""
        return self.finding.verdict if self.finding is not None else None

    @property
    def reason(self) -> str:
        """The finding's sentence, or why there is none."""
        return self.finding.reason if self.finding is not None else self.absent

    @property
    def positive(self) -> bool:
        """Whether the clip shows it."""
        return self.kind in self.piece.clip.shows

    @property
    def error(self) -> str | None:
        """``missed``, ``candidate_only``, ``false_flag`` or ``false_candidate``; None: right, or no answer."""
        if self.verdict is None:
            return None
        if self.positive:
            return {Verdict.CLEAR: "missed", Verdict.CANDIDATE: "candidate_only"}.get(self.verdict)
        return {Verdict.FLAGGED: "false_flag", Verdict.CANDIDATE: "false_candidate"}.get(self.verdict)


@dataclass(frozen=True, slots=True)
class Share:
    """A share that was counted.

    Attributes:
        hits, of: counted looks.
        low, high: 95 % interval, as if the looks were independent; None where there are none.
        sources: how many sources the looks come from. Looks of one source are alike: the fewer, the less the interval says.
        least, most: lowest and highest share with the looks of one source left out; None with fewer than two sources.
    """

    hits: int
    of: int
    low: float | None
    high: float | None
    sources: int
    least: float | None
    most: float | None

    @property
    def value(self) -> float | None:
        """The share in [0, 1]; None where there is nothing to count."""
        return self.hits / self.of if self.of else None


@dataclass(frozen=True, slots=True)
class Figures:
    """The figures of one detector on one set of looks.

    Attributes:
        positive, negative: looks that were answered, by what the clip shows.
        positive_unanswered, negative_unanswered: looks without an answer; they are in no share.
        recall: positives that were flagged.
        recall_candidate: positives that were flagged or at least candidates (a follow-up look is made of those).
        precision: of what was flagged, what shows it. Depends on how many positives the list holds.
        false_flags: negatives that were flagged.
        false_candidates: negatives that were candidates.
    """

    positive: int
    negative: int
    positive_unanswered: int
    negative_unanswered: int
    recall: Share
    recall_candidate: Share
    precision: Share
    false_flags: Share
    false_candidates: Share


@dataclass(frozen=True, slots=True)
class KindFigures:
    """One detector's figures on real or on synthetic footage: all, by day and night, by source."""

    kind: Kind
    synthetic: bool
    all: Figures
    by_day_night: Mapping[str, Figures]
    by_source: Mapping[str, Figures]


def score(answers: Iterable[Answer]) -> tuple[KindFigures, ...]:
    """The figures of each detector; real footage first, synthetic apart from it, never both in one figure."""
    sets: dict[tuple[bool, Kind], list[Answer]] = {}
    for answer in answers:
        sets.setdefault((answer.piece.clip.synthetic, answer.kind), []).append(answer)
    order = list(Kind)
    return tuple(
        KindFigures(
            kind,
            synthetic,
            figures(of),
            _by(of, lambda answer: answer.piece.clip.day_night),
            _by(of, lambda answer: answer.piece.clip.source),
        )
        for (synthetic, kind), of in sorted(sets.items(), key=lambda item: (item[0][0], order.index(item[0][1])))
    )


def figures(answers: Sequence[Answer]) -> Figures:
    """The figures of one detector's answers.

    Raises:
        ValueError: they are of several detectors, or mix real and synthetic footage.
    """
    if len({(answer.kind, answer.piece.clip.synthetic) for answer in answers}) > 1:
        raise ValueError("figures are of one detector, and of real or of synthetic footage")
    answered = [answer for answer in answers if answer.verdict is not None]
    positive = [answer for answer in answered if answer.positive]
    negative = [answer for answer in answered if not answer.positive]
    flagged = [answer for answer in answered if answer.verdict is Verdict.FLAGGED]
    unanswered = Counter(answer.positive for answer in answers if answer.verdict is None)
    return Figures(
        positive=len(positive),
        negative=len(negative),
        positive_unanswered=unanswered[True],
        negative_unanswered=unanswered[False],
        recall=share(positive, lambda answer: answer.verdict is Verdict.FLAGGED),
        recall_candidate=share(positive, lambda answer: answer.verdict is not Verdict.CLEAR),
        precision=share(flagged, lambda answer: answer.positive),
        false_flags=share(negative, lambda answer: answer.verdict is Verdict.FLAGGED),
        false_candidates=share(negative, lambda answer: answer.verdict is Verdict.CANDIDATE),
    )


def share(answers: Sequence[Answer], hit: Callable[[Answer], bool]) -> Share:
    """Count a share, and how far it moves when the looks of one source are left out (folds grouped by source)."""
    hits: Counter[str] = Counter()
    total: Counter[str] = Counter()
    for answer in answers:
        total[answer.piece.clip.source] += 1
        hits[answer.piece.clip.source] += hit(answer)
    all_hits, of = hits.total(), total.total()
    folds = [(all_hits - hits[source]) / (of - total[source]) for source in total] if len(total) > 1 else []
    low, high = interval(all_hits, of)
    return Share(all_hits, of, low, high, len(total), min(folds, default=None), max(folds, default=None))


def _by(answers: Sequence[Answer], key: Callable[[Answer], str]) -> dict[str, Figures]:
    parts: dict[str, list[Answer]] = {}
    for answer in answers:
        parts.setdefault(key(answer), []).append(answer)
    return {name: figures(part) for name, part in sorted(parts.items())}
