from __future__ import annotations

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from patrol.cases.period import PeriodError, period_of

SHANGHAI = ZoneInfo("Asia/Shanghai")
NOW = datetime(2026, 11, 26, 4, tzinfo=UTC)


@pytest.mark.parametrize(
    ("label", "start", "end"),
    [
        ("2026-10", datetime(2026, 9, 30, 16, tzinfo=UTC), datetime(2026, 10, 31, 16, tzinfo=UTC)),
        ("2025-12", datetime(2025, 11, 30, 16, tzinfo=UTC), datetime(2025, 12, 31, 16, tzinfo=UTC)),
        ("2024-02", datetime(2024, 1, 31, 16, tzinfo=UTC), datetime(2024, 2, 29, 16, tzinfo=UTC)),
        ("2025", datetime(2024, 12, 31, 16, tzinfo=UTC), datetime(2025, 12, 31, 16, tzinfo=UTC)),
    ],
)
def test_a_period_runs_from_county_midnight_to_county_midnight(label: str, start: datetime, end: datetime) -> None:
    period = period_of(label, SHANGHAI, NOW)
    assert (period.start, period.end, period.until, period.is_over) == (start, end, end, True)


def test_one_that_is_not_over_is_known_up_to_now() -> None:
    assert period_of("2026-11", SHANGHAI, NOW).until == NOW
    assert not period_of("2026", SHANGHAI, NOW).is_over


@pytest.mark.parametrize(
    "label", ["", "2026-13", "2026-00", "2026-1", "26-10", "2026-10-01", "0000", "9999", "２０２６"]
)
def test_what_is_no_period_is_refused(label: str) -> None:
    with pytest.raises(PeriodError, match="is no month like 2026-10 and no year like 2026"):
        period_of(label, SHANGHAI, NOW)


def test_one_that_has_not_begun_is_refused() -> None:
    with pytest.raises(PeriodError, match="2026-12 has not begun"):
        period_of("2026-12", SHANGHAI, NOW)
    # 30 November 16:00 UTC is 1 December in the county.
    assert period_of("2026-12", SHANGHAI, datetime(2026, 11, 30, 16, tzinfo=UTC)).label == "2026-12"
