"""A shift lead and an operator take a copy of a clip in a real browser; the register says so; the copy plays and is masked."""

from __future__ import annotations

from pathlib import Path

import av
import pytest

from tests.support.journeys import Demo, journey


@pytest.mark.timeout(500)
def test_a_copy_is_asked_for_followed_and_fetched_and_stands_in_the_register(tmp_path: Path, shared_demo: Demo) -> None:
    journey("evidence", shared_demo.url, str(tmp_path), within_s=320)
    with av.open(str(tmp_path / "copy.mp4")) as copy:
        assert [stream.codec_context.name for stream in copy.streams] == ["h264"]
        assert sum(1 for _ in copy.decode(video=0)) > 10
