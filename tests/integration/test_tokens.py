"""``patrol token`` as a process of its own, on SQLite and PostgreSQL, and what a data folder keeps of a token."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest

from patrol import access
from patrol.access import Caller, Role, TokenError
from patrol.store import Store
from tests.support.command import patrol
from tests.support.county import registry_text

NOW = datetime(2026, 11, 26, 8, tzinfo=UTC)


def run(folder: Path, *words: str) -> tuple[int, str, str]:
    return patrol("token", *words, "--data", str(folder), cwd=folder, timeout=60)


def new(folder: Path, *words: str) -> tuple[int, str, str]:
    registry = folder / "registry.yaml"
    text = registry_text({"gate": "rtsp://127.0.0.1/x"}, period="60s")
    tree = '{code: "430624104", name: 樟树镇}, {code: "430624104201", name: 文谊村}'
    registry.write_text(text + f"cases:\n  divisions: [{tree}]\n", "utf-8")
    return run(folder, "new", *words, "--registry", str(registry))


def test_a_token_is_printed_once_and_only_its_hash_is_kept(tmp_path: Path) -> None:
    code, made, said = new(tmp_path, "樟树镇 desk", "--role", "department", "--unit", "430624104")
    token = made.strip()
    assert code == 0, said
    assert token.startswith("pat_")
    assert len(token) == len("pat_") + 43
    code, listed, _ = run(tmp_path, "list", "--json")
    assert code == 0
    (row,) = json.loads(listed)
    assert (row["name"], row["role"], row["unit"], row["revoked_at"]) == (
        "樟树镇 desk",
        "department",
        "430624104",
        None,
    )
    held = b"".join(file.read_bytes() for file in tmp_path.iterdir() if file.is_file())
    assert token.encode() not in held
    assert token[4:].encode() not in held


def test_a_revoked_token_is_listed_as_such_and_its_name_is_not_given_again(tmp_path: Path) -> None:
    assert new(tmp_path, "hotline", "--role", "reporter")[0] == 0
    assert run(tmp_path, "revoke", "hotline")[0] == 0
    (row,) = json.loads(run(tmp_path, "list", "--json")[1])
    assert row["revoked_at"] is not None
    code, _, said = run(tmp_path, "revoke", "hotline")
    assert (code, "was revoked on" in said) == (2, True)
    code, _, said = new(tmp_path, "hotline", "--role", "reporter")
    assert (code, "names are not used twice" in said) == (2, True)
    code, _, said = run(tmp_path, "revoke", "nobody")
    assert (code, "there is no token 'nobody'" in said) == (2, True)


@pytest.mark.parametrize(
    ("words", "why"),
    [
        (("x", "--role", "department"), "a department needs a unit"),
        (("x", "--role", "department", "--unit", "nowhere"), "no department and no division 'nowhere'"),
        (("x", "--role", "department", "--unit", "430624999"), "no department and no division '430624999'"),
        (("x", "--role", "auditor", "--unit", "police"), "the role auditor has no unit"),
        (("x", "--role", "king"), "king"),
        (("centre", "--role", "operator"), "take another"),
        ((" x", "--role", "operator"), "no space at its ends"),
    ],
)
def test_a_token_that_cannot_be_says_why_and_leaves_nothing(words: tuple[str, ...], why: str, tmp_path: Path) -> None:
    code, made, said = new(tmp_path, *words)
    assert (code, made) == (2, "")
    assert why in said
    assert json.loads(run(tmp_path, "list", "--json")[1]) == []


def test_a_token_opens_its_own_caller_until_it_is_revoked(store: Store) -> None:
    with store.sessions.begin() as session:
        police = access.new_token(session, "police desk", Role.DEPARTMENT, "police", NOW)
        hotline = access.new_token(session, "hotline", Role.REPORTER, None, NOW)
    with store.reading() as session:
        live = access.live(session, NOW)
    assert access.caller_by(police, live) == Caller("police desk", Role.DEPARTMENT, "police")
    assert access.caller_by(hotline, live) == Caller("hotline", Role.REPORTER)
    assert access.caller_by(police[:-1], live) is None
    assert access.caller_by("", live) is None
    with store.sessions.begin() as session:
        access.revoke(session, "police desk", NOW)
    with store.reading() as session:
        assert set(access.live(session, NOW).values()) == {Caller("hotline", Role.REPORTER)}
    with store.sessions.begin() as session, pytest.raises(TokenError, match="not used twice"):
        access.new_token(session, "police desk", Role.DEPARTMENT, "police", NOW)
