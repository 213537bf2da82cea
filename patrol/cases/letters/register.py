"""The register of letters (登记簿): a person edits, issues or drops a draft; numbers without gaps; files that never change."""

from __future__ import annotations

import hashlib
import os
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from patrol.cases import book
from patrol.cases.desk import Desk
from patrol.cases.letters.fields import LetterError, LetterFields, check_complete, edited
from patrol.cases.moves import Command, Move
from patrol.cases.worktime import WorkCalendar
from patrol.store.numbers import take
from patrol.store.tables import CaseClock, CaseFile, CaseLetter

FORMS = ("pdf", "docx")
_FOLDER = "letters"


class NoLetterError(Exception):
    """There is no such letter."""


class StaleLetterError(Exception):
    """Somebody else has changed the draft since it was read. Nothing was changed."""


def edit(
    session: Session, desk: Desk, letter_id: int, version: int, changes: Mapping[str, Any], now: datetime
) -> CaseLetter:
    """Change a draft.

    Args:
        session: an open transaction.
        desk: of the registry in force.
        letter_id: of the draft.
        version: that was read.
        changes: see :func:`patrol.cases.letters.fields.edited`.
        now: UTC.

    Raises:
        NoLetterError, StaleLetterError: see there.
        LetterError: it is no draft any more, or a change is wrong.
    """
    row = _draft(session, letter_id, version)
    calendar = WorkCalendar.of(desk.registry)
    row.fields = edited(LetterFields.from_json(row.fields), changes, calendar, now).to_json()
    row.version += 1
    session.flush()
    return row


def issue(
    session: Session, desk: Desk, letter_id: int, version: int, *, by: str, data_folder: Path, now: datetime
) -> CaseLetter:
    """Issue a draft as it stands: it gets its number and its files, and the case's trail says so.

    Raises:
        NoLetterError, StaleLetterError: see there.
        LetterError: it is no draft any more, something that it must say is empty, the day it sets has passed meanwhile, or its
            case was merged or withdrawn.
    """
    row = _draft(session, letter_id, version)
    if session.get_one(CaseClock, (row.case, row.clock)).void:
        raise LetterError(f"case {row.case} was merged or withdrawn; drop letter {letter_id} and say so")
    zone, prefix = desk.registry.county.zone, desk.registry.cases.letters.prefix
    day = now.astimezone(zone).date()
    letter = LetterFields.from_json(row.fields)
    check_complete(letter, WorkCalendar.of(desk.registry), now)
    number = take(session, f"{prefix}[{day.year}]")
    letter = replace(letter, doc_no=f"{prefix}[{day.year}]{number:03d}号", issue_date=day)
    row.doc_no, row.fields = letter.doc_no, letter.to_json()
    _decide(session, desk, row, "issued", by, now, {"doc_no": letter.doc_no, "to": letter.to_unit})
    # The store has taken the number as nobody else's: the files of no other letter are written over.
    session.flush()
    # Files before the row: what a crash leaves without one is written over by the next letter of that number.
    folder = data_folder / _FOLDER / str(day.year)
    row.files = {form: _write(letter, folder, form, data_folder, desk) for form in FORMS}
    session.flush()
    return row


def drop(
    session: Session, desk: Desk, letter_id: int, version: int, *, by: str, reason: str, now: datetime
) -> CaseLetter:
    """Drop a draft that shall not go out, and say why.

    Raises:
        NoLetterError, StaleLetterError: see there.
        LetterError: it is no draft any more, or no reason is given.
    """
    if not reason.strip():
        raise LetterError("`reason`: say why the letter is dropped; the register keeps it")
    row = _draft(session, letter_id, version)
    row.reason = reason.strip()
    _decide(session, desk, row, "dropped", by, now, {"reason": row.reason})
    session.flush()
    return row


def letters(
    session: Session, *, state: str | None = None, year: int | None = None, before: int | None = None, limit: int = 50
) -> Sequence[CaseLetter]:
    """The register, newest first.

    Args:
        session: an open session.
        state: only ``draft``, ``issued`` or ``dropped``.
        year: only those numbered in it.
        before: only with a lower id: the cursor of pages.
        limit: at most so many.
    """
    wanted = select(CaseLetter).order_by(CaseLetter.id.desc()).limit(limit)
    if state is not None:
        wanted = wanted.where(CaseLetter.state == state)
    if year is not None:
        wanted = wanted.where(CaseLetter.doc_no.contains(f"[{year}]", autoescape=True))
    if before is not None:
        wanted = wanted.where(CaseLetter.id < before)
    return session.scalars(wanted).all()


def file_of(row: CaseLetter, form: str, desk: Desk, data_folder: Path) -> bytes:
    """The letter as a file: as it was issued, or the draft as it stands now.

    Raises:
        LetterError: an issued file is not there, or not what was issued.
    """
    if row.files is None:
        with tempfile.TemporaryDirectory() as folder:
            file = Path(folder) / form
            _form(LetterFields.from_json(row.fields), form, file, desk)
            return file.read_bytes()
    kept = row.files[form]
    try:
        found = (data_folder / kept["path"]).read_bytes()
    except OSError as error:
        raise LetterError(f"{row.doc_no}: its file cannot be read ({error.strerror})") from error
    if hashlib.sha256(found).hexdigest() != kept["sha256"]:
        raise LetterError(f"{row.doc_no}: its file was changed after it was issued")
    return found


def _draft(session: Session, letter_id: int, version: int) -> CaseLetter:
    found = session.get(CaseLetter, letter_id)
    if found is None:
        raise NoLetterError(f"no letter {letter_id}")
    # The case first, as every move locks it: what is decided about the letter is decided about the case as it is now.
    # Read anew, not as whoever asks has read it before somebody else was done.
    session.get_one(CaseFile, found.case, with_for_update=True, populate_existing=True)
    row = session.get_one(CaseLetter, letter_id, with_for_update=True, populate_existing=True)
    if row.state != "draft":
        raise LetterError(f"letter {letter_id} is {row.state} already{f' as {row.doc_no}' if row.doc_no else ''}")
    if row.version != version:
        raise StaleLetterError(f"the draft has changed since you read it: version {row.version}, not {version}")
    return row


def _decide(
    session: Session, desk: Desk, row: CaseLetter, state: str, by: str, now: datetime, said: dict[str, Any]
) -> None:
    row.state, row.decided_at, row.decided_by = state, now, by
    data = {"letter": row.id, "clock": row.clock, "step": row.step, "state": state, **said}
    book.move(session, desk, row.case, Command(Move.LETTER, by, now, data=data))


def _write(letter: LetterFields, folder: Path, form: str, data_folder: Path, desk: Desk) -> dict[str, str]:
    """A file that is there whole or not at all."""
    name = f"{_safe(letter.doc_no or '')}.{form}"
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    # One name for each number, which only its holder writes: what a crash leaves is written over, too.
    file = folder / f".new-{name}"
    file.touch(mode=0o600)
    try:
        _form(letter, form, file, desk)
        with file.open("rb") as written:
            os.fsync(written.fileno())
            digest = hashlib.file_digest(written, "sha256").hexdigest()
        file.replace(folder / name)
        _keep(folder)
    except BaseException:
        file.unlink(missing_ok=True)
        raise
    return {"path": str((folder / name).relative_to(data_folder)), "sha256": digest}


def _safe(doc_no: str) -> str:
    """A document number as the name of a file, another one for each number."""
    return "".join(c if c.isalnum() or c in "[]-" else f"%{ord(c):x}%" for c in doc_no)


def _keep(folder: Path) -> None:
    """See to it that the names in a folder outlive a power cut."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _form(letter: LetterFields, form: str, file: Path, desk: Desk) -> None:
    zone = desk.registry.county.zone
    # The two writers bring large libraries, which a service that issues no letter need not load.
    if form == "pdf":
        from patrol.cases.letters.pdf import write_pdf

        write_pdf(letter, file, zone)
    else:
        from patrol.cases.letters.docx import write_docx

        write_docx(letter, file, zone)
