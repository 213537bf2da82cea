"""What the moves of a session need to know of the county: units, their names, calendars by the policy that a case froze."""

from __future__ import annotations

import hashlib
import json
from datetime import datetime
from functools import cached_property
from typing import Any

from sqlalchemy import JSON, bindparam, text
from sqlalchemy.orm import Session

from patrol.cases.moves import MoveError, Reckoning
from patrol.cases.types import level_of
from patrol.cases.worktime import WorkCalendar
from patrol.registry import Policy, Registry
from patrol.store.tables import CasePolicy, UtcDateTime

_KEEP = text(
    "INSERT INTO case_policy (sha256, version, policy, at) VALUES (:sha256, :version, :policy, :at) "
    "ON CONFLICT (sha256) DO NOTHING"
).bindparams(bindparam("policy", type_=JSON), bindparam("at", type_=UtcDateTime))


class Desk:
    """One registry's cases. Make a new one when the registry has changed.

    Args:
        registry: in force.
    """

    def __init__(self, registry: Registry) -> None:
        self.registry = registry
        self.county = registry.county.code
        self.policy = registry.cases.policy
        self.names: dict[str, str] = {d.id: d.name.zh for d in registry.departments}
        self.names |= {self.county: registry.county.name.zh}
        self.names |= {d.code: d.name for d in registry.cases.divisions}
        self._reckonings: dict[str, Reckoning] = {}

    @cached_property
    def _policy(self) -> tuple[str, dict[str, Any]]:
        """The policy in force as it is kept, and its key."""
        told = self.policy.model_dump(mode="json", by_alias=True)
        return hashlib.sha256(json.dumps(told, sort_keys=True, ensure_ascii=False).encode()).hexdigest(), told

    @property
    def calendar_version(self) -> str:
        """Of the calendar as it is known now."""
        return WorkCalendar.of(self.registry, self.policy).version

    def name_of(self, unit: str | None) -> str:
        """What a unit is called, in Chinese; its id where the registry does not know it."""
        return self.names.get(unit or "", unit or "")

    def check_unit(self, unit: str) -> str:
        """The unit, if the registry knows it.

        Raises:
            MoveError: it does not.
        """
        try:
            level_of(unit, self.county)
        except ValueError as error:
            raise MoveError(str(error)) from error
        if unit not in self.names:
            raise MoveError(f"no department or division {unit!r} in the registry")
        return unit

    def frozen(self, session: Session, now: datetime) -> str:
        """Key of the policy in force, kept so that a case can be reckoned by it whatever the registry says later."""
        key, told = self._policy
        if session.get(CasePolicy, key) is None:
            # Another one may write it at the same moment; then it is there.
            said = {"sha256": key, "version": self.policy.version, "policy": told, "at": now}
            session.execute(_KEEP, said)
        return key

    def reckoning(self, session: Session, policy: str) -> Reckoning:
        """By which a case is reckoned: the policy it froze, the calendar as it is known now."""
        found = self._reckonings.get(policy)
        if found is None:
            row = session.get_one(CasePolicy, policy)
            read = Policy.model_validate(row.policy)
            found = Reckoning(WorkCalendar.of(self.registry, read), read, self.county)
            self._reckonings[policy] = found
        return found
