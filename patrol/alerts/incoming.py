"""What comes in over MQTT: answers of departments and what the case system says, written in the order in which it came.

A message is confirmed to the broker when it is written; what cannot be written holds up none that came with it.
"""

from __future__ import annotations

import itertools
from collections import Counter, deque
from collections.abc import Callable, Iterable
from datetime import datetime

import structlog

from patrol.alerts.acks import ANSWERS, record_ack, record_unwritable
from patrol.alerts.case_links import NotACaseError, Said, record_case
from patrol.alerts.mqtt import Connection, Received
from patrol.store import Store, is_away
from patrol.store.tables import Ack

log = structlog.get_logger(__name__)

TOPICS = ("ack/+", "case/+")
"""Below the county's level."""
_AT_ONCE = 64
"""Messages written in one transaction at most."""


class Incoming:
    """See the module. Not for several threads.

    Args:
        store: what it is written to.
        now: the wall clock, UTC.
        on_answer: called with every answer once it is written; must not raise.
        on_case: called with what was said of a case once it is written on an incident; must not raise.
        case_department: gives who keeps the cases by the registry in force; None: nobody.
    """

    def __init__(
        self,
        store: Store,
        now: Callable[[], datetime],
        on_answer: Callable[[Ack], None] | None = None,
        on_case: Callable[[Said], None] | None = None,
        case_department: Callable[[], str | None] | None = None,
    ) -> None:
        self.answers: Counter[tuple[str, bool]] = Counter()
        """Answers written since the start, by status (``other``: none that exists) and whether they were taken."""
        self._store = store
        self._now = now
        self._on_answer = on_answer or (lambda _ack: None)
        self._on_case = on_case or (lambda _said: None)
        self._case_department = case_department or (lambda: None)
        self._waiting: deque[tuple[Connection, Received]] = deque()

    def __len__(self) -> int:
        """Messages that are not written yet."""
        return len(self._waiting)

    def take(self, connection: Connection, messages: Iterable[Received]) -> None:
        """Put messages behind those that wait."""
        self._waiting.extend((connection, message) for message in messages)

    def write(self) -> None:
        """Write and confirm what waits.

        Raises:
            SQLAlchemyError: the store is away; what is not written waits on.
        """
        while self._waiting:
            batch = list(itertools.islice(self._waiting, _AT_ONCE))
            try:
                written = self._written([message for _, message in batch])
            except Exception as error:
                if is_away(error):
                    raise
                # Whatever it is, those beside it and behind it must not wait for it: the first by itself, and on.
                batch = batch[:1]
                written = [self._written_somehow(batch[0][1])]
            for (connection, message), what in zip(batch, written, strict=True):
                connection.confirm(message)
                self._waiting.popleft()
                self._tell(message, what)

    def _written(self, messages: list[Received]) -> list[Ack | Said | NotACaseError]:
        """One transaction for all: each costs a write to the disk."""
        now, keeper = self._now(), self._case_department()
        written: list[Ack | Said | NotACaseError] = []
        with self._store.sessions.begin() as session:
            for message in messages:
                kind, last = _levels(message)
                if kind != "case":
                    written.append(record_ack(session, last, message.payload, now, case_department=keeper))
                    continue
                try:
                    written.append(record_case(session, last, message.payload, now, case_department=keeper))
                except NotACaseError as error:
                    written.append(error)
        return written

    def _written_somehow(self, message: Received) -> Ack | Said | NotACaseError:
        kind, last = _levels(message)
        try:
            return self._written([message])[0]
        except Exception as error:
            if is_away(error):
                raise
            log.exception("a message cannot be written as it came", kind=kind, of=ascii(last))
            if kind == "case":
                return NotACaseError(f"it cannot be written: {type(error).__name__}")
            with self._store.sessions.begin() as session:
                return record_unwritable(session, last, message.payload, self._now(), str(error))

    def _tell(self, message: Received, what: Ack | Said | NotACaseError) -> None:
        if isinstance(what, Ack):
            self._answered(what)
        elif isinstance(what, NotACaseError):
            log.warning("what was said of a case is not taken", case=ascii(_levels(message)[1]), problem=str(what))
        else:
            log.info("case", case=what.number, stage=what.stage, light=what.light, problem=what.problem)
            if what.incidents:
                self._on_case(what)

    def _answered(self, ack: Ack) -> None:
        # Whoever may write there chooses the status: without `other` each new word would be a series of its own.
        self.answers[ack.status if ack.status in ANSWERS else "other", ack.taken] += 1
        log.info(
            "answer of a department",
            alert=ack.alert,
            department=ack.department,
            status=ack.status,
            problem=ack.problem,
        )
        self._on_answer(ack)


def _levels(message: Received) -> tuple[str, str]:
    """The last two levels of a topic: what it is, and whose."""
    kind, last = message.topic.rsplit("/", 2)[-2:]
    return kind, last
