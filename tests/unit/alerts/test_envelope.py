"""The message: valid by its published schema, complete for the people who drive there, links made when it is sent."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import jsonschema
import pytest

from patrol.alerts import verify_link
from patrol.alerts.envelope import ack_topic_of, complete, draft, topic_of
from patrol.clock import iso
from patrol.incidents import Change
from tests.unit.alerts.drill import CHANGE, REGISTRY, REVIEWED

DOCS = Path(__file__).parents[3] / "docs"
SCHEMA = json.loads((DOCS / "schemas" / "alert.schema.json").read_text("utf-8"))
KEY = b"k" * 32
NOW = datetime(2026, 3, 1, 8, 5, tzinfo=UTC)


def envelope(change: Change = CHANGE, kind: str = "new") -> dict[str, Any]:
    drafted = draft(
        REGISTRY,
        change,
        alert_id="a" * 32,
        seq=7,
        kind_of_alert=kind,
        department="traffic_police",
        ack_by=NOW + timedelta(minutes=5),
    )
    # What the outbox keeps goes through JSON.
    return complete(
        json.loads(json.dumps(drafted)),
        department="traffic_police",
        base_url="https://patrol.example",
        link_key=KEY,
        now=NOW,
    )


@pytest.mark.parametrize("kind", ["new", "update", "end"])
@pytest.mark.parametrize("change", [CHANGE, REVIEWED, replace(CHANGE, camera="gone", rule=None, evidence=())])
def test_every_envelope_is_valid_by_the_published_schema(change: Change, kind: str) -> None:
    jsonschema.validate(envelope(change, kind), SCHEMA)


def test_the_schema_refuses_what_is_not_an_alert() -> None:
    for wrong in ({"type": "newish"}, {"seq": 0}, {"evidence": [{"url": "x"}]}, {"occurred_at": "2026-03-01 08:00"}):
        with pytest.raises(jsonschema.ValidationError):
            jsonschema.validate({**envelope(), **wrong}, SCHEMA)


def test_it_says_who_saw_what_where_and_by_when_to_answer() -> None:
    sent = envelope(REVIEWED)
    assert sent["schema"] == "patrol.alert/1"
    assert (sent["id"], sent["seq"], sent["incident"], sent["reviewed"]) == ("a" * 32, 7, "i" * 32, True)
    assert (sent["occurred_at"], sent["published_at"]) == ("2026-03-01T08:00:00.000Z", "2026-03-01T08:05:00.000Z")
    assert (sent["ack_topic"], sent["ack_by"]) == (
        "patrol/v1/testcounty/ack/traffic_police",
        "2026-03-01T08:10:00.000Z",
    )
    assert sent["camera"]["place"] == "jam-portrait, loopback"
    assert sent["camera"]["datum"] == "WGS84"
    assert sent["rule"]["source"] == "written for this test"
    assert sent["summary"] == "大桥路：疑似拥堵"
    assert "congestion" in sent["summary_en"]


def test_evidence_is_links_that_work_now_and_no_path_of_ours() -> None:
    sent = envelope()
    assert [e["role"] for e in sent["evidence"]] == ["clip", "key_frame"]
    for file in sent["evidence"]:
        url = urlsplit(file["url"])
        assert (url.scheme, url.netloc) == ("https", "patrol.example")
        assert verify_link(KEY, url.path, url.query, NOW + timedelta(hours=23))
        assert not verify_link(KEY, url.path, url.query, NOW + timedelta(hours=25))
        assert "path" not in file


def test_topics_are_those_of_the_contract() -> None:
    assert topic_of("xiangyin", "police", "fireworks") == "patrol/v1/xiangyin/alert/police/fireworks"
    assert ack_topic_of("xiangyin", "police") == "patrol/v1/xiangyin/ack/police"


def test_times_are_utc_whatever_zone_they_come_in() -> None:
    assert iso(datetime(2026, 3, 1, 16, 0, tzinfo=timezone(timedelta(hours=8)))) == "2026-03-01T08:00:00.000Z"
