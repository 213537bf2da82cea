"""Role by action by object: every answer written out by hand, and the table held against it."""

from __future__ import annotations

import itertools

import pytest

from patrol.access import CASE_ACTIONS, CENTRE, Caller, CaseView, Role, lies_with, may

TOWNSHIP, VILLAGE, OTHER_TOWNSHIP = "430624104", "430624104201", "430624110"

# Objects, seen from a caller of TOWNSHIP by the name of `app`:
#   own: with its unit, brought by it, file brought by it        co: it handles the case beside a department
#   child: with a village below it, brought by somebody else      foreign: with another township
OBJECTS = {
    "own": CaseView(TOWNSHIP, (), "app", "app"),
    "co": CaseView("police", (TOWNSHIP,), "hotline", "hotline"),
    "child": CaseView(VILLAGE, (), "hotline", "hotline"),
    "foreign": CaseView(OTHER_TOWNSHIP, ("police",), "hotline", "hotline"),
    "nobody's": CaseView(None, (), "hotline", "hotline"),
}
CALLERS = {role: Caller("app", role, TOWNSHIP if role is Role.DEPARTMENT else None) for role in Role}

ALL = "own co child foreign nobody's"
WITH = "own co child"
# action: (operator, shift_lead, department, admin, auditor, reporter); - is never
EXPECTED = {
    "case.read": (ALL, ALL, WITH, "-", ALL, "own"),
    "case.open": (ALL, ALL, "-", "-", "-", "-"),
    "case.report": (ALL, ALL, "-", "-", "-", ALL),
    "case.move:open": (ALL, ALL, "-", "-", "-", "-"),
    "case.move:note": (ALL, ALL, "-", "-", "-", "-"),
    "case.move:assign": (ALL, ALL, "-", "-", "-", "-"),
    "case.move:accept": (ALL, ALL, WITH, "-", "-", "-"),
    "case.move:feedback": (ALL, ALL, WITH, "-", "-", "-"),
    "case.move:report": (ALL, ALL, WITH, "-", "-", "-"),
    "case.move:close": (ALL, ALL, "-", "-", "-", "-"),
    "case.move:evaluate": (ALL, ALL, "-", "-", "-", "-"),
    "case.move:return": (ALL, ALL, WITH, "-", "-", "-"),
    "case.move:return_closed": ("-", ALL, "-", "-", "-", "-"),
    "case.move:transfer": (ALL, ALL, "-", "-", "-", "-"),
    "case.move:co_handle": (ALL, ALL, "-", "-", "-", "-"),
    "case.move:hand_down": (ALL, ALL, WITH, "-", "-", "-"),
    "case.move:report_up": (ALL, ALL, WITH, "-", "-", "-"),
    "case.move:suspend": ("-", ALL, "-", "-", "-", "-"),
    "case.move:resume": (ALL, ALL, "-", "-", "-", "-"),
    "case.move:extend": ("-", ALL, "-", "-", "-", "-"),
    "case.move:consult": ("-", ALL, "-", "-", "-", "-"),
    "case.move:regrade": (ALL, ALL, "-", "-", "-", "-"),
    "case.move:urge": (ALL, ALL, "-", "-", "-", "-"),
    "case.move:merge": (ALL, ALL, "-", "-", "-", "-"),
    "case.move:withdraw": ("-", ALL, "-", "-", "-", "-"),
    "case.move:recompute": ("-", ALL, "-", "-", "-", "-"),
    "case.move:letter": ("-", ALL, "-", "-", "-", "-"),
    "case.move:attach": (ALL, ALL, WITH, "-", "-", "own"),
    "attachment.read": (ALL, ALL, WITH, "-", "-", "own"),
    "attachment.add": (ALL, ALL, WITH, "-", "-", "own"),
    "attachment.remove": ("-", ALL, "-", "-", "-", "-"),
    "letter.read": (ALL, ALL, WITH, "-", ALL, "-"),
    "letter.issue": ("-", ALL, "-", "-", "-", "-"),
    "figures.read": (ALL, ALL, "-", "-", ALL, "-"),
    "calendar.recompute": ("-", ALL, "-", "-", "-", "-"),
}
COLUMNS = (Role.OPERATOR, Role.SHIFT_LEAD, Role.DEPARTMENT, Role.ADMIN, Role.AUDITOR, Role.REPORTER)


def test_the_hand_written_table_names_every_role_and_every_action() -> None:
    assert set(EXPECTED) == CASE_ACTIONS
    assert set(COLUMNS) == set(Role)


@pytest.mark.parametrize(("action", "role"), list(itertools.product(sorted(EXPECTED), COLUMNS)))
def test_every_role_may_do_what_the_table_says_and_nothing_else(action: str, role: Role) -> None:
    expected = set(EXPECTED[action][COLUMNS.index(role)].split()) - {"-"}
    assert {name for name, case in OBJECTS.items() if may(CALLERS[role], action, case) is None} == expected


def test_a_reporter_opens_of_its_own_case_only_files_it_brought() -> None:
    answered = CaseView(TOWNSHIP, (), "app", "police desk")
    assert may(CALLERS[Role.REPORTER], "case.read", answered) is None
    assert "files that it brought itself" in str(may(CALLERS[Role.REPORTER], "attachment.read", answered))


@pytest.mark.parametrize(
    ("caller", "action", "why"),
    [
        (Caller("a", Role.AUDITOR), "attachment.read", "the role auditor may not open attached files"),
        (Caller("a", Role.ADMIN), "case.read", "the role admin may not read cases"),
        (Caller("a", Role.OPERATOR), "case.move:suspend", "the role operator may not do 'suspend' in a case"),
        (Caller("a", Role.DEPARTMENT, "police"), "case.read", "lies neither with police nor with a division below it"),
        (Caller("a", Role.REPORTER), "case.read", "a reporter sees only what it brought itself"),
    ],
)
def test_a_refusal_says_why(caller: Caller, action: str, why: str) -> None:
    assert why in str(may(caller, action, CaseView("fisheries", (), "hotline")))


@pytest.mark.parametrize(
    ("unit", "holder", "reached"),
    [
        ("430624", VILLAGE, True),
        (TOWNSHIP, VILLAGE, True),
        (TOWNSHIP, VILLAGE + "007", True),
        (VILLAGE, TOWNSHIP, False),
        (TOWNSHIP, OTHER_TOWNSHIP, False),
        ("430624", "police", False),
        ("police", "police", True),
        ("police", "police_2", False),
        (None, None, False),
        (None, "police", False),
    ],
)
def test_a_case_lies_with_a_unit_or_below_it_and_never_above(
    unit: str | None, holder: str | None, reached: bool
) -> None:
    assert lies_with(unit, CaseView(holder)) is reached


def test_a_department_without_a_unit_sees_nothing() -> None:
    assert may(Caller("x", Role.DEPARTMENT), "case.read", CaseView(None)) is not None


def test_an_action_nobody_knows_or_a_case_left_out_is_an_error_and_never_a_pass() -> None:
    with pytest.raises(ValueError, match="no action"):
        may(CENTRE, "case.delete", CaseView(None))
    with pytest.raises(ValueError, match="about a case"):
        may(CENTRE, "case.read")
