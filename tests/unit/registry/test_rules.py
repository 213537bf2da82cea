"""Rules: bound to a look, in force at a moment, exempting with a sentence a person can check."""

from __future__ import annotations

from datetime import datetime

from patrol.registry import LoadedRegistry, ad_hoc_spec, at_once, exemptions, rods_allowed, rules_for
from patrol.registry.rules import when
from tests.unit.registry.county import load_changed, spec

BAN = "    categories: [squares]\n"
IN_FORCE, PAST = datetime.fromisoformat("2026-02-16T20:00"), datetime.fromisoformat("2026-06-01T20:00")


def rule(kind: str = "fireworks", **fields: str) -> tuple[str, str]:
    lines = "".join(f"    {name}: {value}\n" for name, value in fields.items())
    return (
        "cameras:\n",
        f"  - id: extra\n    kind: {kind}\n    name: {{zh: 另, en: Extra}}\n    source: Permit 3\n{lines}cameras:\n",
    )


def ids(loaded: LoadedRegistry, key: str, kind: str, moment: datetime) -> list[str]:
    return [each.id for each in rules_for(loaded.registry, spec(loaded, key), kind, moment)]


def test_a_rule_holds_from_its_first_to_its_last_day_of_county_time() -> None:
    loaded = load_changed()
    days = ["2025-12-23T23:59", "2025-12-24T00:00", "2026-03-15T23:59", "2026-03-16T00:00"]
    assert [ids(loaded, "gate-12", "fireworks", datetime.fromisoformat(day)) for day in days] == [
        [],
        ["ban"],
        ["ban"],
        [],
    ]
    # 16:00 UTC of the 23rd is midnight of the 24th in the county.
    assert ids(loaded, "gate-12", "fireworks", datetime.fromisoformat("2025-12-23T16:00:00+00:00")) == ["ban"]


def test_a_rule_speaks_only_of_its_kind_and_its_places() -> None:
    loaded = load_changed()
    assert ids(loaded, "gate-12", "fishing", IN_FORCE) == []
    assert ids(loaded, "river-1", "fireworks", IN_FORCE) == []
    assert ids(loaded, "river-1", "fishing", IN_FORCE) == ["angling"]


def test_a_rule_may_name_cameras_and_zones() -> None:
    assert ids(load_changed((BAN, "    cameras: [gate-12]\n")), "gate-12", "fireworks", IN_FORCE) == ["ban"]
    assert ids(load_changed((BAN, "    cameras: [river-1]\n")), "gate-12", "fireworks", IN_FORCE) == []
    assert ids(load_changed((BAN, BAN + "    zones: [sky]\n")), "gate-12", "fireworks", IN_FORCE) == ["ban"]
    assert ids(load_changed((BAN, "    zones: [sky]\n")), "gate-12", "fireworks", IN_FORCE) == ["ban"]


def test_a_zone_rule_speaks_of_the_presets_that_have_the_zone() -> None:
    presets = "name: River\n    presets: [{id: up, zones: [{name: reserve, kind: water, polygon: [[0, 0], [1, 0], [1, 1]]}]}, {id: down}]"
    loaded = load_changed(("name: River", presets), rule("fishing", categories="[rivers]", zones="[reserve]"))
    assert ids(loaded, "river-1/up", "fishing", IN_FORCE) == ["angling", "extra"]
    assert ids(loaded, "river-1/down", "fishing", IN_FORCE) == ["angling"]


def test_what_is_forbidden_now_is_not_exempt() -> None:
    loaded = load_changed()
    assert exemptions(loaded.registry, spec(loaded, "gate-12"), IN_FORCE) == {}
    assert (
        exemptions(loaded.registry, spec(loaded, "river-1"), IN_FORCE) == {}
    )  # leisure angling forbids all but one rod


def test_out_of_season_is_exempt_with_rule_dates_and_source() -> None:
    loaded = load_changed()
    assert exemptions(loaded.registry, spec(loaded, "gate-12"), PAST) == {
        "fireworks": "fireworks is not forbidden here at 2026-06-01 20:00; it is only by rule ban (禁放 / Ban), "
        "from 2025-12-24 to 2026-03-15; source: Notice 1"
    }


def test_a_kind_that_no_rule_speaks_of_is_not_exempt() -> None:
    loaded = load_changed()
    assert "congestion" not in exemptions(loaded.registry, spec(loaded, "gate-12"), PAST)


def test_a_permit_exempts_while_it_holds_although_a_ban_is_in_force() -> None:
    loaded = load_changed(
        rule(
            cameras="[gate-12]",
            mode="allowed",
            windows="[{from: 20:00, to: 21:00}]",
            valid_from="2026-02-16",
            valid_until="2026-02-16",
        )
    )
    found = spec(loaded, "gate-12")
    assert exemptions(loaded.registry, found, IN_FORCE) == {
        "fireworks": "fireworks is allowed here now by rule extra (另 / Extra), from 2026-02-16 to 2026-02-16, 20:00 to 21:00; source: Permit 3"
    }
    assert exemptions(loaded.registry, found, datetime.fromisoformat("2026-02-16T21:00")) == {}


def test_a_licensed_display_exempts_its_place_and_hours_and_no_other_place() -> None:
    display = rule(places="[430624119]", mode="allowed", windows="[{from: 20:00, to: 21:00}]")
    inside = load_changed(
        display, ("place: {address: Square 1}", "place: {address: Square 1, division_code: 430624119203}")
    )
    assert (
        "allowed here now by rule extra" in exemptions(inside.registry, spec(inside, "gate-12"), IN_FORCE)["fireworks"]
    )
    later = datetime.fromisoformat("2026-02-16T21:00")
    assert exemptions(inside.registry, spec(inside, "gate-12"), later) == {}
    outside = load_changed(
        display, ("place: {address: Square 1}", "place: {address: Square 1, division_code: 430624001}")
    )
    assert exemptions(outside.registry, spec(outside, "gate-12"), IN_FORCE) == {}


def test_a_permit_that_has_run_out_exempts_nothing_where_nothing_else_speaks() -> None:
    loaded = load_changed(rule("congestion", cameras="[gate-12]", mode="allowed", valid_until="2026-01-01"))
    assert exemptions(loaded.registry, spec(loaded, "gate-12"), IN_FORCE) == {}


def test_one_ban_in_force_is_enough() -> None:
    loaded = load_changed(rule(cameras="[gate-12]"))
    assert exemptions(loaded.registry, spec(loaded, "gate-12"), PAST) == {}


def test_an_ad_hoc_look_is_under_its_categorys_rules_zones_or_not() -> None:
    loaded = load_changed((BAN, BAN + "    zones: [sky]\n"))
    found = ad_hoc_spec(loaded.registry, "squares")
    assert [each.id for each in rules_for(loaded.registry, found, "fireworks", IN_FORCE)] == ["ban"]
    assert set(exemptions(loaded.registry, found, PAST)) == {"fireworks"}


def test_a_rule_of_single_cameras_says_nothing_of_an_ad_hoc_look() -> None:
    loaded = load_changed((BAN, "    cameras: [gate-12]\n"))
    assert exemptions(loaded.registry, ad_hoc_spec(loaded.registry, "squares"), PAST) == {}


def test_at_once_only_while_a_rule_in_force_says_so() -> None:
    assert not at_once(load_changed().registry, spec(load_changed(), "gate-12"), "fireworks", IN_FORCE)
    loaded = load_changed((BAN, BAN + "    at_once: true\n"), rule(cameras="[gate-12]"))
    assert at_once(loaded.registry, spec(loaded, "gate-12"), "fireworks", IN_FORCE)
    assert not at_once(loaded.registry, spec(loaded, "gate-12"), "fireworks", PAST)
    assert not at_once(loaded.registry, spec(loaded, "gate-12"), "fishing", IN_FORCE)


def test_rods_are_allowed_only_where_every_rule_in_force_allows_them() -> None:
    loaded = load_changed()
    assert rods_allowed(loaded.registry, spec(loaded, "river-1"), IN_FORCE) == 1
    assert rods_allowed(loaded.registry, spec(loaded, "gate-12"), IN_FORCE) is None
    stricter = load_changed(rule("fishing", categories="[rivers]"))
    assert rods_allowed(stricter.registry, spec(stricter, "river-1"), IN_FORCE) is None
    looser = load_changed(rule("fishing", categories="[rivers]", mode="leisure_angling", max_rods="2"))
    assert rods_allowed(looser.registry, spec(looser, "river-1"), IN_FORCE) == 1


def test_when_a_rule_holds_in_words() -> None:
    windows = (
        "[{lunar: {from: 12-24, to: 1-15}, from: 18:00, to: 24:00}, {days: holiday}, {solar: {from: 5-1, to: 5-1}}]"
    )
    loaded = load_changed((BAN, BAN + f"    windows: {windows}\n"))
    assert when(loaded.registry.rules[0]) == (
        "from 2025-12-24 to 2026-03-15, 18:00 to 24:00 on lunar 12-24 to 01-15 or on holidays or on solar 05-01"
    )
    assert when(loaded.registry.rules[1]) == "always"
