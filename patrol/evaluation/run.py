"""Makes the looks of an evaluation, one after the other, and sets each answer beside what the clip shows."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime

from detectors import Kind, Model
from patrol.evaluation.looks import Piece, Plan
from patrol.evaluation.manifest import Manifest
from patrol.evaluation.score import Answer, KindFigures, score
from patrol.visits import Outcome, VisitOrder, VisitReport, make_look


@dataclass(frozen=True, slots=True)
class Evaluation:
    """An evaluation, whole.

    Attributes:
        manifest: the list.
        only: the text that a clip's name had to hold to be looked at, None: all were.
        kinds: what was looked for.
        dwell_s, cut_s: as :func:`patrol.evaluation.looks.plan` took them.
        model: name of the model, None where there was none; ``model_problem`` says why.
        plan: the looks that were made.
        answers: one for each look and kind.
        started_at: UTC.
        wall_s: how long the looks took.
    """

    manifest: Manifest
    only: str | None
    kinds: tuple[Kind, ...]
    dwell_s: float
    cut_s: float | None
    model: str | None
    model_problem: str | None
    plan: Plan
    answers: tuple[Answer, ...]
    started_at: datetime
    wall_s: float

    @property
    def figures(self) -> tuple[KindFigures, ...]:
        """See :func:`patrol.evaluation.score.score`."""
        return score(self.answers)

    @property
    def wrong(self) -> tuple[Answer, ...]:
        """Every wrong answer, in the order of the list."""
        return tuple(answer for answer in self.answers if answer.error is not None)

    @property
    def unanswered(self) -> tuple[Answer, ...]:
        """Every question without an answer, in the order of the list."""
        return tuple(answer for answer in self.answers if answer.verdict is None)


def look_at_all(
    pieces: Iterable[Piece], kinds: tuple[Kind, ...], model: Model | None, model_problem: str | None
) -> Iterator[tuple[Answer, ...]]:
    """Look at each piece as ``patrol visit`` would, no zones drawn, no rule, nothing kept; the answers of each."""
    for number, piece in enumerate(pieces):
        order = VisitOrder(
            id=f"eval-{number}",
            source=str(piece.clip.file),
            dwell_s=piece.dwell_s,
            start_s=piece.start_s,
            detectors=kinds,
        )
        yield answers(piece, kinds, make_look(order, model, model_problem))


def answers(piece: Piece, kinds: Iterable[Kind], report: VisitReport) -> tuple[Answer, ...]:
    """What one look answers: one answer a kind, also where there is none."""
    return tuple(_answer(piece, kind, report) for kind in kinds)


def _answer(piece: Piece, kind: Kind, report: VisitReport) -> Answer:
    if report.outcome is not Outcome.INSPECTED:
        cause = f" ({report.cause.value})" if report.cause else ""
        detail = f": {report.detail}" if report.detail else ""
        return Answer(piece, kind, None, f"{report.outcome.value}{cause}{detail}", report.seconds, inspected=False)
    found = next((finding for finding in report.findings if finding.kind is kind), None)
    why = ""
    if found is None:
        why = next((absent.reason for absent in report.not_run if absent.kind == kind.value), "no finding was made")
        why = f"not run: {why}"
    return Answer(piece, kind, found, why, report.seconds)
