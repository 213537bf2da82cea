"""The model that ships: it is found without being named, knows what the detectors ask for, and carries nothing of where it was made."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import cv2
import numpy as np
import pytest
import yaml

from detectors import ArrayFrame, Model, Objects, load, resolve
from detectors.training import NAMES
from tests.support.footage import CLIPS, ROOT

FOLDER = Path(__file__).resolve().parents[3] / "detectors" / "models"
MODEL = FOLDER / "patrol_n"
CARD = FOLDER / "README.md"


@pytest.fixture(scope="module")
def model() -> Model:
    found = resolve(None)
    assert (found.origin, found.path) == ("shipped", str(MODEL))
    return load(str(found.path))


def still(name: str) -> ArrayFrame:
    picture = cv2.imread(str(ROOT / "images" / name))
    assert picture is not None, f"{name} is missing from the footage"
    return ArrayFrame(picture)


def seen(model: Model, frame: ArrayFrame, *wanted: str) -> Objects:
    return model.objects(frame, 0.25).only(wanted)


def test_it_knows_what_the_detectors_ask_for_and_says_so_in_its_card(model: Model) -> None:
    named = yaml.safe_load((MODEL / "metadata.yaml").read_text("utf-8"))["names"]
    assert tuple(named.values()) == NAMES
    assert model.classes == set(NAMES)
    listed = re.search(r"^Classes: (.+)\.$", CARD.read_text("utf-8"), re.MULTILINE)
    assert listed is not None
    assert tuple(name.strip(" `") for name in listed[1].split(",")) == NAMES


def test_it_carries_nothing_of_the_machine_that_made_it() -> None:
    for file in (*MODEL.iterdir(), CARD):
        text = file.read_bytes()
        assert not re.search(rb"/(tmp|home|root|work|mnt|var|usr|opt)/", text), file.name
        assert b"localhost" not in text, file.name
    assert sum(file.stat().st_size for file in MODEL.iterdir()) < 9_000_000


def test_it_loads_where_no_training_toolchain_is_installed() -> None:
    code = (
        "import sys; sys.modules.update(torch=None, ultralytics=None); from detectors import load, resolve;"
        "load(resolve(None).path); import patrol.visits, patrol.cli;"
        "assert not [name for name in sys.modules if name.startswith('detectors.training')]"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False, timeout=120)
    assert done.returncode == 0, done.stderr


def test_an_empty_picture_of_any_shape_gives_nothing(model: Model) -> None:
    for height, width in ((288, 352), (720, 1280), (568, 320), (64, 900)):
        assert len(model.objects(ArrayFrame(np.full((height, width, 3), 90, np.uint8)), 0.25)) == 0


@pytest.mark.footage
def test_the_same_picture_gives_the_same_objects(model: Model) -> None:
    name = "talltails_fishing/b5ce0_1-2.jpg"
    first, again = model.objects(still(name)), load(str(MODEL)).objects(still(name))
    assert first.names == again.names
    assert np.array_equal(first.boxes, again.boxes)
    assert np.array_equal(first.scores, again.scores)


@pytest.mark.footage
def test_it_finds_people_and_boats(model: Model) -> None:
    found = seen(model, still("talltails_fishing/b5ce0_1-2.jpg"), "person", "boat")
    assert found.names.count("person") >= 2
    assert found.names.count("boat") >= 1
    assert seen(model, still("fishing_frames/wading_8s.jpg"), "person")


@pytest.mark.footage
def test_it_finds_vehicles_in_a_jam(model: Model) -> None:
    read = cv2.VideoCapture(str(CLIPS / "traffic/traffic_jamcam_shaftesbury_queue.mp4"))
    there, picture = read.read()
    assert there
    assert len(seen(model, ArrayFrame(np.asarray(picture, np.uint8)), "car", "truck", "bus")) >= 4


@pytest.mark.footage
def test_it_finds_the_rod_of_an_angler_and_none_on_an_empty_lake(model: Model) -> None:
    everywhere = (0.0, 0.0, 1.0, 1.0)
    rods = model.objects(still("fishing_frames/wading_8s.jpg"), 0.4, everywhere).only(("rod",))
    assert len(rods) >= 1
    left, _, right, bottom = rods.boxes[0]
    assert left < 0.5 < right, "from the hands to the right"
    assert bottom < 0.6
    assert not len(model.objects(still("springwood_lake/8fc49_lake1.jpg"), 0.4, everywhere).only(("rod",)))


@pytest.mark.footage
def test_whole_frames_are_spared_the_branch_for_rods(model: Model) -> None:
    picture = still("fishing_frames/wading_8s.jpg")
    assert not len(model.objects(picture, 0.1).only(("rod",)))
    assert len(model.objects(picture, 0.1).only(("person",)))


@pytest.mark.footage
def test_it_tells_water_where_there_is_some_and_none_in_a_street(model: Model) -> None:
    lake = model.water(still("fishing_frames/wading_8s.jpg"))
    read = cv2.VideoCapture(str(CLIPS / "traffic/traffic_jamcam_shaftesbury_queue.mp4"))
    there, picture = read.read()
    assert there
    street = model.water(ArrayFrame(np.asarray(picture, np.uint8)))
    assert lake is not None
    assert street is not None
    assert float((lake > 0.4).mean()) > 0.05
    assert float((street > 0.4).mean()) < 0.01
