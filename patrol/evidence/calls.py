"""The register of evidence calls (调阅登记): who of which unit saw or took what, when and why (State Council order 799, article 16).

It has no rows of its own: it is the audit trail, read for evidence alone.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from patrol.evidence.rules import unit_names
from patrol.paper.book import write_book
from patrol.paper.cells import Column, Row, Sheet
from patrol.paper.text_table import text_rows
from patrol.paper.words import Lang, Words
from patrol.registry import Registry
from patrol.store.tables import AuditRow

VIEW, EXPORT, UNMASKED, FETCH = "evidence.view", "evidence.export", "evidence.export_unmasked", "evidence.export_fetch"
HOW: Mapping[str, str] = {VIEW: "view", EXPORT: "export", UNMASKED: "unmasked", FETCH: "fetch"}
"""What each action of the trail is in the register."""
_BATCH = 1000
_TIME = "yyyy-mm-dd hh:mm:ss"
_TEXTS: dict[str, tuple[str, str]] = {
    "title": ("视频调阅登记", "Evidence calls"),
    "seq": ("序号", "No."),
    "at": ("时间", "Time"),
    "who": ("调阅人", "Who"),
    "unit": ("单位", "Unit"),
    "role": ("角色", "Role"),
    "how": ("方式", "How"),
    "why": ("事由", "Reason"),
    "camera": ("点位", "Camera"),
    "taken_at": ("画面时间", "Time of the picture"),
    "what": ("内容", "Content"),
    "recipient": ("提供给", "Given to"),
    "export": ("导出编号", "Export no."),
    "sha256": ("文件 SHA-256", "File SHA-256"),
    "address": ("来源地址", "Address"),
    "why.look": ("看图", "look"),
    "why.alert": ("接警", "alert"),
    "why.review": ("研判", "review"),
    "why.dispatch": ("派警", "dispatch"),
    "why.case": ("案件", "case"),
    "why.rotation": ("轮巡", "rotation"),
    "why.spot_check": ("抽查", "spot-check"),
    "how.view": ("查看", "viewed"),
    "how.export": ("导出（已遮挡）", "exported, masked"),
    "how.unmasked": ("导出（未遮挡）", "exported unmasked"),
    "how.fetch": ("下载导出件", "copy fetched"),
    "what.clip": ("视频片段", "clip"),
    "what.key_frame": ("关键帧", "key frame"),
    "what.picture": ("画面", "picture"),
    "role.operator": ("坐席员", "operator"),
    "role.shift_lead": ("值班长", "shift lead"),
    "role.department": ("部门", "department"),
    "role.admin": ("管理员", "admin"),
    "role.auditor": ("审计员", "auditor"),
    "centre": ("县社会治理指挥中心", "Command centre"),
}
_COLUMNS = (
    Column("seq", 8), Column("at", 20, _TIME), Column("who", 16), Column("unit", 22), Column("role", 12), Column("how", 16),
    Column("why", 40), Column("camera", 28), Column("taken_at", 20, _TIME), Column("what", 12), Column("recipient", 22),
    Column("export", 20), Column("sha256", 30), Column("address", 16),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Sought:
    """Which calls are wanted; None: all of them.

    Attributes:
        who: name of the caller.
        unit: id or code of the caller's unit.
        camera: id.
        how: a value of ``HOW``.
        sha256: of the kept file, or of the copy.
        since, until: the time, the end excluded; aware.
        cameras: of these only, e.g. those that whoever reads may see.
    """

    who: str | None = None
    unit: str | None = None
    camera: str | None = None
    how: str | None = None
    sha256: str | None = None
    since: datetime | None = None
    until: datetime | None = None
    cameras: frozenset[str] | None = None


@dataclass(frozen=True, slots=True)
class Call:
    """One call.

    Attributes:
        seq: its place in the trail.
        at: when.
        who: name of the caller; ``shown`` is what others read.
        unit: of the caller; None: the command centre.
        how: a value of ``HOW``.
        why: the reason that was given; of a look on screen, what it was opened for.
        camera: whose picture; None where it is not known.
        taken_at: when the picture was taken.
        what: role of the file: clip, key_frame, picture.
        recipient: the unit a copy is for.
        export: number of the copy.
        sha256: of the kept file.
        address: where the request came from.
    """

    seq: int
    at: datetime
    who: str
    shown: str
    role: str
    unit: str | None
    how: str
    why: str | None
    camera: str | None
    taken_at: datetime | None
    what: str | None
    recipient: str | None
    export: str | None
    sha256: str | None
    address: str | None


def detail_of(
    sha256: str, what: str, taken_at: datetime, *, export: str | None = None, recipient: str | None = None
) -> dict[str, Any]:
    """What stands in the trail beside who, when and why; :func:`calls` reads it back."""
    more = {"export": export, "recipient": recipient}
    known = {name: value for name, value in more.items() if value is not None}
    return {"sha256": sha256, "what": what, "taken_at": taken_at.isoformat(), **known}


def calls(session: Session, sought: Sought, *, before: int | None = None, limit: int = 50) -> list[Call]:
    """The register, newest first.

    Args:
        session: reads.
        sought: which.
        before: only those with a smaller number: the page after.
        limit: at most so many.
    """
    wanted = _wanted(sought).order_by(AuditRow.seq.desc()).limit(limit)
    if before is not None:
        wanted = wanted.where(AuditRow.seq < before)
    return [_call(row) for row in session.scalars(wanted)]


def write_calls_book(session: Session, sought: Sought, registry: Registry, file: Path, lang: Lang) -> None:
    """The register as a workbook, oldest first, in county time."""
    words = Words(lang, registry.county.zone, _TEXTS)
    write_book([_sheet(session, sought, registry, words)], words, file, title=words("title"), creator="video-patrol")


def calls_csv(session: Session, sought: Sought, registry: Registry, lang: Lang) -> Iterator[str]:
    """The register as CSV, oldest first, in county time, a piece per row."""
    words = Words(lang, registry.county.zone, _TEXTS)
    return text_rows(_sheet(session, sought, registry, words), words)


def _sheet(session: Session, sought: Sought, registry: Registry, words: Words) -> Sheet:
    return Sheet("title", _COLUMNS, _rows(session, sought, registry, words))


def _wanted(sought: Sought) -> Select[AuditRow]:
    actions = [action for action, how in HOW.items() if sought.how in {None, how}]
    wanted = select(AuditRow).where(AuditRow.action.in_(actions), AuditRow.outcome == "done")
    for column, value in ((AuditRow.who, sought.who), (AuditRow.unit, sought.unit), (AuditRow.camera, sought.camera)):
        if value is not None:
            wanted = wanted.where(column == value)
    if sought.cameras is not None:
        wanted = wanted.where(AuditRow.camera.in_(sought.cameras))
    if sought.sha256 is not None:
        wanted = wanted.where(AuditRow.kind == "file", AuditRow.ref == sought.sha256)
    if sought.since is not None:
        wanted = wanted.where(AuditRow.at >= sought.since)
    if sought.until is not None:
        wanted = wanted.where(AuditRow.at < sought.until)
    return wanted


def _call(row: AuditRow) -> Call:
    detail = row.detail
    taken = detail.get("taken_at")
    return Call(
        seq=row.seq, at=row.at, who=row.who, shown=row.shown, role=row.role, unit=row.unit, how=HOW[row.action],
        why=row.reason, camera=row.camera, taken_at=datetime.fromisoformat(taken) if taken else None,
        what=detail.get("what"), recipient=detail.get("recipient"), export=detail.get("export"), sha256=row.ref,
        address=row.address,
    )  # fmt: skip


def _rows(session: Session, sought: Sought, registry: Registry, words: Words) -> Iterator[Row]:
    cameras = {camera.id: camera.name for camera in registry.cameras}
    units = {unit: words.name(name) for unit, name in unit_names(registry).items()}
    after = 0
    while True:
        page = session.scalars(_wanted(sought).where(AuditRow.seq > after).order_by(AuditRow.seq).limit(_BATCH)).all()
        for call in map(_call, page):
            name = cameras.get(call.camera or "")
            yield (
                call.seq,
                words.local(call.at),
                call.shown,
                words("centre") if call.unit is None else units.get(call.unit, call.unit),
                words.value("role", call.role),
                words.value("how", call.how),
                _why(call, words),
                f"{name} ({call.camera})" if name else call.camera,
                words.local(call.taken_at) if call.taken_at else None,
                words.value("what", call.what),
                units.get(call.recipient or "", call.recipient),
                call.export,
                call.sha256,
                call.address,
            )
        if len(page) < _BATCH:
            return
        after = page[-1].seq


def _why(call: Call, words: Words) -> str | None:
    """What a picture was opened for in words, ``case:<number>`` with its number; a typed reason as it was typed."""
    if call.how != HOW[VIEW] or call.why is None:
        return call.why
    what, _, which = call.why.partition(":")
    return f"{words.value('why', what)} {which}".strip()
