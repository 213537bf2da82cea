"""What a receiver reads, and the file it appends to: nothing that comes from outside stops it or plays tricks."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from patrol.alerts.receiver import HandOnError, NotAnAlertError, read_alert
from patrol.alerts.receiver.hand_on import FileWay
from tests.support.receivers import alert, payload
from tests.support.relays import ACKS


@pytest.mark.parametrize(
    ("raw", "why"),
    [
        (b"{", "not JSON"),
        (b"\xff\xfe", "not JSON"),
        (b"[" * 60_000, "not JSON"),
        (b'{"a": NaN}', "not JSON"),
        (b'{"a": 1e999}', "not JSON"),
        (b"[]", "not a JSON object"),
        (b"7", "not a JSON object"),
        (b"{}", "`id`"),
        (payload("x" * 37), "`id`"),
        (payload("a\x1b[2J"), "`id`"),
        (payload("a", ack_topic="patrol/v1/testcounty/ack/police"), "`ack_topic`"),
        (payload("a", summary="x" * 65536), "longer than 65536 bytes"),
    ],
)
def test_what_is_not_an_alert_says_why(raw: bytes, why: str) -> None:
    with pytest.raises(NotAnAlertError, match=why):
        read_alert(raw, ACKS)


@given(
    st.binary(max_size=200)
    | st.recursive(st.none() | st.text() | st.floats(), st.lists).map(lambda v: json.dumps(v).encode())
)
def test_reading_never_raises_anything_else(raw: bytes) -> None:
    with pytest.raises(NotAnAlertError):
        read_alert(raw, ACKS)


def test_an_alert_of_another_schema_is_one_with_a_warning() -> None:
    assert alert("a").known
    assert not alert("a", schema="patrol.alert/2").known


def test_a_line_for_people_cannot_play_tricks_on_a_terminal() -> None:
    told = alert("a", summary="\x1b]0;evil\x07 jam\n\ud800 here", type="new\r")
    line = told.for_people()
    assert line.isprintable()
    assert "jam" in line
    assert told.line.encode("utf-8").count(b"\n") == 0


def test_evidence_that_cannot_be_checked_is_counted_and_not_taken() -> None:
    good = {"url": "https://x/clip.mp4?s=1", "sha256": "a" * 64, "role": "clip"}
    bad = [
        {**good, "sha256": "A" * 64},
        {**good, "url": "file:///etc/passwd"},
        {"url": good["url"]},
        7,
        {**good, "url": "http://x/\n"},
    ]
    told = alert("a", evidence=[good, *bad])
    assert [file.url for file in told.evidence] == [good["url"]]
    assert told.unusable == 5


def lines(file: Path) -> list[bytes]:
    return file.read_bytes().splitlines(keepends=True)


def test_a_file_that_may_have_an_alert_is_looked_into_and_gets_it_once(tmp_path: Path) -> None:
    way = FileWay(tmp_path / "alerts.jsonl")
    way(alert("a"), unsure=False)
    way(alert("a"), unsure=True)
    way(alert("b"), unsure=True)
    assert [json.loads(line)["id"] for line in lines(tmp_path / "alerts.jsonl")] == ["a", "b"]


def test_a_torn_line_is_closed_and_the_alert_follows_whole(tmp_path: Path) -> None:
    file = tmp_path / "alerts.jsonl"
    whole = alert("a").line.encode()
    file.write_bytes(whole[: len(whole) // 2])
    FileWay(file)(alert("a"), unsure=True)
    assert lines(file) == [whole[: len(whole) // 2] + b"\n", whole + b"\n"]


def test_a_file_that_cannot_be_written_is_known_not_to_have_it(tmp_path: Path) -> None:
    with pytest.raises(HandOnError, match="No such file"):
        FileWay(tmp_path / "nowhere" / "alerts.jsonl")
    way = FileWay(tmp_path / "alerts.jsonl")
    (tmp_path / "alerts.jsonl").unlink()
    (tmp_path / "alerts.jsonl").mkdir()
    with pytest.raises(HandOnError, match="Is a directory"):
        way(alert("a"), unsure=False)
