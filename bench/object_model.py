"""What an object model finds and costs: ``python -m bench.object_model --footage DIR --model MODEL [--size 640] [--tiles]``.

Vehicles against the hand-made tracks of five JamCam clips (and on spoilt copies of the same frames), boats, people and rods
against `tests/data/objects_by_eye.json`, false rods on everything that shows none.
"""

from __future__ import annotations

import argparse
import csv
import json
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from xml.etree import ElementTree

import av
import cv2
import numpy as np
from numpy.typing import NDArray

from detectors import ArrayFrame, Objects
from detectors._openvino import OpenVinoModel
from detectors._types import Image
from detectors.training import weather

BY_EYE = Path(__file__).resolve().parents[1] / "tests" / "data" / "objects_by_eye.json"
VEHICLES = ("car", "motorcycle", "bus", "truck")
_ASK = 0.25
_FEWEST_PIXELS = 8
Boxes = NDArray[np.float32]
Look = Callable[[Image], Objects]


def spoilt(seed: int, *, as_filmed: bool = False) -> dict[str, Callable[[Image], Image]]:
    """Copies of a picture, the same for every model. The same drawing code spoils pictures in training: not independent."""

    def fresh() -> np.random.Generator:
        return np.random.default_rng(seed)

    if as_filmed:
        return {"as filmed": lambda p: p}
    return {
        "as filmed": lambda p: p,
        "night": lambda p: weather.night(p, fresh(), 0.25),
        "deep night": lambda p: weather.night(p, fresh(), 0.12),
        "rain": lambda p: weather.squeezed(weather.rain(p, fresh(), 300), fresh(), 40),
        "haze": lambda p: weather.haze(p, fresh(), 0.65),
        "half size": lambda p: weather.small(p, fresh(), 0.5),
        "JPEG 10": lambda p: weather.squeezed(p, fresh(), 10),
    }


@dataclass
class Tally:
    """Detections of one class over many pictures, matched at a given overlap."""

    overlap: float = 0.5
    truths: int = 0
    scores: list[float] = field(default_factory=list)
    hits: list[bool] = field(default_factory=list)

    def add(self, boxes: Boxes, scores: NDArray[np.float32], truth: Boxes, ignore: Boxes) -> None:
        """One picture: strongest first, each truth once; detections mostly inside ``ignore`` do not count."""
        self.truths += len(truth)
        free = np.ones(len(truth), bool)
        for at in np.argsort(-scores):
            over = _iou(boxes[at], truth) * free if len(truth) else np.zeros(0)
            if over.size and over.max() >= self.overlap:
                free[int(over.argmax())] = False
                self._note(float(scores[at]), hit=True)
            elif not _inside(boxes[at], ignore):
                self._note(float(scores[at]), hit=False)

    def line(self, ask: float = _ASK) -> str:
        """``recall / precision / AP`` as text."""
        scores, hits = np.array(self.scores), np.array(self.hits, bool)
        asked = scores >= ask
        found = int((asked & hits).sum())
        precision = found / max(1, int(asked.sum()))
        return f"{found / max(1, self.truths):.2f} / {precision:.2f} / {self.average(scores, hits):.2f}"

    def average(self, scores: NDArray[np.float64], hits: NDArray[np.bool_]) -> float:
        """Average precision, all points, from score 0.1 up."""
        if not len(scores) or not self.truths:
            return 0.0
        right = np.cumsum(hits[np.argsort(-scores)])
        precision = right / np.arange(1, len(right) + 1)
        best = np.maximum.accumulate(precision[::-1])[::-1]
        return float(np.sum(np.diff(np.concatenate([[0], right / self.truths])) * best))

    def _note(self, score: float, *, hit: bool) -> None:
        self.scores.append(score)
        self.hits.append(hit)


def _iou(box: Boxes, others: Boxes) -> NDArray[np.float32]:
    low, high = np.maximum(box[:2], others[:, :2]), np.minimum(box[2:], others[:, 2:])
    both = np.clip(high - low, 0, None).prod(axis=1)
    areas = (others[:, 2:] - others[:, :2]).prod(axis=1)
    return both / np.maximum((box[2:] - box[:2]).prod() + areas - both, 1e-9)


def _inside(box: Boxes, areas: Boxes) -> bool:
    if not len(areas):
        return False
    low, high = np.maximum(box[:2], areas[:, :2]), np.minimum(box[2:], areas[:, 2:])
    return bool((np.clip(high - low, 0, None).prod(axis=1) / max(1e-9, float((box[2:] - box[:2]).prod()))).max() > 0.5)


def tiled(look: Look) -> Look:
    """The whole picture and four overlapping quarters of it, doubles removed."""

    def both(picture: Image) -> Objects:
        height, width = picture.shape[:2]
        parts = [(0.0, 0.0, 1.0, 1.0), *((x, y, 0.6, 0.6) for x in (0.0, 0.4) for y in (0.0, 0.4))]
        boxes, scores, names = [], [], []
        for x, y, w, h in parts:
            part = picture[int(y * height) : int((y + h) * height), int(x * width) : int((x + w) * width)]
            found = look(np.ascontiguousarray(part))
            boxes.append(found.boxes * np.array([w, h, w, h], np.float32) + np.array([x, y, x, y], np.float32))
            scores.append(found.scores)
            names += found.names
        return _merged(np.concatenate(boxes), np.concatenate(scores), tuple(names))

    return both


def _merged(boxes: Boxes, scores: NDArray[np.float32], names: tuple[str, ...]) -> Objects:
    kept: list[int] = []
    for at in np.argsort(-scores):
        same = [k for k in kept if names[k] == names[at]]
        if not same or _iou(boxes[at], boxes[same]).max() < 0.5:
            kept.append(int(at))
    return Objects(boxes[kept], scores[kept], tuple(names[k] for k in kept))


def tracked_boxes(footage: Path) -> Iterator[tuple[Path, dict[int, list[list[float]]]]]:
    """Every clip that has hand-made tracks, with the boxes of its vehicles by frame, ``(x_min, y_min, x_max, y_max)`` in pixels."""
    with (footage / "MANIFEST.tsv").open(encoding="utf-8", newline="") as lines:
        rows = list(csv.DictReader(lines, delimiter="\t", quoting=csv.QUOTE_NONE))
    for file in sorted((footage / "clips/traffic/annotations").glob("*.xml")):
        tree = ElementTree.parse(file)  # noqa: S314  # our own footage
        stamp = file.stem.split("_", 1)[1]
        clip = next((r["file"] for r in rows if r["file"].endswith(".mp4") and stamp in r["source_path"]), None)
        truth: dict[int, list[list[float]]] = {}
        for box in tree.iterfind("track/box"):
            if box.get("outside") == "0":
                corners = [float(box.get(side, "0")) for side in ("xtl", "ytl", "xbr", "ybr")]
                truth.setdefault(int(box.get("frame", "0")), []).append(corners)
        if clip is not None and truth:
            yield footage / clip, truth


def tracked_frames(footage: Path, every: int) -> Iterator[tuple[Image, Boxes, Boxes]]:
    """``(picture, vehicles, too small to count)`` of every n-th frame of the clips that have tracks; shares."""
    for clip, truth in tracked_boxes(footage):
        with av.open(str(clip)) as opened:
            for number, frame in enumerate(opened.decode(video=0)):
                if number % every == every // 2:
                    picture = frame.to_ndarray(format="bgr24")
                    boxes = np.array(truth.get(number, []), np.float32).reshape(-1, 4)
                    small = (boxes[:, 2:] - boxes[:, :2]).min(axis=1, initial=1e9) < _FEWEST_PIXELS
                    shares = boxes / np.tile(picture.shape[1::-1], 2).astype(np.float32)
                    yield picture, shares[~small], shares[small]


def vehicles(look: Look, footage: Path, every: int, *, as_filmed: bool = False) -> None:
    """Print the vehicle table: any of car, motorcycle, bus, truck, doubles of different class merged."""
    tallies: dict[str, Tally] = {}
    for number, (picture, truth, small) in enumerate(tracked_frames(footage, every)):
        for name, spoil in spoilt(number, as_filmed=as_filmed).items():
            found = look(spoil(picture)).only(VEHICLES)
            found = _merged(found.boxes, found.scores, ("vehicle",) * len(found))
            tallies.setdefault(name, Tally()).add(found.boxes, found.scores, truth, small)
    for name, tally in tallies.items():
        print(f"vehicle, {name:10} recall / precision / AP50: {tally.line()}  ({tally.truths} truths)")


def by_eye(look: Look, footage: Path, *, as_filmed: bool = False) -> None:
    """Print people, boats and rods against the boxes drawn by eye."""
    told = json.loads(BY_EYE.read_text("utf-8"))
    for part, wanted in (("shore", ("person", "boat")), ("anglers", ("person", "boat"))):
        for condition in ("as filmed",) if as_filmed else ("as filmed", "night", "rain", "half size", "JPEG 10"):
            tallies = {name: Tally() for name in wanted}
            for number, (name, truth) in enumerate(told[part].items()):
                found = look(spoilt(number)[condition](cv2.imread(str(footage / name))))
                for what, tally in tallies.items():
                    of = found.only((what,))
                    tally.add(of.boxes, of.scores, _boxes(truth[what]), _boxes(truth["ignore"]))
            for what, tally in tallies.items():
                print(
                    f"{part}, {what}, {condition:10} recall / precision / AP50: {tally.line()}  ({tally.truths} truths)"
                )


def _boxes(rows: list[list[float]]) -> Boxes:
    return np.array(rows, np.float32).reshape(-1, 4)


def around(picture: Image, person: Boxes, bodies: float = 4.5) -> tuple[Image, Boxes]:
    """The square of some body heights around a person, and where it lies (shares)."""
    height, width = picture.shape[:2]
    side = bodies * float(person[3] - person[1]) * height
    middle = (person[:2] + person[2:]) / 2 * np.array([width, height])
    low = np.clip(middle - side / 2, 0, None)
    high = np.minimum(middle + side / 2, [width, height])
    x0, y0, x1, y1 = (int(v) for v in (*low, *high))
    return np.ascontiguousarray(picture[y0:y1, x0:x1]), np.array([x0 / width, y0 / height, x1 / width, y1 / height])


def _enlarged(picture: Image, least: int = 512) -> Image:
    scale = least / max(picture.shape[:2])
    return cv2.resize(picture, None, fx=scale, fy=scale, interpolation=cv2.INTER_LINEAR) if scale > 1 else picture


def _rods_around_people(look: Look, picture: Image, people: Boxes) -> Objects:
    boxes, scores = [np.zeros((0, 4), np.float32)], [np.zeros(0, np.float32)]
    for person in people:
        part, at = around(picture, person)
        if min(part.shape[:2]) < 16:
            continue
        rods = look(_enlarged(part)).only(("rod",))
        sides = np.tile(at[2:] - at[:2], 2)
        boxes.append((rods.boxes * sides + np.tile(at[:2], 2)).astype(np.float32))
        scores.append(rods.scores)
    joined = np.concatenate(scores)
    return _merged(np.concatenate(boxes), joined, ("rod",) * len(joined))


def rods(look: Look, footage: Path) -> None:
    """Print rods found (overlap of the boxes at least 0.25: they are thin) and false rods on pictures without any."""
    told = json.loads(BY_EYE.read_text("utf-8"))["anglers"]
    for folder in ("fishing_frames", "talltails_fishing"):
        whole, near = Tally(0.25), Tally(0.25)
        for name, truth in told.items():
            if folder in name:
                picture = cv2.imread(str(footage / name))
                for tally, found in (
                    (whole, look(picture).only(("rod",))),
                    (near, _rods_around_people(look, picture, _boxes(truth["person"]))),
                ):
                    tally.add(found.boxes, found.scores, _boxes(truth["rod"]), _boxes(truth["ignore"]))
        for what, tally in (("whole picture", whole), ("around people", near)):
            print(f"rods, {folder}, {what}: " + ", ".join(f"at {t}: {tally.line(t)}" for t in (0.25, 0.4, 0.6)))
    for what, pictures in _without_rods(footage).items():
        strongest: list[list[float]] = [[], []]
        pictures_seen = people_seen = 0
        for picture in pictures:
            found = look(picture)
            people = found.only(("person",), 0.4).boxes[:4]
            pictures_seen += 1
            people_seen += len(people)
            strongest[0] += found.only(("rod",)).scores.tolist()
            strongest[1] += _rods_around_people(look, picture, people).scores.tolist()
        for where, scores, of in (("whole", strongest[0], pictures_seen), ("around people", strongest[1], people_seen)):
            counts = ", ".join(f"at {t}: {sum(s >= t for s in scores)}" for t in (0.25, 0.4, 0.6))
            print(f"false rods, {what}, {where} ({of} {'pictures' if where == 'whole' else 'people'}): {counts}")


def _without_rods(footage: Path) -> dict[str, Iterator[Image]]:
    shore = sorted((footage / "images/shore_livecams/images/test").glob("*.jp*g"))
    clips = {kind: sorted((footage / "clips" / kind).glob("*.mp4")) for kind in ("negative", "traffic", "fireworks")}
    return {
        "shore test": (cv2.imread(str(file)) for file in shore[::3]),
        **{f"{kind} clips": _seconds(files) for kind, files in clips.items()},
    }


def _seconds(files: list[Path], every_s: float = 2.0) -> Iterator[Image]:
    for file in files:
        with av.open(str(file)) as opened:
            due = 0.0
            for frame in opened.decode(video=0):
                if frame.time is not None and frame.time >= due:
                    due = frame.time + every_s
                    yield frame.to_ndarray(format="bgr24")


def cost(look: Look, footage: Path) -> None:
    """Print core-seconds of a frame of 1280 × 720."""
    file = min((footage / "images/shore_livecams/images/test").glob("proylddb*"))
    picture = cv2.imread(str(file))
    look(picture)
    took = []
    for _ in range(15):
        began = time.process_time()
        look(picture.copy())
        took.append(time.process_time() - began)
    print(
        f"core-seconds a frame of {picture.shape[1]}x{picture.shape[0]}: median {np.median(took):.3f}, least {min(took):.3f}"
    )


def main() -> None:
    """Print every table that was asked for."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--footage", type=Path, required=True)
    parser.add_argument("--model", type=Path, required=True)
    parser.add_argument("--size", type=int, default=640, help="longer side of the network's input")
    parser.add_argument("--tiles", action="store_true", help="the whole picture and four quarters of it")
    parser.add_argument("--every", type=int, default=25, help="every n-th frame of the tracked clips")
    parser.add_argument("--as-filmed", action="store_true", help="no spoilt copies")
    parser.add_argument("--only", choices=("vehicles", "by-eye", "rods", "cost"), action="append")
    args = parser.parse_args()
    cv2.setNumThreads(1)
    file = next(iter(sorted(args.model.glob("*.xml")))) if args.model.is_dir() else args.model
    model = OpenVinoModel(file, args.size)

    def look(picture: Image) -> Objects:
        return model.objects(ArrayFrame(picture), 0.1)

    def look_for_rods(picture: Image) -> Objects:
        # Rods are looked for in parts only; this part is all of it.
        return model.objects(ArrayFrame(picture), 0.1, (0.0, 0.0, 1.0, 1.0))

    chosen = tiled(look) if args.tiles else look
    asked = args.only or ["vehicles", "by-eye", "rods", "cost"]
    print(f"# {args.model.name}, longer side {args.size}{', tiles' if args.tiles else ''}")
    if "vehicles" in asked:
        vehicles(chosen, args.footage, args.every, as_filmed=args.as_filmed)
    if "by-eye" in asked:
        by_eye(chosen, args.footage, as_filmed=args.as_filmed)
    if "rods" in asked and "rod" in model.classes:
        rods(look_for_rods, args.footage)
    if "cost" in asked:
        cost(chosen, args.footage)


if __name__ == "__main__":
    main()
