"""The report of an evaluation: one HTML page and its pictures, in Chinese and English, readable without a network."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from html import escape
from pathlib import Path

from patrol.evaluation.pictures import picture_of
from patrol.evaluation.run import Evaluation
from patrol.evaluation.score import Answer, Figures, KindFigures, Share
from patrol.evaluation.words import ERRORS, KINDS_ZH, MEASURES, VERDICTS_ZH, amount, bounds, footage, name, reasons
from patrol.visits.evidence import jpeg, write_whole

_STYLE = """
body { font: 15px/1.5 system-ui, "Noto Sans CJK SC", "Microsoft YaHei", sans-serif; color: #1c2430; background: #f5f6f8;
  margin: 0 auto; max-width: 1120px; padding: 24px; }
h1 { font-size: 24px; margin: 0 0 4px; } h2 { font-size: 19px; margin: 36px 0 8px; } h3 { font-size: 16px; margin: 24px 0 6px; }
.en { color: #5a6675; font-weight: normal; } .note, .alarm { border-left: 4px solid #8a97a8; background: #fff; padding: 8px 14px; margin: 12px 0; }
.alarm { border-color: #c62828; background: #fdecec; }
table { border-collapse: collapse; background: #fff; width: 100%; font-variant-numeric: tabular-nums; }
th, td { border: 1px solid #dde2e8; padding: 6px 10px; text-align: left; vertical-align: top; }
th { background: #eceff3; font-weight: 600; } td small { color: #5a6675; display: block; } td b { font-size: 16px; }
.wide { overflow-x: auto; } details { margin: 8px 0; } summary { cursor: pointer; } .facts td:first-child { width: 30%; }
.cards { display: grid; grid-template-columns: repeat(auto-fill, minmax(340px, 1fr)); gap: 16px; }
.card { background: #fff; border: 1px solid #dde2e8; border-top: 4px solid #8a97a8; padding: 12px; overflow-wrap: anywhere; }
.card.missed, .card.false_flag, .card.none { border-top-color: #c62828; }
.card.candidate_only, .card.false_candidate { border-top-color: #e08a00; }
.card img { display: block; max-width: 100%; max-height: 380px; margin: 8px auto; }
.card p { margin: 6px 0; } .card table { font-size: 13px; } .card td { padding: 2px 6px; }
.nothing { background: #eceff3; color: #5a6675; padding: 60px 12px; text-align: center; margin: 8px 0; }
"""


def write_report(evaluation: Evaluation, folder: Path, step: Callable[[], None] = lambda: None) -> Path:
    """Write the report into a folder; ``step`` is called for each picture made.

    Returns:
        The page.

    Raises:
        OSError: it cannot be written.
    """
    cards: list[tuple[Answer, str]] = []
    for number, answer in enumerate(explained(evaluation), 1):
        cards.append((answer, _card(answer, _picture(answer, folder, number))))
        step()
    page = folder / "index.html"
    write_whole(page, _page(evaluation, cards).encode())
    return page


def explained(evaluation: Evaluation) -> tuple[Answer, ...]:
    """The answers that get a picture: one for each look that was none, and every wrong one."""
    failed = {name(answer.piece): answer for answer in evaluation.unanswered if not answer.inspected}
    return (*failed.values(), *evaluation.wrong)


def _picture(answer: Answer, folder: Path, number: int) -> str:
    shown = picture_of(answer)
    if shown is None:
        return '<p class="nothing">没有可解码的画面<br>no frame can be decoded</p>'
    file = f"{number:03}-{answer.kind.value}-{Path(answer.piece.clip.name).stem}.jpg"
    file = "".join(c if c.isascii() and (c.isalnum() or c in "-_.") else "_" for c in file)
    write_whole(folder / "pictures" / file, jpeg(shown.picture))
    within = f" = 片段 clip {answer.piece.start_s + shown.at:.1f} s" if answer.piece.start_s else ""
    return (
        f'<img src="pictures/{file}" alt="{escape(name(answer.piece))}" loading="lazy">'
        f'<p class="en">画面时刻 frame at {shown.at:.1f} s{within}</p>'
    )


def _page(evaluation: Evaluation, cards: list[tuple[Answer, str]]) -> str:
    parts = [
        "<h1>检测评估报告</h1>",
        '<p class="en">Evaluation of the detectors</p>',
        _note(
            "本报告含视频画面，须按视频资料同等管理。区间按各次巡查相互独立计算；同一来源的片段并不独立，真实不确定性更大。",
            "This report holds footage and must be treated like it. Intervals are 95 % (Wilson; rule of three where nothing was"
            " counted), as if looks were independent; looks of one source are not, so the truth is less certain than they say."
            " Precision holds for this list's mix of clips only.",
        ),
        _facts(evaluation),
    ]
    if evaluation.unanswered:
        parts.append(
            '<div class="alarm"><b>'
            f"{len(evaluation.unanswered)} / {len(evaluation.answers)} 个问题没有答案，不计入任何指标。</b><br>"
            f"<b>{len(evaluation.unanswered)} of {len(evaluation.answers)} questions have no answer; they are in no figure"
            " and never count as clear.</b></div>"
        )
        parts.append(_reasons(evaluation))
    for found in evaluation.figures:
        parts += _of_kind(found)
    parts.append(
        _cards("未成的巡查", "Looks that were none", [html for answer, html in cards if answer.finding is None])
    )
    for error, (en, zh) in ERRORS.items():
        parts.append(_cards(f"错误：{zh}", f"Wrong: {en}", [html for answer, html in cards if answer.error == error]))
    if not evaluation.wrong:
        parts.append(_note("没有错误答案。", "No wrong answer."))
    body = "\n".join(part for part in parts if part)
    return (
        '<!doctype html>\n<html lang="zh-CN"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1"><title>检测评估报告 Evaluation</title>'
        f"<style>{_STYLE}</style></head><body>\n{body}\n</body></html>\n"
    )


def _note(zh: str, en: str) -> str:
    return f'<div class="note">{escape(zh)}<br><span class="en">{escape(en)}</span></div>'


def _heading(level: int, zh: str, en: str) -> str:
    return f'<h{level}>{escape(zh)} <span class="en">{escape(en)}</span></h{level}>'


def _facts(evaluation: Evaluation) -> str:
    pieces = evaluation.plan.pieces
    clips = {piece.clip.name for piece in pieces}
    others = ", ".join(f"{count} {suffix}" for suffix, count in evaluation.manifest.passed_over.items()) or "0"
    cut = f"{evaluation.cut_s:g} s" if evaluation.cut_s is not None else "–"
    rows = (
        ("清单", "list", evaluation.manifest.file.name + (f" ({evaluation.only})" if evaluation.only else "")),
        ("开始时间（UTC）", "started (UTC)", evaluation.started_at.strftime("%Y-%m-%d %H:%M:%S")),
        ("模型", "model", evaluation.model or f"– ({evaluation.model_problem or 'none'})"),
        ("每次时长 / 切段", "dwell / cut", f"{evaluation.dwell_s:g} s / {cut}"),
        (
            "片段 / 巡查 / 来源",
            "clips / looks / sources",
            f"{len(clips)} / {len(pieces)} / {len({piece.clip.source for piece in pieces})}",
        ),
        ("略过：非视频行", "passed over: rows that are no video", others),
        ("略过：未选片段", "passed over: clips not asked for", str(len(evaluation.manifest.clips) - len(clips))),
        ("略过：不足一段的余量", "passed over: rests too short for a look", f"{evaluation.plan.left_out_s:.1f} s"),
    )
    told = "".join(
        f'<tr><td>{zh} <span class="en">{en}</span></td><td>{escape(value)}</td></tr>' for zh, en, value in rows
    )
    return f'<table class="facts">{told}</table>'


def _of_kind(found: KindFigures) -> list[str]:
    en, zh = footage(found.synthetic)
    kind = found.kind.value
    columns = {("全部", "all"): found.all}
    words = {"day": "白天", "night": "夜间"}
    columns |= {(words.get(part, part), part): figures for part, figures in found.by_day_night.items()}
    head = "".join(f'<th>{escape(zh)} <span class="en">{escape(en)}</span></th>' for zh, en in columns)
    rows = [
        _row("正样本 / 负样本 / 无答案", "looks: positive / negative / no answer", map(_looks, columns.values())),
        *(_row(m.zh, m.en, (_cell(m.of(figures), m.per) for figures in columns.values())) for m in MEASURES),
    ]
    sources = "".join(
        f"<tr><td>{escape(source)}</td><td>{_looks(figures)}</td>"
        f"<td>{_counted(figures.recall, 100)}</td><td>{_counted(figures.recall_candidate, 100)}</td>"
        f"<td>{_counted(figures.false_flags, 1000)}</td>"
        f"<td>{_counted(figures.false_candidates, 1000)}</td></tr>"
        for source, figures in found.by_source.items()
    )
    return [
        _heading(2, f"{KINDS_ZH.get(kind, kind)} · {zh}", f"{kind}, {en}"),
        f'<div class="wide"><table><tr><th>指标 <span class="en">figure</span></th>{head}</tr>{"".join(rows)}</table></div>',
        (
            '<details><summary>按来源 <span class="en">by source</span></summary>'
            '<div class="wide"><table><tr><th>来源 <span class="en">source</span></th>'
            '<th>正 / 负 / 无答案 <span class="en">+ / – / no answer</span></th>'
            '<th>召回率（报警） <span class="en">recall, flagged</span></th>'
            '<th>召回率（疑似或报警） <span class="en">recall, candidate or flagged</span></th>'
            '<th>每千次误报 <span class="en">false flags per 1,000</span></th>'
            '<th>每千次误疑似 <span class="en">false candidates per 1,000</span></th></tr>'
            f"{sources}</table></div></details>"
        ),
    ]


def _reasons(evaluation: Evaluation) -> str:
    rows = "".join(
        f"<tr><td>{KINDS_ZH.get(kind, kind)} {kind}</td><td>{escape(reason)}</td><td>{len(looks)}</td>"
        f"<td><details><summary>{escape(looks[0])}{' …' if len(looks) > 1 else ''}</summary>"
        f"{'<br>'.join(map(escape, looks))}</details></td></tr>"
        for (kind, reason), looks in reasons(evaluation.unanswered).items()
    )
    return (
        '<div class="wide"><table><tr><th>检测 <span class="en">detector</span></th>'
        '<th>原因 <span class="en">reason</span></th><th>巡查数 <span class="en">looks</span></th>'
        f'<th>片段 <span class="en">clips</span></th></tr>{rows}</table></div>'
    )


def _row(zh: str, en: str, cells: Iterable[str]) -> str:
    told = "".join(f"<td>{cell}</td>" for cell in cells)
    return f'<tr><td>{escape(zh)}<br><span class="en">{escape(en)}</span></td>{told}</tr>'


def _looks(figures: Figures) -> str:
    return f"{figures.positive} / {figures.negative} / {figures.positive_unanswered + figures.negative_unanswered}"


def _cell(share: Share, per: int) -> str:
    if not share.of:
        return "–"
    lines = [
        f"95 %: {bounds(share.low, share.high, per)}",
        f"{share.hits} / {share.of} · {share.sources} 个来源 source{'' if share.sources == 1 else 's'}",
    ]
    if share.least is not None:
        lines.append(f"去掉任一来源 one source left out: {bounds(share.least, share.most, per)}")
    return f"<b>{amount(share, per)}</b>" + "".join(f"<small>{line}</small>" for line in lines)


def _counted(share: Share, per: int) -> str:
    """A share of few looks: what was counted comes first, for the share alone says too much."""
    if not share.of:
        return "–"
    return f"{share.hits} / {share.of}<small>95 %: {bounds(share.low, share.high, per)}</small>"


def _cards(zh: str, en: str, cards: list[str]) -> str:
    if not cards:
        return ""
    return _heading(2, f"{zh}（{len(cards)}）", en) + f'<div class="cards">{"".join(cards)}</div>'


def _card(answer: Answer, picture: str) -> str:
    clip, kind = answer.piece.clip, answer.kind.value
    verdict = answer.verdict.value if answer.verdict else "no answer"
    verdict_zh = VERDICTS_ZH.get(verdict, "无答案")
    truth = ""
    if answer.inspected:
        truth = "（有 shows it）" if answer.positive else "（无 does not show it）"
    found = answer.finding
    measured = "".join(
        f"<tr><td>{escape(key)}</td><td>{escape(f'{value:.4g}' if isinstance(value, float) else str(value))}</td></tr>"
        for key, value in (found.measurements.items() if found else ())
    )
    details = f"<details><summary>测量值 measurements</summary><table>{measured}</table></details>" if measured else ""
    scored = f" · {found.score:.2f}" if found else ""
    made = " · 合成 synthetic" if clip.synthetic else ""
    asked = f"{KINDS_ZH.get(kind, kind)} {kind}: {verdict_zh} {verdict}{scored}"
    if not answer.inspected:
        asked = "没有答案 no answer"
    return (
        f'<div class="card {answer.error or "none"}"><b>{asked}</b>'
        f"<p>{escape(name(answer.piece))}</p>{picture}"
        f"<p>标注 label: {escape(clip.kind)}/{escape(clip.label)}{truth} · {escape(clip.day_night)}{made}</p>"
        f"<p>{escape(answer.reason)}</p>{details}"
        f'<p class="en">{escape(clip.description)}<br>{escape(clip.source)}</p></div>'
    )
