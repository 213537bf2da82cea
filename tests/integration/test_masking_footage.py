"""Real pictures of streets with every head drawn by eye: a masked still shows none of them."""

from __future__ import annotations

import json

import pytest

from bench.masking import HEADS, frames, hidden_share
from detectors import load, resolve
from patrol.evidence.export import find
from patrol.evidence.masking import Rules
from tests.support.footage import CLIPS


@pytest.mark.footage
def test_every_head_that_a_person_could_point_at_is_hidden_in_a_still() -> None:
    path = resolve(None).path
    assert path is not None
    model = load(path)
    left, heads = [], 0
    for told in json.loads(HEADS.read_text("utf-8"))["frames"]:
        for _, _, picture in frames(CLIPS / told["clip"], {told["frame"]}):
            covers = tuple(thing.cover for thing in find(model, picture, Rules(), fine=True))
            for box in told["heads"] + told["plates"]:
                heads += 1
                if hidden_share(tuple(box), covers) < 0.95:
                    left.append((told["clip"], box, hidden_share(tuple(box), covers)))
    assert heads == 53
    assert left == []
