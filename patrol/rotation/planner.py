"""When to look: earliest gap deadline first, within the limits of platforms and hosts, retries inside the window.

Pure: time is an argument, nothing is read or waited for, and every decision costs O(log n). docs/rotation.md explains
the rules; one thread at a time may call it.
"""

from __future__ import annotations

from collections.abc import Iterable
from heapq import heappop, heappush
from itertools import count

from patrol.rotation import _admin, _view
from patrol.rotation._capacity import Capacity
from patrol.rotation._look import NORMAL, PATIENT, Extra, Look
from patrol.rotation._pace import RETRIES
from patrol.rotation._patience import Patience
from patrol.rotation._platforms import Away
from patrol.rotation._ready import ReadyQueue
from patrol.rotation._types import (
    CAPACITY,
    PLATFORM_DOWN,
    SERVICE_DOWN,
    Limits,
    LookPlan,
    Miss,
    PlatformChange,
    Reason,
    Row,
    Snapshot,
    Start,
)

_EXTRA_TRIES = 3


class Planner:
    """Decides which look is to be started when. Times are seconds on one steady time line (docs/time.md).

    Attributes:
        first_broken: when the first deadline passed without an attempt for want of streams or of a
            service, None when none did.
    """

    def __init__(self, limits: Limits) -> None:
        self.first_broken: float | None = None
        self.looks: dict[str, Look] = {}
        self.capacity = Capacity(limits)
        self.away = Away()
        self.now = float("-inf")
        self.ready: ReadyQueue[Look] = ReadyQueue()
        self.gone: dict[str, float] = {}
        """Looks that were removed while one ran: its start."""
        self._timers: list[tuple[float, int, Look]] = []
        self._later: list[tuple[float, int, Look]] = []
        self._misses: list[Miss] = []
        self._numbers = count(1)
        self._patience = Patience()
        self._last_decision = float("-inf")

    @property
    def limits(self) -> Limits:
        """Streams at once."""
        return self.capacity.limits

    # --- what there is to look at -----------------------------------------------------------------------------------

    def set_plans(self, plans: Iterable[LookPlan], now: float) -> None:
        """Put a set of looks in force: new ones enter, missing ones leave, changed ones keep their state.

        A look's deadline is the start of its last inspected look plus its period; a new one's is ``now`` plus its
        period. When a shortened period leaves a deadline in the past, the look is due at once and its deadline is one
        new period from now (or the old deadline, if that is sooner): nobody can keep a promise made after the fact.
        """
        self._pass_time(now)
        _admin.set_plans(self, plans, now)

    def set_limits(self, limits: Limits) -> None:
        """Change how many streams may be open; those that are open stay open."""
        _admin.set_limits(self, limits)

    def restore(
        self,
        key: str,
        *,
        last_inspected: float | None,
        next_due: float | None,
        failures: int,
        away_since: float | None,
        added: float | None = None,
        recorded_until: float | None = None,
        overhead_s: float | None = None,
    ) -> None:
        """Give a look the state it had before a restart; call it after ``set_plans``. An unknown key is passed over.

        Args:
            key: of the look.
            last_inspected: start of its last inspected look; a time after now is taken as now.
            next_due: earliest next attempt of one that failed.
            failures: attempts in a row without an inspected look.
            away_since: start of its outage, if it is in one; its windows are taken as attempted then.
            added: when it entered the rotation, for one never inspected: its first deadline counts from there.
            recorded_until: deadlines up to here have been told before and are not told again.
            overhead_s: measured seconds it holds a stream beside its dwell, None when it was never measured.
        """
        look = self.looks.get(key)
        if look is not None and look.started is None:
            _admin.measured(self, look, overhead_s)
            _admin.restore(self, look, last_inspected, next_due, failures, away_since, added, recorded_until)

    def follow_up(self, key: str, at: float, id: str, deadline: float | None = None) -> None:  # noqa: A002 - the contract
        """Ask for an extra look; asking again with the same id changes nothing, an unknown key is passed over.

        Args:
            key: of the look.
            at: earliest start.
            id: comes back in the start that serves it.
            deadline: when it should have started; left out: 2 % of the period later. It decides its turn, never at the
                cost of another's gap.
        """
        look = self.looks.get(key)
        if look is None or any(e.id == id for e in look.extras) or (look.serving is not None and look.serving.id == id):
            return
        self._ask_extra(look, Extra(at, at + 0.02 * look.plan.period_s if deadline is None else deadline, id))

    # --- deciding ---------------------------------------------------------------------------------------------------

    def decide(self, now: float, free: int) -> tuple[Start, ...]:
        """The looks to start now, best first; each counts as running until ``finished`` or ``aborted``.

        Args:
            now: planner time.
            free: how many the workers can take.
        """
        self._pass_time(now)
        self._last_decision = self.now
        starts: list[Start] = []
        total = self.capacity.total
        room = min(free, total.limit - total.running)
        if self.away.due:
            self._probe(starts, room)
        while len(starts) < room:
            if self._patience.is_due(total.shortened(self.capacity.ratio)):
                patient = self._patience.take()
                if patient is not None:
                    self._queue(patient, PATIENT)
            entry = self.ready.pop()
            if entry is None:
                break
            look = entry[4]
            by_extra = entry[3] == look.extra
            if by_extra and not self.capacity.admits(look, self.now):
                self._put_off(look)
                continue
            starts.append(self._start(look, "follow_up" if by_extra else None))
        return tuple(starts)

    def _probe(self, starts: list[Start], room: int) -> None:
        """Knock at the platforms that are away."""
        due, self.away.due = self.away.due, []
        for gate in due:
            if len(starts) >= room:
                self.away.due.append(gate)
                continue
            look = self.away.probe(gate, self.looks.values(), self.now)
            if look is not None:
                starts.append(self._start(look, "probe"))

    def next_wake(self, now: float) -> float:
        """When to ask again at the latest, unless a look ends or the plans change before: never before ``now``."""
        while self._timers and self._timers[0][1] != self._timers[0][2].timer:
            heappop(self._timers)
        times = [heap[0][0] for heap in (self._timers, self._later) if heap]
        return max(now, min([*times, self.away.wake()]))

    def missed(self, now: float) -> tuple[Miss, ...]:
        """The deadlines that passed without an attempt since the last call, each once."""
        self._pass_time(now)
        misses, self._misses = tuple(self._misses), []
        return misses

    def platform_changes(self) -> tuple[PlatformChange, ...]:
        """The platforms that went away or came back since the last call."""
        changes, self.away.changes = tuple(self.away.changes), []
        return changes

    # --- what came of it --------------------------------------------------------------------------------------------

    def finished(
        self, key: str, *, started: float, ended: float, inspected: bool, unreachable: bool, now: float
    ) -> None:
        """A look ended. Only an inspected one restarts the gap, from its start; any other is tried again.

        Args:
            key: of the look.
            started: its start.
            ended: its end; what it held a stream for is learned from it.
            inspected: whether it counts.
            unreachable: there was no picture: its seconds say nothing about a look that works.
            now: planner time.
        """
        self._pass_time(now)
        self.gone.pop(key, None)
        look = self.looks.get(key)
        if look is None or look.started is None:
            return
        fresh = look.pictured
        serving = self._close(look)
        self.capacity.learn(look, max(0.0, ended - started), pictured=not unreachable)
        if inspected:
            look.inspected_at(min(started, self.now))
        else:
            look.failed_at(min(started, self.now), ended, self.now, unreachable=unreachable)
            if serving is not None and serving.tries + 1 < _EXTRA_TRIES:
                again = self.now + RETRIES[0] * look.plan.period_s
                self._ask_extra(look, Extra(again, max(again, serving.deadline), serving.id, serving.tries + 1))
        self._wait(look)
        if unreachable:
            self.away.failed(self, look, min(started, self.now), fresh=fresh)
        else:
            self.away.answered(self, look, min(started, self.now))

    def smoothed_overhead_s(self, key: str, measured_s: float) -> float:
        """What a look holds its stream beside its dwell, with a new measurement taken in; the planner itself learns when
        it is told of the look's end.
        """
        look = self.looks.get(key)
        return measured_s if look is None else self.capacity.smoothed(look, measured_s)

    def aborted(self, key: str, now: float) -> None:
        """A start never became a look: it is due again after a moment, and does not count as an attempt."""
        self._pass_time(now)
        self.gone.pop(key, None)
        look = self.looks.get(key)
        if look is None or look.started is None:
            return
        serving = self._close(look)
        look.attempted = look.attempted_before
        look.not_before = self.now + min(5.0, RETRIES[0] * look.plan.period_s)
        if serving is not None:
            self._ask_extra(look, serving)
        self._wait(look)
        self.away.not_tried(look, self.now)

    # --- for those who look on --------------------------------------------------------------------------------------

    def warning(self, now: float) -> str | None:
        """What to tell people when gaps will be, or are being, broken for want of streams. Cheap, whatever the number."""
        self._pass_time(now)
        return _view.warning(self, self.now)

    def snapshot(self, now: float) -> Snapshot:
        """Where the rotation stands. O(n)."""
        self._pass_time(now)
        return _view.snapshot(self, self.now)

    def rows(self, now: float) -> tuple[Row, ...]:
        """Where every look stands. O(n)."""
        self._pass_time(now)
        return _view.rows(self, self.now)

    # --- inside -----------------------------------------------------------------------------------------------------

    def _pass_time(self, now: float) -> None:
        """Let everything happen that was to happen until ``now``; an earlier time than the last is taken as the last."""
        self.now = now = max(now, self.now)
        timers = self._timers
        while timers and timers[0][0] <= now:
            _, number, look = heappop(timers)
            if number == look.timer:
                self._on_timer(look)
        later = self._later
        while later and later[0][0] <= now:
            _, number, look = heappop(later)
            if number == look.later:
                look.later = 0
                self.offer_extra(look)
        self.away.pass_time(now)

    def _on_timer(self, look: Look) -> None:
        now = self.now
        if look.window_end <= now:
            if not look.attempted:
                self._tell_missed(look)
            look.pass_windows(now)
        if look.not_before <= now and look.plan.hold is None:
            self._queue(look, look.ready_band(now))
        self.arm(look)

    def _tell_missed(self, look: Look) -> None:
        cause = look.plan.hold
        if cause is None and look.gates[0].down_since is not None:
            cause = PLATFORM_DOWN
        if cause is not None:
            self._misses.append(Miss(look.plan.key, look.window_end, cause, look.inspected))
            return
        asked_since_due = self._last_decision >= max(look.not_before, look.anchor)
        self._misses.append(
            Miss(look.plan.key, look.window_end, CAPACITY if asked_since_due else SERVICE_DOWN, look.inspected)
        )
        if self.first_broken is None:
            self.first_broken = look.window_end
        self._patience.add(look, len(self.looks))

    def _queue(self, look: Look, band: int) -> None:
        """Put its turn into the ready queue, or move it to another band."""
        if look.turn and (look.band == PATIENT or (look.band == band and not look.away)):
            return
        look.turn, look.band = next(self._numbers), band
        self.ready.push(band, look.turn_deadline, look.plan.priority, look.turn, look)

    def arm(self, look: Look) -> None:
        """Set its timer to the next thing that happens by itself."""
        look.timer = next(self._numbers)
        heappush(self._timers, (look.next_change(self.now), look.timer, look))

    def requeue(self, look: Look) -> None:
        """After its deadline was moved: ask for its work anew and take its new place."""
        look.turn = 0
        self._wait(look)

    def _wait(self, look: Look) -> None:
        """After a look: ask for the next one's work and wait for its time."""
        self.capacity.ask(look)
        if look.not_before <= self.now and look.plan.hold is None:
            self._queue(look, look.ready_band(self.now))
        self.arm(look)
        if look.extras and not look.later and not look.extra:
            self.offer_extra(look)

    def _start(self, look: Look, why: Reason | None) -> Start:
        self.capacity.withdraw(look)
        look.turn = look.extra = look.timer = look.later = look.overdue = 0
        look.started = self.now
        look.given = self.capacity.dwell_of(look)
        look.attempted_before, look.attempted = look.attempted, True
        self.capacity.total.running += 1
        for gate in look.gates:
            gate.running += 1
        look.serving = None
        if look.extras and look.extras[0].at <= self.now:
            look.serving = look.extras.pop(0)
        self._patience.started()
        if why is None:
            why = "retry" if look.failures else "first" if look.inspected is None else "due"
        follow_up = look.serving.id if look.serving else None
        return Start(look.plan.key, why, look.turn_deadline, look.given, follow_up)

    def _close(self, look: Look) -> Extra | None:
        """Give its stream back."""
        look.started = None
        self.capacity.total.running -= 1
        for gate in look.gates:
            gate.running -= 1
        self.ready.freed(look.gates)
        serving, look.serving = look.serving, None
        return serving

    # --- follow-ups -------------------------------------------------------------------------------------------------

    def _ask_extra(self, look: Look, extra: Extra) -> None:
        look.extras.append(extra)
        look.extras.sort(key=lambda e: e.at)
        if look.started is None and not look.extra:
            self.offer_extra(look)

    def offer_extra(self, look: Look) -> None:
        """Queue its first follow-up, or come back when its time has come; one on hold comes back when it is lifted."""
        if look.plan.hold is not None:
            return
        first = look.extras[0]
        if first.at > self.now:
            look.later = next(self._numbers)
            heappush(self._later, (first.at, look.later, look))
        elif look.started is None:
            look.extra = next(self._numbers)
            self.ready.push(NORMAL, first.deadline, look.plan.priority, look.extra, look)

    def _put_off(self, look: Look) -> None:
        """A follow-up that would break another's gap is asked again later; a look that is due anyway serves it too."""
        look.extra = 0
        look.later = next(self._numbers)
        heappush(self._later, (self.now + max(1.0, look.plan.period_s / 240), look.later, look))
        self.ready.freed(look.gates)
