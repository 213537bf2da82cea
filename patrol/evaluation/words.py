"""What the figures are called, and how they are written: for the terminal in English, for the page in both languages."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from patrol.evaluation.looks import Piece
from patrol.evaluation.run import Evaluation
from patrol.evaluation.score import Answer, Figures, KindFigures, Share


@dataclass(frozen=True, slots=True)
class Measure:
    """One figure. ``per`` is what a share is multiplied by when it is told: 100 for per cent, 1000 for a thousand looks."""

    key: str
    en: str
    zh: str
    of: Callable[[Figures], Share]
    per: int = 100


MEASURES = (
    Measure("recall_flagged", "recall, flagged", "召回率（报警）", lambda f: f.recall),
    Measure("recall_candidate", "recall, candidate or flagged", "召回率（疑似或报警）", lambda f: f.recall_candidate),
    Measure("precision_flagged", "precision, flagged", "精确率（报警）", lambda f: f.precision),
    Measure("false_flags_per_1000", "false flags per 1,000 looks", "每千次巡查误报", lambda f: f.false_flags, 1000),
    Measure(
        "false_candidates_per_1000",
        "false candidates per 1,000 looks",
        "每千次巡查误疑似",
        lambda f: f.false_candidates,
        1000,
    ),
)
KINDS_ZH = {"congestion": "拥堵", "fireworks": "烟花爆竹", "fishing": "垂钓捕捞"}
VERDICTS_ZH = {"clear": "正常", "candidate": "疑似", "flagged": "报警"}
ERRORS = {
    "missed": ("missed", "漏报"),
    "candidate_only": ("candidate only, not flagged", "仅疑似，未报警"),
    "false_flag": ("false flag", "误报"),
    "false_candidate": ("false candidate", "误疑似"),
}


def footage(synthetic: bool) -> tuple[str, str]:
    """What a set of clips is called, in English and Chinese."""
    return ("synthetic footage", "合成画面") if synthetic else ("real footage", "真实画面")


def amount(share: Share, per: int) -> str:
    """``66.7 %``, or ``20.8`` of 1,000; ``–`` where nothing was counted."""
    if share.value is None:
        return "–"
    return f"{100 * share.value:.1f} %" if per == 100 else f"{per * share.value:.1f}"


def bounds(low: float | None, high: float | None, per: int) -> str:
    """``20.8 to 93.9``, in the unit of :func:`amount`."""
    return "–" if low is None or high is None else f"{per * low:.1f} to {per * high:.1f}"


def lines(evaluation: Evaluation) -> list[str]:
    """The figures for a terminal."""
    clips = {piece.clip.name for piece in evaluation.plan.pieces}
    told = [
        (
            f"{evaluation.manifest.file.name}: {len(clips)} clips, {len(evaluation.plan.pieces)} looks,"
            f" {len({piece.clip.source for piece in evaluation.plan.pieces})} sources, {evaluation.wall_s:.0f} s"
        )
    ]
    if evaluation.unanswered:
        told.append(f"NO ANSWER to {len(evaluation.unanswered)} of {len(evaluation.answers)} questions; in no figure:")
        told += [
            f"  {kind:<11} {looks[0] if len(looks) == 1 else f'{len(looks)} looks'}: {reason}"
            for (kind, reason), looks in reasons(evaluation.unanswered).items()
        ]
    for found in evaluation.figures:
        told += _of_kind(found)
    if evaluation.wrong:
        told.append("")
        told.append(f"{len(evaluation.wrong)} wrong answers:")
        told += [
            f"  {a.kind.value:<11} {ERRORS[a.error or ''][0]:<28} {name(a.piece)}: {a.reason}" for a in evaluation.wrong
        ]
    told.append("")
    told.append(_passed_over(evaluation))
    return told


def reasons(unanswered: Iterable[Answer]) -> dict[tuple[str, str], list[str]]:
    """Looks without an answer by kind and reason: one missing model is one line, not one a look."""
    found: dict[tuple[str, str], list[str]] = {}
    for answer in unanswered:
        found.setdefault((answer.kind.value, answer.reason), []).append(name(answer.piece))
    return found


def name(piece: Piece) -> str:
    """A look's name: the clip's, and which piece of it."""
    end = f"[{piece.start_s:g} s, {piece.number} of {piece.of}]"
    return f"{piece.clip.name} {end}" if piece.of > 1 else piece.clip.name


def _of_kind(found: KindFigures) -> list[str]:
    told = ["", f"{found.kind.value}, {footage(found.synthetic)[0]}"]
    parts = {"all": found.all}
    if len(found.by_day_night) > 1:
        parts |= dict(found.by_day_night)
    for part, figures in parts.items():
        unanswered = figures.positive_unanswered + figures.negative_unanswered
        told.append(
            f"  {part}: {figures.positive} positive looks, {figures.negative} negative, {unanswered} without an answer"
        )
        for measure in MEASURES:
            share = measure.of(figures)
            if not share.of:
                told.append(f"    {measure.en:<33} {'–':>8}")
                continue
            folds = ""
            if share.least is not None:
                folds = f"; {bounds(share.least, share.most, measure.per)} without one of them"
            told.append(
                f"    {measure.en:<33} {amount(share, measure.per):>8}  95 % {bounds(share.low, share.high, measure.per):<16}"
                f" {share.hits} of {share.of}, {share.sources} source{'' if share.sources == 1 else 's'}{folds}"
            )
    told.append("  by source: flagged of positive looks; false flags and false candidates of negative looks")
    for source, figures in found.by_source.items():
        told.append(
            f"    {source}: {figures.recall.hits}/{figures.recall.of}; {figures.false_flags.hits}"
            f" and {figures.false_candidates.hits}/{figures.false_flags.of}"
        )
    return told


def _passed_over(evaluation: Evaluation) -> str:
    others = ", ".join(f"{count} {suffix}" for suffix, count in evaluation.manifest.passed_over.items()) or "none"
    unselected = len(evaluation.manifest.clips) - len({piece.clip.name for piece in evaluation.plan.pieces})
    return (
        f"passed over: rows that are no video: {others}; clips not asked for: {unselected};"
        f" {evaluation.plan.left_out_s:.1f} s of cut clips too short for a look"
    )
