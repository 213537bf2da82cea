"""Who asks, and what each role may do: accounts, sessions, tokens, grants."""

from __future__ import annotations

from patrol.access.accounts import (
    AccountError,
    StaleAccountError,
    accounts,
    change_account,
    end_sessions,
    first_admin_link,
    make_link,
    new_account,
    set_password,
)
from patrol.access.permissions import ACTIONS, actions_of, can, sees
from patrol.access.roles import CASE_ACTIONS, CENTRE, MOVES, Caller, CaseView, Role, lies_with, may
from patrol.access.sight import Sight, sight_problems
from patrol.access.sign_in import (
    LIFETIME,
    SEEN_EVERY,
    Opened,
    SignedIn,
    begin_try,
    check_password,
    end_session,
    forget_tries,
    open_session,
    seen,
    session_by,
    use_link,
)
from patrol.access.tokens import PREFIX, TokenError, caller_by, live, new_token, revoke, tokens, unit_problem

__all__ = [
    "ACTIONS",
    "CASE_ACTIONS",
    "CENTRE",
    "LIFETIME",
    "MOVES",
    "PREFIX",
    "SEEN_EVERY",
    "AccountError",
    "Caller",
    "CaseView",
    "Opened",
    "Role",
    "Sight",
    "SignedIn",
    "StaleAccountError",
    "TokenError",
    "accounts",
    "actions_of",
    "begin_try",
    "caller_by",
    "can",
    "change_account",
    "check_password",
    "end_session",
    "end_sessions",
    "first_admin_link",
    "forget_tries",
    "lies_with",
    "live",
    "make_link",
    "may",
    "new_account",
    "new_token",
    "open_session",
    "revoke",
    "seen",
    "sees",
    "session_by",
    "set_password",
    "sight_problems",
    "tokens",
    "unit_problem",
    "use_link",
]
