"""A link opens one file until it runs out, and nothing else opens it."""

from __future__ import annotations

import hashlib
import hmac
import stat
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from patrol.alerts import load_or_make_key, read_link, sign_link, verify_link

KEY = b"k" * 32
NOW = datetime(2026, 3, 1, 8, 0, tzinfo=UTC)
PATH = "/evidence/2026-03-01/v/clip.mp4"


def test_a_link_works_until_it_runs_out() -> None:
    query = sign_link(KEY, PATH, NOW + timedelta(hours=1))
    assert verify_link(KEY, PATH, query, NOW)
    assert verify_link(KEY, PATH, query, NOW + timedelta(minutes=59, seconds=59))
    assert not verify_link(KEY, PATH, query, NOW + timedelta(hours=1))


@pytest.mark.parametrize(
    "query",
    [
        "",
        "expires=9999999999",
        "signature=00",
        "expires=-1&signature=00",
        "expires=1e9&signature=00",
        "expires=99999999999999999999&signature=00",
        "expires=٩٩٩٩٩٩٩٩٩٩&signature=00",
        "expires=9999999999&signature=ü",
    ],
)
def test_what_was_not_signed_opens_nothing(query: str) -> None:
    assert not verify_link(KEY, PATH, query, NOW)


def test_a_link_opens_no_other_file_no_later_hour_and_no_other_service() -> None:
    query = sign_link(KEY, PATH, NOW + timedelta(hours=1))
    later = query.replace(query[8:18], str(int(query[8:18]) + 3600), 1)
    assert later != query
    assert not verify_link(KEY, PATH + "x", query, NOW)
    assert not verify_link(KEY, PATH, later, NOW)
    assert not verify_link(b"o" * 32, PATH, query, NOW)


@given(st.text(max_size=200))
def test_any_query_is_answered_with_no_and_never_with_an_error(query: str) -> None:
    assert not verify_link(KEY, PATH, query, NOW)


def test_the_key_is_made_once_and_only_its_owner_may_read_it(tmp_path: Path) -> None:
    key = load_or_make_key(tmp_path)
    assert len(key) == 32
    assert load_or_make_key(tmp_path) == key
    assert stat.S_IMODE((tmp_path / "link.key").stat().st_mode) == 0o600


def test_a_cut_off_key_is_replaced(tmp_path: Path) -> None:
    (tmp_path / "link.key").write_bytes(b"short")
    assert len(load_or_make_key(tmp_path)) == 32


def test_what_a_link_says_is_read_back_and_nobody_can_change_it() -> None:
    said = {"by": "li wei", "why": "review:7f&expires=1"}
    query = sign_link(KEY, PATH, NOW + timedelta(hours=1), said)
    assert read_link(KEY, PATH, query, NOW) == said
    for wrong in (
        query.replace("li+wei", "wang"),
        f"{query}&for=police",
        query.replace("by=li+wei&", ""),
        f"{query}&by=x",
    ):
        assert wrong != query
        assert read_link(KEY, PATH, wrong, NOW) is None


def test_a_link_of_before_links_said_anything_still_works() -> None:
    until = int((NOW + timedelta(hours=1)).timestamp())
    old = hmac.new(KEY, f"{until}\n{PATH}".encode(), hashlib.sha256).hexdigest()
    assert read_link(KEY, PATH, f"expires={until}&signature={old}", NOW) == {}


@given(st.dictionaries(st.sampled_from(["by", "why", "for"]), st.text(max_size=30)))
def test_any_words_are_carried_whole(said: dict[str, str]) -> None:
    assume(all(c < "\ud800" or c > "\udfff" for text in said.values() for c in text))
    assert read_link(KEY, PATH, sign_link(KEY, PATH, NOW + timedelta(hours=1), said), NOW) == said
