"""The real planner under a virtual clock: days of a county's rotation in seconds, with cameras and platforms that fail.

The simulator plays the cameras and the workers and keeps its own record of gaps; it believes nothing the planner says.
"""

from __future__ import annotations

import math
import random
import re
import resource
from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from heapq import heappop, heappush
from time import perf_counter
from typing import Any

from patrol.registry.durations import parse_duration
from patrol.rotation._gaps import GapBook, Span
from patrol.rotation._types import CAPACITY, Limits, LookPlan, Start
from patrol.rotation.planner import Planner

PLATFORMS = {"police": 0.45, "fisheries": 0.15, "traffic": 0.20, "city": 0.12, "emergency": 0.08}
"""The simulated county's platforms and their shares of the cameras."""

_PRIORITIES = (0, 1, 2, 3)
_PRIORITY_WEIGHTS = (0.25, 0.40, 0.25, 0.10)
_CAMERAS_PER_HOST = 16
_STREAMS_PER_HOST = 2
_LATENCY_S = 0.05
"""Smallest step of the virtual clock: what ends within it is handled together, as the service's beat does."""
_WATCH_EVERY_S = 10.0
_OUTAGE = re.compile(r"(?:platform:(?P<platform>[a-z_]+)|(?P<all>all))@(?P<start>[0-9.dhms]+)\+(?P<length>[0-9.dhms]+)")


@dataclass(frozen=True, slots=True)
class SimulationResult:
    """What came of it.

    Gaps are those of answering cameras: time a camera does not answer is not counted, the open gap at the end is.

    Attributes:
        load: stream seconds the cameras need in a period, were all to answer, over those there are.
        visits: looks begun other than retries.
        attempts: looks begun in all.
        inspected: looks that counted.
        max_gap_s, p99_gap_s: of all gaps.
        cameras_over_period: answering cameras with any gap longer than the period.
        misses: deadlines without an attempt, by cause.
        first_warning_s: when the planner first warned, None when it did not.
        first_broken_gap_s: when the first gap became longer than the period.
        decisions_per_s: looks begun per second of time spent in the planner.
        peak_mib: largest resident memory of this process.
        over_period_by_priority: cameras_over_period by rank.
        capacity_misses_by_priority: misses for want of streams by rank.
        shortened: looks begun with a shorter dwell than the plan's.
        platform_outages: times that the planner held a platform for away.
        follow_ups, follow_ups_made: extra looks asked for (due before the end) and begun.
        follow_up_p95_delay_s: how much later than asked, 95 of 100.
    """

    cameras: int
    hours: float
    streams: int
    load: float
    visits: int
    attempts: int
    inspected: int
    max_gap_s: float
    p99_gap_s: float
    cameras_over_period: int
    misses: dict[str, int]
    first_warning_s: float | None
    first_broken_gap_s: float | None
    decisions_per_s: float
    peak_mib: float
    seed: int
    over_period_by_priority: dict[str, int]
    capacity_misses_by_priority: dict[str, int]
    shortened: int
    platform_outages: int
    follow_ups: int
    follow_ups_made: int
    follow_up_p95_delay_s: float | None
    unreachable: float
    outages: tuple[str, ...]

    def to_json(self) -> dict[str, Any]:
        """The object ``patrol simulate --json`` prints."""
        return {key: round(value, 3) if isinstance(value, float) else value for key, value in asdict(self).items()}


def simulate(
    cameras: int,
    hours: float,
    streams: int,
    *,
    unreachable: float = 0.0,
    outage: str | Sequence[str] = (),
    seed: int = 0,
    period_s: float = 7200.0,
    dwell_s: float = 20.0,
    overhead_s: float = 8.0,
    jitter: float = 0.15,
    failure: float = 0.005,
    follow_up: float = 0.01,
    shortest_dwell_s: float | None = None,
) -> SimulationResult:
    """Run the planner over ``hours`` of virtual time.

    Args:
        cameras: how many, all with the same period, on five platforms, 16 to a host.
        hours: of virtual time.
        streams: open at once, in all.
        unreachable: share of cameras that do not answer: half of them never, half of them for a quarter of the time.
        outage: ``platform:NAME@START+LENGTH`` or ``all@START+LENGTH``, like ``platform:police@3h+30m``; one or several.
        seed: of the random numbers.
        period_s: longest allowed gap, seconds.
        dwell_s: of a look, seconds.
        overhead_s: seconds a look holds its stream beside the dwell.
        jitter: a look takes up to this share more or less.
        failure: share of attempts that fail although the camera is there.
        follow_up: share of inspected looks that ask for two more, 3 and 8 minutes later (of a two-hour period).
        shortest_dwell_s: what a dwell may be shortened to when not everything fits; None: dwells are never shortened.

    Raises:
        ValueError: an argument that makes no sense; the message says which.
    """
    if cameras < 1 or streams < 1 or hours <= 0 or not 0 <= unreachable <= 1:
        raise ValueError("cameras and streams must be at least 1, hours above 0, unreachable within 0 and 1")
    outages = (outage,) if isinstance(outage, str) else tuple(outage)
    look = (period_s, dwell_s, overhead_s, shortest_dwell_s)
    world = _World(cameras, hours * 3600.0, streams, unreachable, outages, seed, look)
    world.jitter, world.failure, world.follow_up = jitter, failure, follow_up
    return world.run()


def parse_outage(text: str) -> tuple[str | None, Span]:
    """Read ``platform:police@3h+30m``: the platform (None: all of them) and when it is away, seconds.

    Raises:
        ValueError: not such a text, or no such platform.
    """
    match = _OUTAGE.fullmatch(text)
    if match is None or (match["platform"] and match["platform"] not in PLATFORMS):
        names = ", ".join(PLATFORMS)
        raise ValueError(
            f"outage {text!r}: write platform:NAME@START+LENGTH or all@START+LENGTH, like platform:police@3h+30m; platforms: {names}"
        )
    start, length = (parse_duration(match[part]).total_seconds() for part in ("start", "length"))
    return match["platform"], (start, start + length)


class _World:
    """The cameras, the workers and the record."""

    def __init__(
        self,
        cameras: int,
        end: float,
        streams: int,
        unreachable: float,
        outages: tuple[str, ...],
        seed: int,
        look: tuple[float, float, float, float | None],
    ) -> None:
        self.random = random.Random(seed)  # noqa: S311 - a simulation
        self.cameras, self.end, self.streams, self.seed = cameras, end, streams, seed
        self.unreachable, self.outages = unreachable, outages
        self.period, self.dwell, self.overhead, self.least_dwell = look
        self.jitter = self.failure = self.follow_up = 0.0
        self.plans = self._plans()
        self.priority = {p.key: p.priority for p in self.plans}
        self.book = GapBook(self.period, self._aways())
        self.planner = Planner(self._limits())
        self.ends: list[tuple[float, float, str, bool, bool]] = []
        self.counts: Counter[str] = Counter()
        self.misses: Counter[str] = Counter()
        self.misses_by_priority: Counter[str] = Counter()
        self.asked: dict[str | None, float] = {}
        self.delays: list[float] = []
        self.first_warning: float | None = None
        self.planner_s = 0.0

    def run(self) -> SimulationResult:
        now = next_watch = 0.0
        planner, ends = self.planner, self.ends
        planner.set_plans(self.plans, 0.0)
        while now < self.end:
            self._finish(now)
            began = perf_counter()
            starts = planner.decide(now, self.streams - len(ends))
            wake = planner.next_wake(now)
            self.planner_s += perf_counter() - began
            for start in starts:
                self._begin(start, now)
            if now >= next_watch:
                self._watch(now)
                next_watch = now + _WATCH_EVERY_S
            if ends:
                wake = min(wake, ends[0][0])
            now = max(min(wake, next_watch), now + _LATENCY_S)
        self._watch(self.end)
        self.book.close(self.end, self.priority)
        return self._result()

    def _begin(self, start: Start, now: float) -> None:
        key = start.key
        self.counts["attempts"] += 1
        self.counts["visits"] += start.reason not in {"retry", "probe"}
        self.counts["shortened"] += start.dwell_s < self.dwell
        if start.follow_up in self.asked:
            self.delays.append(now - self.asked.pop(start.follow_up))
        draw = self.random.random
        reached = not self.book.away(key, now) and draw() >= self.failure
        if reached:
            took = (start.dwell_s + self.overhead) * (1 + self.jitter * (2 * draw() - 1))
        else:
            took = self.overhead * (0.25 + 0.75 * draw())
        heappush(self.ends, (now + took, now, key, reached, not reached))

    def _finish(self, now: float) -> None:
        while self.ends and self.ends[0][0] <= now:
            ended, started, key, inspected, unreachable = heappop(self.ends)
            began = perf_counter()
            self.planner.finished(
                key, started=started, ended=ended, inspected=inspected, unreachable=unreachable, now=now
            )
            self.planner_s += perf_counter() - began
            if inspected:
                self.counts["inspected"] += 1
                self.book.inspected(key, started)
                if self.follow_up and self.random.random() < self.follow_up:
                    self._ask(key, now)

    def _ask(self, key: str, now: float) -> None:
        for minutes in (3, 8):
            at = now + minutes / 120 * self.period
            if at < self.end:
                id_ = f"f{self.counts['follow_ups']}"
                self.counts["follow_ups"] += 1
                self.asked[id_] = at
                self.planner.follow_up(key, at, id_)

    def _watch(self, now: float) -> None:
        if self.first_warning is None and self.planner.warning(now) is not None:
            self.first_warning = now
        for miss in self.planner.missed(now):
            self.misses[miss.cause] += 1
            self.misses_by_priority[str(self.priority[miss.key])] += miss.cause == CAPACITY
        self.counts["platform_outages"] += sum(change.down for change in self.planner.platform_changes())

    def _plans(self) -> list[LookPlan]:
        names = self.random.choices(list(PLATFORMS), list(PLATFORMS.values()), k=self.cameras)
        ranks = self.random.choices(_PRIORITIES, _PRIORITY_WEIGHTS, k=self.cameras)
        seen: Counter[str] = Counter()
        plans = []
        for number, (name, rank) in enumerate(zip(names, ranks, strict=True)):
            host = f"{name}-{seen[name] // _CAMERAS_PER_HOST}"
            seen[name] += 1
            expected = self.dwell + self.overhead
            plans.append(LookPlan(f"c{number}", name, host, self.period, self.dwell, rank, expected, self.least_dwell))
        return plans

    def _limits(self) -> Limits:
        # Half as much again as its share: a platform is a limit, and not the one that decides.
        held = Counter(plan.platform for plan in self.plans)
        per_platform = {
            n: min(self.streams, 2 + math.ceil(1.5 * self.streams * held[n] / self.cameras)) for n in PLATFORMS
        }
        return Limits(self.streams, per_platform, dict.fromkeys(PLATFORMS, _STREAMS_PER_HOST))

    def _aways(self) -> dict[str, list[Span]]:
        """When which camera does not answer; cameras that always do are left out."""
        spans: dict[str, list[Span]] = {}
        keys = [plan.key for plan in self.plans]
        for place, key in enumerate(self.random.sample(keys, round(self.unreachable * self.cameras))):
            spans[key] = [(0.0, math.inf)] if place % 2 == 0 else self._flapping()
        for platform, span in map(parse_outage, self.outages):
            for plan in self.plans:
                if platform in (None, plan.platform):
                    spans.setdefault(plan.key, []).append(span)
        return spans

    def _flapping(self) -> list[Span]:
        cycle = self.period * self.random.uniform(2, 8)
        at = -cycle * self.random.random()
        spans = []
        while at < self.end:
            spans.append((at, at + cycle / 4))
            at += cycle
        return spans

    def _result(self) -> SimulationResult:
        self.delays.sort()
        book, counts = self.book, self.counts
        over = Counter(str(self.priority[key]) for key in book.over)
        return SimulationResult(
            cameras=self.cameras,
            hours=self.end / 3600,
            streams=self.streams,
            load=self.cameras * (self.dwell + self.overhead) / self.period / self.streams,
            visits=counts["visits"],
            attempts=counts["attempts"],
            inspected=counts["inspected"],
            max_gap_s=book.longest,
            p99_gap_s=book.quantile(0.99),
            cameras_over_period=len(book.over),
            misses=dict(self.misses),
            first_warning_s=self.first_warning,
            first_broken_gap_s=book.first_broken,
            decisions_per_s=counts["attempts"] / max(1e-9, self.planner_s),
            peak_mib=resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
            seed=self.seed,
            over_period_by_priority=dict(sorted(over.items())),
            capacity_misses_by_priority=dict(sorted((+self.misses_by_priority).items())),
            shortened=counts["shortened"],
            platform_outages=counts["platform_outages"],
            follow_ups=counts["follow_ups"],
            follow_ups_made=len(self.delays),
            follow_up_p95_delay_s=self.delays[int(0.95 * len(self.delays))] if self.delays else None,
            unreachable=self.unreachable,
            outages=self.outages,
        )
