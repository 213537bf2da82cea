"""A platform that goes away: noticed, folded into one change, probed, and back in order."""

from __future__ import annotations

from dataclasses import dataclass, field

from patrol.rotation import Limits, LookPlan, PlatformChange
from tests.unit.rotation.drill import Drill, plan

PERIOD = 7200.0


@dataclass
class Outage:
    """Answers for cameras of platform ``a`` that is away for a while, and of ``b`` that is not."""

    start: float
    end: float
    dead: set[str] = field(default_factory=set)

    def __call__(self, key: str, _attempt: int, now: float) -> bool:
        return key not in self.dead and not (key.startswith("a") and self.start <= now < self.end)


def county(count: int = 60) -> list[LookPlan]:
    return [
        plan(f"{name}{n}", PERIOD, 28.0, platform=name, host=f"{name}-{n % 8}") for name in "ab" for n in range(count)
    ]


def run(outage: Outage, until: float, plans: list[LookPlan] | None = None) -> tuple[Drill, list[PlatformChange]]:
    listed = plans or county()
    drill = Drill.of(listed, Limits(4, {"a": 3, "b": 3}, {}), answers=outage)
    changes: list[PlatformChange] = []
    while drill.now < until:
        drill.run(drill.now + 60.0)
        changes += drill.planner.platform_changes()
    return drill, changes


def test_cameras_that_fail_one_after_the_other_are_one_outage_of_their_platform() -> None:
    drill, changes = run(Outage(9000.0, 19_800.0), 30_000.0)
    assert [(c.platform, c.down, c.looks) for c in changes] == [("a", True, 60), ("a", False, 60)]
    down, up = changes
    assert 9000.0 <= down.since <= 9000.0 + 600.0
    assert 19_800.0 <= up.since <= 19_800.0 + 61.0
    failed = [at for at, start in drill.starts if start.key.startswith("a") and down.since + 120 < at < 19_800.0]
    # One probe a minute in place of every camera with all its retries.
    assert (19_800.0 - down.since) / 60 * 0.9 - 5 < len(failed) < (19_800.0 - down.since) / 60 + 10


def test_a_platform_that_is_away_costs_the_others_nothing() -> None:
    drill, _ = run(Outage(9000.0, 19_800.0), 40_000.0)
    assert {k: drill.worst(k) for k in drill.plans if k.startswith("b") and drill.worst(k) > PERIOD} == {}


def test_deadlines_that_pass_meanwhile_are_misses_of_that_cause_and_no_broken_promise() -> None:
    drill, _ = run(Outage(9000.0, 19_800.0), 30_000.0)
    assert {miss.cause for miss in drill.misses} == {"platform_down"}
    assert {miss.key[0] for miss in drill.misses} == {"a"}
    assert drill.planner.first_broken is None


def test_after_it_every_camera_is_seen_within_a_period_of_its_return() -> None:
    drill, changes = run(Outage(9000.0, 30_000.0), 30_000.0 + 61.0 + PERIOD)
    up = changes[-1].since
    for key in drill.plans:
        seen = [at for at in drill.started(key) if at >= up]
        assert seen, key
        assert seen[0] <= up + PERIOD, key


def test_probes_go_through_different_cameras() -> None:
    drill, _ = run(Outage(9000.0, 19_800.0), 19_000.0)
    probes = [start.key for at, start in drill.starts if start.reason == "probe"]
    assert len(probes) > 60
    assert len(set(probes[:40])) == 40


def test_dead_cameras_are_no_outage() -> None:
    dead = {f"a{n}" for n in range(20)}
    drill, changes = run(Outage(0.0, 0.0, dead), 5 * PERIOD)
    assert changes == []
    assert all(drill.worst(k) <= PERIOD for k in drill.plans if k not in dead)


def test_a_small_platform_is_away_when_all_that_answered_failed() -> None:
    plans = [plan(f"a{n}", PERIOD, 28.0, platform="a") for n in range(3)]
    plans += [plan(f"b{n}", PERIOD, 28.0, platform="b") for n in range(20)]
    _, changes = run(Outage(9000.0, 30_000.0, {"a2"}), 40_000.0, plans)
    assert [(c.platform, c.down) for c in changes] == [("a", True), ("a", False)]


def test_one_camera_alone_is_never_a_platform_outage() -> None:
    plans = [plan("a0", PERIOD, 28.0, platform="a"), *(plan(f"b{n}", PERIOD, 28.0, platform="b") for n in range(20))]
    drill, changes = run(Outage(9000.0, 30_000.0), 40_000.0, plans)
    assert changes == []
    assert len([at for at in drill.started("a0") if 9000.0 <= at < 30_000.0]) >= 4


def test_a_picture_that_is_no_proof_shows_that_the_platform_is_there() -> None:
    drill = Drill.of(county(), Limits(4, {}, {}), answers=Outage(9000.0, 30_000.0), unusable=True).run(40_000.0)
    assert drill.planner.platform_changes() == ()


def test_a_probe_that_never_became_a_look_is_made_again() -> None:
    drill, _ = run(Outage(9000.0, 30_000.0), 15_000.0)
    planner, now = drill.planner, drill.now
    for key in list(drill.running):
        planner.aborted(key, now)
    probes = 0
    for _ in range(10):
        now += 61.0
        for start in planner.decide(now, 4):
            probes += start.reason == "probe"
            planner.aborted(start.key, now)
    assert probes >= 9


def test_cameras_with_an_unusable_picture_show_an_outage_as_well() -> None:
    """At night half a county's banks are dark: their platform answers, until it does not."""
    drill = Drill.of(
        county(), Limits(4, {"a": 3, "b": 3}, {}), answers=lambda key, _attempt, _now: key[0] == "b", unusable=True
    )
    drill.run(20_000.0)
    assert drill.planner.platform_changes() == ()
    drill.unusable = False
    drill.run(45_000.0)
    assert [(c.platform, c.down) for c in drill.planner.platform_changes()] == [("a", True)]
