"""What people see of the rotation: one warning sentence, the whole in numbers, one row per look."""

from __future__ import annotations

from typing import TYPE_CHECKING

from patrol.rotation._load import FULL, Gate, shortfall
from patrol.rotation._look import Look
from patrol.rotation._types import Row, Share, Snapshot, State

if TYPE_CHECKING:
    from patrol.rotation.planner import Planner


def warning(planner: Planner, now: float) -> str | None:
    """One sentence when the work does not fit the streams, the widest cause first; None when it fits.

    Two tests: the lasting load, and the work due until each coming deadline, which sees a backlog the load does not.
    """
    capacity = planner.capacity
    total, ratio = capacity.total, capacity.ratio
    load = total.load(ratio)
    if load > FULL:
        return _sentence("all cameras together need", total, ratio)
    over = max((*capacity.platforms.values(), *capacity.full), key=lambda g: g.load(ratio), default=total)
    if over.load(ratio) > FULL:
        return _sentence(f"the cameras of {over.name} need", over, ratio)
    if not planner.looks:
        return None
    mean = sum(total.demand.values()) / max(1, len(planner.looks))
    for gate in (total, *capacity.platforms.values()):
        at = shortfall(gate, capacity.width, now, max(mean, 2.0))
        if at is not None:
            where = "" if gate is total else f" of {gate.name}"
            when = "now" if at <= now else f"in {_spoken(at - now)}"
            return f"more looks{where} are due than {gate.limit} streams can make: the first gap breaks {when}"
    return None


def snapshot(planner: Planner, now: float) -> Snapshot:
    """See :meth:`Planner.snapshot`."""
    due = late = away = held = extras = 0
    oldest: float | None = None
    for look in planner.looks.values():
        extras += len(look.extras)
        if look.plan.hold is not None:
            held += 1
        elif look.away or look.gates[0].down_since is not None:
            away += 1
        else:
            oldest = look.anchor if oldest is None else min(oldest, look.anchor)
            late += look.deadline <= now
        due += look.started is None and bool(look.turn)
    capacity = planner.capacity
    ratio = capacity.ratio
    shares = (
        Share(g.name, g.load(ratio), g.running, g.limit, g.shortened(ratio), g.down_since, g.seconds)
        for g in capacity.platforms.values()
    )
    return Snapshot(
        cameras=len(planner.looks),
        due=due,
        late=late,
        running=capacity.total.running,
        away=away,
        held=held,
        worst_gap_s=None if oldest is None else now - oldest,
        load=capacity.total.load(ratio),
        shortened=capacity.total.shortened(ratio),
        warning=warning(planner, now),
        first_broken_s=planner.first_broken,
        follow_ups=extras,
        platforms=tuple(sorted(shares, key=lambda s: -s.load)),
    )


def rows(planner: Planner, now: float) -> tuple[Row, ...]:
    """See :meth:`Planner.rows`."""
    return tuple(
        Row(
            key=key,
            deadline=look.deadline,
            last_inspected=look.inspected,
            state=_state(look, now),
            failures=look.failures,
            next_at=look.started if look.started is not None else max(now, look.not_before),
        )
        for key, look in planner.looks.items()
    )


def _state(look: Look, now: float) -> State:
    if look.started is not None:
        return "running"
    if look.plan.hold is not None:
        return "held"
    if look.away or look.gates[0].down_since is not None:
        return "away"
    if look.deadline <= now:
        return "late"
    return "due" if look.turn else "waiting"


def _sentence(who: str, gate: Gate, ratio: float) -> str:
    load, shortened = gate.load(ratio), gate.shortened(ratio)
    if shortened < load and shortened <= FULL:
        what = f"looks are shortened so that {shortened * gate.limit:.1f} do, the lowest priorities first"
    elif load > 1:
        what = "gaps will be broken, the lowest priorities first"
        if shortened < load:
            what = "looks are shortened as far as they may be, and " + what
    else:
        what = "no room is left for retries"
    return f"{who} {load * gate.limit:.1f} of {gate.limit} streams: {what}"


def _spoken(seconds: float) -> str:
    return f"{seconds:.0f} s" if seconds < 120 else f"{seconds / 60:.0f} min"
