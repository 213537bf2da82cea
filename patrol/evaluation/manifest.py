"""The list of labelled clips: reads it, checks it, and says where it is wrong.

Tab-separated, a header, one row a file, paths relative to the list. Only rows of videos are clips; rows of pictures,
weights and notes are passed over and counted.
"""

from __future__ import annotations

import csv
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

from detectors import Kind

REQUIRED = ("file", "kind", "label", "day_night", "source")
VIDEOS = frozenset({".mp4", ".m4v", ".mov", ".mkv", ".webm", ".avi", ".flv", ".ts", ".mpg", ".mpeg"})
_SHOWS: dict[str, dict[str, frozenset[Kind]]] = {
    "traffic": {
        "congested": frozenset({Kind.CONGESTION}),
        # Slow and full, yet rolling: what congestion must not be taken for.
        "dense-moving": frozenset(),
        "free": frozenset(),
    },
    "fireworks": {"fireworks": frozenset({Kind.FIREWORKS})},
    "fishing": {"angling": frozenset({Kind.FISHING})},
    "negative": {"none": frozenset()},
}
"""What a clip of each kind and label shows. Everything it does not show, it is a negative of."""
_DAY_NIGHT = ("day", "night")
_YES_NO = {"yes": True, "no": False}
_SYNTHETIC = "synthetic"
_EMPTY = ("", "-")


class ManifestError(ValueError):
    """The list is wrong. One line that names the file and, where there is one, the line."""

    def __init__(self, file: Path, line: int | None, what: str) -> None:
        super().__init__(f"{file}, line {line}: {what}" if line is not None else f"{file}: {what}")
        self.line = line


@dataclass(frozen=True, slots=True)
class Clip:
    """One labelled clip.

    Attributes:
        name: its path as the list writes it.
        file: where it is.
        line: of the list, from 1.
        kind, label: as the list writes them.
        shows: the kinds it is a positive of; it is a negative of every other.
        day_night: ``day`` or ``night``.
        source: where it comes from; clips of one source are not independent.
        synthetic: made, not filmed: never in one figure with real ones.
        description: for the person who looks into a wrong answer.
    """

    name: str
    file: Path
    line: int
    kind: str
    label: str
    shows: frozenset[Kind]
    day_night: str
    source: str
    synthetic: bool = False
    description: str = ""


@dataclass(frozen=True, slots=True)
class Manifest:
    """All clips of a list, and how many other rows it has, by the files' suffix."""

    file: Path
    clips: tuple[Clip, ...]
    passed_over: dict[str, int]


def read_manifest(file: Path) -> Manifest:
    """Read and check a list of labelled clips.

    Raises:
        ManifestError: it cannot be read, a column is missing, a row is wrong, a clip is not there, or there is no clip.
    """
    clips: dict[str, Clip] = {}
    passed_over: Counter[str] = Counter()
    for line, row in _rows(file):
        suffix = Path(row["file"]).suffix.lower()
        if suffix not in VIDEOS:
            passed_over[suffix or "(none)"] += 1
            continue
        clip = _clip(file, line, row)
        if clip.name in clips:
            raise ManifestError(file, line, f"{clip.name} stands on line {clips[clip.name].line} already")
        clips[clip.name] = clip
    if not clips:
        raise ManifestError(file, None, "no row names a video")
    return Manifest(file, tuple(clips.values()), dict(sorted(passed_over.items())))


def _rows(file: Path) -> list[tuple[int, dict[str, str]]]:
    try:
        text = file.read_text("utf-8-sig")
    except FileNotFoundError:
        raise ManifestError(file, None, "no such file") from None
    except UnicodeDecodeError as error:
        raise ManifestError(file, None, f"not UTF-8 text ({error.reason} at byte {error.start})") from None
    except OSError as error:
        raise ManifestError(file, None, f"cannot be read: {error.strerror or error}") from None
    # Descriptions hold quotation marks that quote nothing. Split by hand at line ends alone, so that lines can be named.
    lines = text.split("\n")
    reader = csv.reader((line.removesuffix("\r") for line in lines), delimiter="\t", quoting=csv.QUOTE_NONE)
    rows: list[tuple[int, dict[str, str]]] = []
    columns: list[str] | None = None
    try:
        for number, fields in enumerate(reader, 1):
            if columns is None:
                columns = _columns(file, fields)
            elif fields:
                if len(fields) != len(columns):
                    raise ManifestError(
                        file, number, f"{len(fields)} tab-separated fields, the header has {len(columns)}"
                    )
                rows.append((number, {c: f.strip() for c, f in zip(columns, fields, strict=True)}))
    except csv.Error as error:
        raise ManifestError(file, reader.line_num, str(error)) from None
    return rows


def _columns(file: Path, fields: list[str]) -> list[str]:
    columns = [field.strip() for field in fields]
    missing = [name for name in REQUIRED if name not in columns]
    if missing:
        raise ManifestError(file, 1, f"no column {', '.join(missing)} in the header (fields are separated by tabs)")
    twice = [name for name, count in Counter(columns).items() if count > 1]
    if twice:
        raise ManifestError(file, 1, f"column {', '.join(twice)} stands there twice")
    return columns


def _clip(file: Path, line: int, row: dict[str, str]) -> Clip:
    kind, label = row["kind"], row["label"]
    if kind not in _SHOWS:
        raise ManifestError(file, line, f"kind {kind!r} of {row['file']} is unknown; there are {', '.join(_SHOWS)}")
    if label not in _SHOWS[kind]:
        raise ManifestError(
            file, line, f"label {label!r} of {row['file']} is unknown; kind {kind} has {', '.join(_SHOWS[kind])}"
        )
    if row["day_night"] not in _DAY_NIGHT:
        raise ManifestError(file, line, f"day_night {row['day_night']!r} of {row['file']} is neither day nor night")
    if row["source"] in _EMPTY:
        raise ManifestError(file, line, f"{row['file']} has no source: clips that belong together could not be told")
    place = file.parent / row["file"]
    try:
        there = place.is_file()
    except OSError:  # a name that no file system takes
        there = False
    if not there:
        raise ManifestError(file, line, f"{row['file']} is not there")
    return Clip(
        name=row["file"],
        file=place,
        line=line,
        kind=kind,
        label=label,
        shows=_SHOWS[kind][label] | _also(file, line, row),
        day_night=row["day_night"],
        source=row["source"],
        synthetic=_synthetic(file, line, row),
        description=row.get("description", ""),
    )


def _also(file: Path, line: int, row: dict[str, str]) -> frozenset[Kind]:
    if row.get("also", "") in _EMPTY:
        return frozenset()
    words = [word.strip() for word in row["also"].split(",") if word.strip()]
    unknown = [word for word in words if word not in set(Kind)]
    if unknown:
        raise ManifestError(file, line, f"also: kind {unknown[0]!r} is unknown; there are {', '.join(Kind)}")
    return frozenset(Kind(word) for word in words)


def _synthetic(file: Path, line: int, row: dict[str, str]) -> bool:
    said = row.get("synthetic", "").lower()
    if said not in _EMPTY:
        if said not in _YES_NO:
            raise ManifestError(file, line, f"synthetic: {row['synthetic']!r} is neither yes nor no")
        return _YES_NO[said]
    return any(row.get(column, "").lower().startswith(_SYNTHETIC) for column in ("source", "description"))
