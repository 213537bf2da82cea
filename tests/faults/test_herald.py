"""A message to people is not lost when the herald dies or the store goes away: it comes again with the same key."""

from __future__ import annotations

import signal
import subprocess
import sys
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import update
from sqlalchemy.exc import OperationalError, SQLAlchemyError

from patrol.store import Store, open_store
from patrol.store.tables import Notice
from tests.support.county import wait_for
from tests.support.databases import Postgres
from tests.support.people import Hook, confirm, county, messages, telling, utc_now

_PROCESS = """
import sys, time
from pathlib import Path
from typing import Any
from patrol.store import open_store
from tests.support.people import county, herald_on
folder, url = Path(sys.argv[1]), sys.argv[2]
h = herald_on(open_store(None, folder), county({"hook": url}, folder), folder)
def held(*_given, **_more):
    (folder / "sent-not-marked").touch()
    time.sleep(60)
h._mark_sent = held
h.start()
time.sleep(60)
"""


def test_a_herald_killed_between_sending_and_marking_sends_it_again_with_the_same_key(
    sqlite_store: Store, tmp_path: Path
) -> None:
    with Hook() as hook:
        registry = county({"hook": hook.url}, tmp_path)
        registry = registry.model_copy(
            update={"routes": tuple(r.model_copy(update={"copy_to": ()}) for r in registry.routes)}
        )
        confirm(sqlite_store, registry, utc_now())
        process = subprocess.Popen([sys.executable, "-c", _PROCESS, str(tmp_path), hook.url])
        try:
            wait_for("it is out and not marked", (tmp_path / "sent-not-marked").exists, 30, 0.05)
        finally:
            process.kill()
            assert process.wait(5) == -signal.SIGKILL
        (left,) = messages(sqlite_store)
        assert (left.state, left.attempts, len(hook.requests)) == ("queued", 1, 1)
        with sqlite_store.sessions.begin() as session:
            session.execute(update(Notice).values(next_attempt_at=utc_now() - timedelta(seconds=1)))
        with telling(sqlite_store, registry, tmp_path):
            wait_for("sent", lambda: messages(sqlite_store)[0].state == "sent", 20, 0.1)
    assert [r.headers["Idempotency-Key"] for r in hook.requests] == [left.id, left.id]
    assert [r.value["id"] for r in hook.requests] == [left.id, left.id]


def test_a_herald_killed_before_sending_loses_no_message(sqlite_store: Store, tmp_path: Path) -> None:
    with Hook() as hook:
        registry = county({"hook": hook.url}, tmp_path)
        confirm(sqlite_store, registry, utc_now())
        code = _PROCESS.replace("h._mark_sent", "h._open")
        process = subprocess.Popen([sys.executable, "-c", code, str(tmp_path), hook.url])
        try:
            wait_for("it is about to send", (tmp_path / "sent-not-marked").exists, 30, 0.05)
        finally:
            process.kill()
            assert process.wait(5) == -signal.SIGKILL
        assert hook.requests == []
        assert sorted(m.attempts for m in messages(sqlite_store)) == [0, 1], "the attempt was written down before it"
        with sqlite_store.sessions.begin() as session:
            session.execute(update(Notice).values(next_attempt_at=utc_now() - timedelta(seconds=1)))
        with telling(sqlite_store, registry, tmp_path):
            wait_for("both sent", lambda: {m.state for m in messages(sqlite_store)} == {"sent"}, 20, 0.1)
    assert {r.headers["Idempotency-Key"] for r in hook.requests} == {m.id for m in messages(sqlite_store)}


def test_a_store_that_is_away_when_a_message_is_out_gets_it_marked_later(postgres: Postgres, tmp_path: Path) -> None:
    store = open_store(postgres.new(), tmp_path)
    store.upgrade()
    with Hook(slow_s=2.0) as hook:
        registry = county({"hook": hook.url}, tmp_path)
        confirm(store, registry, utc_now())
        with telling(store, registry, tmp_path) as herald:
            failed, mark = [], herald._mark_sent

            def marking(*given: Any, **more: Any) -> None:
                try:
                    mark(*given, **more)
                except SQLAlchemyError as error:
                    failed.append(error)
                    raise

            herald._mark_sent = marking  # type: ignore[method-assign]
            wait_for("it is being sent", lambda: hook.requests or None, 20, 0.05)
            postgres.stop("immediate")
            try:
                with pytest.raises(OperationalError):
                    messages(store)
                wait_for("it is out and could not be marked", lambda: failed or None, 30, 0.1)
            finally:
                postgres.start()
            hook.ending.set()
            wait_for("all are sent", lambda: {m.state for m in messages(store)} == {"sent"}, 40, 0.2)
    keys = [r.headers["Idempotency-Key"] for r in hook.requests]
    assert set(keys) == {m.id for m in messages(store)}
    assert len(keys) > len(set(keys)), "the one that could not be marked came again, with its key"
    store.close()
