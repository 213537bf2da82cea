"""A report of made-up months in a store, and a registry that names its units."""

from __future__ import annotations

from sqlalchemy.orm import Session

from patrol.cases.period import period_of
from patrol.cases.report import CaseReport, read_report
from patrol.registry import parse
from tests.support.case_months import NOW
from tests.unit.ledger_day.county_day import SHANGHAI, camera, registry_text

CASES = """\
cases:
  divisions:
    - {code: "430624", name: 湘阴县}
    - {code: "430624101", name: 东塘镇}
    - {code: "430624101001", name: "东塘村<网格> & 段"}
    - {code: "430624104", name: 樟树镇}
  appraisal: {least_cases: 18}
"""
TEXT = registry_text(camera("a")) + CASES
REGISTRY = parse(TEXT, "test").registry


def reported(session: Session, label: str = "2026-10") -> CaseReport:
    return read_report(session, period_of(label, SHANGHAI, NOW), REGISTRY, NOW)
