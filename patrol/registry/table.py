"""The cameras as a table: one row a camera, out to a spreadsheet and back in as operations on the registry.

Zones and presets are not in it and stay as they are. A table never takes a camera out; a row that is missing changes nothing.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from patrol.registry.edit import Operation
from patrol.registry.models import Camera, Registry
from patrol.registry.problems import Problem


@dataclass(frozen=True, slots=True)
class Column:
    """A column.

    Attributes:
        key: its name in files for machines, and in errors.
        zh: its head in files for people.
        path: of the field in a camera's entry.
        kind: how its cells are read.
        required: a new camera must have it.
    """

    key: str
    zh: str
    path: tuple[str, ...]
    kind: str = "text"
    required: bool = False


COLUMNS: tuple[Column, ...] = (
    Column("id", "编号", ("id",), required=True),
    Column("name", "名称", ("name",), required=True),
    Column("platform", "平台", ("platform",), required=True),
    Column("source", "来源", ("source",), required=True),
    Column("credential", "凭据", ("credential",)),
    Column("categories", "类别", ("categories",), "list", required=True),
    Column("division_code", "区划代码", ("place", "division_code")),
    Column("address", "地址", ("place", "address"), required=True),
    Column("lon", "经度", ("place", "lon"), "number"),
    Column("lat", "纬度", ("place", "lat"), "number"),
    Column("datum", "坐标系", ("place", "datum")),
    Column("reference", "参考图", ("reference",)),
    Column("detectors", "检测项", ("detectors",), "list"),
    Column("period", "周期", ("period",)),
    Column("dwell", "停留", ("dwell",)),
    Column("enabled", "启用", ("enabled",), "truth"),
    Column("paused_reason", "暂停原因", ("paused", "reason")),
    Column("paused_until", "暂停至", ("paused", "until")),
)
_BY_HEAD = {head: column for column in COLUMNS for head in (column.key, column.zh)}

NO_ITEMS = "-"
"""A list that is given and empty: ``detectors: []`` looks for nothing, a cell left empty for all that its categories ask for."""

_BETWEEN = re.compile(r"[;；,，、\s]+")
_TRUTH = {"true": True, "yes": True, "1": True, "是": True, "false": False, "no": False, "0": False, "否": False}
_ROUNDED = re.compile(r"\d(?:\.\d+)?[eE]\+?\d+")
_NUMBER = re.compile(r"-?\d{1,3}(?:\.\d{1,15})?")
_LONGEST = 2_000


@dataclass(frozen=True, slots=True)
class RowProblem:
    """A cell, or a row, that cannot be taken in.

    Attributes:
        row: as the spreadsheet counts, the heads are row 1.
        column: key of the column; None where the row as a whole is meant.
        message: what is wrong and what to write.
    """

    row: int
    column: str | None
    message: str


@dataclass(frozen=True, slots=True)
class RowChange:
    """What a row would do.

    Attributes:
        row: as the spreadsheet counts.
        camera: its id.
        what: a new camera, or a change of one that is there.
        columns: keys of the columns that change.
    """

    row: int
    camera: str
    what: str
    columns: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Taken:
    """A table that was read.

    Attributes:
        operations: what its rows ask for; empty while there are problems.
        changes: by row; rows that change nothing are left out.
        problems: what cannot be taken in.
        rows: by camera id, for problems that only the whole registry shows.
        read: how many rows there were.
    """

    operations: tuple[Operation, ...]
    changes: tuple[RowChange, ...]
    problems: tuple[RowProblem, ...]
    rows: dict[str, int]
    read: int


def rows_of(registry: Registry) -> Iterator[list[str]]:
    """Every camera as the cells of a row, in the order of the file."""
    for camera in registry.cameras:
        yield [_cell(camera, column) for column in COLUMNS]


def take(registry: Registry, rows: Iterable[Sequence[str]]) -> Taken:
    """Read a table's rows as operations on a registry.

    Args:
        registry: as it is.
        rows: the heads first; cells are text.
    """
    walk = iter(rows)
    heads = [cell.strip() for cell in next(walk, ())]
    problems, columns = _heads(heads)
    if problems:
        return Taken((), (), tuple(problems), {}, 0)
    known = registry.by_id
    operations: list[Operation] = []
    changes: list[RowChange] = []
    seen: dict[str, int] = {}
    read = 0
    for number, row in enumerate(walk, start=2):
        if not any(cell.strip() for cell in row):
            continue
        read += 1
        cells = {column.key: row[i].strip() if i < len(row) else "" for i, column in columns.items()}
        wrong = _wrong(cells, number, seen, row, len(heads))
        if wrong:
            problems += wrong
            continue
        name = cells["id"]
        seen[name] = number
        try:
            made, change = _operations(known.get(name), cells, number)
        except _CellError as error:
            problems.append(RowProblem(number, error.column, str(error)))
            continue
        operations += made
        if change is not None:
            changes.append(change)
    return Taken(() if problems else tuple(operations), tuple(changes), tuple(problems), seen, read)


def rows_with(problems: Iterable[Problem], rows: dict[str, int]) -> tuple[RowProblem, ...]:
    """What the registry would say against, by the rows it comes from; what comes from none names no row (0)."""
    found = []
    for problem in problems:
        match = _CAMERA_FIELD.match(problem.field)
        row = rows.get(match[1], 0) if match else 0
        column = None
        if match and row:
            path = tuple(re.split(r"[.\[]", match[2])[: 2 if match[2].startswith(("place.", "paused.")) else 1])
            column = next((c.key for c in COLUMNS if c.path == path), None)
        found.append(RowProblem(row, column, problem.message if row else f"{problem.field}: {problem.message}"))
    return tuple(found)


_CAMERA_FIELD = re.compile(r"cameras\[\d+\] \(([^)]+)\)\.?(.*)")


class _CellError(ValueError):
    def __init__(self, column: str, message: str) -> None:
        super().__init__(message)
        self.column = column


def _heads(heads: list[str]) -> tuple[list[RowProblem], dict[int, Column]]:
    columns: dict[int, Column] = {}
    problems = []
    for i, head in enumerate(heads):
        column = _BY_HEAD.get(head)
        if not head:
            continue
        if column is None:
            problems.append(
                RowProblem(1, head[:60], f"no column is called so; there are {', '.join(c.key for c in COLUMNS)}")
            )
        elif column in columns.values():
            problems.append(RowProblem(1, column.key, "this column stands there twice"))
        else:
            columns[i] = column
    if not problems and all(column.key != "id" for column in columns.values()):
        problems.append(RowProblem(1, "id", "there is no column id (编号); the first row must hold the heads"))
    return problems, columns


def _wrong(cells: dict[str, str], row: int, seen: dict[str, int], raw: Sequence[str], width: int) -> list[RowProblem]:
    name = cells["id"]
    if any(cell.strip() for cell in raw[width:]):
        return [RowProblem(row, None, "there are more cells than heads; is a text with a comma not in quotes?")]
    if not name:
        return [RowProblem(row, "id", "is empty; every row names its camera")]
    if _ROUNDED.fullmatch(name):
        return [
            RowProblem(row, "id", "the spreadsheet has rounded this id; format the column as text and enter it anew")
        ]
    if name in seen:
        return [RowProblem(row, "id", f"camera {name} stands in row {seen[name]} already")]
    return [
        RowProblem(row, key, f"is longer than {_LONGEST} characters")
        for key, cell in cells.items()
        if len(cell) > _LONGEST
    ]


def _operations(camera: Camera | None, cells: dict[str, str], row: int) -> tuple[list[Operation], RowChange | None]:
    columns = [column for column in COLUMNS if column.key in cells]
    if camera is None:
        missing = [c.key for c in COLUMNS if c.required and not cells.get(c.key)]
        if missing:
            raise _CellError(missing[0], f"a new camera needs {', '.join(missing)}")
        entry: dict[str, Any] = {}
        for column in columns:
            value = _value(column, cells[column.key])
            if value is not None:
                _put(entry, column.path, value)
        given = tuple(c.key for c in columns if cells[c.key])
        return [Operation("add", ("cameras",), entry)], RowChange(row, camera_id(entry), "added", given)
    made, changed = [], []
    for column in columns:
        if cells[column.key] == _cell(camera, column).strip():
            continue
        value = _value(column, cells[column.key])
        if value is None and column.required:
            raise _CellError(column.key, "must not be empty")
        changed.append(column.key)
        if column.path[0] == "paused" and camera.paused is None:
            continue
        if value is None and column.path == ("paused", "reason"):
            continue
        made.append(Operation("set", ("cameras", camera.id, *column.path), value))
    made += _pause(camera, cells, changed)
    return made, RowChange(row, camera.id, "changed", tuple(changed)) if changed else None


def _pause(camera: Camera, cells: dict[str, str], changed: list[str]) -> list[Operation]:
    """A pause is begun, or ended, as a whole."""
    if "paused_reason" not in changed and "paused_until" not in changed:
        return []
    reason = cells.get("paused_reason", camera.paused.reason if camera.paused else "")
    path = ("cameras", camera.id, "paused")
    if not reason:
        if cells.get("paused_until"):
            raise _CellError("paused_reason", "a pause needs a reason")
        return [Operation("remove", path)]
    if camera.paused is None:
        return [Operation("set", path, {"reason": reason, "until": cells.get("paused_until") or None})]
    return []


def camera_id(entry: dict[str, Any]) -> str:
    """Of an entry that has one."""
    return str(entry["id"])


def _put(entry: dict[str, Any], path: tuple[str, ...], value: Any) -> None:
    for step in path[:-1]:
        entry = entry.setdefault(step, {})
    entry[path[-1]] = value


def _value(column: Column, cell: str) -> Any:
    """A cell as the file's value; None where it is empty."""
    if not cell:
        return None
    if column.kind == "list":
        return [] if cell == NO_ITEMS else [part for part in _BETWEEN.split(cell) if part]
    if column.kind == "truth":
        if cell.lower() not in _TRUTH:
            raise _CellError(column.key, f"{cell[:20]!r} is neither true (是) nor false (否)")
        return _TRUTH[cell.lower()]
    if column.kind == "number":
        if not _NUMBER.fullmatch(cell):
            raise _CellError(column.key, f"{cell[:20]!r} is no number of degrees; write one like 112.88")
        return float(cell)
    return cell


def _cell(camera: Camera, column: Column) -> str:
    """A camera's value as a cell; empty where the file does not give it."""
    here: Any = camera
    for step in column.path:
        if here is None or step not in here.model_fields_set:
            return ""
        here = getattr(here, step)
    if here is None:
        return ""
    if column.kind == "list":
        return ";".join(here) if here else NO_ITEMS
    if column.kind == "truth":
        return "true" if here else "false"
    if column.kind == "number":
        return repr(here)
    shown = column.path[-1]
    whole = camera.paused if column.path[0] == "paused" else camera.place if len(column.path) > 1 else camera
    value = whole.model_dump(mode="json", include={shown}) if whole is not None else {}
    return str(value.get(shown, ""))
