"""Whether a polygon drawn in a picture is one: enough points, an area, no side crossing another."""

from __future__ import annotations

from functools import lru_cache

Point = tuple[float, float]
Polygon = tuple[Point, ...]

MAX_POINTS = 200
"""Nobody draws more by hand, and the crossing test is quadratic."""

MIN_AREA = 1e-4
"""Share of the picture: 1/10,000 is about 9 by 10 pixels of 720p; less is a slip of the hand."""


@lru_cache(maxsize=65_536)
def polygon_problem(polygon: Polygon) -> str | None:
    """What is wrong with a polygon, None when it is sound.

    Args:
        polygon: ``(x, y)`` points in [0, 1]; the first may be repeated at the end.
    """
    points = polygon[:-1] if len(polygon) > 1 and polygon[0] == polygon[-1] else polygon
    if len(points) > MAX_POINTS:
        return f"{len(points)} points; at most {MAX_POINTS}"
    for index, point in enumerate(points):
        if point == points[index - 1]:
            return f"point {_text(point)} stands twice in a row"
    if len(points) < 3:
        return "needs at least three different points"
    area = abs(_area(points))
    on_a_line = not any(_turn(points[0], points[1], point) for point in points)
    crossing = None if on_a_line or _is_convex(points) else _crossing(points)
    if crossing is not None:
        first, second = crossing
        return (
            f"crosses itself: the side {_side(points, first)} meets the side {_side(points, second)}; "
            "give the points in the order of a walk around the zone"
        )
    if area < MIN_AREA:
        return f"has no area worth the name ({area:.2g} of the picture); its points lie on a line or on one spot"
    return None


def polygon_area(polygon: Polygon) -> float:
    """The share of the picture that it covers, in [0, 1]; of one that crosses itself it means nothing."""
    return abs(_area(polygon))


def _area(points: Polygon) -> float:
    return sum(points[i - 1][0] * y - x * points[i - 1][1] for i, (x, y) in enumerate(points)) / 2


def _is_convex(points: Polygon) -> bool:
    """Every corner turns the same way, and the walk turns round once (a pentagram turns twice)."""
    signs = {_turn(points[i - 2], points[i - 1], points[i]) for i in range(len(points))}
    if 0 in signs or len(signs) != 1:
        return False
    steps = [points[i][0] - points[i - 1][0] for i in range(len(points))]
    rising = [step > 0 for step in steps if step]
    return sum(rising[i] != rising[i - 1] for i in range(len(rising))) <= 2


def _crossing(points: Polygon) -> tuple[int, int] | None:
    count = len(points)
    for first in range(count):
        a, b = points[first], points[(first + 1) % count]
        for second in range(first + 1, count):
            c, d = points[second], points[(second + 1) % count]
            if second == first + 1:
                if _folds_back(a, b, d):
                    return first, second
            elif (second + 1) % count == first:
                if _folds_back(c, d, b):
                    return first, second
            elif _meet(a, b, c, d):
                return first, second
    return None


def _folds_back(before: Point, corner: Point, after: Point) -> bool:
    """Whether two sides that share a corner lie on each other."""
    dot = (before[0] - corner[0]) * (after[0] - corner[0]) + (before[1] - corner[1]) * (after[1] - corner[1])
    return _turn(before, corner, after) == 0 and dot > 0


def _meet(a: Point, b: Point, c: Point, d: Point) -> bool:
    abc, abd, cda, cdb = _turn(a, b, c), _turn(a, b, d), _turn(c, d, a), _turn(c, d, b)
    if abc != abd and cda != cdb:
        return True
    return (
        (abc == 0 and _within(a, b, c))
        or (abd == 0 and _within(a, b, d))
        or (cda == 0 and _within(c, d, a))
        or (cdb == 0 and _within(c, d, b))
    )


def _turn(a: Point, b: Point, c: Point) -> int:
    cross = (b[0] - a[0]) * (c[1] - a[1]) - (b[1] - a[1]) * (c[0] - a[0])
    # Coordinates carry a handful of decimals; below this the sign is rounding.
    return 0 if abs(cross) < 1e-12 else (1 if cross > 0 else -1)


def _within(a: Point, b: Point, c: Point) -> bool:
    return min(a[0], b[0]) <= c[0] <= max(a[0], b[0]) and min(a[1], b[1]) <= c[1] <= max(a[1], b[1])


def _side(points: Polygon, index: int) -> str:
    return f"{_text(points[index])}–{_text(points[(index + 1) % len(points)])}"


def _text(point: Point) -> str:
    return f"[{point[0]:g}, {point[1]:g}]"
