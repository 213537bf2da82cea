"""The purge on real files and both databases: what goes, what stays and why, and what the proof says afterwards."""

from __future__ import annotations

import hashlib
import os
import shutil
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import func, select, text
from sqlalchemy.exc import DBAPIError

from patrol import access, audit, retention
from patrol.access import Role
from patrol.ledger.verify import verify as verify_ledger
from patrol.retention import clockwatch
from patrol.store import Store
from patrol.store.tables import (
    AccountSession,
    Alert,
    CaseAttachment,
    CaseFile,
    DispatchTrack,
    Escalation,
    EvidenceExport,
    EvidenceFile,
    Incident,
    Notice,
    NoticeItem,
    OneTimeLink,
    RetentionRun,
    Visit,
)
from tests.support.case_files import number, put_case
from tests.support.keeping import LEAD, NOW, differences, incident_of, kept_look, marked, purged, there


@pytest.fixture
def data(tmp_path: Path) -> Path:
    folder = tmp_path / "data"
    folder.mkdir()
    return folder


def test_each_class_goes_on_its_day_and_not_before(store: Store, data: Path) -> None:
    ages = {"clear": (30, {}), "false alarm": (30, {"verdict": "flagged", "review": "false_alarm"}),
            "drawn": (90, {"drawn": True}), "flagged": (90, {"verdict": "flagged"}),
            "confirmed": (1095, {"verdict": "flagged", "review": "confirmed"})}  # fmt: skip
    gone, stay = set(), set()
    with store.sessions.begin() as session:
        for term, how in ages.values():
            gone.update(kept_look(session, data, days_ago=term, **how)[1])
            stay.update(kept_look(session, data, days_ago=term - 0.001, **how)[1])
    report = purged(store, data)
    assert there(data) == stay
    assert marked(store) == gone
    deleted = {class_: one["deleted"] for class_, one in report.record["classes"].items()}
    assert deleted == {"routine": 4, "spot_checks": 2, "flagged": 2, "confirmed": 2}
    assert report.record["classes"]["flagged"]["first"] == f"{NOW - timedelta(days=90):%Y-%m-%d}"
    assert report.record["problems"] == []
    assert differences(store, data) == []
    again = purged(store, data)
    assert again.record["items"] == 0
    assert there(data) == stay


def test_the_ledger_still_holds_and_speaks_of_what_was_purged(store: Store, data: Path) -> None:
    with store.sessions.begin() as session:
        visit, paths = kept_look(session, data, days_ago=40)
        kept_look(session, data, days_ago=1)
    purged(store, data)
    with store.reading() as session:
        assert verify_ledger(session, evidence=data).problems == ()
        row = session.scalars(select(Visit).where(Visit.id == visit)).one()
        assert [file["path"] for file in row.report["evidence"]] == paths
        files = session.scalars(select(EvidenceFile).where(EvidenceFile.visit == visit)).all()
        assert [file.sha256 for file in files] == [file["sha256"] for file in row.report["evidence"]]
    (data / next(iter(there(data)))).unlink()
    with store.reading() as session:
        assert [p.what for p in verify_ledger(session, evidence=data).problems] == ["evidence"]


def test_an_open_incident_an_unfinished_dispatch_and_an_open_case_hold_by_themselves(store: Store, data: Path) -> None:
    with store.sessions.begin() as session:
        still_open = kept_look(session, data, days_ago=100, verdict="flagged", review="false_alarm", ended=False)[1]
        sent, of_sent = kept_look(session, data, days_ago=100, verdict="flagged")
        cased, of_cased = kept_look(session, data, days_ago=2000, verdict="flagged", review="confirmed")
    with store.sessions.begin() as session:
        at = NOW - timedelta(days=100)
        session.add(
            DispatchTrack(
                incident=incident_of(store, sent), department="police", role="primary", route="r", kind="congestion",
                state="told", opened_at=at, received_by=at, accepted_by=at, on_scene_by=at, disposed_by=at, due_at=at,
                updated_at=at,
            )
        )  # fmt: skip
        put_case(session, 1, unit="police")
        session.get_one(CaseFile, number(1)).incident = incident_of(store, cased)
    report = purged(store, data)
    assert there(data) == {*still_open, *of_sent, *of_cased}
    assert report.record["held"]["because"] == {
        "the incident is still open": 2,
        "the dispatch to police is not finished": 2,
        f"the case {number(1)} is still open": 2,
    }
    with store.sessions.begin() as session:
        session.execute(text("UPDATE dispatch SET due_at = NULL, closed_at = opened_at"))
        session.get_one(CaseFile, number(1)).stage = "evaluated"
        for incident in session.scalars(select(Incident).where(Incident.state == "open")):
            incident.state, incident.ended_at = "ended", NOW - timedelta(days=31)
    purged(store, data)
    assert there(data) == set()


def test_a_hold_keeps_a_file_an_incident_and_a_case_until_it_is_lifted(store: Store, data: Path) -> None:
    with store.sessions.begin() as session:
        _, (clip, picture) = kept_look(session, data, days_ago=40)
        seen, of_incident = kept_look(session, data, days_ago=200, verdict="flagged")
    incident = incident_of(store, seen)
    with store.sessions.begin() as session:
        by_file = retention.put(session, "file", clip, reason="复议", by=LEAD, now=NOW).id
        by_incident = retention.put(session, "incident", incident, reason="诉讼", by=LEAD, now=NOW).id
    report = purged(store, data)
    assert there(data) == {clip, *of_incident}
    assert not (data / picture).exists()
    assert f"hold {by_file} of 班长 on the file: 复议" in report.record["held"]["because"]
    with store.sessions.begin() as session, pytest.raises(retention.HoldError, match="held already"):
        retention.put(session, "incident", incident, reason="again", by=LEAD, now=NOW)
    with store.sessions.begin() as session:
        for hold in (by_file, by_incident):
            retention.lift(session, hold, because="结案", by=LEAD, now=NOW)
    with store.sessions.begin() as session, pytest.raises(retention.HoldError, match="was lifted"):
        retention.lift(session, by_file, because="again", by=LEAD, now=NOW)
    purged(store, data)
    assert there(data) == set()


@pytest.mark.parametrize(
    ("kind", "ref", "reason", "words"),
    [("incident", "nobody", "x", "no incident 'nobody'"), ("folder", "x", "x", "no folder"),
     ("file", "../../etc/passwd", "x", "no file"), ("incident", "nobody", "  ", "a reason is needed")],
)  # fmt: skip
def test_a_hold_on_nothing_or_for_no_reason_is_refused(
    sqlite_store: Store, kind: str, ref: str, reason: str, words: str
) -> None:
    with sqlite_store.sessions.begin() as session, pytest.raises(retention.HoldError, match=words):
        retention.put(session, kind, ref, reason=reason, by=LEAD, now=NOW)


def test_files_of_a_closed_case_go_ten_years_after_it_was_closed(store: Store, data: Path) -> None:
    path, small = f"cases/{number(1)}/{'a' * 64}.jpg", f"cases/{number(1)}/{'a' * 64}.thumb.jpg"
    (data / path).parent.mkdir(parents=True)
    (data / path).write_bytes(b"photo")
    (data / small).write_bytes(b"small")
    sha256 = hashlib.sha256(b"photo").hexdigest()
    closed = NOW - timedelta(days=3650)
    with store.sessions.begin() as session:
        put_case(session, 1, unit="police")
        case = session.get_one(CaseFile, number(1))
        case.opened_at, case.stage = closed - timedelta(days=20), "closed"
        session.flush()
        session.execute(text("UPDATE case_event SET at = :at"), {"at": closed + timedelta(seconds=1)})
        session.add(
            CaseAttachment(id="f1", case=number(1), name="x.jpg", media_type="image/jpeg", bytes=5, sha256=sha256,
                           path=path, thumbnail=small, by="x", at=closed, scan="clean")
        )  # fmt: skip
    purged(store, data)
    assert (data / path).exists()
    with store.sessions.begin() as session:
        session.execute(text("UPDATE case_event SET at = :at"), {"at": closed})
    report = purged(store, data)
    assert not (data / path).parent.exists()
    assert report.record["classes"]["case_files"]["deleted"] == 2
    assert differences(store, data) == []


def test_messages_and_rungs_go_when_the_matter_has_been_over_for_three_years(store: Store, data: Path) -> None:
    with store.sessions.begin() as session:
        for days in (1095.5, 1094):
            seen, _ = kept_look(session, data, days_ago=days, verdict="flagged", review="false_alarm")
            at = NOW - timedelta(days=days)
            incident = session.scalars(select(Incident.id).where(Incident.camera == f"cam-{seen[:12]}")).one()
            session.add(
                Alert(id=f"a{days}", seq=int(days), department="police", kind="congestion", type="new", incident=incident,
                      envelope={}, state="sent", created_at=at, next_attempt_at=at, ack_by=at)
            )  # fmt: skip
            track = DispatchTrack(
                incident=incident, department="police", role="primary", route="r", kind="congestion", state="disposed",
                opened_at=at, received_by=at, accepted_by=at, on_scene_by=at, disposed_by=at, closed_at=at, updated_at=at,
            )  # fmt: skip
            session.add(track)
            session.add(
                Notice(id=f"n{days}", channel="c", contact="desk", urgent=False, state="sent", created_at=at, send_at=at,
                       sent_at=at)
            )  # fmt: skip
            session.flush()
            session.add(
                Escalation(
                    dispatch=track.id, at=at, step="received", rung=1, who="contacts", whom="desk", because="late"
                )
            )
            session.add(
                NoticeItem(notice=f"n{days}", incident=incident, alert=f"a{days}", department="police", why="new",
                           asks="accept", at=at)
            )  # fmt: skip
    report = purged(store, data)
    assert report.record["classes"]["messages"]["deleted"] == 2
    with store.reading() as session:
        assert session.scalars(select(Notice.id)).all() == ["n1094"]
        assert session.scalars(select(NoticeItem.notice)).all() == ["n1094"]
        assert session.scalar(select(func.count()).select_from(Escalation)) == 1


def test_sessions_and_links_go_a_month_after_nobody_can_use_them(store: Store, data: Path) -> None:
    with store.sessions.begin() as session:
        access.new_account(session, "li-1", Role.OPERATOR, shown="坐席一", unit=None, sight=None, by="test", now=NOW)
        for days in (31, 29):
            ended = NOW - timedelta(days=days)
            session.add(
                AccountSession(
                    sha256=f"s{days}", account="li-1", csrf="c", created_at=ended, seen_at=ended, expires_at=ended
                )
            )
            session.add(
                OneTimeLink(sha256=f"l{days}", account="li-1", made_by="test", created_at=ended, expires_at=ended)
            )
    assert purged(store, data).record["classes"]["sign_ins"]["deleted"] == 2
    with store.reading() as session:
        assert session.scalars(select(AccountSession.sha256)).all() == ["s29"]
        assert session.scalars(select(OneTimeLink.sha256)).all() == ["l29"]


def test_every_run_and_every_hold_stands_in_the_audit_trail(store: Store, data: Path) -> None:
    with store.sessions.begin() as session:
        _, (clip, _) = kept_look(session, data, days_ago=40)
        hold = retention.put(session, "file", clip, reason="复议", by=LEAD, now=NOW, address="10.0.0.9").id
    report = purged(store, data)
    with store.sessions.begin() as session:
        retention.lift(session, hold, because="结案", by=LEAD, now=NOW)
    with store.reading() as session:
        trail = [(row.action, row.who, row.ref, row.reason) for row in audit.rows(session)]
        assert trail == [
            ("retention.lift", "lead-1", clip, "结案"),
            ("retention.run", "lead-1", str(report.run), None),
            ("retention.hold", "lead-1", clip, "复议"),
        ]
        run = audit.rows(session, action="retention.run")[0]
        assert run.detail["list_sha256"] == report.record["list_sha256"]
        assert audit.verify(session).problems == ()


def test_what_is_not_what_was_kept_is_told_and_left(store: Store, data: Path, tmp_path: Path) -> None:
    outside = tmp_path / "outside.txt"
    outside.write_text("not ours")
    with store.sessions.begin() as session:
        _, (changed, linked) = kept_look(session, data, days_ago=40)
        _, (missing, _) = kept_look(session, data, days_ago=41)
        _, moved = kept_look(session, data, days_ago=42)
    (data / changed).write_bytes(b"another picture")
    (data / linked).unlink()
    (data / linked).symlink_to(outside)
    (data / missing).unlink()
    folder = (data / moved[0]).parent
    shutil.move(folder, tmp_path / "moved")
    folder.symlink_to(tmp_path / "moved")
    report = purged(store, data)
    assert outside.read_text() == "not ours"
    assert len(list((tmp_path / "moved").iterdir())) == 2, "a file outside the data folder was deleted"
    assert (data / changed).read_bytes() == b"another picture"
    assert report.record["classes"]["routine"] | {"bytes": 0, "first": 0, "last": 0} == {
        "deleted": 1, "missing": 1, "kept": 0, "bytes": 0, "first": 0, "last": 0,
    }  # fmt: skip
    told = "\n".join(report.record["problems"])
    assert f"{changed}: is not the file that was kept" in told
    assert f"{linked}: is no plain file" in told
    assert f"{missing}: was gone before" in told
    assert "differs" in "\n".join(differences(store, data))


def test_verify_names_what_is_still_there_what_is_gone_and_what_no_row_names(store: Store, data: Path) -> None:
    with store.sessions.begin() as session:
        _, (clip, _) = kept_look(session, data, days_ago=40)
        _, (young, picture) = kept_look(session, data, days_ago=1)
    purged(store, data)
    (data / clip).parent.mkdir(parents=True)
    (data / clip).write_bytes(b"back again")
    (data / young).unlink()
    (data / picture).write_bytes(b"changed")
    stranger = data / "evidence" / "stranger.bin"
    for file, days in ((stranger, 8), (data / "evidence" / "fresh.bin", 6)):
        file.write_bytes(b"?")
        os.utime(file, ((NOW - timedelta(days=days)).timestamp(),) * 2)
    found = differences(store, data)
    assert [one.split(":")[0] for one in found] == ["still_there", "gone", "differs", "no_row"]
    assert clip in found[0]
    assert young in found[1]
    assert "stranger.bin" in found[3]
    assert stranger.exists()


def test_a_copy_that_nobody_deleted_on_its_day_is_named(store: Store, data: Path) -> None:
    with store.sessions.begin() as session:
        visit, _ = kept_look(session, data, days_ago=1)
        kept = session.scalars(select(EvidenceFile).where(EvidenceFile.visit == visit)).first()
        assert kept is not None
        for number, hours in (("EX-20261126-0001", 2), ("EX-20261126-0002", -2)):
            path = f"exports/{number}.jpg"
            (data / path).parent.mkdir(exist_ok=True)
            (data / path).write_bytes(b"masked")
            session.add(
                EvidenceExport(
                    number=number, evidence=kept.id, source_sha256=kept.sha256, visit=visit, camera="c", taken_at=NOW,
                    recipient_unit="x", reason="x", by="li", state="ready", created_at=NOW, path=path,
                    expires_at=NOW - timedelta(hours=hours),
                )
            )  # fmt: skip
    (late,) = differences(store, data)
    assert late.startswith("still_there: exports/EX-20261126-0001.jpg")


def test_a_proof_that_was_changed_is_found(store: Store, data: Path) -> None:
    with store.sessions.begin() as session:
        kept_look(session, data, days_ago=40)
    purged(store, data)
    purged(store, data)
    with pytest.raises(DBAPIError, match="never changed"), store.engine.begin() as connection:
        connection.execute(text("UPDATE retention_run SET by = 'nobody' WHERE id = 1"))
    with pytest.raises(DBAPIError, match="never"), store.engine.begin() as connection:
        connection.execute(text("DELETE FROM retention_run WHERE id = 2"))
    with store.engine.begin() as connection:
        connection.execute(text("UPDATE retention_item SET due_at = since WHERE id = 1"))
    assert differences(store, data) == ["proof: run 1: the list of what it took is not the one that was sealed"]
    with store.engine.begin() as connection:
        connection.execute(text("UPDATE evidence SET purged_at = NULL"))
    assert sum("no row says so" in one for one in differences(store, data)) == 2


def test_the_purge_refuses_a_clock_that_jumped_and_the_beat_does_not_hide_it(store: Store, data: Path) -> None:
    with store.sessions.begin() as session:
        _, paths = kept_look(session, data, days_ago=29)
        _, fresh = kept_look(session, data, days_ago=1)
        assert clockwatch.beat(session, NOW) is None
    ahead = NOW + timedelta(days=8)
    with store.sessions.begin() as session:
        assert "8 days after" in str(clockwatch.beat(session, ahead))
        assert "8 days after" in str(clockwatch.beat(session, ahead)), "the beat hid the jump"
    with pytest.raises(retention.ClockError, match="yes-the-clock-is-right"):
        purged(store, data, wall=lambda: ahead, sure_of_clock=False)
    assert there(data) == {*paths, *fresh}
    purged(store, data, wall=lambda: ahead)
    assert there(data) == set(fresh)
    with pytest.raises(retention.ClockError, match="before the last purge"):
        purged(store, data, sure_of_clock=False)


def test_a_run_takes_no_more_than_it_may_and_the_next_ones_take_the_rest(store: Store, data: Path) -> None:
    with store.sessions.begin() as session:
        for days in range(40, 45):
            kept_look(session, data, days_ago=days)
    assert [purged(store, data, most=4).record["left"] for _ in range(3)] == [True, True, False]
    assert there(data) == set()
    assert differences(store, data) == []


def test_two_purges_at_once_are_refused(sqlite_store: Store, data: Path) -> None:
    with retention.alone(data), pytest.raises(retention.BusyError, match="try again"):
        purged(sqlite_store, data)
    with sqlite_store.reading() as session:
        assert session.scalar(select(func.count()).select_from(RetentionRun)) == 0
