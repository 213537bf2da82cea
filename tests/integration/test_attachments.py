"""Keeping, removing and sweeping files of cases, on SQLite and PostgreSQL and a real file system."""

from __future__ import annotations

import hashlib
import stat
import threading
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from patrol.cases import attachments
from patrol.cases.attachments import AttachmentError, Incoming
from patrol.registry.cases import Attachments
from patrol.store import Store
from patrol.store.tables import CaseAttachment
from tests.support import papers
from tests.support.case_files import number, put_case

NOW = datetime(2026, 11, 26, 8, tzinfo=UTC)
LIMITS = Attachments(max_mib=1, max_files=3)
PHOTO = papers.photo(said=papers.exif())


@pytest.fixture
def case(store: Store) -> str:
    with store.sessions.begin() as session:
        put_case(session, 2, unit="police")
        return put_case(session, 1, unit="police")


@pytest.fixture
def data(tmp_path: Path) -> Path:
    (tmp_path / "data").mkdir()
    return tmp_path / "data"


class Trail:
    """What was told to the case."""

    def __init__(self) -> None:
        self.told: list[tuple[str, bool]] = []

    def __call__(self, _session: Session, row: CaseAttachment) -> None:
        self.told.append((row.name, row.removed_at is None))


def bring(
    store: Store,
    data: Path,
    case: str,
    brought: bytes,
    name: str = "现场.jpg",
    *,
    limits: Attachments = LIMITS,
    record: Callable[[Session, CaseAttachment], None] | None = None,
) -> CaseAttachment:
    with Incoming(data, name, limits) as incoming:
        for start in range(0, len(brought), 10_000):
            incoming.write(brought[start : start + 10_000])
        checked = incoming.check()
        with store.sessions.begin() as session:
            return attachments.keep(
                session,
                data,
                case,
                checked,
                limits=limits,
                unit="police",
                by="police desk",
                now=NOW,
                record=record or Trail(),
            )


def lying(data: Path) -> list[str]:
    return sorted(str(f.relative_to(data)) for f in data.rglob("*") if f.is_file())


def rows(store: Store) -> list[CaseAttachment]:
    with store.reading() as session:
        return list(session.scalars(select(CaseAttachment).order_by(CaseAttachment.at, CaseAttachment.id)))


def test_a_photo_is_kept_as_it_was_brought_with_what_it_says(store: Store, data: Path, case: str) -> None:
    trail = Trail()
    row = bring(store, data, case, PHOTO, "../../现场 1.jpg", record=trail)
    sha256 = hashlib.sha256(PHOTO).hexdigest()
    assert (row.name, row.media_type, row.bytes, row.sha256) == ("现场 1.jpg", "image/jpeg", len(PHOTO), sha256)
    assert (row.lon, row.lat, row.taken_at) == (*papers.XIANGYIN, "2026:11:25 16:07:03")
    assert (row.unit, row.by, row.at, row.scan) == ("police", "police desk", NOW, "not_checked")
    assert lying(data) == [f"cases/{case}/{sha256}.jpg", f"cases/{case}/{sha256}.thumb.jpg"]
    with attachments.open_file(row, data) as file:
        assert file.read() == PHOTO
    assert attachments.verify(row, data)
    assert trail.told == [("现场 1.jpg", True)]
    for place in (data / row.path, data / str(row.thumbnail)):
        assert stat.S_IMODE(place.stat().st_mode) == 0o600
        assert stat.S_IMODE(place.parent.stat().st_mode) == 0o700


def test_the_same_file_again_is_the_row_that_is_there(store: Store, data: Path, case: str) -> None:
    trail = Trail()
    first = bring(store, data, case, PHOTO, record=trail)
    again = bring(store, data, case, PHOTO, "another name.jpg", record=trail)
    assert (again.id, again.name, len(rows(store)), len(trail.told)) == (first.id, "现场.jpg", 1, 1)
    other = bring(store, data, number(2), PHOTO)
    assert other.id != first.id, "another case has its own"
    (data / first.path).unlink()
    bring(store, data, case, PHOTO)
    assert attachments.verify(first, data), "and where its file was lost, it is back"


def test_many_bringing_the_same_file_at_once_leave_one_row(store: Store, data: Path, case: str) -> None:
    failed: list[BaseException] = []
    start = threading.Barrier(4)

    def run() -> None:
        try:
            start.wait()
            bring(store, data, case, PHOTO)
        except BaseException as error:  # noqa: BLE001 - told to the test
            failed.append(error)

    threads = [threading.Thread(target=run) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert failed == []
    assert len(rows(store)) == 1
    assert len(lying(data)) == 2


def test_no_case_has_more_files_than_the_registry_allows(store: Store, data: Path, case: str) -> None:
    for count in range(3):
        bring(store, data, case, f"note {count}".encode(), f"{count}.txt")
    with pytest.raises(AttachmentError, match="has 3 files, and no case may have more") as error:
        bring(store, data, case, b"one more", "4.txt")
    assert error.value.why == "too_many"
    assert len(lying(data)) == 3
    bring(store, data, case, b"note 1", "again.txt")


@pytest.mark.parametrize("missing", ["43062420261125000009", "../../../etc", ""])
def test_a_case_that_is_not_there_gets_no_file_and_no_folder(store: Store, data: Path, case: str, missing: str) -> None:
    with pytest.raises(AttachmentError, match="there is no case"):
        bring(store, data, missing, PHOTO)
    assert lying(data) == []
    assert not (data / "cases" / missing).exists() or missing in {"", "../../../etc"}


def test_more_than_the_limit_is_refused_as_soon_as_it_is_passed(data: Path) -> None:
    with Incoming(data, "a.jpg", LIMITS) as incoming:
        incoming.write(bytes(1024 * 1024))
        with pytest.raises(AttachmentError, match="larger than 1 MiB"):
            incoming.write(b"x")
    assert lying(data) == []


@pytest.mark.parametrize(
    ("brought", "name", "why"),
    [
        (b"", "a.jpg", "empty"),
        (PHOTO, "a.pdf", "name"),
        (PHOTO[:-2000], "a.jpg", "broken"),
        (b"\0\1\2", "a.txt", "kind"),
    ],
)
def test_what_is_refused_leaves_nothing(
    store: Store, data: Path, case: str, brought: bytes, name: str, why: str
) -> None:
    with pytest.raises(AttachmentError) as error:
        bring(store, data, case, brought, name)
    assert (error.value.why, lying(data), rows(store)) == (why, [], [])


def test_an_infected_file_is_refused_and_deleted(store: Store, data: Path, case: str, tmp_path: Path) -> None:
    scanner = tmp_path / "scanner.sh"
    scanner.write_text(papers.SCANNER)
    limits = Attachments(scan=("sh", str(scanner)))
    assert bring(store, data, case, b"fine", "a.txt", limits=limits).scan == "clean"
    with pytest.raises(AttachmentError, match="it was deleted"):
        bring(store, data, case, papers.EICAR, "b.txt", limits=limits)
    assert [row.name for row in rows(store)] == ["a.txt"]
    assert len(lying(data)) == 1


def test_a_trail_that_refuses_keeps_neither_row_nor_file(store: Store, data: Path, case: str) -> None:
    def closed(_session: Session, _row: CaseAttachment) -> None:
        raise ValueError("the case is merged")

    with pytest.raises(ValueError, match="merged"):
        bring(store, data, case, PHOTO, record=closed)
    assert (lying(data), rows(store)) == ([], [])


def test_a_removed_file_is_gone_and_its_row_says_who_and_why(store: Store, data: Path, case: str) -> None:
    row, trail = bring(store, data, case, PHOTO), Trail()
    for _ in range(2):
        with store.sessions.begin() as session:
            found = session.get_one(CaseAttachment, row.id)
            attachments.remove(session, found, by="lead", because="wrong case", now=NOW, record=trail)
    with store.sessions.begin() as session:
        attachments.delete_file(session, row, data)
    (left,) = rows(store)
    assert (left.removed_at, left.removed_by, left.removed_because) == (NOW, "lead", "wrong case")
    assert trail.told == [("现场.jpg", False)], "told once"
    assert lying(data) == []
    with pytest.raises(AttachmentError, match="not a kept file"):
        attachments.open_file(left, data)


def test_a_removed_file_may_be_brought_again_and_its_trace_stays(store: Store, data: Path, case: str) -> None:
    row = bring(store, data, case, PHOTO)
    with store.sessions.begin() as session:
        found = session.get_one(CaseAttachment, row.id)
        attachments.remove(session, found, by="lead", because="wrong case", now=NOW, record=Trail())
    again = bring(store, data, case, PHOTO)
    with store.sessions.begin() as session:
        attachments.delete_file(session, row, data)  # comes late: the file has been brought again meanwhile
    assert again.id != row.id
    assert attachments.verify(again, data)
    assert sorted(r.removed_by or "" for r in rows(store)) == ["", "lead"]


def test_two_living_rows_of_one_file_in_a_case_cannot_be(store: Store, data: Path, case: str) -> None:
    row = bring(store, data, case, PHOTO)
    fields = {c.name: getattr(row, c.name) for c in CaseAttachment.__table__.columns}
    with store.sessions() as session:
        session.add(CaseAttachment(**{**fields, "id": "other"}))
        with pytest.raises(IntegrityError):
            session.commit()


def test_the_sweep_takes_what_was_cut_off_and_nothing_else(store: Store, data: Path, case: str) -> None:
    kept, gone = bring(store, data, case, PHOTO), bring(store, data, case, b"gone", "gone.txt")
    with store.sessions.begin() as session:
        found = session.get_one(CaseAttachment, gone.id)
        attachments.remove(session, found, by="lead", because="x", now=NOW, record=Trail())
    folder = data / "cases" / case
    (data / "cases" / ".incoming" / "0123").write_bytes(b"half an upload")
    (folder / f"{'a' * 64}.pdf").write_bytes(b"moved, and never committed")
    (folder / "letter-1.pdf").write_bytes(b"of another room")
    with store.reading() as session:
        assert attachments.sweep_leftovers(session, data) == 3
        assert attachments.sweep_leftovers(session, data) == 0
    assert lying(data) == [kept.path, str(kept.thumbnail), f"cases/{case}/letter-1.pdf"]


@pytest.mark.parametrize("path", ["../outside.txt", "cases/../../outside.txt", "{out}", "patrol.sqlite", "cases"])
def test_a_path_that_leads_out_of_the_folder_of_cases_is_never_opened(
    store: Store, data: Path, case: str, path: str
) -> None:
    row = bring(store, data, case, PHOTO)
    (data.parent / "outside.txt").write_text("secret")
    (data / "patrol.sqlite").write_text("secret")
    row.path = path.format(out=data.parent / "outside.txt")
    with pytest.raises(AttachmentError, match="not a kept file"):
        attachments.open_file(row, data)


def test_a_link_that_leads_out_is_not_followed_and_a_changed_file_is_found(store: Store, data: Path, case: str) -> None:
    row = bring(store, data, case, PHOTO)
    place = data / row.path
    place.write_bytes(PHOTO[:-1] + bytes([PHOTO[-1] ^ 1]))
    assert not attachments.verify(row, data)
    (data.parent / "outside.txt").write_text("secret")
    place.unlink()
    place.symlink_to(data.parent / "outside.txt")
    with pytest.raises(AttachmentError, match="not a kept file"):
        attachments.verify(row, data)
