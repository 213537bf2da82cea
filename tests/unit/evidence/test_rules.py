"""What the registry says of a copy: what is hidden at its camera, and the line below its picture."""

from __future__ import annotations

from datetime import UTC, datetime

from patrol.evidence.rules import line_of, rules_of, unit_names
from patrol.registry import Camera, Registry, parse
from patrol.store.tables import EvidenceExport, Visit

TEXT = """
schema: patrol.registry/1
county: {code: "430624", name: {zh: 测试县, en: Test county}, topic: test, timezone: Asia/Shanghai}
platforms:
  - {id: p, name: {zh: 平台, en: Platform}, max_streams: 4, max_streams_per_host: 4}
categories:
  - {key: road, name: {zh: 道路, en: Road}}
  - {key: school, name: {zh: 学校, en: School}, mask_people: true}
departments:
  - {id: police, name: {zh: 县公安局, en: County police}}
cameras:
  - id: gate
    name: 东门
    platform: p
    source: rtsp://127.0.0.1/x
    categories: [road, school]
    place: {address: 东门}
    zones:
      - {name: yard, kind: private, polygon: [[0, 0], [0.2, 0], [0.2, 0.2]]}
      - {name: lane, kind: road, polygon: [[0.3, 0.3], [1, 0.3], [1, 1]]}
  - id: dome
    name: 球机
    platform: p
    source: rtsp://127.0.0.1/y
    categories: [road]
    place: {address: 桥头}
    presets:
      - id: north
        zones: [{name: balcony, kind: private, polygon: [[0, 0], [0.5, 0], [0.5, 0.5]]}]
      - id: south
        zones: [{name: window, kind: private, polygon: [[0.5, 0.5], [1, 0.5], [1, 1]]}]
"""
REGISTRY: Registry = parse(TEXT, "test").registry
GATE, DOME = REGISTRY.cameras


def zones(camera: Camera | None, preset: str | None) -> list[str]:
    return [zone.name for zone in rules_of(REGISTRY, camera, preset).private]


def test_whole_people_are_hidden_where_one_of_the_cameras_categories_says_so() -> None:
    assert rules_of(REGISTRY, GATE, None).whole_people
    assert not rules_of(REGISTRY, DOME, "north").whole_people
    assert rules_of(REGISTRY, None, None).whole_people, "of a camera that is gone nothing is known: as at a school"


def test_private_zones_of_the_pose_are_blacked_and_of_every_pose_where_it_is_not_known() -> None:
    assert zones(GATE, None) == ["yard"]
    assert zones(DOME, "north") == ["balcony"]
    assert zones(DOME, None) == ["balcony", "window"]


def export(**more: str | None) -> EvidenceExport:
    said = {"camera": "gate", "recipient_unit": "police", "incident": None, "case_number": None, **more}
    return EvidenceExport(number="EX-20261126-0001", **said)


def test_the_line_says_which_copy_of_what_when_in_county_time_and_for_whom() -> None:
    visit = Visit(started_at=datetime(2026, 11, 26, 17, 30, tzinfo=UTC))
    row = export(incident="0123456789abcdef", case_number="43062420261127000001")
    assert line_of(REGISTRY, row, visit) == (
        "EX-20261126-0001 · 案件 43062420261127000001 · 事件 01234567 · 东门 (gate) · 2026-11-27 01:30:00 · "
        "提供给 县公安局 · 已遮挡 MASKED"
    )
    other = export(camera="gone", recipient_unit="县人民法院", unmasked_reason="court")
    assert line_of(REGISTRY, other, visit) == (
        "EX-20261126-0001 · gone · 2026-11-27 01:30:00 · 提供给 县人民法院 · 未遮挡 UNMASKED"
    )


def test_units_are_departments_and_divisions() -> None:
    assert unit_names(REGISTRY)["police"].en == "County police"
