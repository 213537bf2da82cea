"""What a report says: the figures, scores and notices of a period with the names they go by; cases and letters row by row."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from patrol.cases.appraisal import Score, appraise, noticed
from patrol.cases.figures import CaseFigures, Figures, read_figures
from patrol.cases.period import Period
from patrol.cases.report.words import Words
from patrol.cases.types import OPEN_STAGES
from patrol.registry import Appraisal, Name, Registry
from patrol.store.tables import CaseEvent, CaseFile, CaseLetter

_BATCH = 2000


@dataclass(frozen=True, slots=True)
class CaseReport:
    """A month or year.

    Attributes:
        county, county_code: whose.
        basis: the document the clocks stand in.
        figures: the figures.
        terms: of the appraisal.
        scores: the units' scores.
        noticed: units of the notice (通报), with their figures.
        names: of units, townships and villages, by key.
        made_at: UTC.
    """

    county: Name
    county_code: str
    basis: str
    figures: CaseFigures
    terms: Appraisal
    scores: tuple[Score, ...]
    noticed: tuple[tuple[str, Figures], ...]
    names: Mapping[str, Name]
    made_at: datetime

    @property
    def period(self) -> Period:
        """What it is of."""
        return self.figures.period

    def title(self, words: Words) -> str:
        """Without the period."""
        kind = "month" if "-" in self.period.label else "year"
        return words(f"title.{kind}", county=words.name(self.county))

    def name(self, key: str | None, words: Words) -> str:
        """Of a unit or division; one that the registry does not know goes by its key."""
        if not key:
            return words("nobody")
        found = self.names.get(key)
        return words.name(found) if found else key


def read_report(session: Session, period: Period, registry: Registry, now: datetime) -> CaseReport:
    """The report of a period.

    Args:
        session: reading.
        period: a month or year.
        registry: names and the terms of the appraisal.
        now: aware.
    """
    figures = read_figures(session, period)
    cases = registry.cases
    return CaseReport(
        county=registry.county.name,
        county_code=registry.county.code,
        basis=f"{cases.policy.basis} ({cases.policy.version})",
        figures=figures,
        terms=cases.appraisal,
        scores=appraise(figures, cases.appraisal),
        noticed=noticed(figures),
        names={
            registry.county.code: registry.county.name,
            **{division.code: Name(zh=division.name, en=division.name) for division in cases.divisions},
            **{department.id: department.name for department in registry.departments},
        },
        made_at=now,
    )


def case_rows(session: Session, period: Period) -> Iterator[Any]:
    """Every case that stands in a figure: opened, closed, merged or withdrawn in the period, or open at its end.

    By number; columns of :class:`patrol.store.tables.CaseFile`.
    """
    gone = select(CaseEvent.case).where(
        CaseEvent.move.in_(("merge", "withdraw")), CaseEvent.at >= period.start, CaseEvent.at < period.until
    )
    live = CaseFile.stage.not_in(("merged", "withdrawn"))
    wanted = (
        select(
            CaseFile.number,
            CaseFile.title,
            CaseFile.stage,
            CaseFile.light,
            CaseFile.suspended,
            CaseFile.provisional,
            CaseFile.kind,
            CaseFile.severity,
            CaseFile.source,
            CaseFile.unit,
            CaseFile.level,
            CaseFile.division,
            CaseFile.address,
            CaseFile.opened_at,
            CaseFile.resolve_due,
            CaseFile.closed_at,
            CaseFile.returned,
            CaseFile.grade,
            CaseFile.satisfaction,
        )
        .where(
            CaseFile.opened_at < period.until,
            or_(
                live & or_(CaseFile.stage.in_(OPEN_STAGES), CaseFile.closed_at >= period.start),
                ~live & CaseFile.number.in_(gone),
            ),
        )
        .order_by(CaseFile.number)
        .execution_options(yield_per=_BATCH)
    )
    return iter(session.execute(wanted))


def letter_rows(session: Session, period: Period) -> Iterator[Any]:
    """The letters issued in the period, in order: number, case, its title and unit, clock, step, to whom, when."""
    wanted = (
        select(
            CaseLetter.doc_no,
            CaseLetter.case,
            CaseFile.title,
            CaseFile.unit,
            CaseLetter.clock,
            CaseLetter.step,
            CaseLetter.to_unit,
            CaseLetter.decided_at,
        )
        .join(CaseFile, CaseFile.number == CaseLetter.case)
        .where(
            CaseLetter.state == "issued",
            CaseLetter.decided_at >= period.start,
            CaseLetter.decided_at < period.until,
            CaseFile.stage.not_in(("merged", "withdrawn")),
        )
        .order_by(CaseLetter.decided_at, CaseLetter.id)
        .execution_options(yield_per=_BATCH)
    )
    return iter(session.execute(wanted))
