"""What people do with the ledger: sign off misses, answer spot-checks, verify it with our command and without our code."""

from __future__ import annotations

import re
import subprocess
import sys
from datetime import timedelta
from pathlib import Path

import pytest
from typer.testing import CliRunner

from patrol.cli import app
from patrol.ledger import book, sign_off, spot_checks
from patrol.store import Store
from patrol.store.tables import SpotCheck
from tests.support.ledger import T0, checked, ledger, look, missed, unsealed


def test_misses_are_signed_off_once_all_or_none(store: Store) -> None:
    ids = [missed(store, n) for n in range(3)]
    seen = look(store, 9)
    now = T0 + timedelta(hours=5)
    cases = [
        ([ids[0], "nobody"], "li", "x", "no look 'nobody'"),
        ([ids[0], seen], "li", "x", "was not missed but inspected"),
        ([ids[0]], "li", " ", "note"),
        ([ids[0]], "", "x", "who"),
    ]
    for wanted, who, note, why in cases:
        with pytest.raises(sign_off.SignOffError, match=why), store.sessions.begin() as session:
            sign_off.sign_off(session, wanted, who=who, note=note, now=now)
    with store.sessions.begin() as session:
        assert len(sign_off.misses(session, T0, now, signed=False)) == 3
        sign_off.sign_off(session, ids[:2], who="li", note="停电", now=now)
    with pytest.raises(sign_off.SignOffError, match="signed off by li"), store.sessions.begin() as session:
        sign_off.sign_off(session, [ids[2], ids[0]], who="wang", note="x", now=now)
    with store.reading() as session:
        assert [v.id for v, _ in sign_off.misses(session, T0, now, signed=False)] == ids[2:]


def test_spot_checks_are_drawn_answered_once_and_counted(store: Store) -> None:
    for n in range(6):
        look(store, n, share=1.0)
    look(store, 7, outcome="unusable", share=1.0)
    with store.sessions.begin() as session:
        waiting = spot_checks.open_ones(session)
        assert len(waiting) == 6
        numbers = [check.id for check, _ in waiting]
        spot_checks.answer(session, numbers[0], "overlooked", who="li", kind="fishing", now=T0)
        for number in numbers[1:5]:
            spot_checks.answer(session, number, "clear", who="li", now=T0)
    for number, verdict, kind, why in (
        (numbers[0], "clear", None, "was answered by li"),
        (numbers[5], "overlooked", None, "names its kind"),
        (numbers[5], "clear", "fishing", "names its kind"),
        (numbers[5], "fine", None, "is no answer"),
        (10**6, "clear", None, "no spot-check"),
    ):
        with pytest.raises(spot_checks.SpotCheckError, match=why), store.sessions.begin() as session:
            spot_checks.answer(session, number, verdict, who="li", kind=kind, now=T0)
    with store.reading() as session:
        found = spot_checks.figures_between(session, T0, T0 + timedelta(hours=1))
    assert (found.drawn, found.answered, found.overlooked, found.share) == (6, 5, 1, 0.2)
    assert checked(store).problems == ()
    unsealed(store, "UPDATE spot_check SET answer = 'clear', kind = NULL WHERE id = :id", id=numbers[0])
    assert [(p.what, p.kind) for p in checked(store).problems] == [("changed", "spot_check")]
    with store.reading() as session:
        assert session.get_one(SpotCheck, numbers[5]).answer is None


def sqlite_file(store: Store) -> Path:
    return Path(str(store.engine.url.database))


def test_an_auditor_can_check_it_with_the_program_in_the_docs(sqlite_store: Store, tmp_path: Path) -> None:
    store = sqlite_store
    ledger(store)
    program = re.search(r"```python\n(.*?)```", Path("docs/ledger.md").read_text("utf-8"), re.DOTALL)
    assert program is not None
    (tmp_path / "audit.py").write_text(program[1], "utf-8")

    def audit() -> str:
        done = subprocess.run(
            [sys.executable, str(tmp_path / "audit.py"), str(sqlite_file(store))],
            capture_output=True,
            text=True,
            check=True,
        )
        return done.stdout

    assert audit().startswith("62 links, 60 looks, 0 wrong; head ")
    assert audit().split()[-1] == checked(store).head
    assert unsealed(store, "UPDATE visit SET outcome = 'missed' WHERE seq = 30") == 1
    assert " 60 looks, 1 wrong;" in audit()


def test_the_commands_verify_print_roots_and_sign_off(sqlite_store: Store, tmp_path: Path) -> None:
    store = sqlite_store
    with store.sessions.begin() as session:
        text_ = Path("camera_registry.yaml").read_text("utf-8")
        book.record_revision(session, sha256="ab" * 32, text=text_, cameras=17, now=T0)
    look(store, 1, share=1.0)
    gone = missed(store, 3)
    data, run = str(sqlite_file(store).parent), CliRunner()

    def patrol(*words: str) -> tuple[int, str]:
        done = run.invoke(app, ["ledger", *words, "--data", data])
        return done.exit_code, done.output

    code, said = patrol("root")
    assert code == 0
    (tmp_path / "paper.txt").write_text(said, "utf-8")
    code, said = patrol("verify", "--roots", str(tmp_path / "paper.txt"))
    assert (code, "everything is as it was sealed" in said) == (0, True), said
    code, said = patrol("sign-off", gone, "--by", "li", "--note", "停电")
    assert (code, said.strip()) == (0, "1 signed off")
    assert patrol("sign-off", gone, "--by", "li", "--note", "again")[0] == 2
    code, said = patrol("misses", "--day", "2026-03-01", "--json")
    assert ('"signed_off_by": "li"' in said, code) == (True, 0)
    code, said = patrol("check", "1", "--answer", "clear", "--by", "li")
    assert code == 0, said
    assert patrol("misses", "--day", "tomorrow")[0] == 2
    assert unsealed(store, "UPDATE visit SET outcome = 'unusable' WHERE outcome = 'inspected'") == 1
    code, said = patrol("verify", "--json")
    assert (code, '"holds": false' in said) == (1, True)
