"""What Prometheus asks for, read from the service when asked."""

from __future__ import annotations

from collections.abc import Iterator

from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector
from sqlalchemy.exc import SQLAlchemyError

from patrol.cases import listing
from patrol.cases.types import OPEN_STAGES
from patrol.rotation import Snapshot
from patrol.service import Service


class _FromService(Collector):
    def __init__(self, service: Service) -> None:
        self._service = service

    def collect(self) -> Iterator[Metric]:
        """Metrics of this moment."""
        now = self._service.snapshot()
        for name, text, value in (
            ("patrol_looks", "Looks in the rotation.", now.cameras),
            ("patrol_looks_due", "Looks that are due.", now.due),
            ("patrol_looks_late", "Looks past their deadline.", now.late),
            ("patrol_looks_away", "Looks without a usable picture.", now.away),
            ("patrol_looks_running", "Looks being made.", now.running),
            ("patrol_looks_held", "Looks on hold for maintenance.", now.held),
            ("patrol_load_ratio", "Stream seconds needed over those there are.", now.load),
            ("patrol_load_shortened_ratio", "The same with looks as short as they are now.", now.shortened),
            (
                "patrol_worst_gap_seconds",
                "Longest time since an inspected look, of looks that answer.",
                now.worst_gap_s or 0.0,
            ),
            ("patrol_problems", "Problems shown to operators.", len(self._service.board.problems)),
            ("patrol_unwritten", "Looks that wait for the store.", self._service.recorder.waiting()),
            ("patrol_broker_connected", "1 while the MQTT broker is connected.", float(self._service.relay.connected)),
        ):
            yield GaugeMetricFamily(name, text, value=float(value))
        yield from _cases(self._service)
        yield from _platforms(now)
        yield from _forecast(self._service)
        visits = CounterMetricFamily("patrol_visits", "Looks since the start.", labels=("outcome", "cause"))
        for (outcome, cause), count in tuple(self._service.counts.items()):
            visits.add_metric((outcome, cause), count)
        yield visits
        acks = CounterMetricFamily("patrol_acks", "Answers of departments since the start.", labels=("status", "taken"))
        for (status, taken), count in tuple(self._service.relay.answers.items()):
            acks.add_metric((status, str(taken).lower()), count)
        yield acks
        yield CounterMetricFamily(
            "patrol_visit_cpu_seconds", "Processor seconds of all looks.", value=self._service.cpu_s
        )


def _cases(service: Service) -> Iterator[Metric]:
    if not service.cases.built_in:
        return
    try:
        with service.store.reading() as session:
            found = listing.counts(session, listing.Filter(stages=OPEN_STAGES))
    except SQLAlchemyError:
        # The others must be there above all when the store is not.
        return
    lights = GaugeMetricFamily("patrol_cases_open", "Open cases by light.", labels=("light",))
    for light, count in found.lights.items():
        lights.add_metric((light,), count)
    yield lights


def _platforms(now: Snapshot) -> Iterator[Metric]:
    load = GaugeMetricFamily("patrol_platform_load_ratio", "The same for one platform.", labels=("platform",))
    away = GaugeMetricFamily("patrol_platform_away", "1 while a platform is away and probed.", labels=("platform",))
    seconds = GaugeMetricFamily(
        "patrol_platform_look_seconds", "Measured mean seconds a look holds its stream.", labels=("platform",)
    )
    for share in now.platforms:
        load.add_metric((share.name,), share.load)
        away.add_metric((share.name,), float(share.down_since is not None))
        if share.look_s is not None:
            seconds.add_metric((share.name,), share.look_s)
    yield from (load, away, seconds)


def _forecast(service: Service) -> Iterator[Metric]:
    seen = service.outlook.latest if service.outlook else None
    if seen is None:
        return
    if seen.worst_gap_s is not None:
        yield GaugeMetricFamily(
            "patrol_forecast_worst_gap_seconds",
            "Longest gap predicted in the coming two periods.",
            value=seen.worst_gap_s,
        )
    yield GaugeMetricFamily("patrol_forecast_broken_looks", "Looks that will go past their period.", value=seen.broken)
    yield GaugeMetricFamily("patrol_forecast_peak_load_ratio", "Highest load predicted.", value=seen.peak_load)
    if seen.first is not None:
        yield GaugeMetricFamily(
            "patrol_forecast_first_broken_timestamp_seconds",
            "When the first look will go past its period; absent when none will.",
            value=service.clock.wall_at(seen.first.deadline).timestamp(),
        )


def exposition(service: Service) -> bytes:
    """The text exposition format."""
    registry = CollectorRegistry()
    registry.register(_FromService(service))
    return generate_latest(registry)
