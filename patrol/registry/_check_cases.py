"""Checks of cases: a department that is there, office hours in order, weights that make a whole, a tree of divisions without holes."""

from __future__ import annotations

import itertools
import math

from patrol.registry._collect import Findings

_DIGITS = 3
"""Of one level below the county."""


def check_cases(found: Findings) -> None:
    """Check the case system, its policy and the divisions."""
    cases, county = found.registry.cases, found.registry.county.code
    if cases.system != "none" and cases.department is None:
        found.error(
            ("cases", "department"), f"{cases.system} needs a department: the id under which it gets its alerts"
        )
    if cases.department is not None:
        found.known(("cases", "department"), cases.department, found.names("departments", "id"), "department")
    for i, span in enumerate(cases.policy.office):
        if span.end <= span.start:
            found.error(("cases", "policy", "office", i), "ends before it starts")
    for i, (before, after) in enumerate(itertools.pairwise(cases.policy.office), 1):
        if after.start < before.end:
            found.error(("cases", "policy", "office", i), "starts before the part before it ends")
    steps = cases.policy.letter_steps
    if list(steps) != sorted(set(steps)):
        found.error(("cases", "policy", "letter_steps"), "each step must be later than the one before")
    whole = sum(cases.appraisal.weights.model_dump().values())
    if not math.isclose(whole, 1, abs_tol=1e-9):
        found.error(("cases", "appraisal", "weights"), f"make {whole:g} together and must make 1")
    codes = {division.code for division in cases.divisions}
    for i, division in enumerate(cases.divisions):
        code = division.code
        if not code.startswith(county):
            found.error(("cases", "divisions", i, "code"), f"{code} does not lie in the county ({county})")
        elif len(code) > len(county) + _DIGITS and code[:-_DIGITS] not in codes:
            found.error(("cases", "divisions", i, "code"), f"its parent {code[:-_DIGITS]} is missing")
    found.unique(((("cases", "divisions", i, "code"), d.code) for i, d in enumerate(cases.divisions)), "division")
