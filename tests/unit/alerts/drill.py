"""A county with copies, and changes of an incident as the incidents room tells them."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from patrol.incidents import Change
from patrol.registry import Route, parse
from tests.support.county import registry_text
from tests.support.incidents import EVIDENCE, T0

REGISTRY = parse(registry_text({"jam-portrait": "rtsp://127.0.0.1/x"}, period="2h"), "test").registry
COPIED = REGISTRY.model_copy(
    update={"routes": (Route.model_validate({"kind": "congestion", "to": "traffic_police", "copy_to": ["police"]}),)}
)
CHANGE = Change(
    incident_id="i" * 32,
    seq=1,
    what="new",
    kind="congestion",
    camera="jam-portrait",
    preset=None,
    category="road",
    rule="no_jam",
    status="open",
    verdict="flagged",
    review=None,
    severity="general",
    summary="大桥路：疑似拥堵",
    occurred_at=T0,
    seen_at=T0 + timedelta(minutes=4),
    evidence=EVIDENCE,
)
REVIEWED = replace(CHANGE, what="reviewed", review="confirmed", seq=2)
