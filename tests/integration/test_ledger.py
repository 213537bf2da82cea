"""The proof in real databases: sealed with its cause, refused by trigger, found by the walk, checked without our code."""

from __future__ import annotations

import threading
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from alembic import command
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from patrol.ledger import book, chain, roots, sign_off
from patrol.ledger.verify import verify
from patrol.store import Store
from patrol.store._open import alembic_config
from patrol.store.tables import ChainEntry, Visit
from tests.support.ledger import CHINA, T0, checked, ledger, look, missed, unsealed


def test_everything_that_is_written_is_sealed_and_holds(store: Store) -> None:
    ids = ledger(store)
    gone = missed(store, 90)
    with store.sessions.begin() as session:
        sign_off.sign_off(session, [gone], who="班长 Li", note="光缆中断", now=T0 + timedelta(hours=3))
    verdict = checked(store)
    assert verdict.problems == ()
    # begin, one registry, the looks, the miss, its sign-off
    assert (verdict.links, verdict.visits) == (1 + 1 + len(ids) + 1 + 1, len(ids) + 1)


def test_a_ledger_of_several_batches_is_walked_whole(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("patrol.ledger.verify._BATCH", 10)
    ids = ledger(store, 45)
    assert checked(store).problems == ()
    for seq in (5, 20, 45):
        assert unsealed(store, "UPDATE visit SET outcome = 'missed' WHERE seq = :seq", seq=seq) == 1
    assert [p.ref for p in checked(store).problems] == [ids[4], ids[19], ids[44]]


def test_what_is_written_while_the_ledger_is_walked_is_no_problem_of_it(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("patrol.ledger.verify._BATCH", 10)
    ids = ledger(store, 25)
    written: list[int] = []

    def write(done: int, _total: int) -> None:
        written.append(done)
        missed(store, 90 + len(written))

    with store.still() as session:
        verdict = verify(session, on_progress=write)
    assert (verdict.problems, verdict.visits, len(written)) == ((), len(ids), 3)
    assert checked(store).visits == len(ids) + 3


def test_the_ledger_refuses_to_be_changed(store: Store) -> None:
    ledger(store, 3)
    for statement in (
        "UPDATE visit SET outcome = 'inspected'",
        "DELETE FROM visit WHERE seq = 2",
        "UPDATE chain SET hash = 'x'",
        "DELETE FROM chain",
    ):
        with pytest.raises(DBAPIError, match="append-only"), store.engine.begin() as connection:
            connection.execute(text(statement))
    assert checked(store).problems == ()


@pytest.mark.parametrize(
    ("statement", "what"),
    [
        ("UPDATE visit SET outcome = 'missed' WHERE seq = 30", "changed"),
        ("UPDATE visit SET started_at = '2026-03-01 08:29:00.000001' WHERE seq = 30", "changed"),
        ("UPDATE visit SET gap_s = gap_s + 0.001 WHERE seq = 30", "changed"),
        ("UPDATE visit SET camera = 'cam0' WHERE seq = 30", "changed"),
        ("UPDATE visit SET report = REPLACE(CAST(report AS TEXT), 'nobody', 'Nobody') WHERE seq = 30", "changed"),
        ("DELETE FROM visit WHERE seq = 30", "removed"),
    ],
)
def test_a_row_changed_or_removed_is_named(store: Store, statement: str, what: str) -> None:
    ids = ledger(store)
    if store.engine.dialect.name == "postgresql":
        statement = statement.replace("AS TEXT), 'nobody', 'Nobody')", "AS TEXT), 'nobody', 'Nobody')::json")
        statement = statement.replace("08:29:00.000001'", "08:29:00.000001+00'")
    assert unsealed(store, statement) == 1, "the tampering happened"
    (problem,) = checked(store).problems
    assert (problem.what, problem.kind, problem.ref) == (what, "visit", ids[29])
    if what == "changed":
        assert "cam" in problem.detail


def test_rows_that_change_places_are_both_named(store: Store) -> None:
    ids = ledger(store)
    for one, other in ((10, 9999), (20, 10), (9999, 20)):
        assert unsealed(store, "UPDATE visit SET seq = :other WHERE seq = :one", one=one, other=other) == 1
    assert {p.ref for p in checked(store).problems} == {ids[9], ids[19]}


def test_a_row_written_past_the_service_is_named(store: Store) -> None:
    ledger(store)
    columns = "id, look, camera, preset, reason, due_at, started_at, ended_at, outcome, cause, judged, gap_s, revision, report"
    wanted = columns.replace("id, look", "'forged', look", 1)
    assert unsealed(store, f"INSERT INTO visit ({columns}) SELECT {wanted} FROM visit WHERE seq = 7") == 1  # noqa: S608 - columns named above
    (problem,) = checked(store).problems
    assert (problem.what, problem.ref) == ("inserted", "forged")


def test_a_link_taken_out_and_a_tail_cut_off_are_named(store: Store) -> None:
    ids = ledger(store)
    assert unsealed(store, "DELETE FROM chain WHERE ref = :ref", ref=ids[29]) == 1
    assert {(p.what, p.ref) for p in checked(store).problems} == {("link_removed", ids[30]), ("inserted", ids[29])}
    unsealed(store, "DELETE FROM chain WHERE position > 50")
    unsealed(store, "DELETE FROM visit WHERE id NOT IN (SELECT ref FROM chain)")
    assert "head" in {p.what for p in checked(store).problems}


def test_a_chain_made_anew_is_found_by_the_root_that_was_kept(store: Store, tmp_path: Path) -> None:
    ledger(store)
    with store.sessions.begin() as session:
        (root,) = roots.close_days(session, CHINA, T0 + timedelta(days=2))
        roots.write_file(tmp_path / "paper.txt", [root])
        assert roots.close_days(session, CHINA, T0 + timedelta(days=2)) == ()
    kept = roots.read_file(tmp_path / "paper.txt")
    assert checked(store, kept=kept).problems == ()
    assert unsealed(store, "UPDATE visit SET outcome = 'missed' WHERE seq = 30") == 1
    for statement in ("DELETE FROM chain", "DELETE FROM chain_head", "DELETE FROM daily_root"):
        unsealed(store, statement)
    with store.sessions.begin() as session:
        assert chain.begin(session, T0 + timedelta(days=1))
        roots.close_days(session, CHINA, T0 + timedelta(days=3))
    assert checked(store).problems == (), "by itself it looks right"
    assert [(p.what, p.ref) for p in checked(store, kept=kept).problems] == [("root", "2026-03-01")]


def test_roots_follow_each_other_day_by_day(store: Store) -> None:
    for day in range(3):
        for n in range(4):
            look(store, day * 1440 + n)
    with store.sessions.begin() as session:
        made = roots.close_days(session, CHINA, T0 + timedelta(days=2))
        assert [r.day for r in made] == ["2026-03-01", "2026-03-02"]
        made += roots.close_days(session, CHINA, T0 + timedelta(days=9))
    assert [r.day for r in made] == ["2026-03-01", "2026-03-02", "2026-03-03"]
    assert [(r.first_position, r.last_position) for r in made] == [(1, 5), (6, 9), (10, 13)]
    verdict = checked(store)
    assert (verdict.roots, verdict.problems) == (3, ())
    unsealed(store, "UPDATE daily_root SET root = last_hash WHERE day = '2026-03-02'")
    assert {p.ref for p in checked(store).problems} == {"2026-03-02", "2026-03-03"}


def test_kept_files_are_read_again(store: Store, tmp_path: Path) -> None:
    import hashlib

    files = []
    for name in ("good", "changed", "gone"):
        (tmp_path / name).write_bytes(name.encode())
        digest = hashlib.sha256(name.encode()).hexdigest()
        files.append({"path": name, "sha256": digest, "role": "clip", "media_type": "video/mp4", "bytes": len(name)})
    look(store, 1, report={"outcome": "inspected", "cause": None, "judged": True, "findings": [], "evidence": files})
    assert checked(store, evidence=tmp_path).problems == ()
    (tmp_path / "changed").write_bytes(b"Changed")
    (tmp_path / "gone").unlink()
    verdict = checked(store, evidence=tmp_path)
    assert verdict.files == 3
    assert sorted(p.detail for p in verdict.problems) == ["changed is not the file that was kept", "gone is gone"]


def test_two_writers_at_the_same_time_make_one_chain(store: Store) -> None:
    ledger(store, 1)
    failed: list[BaseException] = []

    def write(first: int) -> None:
        try:
            for n in range(25):
                look(store, first + n)
        except BaseException as error:  # noqa: BLE001 - told to the test's own thread
            failed.append(error)

    threads = [threading.Thread(target=write, args=(100 * k,)) for k in range(1, 5)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failed == []
    verdict = checked(store)
    assert (verdict.visits, verdict.problems) == (101, ())


def test_a_transaction_that_fails_leaves_no_gap(store: Store) -> None:
    ledger(store, 5)
    session = store.sessions()
    session.begin()
    book.record_revision(session, sha256="cd" * 32, text="x", cameras=1, now=T0)
    assert len(checked(store).problems) == 0
    session.rollback()
    session.close()
    look(store, 9)
    assert checked(store).problems == ()


def test_a_ledger_of_the_version_before_is_taken_over_as_it_is(store: Store) -> None:
    with store.engine.connect() as connection:
        config = alembic_config()
        config.attributes["connection"] = connection
        command.downgrade(config, "0001")
    with store.engine.begin() as connection:
        for n in range(5):
            connection.execute(
                text(
                    "INSERT INTO visit (id, look, camera, reason, due_at, started_at, ended_at, outcome, judged, report) "
                    "VALUES (:id, 'a', 'a', 'rotation', :at, :at, :at, 'inspected', :judged, '{\"outcome\": \"inspected\"}')"
                ),
                {"id": f"old{n}", "at": T0.replace(tzinfo=None) + timedelta(minutes=n), "judged": True},
            )
    store.upgrade()
    with store.sessions.begin() as session:
        assert chain.begin(session, T0 + timedelta(days=1))
        assert not chain.begin(session, T0 + timedelta(days=1))
    look(store, 30)
    verdict = checked(store)
    assert (verdict.links, verdict.visits, verdict.problems) == (7, 6, ())
    with store.reading() as session:
        assert session.get_one(ChainEntry, 1).ref == "5 visits, 0 revisions"


JSONISH = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53) + 1, 2**53 - 1) | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(st.characters(exclude_categories=("Cs",), exclude_characters="\x00"), max_size=12),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(st.characters(exclude_categories=("Cs",), exclude_characters="\x00"), max_size=6), inner, max_size=3),
    max_leaves=8,
)  # fmt: skip


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(extra=JSONISH, micros=st.integers(0, 999_999))
def test_whatever_a_report_holds_comes_back_as_it_was_sealed(store: Store, extra: Any, micros: int) -> None:
    visit = look(store, micros % 600, report={"outcome": "inspected", "cause": None, "judged": True, "extra": extra})
    with store.reading() as session:
        row = session.query(Visit).filter_by(id=visit).one()
        link = session.query(ChainEntry).filter_by(ref=visit).one()
        digest = chain.hash_of(link.position, link.kind, link.ref, link.at, link.prev, chain.content_of(row))
    assert digest == link.hash
