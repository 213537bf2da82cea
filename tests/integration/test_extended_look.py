"""Where sparks are seen, a camera is looked at for longer at once. Real fireworks over real RTSP."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from detectors import Kind, Verdict
from patrol.visits import Outcome, VisitOrder, VisitReport, make_look
from patrol.visits import look as module
from patrol.visits.capture import capture
from tests.support.footage import CLIPS
from tests.support.rtsp import RtspServer, loop

pytestmark = pytest.mark.footage

FOUNTAIN = CLIPS / "fireworks" / "fireworks_ground_fountain_crowd.mp4"
STREET = CLIPS / "traffic" / "traffic_jamcam_a40_free.mp4"


@pytest.fixture(scope="module")
def cameras(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RtspServer]:
    folder = tmp_path_factory.mktemp("cameras")
    server = RtspServer({"sparks": loop(FOUNTAIN, folder / "sparks.ts"), "street": loop(STREET, folder / "street.ts")})
    yield server
    server.stop()


def look(source: str, *, evidence: Path | None = None) -> VisitReport:
    order = VisitOrder(
        id="x", source=source, dwell_s=5.0, extend_s=6.0, detectors=(Kind.FIREWORKS,), evidence_dir=evidence
    )
    return make_look(order, None)


def test_a_look_at_fireworks_goes_on_at_once(cameras: RtspServer, tmp_path: Path) -> None:
    report = look(cameras.url("sparks"), evidence=tmp_path)
    assert report.outcome is Outcome.INSPECTED
    (finding,) = report.findings
    assert finding.verdict is Verdict.FLAGGED
    assert float(finding.measurements["extended_s"]) == pytest.approx(6.0, abs=0.6)
    assert report.seconds == pytest.approx(11.0, abs=1.2)
    assert finding.at is not None
    assert 0 <= finding.at <= report.seconds
    assert {e.role for e in report.evidence} == {"clip", "key_frame", "picture"}


def test_a_look_at_anything_else_ends_when_it_should(cameras: RtspServer) -> None:
    report = look(cameras.url("street"))
    assert report.seconds == pytest.approx(5.0, abs=0.6)
    assert "extended_s" not in report.findings[0].measurements


def test_a_file_is_never_extended() -> None:
    report = look(str(FOUNTAIN))
    assert report.seconds == pytest.approx(5.0, abs=0.3)
    assert "extended_s" not in report.findings[0].measurements


def test_a_camera_that_goes_away_meanwhile_costs_nothing_that_was_seen(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    server = RtspServer({"sparks": loop(FOUNTAIN, tmp_path / "sparks.ts")})
    took: list[object] = []

    def then_gone(*source: str, **how: float) -> object:
        got = capture(*source, **how)
        server.stop()
        took.append(got)
        return got

    monkeypatch.setattr(module, "capture", then_gone)
    order = VisitOrder(
        id="x",
        source=server.url("sparks"),
        dwell_s=5.0,
        extend_s=6.0,
        detectors=(Kind.FIREWORKS,),
        open_timeout_s=2.0,
        read_timeout_s=2.0,
    )
    report = make_look(order, None)
    assert len(took) == 1
    assert report.outcome is Outcome.INSPECTED
    assert report.findings[0].verdict is Verdict.FLAGGED
    assert report.detail is not None
    assert "could not be extended" in report.detail
