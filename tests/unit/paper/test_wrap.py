from __future__ import annotations

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from patrol.paper.wrap import NOT_FIRST, NOT_LAST, lines_of

TEXT = st.text(st.sampled_from("督办函逾期未结案件县，。；：？！（）《》“”…—·0123456789AZaz- "), max_size=200)


def measure(character: str) -> float:
    return 5.0 if character.isascii() else 10.0


def broken(text: str, width: float = 100) -> list[str]:
    return [line for _, line in lines_of(text, [width], measure)]


@given(TEXT, st.integers(20, 200), st.integers(20, 200))
def test_the_lines_together_are_the_text_and_none_is_too_long(text: str, first: int, others: int) -> None:
    lines = lines_of(text, [first, others], measure)
    assert "".join(line for _, line in lines) == text
    for at, (left, line) in enumerate(lines):
        width = others if at else first
        assert left == pytest.approx(width - sum(map(measure, line.rstrip(" "))))
        assert left >= 0


@given(st.text(st.sampled_from("督办函逾期，。；：？！（）《》“”"), max_size=200))
def test_a_mark_stands_at_the_wrong_end_only_where_its_line_is_marks_throughout(text: str) -> None:
    lines = broken(text)
    for before, after in itertools.pairwise(lines):
        if after[0] in NOT_FIRST or before[-1] in NOT_LAST:
            assert all(b in NOT_LAST or a in NOT_FIRST for b, a in zip(before, before[1:] + after[0], strict=True))


@pytest.mark.parametrize(
    ("text", "lines"),
    [
        ("一二三四五六七八九十，后", ["一二三四五六七八九", "十，后"]),
        ("一二三四五六七八九”。后", ["一二三四五六七八", "九”。后"]),
        ("一二三四五六七八九（十）", ["一二三四五六七八九", "（十）"]),
        ("一二三四五六七0730-2220000", ["一二三四五六七", "0730-2220000"]),
        ("430624202611200000170001号", ["43062420261120000017", "0001号"]),
        ("一二三四五六七八九十 后", ["一二三四五六七八九十 ", "后"]),
        ("，，，，，，，，，，，，", ["，，，，，，，，，，", "，，"]),
    ],
)
def test_where_lines_break(text: str, lines: list[str]) -> None:
    assert broken(text) == lines
