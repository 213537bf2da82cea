"""Stalled, trickling, truncated, corrupt and never-ending sources end within their deadline, each with its cause."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest

from patrol.visits import Cause, Outcome, VisitOrder, VisitReport, make_look
from tests.support import streams
from tests.support.county import Patrol, registry_text, wait_for
from tests.support.rtsp import picture_clip

OPEN_S, READ_S, DWELL_S = 2.0, 2.0, 4.0
DEADLINE_S = 2 * OPEN_S + READ_S + 1.25 * DWELL_S + 3.0
"""Opening has two parts (connecting, finding out what is sent); three seconds for a slow machine and the analysis."""


@pytest.fixture(scope="module")
def clip(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Eight seconds of something to see, about 400 kB/s."""
    picture = np.random.default_rng(3).integers(0, 255, (45, 80, 3)).astype(np.uint8).repeat(8, 0).repeat(8, 1)
    return picture_clip(tmp_path_factory.mktemp("clip") / "clip.ts", picture, seconds=8, noise=6.0)


@pytest.fixture
def serve() -> Iterator[Callable[[streams.Server], streams.Server]]:
    started: list[streams.Server] = []

    def keep(server: streams.Server) -> streams.Server:
        started.append(server)
        return server

    yield keep
    for server in started:
        server.stop()


def look(url: str) -> tuple[VisitReport, float]:
    begun = time.monotonic()
    report = make_look(
        VisitOrder(id="x", source=url, dwell_s=DWELL_S, open_timeout_s=OPEN_S, read_timeout_s=READ_S), None
    )
    return report, time.monotonic() - begun


CASES: dict[str, tuple[Callable[[Path], streams.Server], str, Cause]] = {
    "black hole": (lambda _: streams.black_hole(), "http", Cause.TIMEOUT),
    "black hole over RTSP": (lambda _: streams.black_hole(), "rtsp", Cause.TIMEOUT),
    "stalled early": (lambda clip: streams.stalled(clip, 0.2), "http", Cause.TIMEOUT),
    "trickling": (lambda clip: streams.trickling(clip, clip.stat().st_size // 80), "http", Cause.TIMEOUT),
    "truncated": (lambda clip: streams.truncated(clip, 188 * 12), "http", Cause.DECODE_ERROR),
    "corrupt": (streams.corrupt, "http", Cause.DECODE_ERROR),
    "endless garbage": (lambda _: streams.endless_garbage(), "http", Cause.DECODE_ERROR),
    "endless header": (lambda _: streams.endless_header(), "http", Cause.TIMEOUT),
    "a page": (lambda _: streams.answering("200 OK", b"<html>" + b"x" * 500), "http", Cause.DECODE_ERROR),
    "unauthorised": (lambda _: streams.answering("401 Unauthorized"), "http", Cause.AUTH),
    "not there": (lambda _: streams.answering("404 Not Found"), "http", Cause.NOT_FOUND),
    "server error": (lambda _: streams.answering("500 Internal Server Error"), "http", Cause.REFUSED),
}


@pytest.mark.parametrize("name", CASES)
def test_a_faulty_source_ends_within_its_deadline_with_its_cause(
    name: str, clip: Path, serve: Callable[[streams.Server], streams.Server]
) -> None:
    make, scheme, cause = CASES[name]
    server = serve(make(clip))
    report, took = look(server.url(scheme))
    assert server.connections >= 1, "the fault did not happen: nobody came"
    assert (report.outcome, report.cause) == (Outcome.UNREACHABLE, cause), report.detail
    assert took <= DEADLINE_S
    assert report.findings == ()


def test_a_source_that_never_ends_is_looked_at_for_its_dwell_and_left(
    clip: Path, serve: Callable[[streams.Server], streams.Server]
) -> None:
    server = serve(streams.endless_video(clip, clip.stat().st_size // 8))
    report, took = look(server.url())
    assert report.outcome is Outcome.INSPECTED, report.detail
    assert report.seconds <= DWELL_S
    assert took <= DEADLINE_S
    assert server.sent < 3 * clip.stat().st_size


def test_a_stream_that_stalls_near_its_end_is_a_look_and_says_so(
    clip: Path, serve: Callable[[streams.Server], streams.Server]
) -> None:
    server = serve(streams.stalled(clip, 0.45))
    report, took = look(server.url())
    assert report.outcome is Outcome.INSPECTED
    assert "no answer" in (report.detail or "")
    assert took <= DEADLINE_S


@pytest.mark.parametrize(
    ("source", "cause"),
    [
        ("ftp://127.0.0.1/x", Cause.BAD_SOURCE),
        ("rtsp://", Cause.BAD_SOURCE),
        ("http://127.0.0.1:99999/x", Cause.BAD_SOURCE),
        ("no-such-file.mp4", Cause.NOT_FOUND),
    ],
)
def test_an_address_that_cannot_be_is_named_at_once(source: str, cause: Cause) -> None:
    report, took = look(source)
    assert (report.outcome, report.cause) == (Outcome.UNREACHABLE, cause)
    assert took < 2


@pytest.mark.timeout(240)
def test_in_the_service_faulty_cameras_are_named_while_the_others_go_on(
    clip: Path, tmp_path: Path, serve: Callable[[streams.Server], streams.Server]
) -> None:
    rate = clip.stat().st_size // 8
    servers = {f"good-{n}": serve(streams.endless_video(clip, rate)) for n in range(4)}
    servers |= {
        "stalled": serve(streams.stalled(clip, 0.2)),
        "trickling": serve(streams.trickling(clip, rate // 10)),
        "truncated": serve(streams.truncated(clip, 188 * 12)),
        "corrupt": serve(streams.corrupt(clip)),
        "garbage": serve(streams.endless_garbage()),
        "hole": serve(streams.black_hole()),
    }
    registry = tmp_path / "registry.yaml"
    registry.write_text(
        registry_text({name: server.url() for name, server in servers.items()}, period="60s", dwell="4s"), "utf-8"
    )
    patrol = Patrol(registry, tmp_path / "data", None, model=None)
    patrol.start()
    try:

        def seen() -> dict[str, set[str]]:
            found: dict[str, set[str]] = {name: set() for name in servers}
            for visit in patrol.cli("visits", "--limit", "1000"):
                found[visit["camera"]].add(visit["cause"] or visit["outcome"])
            return found

        def good_twice() -> bool:
            visits = patrol.cli("visits", "--limit", "1000")
            return all(
                sum(v["camera"] == f"good-{n}" and v["outcome"] == "inspected" for v in visits) >= 2 for n in range(4)
            )

        wait_for("every camera was looked at", lambda: all(seen().values()), 60, every_s=1)
        wait_for("the good ones go on", good_twice, 100, every_s=2)
        assert all(server.connections for server in servers.values())
        assert {name: causes for name, causes in seen().items() if not name.startswith("good")} == {
            "stalled": {"timeout"},
            "trickling": {"timeout"},
            "truncated": {"decode_error"},
            "corrupt": {"decode_error"},
            "garbage": {"decode_error"},
            "hole": {"timeout"},
        }
        gaps = [v["gap_s"] for v in patrol.cli("visits", "--limit", "1000") if v["gap_s"] is not None]
        assert gaps
        assert max(gaps) <= 60
        assert patrol.terminate() == 0
    finally:
        patrol.stop()
