"""What each role may do with cases: one table, asked by a pure function.

Whether a move fits the stage of its case is the business of the loop; here it is only whether this caller may ask for it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum, StrEnum

from patrol.access.sight import Sight


class Role(StrEnum):
    """As what somebody asks."""

    OPERATOR = "operator"
    SHIFT_LEAD = "shift_lead"
    DEPARTMENT = "department"
    """A unit: a department, a township, a village."""
    ADMIN = "admin"
    """Configuration only."""
    AUDITOR = "auditor"
    """Reads, and changes nothing."""
    REPORTER = "reporter"
    """An app or a hotline that brings reports."""


@dataclass(frozen=True, slots=True)
class Caller:
    """Who asks.

    Attributes:
        name: of the account or token; ``centre`` is who holds the service's own token.
        role: as what.
        unit: of a department: its id or division code; None: of no unit.
        sight: cameras it is limited to; None: every camera.
        scopes: actions a token is limited to; None: all of its role.
        shown: what others read; empty: the name.
    """

    name: str
    role: Role
    unit: str | None = None
    sight: Sight | None = None
    scopes: frozenset[str] | None = None
    shown: str = ""


CENTRE = Caller("centre", Role.SHIFT_LEAD)
"""Who holds the service's own token: a machine of the command centre with a shift lead's rights."""


@dataclass(frozen=True, slots=True)
class CaseView:
    """As much of a case as decides who may do what with it.

    Attributes:
        unit: who has it: department id or division code; None: nobody yet.
        co_units: who handles it beside that one.
        opened_by: name of the caller that brought it.
        file_by: name of the caller that brought the attachment in question; None: no attachment is.
        camera: the camera that saw it; None: none did.
        division: where it is.
    """

    unit: str | None
    co_units: tuple[str, ...] = ()
    opened_by: str | None = None
    file_by: str | None = None
    camera: str | None = None
    division: str | None = None


MOVES = (
    "open",
    "note",
    "assign",
    "accept",
    "feedback",
    "report",
    "close",
    "evaluate",
    "return",
    "return_closed",
    "transfer",
    "co_handle",
    "hand_down",
    "report_up",
    "suspend",
    "resume",
    "extend",
    "consult",
    "regrade",
    "urge",
    "merge",
    "withdraw",
    "recompute",
    "letter",
    "attach",
)
"""Every move of the loop; ``return_closed`` is ``return`` of a case that was closed."""

_WORDS = {
    "case.read": "read cases",
    "case.open": "open cases",
    "case.report": "report matters",
    "attachment.read": "open attached files",
    "attachment.add": "attach files",
    "attachment.remove": "remove attached files",
    "letter.read": "read letters",
    "letter.issue": "issue letters",
    "figures.read": "read figures",
    "calendar.recompute": "recompute due dates",
    **{f"case.move:{move}": f"do '{move}' in a case" for move in MOVES},
}
CASE_ACTIONS = frozenset(_WORDS)


class _Reach(Enum):
    ALL = "all"
    """Every case, and what is about none."""
    WITH_UNIT = "with_unit"
    """Cases that lie with its unit or below it."""
    BROUGHT = "brought"
    """Only what it brought itself."""
    FREE = "free"
    """About no case."""


_APPROVED = ("suspend", "extend", "consult", "withdraw", "return_closed", "recompute", "letter")
"""Moves that need an approval (审批): the shift lead's."""
_OPERATOR = {
    "case.read": _Reach.ALL,
    "case.open": _Reach.FREE,
    "case.report": _Reach.FREE,
    "attachment.read": _Reach.ALL,
    "attachment.add": _Reach.ALL,
    "letter.read": _Reach.ALL,
    "figures.read": _Reach.FREE,
    **{f"case.move:{move}": _Reach.ALL for move in MOVES if move not in _APPROVED},
}
_MAY: Mapping[Role, Mapping[str, _Reach]] = {
    Role.OPERATOR: _OPERATOR,
    Role.SHIFT_LEAD: {
        **_OPERATOR,
        "attachment.remove": _Reach.ALL,
        "letter.issue": _Reach.ALL,
        "calendar.recompute": _Reach.FREE,
        **{f"case.move:{move}": _Reach.ALL for move in _APPROVED},
    },
    Role.DEPARTMENT: {
        "case.read": _Reach.WITH_UNIT,
        "attachment.read": _Reach.WITH_UNIT,
        "attachment.add": _Reach.WITH_UNIT,
        "letter.read": _Reach.WITH_UNIT,
        **{
            f"case.move:{move}": _Reach.WITH_UNIT
            for move in ("accept", "return", "feedback", "report", "hand_down", "report_up", "attach")
        },
    },
    Role.ADMIN: {},
    Role.AUDITOR: {"case.read": _Reach.ALL, "letter.read": _Reach.ALL, "figures.read": _Reach.FREE},
    Role.REPORTER: {
        "case.report": _Reach.FREE,
        "case.read": _Reach.BROUGHT,
        "attachment.read": _Reach.BROUGHT,
        "attachment.add": _Reach.BROUGHT,
        "case.move:attach": _Reach.BROUGHT,
    },
}


def may(caller: Caller, action: str, case: CaseView | None = None) -> str | None:
    """Whether a caller may do something.

    Args:
        caller: who asks.
        action: one of ``CASE_ACTIONS``.
        case: which case it is about; None: the action is about none, e.g. opening one.

    Returns:
        None: it may; else a sentence that says why not.

    Raises:
        ValueError: no such action, or one about a case without a case: an error in the program, never passed over.
    """
    if action not in _WORDS:
        raise ValueError(f"there is no action {action!r}")
    reach = _MAY[caller.role].get(action)
    if reach is None:
        return f"the role {caller.role} may not {_WORDS[action]}"
    if caller.scopes is not None and action not in caller.scopes:
        return f"the token {caller.name!r} may not {_WORDS[action]}: {action} is not among its scopes"
    if reach is _Reach.FREE:
        return None
    if case is None:
        raise ValueError(f"{action} is about a case: name it")
    if reach is _Reach.WITH_UNIT and not lies_with(caller.unit, case):
        return f"the case lies neither with {caller.unit or 'a unit of this token'} nor with a division below it"
    if reach is _Reach.BROUGHT:
        if case.opened_by != caller.name:
            return "a reporter sees only what it brought itself"
        if action == "attachment.read" and case.file_by != caller.name:
            return "a reporter opens only files that it brought itself"
    if not _in_sight(caller, case):
        return "the case lies outside the cameras and places granted to this account"
    return None


def case_role_may(role: Role, action: str) -> bool:
    """Whether a role may do something with cases at all, whichever they are.

    Raises:
        KeyError: no such action.
    """
    if action not in _WORDS:
        raise KeyError(action)
    return action in _MAY[role]


def _in_sight(caller: Caller, case: CaseView) -> bool:
    sight = caller.sight
    return sight is None or case.camera in sight.cameras or sight.covers_place(case.division)


def lies_with(unit: str | None, case: CaseView) -> bool:
    """Whether a case lies with a unit or with a division below it.

    Args:
        unit: department id or division code; None: nothing lies with it.
        case: as it stands.
    """
    return unit is not None and any(_reaches(unit, other) for other in (case.unit, *case.co_units))


def _reaches(unit: str, other: str | None) -> bool:
    if other is None:
        return False
    return other == unit or (unit.isdecimal() and other.isdecimal() and other.startswith(unit))
