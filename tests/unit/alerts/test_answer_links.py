"""The link of a message opens what it was made for, for a day, and no other signature opens it."""

from __future__ import annotations

import base64
import hashlib
import hmac
import struct
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from patrol.alerts import sign_link
from patrol.alerts.answer_links import LinkError, Subject, item_token, notice_token, read_token
from tests.support.examples import examples
from tests.support.incidents import T0

KEY = b"k" * 32
UNTIL = T0 + timedelta(hours=24)
NOTICE = "00ff" * 8


@examples(100)
@given(st.integers(0, 2**63))
def test_a_link_says_which_matter_it_is_about(item: int) -> None:
    assert read_token(KEY, item_token(KEY, item, UNTIL), T0) == Subject("item", item, "", UNTIL)


def test_a_link_to_a_message_says_which() -> None:
    assert read_token(KEY, notice_token(KEY, NOTICE, UNTIL), T0) == Subject("notice", 0, NOTICE, UNTIL)


def test_a_link_fits_into_an_sms() -> None:
    assert len(item_token(KEY, 2**40, UNTIL)) == 39
    assert len(notice_token(KEY, NOTICE, UNTIL)) == 50


def test_a_link_runs_out_to_the_second() -> None:
    token = item_token(KEY, 7, UNTIL)
    assert read_token(KEY, token, UNTIL - timedelta(seconds=1)).item == 7
    with pytest.raises(LinkError) as caught:
        read_token(KEY, token, UNTIL)
    assert caught.value.expired


@examples(100)
@given(st.integers(0, 38), st.sampled_from("ABCDEFabcdef0123456789-_"))
def test_a_link_with_one_letter_changed_opens_nothing(place: int, letter: str) -> None:
    token = item_token(KEY, 7, UNTIL)
    changed = token[:place] + letter + token[place + 1 :]
    if changed == token:
        return
    with pytest.raises(LinkError) as caught:
        read_token(KEY, changed, T0)
    assert not caught.value.expired


@examples(100)
@given(st.text(max_size=80))
def test_anything_else_opens_nothing(text: str) -> None:
    with pytest.raises(LinkError):
        read_token(KEY, text, T0)


def test_neither_another_services_key_nor_the_signature_of_evidence_opens_it() -> None:
    with pytest.raises(LinkError):
        read_token(KEY, item_token(b"x" * 32, 7, UNTIL), T0)
    payload = struct.pack(">BIQ", 1, int(UNTIL.timestamp()), 7)
    # The same key used as evidence links use it, over exactly these bytes.
    tag = hmac.new(KEY, payload, hashlib.sha256).digest()[:16]
    with pytest.raises(LinkError):
        read_token(KEY, base64.urlsafe_b64encode(payload + tag).rstrip(b"=").decode(), T0)
    with pytest.raises(LinkError):
        read_token(KEY, sign_link(KEY, "/a/7", UNTIL).rpartition("=")[2], T0)
