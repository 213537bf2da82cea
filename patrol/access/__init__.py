"""Who asks, by a token with a role, and what each role may do with cases."""

from __future__ import annotations

from patrol.access.roles import ACTIONS, CENTRE, MOVES, Caller, CaseView, Role, lies_with, may
from patrol.access.tokens import PREFIX, TokenError, caller_by, live, new_token, revoke, tokens, unit_problem

__all__ = [
    "ACTIONS",
    "CENTRE",
    "MOVES",
    "PREFIX",
    "Caller",
    "CaseView",
    "Role",
    "TokenError",
    "caller_by",
    "lies_with",
    "live",
    "may",
    "new_token",
    "revoke",
    "tokens",
    "unit_problem",
]
