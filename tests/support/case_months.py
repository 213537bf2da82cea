"""Cases of some months, made up from a seed: every stage, light, move and letter comes up, also at the very edges of October."""

from __future__ import annotations

import random
from datetime import UTC, datetime, timedelta

from patrol.cases.types import ClockName
from tests.support.case_rows import CaseRow, ClockRow

START = datetime(2026, 9, 30, 16, tzinfo=UTC)
"""County midnight of 1 October 2026."""
END = datetime(2026, 10, 31, 16, tzinfo=UTC)
NOW = datetime(2026, 11, 26, 4, tzinfo=UTC)
UNITS = ("police", "fisheries", "430624101", "430624104", "430624101001", None)
PLACES = ("430624101001", "430624101002", "430624104001", "430624", "430624001")
STAGES = ("received", "assigned", "handling", "supervised", "closed", "evaluated", "merged", "withdrawn")
_EDGES = (START - timedelta(microseconds=1), START, END - timedelta(microseconds=1), END)


def some_cases(seed: int, count: int) -> list[CaseRow]:
    chance = random.Random(seed)
    return [_case(chance, number) for number in range(1, count + 1)]


def _moment(chance: random.Random) -> datetime:
    if chance.random() < 0.2:
        return chance.choice(_EDGES)
    return datetime(2026, 8, 20, tzinfo=UTC) + timedelta(days=95) * chance.random()


def _case(chance: random.Random, number: int) -> CaseRow:
    opened = _moment(chance)
    stage = chance.choice(STAGES)
    done = stage in {"closed", "evaluated"}
    closed = max(opened, _moment(chance)) if done else None
    clocks = {name.value: _clock(chance, opened, done) for name in ClockName}
    moves = ["return", "transfer", "extend", "consult", "hand_down", "note"]
    events = [(chance.choice(moves), _moment(chance)) for _ in range(chance.randrange(4))]
    last = {"evaluated": "evaluate", "merged": "merge", "withdrawn": "withdraw"}.get(stage)
    if last:
        events.append((last, _moment(chance)))
    letters = tuple(
        (
            chance.choice(tuple(ClockName)).value,
            step,
            chance.choice(("draft", "issued", "issued", "dropped")),
            _moment(chance),
        )
        for step in range(chance.randrange(3))
    )
    judged = stage == "evaluated"
    return CaseRow(
        number,
        opened,
        stage=stage,
        unit=None if stage == "received" else chance.choice(UNITS[:-1]),
        light=chance.choice(("green", "closed_late")) if done else chance.choice(("unlit", "yellow", "red")),
        kind=chance.choice(("congestion", "fireworks", "fishing", "other")),
        severity=chance.choice(("general", "major")),
        source=chance.choice(("video_ai", "operator", "grid", "resident")),
        division=chance.choice(PLACES),
        co_units=tuple(chance.sample(("police", "fisheries", "430624104"), chance.randrange(3))),
        closed=closed,
        grade=chance.choice(("excellent", "good", "fair", "poor")) if judged else None,
        satisfaction=chance.choice((None, 1, 2, 3, 4, 5)) if judged else None,
        returned=sum(move == "return" for move, _ in events),
        suspended=stage == "handling" and chance.random() < 0.3,
        provisional=chance.random() < 0.1,
        clocks=clocks,
        events=tuple(events),
        letters=letters,
    )


def _clock(chance: random.Random, opened: datetime, done: bool) -> ClockRow:
    due = opened + timedelta(days=chance.randrange(1, 30))
    stopped = max(opened, _moment(chance)) if done or chance.random() < 0.5 else None
    if stopped and chance.random() < 0.2:
        stopped = due
    red = (stopped or NOW) > due
    # One that was extended after it had turned red is in time again and was red all the same.
    breached = due if red else (due - timedelta(days=1) if chance.random() < 0.1 else None)
    return ClockRow(due, stopped, breached, None if stopped is None else chance.randrange(1, 200) / 2)
