"""The loop 收—交—办—督—结—评 as pure functions: what each move makes of a case, or why it is refused.

An event carries what it changes, instants included, so that a replay needs neither the calendar nor the policy of its day.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, fields, replace
from datetime import date, datetime
from typing import Any

from patrol.cases.clocks import Change, ClockError, extend, pause, rebuild, reopen, resume, stop, void
from patrol.cases.moves import HELD, RULES, CaseState, Command, Event, Move, MoveError, Reckoning, Rule
from patrol.cases.types import Clock, ClockName, Severity, Stage, level_of, parent_of


def opening(reckoning: Reckoning, clocks: Iterable[Clock], severity: Severity, at: datetime, by: str) -> Event:
    """The first event of a case: in the book, its clocks running.

    Args:
        reckoning: calendar and policy of the day.
        clocks: see :func:`patrol.cases.clocks.open_clocks`.
        severity: general or major.
        at: UTC.
        by: who opened it.
    """
    state = CaseState(Stage.RECEIVED, severity, at, tuple(clocks), calendar_version=reckoning.calendar.version)
    return Event(Move.OPEN, at, by, {f.name: getattr(state, f.name) for f in fields(state)})


def legal_moves(state: CaseState) -> tuple[Move, ...]:
    """What may be done now, in the order of the table."""
    return tuple(
        move
        for move, rule in RULES.items()
        if state.stage in rule.stages
        and (rule.suspended or not state.suspended)
        and (move is not Move.RESUME or state.suspended)
    )


def decide(state: CaseState, command: Command, reckoning: Reckoning) -> Event:
    """The event that a command makes.

    Raises:
        MoveError: it is not legal here, or something is missing or wrong; the sentence says what.
    """
    rule = RULES.get(command.move)
    if rule is None:
        raise MoveError("a case is opened once")
    if state.stage not in rule.stages:
        where = ", ".join(rule.stages)
        raise MoveError(f"{command.move} is not possible in stage {state.stage}; it is in {where}")
    if state.suspended and not rule.suspended:
        raise MoveError(f"{command.move} is not possible while the case is suspended; resume it first")
    if command.move is Move.RESUME and not state.suspended:
        raise MoveError("the case is not suspended")
    _check_said(command, rule)
    try:
        made = _MAKERS.get(command.move, _nothing)(state, command, reckoning)
    except ClockError as error:
        raise MoveError(str(error)) from error
    return Event(
        move=command.move,
        at=command.at,
        by=command.by.strip(),
        set=made.set,
        approver=_said(command.approver),
        reason=_said(command.reason),
        document=_said(command.document),
        changes=made.changes,
        data={**_inputs(command), **command.data},
    )


def apply(state: CaseState | None, event: Event) -> CaseState:
    """The state after an event; None before the first."""
    if state is None:
        return CaseState(**event.set)
    return replace(state, **event.set)


def replay(events: Iterable[Event]) -> CaseState:
    """The state that events give, in order.

    Raises:
        ValueError: there are none.
    """
    state: CaseState | None = None
    for event in events:
        state = apply(state, event)
    if state is None:
        raise ValueError("a case without events")
    return state


def recomputed(state: CaseState, reckoning: Reckoning) -> tuple[Clock, ...]:
    """The case's clocks as they would be had today's calendar been known all along."""
    severity = reckoning.history[0].set["severity"]
    return tuple(replace(_rebuilt(state, clock.name, severity, reckoning), void=clock.void) for clock in state.clocks)


# --- what each move makes -----------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Made:
    set: Mapping[str, Any] = field(default_factory=dict)
    changes: tuple[tuple[ClockName, Change], ...] = ()


def _nothing(_state: CaseState, _command: Command, _reckoning: Reckoning) -> _Made:
    return _Made()


def _assign(state: CaseState, command: Command, reckoning: Reckoning) -> _Made:
    unit = _unit(command, reckoning)
    return _with_clocks(
        state,
        {"stage": Stage.ASSIGNED, "unit": unit, "co_units": _others(command, reckoning, unit)},
        _stopped(state, reckoning, command.at, ClockName.ASSIGN),
    )


def _accept(_state: CaseState, _command: Command, _reckoning: Reckoning) -> _Made:
    return _Made({"stage": Stage.HANDLING})


def _feedback(state: CaseState, command: Command, reckoning: Reckoning) -> _Made:
    return _with_clocks(state, {}, _stopped(state, reckoning, command.at, ClockName.FEEDBACK))


def _report(state: CaseState, command: Command, reckoning: Reckoning) -> _Made:
    # A result is feedback, too.
    done = _stopped(state, reckoning, command.at, ClockName.FEEDBACK, ClockName.RESOLVE)
    return _with_clocks(state, {"stage": Stage.SUPERVISED}, done)


def _close(_state: CaseState, command: Command, _reckoning: Reckoning) -> _Made:
    return _Made({"stage": Stage.CLOSED, "closed_at": command.at})


def _evaluate(_state: CaseState, command: Command, _reckoning: Reckoning) -> _Made:
    if command.satisfaction is not None and command.satisfaction not in range(1, 6):
        raise MoveError("satisfaction is a number from 1 (not at all) to 5")
    return _Made({"stage": Stage.EVALUATED, "grade": command.grade, "satisfaction": command.satisfaction})


def _return(state: CaseState, command: Command, _reckoning: Reckoning) -> _Made:
    counted = {"returned": state.returned + 1}
    if state.stage in HELD:
        again = _reopened(state, command.at, ClockName.ASSIGN)
        return _with_clocks(state, {**counted, "stage": Stage.RECEIVED, "unit": None, "co_units": ()}, again)
    again = _reopened(state, command.at, ClockName.RESOLVE)
    return _with_clocks(state, {**counted, "stage": Stage.HANDLING, "closed_at": None}, again)


def _transfer(state: CaseState, command: Command, reckoning: Reckoning) -> _Made:
    unit = _unit(command, reckoning)
    if unit == state.unit:
        raise MoveError(f"{unit} has the case already")
    return _passed_to(state, unit)


def _co_handle(state: CaseState, command: Command, reckoning: Reckoning) -> _Made:
    more = _others(command, reckoning, state.unit)
    fresh = tuple(unit for unit in more if unit not in state.co_units)
    if not fresh:
        raise MoveError("the units named take part already")
    return _Made({"co_units": (*state.co_units, *fresh)})


def _hand_down(state: CaseState, command: Command, reckoning: Reckoning) -> _Made:
    unit = _unit(command, reckoning)
    holder = state.unit or reckoning.county
    above = reckoning.county if not holder.isdecimal() else holder
    if not unit.isdecimal() or parent_of(unit) != above:
        raise MoveError(f"{unit} does not stand directly below {holder}; hand down one level at a time, or transfer it")
    return _passed_to(state, unit)


def _report_up(state: CaseState, _command: Command, _reckoning: Reckoning) -> _Made:
    holder = state.unit or ""
    above = parent_of(holder) if holder.isdecimal() else None
    if above is None:
        raise MoveError(f"{holder} stands at county level; nobody is above it")
    return _passed_to(state, above)


def _suspend(state: CaseState, command: Command, _reckoning: Reckoning) -> _Made:
    running = [clock for clock in state.clocks if clock.stopped_at is None]
    moved = tuple((pause(clock, command.at), Change("pause", command.at)) for clock in running)
    return _with_clocks(state, {"suspended": True}, moved)


def _resume(state: CaseState, command: Command, reckoning: Reckoning) -> _Made:
    held = [clock for clock in state.clocks if clock.stopped_at is None]
    moved = tuple(
        (resume(reckoning.calendar, reckoning.policy, clock, command.at), Change("resume", command.at))
        for clock in held
    )
    return _with_clocks(state, {"suspended": False}, moved)


def _extend(state: CaseState, command: Command, reckoning: Reckoning) -> _Made:
    assert command.clock is not None and command.until is not None  # noqa: S101, PT018 - _check_said has seen both
    if command.clock is ClockName.ASSIGN:
        raise MoveError("the assign clock is the centre's own; it cannot be extended")
    return _with_clocks(state, {}, (_extended(state, command.clock, command.until, command.at, reckoning),))


def _consult(state: CaseState, command: Command, reckoning: Reckoning) -> _Made:
    for step in command.plan:
        if not step.what.strip() or not step.unit.strip():
            raise MoveError("each step of a plan says what is done, by whom and by when")
    last = max(step.by for step in command.plan)
    return _with_clocks(state, {}, (_extended(state, ClockName.RESOLVE, last, command.at, reckoning),))


def _regrade(state: CaseState, command: Command, reckoning: Reckoning) -> _Made:
    if command.severity == state.severity:
        raise MoveError(f"the case is {state.severity} already")
    change = Change("severity", command.at, severity=command.severity)
    clock = _rebuilt(state, ClockName.RESOLVE, reckoning.history[0].set["severity"], reckoning, change)
    # What was promised first stays on the file.
    clock = replace(clock, original_due=state.clock(ClockName.RESOLVE).original_due)
    return _with_clocks(state, {"severity": command.severity}, ((clock, change),))


def _merge(state: CaseState, command: Command, _reckoning: Reckoning) -> _Made:
    return _Made(
        {
            "stage": Stage.MERGED,
            "merged_into": command.into,
            "suspended": False,
            "clocks": tuple(map(void, state.clocks)),
        }
    )


def _withdraw(state: CaseState, _command: Command, _reckoning: Reckoning) -> _Made:
    return _Made({"stage": Stage.WITHDRAWN, "suspended": False, "clocks": tuple(map(void, state.clocks))})


def _recompute(state: CaseState, _command: Command, reckoning: Reckoning) -> _Made:
    clocks = recomputed(state, reckoning)
    if clocks == state.clocks:
        raise MoveError("the dates stay as they are")
    return _Made({"clocks": clocks, "calendar_version": reckoning.calendar.version})


_MAKERS: Mapping[Move, Callable[[CaseState, Command, Reckoning], _Made]] = {
    Move.ASSIGN: _assign,
    Move.ACCEPT: _accept,
    Move.FEEDBACK: _feedback,
    Move.REPORT: _report,
    Move.CLOSE: _close,
    Move.EVALUATE: _evaluate,
    Move.RETURN: _return,
    Move.TRANSFER: _transfer,
    Move.CO_HANDLE: _co_handle,
    Move.HAND_DOWN: _hand_down,
    Move.REPORT_UP: _report_up,
    Move.SUSPEND: _suspend,
    Move.RESUME: _resume,
    Move.EXTEND: _extend,
    Move.CONSULT: _consult,
    Move.REGRADE: _regrade,
    Move.MERGE: _merge,
    Move.WITHDRAW: _withdraw,
    Move.RECOMPUTE: _recompute,
}


# --- parts --------------------------------------------------------------------------------------------------------

_Moved = tuple[tuple[Clock, Change], ...]


def _with_clocks(state: CaseState, more: Mapping[str, Any], moved: _Moved) -> _Made:
    """A change of some clocks beside others."""
    if not moved:
        return _Made(more)
    by_name = {clock.name: clock for clock, _ in moved}
    clocks = tuple(by_name.get(clock.name, clock) for clock in state.clocks)
    return _Made({**more, "clocks": clocks}, tuple((clock.name, change) for clock, change in moved))


def _stopped(state: CaseState, reckoning: Reckoning, at: datetime, *names: ClockName) -> _Moved:
    running = (state.clock(name) for name in names)
    return tuple(
        (stop(reckoning.calendar, clock, state.opened_at, at), Change("stop", at))
        for clock in running
        if clock.stopped_at is None
    )


def _reopened(state: CaseState, at: datetime, name: ClockName) -> _Moved:
    clock = state.clock(name)
    return () if clock.stopped_at is None else ((reopen(clock), Change("reopen", at)),)


def _extended(
    state: CaseState, name: ClockName, until: date, at: datetime, reckoning: Reckoning
) -> tuple[Clock, Change]:
    clock = extend(reckoning.calendar, reckoning.policy, state.clock(name), until, at)
    return clock, Change("extend", at, until=until)


def _rebuilt(state: CaseState, name: ClockName, severity: Severity, reckoning: Reckoning, *more: Change) -> Clock:
    told = [change for event in reckoning.history for clock, change in event.changes if clock is name]
    return rebuild(reckoning.calendar, reckoning.policy, state.opened_at, severity, name, [*told, *more])


def _passed_to(state: CaseState, unit: str) -> _Made:
    """Another unit has it, and must take it on; the clocks run on."""
    others = tuple(other for other in state.co_units if other != unit)
    return _Made({"stage": Stage.ASSIGNED, "unit": unit, "co_units": others})


def _unit(command: Command, reckoning: Reckoning) -> str:
    unit = (command.unit or "").strip()
    try:
        level_of(unit, reckoning.county)
    except ValueError as error:
        raise MoveError(str(error)) from error
    return unit


def _others(command: Command, reckoning: Reckoning, holder: str | None) -> tuple[str, ...]:
    """The units that handle it as well, each once, without the holder."""
    named = (_unit(replace(command, unit=unit), reckoning) for unit in command.co_units)
    return tuple(dict.fromkeys(unit for unit in named if unit != holder))


def _check_said(command: Command, rule: Rule) -> None:
    if not command.by.strip():
        raise MoveError("who does it? `by` is empty")
    for name in rule.needs:
        value = getattr(command, name)
        if value is None or not (value.strip() if isinstance(value, str) else value):
            raise MoveError(f"{command.move} needs `{name}`")
    if "approver" in rule.needs and _said(command.approver) == command.by.strip():
        raise MoveError(f"{command.move} is approved by somebody else than who asks for it")


def _said(text: str | None) -> str | None:
    return (text or "").strip() or None


def _inputs(command: Command) -> dict[str, Any]:
    """What was said with the move, beside what the event names by itself."""
    said = {
        "text": _said(command.text),
        "unit": _said(command.unit),
        "co_units": list(command.co_units) or None,
        "clock": command.clock,
        "until": command.until and command.until.isoformat(),
        "severity": command.severity,
        "into": command.into,
        "plan": [{"what": s.what, "unit": s.unit, "by": s.by.isoformat()} for s in command.plan] or None,
        "grade": command.grade,
        "satisfaction": command.satisfaction,
    }
    return {name: value for name, value in said.items() if value is not None}
