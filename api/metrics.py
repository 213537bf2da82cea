"""What Prometheus asks for, read from the service when asked."""

from __future__ import annotations

from collections.abc import Iterator

from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

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
            ("patrol_load_ratio", "Stream seconds needed over those there are.", now.load),
            (
                "patrol_worst_gap_seconds",
                "Longest time since an inspected look, of looks that answer.",
                now.worst_gap_s or 0.0,
            ),
            ("patrol_problems", "Problems shown to operators.", len(self._service.problems)),
            ("patrol_unwritten", "Looks that wait for the store.", self._service.recorder.waiting()),
            ("patrol_broker_connected", "1 while the MQTT broker is connected.", float(self._service.relay.connected)),
        ):
            yield GaugeMetricFamily(name, text, value=float(value))
        visits = CounterMetricFamily("patrol_visits", "Looks since the start.", labels=("outcome", "cause"))
        for (outcome, cause), count in tuple(self._service.counts.items()):
            visits.add_metric((outcome, cause), count)
        yield visits
        yield CounterMetricFamily(
            "patrol_visit_cpu_seconds", "Processor seconds of all looks.", value=self._service.cpu_s
        )


def exposition(service: Service) -> bytes:
    """The text exposition format."""
    registry = CollectorRegistry()
    registry.register(_FromService(service))
    return generate_latest(registry)
