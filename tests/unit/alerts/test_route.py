"""Whom to tell: the first route that matches, the acting department before the copies, and never nobody in silence."""

from __future__ import annotations

import pytest

from patrol.alerts import RouteError
from patrol.alerts.route import departments_for
from patrol.registry import Registry, Route
from tests.unit.alerts.drill import REGISTRY


def with_routes(*routes: dict[str, object]) -> Registry:
    return REGISTRY.model_copy(update={"routes": tuple(Route.model_validate(r) for r in routes)})


def test_the_first_route_that_matches_wins() -> None:
    registry = with_routes(
        {"kind": "congestion", "categories": ["square"], "to": "police"},
        {"kind": "congestion", "categories": ["road"], "to": "traffic_police"},
        {"kind": "congestion", "to": "fisheries"},
    )
    assert departments_for(registry, "congestion", ["road"]) == ("traffic_police",)
    assert departments_for(registry, "congestion", ["water"]) == ("fisheries",)


def test_any_category_of_the_camera_counts_not_only_the_leading_one() -> None:
    registry = with_routes({"kind": "congestion", "categories": ["square"], "to": "police"})
    assert departments_for(registry, "congestion", ["road", "square"]) == ("police",)


def test_copies_come_after_the_department_that_acts_and_nobody_twice() -> None:
    registry = with_routes({"kind": "fishing", "to": "fisheries", "copy_to": ["police", "fisheries", "police"]})
    assert departments_for(registry, "fishing", ["water"]) == ("fisheries", "police")


@pytest.mark.parametrize("categories", [["road"], []])
def test_no_route_is_an_error_that_says_what_to_add(categories: list[str]) -> None:
    registry = with_routes({"kind": "congestion", "categories": ["square"], "to": "police"})
    with pytest.raises(RouteError, match=r"no route for congestion at a camera of .*: nobody was told; add one"):
        departments_for(registry, "congestion", categories)
