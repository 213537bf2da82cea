"""What each role may do in the whole service: one table. Which object it may be done to is asked after that object is loaded."""

from __future__ import annotations

from collections.abc import Mapping

from patrol.access.roles import CASE_ACTIONS, Caller, Role, case_role_may
from patrol.access.sight import Sight
from patrol.registry import Camera

_OPERATOR, _LEAD, _DEPARTMENT = Role.OPERATOR, Role.SHIFT_LEAD, Role.DEPARTMENT
_ADMIN, _AUDITOR, _REPORTER = Role.ADMIN, Role.AUDITOR, Role.REPORTER
_DESK = frozenset({_OPERATOR, _LEAD})
_READERS = _DESK | {_AUDITOR}
_STAFF = _READERS | {_ADMIN}

_TABLE: Mapping[str, tuple[str, frozenset[Role]]] = {
    "self.read": ("see its own account", frozenset(Role)),
    "self.edit": ("change its own password", frozenset(Role)),
    "status.read": ("see where the service stands", _STAFF),
    "metrics.read": ("read the service's metrics", _STAFF),
    "events.read": ("follow what happens", _STAFF | {_DEPARTMENT}),
    "rotation.read": ("see the rotation", _STAFF),
    "picture.read": ("see pictures and clips", _DESK),
    "incident.read": ("see incidents", _READERS),
    "incident.review": ("judge incidents", _DESK),
    "alert.read": ("see alerts", _READERS),
    "dispatch.read": ("see what departments were told", _READERS),
    "dispatch.call": ("record calls to departments", _DESK),
    "dispatch.silence": ("hold back what departments are told", frozenset({_LEAD})),
    "inbox.read": ("read a department's inbox", frozenset({_DEPARTMENT})),
    "inbox.answer": ("answer for a department", frozenset({_DEPARTMENT})),
    "miss.read": ("see missed looks", _READERS),
    "miss.sign_off": ("sign off missed looks", frozenset({_LEAD})),
    "spot_check.answer": ("answer spot-checks", _DESK),
    "ledger.read": ("read the ledger", _STAFF),
    "figures.read": ("see figures", _READERS),
    "audit.read": ("read the audit trail", frozenset({_AUDITOR})),
    "evidence.trace": ("trace what became of evidence", frozenset({_AUDITOR, _LEAD})),
    "evidence.export": ("export evidence", _DESK | {_DEPARTMENT}),
    "evidence.export_unmasked": ("export evidence with faces and plates", frozenset({_LEAD})),
    "retention.read": ("see what is kept and for how long", frozenset({_AUDITOR, _LEAD, _ADMIN})),
    "retention.hold": ("keep evidence beyond its time", frozenset({_LEAD})),
    "registry.read": ("read the registry", _STAFF),
    "registry.history": ("read whole revisions of the registry", _STAFF),
    "registry.edit": ("edit the registry", frozenset({_ADMIN})),
    "registry.restore": ("restore a revision of the registry", frozenset({_ADMIN})),
    "users.edit": ("edit accounts", frozenset({_ADMIN})),
    "tokens.edit": ("give and revoke tokens", frozenset({_ADMIN})),
}
_WHOLE_COUNTY = frozenset(
    {"registry.history", "registry.edit", "registry.restore", "users.edit", "tokens.edit", "audit.read", "ledger.read"}
)
"""Not for whoever is limited to some cameras: these show or change the county as a whole."""
ACTIONS = frozenset(_TABLE) | CASE_ACTIONS
"""Everything that can be asked for."""


def can(caller: Caller, action: str) -> str | None:
    """Whether a caller may do something at all; which objects it may do it to is another question.

    Args:
        caller: who asks.
        action: one of ``ACTIONS``.

    Returns:
        None: it may; else a sentence that says why not.

    Raises:
        ValueError: no such action: an error in the program.
    """
    if action not in ACTIONS:
        raise ValueError(f"there is no action {action!r}")
    words, allowed = _words_and_roles(action)
    if caller.role not in allowed:
        return f"the role {caller.role} may not {words}"
    if caller.scopes is not None and action not in caller.scopes:
        return f"the token {caller.name!r} may not {words}: {action} is not among its scopes"
    if caller.sight is not None and action in _WHOLE_COUNTY:
        return f"whoever is limited to some cameras may not {words}"
    return None


def actions_of(caller: Caller) -> list[str]:
    """Everything a caller may do, sorted; what a page shows buttons by."""
    return sorted(action for action in ACTIONS if can(caller, action) is None)


def sees(caller: Caller, camera: Camera | None) -> bool:
    """Whether a camera is within a caller's grants.

    Args:
        caller: who asks.
        camera: of the registry in force; None: one that the registry no longer has, seen only without limits.
    """
    sight: Sight | None = caller.sight
    return sight is None or (camera is not None and sight.covers(camera))


def _words_and_roles(action: str) -> tuple[str, frozenset[Role]]:
    known = _TABLE.get(action)
    if known is not None:
        return known
    return f"do {action!r}", frozenset(role for role in Role if case_role_may(role, action))
