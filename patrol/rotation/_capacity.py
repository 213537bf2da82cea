"""What there is to look with and what it is asked for: streams in all, per platform, host and camera; measured lengths.

Capacity is measured: how long a look holds its stream beside its dwell is learned look by look.
"""

from __future__ import annotations

from collections.abc import Iterable

from patrol.rotation._load import FULL, Gate, admits
from patrol.rotation._look import Look
from patrol.rotation._pace import slack_share
from patrol.rotation._types import Limits, LookPlan

_SMOOTHING = 0.25
"""Weight of the newest measurement in the running mean of a look's seconds."""

_PLATFORM_SMOOTHING = 0.05
"""The same for a platform, which many looks measure."""

_BUCKETS_PER_PERIOD = 240


class Capacity:
    """The gates, their load and the work asked of them, kept up to date look by look.

    Attributes:
        total: all streams.
        platforms, hosts, units: gates by platform, by platform and host, by camera with several looks.
        full: hosts whose load leaves no room.
        ratio: measured over expected seconds of looks, a running mean; scales the estimate of looks never made.
        width: seconds of one bucket of the demand.
    """

    def __init__(self, limits: Limits) -> None:
        self.limits = limits
        self.total = Gate("total", limits.total)
        self.platforms: dict[str, Gate] = {}
        self.hosts: dict[tuple[str, str], Gate] = {}
        self.units: dict[str, Gate] = {}
        self.full: set[Gate] = set()
        self.ratio = 1.0
        self.width = 30.0

    # --- gates ------------------------------------------------------------------------------------------------------

    def gates_of(self, plan: LookPlan) -> tuple[Gate, ...]:
        """Platform, host and, where its camera has several looks, camera: made where they are not there yet."""
        limits = self.limits
        platform = self.platforms.get(plan.platform)
        if platform is None:
            platform = Gate(plan.platform, _limit(limits, limits.per_platform.get(plan.platform)))
            self.platforms[plan.platform] = platform
        key = (plan.platform, plan.host)
        host = self.hosts.get(key)
        if host is None:
            host = Gate(f"{plan.platform}: {plan.host}", _limit(limits, limits.per_host.get(plan.platform)))
            self.hosts[key] = host
        if plan.unit is None:
            return (platform, host)
        unit = self.units.get(plan.unit)
        if unit is None:
            unit = self.units[plan.unit] = Gate(plan.unit, 1)
        return (platform, host, unit)

    def set_limits(self, limits: Limits) -> None:
        """Change how many streams may be open."""
        self.limits = limits
        self.total.set_limit(limits.total)
        for name, gate in self.platforms.items():
            gate.set_limit(_limit(limits, limits.per_platform.get(name)))
        for (name, _), gate in self.hosts.items():
            gate.set_limit(_limit(limits, limits.per_host.get(name)))

    def rebuild(self, looks: Iterable[Look]) -> None:
        """Count load and demand afresh: exact after many small additions, and with the right width of a bucket."""
        listed = list(looks)
        self.width = self.right_width(listed)
        self.full.clear()
        # A gate that is still held by looks removed while they ran, or that somebody waits for, stays with those looks.
        used = {id(gate) for look in listed for gate in look.gates}
        self.platforms = {k: g for k, g in self.platforms.items() if id(g) in used}
        self.hosts = {k: g for k, g in self.hosts.items() if id(g) in used}
        self.units = {k: g for k, g in self.units.items() if id(g) in used}
        for gate in (self.total, *self.platforms.values(), *self.hosts.values()):
            gate.measured = gate.estimated = gate.longest = 0.0
            gate.looks = 0
            gate.demand.clear()
            gate.again.clear()
            gate.spare.clear()
        for look in listed:
            self.load(look)
            look.asked = None
            if look.started is None:
                self.ask(look)

    @staticmethod
    def right_width(looks: Iterable[Look]) -> float:
        """Seconds of a bucket for these looks."""
        longest = max((look.plan.period_s for look in looks), default=7200.0)
        return max(0.25, longest / _BUCKETS_PER_PERIOD)

    # --- load -------------------------------------------------------------------------------------------------------

    def load(self, look: Look) -> None:
        """Count what a look needs of its gates; one on hold needs nothing."""
        self._count(look, 1)
        self._settle(look.gates)

    def unload(self, look: Look) -> None:
        """Take it out again."""
        self._count(look, -1)
        self._settle(look.gates)

    def _count(self, look: Look, sign: int) -> None:
        plan = look.plan
        if plan.hold is not None:
            return
        cost = look.cost
        share = sign * cost / plan.period_s
        total, platform = self.total, look.gates[0]
        if cost > platform.longest:
            platform.longest = cost
            total.longest = max(total.longest, cost)
        for gate in (total, platform, look.gates[1]):
            gate.looks += sign
            if look.measured:
                gate.measured += share
            else:
                gate.estimated += share
        if plan.least_dwell_s is not None and plan.least_dwell_s < plan.dwell_s:
            spare = sign * (plan.dwell_s - plan.least_dwell_s) / plan.period_s
            for gate in (total, platform):
                gate.spare[plan.priority] = gate.spare.get(plan.priority, 0.0) + spare

    def _settle(self, gates: tuple[Gate, ...]) -> None:
        """What follows for a platform and a host from how full they are."""
        ratio, total, platform, host = self.ratio, self.total, gates[0], gates[1]
        in_host = host.load(ratio)
        if in_host > FULL:
            self.full.add(host)
        else:
            self.full.discard(host)
        fullest = max(total.load(ratio), platform.load(ratio))
        host.slack, platform.slack = slack_share(in_host), slack_share(fullest)
        platform.pressed = fullest > 1.0 and (total.overloaded(ratio) or platform.overloaded(ratio))

    def learn(self, look: Look, seconds: float, *, pictured: bool) -> None:
        """A look held its stream so long.

        Args:
            look: with the dwell it was given.
            seconds: from start to end.
            pictured: there was a picture: only then it says something about other looks.
        """
        plan = look.plan
        if pictured:
            self.ratio += 0.02 * (seconds / max(0.001, plan.expected_s - plan.dwell_s + look.given) - self.ratio)
            platform = look.gates[0]
            if platform.seconds is None:
                platform.seconds = seconds
            else:
                platform.seconds += _PLATFORM_SMOOTHING * (seconds - platform.seconds)
        self._count(look, -1)
        look.overhead = self.smoothed(look, seconds - look.given)
        look.measured = True
        self._count(look, 1)
        self._settle(look.gates)

    @staticmethod
    def smoothed(look: Look, overhead_s: float) -> float:
        """The running mean of its overhead with a new measurement in it."""
        return overhead_s if not look.measured else look.overhead + _SMOOTHING * (overhead_s - look.overhead)

    def dwell_of(self, look: Look) -> float:
        """How long to look now: the plan's dwell, or less while not everything fits."""
        plan = look.plan
        least = plan.least_dwell_s
        if least is None or least >= plan.dwell_s:
            return plan.dwell_s
        kept = min(gate.kept_share(plan.priority, self.ratio) for gate in (self.total, look.gates[0]))
        return plan.dwell_s if kept >= 1.0 else least + kept * (plan.dwell_s - least)

    # --- demand -----------------------------------------------------------------------------------------------------

    def ask(self, look: Look) -> None:
        """Count its next look as work to be started before its deadline; one that fails has no promise to keep."""
        self.withdraw(look)
        platform = look.gates[0]
        if look.failures or look.plan.hold is not None or platform.down_since is not None:
            return
        seconds = look.cost
        if look.plan.least_dwell_s is not None:
            seconds = max(0.0, seconds - look.plan.dwell_s + self.dwell_of(look))
        period, width = look.plan.period_s, self.width
        look.asked = (
            int(look.deadline // width),
            seconds,
            int((look.deadline + period) // width),
            seconds / period,
        )
        self.total.ask(look.asked)
        platform.ask(look.asked)

    def withdraw(self, look: Look) -> None:
        """Take that back."""
        if look.asked is not None:
            self.total.withdraw(look.asked)
            look.gates[0].withdraw(look.asked)
            look.asked = None

    def admits(self, look: Look, now: float) -> bool:
        """Whether an extra look of it started now leaves every other deadline reachable."""
        return all(admits(gate, self.width, now, look.cost, look.asked) for gate in (self.total, look.gates[0]))


def _limit(limits: Limits, own: int | None) -> int:
    return limits.total if own is None else min(own, limits.total)
