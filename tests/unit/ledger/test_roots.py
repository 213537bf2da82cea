"""County days of a chain, files of roots, the figures of spot-checks."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from patrol.ledger.roots import Root, RootsFileError, line_of, read_file, root_of, split_days
from patrol.ledger.spot_checks import drawn, figures, is_clear

CHINA = ZoneInfo("Asia/Shanghai")


def test_a_day_is_the_countys() -> None:
    late = datetime(2026, 3, 1, 15, 59, 59, tzinfo=UTC)
    days = list(split_days([(1, late, "a"), (2, late + timedelta(seconds=1), "b")], CHINA, None))
    assert days == [(date(2026, 3, 1), 1, 1, "a"), (date(2026, 3, 2), 2, 2, "b")]


@given(st.lists(st.integers(-200_000, 400_000), min_size=1, max_size=60))
def test_days_follow_each_other_without_overlap_however_the_clock_steps(steps: list[int]) -> None:
    at = datetime(2026, 3, 1, tzinfo=UTC)
    entries = []
    for position, step in enumerate(steps, 1):
        at += timedelta(seconds=step)
        entries.append((position, at, str(position)))
    days = list(split_days(entries, CHINA, date(2026, 2, 20)))
    assert [day for day, *_ in days] == sorted({day for day, *_ in days})
    assert all(day > date(2026, 2, 20) for day, *_ in days)
    covered = [n for _, first, last, _ in days for n in range(first, last + 1)]
    assert covered == [n for n, *_ in entries]


def test_roots_can_be_read_back_from_paper(tmp_path: Path) -> None:
    root = Root("2026-03-01", 1, 9600, root_of("2026-03-01", 1, 9600, "ab" * 32, "0" * 64))
    file = tmp_path / "roots.txt"
    file.write_text(f"# county's book\n\n{line_of(root)}\n{line_of(root).upper().lower()}\n")
    assert read_file(file) == (root, root)


@pytest.mark.parametrize(
    "line",
    ["2026-03-01 1 9600", "2026-13-01 1 2 " + "a" * 64, "2026-03-01 1 2 " + "a" * 62, "2026-03-01 1 x " + "a" * 64],
)
def test_a_wrong_line_is_named(line: str, tmp_path: Path) -> None:
    file = tmp_path / "roots.txt"
    file.write_text("# fine\n" + line + "\n")
    with pytest.raises(RootsFileError, match=r"roots\.txt:2: "):
        read_file(file)


def test_the_sample_is_a_share_and_cannot_be_chosen() -> None:
    ids = [f"visit-{n}" for n in range(20_000)]
    taken = [i for i in ids if drawn(i, 0.05)]
    assert len(taken) == pytest.approx(1000, rel=0.1)
    assert taken == [i for i in ids if drawn(i, 0.05)]
    assert not any(drawn(i, 0.0) for i in ids)
    assert all(drawn(i, 1.0) for i in ids)


@pytest.mark.parametrize(
    ("report", "clear"),
    [
        ({"outcome": "inspected", "judged": True, "findings": [{"verdict": "clear"}]}, True),
        ({"outcome": "inspected", "judged": True, "findings": [{"verdict": "clear"}, {"verdict": "candidate"}]}, False),
        ({"outcome": "inspected", "judged": False, "findings": [{"verdict": "clear"}]}, False),
        ({"outcome": "unusable", "judged": True, "findings": [{"verdict": "clear"}]}, False),
        ({"outcome": "inspected", "judged": True, "findings": []}, False),
    ],
)
def test_only_looks_that_found_nothing_are_drawn(report: dict[str, object], clear: bool) -> None:
    assert is_clear(report) is clear


def test_what_was_overlooked_is_told_with_its_interval() -> None:
    none = figures([*["clear"] * 300, "unclear", None])
    assert (none.drawn, none.answered, none.unclear, none.overlooked) == (302, 300, 1, 0)
    assert (none.share, none.low, none.high) == (0.0, 0.0, pytest.approx(0.01))
    some = figures(["clear"] * 98 + ["overlooked"] * 2)
    # Wilson's interval for 2 of 100, as tables have it.
    assert (some.low, some.high) == (pytest.approx(0.0055, abs=1e-4), pytest.approx(0.0700, abs=1e-4))
    assert figures([None]).share is None
