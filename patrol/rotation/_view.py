"""What people see of the rotation: one warning sentence, the whole in numbers, one row per look."""

from __future__ import annotations

from typing import TYPE_CHECKING

from patrol.rotation._load import FULL, shortfall
from patrol.rotation._look import Look
from patrol.rotation._types import Row, Share, Snapshot, State

if TYPE_CHECKING:
    from patrol.rotation.planner import Planner


def note_full(planner: Planner, look: Look) -> None:
    """Keep up to date, after a change of this look's load, which hosts are full and whether its platform is pressed."""
    ratio = planner.ratio
    if look.host.load(ratio) > FULL:
        planner.full.add(look.host)
    else:
        planner.full.discard(look.host)
    look.platform.pressed = planner.total.load(ratio) > 1.0 or look.platform.load(ratio) > 1.0


def warning(planner: Planner, now: float) -> str | None:
    """One sentence when the work does not fit the streams, the widest cause first; None when it fits.

    Two tests: the lasting load, and the work due until each coming deadline, which sees a backlog the load does not.
    """
    total = planner.total
    load = total.load(planner.ratio)
    if load > FULL:
        return _sentence("all cameras together need", load, total.limit)
    over = max((*planner.platforms.values(), *planner.full), key=lambda g: g.load(planner.ratio), default=total)
    if over.load(planner.ratio) > FULL:
        return _sentence(f"the cameras of {over.name} need", over.load(planner.ratio), over.limit)
    if not planner.looks:
        return None
    mean = sum(total.demand.values()) / max(1, len(planner.looks))
    for gate in (total, *planner.platforms.values()):
        at = shortfall(gate, planner.width, now, max(mean, 2.0))
        if at is not None:
            where = "" if gate is total else f" of {gate.name}"
            when = "now" if at <= now else f"in {_spoken(at - now)}"
            return f"more looks{where} are due than {gate.limit} streams can make: the first gap breaks {when}"
    return None


def snapshot(planner: Planner, now: float) -> Snapshot:
    """See :meth:`Planner.snapshot`."""
    due = late = away = extras = 0
    oldest: float | None = None
    for look in planner.looks.values():
        extras += len(look.extras)
        if look.away:
            away += 1
        else:
            oldest = look.anchor if oldest is None else min(oldest, look.anchor)
            late += look.deadline <= now
        due += look.started is None and bool(look.turn)
    shares = (Share(g.name, g.load(planner.ratio), g.running, g.limit) for g in planner.platforms.values())
    return Snapshot(
        cameras=len(planner.looks),
        due=due,
        late=late,
        running=planner.total.running,
        away=away,
        worst_gap_s=None if oldest is None else now - oldest,
        load=planner.total.load(planner.ratio),
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
    if look.away:
        return "away"
    if look.deadline <= now:
        return "late"
    return "due" if look.turn else "waiting"


def _sentence(who: str, load: float, streams: int) -> str:
    what = "gaps will be broken, the lowest priorities first" if load > 1 else "no room is left for retries"
    return f"{who} {load * streams:.1f} of {streams} streams: {what}"


def _spoken(seconds: float) -> str:
    return f"{seconds:.0f} s" if seconds < 120 else f"{seconds / 60:.0f} min"
