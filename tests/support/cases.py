"""A county with divisions that keeps its cases itself, and alerts as they come over the wire."""

from __future__ import annotations

import json
import uuid
from datetime import UTC, datetime
from typing import Any

from sqlalchemy.orm import Session

from patrol.cases.book import Opening, open_case
from patrol.cases.desk import Desk
from patrol.registry import Registry, parse
from patrol.store.tables import CaseFile
from tests.support.county import registry_text

T0 = datetime(2026, 11, 26, 2, 0, tzinfo=UTC)
"""A Thursday, ten o'clock in the county."""
TOWN, OTHER_TOWN, VILLAGE, HOUSES = "430624001", "430624119", "430624001001", "430624001001003"

_CASES = """
departments:
  - {id: traffic_police, name: {zh: 县公安局交警大队, en: Traffic police}}
  - {id: police, name: {zh: 县公安局, en: Police}}
  - {id: fisheries, name: {zh: 县渔政, en: Fisheries}}
  - {id: governance_centre, name: {zh: 县社会治理指挥中心, en: Governance centre}}
cases:
  system: SYSTEM
  department: governance_centre
  divisions:
    - {code: "430624001", name: 文星街道}
    - {code: "430624119", name: 南湖洲镇}
    - {code: "430624001001", name: 第一社区}
    - {code: "430624001001003", name: 第三组代表}
"""


def case_registry_text(urls: dict[str, str], *, system: str = "built_in", period: str = "60s", extra: str = "") -> str:
    """The test county's registry with a case system."""
    text = registry_text(urls, period=period)
    head, rest = text.split("departments:", 1)
    return head + _CASES.replace("SYSTEM", system).lstrip() + extra + "routes:" + rest.split("routes:", 1)[1]


def case_registry(*, system: str = "built_in", extra: str = "") -> Registry:
    """The same, read."""
    return parse(
        case_registry_text({"jam-portrait": "rtsp://127.0.0.1/x"}, system=system, extra=extra), "test"
    ).registry


def opened(session: Session, desk: Desk, now: datetime = T0, **more: Any) -> CaseFile:
    """A case that an operator has opened."""
    said = {
        "by": "坐席一",
        "source": "operator",
        "title": "旭东路口拥堵",
        "description": "车辆排队约两公里",
        "occurred_at": now,
        "division": TOWN,
        "address": "旭东路与东湖路交叉口",
    }
    return open_case(session, desk, Opening(**{**said, **more}), now)


def alert(incident: str, *, kind: str = "new", alert_id: str | None = None, **more: Any) -> bytes:
    """An alert of the published contract, as it comes."""
    envelope = {
        "schema": "patrol.alert/1",
        "type": kind,
        "id": alert_id or uuid.uuid4().hex,
        "seq": 1,
        "incident": incident,
        "kind": "congestion",
        "severity": "general",
        "reviewed": True,
        "occurred_at": "2026-11-26T01:58:00.000Z",
        "published_at": "2026-11-26T02:00:00.000Z",
        "camera": {
            "id": "jam-portrait",
            "name": "旭东路口",
            "place": "旭东路与东湖路交叉口",
            "division_code": "430624001001",
            "lon": 112.88,
            "lat": 28.68,
            "datum": "WGS84",
        },
        "category": "road",
        "summary": "旭东路口出现拥堵",
        "evidence": [],
        "ack_topic": "patrol/v1/testcounty/ack/governance_centre",
        "ack_by": "2026-11-26T02:02:00Z",
        "case": None,
    }
    return json.dumps({**envelope, **more}, ensure_ascii=False).encode()
