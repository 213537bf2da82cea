"""The registry that ships, its published schema, and the words it shares with other rooms."""

from __future__ import annotations

import json
import re
from datetime import datetime
from pathlib import Path
from typing import Any, get_args

import pytest
import yaml
from jsonschema import Draft202012Validator

from bench.registry import county
from patrol.registry import (
    CredentialError,
    KindName,
    LoadedRegistry,
    address,
    at_once,
    effective,
    exemptions,
    json_schema,
    load,
    look_specs,
    parse,
    rods_allowed,
    rules_for,
)
from patrol.registry.cases import Policy
from patrol.registry.models import ZoneKindName
from patrol.registry.schema import schema_text
from tests.unit.registry.county import problems

ROOT = Path(__file__).resolve().parents[3]
FILE = ROOT / "camera_registry.yaml"
SCHEMA = ROOT / "docs" / "schemas" / "registry.schema.json"

CATEGORIES = {
    "urban_schools": "城区学校",
    "county_schools": "全县学校",
    "banks": "银行",
    "hospitals": "医院",
    "supermarkets": "超市",
    "public_squares": "广场",
    "bus_stations": "汽车站",
    "city_entry_checkpoints": "入城卡口",
    "expressway_entrances": "高速路口",
    "rivers_lakes": "河湖",
    "reservoirs": "水库",
    "key_flood_dikes": "防汛重点堤坝",
    "key_no_fishing_dikes": "禁渔重点堤段",
}


@pytest.fixture(scope="module")
def shipped() -> LoadedRegistry:
    return load(FILE)


def test_the_shipped_registry_is_valid_without_a_warning(shipped: LoadedRegistry) -> None:
    assert shipped.warnings == ()
    assert shipped.registry.county.code == "430624"
    assert shipped.registry.county.topic == "xiangyin"
    assert len(shipped.registry.platforms) == 5


def test_it_has_the_thirteen_categories_each_patrolled_at_least_every_two_hours(shipped: LoadedRegistry) -> None:
    assert {category.key: category.name.zh for category in shipped.registry.categories} == CATEGORIES
    assert all(category.period.total_seconds() <= 7200 for category in shipped.registry.categories)
    patrolled = {category.key for look in look_specs(shipped.registry) for category in look.categories}
    assert patrolled == set(CATEGORIES)


def test_its_cases_are_kept_by_13710_for_the_fifteen_townships(shipped: LoadedRegistry) -> None:
    cases = shipped.registry.cases
    assert (cases.keeper, cases.policy.assign_days, cases.policy.feedback_days, cases.policy.resolve_days) == (
        "governance_centre",
        1,
        3,
        7,
    )
    assert cases.policy == Policy(), "what is written out is what counts where nothing is written"
    assert len({division.name for division in cases.divisions}) == 15
    assert {len(division.code) for division in cases.divisions} == {9}


def test_its_samples_are_documentation_addresses_without_credentials(shipped: LoadedRegistry) -> None:
    for look in look_specs(shipped.registry):
        source = (look.preset.source if look.preset else None) or look.camera.source
        host = source.split("://", 1)[1].replace("{credential}@", "")
        assert host.startswith(("192.0.2.", "198.51.100.", "203.0.113.")), source
        assert "样例" in look.camera.name
        with pytest.raises(CredentialError, match="is not set"):
            address(look.camera, look.platform, look.preset, {})
        name = (look.camera.credential or look.platform.credential or "").removeprefix("env:")
        assert "://op:pw@" in address(look.camera, look.platform, look.preset, {name: "op:pw"})


def test_the_fireworks_ban_of_wenxing(shipped: LoadedRegistry) -> None:
    square = next(look for look in look_specs(shipped.registry) if look.key == "square-center")
    assert exemptions(shipped.registry, square, datetime.fromisoformat("2026-02-16T20:00")) == {}
    assert (
        "岳阳市烟花爆竹禁放区域划定方案"
        in exemptions(shipped.registry, square, datetime.fromisoformat("2026-06-01T20:00"))["fireworks"]
    )
    assert effective(square, shipped.registry, datetime.fromisoformat("2027-02-05T23:00")).period_s == 300.0


def test_schools_are_under_the_ban_of_article_30_all_year(shipped: LoadedRegistry) -> None:
    for look in look_specs(shipped.registry):
        if look.category.key in {"urban_schools", "county_schools", "hospitals", "bus_stations"}:
            rules = rules_for(shipped.registry, look, "fireworks", datetime.fromisoformat("2026-08-01T03:00"))
            assert [rule.id for rule in rules] == ["fireworks_venues"]


def test_angling_is_free_nowhere_and_one_rod_where_the_notice_says_so(shipped: LoadedRegistry) -> None:
    noon = datetime.fromisoformat("2026-11-24T12:00")
    rods = {
        look.key: rods_allowed(shipped.registry, look, noon)
        for look in look_specs(shipped.registry)
        if "fishing" in look.detectors
    }
    assert rods == {
        "river-xiangjiang-bridge": 1,
        "river-henglinghu": None,
        "reservoir-yanjia": None,
        "flood-dike-lannihu": 1,
        "dike-nandongting-1": None,
        "ptz-xiangbin-tower/upstream": None,
        "ptz-xiangbin-tower/downstream": None,
    }
    assert not any("fishing" in exemptions(shipped.registry, look, noon) for look in look_specs(shipped.registry))


def test_a_person_confirms_before_anything_is_pushed(shipped: LoadedRegistry) -> None:
    noon = datetime.fromisoformat("2026-11-24T12:00")
    assert not any(
        at_once(shipped.registry, look, kind, noon) for look in look_specs(shipped.registry) for kind in look.detectors
    )


def test_the_published_schema_is_current() -> None:
    assert SCHEMA.read_text("utf-8") == schema_text(), (
        "write it anew: python -m patrol.registry docs/schemas/registry.schema.json"
    )


def test_the_shipped_registry_fits_the_published_schema_and_names_it() -> None:
    text = FILE.read_text("utf-8")
    assert text.startswith(f"# yaml-language-server: $schema={SCHEMA.relative_to(ROOT)}\n")
    Draft202012Validator.check_schema(json_schema())
    validator = Draft202012Validator(json_schema())
    assert [f"{error.json_path}: {error.message}" for error in validator.iter_errors(_as_an_editor_reads(text))] == []


def _as_an_editor_reads(text: str) -> Any:
    class Editor(yaml.SafeLoader):
        """YAML 1.2 as editors read it: no times of day in base 60, no dates."""

    Editor.yaml_implicit_resolvers = {
        first: [(tag, pattern) for tag, pattern in resolvers if not tag.endswith((":timestamp", ":int"))]
        for first, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
    }
    Editor.add_implicit_resolver("tag:yaml.org,2002:int", re.compile(r"[-+]?[0-9]+$"), list("-+0123456789"))
    return yaml.load(text, Editor)  # noqa: S506 - a SafeLoader with fewer types


@pytest.mark.parametrize(
    ("path", "value"),
    [
        (("county", "code"), "4306"),
        (("categories", 0, "period"), "2 hours"),
        (("categories", 0, "risk_windows", 0, "from"), "6.50"),
        (("cameras", 0, "platfrom"), "police"),
        (("cameras", 0, "zones", 0, "polygon"), [[0, 0], [1, 1]]),
        (("rules", 0, "mode"), "banned"),
    ],
)
def test_the_schema_catches_what_it_can(path: tuple[str | int, ...], value: object) -> None:
    data = _as_an_editor_reads(FILE.read_text("utf-8"))
    here = data
    for step in path[:-1]:
        here = here[step]
    here[path[-1]] = value
    assert list(Draft202012Validator(json_schema()).iter_errors(data))


def test_every_field_of_the_schema_has_a_title_and_a_description() -> None:
    bare = [
        f"{model}.{name}"
        for model, entry in json_schema()["$defs"].items()
        for name, field in entry.get("properties", {}).items()
        if not (field.get("title") and field.get("description"))
    ]
    assert bare == []


def test_kinds_and_zones_are_the_detectors_words() -> None:
    from detectors._types import Kind, ZoneKind

    assert set(get_args(KindName)) == {kind.value for kind in Kind}
    assert set(get_args(ZoneKindName)) == {kind.value for kind in ZoneKind}


def test_the_guides_example_is_what_the_reader_says() -> None:
    """docs/registry.md shows a broken entry and its error message; both are taken from there."""
    guide = (ROOT / "docs" / "registry.md").read_text("utf-8")
    blocks = guide.split("```")
    broken = next(block for block in blocks if block.startswith("yaml\n# broken"))
    shown = next(block for block in blocks if block.startswith("text\ncamera_registry.yaml:"))
    text = FILE.read_text("utf-8")
    entry = broken.removeprefix("yaml\n# broken\n")
    assert text.endswith("\n")
    said = problems(text=text + entry)
    assert [f"camera_registry.yaml:{line}" for line in said] == shown.removeprefix("text\n").strip().split("\n")
    assert json.loads(schema_text())["title"] == "camera_registry.yaml"


def test_a_county_of_ten_thousand_cameras_loads() -> None:
    """How fast is for bench/registry.py to say."""
    loaded = parse(county(10_000), "big.yaml")
    assert len(look_specs(loaded.registry)) == 10_018


def test_one_wrong_camera_among_thousands_is_found() -> None:
    text = county(2_000).replace("rtsp://192.0.2.1/stream/1500\n", "gopher://192.0.2.1/stream/1500\n")
    line = text[: text.index("gopher")].count("\n") + 1
    place = f"{line}: cameras[1517] (43062400001325001500).source"
    assert problems(text=text) == [
        f"{place}: gopher:// cannot be opened; use one of rtsp, rtsps, http, https, or a file path"
    ]
