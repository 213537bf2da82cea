"""What figures ask both databases in the same words: seconds between two times, the county days of a range as rows."""

from __future__ import annotations

from typing import Any

from sqlalchemy import ColumnElement, Float, String, Subquery, literal, select, union_all
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.functions import FunctionElement

from patrol.figures.period import Range
from patrol.store.tables import UtcDateTime


class seconds_between(FunctionElement[float]):  # noqa: N801 - written as a function in queries
    """Seconds from the first time to the second, to the millisecond."""

    type = Float()
    inherit_cache = True
    name = "seconds_between"


@compiles(seconds_between, "sqlite")
def _sqlite(element: seconds_between, compiler: Any, **words: Any) -> str:
    start, end = (compiler.process(each, **words) for each in element.clauses)
    return f"((julianday({end}) - julianday({start})) * 86400.0)"


@compiles(seconds_between, "postgresql")
def _postgresql(element: seconds_between, compiler: Any, **words: Any) -> str:
    start, end = (compiler.process(each, **words) for each in element.clauses)
    return f"EXTRACT(EPOCH FROM ({end}) - ({start}))::double precision"


def days_of(asked: Range) -> Subquery:
    """The days as rows ``(day, start, until)``, to be joined by ``start <= moment < until``: no database knows our zones."""
    rows = [
        select(
            literal(span.day.isoformat(), String).label("day"),
            literal(span.start, UtcDateTime).label("start"),
            literal(span.until, UtcDateTime).label("until"),
        )
        for span in asked.spans()
    ]
    return union_all(*rows).subquery("days")


def on_cameras(column: ColumnElement[str] | Any, cameras: frozenset[str] | None) -> tuple[ColumnElement[bool], ...]:
    """The condition that rows are of these cameras; none where every camera may be seen."""
    return () if cameras is None else (column.in_(sorted(cameras)),)
