"""Every sentence that a detector or a look can say has its Chinese: the sentences are read out of the rules' own source."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from patrol.incidents.wording import in_chinese

_ROOT = Path(__file__).parents[3]
_SAY = (
    "detectors/_spark_rule.py",
    "detectors/_jam_rule.py",
    "detectors/_angler_rule.py",
    "detectors/congestion.py",
    "detectors/fireworks.py",
    "detectors/fishing.py",
)


def _pieces(file: str) -> Iterator[str]:
    """Texts of more than one word, with a number wherever something is filled in; no docstrings, no errors."""
    tree = ast.parse((_ROOT / file).read_text("utf-8"))
    skipped = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    for node in ast.walk(tree):
        if isinstance(node, ast.Raise):
            skipped |= {id(inner) for inner in ast.walk(node)}
        if isinstance(node, ast.JoinedStr):
            skipped |= {id(inner) for inner in node.values}
    for node in ast.walk(tree):
        if id(node) in skipped:
            continue
        text = _filled(node)
        if text is not None and " " in text.strip():
            yield text


def _filled(node: ast.AST) -> str | None:
    if isinstance(node, ast.Constant):
        return node.value if isinstance(node.value, str) else None
    if not isinstance(node, ast.JoinedStr):
        return None
    found = ""
    for part in node.values:
        if isinstance(part, ast.Constant):
            found += str(part.value)
        elif isinstance(part, ast.FormattedValue):
            found += "7%" if part.format_spec is not None and "%" in ast.unparse(part.format_spec) else "7"
    return found


@pytest.mark.parametrize("file", _SAY)
def test_no_sentence_of_a_detector_is_left_in_english(file: str) -> None:
    said = list(_pieces(file))
    assert said, "a detector says something"
    left = {text: in_chinese(text) for text in said if re.search(r"[A-Za-z]{2,}", in_chinese(text))}
    assert not left


@pytest.mark.parametrize(
    ("reason", "said"),
    [
        (
            "sparks that flicker: sparks in 6.6 of 7.0 s, 64 at once at most; looked on for 21 s: flagged",
            "闪烁的火花：7.0 秒中 6.6 秒有火花，同时最多 64 处；延长观看 21 秒，结果：报警",
        ),
        (
            "2 of 3 persons who stay hold a rod (seen in 5 of 9 frames, by the model in 4); by night a candidate at most",
            "停留的 3 人中 2 人持竿（9 帧中 5 帧可见，模型在 4 帧认出）；夜间至多为疑似",
        ),
        (
            "14 vehicles cover 31% of the road, 86% of them stand, median speed 0.04 lengths/s",
            "14 辆车占路面 31%，其中 86% 静止，中位速度每秒 0.04 车长",
        ),
        (
            "flash train: sparks in 2.0 of 4.0 s, 3 at once at most (in the 21 s after the look)",
            "连续闪光：4.0 秒中 2.0 秒有火花，同时最多 3 处（延长观看的 21 秒内）",
        ),
        ("", ""),
        ("a model of somebody else says so", "a model of somebody else says so"),
    ],
)
def test_a_whole_reason_reads_as_one_sentence(reason: str, said: str) -> None:
    assert in_chinese(reason) == said
