"""Reads what is kept, with its class and what holds it, in pages, oldest first: what the plan decides on."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import datetime

from sqlalchemy import and_, func, select
from sqlalchemy.orm import Session

from patrol.registry import Retention
from patrol.retention.holds import OVER, Standing, on_case, on_incidents, standing
from patrol.retention.plan import Class, Kept, Matter, class_of_look, term_of
from patrol.store.tables import (
    AccountSession,
    AnswerPhoto,
    CaseAttachment,
    CaseEvent,
    CaseFile,
    CaseLetter,
    DispatchTrack,
    Escalation,
    EvidenceExport,
    EvidenceFile,
    Incident,
    IncidentLook,
    Notice,
    NoticeItem,
    OneTimeLink,
    SpotCheck,
    Visit,
)

PAGE = 300
"""Rows a page: few enough for one short transaction."""

Reader = Callable[[Session, Retention, datetime, int | str], "tuple[tuple[Kept, ...], int | str | None]"]
"""Gives a page of what may be due after a place, and the place of the next page; None: there is none."""


def evidence(
    session: Session, terms: Retention, now: datetime, after: int | str
) -> tuple[tuple[Kept, ...], int | None]:
    """Files of looks that are old enough for the shortest term."""
    shortest = min(term_of(terms, each) for each in (Class.ROUTINE, Class.FLAGGED, Class.CONFIRMED, Class.SPOT_CHECKS))
    rows = session.execute(
        select(EvidenceFile, Visit.ended_at)
        .join(Visit, Visit.id == EvidenceFile.visit)
        .where(EvidenceFile.purged_at.is_(None), EvidenceFile.id > after, Visit.ended_at <= now - shortest)
        .order_by(EvidenceFile.id)
        .limit(PAGE)
    ).all()
    found = of_evidence(session, terms, [(file, ended_at) for file, ended_at in rows])
    return found, rows[-1][0].id if len(rows) == PAGE else None


def of_evidence(session: Session, terms: Retention, rows: Sequence[tuple[EvidenceFile, datetime]]) -> tuple[Kept, ...]:
    """Kept files with the end of their looks, as the plan takes them."""
    visits = {file.visit for file, _ in rows}
    matters: dict[str, list[tuple[str, Matter]]] = {}
    joined = (
        select(IncidentLook.visit, Incident)
        .join(Incident, Incident.id == IncidentLook.incident)
        .where(IncidentLook.visit.in_(visits))
    )
    for visit, incident in session.execute(joined):
        matter = Matter(incident.verdict, incident.review, incident.ended_at or incident.last_seen_at)
        matters.setdefault(visit, []).append((incident.id, matter))
    drawn = set(session.scalars(select(SpotCheck.visit).where(SpotCheck.visit.in_(visits))))
    stands = standing(session)
    held = on_incidents(session, (key for found in matters.values() for key, _ in found), stands)
    kept = []
    for file, ended_at in rows:
        of_look = matters.get(file.visit, [])
        class_, since = class_of_look(ended_at, [m for _, m in of_look], terms, drawn=file.visit in drawn)
        holds = [sentence for key, _ in of_look for sentence in held.get(key, ())]
        if file.path in stands.files:
            holds.append(stands.files[file.path])
        kept.append(Kept("evidence", str(file.id), file.path, file.sha256, file.bytes, class_, since, tuple(holds)))
    return tuple(kept)


def answer_photos(
    session: Session, terms: Retention, now: datetime, after: int | str
) -> tuple[tuple[Kept, ...], str | None]:
    """Photos that departments brought. They count from the end of the matter, and none before it came itself."""
    of_matter = and_(DispatchTrack.incident == AnswerPhoto.incident, DispatchTrack.department == AnswerPhoto.department)
    rows = session.execute(
        select(AnswerPhoto, Incident, DispatchTrack.closed_at)
        .join(Incident, Incident.id == AnswerPhoto.incident)
        .outerjoin(DispatchTrack, of_matter)
        .where(AnswerPhoto.purged_at.is_(None), AnswerPhoto.id > str(after))
        .where(AnswerPhoto.at <= now - terms.answer_photos)
        .order_by(AnswerPhoto.id)
        .limit(PAGE)
    ).all()
    stands = standing(session)
    held = on_incidents(session, (row.incident for row, _, _ in rows), stands)
    kept = []
    for row, incident, closed_at in rows:
        since = max(row.at, incident.ended_at or incident.last_seen_at, closed_at or row.at)
        holds = held.get(row.incident, ())
        if row.path in stands.files:
            holds = (*holds, stands.files[row.path])
        kept.append(Kept("answer_photo", row.id, row.path, row.sha256, row.bytes, Class.ANSWER_PHOTOS, since, holds))
    return tuple(kept), rows[-1][0].id if len(rows) == PAGE else None


def attachments(
    session: Session, terms: Retention, now: datetime, after: int | str
) -> tuple[tuple[Kept, ...], str | None]:
    """Attachments of cases that are closed."""
    rows = session.execute(
        select(CaseAttachment, CaseFile)
        .join(CaseFile, CaseFile.number == CaseAttachment.case)
        .where(CaseFile.stage.in_(OVER), CaseFile.opened_at <= now - terms.case_files)
        .where(CaseAttachment.purged_at.is_(None), CaseAttachment.removed_at.is_(None), CaseAttachment.id > str(after))
        .order_by(CaseAttachment.id)
        .limit(PAGE)
    ).all()
    since, stands = _closed(session, [case for _, case in rows]), standing(session)
    kept: list[Kept] = []
    for row, case in rows:
        holds = _of_case(session, case, stands, (row.path,))
        kept.append(
            Kept("attachment", row.id, row.path, row.sha256, row.bytes, Class.CASE_FILES, since[case.number], holds)
        )
        if row.thumbnail is not None:
            kept.append(Kept("attachment", row.id, row.thumbnail, None, 0, Class.CASE_FILES, since[case.number], holds))
    return tuple(kept), rows[-1][0].id if len(rows) == PAGE else None


def letters(session: Session, terms: Retention, now: datetime, after: int | str) -> tuple[tuple[Kept, ...], int | None]:
    """Files of letters of cases that are closed."""
    rows = session.execute(
        select(CaseLetter, CaseFile)
        .join(CaseFile, CaseFile.number == CaseLetter.case)
        .where(CaseFile.stage.in_(OVER), CaseFile.opened_at <= now - terms.case_files)
        .where(CaseLetter.purged_at.is_(None), CaseLetter.state == "issued", CaseLetter.id > after)
        .order_by(CaseLetter.id)
        .limit(PAGE)
    ).all()
    since, stands = _closed(session, [case for _, case in rows]), standing(session)
    kept: list[Kept] = []
    for row, case in rows:
        paths = [str(one["path"]) for one in (row.files or {}).values()]
        holds = _of_case(session, case, stands, paths)
        for one in (row.files or {}).values():
            path, sha256 = str(one["path"]), str(one["sha256"])
            kept.append(Kept("letter", str(row.id), path, sha256, 0, Class.CASE_FILES, since[case.number], holds))
    return tuple(kept), rows[-1][0].id if len(rows) == PAGE else None


def notices(session: Session, terms: Retention, now: datetime, after: int | str) -> tuple[tuple[Kept, ...], str | None]:
    """Messages that went out, or never will, and whose matters are over."""
    rows = session.scalars(
        select(Notice)
        .where(Notice.state.in_(("sent", "failed")), Notice.id > str(after))
        .where(Notice.created_at <= now - terms.messages)
        .order_by(Notice.id)
        .limit(PAGE)
    ).all()
    named: dict[str, set[str]] = {row.id: set() for row in rows}
    ended: dict[str, datetime] = {row.id: row.sent_at or row.created_at for row in rows}
    items = (
        select(NoticeItem.notice, Incident)
        .join(Incident, Incident.id == NoticeItem.incident)
        .where(NoticeItem.notice.in_(named))
    )
    for notice, incident in session.execute(items):
        named[notice].add(incident.id)
        ended[notice] = max(ended[notice], incident.ended_at or incident.last_seen_at)
    held = on_incidents(session, (key for keys in named.values() for key in keys), standing(session))
    kept = tuple(
        Kept("notice", row.id, None, None, 0, Class.MESSAGES, ended[row.id], _joined(held, sorted(named[row.id])))
        for row in rows
    )
    return kept, rows[-1].id if len(rows) == PAGE else None


def escalations(
    session: Session, terms: Retention, now: datetime, after: int | str
) -> tuple[tuple[Kept, ...], int | None]:
    """Rungs that were climbed for matters that are over."""
    rows = session.execute(
        select(Escalation, DispatchTrack)
        .join(DispatchTrack, DispatchTrack.id == Escalation.dispatch)
        .where(Escalation.id > after, DispatchTrack.closed_at <= now - terms.messages)
        .order_by(Escalation.id)
        .limit(PAGE)
    ).all()
    held = on_incidents(session, (track.incident for _, track in rows), standing(session))
    kept = tuple(
        Kept(
            "escalation",
            str(row.id),
            None,
            None,
            0,
            Class.MESSAGES,
            track.closed_at or row.at,
            held.get(track.incident, ()),
        )
        for row, track in rows
    )
    return kept, rows[-1][0].id if len(rows) == PAGE else None


def sessions(
    session: Session, terms: Retention, now: datetime, after: int | str
) -> tuple[tuple[Kept, ...], str | None]:
    """Sessions that have ended."""
    rows = session.scalars(
        select(AccountSession)
        .where(AccountSession.sha256 > str(after), AccountSession.expires_at <= now - terms.sign_ins)
        .order_by(AccountSession.sha256)
        .limit(PAGE)
    ).all()
    kept = tuple(Kept("session", row.sha256, None, None, 0, Class.SIGN_INS, row.expires_at) for row in rows)
    return kept, rows[-1].sha256 if len(rows) == PAGE else None


def links(session: Session, terms: Retention, now: datetime, after: int | str) -> tuple[tuple[Kept, ...], str | None]:
    """One-time links that ran out."""
    rows = session.scalars(
        select(OneTimeLink)
        .where(OneTimeLink.sha256 > str(after), OneTimeLink.expires_at <= now - terms.sign_ins)
        .order_by(OneTimeLink.sha256)
        .limit(PAGE)
    ).all()
    kept = tuple(Kept("link", row.sha256, None, None, 0, Class.SIGN_INS, row.expires_at) for row in rows)
    return kept, rows[-1].sha256 if len(rows) == PAGE else None


READERS: tuple[tuple[str, Reader, int | str], ...] = (
    ("evidence", evidence, 0),
    ("answer_photo", answer_photos, ""),
    ("attachment", attachments, ""),
    ("letter", letters, 0),
    ("notice", notices, ""),
    ("escalation", escalations, 0),
    ("session", sessions, ""),
    ("link", links, ""),
)
"""Kind, how its pages are read, and the place before the first."""


def everything(session: Session, terms: Retention, now: datetime) -> Iterator[Kept]:
    """All that may be due, kind by kind."""
    for _, read, place in READERS:
        after: int | str | None = place
        while after is not None:
            page, after = read(session, terms, now, after)
            yield from page


def next_run(session: Session, terms: Retention, now: datetime, most: int) -> tuple[tuple[Kept, ...], bool]:
    """What a run at a moment would have to decide on, and whether that is not all because there is more than ``most``."""
    found: list[Kept] = []
    for one in everything(session, terms, now):
        if len(found) == most:
            return tuple(found), True
        found.append(one)
    return tuple(found), False


def known_paths(session: Session) -> set[str]:
    """Every path that a row names, of purged and removed files too: what lies there is no stranger."""
    found = set(session.scalars(select(EvidenceFile.path))) | set(session.scalars(select(AnswerPhoto.path)))
    for path, thumbnail in session.execute(select(CaseAttachment.path, CaseAttachment.thumbnail)):
        found |= {each for each in (path, thumbnail) if each}
    for files in session.scalars(select(CaseLetter.files).where(CaseLetter.files.is_not(None))):
        found |= {str(one["path"]) for one in (files or {}).values()}
    found |= {path for path in session.scalars(select(EvidenceExport.path)) if path}
    return found


def _closed(session: Session, cases: Iterable[CaseFile]) -> dict[str, datetime]:
    """When each case was closed: the last thing that was done in it, of a merged one in the case it went into too."""
    found: dict[str, datetime] = {}
    for case in cases:
        if case.number in found:
            continue
        at: CaseFile | None = case
        moments = [case.opened_at]
        while at is not None and len(moments) < len(OVER) * 5:
            last = session.scalar(select(func.max(CaseEvent.at)).where(CaseEvent.case == at.number))
            moments.append(last or at.closed_at or at.opened_at)
            at = session.get(CaseFile, at.merged_into) if at.merged_into else None
        found[case.number] = max(moments)
    return found


def _of_case(session: Session, case: CaseFile, stands: Standing, paths: Sequence[str]) -> tuple[str, ...]:
    found = list(on_case(session, case, stands))
    if case.incident is not None:
        found += [s for s in on_incidents(session, [case.incident], stands).get(case.incident, ()) if s not in found]
    return tuple(found + [stands.files[path] for path in paths if path in stands.files])


def _joined(held: dict[str, tuple[str, ...]], keys: Sequence[str]) -> tuple[str, ...]:
    return tuple(sentence for key in keys for sentence in held.get(key, ()))
