"""One look as the planner remembers it between decisions."""

from __future__ import annotations

from dataclasses import dataclass

from patrol.rotation._load import Asked, Gate
from patrol.rotation._pace import AWAY_AFTER, AWAY_OWED, retry_at, slack_s, urgent_s
from patrol.rotation._types import LookPlan

URGENT_AWAY, NORMAL, OPTIONAL, PATIENT = 1, 2, 3, -1_000
"""Bands of the ready queue beside the urgent ones, which are minus the priority (0, -1, -2 …)."""


@dataclass(frozen=True, slots=True)
class Extra:
    """A follow-up: an extra look at ``at``, better before ``deadline``. ``tries`` counts those not inspected."""

    at: float
    deadline: float
    id: str
    tries: int = 0


class Look:
    """Where one look stands.

    Attributes:
        anchor: the deadline counts from here: start of the last inspected look, or when it entered the rotation.
        deadline: latest start of the next inspected look.
        window_end: the deadline that is watched for an attempt. While looks fail or come late it moves on by periods.
        attempted: an attempt was started in the window that ends there.
        away: it failed and no retry inside its window is left: it gets its turns behind those that answer.
        owed: the deadline it queues by while it is away.
        not_before: earliest next attempt.
        started: start of the running attempt, None when none runs.
        failed: start of the last attempt that was not inspected.
        pictured: the last attempt gave a picture, good or not; True before the first.
        gates: what it holds a stream of while it runs: its platform, its host, its camera if that has several looks.
        given: the dwell of the running (or last) attempt, seconds.
        overhead: seconds it holds a stream beside the dwell, measured (or expected); below zero where a file is read
            faster than it plays, or where no picture comes.
        band: where its live entry stands in the ready queue.
        spread: share of the period after which the next inspected look is followed by another one, once, so that looks
            which came all together do not stay together; None: when it is due.
        turn, extra, timer, later, overdue: numbers of its live entries in the planner's heaps, 0 for none.
        asked: where its work stands in the demand of its gates.
    """

    __slots__ = (
        "anchor",
        "asked",
        "attempted",
        "attempted_before",
        "away",
        "band",
        "deadline",
        "extra",
        "extras",
        "failed",
        "failures",
        "gates",
        "given",
        "inspected",
        "later",
        "measured",
        "not_before",
        "overdue",
        "overhead",
        "owed",
        "pictured",
        "plan",
        "serving",
        "spread",
        "started",
        "timer",
        "turn",
        "window_end",
    )

    def __init__(self, plan: LookPlan, gates: tuple[Gate, ...], now: float) -> None:
        self.plan = plan
        self.gates = gates
        self.inspected: float | None = None
        self.anchor = now
        self.deadline = self.window_end = now + plan.period_s
        self.attempted = self.attempted_before = False
        self.failures = 0
        self.away = False
        self.owed = self.window_end
        self.not_before = now
        self.started: float | None = None
        self.failed: float | None = None
        self.pictured = True
        self.spread: float | None = None
        self.given = plan.dwell_s
        self.overhead = plan.expected_s - plan.dwell_s
        self.measured = False
        self.band = NORMAL
        self.turn = self.extra = self.timer = self.later = self.overdue = 0
        self.asked: Asked | None = None
        self.extras: list[Extra] = []
        self.serving: Extra | None = None

    @property
    def cost(self) -> float:
        """Seconds it holds a stream with its whole dwell."""
        return max(0.0, self.plan.dwell_s + self.overhead)

    @property
    def turn_deadline(self) -> float:
        """The deadline it queues by: its promise, or what is owed to it while it is away."""
        return self.owed if self.away else self.deadline

    @property
    def due_at(self) -> float:
        """When it becomes due in its normal course."""
        share = min(self.gates[0].slack, self.gates[1].slack)
        return self.deadline - max(slack_s(self.plan.period_s, self.cost, share), self._urgent_s)

    @property
    def wanted_at(self) -> float:
        """When an away one becomes due."""
        return self.turn_deadline - slack_s(self.plan.period_s, self.cost)

    @property
    def urgent_at(self) -> float:
        """When it goes ahead of what can wait."""
        return self.turn_deadline - self._urgent_s

    @property
    def _urgent_s(self) -> float:
        platform = self.gates[0]
        return urgent_s(self.plan.period_s, platform.longest, pressed=platform.pressed)

    @property
    def _owed_at(self) -> float:
        """From when a doubtful one is owed an attempt; before, it is only tried on streams nobody needs."""
        return self.wanted_at if self.away else self.urgent_at

    def ready_band(self, now: float) -> int:
        """Its band in the ready queue at ``now``: by deadline alone while all fits, by priority while it does not."""
        pressed = self.gates[0].pressed
        # One that failed twice may be away: its retries cost as much as looks, and go behind those that answer.
        doubtful = self.away or (self.failures > 1 and not pressed)
        if doubtful and now < self._owed_at:
            return OPTIONAL
        if now < self.urgent_at:
            return NORMAL
        if doubtful:
            return URGENT_AWAY
        return -self.plan.priority if pressed else 0

    def next_change(self, now: float) -> float:
        """When the next thing happens to it by itself: it becomes ready, its band changes, its window ends."""
        if self.plan.hold is not None:
            return self.window_end
        if not self.turn:
            return min(self.not_before, self.window_end)
        if self.band == OPTIONAL:
            return min(self._owed_at, self.window_end)
        if self.band == NORMAL and self.urgent_at > now:
            return min(self.urgent_at, self.window_end)
        return self.window_end

    def inspected_at(self, started: float) -> None:
        """An inspected look restarts the clock."""
        self.inspected = self.anchor = started
        self.failed = None
        self.pictured = True
        self.deadline = self.window_end = started + self.plan.period_s
        self.attempted = False
        self.failures = 0
        self.away = False
        self.not_before = self.due_at
        if self.spread is not None:
            self.not_before = min(self.not_before, started + self.spread * self.plan.period_s)
            self.spread = None

    def failed_at(self, started: float, ended: float, now: float, *, unreachable: bool) -> None:
        """An attempt that was not inspected: the window had its attempt, the clock runs on.

        It is away once it failed twice and nothing inside its window can save the promise any more. From then on it queues behind those
        that answer: soon for the first retries, later some times a period, so that a camera that has come back is seen
        within a period even if the first look at it fails by chance. One that gives a picture, but an unusable one (a
        dark bank at night), costs a whole look each time and gets one a period.
        """
        period = self.plan.period_s
        self.failures += 1
        self.failed = started
        self.pictured = not unreachable
        self.not_before = retry_at(max(ended, now), self.deadline, period, self.cost, self.failures)
        # One that was late before it was tried (no stream was free) keeps its place until its retries have failed as well.
        nothing_left = self.not_before >= self.deadline > started
        if self.away or self.failures >= AWAY_AFTER or (nothing_left and self.failures > 1):
            self.away = True
            self.window_end = started + period
            self.attempted = False
            if self.failures < AWAY_AFTER:
                self.owed = self.not_before + slack_s(period, self.cost)
            elif unreachable:
                self.owed = max(self.not_before, started + AWAY_OWED * period)
            else:
                self.owed = self.window_end
                self.not_before = self.wanted_at
        self.pass_windows(now)

    def pass_windows(self, now: float) -> None:
        """Move on to the window that ends after ``now``, which nobody has tried in yet."""
        period = self.plan.period_s
        if self.window_end <= now:
            self.window_end += period * (1 + (now - self.window_end) // period)
            self.owed = self.window_end - (1 - AWAY_OWED) * period
            self.attempted = False
