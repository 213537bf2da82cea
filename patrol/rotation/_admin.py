"""What changes the rotation from outside: plans that come, go or change, limits, the state from before a restart."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from typing import TYPE_CHECKING
from zlib import crc32

from patrol.rotation._load import Gate
from patrol.rotation._look import Look
from patrol.rotation._pace import AWAY_AFTER, AWAY_OWED, CROWD, RETRIES, SLACK, first_spread, second_spread
from patrol.rotation._types import Limits, LookPlan

if TYPE_CHECKING:
    from patrol.rotation.planner import Planner

_IN_FLIGHT_LOOKS = 3.0


def set_plans(planner: Planner, plans: Iterable[LookPlan], now: float) -> None:
    """See :meth:`Planner.set_plans`."""
    wanted = {plan.key: plan for plan in plans}
    moved = _remove(planner, [key for key in planner.looks if key not in wanted], now)
    new: list[Look] = []
    for key, plan in wanted.items():
        look = planner.looks.get(key)
        if look is None:
            look = planner.looks[key] = Look(plan, planner.capacity.gates_of(plan), now)
            new.append(look)
        elif look.plan != plan:
            old = look.plan
            if (old.platform, old.host, old.unit) != (plan.platform, plan.host, plan.unit):
                moved += look.gates
            _change(planner, look, plan, now)
    capacity = planner.capacity
    if new or moved or capacity.width != capacity.right_width(planner.looks.values()):
        capacity.rebuild(planner.looks.values())
    for gate in moved:
        planner.ready.release(gate)
    _spread(planner, new, now)


def set_limits(planner: Planner, limits: Limits) -> None:
    """See :meth:`Planner.set_limits`."""
    capacity = planner.capacity
    capacity.set_limits(limits)
    for gate in (*capacity.platforms.values(), *capacity.hosts.values()):
        planner.ready.release(gate)
    capacity.rebuild(planner.looks.values())


def measured(planner: Planner, look: Look, overhead_s: float | None) -> None:
    """Take over what was measured before a restart."""
    if overhead_s is not None:
        planner.capacity.withdraw(look)
        planner.capacity.unload(look)
        look.overhead, look.measured = overhead_s, True
        planner.capacity.load(look)
        planner.capacity.ask(look)


def restore(
    planner: Planner,
    look: Look,
    last_inspected: float | None,
    next_due: float | None,
    failures: int,
    away_since: float | None,
    added: float | None,
    recorded_until: float | None,
) -> None:
    """See :meth:`Planner.restore`."""
    now, period = planner.now, look.plan.period_s
    planner.capacity.withdraw(look)
    look.turn = 0
    begin = last_inspected if last_inspected is not None else added
    if begin is not None:
        # A wall clock that was set back between two runs must not put a camera off: nothing was seen in the future.
        look.anchor = min(begin, now)
        look.deadline = look.window_end = look.anchor + period
        # A first look keeps its place in the spread that began when it entered: spread anew from each restart, first looks
        # would pile up at the end of their period.
        look.not_before = min(max(now, look.anchor + (look.not_before - now)), max(now, look.due_at))
    if last_inspected is not None:
        look.inspected = look.anchor
        look.not_before = max(now, look.due_at)
    look.failures = max(0, failures)
    if look.failures or away_since is not None:
        # It was being tried: its past windows had their attempts. From here it is owed one within a period.
        look.away = look.deadline <= now or look.failures >= AWAY_AFTER
        if look.window_end <= now:
            look.window_end = now + period
        look.owed = now + AWAY_OWED * period
        look.not_before = min(max(now, next_due if next_due is not None else now), look.owed)
    if recorded_until is not None and look.window_end <= recorded_until:
        look.window_end += period * (1 + (recorded_until - look.window_end) // period)
    planner.capacity.ask(look)
    planner.arm(look)


def _remove(planner: Planner, keys: list[str], now: float) -> list[Gate]:
    """Take looks out. The stream of a running one is given back: nobody may be left to tell the planner of its end."""
    moved: list[Gate] = []
    for key in keys:
        look = planner.looks.pop(key)
        planner.capacity.withdraw(look)
        look.turn = look.extra = look.timer = look.later = look.overdue = 0
        if look.started is not None:
            for gate in (planner.capacity.total, *look.gates):
                gate.running -= 1
            planner.gone[key] = look.started
        moved += look.gates
    for key, started in list(planner.gone.items()):
        if now - started > 86_400:
            del planner.gone[key]
    return moved


def _change(planner: Planner, look: Look, plan: LookPlan, now: float) -> None:
    """Let a new plan hold for a look that stays."""
    old = look.plan
    planner.capacity.unload(look)
    planner.capacity.withdraw(look)
    look.plan = plan
    if not look.measured:
        look.overhead = plan.expected_s - plan.dwell_s
    gates = planner.capacity.gates_of(plan)
    if look.started is not None:
        for gate in look.gates:
            gate.running -= 1
        for gate in gates:
            gate.running += 1
    look.gates = gates
    planner.capacity.load(look)
    if old.period_s != plan.period_s:
        _change_period(look, old.period_s, now)
    if old.hold is not None and plan.hold is None:
        _lift_hold(look, now)
    if look.started is None:
        look.turn = look.extra = look.later = 0
        planner.capacity.ask(look)
        planner.arm(look)
        if look.extras:
            planner.offer_extra(look)


def _lift_hold(look: Look, now: float) -> None:
    """What fell due on hold is due at once, its deadline one period from now: before, nobody was to look at it."""
    if not look.away and look.due_at <= now:
        look.deadline = look.window_end = now + look.plan.period_s
        look.attempted = False
        look.not_before = now


def _change_period(look: Look, old_period: float, now: float) -> None:
    period, old_deadline = look.plan.period_s, look.deadline
    late = old_deadline <= now
    look.deadline = look.anchor + period
    if period > old_period:
        # After a maintenance or an outage the deadline counts from its end, not from the last inspected look.
        look.deadline = max(look.deadline, old_deadline)
    # Less than its slack is left: a look that runs elsewhere could make it late, and nobody had promised it before.
    overtaken = period < old_period and look.deadline <= now + SLACK * period and not late
    if overtaken:
        look.deadline = min(old_deadline, now + period)
    if late or look.away:
        look.window_end = now + min(max(look.window_end - now, 0.0), period)
        look.owed = min(look.owed, look.window_end)
    else:
        look.window_end = look.deadline
    if look.failures:
        if period < old_period:
            look.not_before = min(look.not_before, now + RETRIES[-1] * period)
    elif overtaken:
        look.not_before = now
    elif look.inspected is not None:
        look.not_before = look.due_at
    else:
        look.not_before = min(look.not_before, max(now, look.due_at))


def _spread(planner: Planner, new: list[Look], now: float) -> None:
    """Spread first looks evenly, platform by platform; in an order of chance, because neighbours share hosts."""
    capacity = planner.capacity
    groups: defaultdict[str, list[Look]] = defaultdict(list)
    for look in new:
        groups[look.plan.platform].append(look)
    for group in groups.values():
        group.sort(key=lambda look: crc32(look.plan.key.encode()))
        for place, look in enumerate(group):
            plan = look.plan
            load = max(gate.load(capacity.ratio) for gate in (capacity.total, look.gates[0]))
            width = first_spread(load)
            look.not_before = now + width * plan.period_s * place / len(group)
            if len(group) >= CROWD:
                look.spread = second_spread(width, place / len(group))
            if plan.key in planner.gone:
                in_flight_until = planner.gone[plan.key] + _IN_FLIGHT_LOOKS * plan.expected_s
                look.not_before = max(look.not_before, in_flight_until)
            planner.arm(look)
