"""The demo's people: accounts without passwords that are entered by a click, on loopback only."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from sqlalchemy.orm import Session

from patrol.access import Role, new_account
from patrol.store.tables import Account

PEOPLE: Mapping[Role, str] = {
    Role.OPERATOR: "demo-operator",
    Role.SHIFT_LEAD: "demo-lead",
    Role.DEPARTMENT: "demo-department",
    Role.ADMIN: "demo-admin",
    Role.AUDITOR: "demo-auditor",
}
SECOND_OPERATOR = "demo-operator-2"
DEPARTMENT = "wenxing"
"""The department whose inbox the demo shows; nothing answers for it but a person who signs in as it."""
_SHOWN = {
    "demo-operator": "坐席一（演示）",
    SECOND_OPERATOR: "坐席二（演示）",
    "demo-lead": "值班长（演示）",
    "demo-department": "文星街道办事处（演示）",
    "demo-admin": "管理员（演示）",
    "demo-auditor": "审计员（演示）",
}


def settle(session: Session, now: datetime) -> None:
    """Make the accounts that are not there yet."""
    wanted = [(name, role) for role, name in PEOPLE.items()] + [(SECOND_OPERATOR, Role.OPERATOR)]
    for name, role in wanted:
        if session.get(Account, name) is None:
            unit = DEPARTMENT if role is Role.DEPARTMENT else None
            new_account(session, name, role, shown=_SHOWN[name], unit=unit, by="demo", now=now)
