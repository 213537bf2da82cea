"""The store on both databases: migrations both ways, the ledger, and what a killed writer leaves."""

from __future__ import annotations

import subprocess
import sys
import uuid
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from alembic import command
from sqlalchemy import inspect, select, text

from patrol import alerts
from patrol.ledger import book as ledger
from patrol.ledger import outages
from patrol.store import Store, StoreError, open_store, queries
from patrol.store._open import alembic_config
from patrol.store.tables import Ack, DispatchTrack, EvidenceFile, Incident, LookState, Outage, PlatformOutage, Visit
from tests.support.incidents import seen
from tests.support.relays import REGISTRY

T0 = datetime(2026, 3, 1, 8, 0, tzinfo=UTC)


def report(outcome: str = "inspected", cause: str | None = None) -> dict[str, object]:
    evidence = [{"path": "evidence/a.mp4", "sha256": "0" * 64, "role": "clip", "media_type": "video/mp4", "bytes": 9}]
    return {"outcome": outcome, "cause": cause, "judged": outcome == "inspected", "evidence": evidence}


def look(
    store: Store, at: datetime, outcome: str = "inspected", cause: str | None = None, visit: str | None = None
) -> bool:
    with store.sessions.begin() as session:
        return ledger.record_visit(
            session,
            visit_id=visit or uuid.uuid4().hex,
            look_key="gate",
            camera="gate",
            preset=None,
            reason="rotation",
            due_at=at,
            started_at=at,
            ended_at=at + timedelta(seconds=20),
            report=report(outcome, cause),
        )


def test_upgrade_makes_exactly_the_tables_of_the_code_and_downgrade_takes_them_away(store: Store) -> None:
    with store.engine.connect() as connection:
        config = alembic_config()
        config.attributes["connection"] = connection
        command.check(config)
        command.downgrade(config, "base")
        assert inspect(connection).get_table_names() == ["alembic_version"]
    store.upgrade()
    store.upgrade()


def test_answers_kept_before_they_said_more_stay_as_they_are_both_ways(store: Store) -> None:
    def go(what: Callable[..., None], revision: str) -> None:
        with store.engine.connect() as connection:
            config = alembic_config()
            config.attributes["connection"] = connection
            what(config, revision)

    go(command.downgrade, "0002")
    with store.engine.begin() as connection:
        assert "by" not in {c["name"] for c in inspect(connection).get_columns("ack")}
        connection.execute(
            text(
                "INSERT INTO ack (id, alert, department, status, note, at, taken, problem, raw) "
                "VALUES (7, 'a', 'police', 'received', 'n', '2026-03-01 08:00:00', true, NULL, '{}')"
            )
        )
    store.upgrade()
    with store.sessions.begin() as session:
        ack = session.get_one(Ack, 7)
        assert (ack.status, ack.taken, ack.note, ack.raw) == ("received", True, "n", "{}")
        assert (ack.by, ack.reported_at, ack.phone, ack.photos, ack.case_number) == (None, None, None, None, None)
        ack.by, ack.reported_at, ack.phone, ack.photos, ack.case_number = (
            "li",
            T0,
            {"number": "1"},
            [{"url": "x"}],
            "17",
        )
    go(command.downgrade, "0002")
    with store.engine.begin() as connection:
        kept = connection.execute(text("SELECT * FROM ack")).mappings().one()
        assert not {"by", "reported_at", "phone", "photos", "case_number"} & kept.keys()
        assert (kept["id"], kept["status"], kept["note"], kept["raw"]) == (7, "received", "n", "{}")
    store.upgrade()


def test_a_matter_that_was_open_before_dispatch_was_followed_is_followed_from_now_on(store: Store) -> None:
    with store.sessions.begin() as session:
        (going, *_) = seen(session, "flagged", camera="a")
        (over, *_) = seen(session, "flagged", camera="b")
        for change in (going, over):
            alerts.notify(session, REGISTRY, change, T0, at_once=True)
        session.get_one(Incident, over.incident_id).state = "ended"
    with store.engine.connect() as connection:
        config = alembic_config()
        config.attributes["connection"] = connection
        command.downgrade(config, "0002")
    with store.engine.begin() as connection:
        connection.execute(text("UPDATE alert SET state = 'received' WHERE seq = 1"))
    store.upgrade()
    with store.reading() as session:
        track = session.scalars(select(DispatchTrack)).one()
    assert (track.incident, track.department, track.state) == (going.incident_id, "traffic_police", "received")
    assert track.due_at == track.accepted_by == track.opened_at + timedelta(minutes=5)


def test_a_database_of_a_newer_version_is_refused(store: Store) -> None:
    with store.engine.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    with pytest.raises(StoreError, match="newer version"):
        store.upgrade()


@pytest.mark.parametrize(
    ("url", "why"),
    [("mysql://h/d", "no store on 'mysql'"), ("nonsense", "cannot be read"), ("sqlite://", "needs a file")],
)
def test_an_address_that_cannot_be_used_says_why(url: str, why: str, tmp_path: Path) -> None:
    with pytest.raises(StoreError, match=why):
        open_store(url, tmp_path)


def test_a_server_that_is_away_is_named_without_its_password(tmp_path: Path) -> None:
    store = open_store("postgresql://patrol:secret-word@127.0.0.1:9/none", tmp_path)
    with pytest.raises(StoreError) as caught:
        store.upgrade()
    assert "127.0.0.1:9" in str(caught.value)
    assert "secret-word" not in str(caught.value)


def test_only_an_inspected_look_restarts_the_clock_and_its_gap_is_between_starts(store: Store) -> None:
    look(store, T0)
    look(store, T0 + timedelta(minutes=50), "unusable", "dark")
    look(store, T0 + timedelta(minutes=60), "unreachable", "timeout")
    with store.reading() as session:
        state = session.get_one(LookState, "gate")
        assert (state.last_inspected_at, state.failures, state.last_outcome) == (T0, 2, "unreachable")
    look(store, T0 + timedelta(minutes=100))
    with store.reading() as session:
        gaps = [v.gap_s for v in queries.visits(session)]
        assert gaps == [6000.0, None, None, None]
        assert session.get_one(LookState, "gate").failures == 0


def test_an_outage_runs_from_the_first_failed_look_to_the_next_inspected_one(store: Store) -> None:
    look(store, T0, "unreachable", "refused")
    look(store, T0 + timedelta(minutes=2), "unreachable", "timeout")
    with store.reading() as session:
        assert [o.look for o in queries.open_outages(session)] == ["gate"]
    look(store, T0 + timedelta(minutes=12))
    with store.reading() as session:
        outage = session.scalars(select(Outage)).one()
        assert (outage.started_at, outage.last_failed_at, outage.ended_at, outage.looks) == (
            T0,
            T0 + timedelta(minutes=2),
            T0 + timedelta(minutes=12),
            2,
        )


def test_a_missed_deadline_is_written_once_and_opens_no_outage(store: Store) -> None:
    def missed() -> bool:
        with store.sessions.begin() as session:
            return ledger.record_missed(
                session, visit_id=uuid.uuid4().hex, look_key="gate", camera="gate", preset=None,
                deadline=T0, cause="capacity", detail="", now=T0 + timedelta(seconds=1),
            )  # fmt: skip

    assert [missed(), missed()] == [True, False]
    with store.reading() as session:
        assert [v.outcome for v in queries.visits(session)] == ["missed"]
        assert queries.open_outages(session) == []


def test_an_attempt_written_twice_stands_once(store: Store) -> None:
    assert look(store, T0, visit="one") is True
    assert look(store, T0, visit="one") is False
    with store.reading() as session:
        assert len(queries.visits(session)) == 1
        assert len(session.scalars(select(EvidenceFile)).all()) == 1


def test_looks_that_leave_the_registry_keep_their_past_and_start_anew_when_they_return(store: Store) -> None:
    look(store, T0)
    with store.sessions.begin() as session:
        ledger.sync_looks(session, [], T0 + timedelta(hours=1))
        assert session.get_one(LookState, "gate").active is False
    with store.sessions.begin() as session:
        ledger.sync_looks(session, [("gate", "gate", None)], T0 + timedelta(days=9))
        state = session.get_one(LookState, "gate")
        assert (state.active, state.last_inspected_at, state.added_at) == (True, None, T0 + timedelta(days=9))


_KILLED = """
import os, signal, sys
from datetime import UTC, datetime
from pathlib import Path
from patrol import alerts
from patrol.ledger import book as ledger
from patrol.store import open_store
store = open_store(sys.argv[1], Path("."))
at = datetime(2026, 3, 1, tzinfo=UTC)
evidence = [{"path": "a", "sha256": "0" * 64, "role": "clip", "media_type": "video/mp4", "bytes": 1}]
def write(session, visit):
    ledger.record_visit(session, visit_id=visit, look_key="gate", camera="gate", preset=None, reason="rotation", due_at=at,
        started_at=at, ended_at=at, report={"outcome": "inspected", "cause": None, "judged": True, "evidence": evidence})
with store.sessions.begin() as session:
    write(session, "committed")
with store.sessions.begin() as session:
    write(session, "half")
    session.flush()
    print("written, not committed", flush=True)
    os.kill(os.getpid(), signal.SIGKILL)
"""


def test_a_killed_writer_leaves_all_of_a_look_or_nothing(store: Store, database_url: str) -> None:
    done = subprocess.run(
        [sys.executable, "-c", _KILLED, database_url], capture_output=True, text=True, check=False, timeout=60
    )
    assert done.returncode == -9, done.stderr
    assert "written, not committed" in done.stdout
    with store.reading() as session:
        assert session.scalars(select(Visit.id)).all() == ["committed"]
        assert session.scalars(select(EvidenceFile.visit)).all() == ["committed"]


def test_outages_of_cameras_that_begin_with_their_platforms_are_part_of_it(store: Store) -> None:
    def fail(camera: str, minute: int, outcome: str = "unreachable") -> None:
        at = T0 + timedelta(minutes=minute)
        with store.sessions.begin() as session:
            ledger.record_visit(
                session,
                visit_id=uuid.uuid4().hex,
                look_key=camera,
                camera=camera,
                preset=None,
                reason="rotation",
                due_at=at,
                started_at=at,
                ended_at=at + timedelta(seconds=8),
                report=report(outcome, "timeout" if outcome == "unreachable" else None),
                platform="police",
            )

    def went(down: bool, minute: int) -> None:
        with store.sessions.begin() as session:
            since = T0 + timedelta(minutes=minute)
            keys = {"old", "one", "two", "three"}
            outages.platform_went(
                session, platform="police", keys=keys, down=down, since=since, now=since + timedelta(minutes=1), looks=4
            )

    fail("old", 0)  # away long before
    fail("other", 10)  # of another platform
    fail("one", 10)
    fail("two", 11)
    went(True, 10)
    went(True, 12)  # told twice by a restart: still one
    fail("three", 14)  # a probe
    fail("one", 20, "inspected")
    went(False, 20)
    with store.reading() as session:
        (platform,) = session.scalars(select(PlatformOutage)).all()
        found = {o.look: o.part_of for o in session.scalars(select(Outage))}
    assert (platform.started_at, platform.ended_at) == (T0 + timedelta(minutes=10), T0 + timedelta(minutes=20))
    assert (platform.cause, platform.cameras) == ("timeout", 4)
    assert found == {"old": None, "other": None, "one": platform.id, "two": platform.id, "three": platform.id}
