"""A file looked at from an offset: the frames of that stretch and no others, whatever keyframes it has."""

from __future__ import annotations

from pathlib import Path

import av
import numpy as np
import pytest

from detectors import Kind
from patrol.visits import Outcome, VisitOrder, make_look
from patrol.visits.capture import capture
from patrol.visits.captured import Capture

FPS = 10


@pytest.fixture(scope="module", params=["mp4", "ts"])
def numbered(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Twelve seconds at 10 Hz; frame n is a bar n pixels wide. Keyframes at 0 s and 7 s, B-frames between."""
    file = tmp_path_factory.mktemp("clips") / f"numbered.{request.param}"
    with av.open(str(file), "w") as out:
        options = {"g": "70", "keyint_min": "70", "sc_threshold": "0", "bf": "2", "qp": "10", "preset": "veryfast"}
        stream = out.add_stream("libx264", rate=FPS, options=options)
        stream.width, stream.height, stream.pix_fmt = 320, 64, "yuv420p"
        for number in range(12 * FPS):
            picture = np.full((64, 320, 3), 20, np.uint8)
            picture[:, : 2 * number] = 220
            out.mux(stream.encode(av.VideoFrame.from_ndarray(picture, format="bgr24")))
        out.mux(stream.encode())
    return file


def taken(file: Path, start_s: float, dwell_s: float) -> Capture:
    return capture(str(file), dwell_s=dwell_s, start_s=start_s, open_timeout_s=5, read_timeout_s=5, deadline_s=30)


def numbers(got: Capture) -> list[int]:
    return [round(float((frame.gray()[32] > 120).sum()) / 2) for frame in got.frames()]


@pytest.mark.parametrize(("start_s", "first"), [(0.0, 0), (3.0, 30), (6.9, 69), (7.0, 70), (7.1, 71), (9.5, 95)])
def test_the_look_begins_at_the_frame_asked_for(numbered: Path, start_s: float, first: int) -> None:
    got = taken(numbered, start_s, 2.0)
    seen = numbers(got)
    # A capture ends with the first packet behind its end; with B-frames up to two pictures before the end follow that one.
    assert seen == list(range(first, first + len(seen)))
    assert 19 <= len(seen) <= 21
    times = [frame.at for frame in got.frames()]
    assert times[0] == 0.0
    assert times[-1] == pytest.approx((len(seen) - 1) / FPS, abs=0.01)
    assert got.seconds == pytest.approx(2.0, abs=0.21)
    assert got.lead_s == pytest.approx(start_s if start_s < 7 else start_s - 7, abs=0.01)


def test_a_look_near_the_end_is_as_long_as_there_is_picture(numbered: Path) -> None:
    assert numbers(taken(numbered, 11.0, 5.0)) == list(range(110, 120))


def test_behind_the_end_there_is_nothing_to_see(numbered: Path) -> None:
    order = VisitOrder("x", str(numbered), dwell_s=5, start_s=60, detectors=(Kind.FIREWORKS,))
    report = make_look(order, None)
    assert (report.outcome, report.findings) == (Outcome.UNREACHABLE, ())


def test_a_stream_has_no_offset() -> None:
    with pytest.raises(ValueError, match="offset"):
        capture("rtsp://192.0.2.1/x", dwell_s=1, start_s=2, open_timeout_s=1, read_timeout_s=1, deadline_s=1)


def test_the_evidence_of_a_late_look_shows_its_moment(numbered: Path, tmp_path: Path) -> None:
    order = VisitOrder("x", str(numbered), dwell_s=4, start_s=7.5, detectors=(), evidence_dir=tmp_path, keep_all=True)
    kept = {e.role: Path(e.path) for e in make_look(order, None).evidence}
    with av.open(str(kept["picture"])) as picture:
        (frame,) = picture.decode(video=0)
    assert round(float((frame.to_ndarray(format="gray")[32] > 120).sum()) / 2) == 75
    with av.open(str(kept["clip"])) as clip:
        assert sum(1 for _ in clip.decode(video=0)) in range(44, 47)  # from the keyframe at 7 s to 11.5 s


def test_a_clip_says_at_which_second_of_the_look_it_begins(numbered: Path, tmp_path: Path) -> None:
    """The look begins at 7.5 s of the file, the clip at the keyframe before it, at 7 s."""
    order = VisitOrder("x", str(numbered), dwell_s=4, start_s=7.5, detectors=(), evidence_dir=tmp_path, keep_all=True)
    report = make_look(order, None)
    begins = {e.role: e.from_s for e in report.evidence}
    assert begins["clip"] == pytest.approx(-0.5, abs=0.11)
    assert begins["picture"] is None
    assert "from_s" not in report.to_json()["evidence"][-1]
