"""The picture that zones are drawn on, of real footage: the road is to be seen, and nobody on it."""

from __future__ import annotations

from typing import Any

import cv2
import numpy as np
import pytest

from detectors import load as load_model
from detectors import resolve
from patrol._registry_pictures import Pictures
from patrol.evidence.export import find
from patrol.evidence.masking import Rules
from tests.support.footage import CLIPS as FOOTAGE


@pytest.mark.footage
def test_nobody_is_seen_on_the_picture_a_zone_is_drawn_on() -> None:
    video = cv2.VideoCapture(str(FOOTAGE / "negative/neg_vtest_campus_pedestrians.mp4"))
    there, frame = video.read()
    video.release()
    assert there
    fits, jpeg = cv2.imencode(".jpg", frame, [cv2.IMWRITE_JPEG_QUALITY, 95])
    assert fits
    picture = Pictures().masked(bytes(jpeg))
    assert picture is not None
    shown = cv2.imdecode(np.frombuffer(picture.content, np.uint8), cv2.IMREAD_COLOR)
    assert shown is not None
    model = load_model(resolve(None).path or "")

    def people(image: Any) -> int:
        return len(find(model, image, Rules(whole_people=True), fine=True))

    assert people(frame) >= 3
    assert people(shown) < people(frame)
    # What was covered is no longer what it was.
    covered = [thing.cover.box for thing in find(model, frame, Rules(whole_people=True), fine=True)]
    height, width = frame.shape[:2]
    for box in covered:
        x0, y0, x1, y1 = (max(0, int(v)) for v in (box[0] * width, box[1] * height, box[2] * width, box[3] * height))
        part = slice(y0, min(height, y1)), slice(x0, min(width, x1))
        assert np.abs(shown[part].astype(int) - frame[part]).mean() > 4
