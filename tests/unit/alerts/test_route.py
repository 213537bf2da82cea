"""Whom to tell: the first route that matches, why the others do not, who is on duty, and never nobody in silence."""

from __future__ import annotations

from datetime import datetime

import pytest

from patrol.alerts import RouteError
from patrol.alerts.route import Matter, contacts_of, limits_for, matter_of, route
from patrol.registry import Registry, Route
from patrol.registry.dispatch import Department
from tests.unit.alerts.drill import REGISTRY

WORKDAY_NOON = datetime.fromisoformat("2026-03-03T12:00")
SUNDAY_NIGHT = datetime.fromisoformat("2026-03-01T23:30")


def with_routes(*routes: dict[str, object]) -> Registry:
    return REGISTRY.model_copy(update={"routes": tuple(Route.model_validate(r) for r in routes)})


def told(registry: Registry, matter: Matter, at: datetime = WORKDAY_NOON) -> list[str]:
    return [department for department, _ in route(registry, matter, at).told]


def jam(*categories: str, **more: str) -> Matter:
    return Matter("congestion", categories, **more)  # type: ignore[arg-type]


def test_the_first_route_that_matches_wins() -> None:
    registry = with_routes(
        {"kind": "congestion", "categories": ["square"], "to": "police"},
        {"kind": "congestion", "categories": ["road"], "to": "traffic_police"},
        {"kind": "congestion", "to": "fisheries"},
    )
    assert told(registry, jam("road")) == ["traffic_police"]
    assert told(registry, jam("water")) == ["fisheries"]


def test_any_category_of_the_camera_counts_not_only_the_leading_one() -> None:
    registry = with_routes({"kind": "congestion", "categories": ["square"], "to": "police"})
    assert told(registry, jam("road", "square")) == ["police"]


def test_copies_come_after_the_department_that_acts_and_nobody_twice() -> None:
    registry = with_routes({"kind": "fishing", "to": "fisheries", "copy_to": ["police", "fisheries", "police"]})
    assert route(registry, Matter("fishing", ("water",)), WORKDAY_NOON).told == (
        ("fisheries", "primary"),
        ("police", "copy"),
    )


@pytest.mark.parametrize("categories", [["road"], []])
def test_no_route_is_an_error_that_says_what_to_add(categories: list[str]) -> None:
    registry = with_routes({"kind": "congestion", "categories": ["square"], "to": "police"})
    with pytest.raises(RouteError, match=r"no route for congestion at a camera of .*: nobody was told; add one"):
        route(registry, jam(*categories), WORKDAY_NOON)


NARROW: list[tuple[dict[str, object], Matter, Matter]] = [
    ({"cameras": ["gate-1"]}, jam("road", camera="gate-1"), jam("road", camera="gate-2")),
    ({"rules": ["no_jam"]}, jam("road", rule="no_jam"), jam("road")),
    ({"places": ["430624119"]}, jam("road", division_code="430624119203"), jam("road", division_code="430624001")),
    ({"places": ["430624119"]}, jam("road", division_code="430624119"), jam("road")),
]


@pytest.mark.parametrize(("condition", "inside", "outside"), NARROW)
def test_a_route_speaks_only_of_its_cameras_rules_and_places(
    condition: dict[str, object], inside: Matter, outside: Matter
) -> None:
    registry = with_routes(
        {"kind": "congestion", "to": "police", **condition}, {"kind": "congestion", "to": "traffic_police"}
    )
    assert told(registry, inside) == ["police"]
    assert told(registry, outside) == ["traffic_police"]


def test_hours_and_working_days_decide_as_the_county_counts_them() -> None:
    registry = with_routes(
        {"kind": "congestion", "to": "police", "windows": [{"days": "workday", "from": "08:00", "to": "18:00"}]},
        {"kind": "congestion", "to": "traffic_police"},
    )
    assert told(registry, jam("road"), WORKDAY_NOON) == ["police"]
    assert told(registry, jam("road"), SUNDAY_NIGHT) == ["traffic_police"]
    make_up_saturday = datetime.fromisoformat("2026-02-14T09:00")
    assert told(registry, jam("road"), make_up_saturday) == ["police"]


def test_every_route_before_the_one_that_matched_says_why_it_did_not() -> None:
    registry = with_routes(
        {"kind": "fishing", "to": "fisheries"},
        {"name": "schools", "kind": "congestion", "categories": ["school"], "to": "police"},
        {"kind": "congestion", "rules": ["no_jam", "keep_free"], "to": "police"},
        {"kind": "congestion", "places": ["430624119"], "to": "police"},
        {"kind": "congestion", "windows": [{"from": "20:00", "to": "06:00"}], "to": "police"},
        {"name": "all roads", "kind": "congestion", "to": "traffic_police", "fallback": "police"},
        {"kind": "congestion", "to": "fisheries"},
    )
    found = route(registry, jam("road"), WORKDAY_NOON)
    assert [(t.name, t.why_not) for t in found.tried] == [
        ("routes[0]", "for fishing"),
        ("schools", "only for school"),
        ("routes[2]", "only where no_jam or keep_free is broken"),
        ("routes[3]", "only in 430624119"),
        ("routes[4]", "not at 2026-03-03 12:00"),
        ("all roads", ""),
    ]
    assert (found.route, found.to, found.fallback) == ("all roads", "traffic_police", "police")


def test_a_matter_takes_categories_and_place_from_the_camera_and_a_dropped_camera_keeps_its_category() -> None:
    camera = REGISTRY.cameras[0]
    found = matter_of(REGISTRY, kind="congestion", camera=camera.id, category="x", rule="no_jam")
    assert (found.categories, found.division_code) == (camera.categories, camera.place.division_code)
    assert matter_of(REGISTRY, kind="fishing", camera="gone", category="water", rule=None).categories == ("water",)


def with_department(**more: object) -> Registry:
    department = Department.model_validate({"id": "police", "name": {"zh": "公安局", "en": "Police"}, **more})
    return REGISTRY.model_copy(update={"departments": (department,)})


def test_the_roster_of_the_hour_is_tried_in_order_and_the_duty_phone_last() -> None:
    registry = with_department(
        phone="0730-2200110",
        contacts=[
            {"name": "day desk", "phone": "0730-1", "windows": [{"from": "08:00", "to": "18:00"}]},
            {"name": "night desk", "phone": "0730-2", "windows": [{"from": "18:00", "to": "08:00"}]},
            {"name": "leader", "phone": "0730-3"},
        ],
    )
    assert [c.name for c in contacts_of(registry, "police", WORKDAY_NOON)] == ["day desk", "leader", "公安局"]
    assert [c.name for c in contacts_of(registry, "police", SUNDAY_NIGHT)] == ["night desk", "leader", "公安局"]
    assert contacts_of(registry, "gone", WORKDAY_NOON) == ()


def test_limits_of_the_department_go_before_the_countys_and_of_the_kind_before_the_rest() -> None:
    registry = with_department(limits=[{"kind": "fireworks", "accepted": "3m"}])
    county = registry.dispatch.model_validate({"limits": [{"kind": "fishing", "accepted": "20m"}, {"accepted": "9m"}]})
    registry = registry.model_copy(update={"dispatch": county})

    def minutes(kind: str) -> float:
        return limits_for(registry, "police", kind).accepted.total_seconds() / 60

    assert [minutes(kind) for kind in ("fireworks", "fishing", "congestion")] == [3, 20, 9]
    assert limits_for(REGISTRY, "police", "fishing").accepted.total_seconds() == 300
