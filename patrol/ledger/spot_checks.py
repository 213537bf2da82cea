"""Human spot-checks: a sample of looks that every detector found clear, so that what they overlook is measured."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from patrol.intervals import interval
from patrol.ledger import chain
from patrol.store.tables import SpotCheck, Visit

ANSWERS = ("clear", "overlooked", "unclear")
KINDS = ("congestion", "fireworks", "fishing")


class SpotCheckError(ValueError):
    """An answer that cannot be taken; the message says why."""


@dataclass(frozen=True, slots=True)
class Figures:
    """What people found.

    Attributes:
        drawn: looks put before people.
        answered: of these, those they judged (clear or overlooked).
        unclear: those they could not judge.
        overlooked: judged ones in which something was.
        share: overlooked over judged, None before the first.
        low, high: its 95 % interval: Wilson's; with nothing overlooked, 0 to 3 over the number judged (rule of three).
    """

    drawn: int
    answered: int
    unclear: int
    overlooked: int
    share: float | None
    low: float | None
    high: float | None


def drawn(visit_id: str, share: float) -> bool:
    """Whether a clear look is drawn: by the hash of its id, so that nobody can choose which."""
    number = int.from_bytes(hashlib.sha256(visit_id.encode()).digest()[:8], "big")
    return number < share * 2**64


def is_clear(report: dict[str, Any]) -> bool:
    """Whether a look counts, every detector asked for ran, and none found anything."""
    findings = report.get("findings") or []
    return (
        report.get("outcome") == "inspected"
        and bool(report.get("judged"))
        and bool(findings)
        and all(finding.get("verdict") == "clear" for finding in findings)
    )


def draw(session: Session, visit_id: str, report: dict[str, Any], share: float, now: datetime) -> bool:
    """Put a look before people if it is clear and drawn, in the transaction that writes it."""
    if share <= 0 or not is_clear(report) or not drawn(visit_id, share):
        return False
    session.add(SpotCheck(visit=visit_id, drawn_at=now))
    return True


def open_ones(
    session: Session, limit: int = 100, cameras: Collection[str] | None = None
) -> Sequence[tuple[SpotCheck, Visit]]:
    """Looks nobody has judged yet, oldest first; ``cameras``: only of one of these."""
    wanted = (
        select(SpotCheck, Visit)
        .join(Visit, Visit.id == SpotCheck.visit)
        .where(SpotCheck.answer.is_(None))
        .order_by(SpotCheck.id)
        .limit(limit)
    )
    if cameras is not None:
        wanted = wanted.where(Visit.camera.in_(cameras))
    return [(check, visit) for check, visit in session.execute(wanted)]


def answer(
    session: Session, check_id: int, verdict: str, *, who: str, now: datetime, kind: str | None = None, note: str = ""
) -> SpotCheck:
    """A person has looked.

    Args:
        session: an open transaction.
        check_id: of the spot-check.
        verdict: ``clear``, ``overlooked`` or ``unclear``.
        who: the person, by account or name.
        now: when.
        kind: what was overlooked; needed for that answer, and for no other.
        note: a remark.

    Raises:
        SpotCheckError: no such check, answered before, or an answer that makes no sense.
    """
    if verdict not in ANSWERS:
        raise SpotCheckError(f"{verdict!r} is no answer; there are {', '.join(ANSWERS)}")
    if (verdict == "overlooked") != (kind is not None) or (kind is not None and kind not in KINDS):
        raise SpotCheckError(f"an overlooked one names its kind ({', '.join(KINDS)}), the others none")
    if not who.strip():
        raise SpotCheckError("say who looked")
    check = session.get(SpotCheck, check_id, with_for_update=True)
    if check is None:
        raise SpotCheckError(f"no spot-check {check_id}")
    if check.answer is not None:
        raise SpotCheckError(f"spot-check {check_id} was answered by {check.who}: {check.answer}")
    check.answer, check.kind, check.who, check.note, check.at = verdict, kind, who.strip(), note or None, now
    session.flush()
    chain.seal(session, chain.SPOT_CHECK, str(check.id), chain.content_of(check), now)
    return check


def figures(answers: Sequence[str | None]) -> Figures:
    """Count the answers, None for those still open."""
    return figures_of(Counter(answers))


def figures_of(answers: Mapping[str | None, int]) -> Figures:
    """The figures of so many looks by answer, None for those still open."""
    drawn, unclear, overlooked = sum(answers.values()), answers.get("unclear", 0), answers.get("overlooked", 0)
    judged = overlooked + answers.get("clear", 0)
    if not judged:
        return Figures(drawn, 0, unclear, 0, None, None, None)
    low, high = interval(overlooked, judged)
    return Figures(drawn, judged, unclear, overlooked, overlooked / judged, low, high)


def figures_between(session: Session, since: datetime, until: datetime) -> Figures:
    """The figures of the looks drawn in a time."""
    return figures(
        session.scalars(select(SpotCheck.answer).where(SpotCheck.drawn_at >= since, SpotCheck.drawn_at < until)).all()
    )
