"""A campaign of kills on the built-in case system: one process relays alerts, keeps the cases and moves them, and dies at steps.

Incidents are confirmed all the time; whoever listens on the wire writes down every answer and every notice. At the end the
store is compared with itself and with the wire.
"""

from __future__ import annotations

import itertools
import json
import os
import time
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from patrol._case_line import CaseLine
from patrol.alerts.pace import Pace
from patrol.cases.book import move
from patrol.cases.desk import Desk
from patrol.cases.moves import Command, Move
from patrol.registry import parse
from patrol.store import Store, open_store
from patrol.store.tables import Ack, Alert, CaseAlert, CaseEvent, CaseFile, CaseLink, CaseNotice, CaseNumber, Incident
from tests.support.campaign import write_confirmed
from tests.support.cases import case_registry_text
from tests.support.county import TOPIC, wait_for
from tests.support.faults import StruckProcess
from tests.support.mosquitto import Mosquitto, Subscriber, publish
from tests.support.relays import relay_on

KEEPER = "governance_centre"
_TEXT = case_registry_text({"jam-portrait": "rtsp://127.0.0.1/x"}).replace("to: traffic_police", f"to: {KEEPER}")
REGISTRY = parse(_TEXT, "test").registry
"""Jams go to whoever keeps the cases, and to nobody else: every alert must be answered with a number."""
PACE = Pace(again=(1.5, 3.0), reconnect=(0.1, 0.2), idle=0.1, first_state=0.3, puback=5.0, settle=0.1)
_BETWEEN_S = 0.02
_TWICE = "the alert is already received"
"""What the relay says of an answer that comes again: the only one it does not take."""
_STEPS = {
    "received": Command(Move.ASSIGN, "坐席一", datetime(2026, 1, 1, tzinfo=UTC), unit="traffic_police"),
    "assigned": Command(Move.ACCEPT, "交警值班岗", datetime(2026, 1, 1, tzinfo=UTC)),
}


@dataclass(frozen=True, slots=True)
class Figures:
    """What a campaign came to.

    Attributes:
        kills: that fired.
        alerts, cases, notices: in the store.
        answered, said: answers and notices on the wire, duplicates too.
        wrong: sentences on all that should not be.
        seconds: the whole campaign.
    """

    kills: Counter[str]
    alerts: int
    cases: int
    notices: int
    answered: int
    said: int
    wrong: tuple[str, ...]
    seconds: float

    def __str__(self) -> str:
        return (
            f"{self.kills.total()} kills; {self.alerts} alerts, {self.cases} cases, {self.notices} notices;"
            f" on the wire {self.answered - self.alerts} answers and {self.said - self.notices} notices twice;"
            f" {len(self.wrong)} wrong; {self.seconds:.0f} s"
        )


def serve(database: str, folder: Path, broker: str) -> None:
    """Relay, case line and desk: confirms incidents and moves cases until there is a file ``enough``. Never returns."""
    store, desk = open_store(database, folder), Desk(REGISTRY)
    relay = relay_on(store, broker, pace=PACE, case_department=KEEPER)
    line = CaseLine(store, lambda: desk, county=TOPIC, department=KEEPER, mqtt_url=broker, pace=PACE)
    relay.publish_state({})
    relay.start()
    line.start()
    with (folder / "confirmed").open("a", encoding="ascii") as confirmed:
        for _ in itertools.count():
            if (folder / "enough").exists():
                time.sleep(0.2)
                continue
            incident = write_confirmed(store, "congestion", REGISTRY)
            confirmed.write(incident + "\n")
            confirmed.flush()
            os.fsync(confirmed.fileno())
            relay.wake()
            _move_some(store, desk)
            line.wake()
            time.sleep(_BETWEEN_S)


def _move_some(store: Store, desk: Desk) -> None:
    """Hand out a case, and let another be taken on."""
    with store.sessions.begin() as session:
        for stage, command in _STEPS.items():
            number = session.scalar(
                select(CaseFile.number).where(CaseFile.stage == stage).order_by(CaseFile.number).limit(1)
            )
            if number is not None:
                now = datetime.now(UTC)
                move(session, desk, number, Command(command.move, command.by, now, unit=command.unit))


class CaseCampaign:
    """Runs the process, to be killed.

    Args:
        folder: for everything it writes.
        database: its URL, the schema in place.
    """

    def __init__(self, folder: Path, database: str) -> None:
        folder.mkdir(exist_ok=True)
        self.folder, self.database = folder, database
        self._broker = Mosquitto(folder / "mosquitto")
        code = f"case_campaign.serve({database!r}, Path({str(folder)!r}), {self._broker.url!r})"
        self.process = StruckProcess(
            folder, f"from pathlib import Path; from tests.support import case_campaign; {code}"
        )
        self._began = time.monotonic()

    @contextmanager
    def running(self) -> Iterator[None]:
        """All up, somebody on the wire; all ended afterwards."""
        with self._broker:
            self._wire = Subscriber(self._broker.port, f"patrol/v1/{TOPIC}/#", self.folder / "wire", client="onlooker")
            wait_for("the onlooker listens", self._listening, 10, every_s=0.1)
            try:
                self.process.start()
                yield
            finally:
                self._wire.stop()
                self.process.stop()

    def finish(self) -> Figures:
        """No more incidents; wait until nothing is on its way, then compare."""
        (self.folder / "enough").touch()
        store = open_store(self.database, self.folder)
        try:
            deadline = time.monotonic() + 60
            # What is still on its way then is among what is wrong.
            while not self._quiet(store) and time.monotonic() < deadline:
                time.sleep(0.2)
            return self._compare(store)
        finally:
            store.close()

    def _listening(self) -> bool:
        publish(self._broker.port, f"patrol/v1/{TOPIC}/hello", "{}")
        return bool(self._wire.lines())

    def _quiet(self, store: Store) -> bool:
        with store.reading() as session:
            unsaid = session.scalar(select(func.count()).where(CaseNotice.published_at.is_(None)))
            waiting = session.scalar(select(func.count()).where(Alert.state != "received"))
            cases = {row.number: (row.stage, row.light) for row in session.scalars(select(CaseFile))}
            behind = [
                row.number
                for row in session.scalars(select(CaseLink))
                if cases.get(row.number) != (row.stage, row.light)
            ]
            links = session.scalar(select(func.count()).select_from(CaseLink))
        return not (unsaid or waiting or behind) and links == len(cases)

    def _compare(self, store: Store) -> Figures:
        wire = self._wire.messages()
        answers = [m["payload"] for m in wire if m["topic"].endswith(f"/ack/{KEEPER}")]
        said = [(m["topic"].rsplit("/", 1)[1], m["payload"]) for m in wire if "/case/" in m["topic"]]
        promised = set((self.folder / "confirmed").read_text("ascii").split())
        with store.reading() as session:
            wrong = [*_of_cases(session, promised), *_of_answers(session, answers), *of_notices(session, said)]
            alerts, cases, notices = (
                session.scalar(select(func.count()).select_from(table)) or 0 for table in (Alert, CaseFile, CaseNotice)
            )
        return Figures(
            self.process.kills,
            alerts,
            cases,
            notices,
            len(answers),
            len(said),
            tuple(wrong),
            time.monotonic() - self._began,
        )


def _of_cases(session: Session, promised: set[str]) -> Iterator[str]:
    """Each confirmed incident has one case, numbers run from 1, trails have no gaps, links say what cases say."""
    confirmed = set(session.scalars(select(Incident.id).where(Incident.review == "confirmed")))
    cases = list(session.scalars(select(CaseFile).order_by(CaseFile.number)))
    followed = Counter(row.incident or "" for row in cases)
    yield from (
        f"incident {one} has {followed[one]} cases"
        for one in promised | confirmed | set(followed)
        if followed[one] != 1
    )
    by_day = defaultdict(list)
    for row in cases:
        by_day[row.number[:14]].append(int(row.number[14:]))
    for day, given in by_day.items():
        last = session.get_one(CaseNumber, day).last
        if given != list(range(1, last + 1)):
            yield f"{day}: {len(given)} numbers, the last {last}"
    trails = defaultdict(list)
    for case, seq in session.execute(select(CaseEvent.case, CaseEvent.seq).order_by(CaseEvent.case, CaseEvent.seq)):
        trails[case].append(seq)
    yield from (
        f"trail of {r.number}: {trails[r.number]}" for r in cases if trails[r.number] != list(range(1, r.version + 1))
    )
    links = {row.incident: row for row in session.scalars(select(CaseLink))}
    for row in cases:
        link = links.get(row.incident or "")
        shown = link and (link.number, link.stage, link.light, link.department)
        if shown != (row.number, row.stage, row.light, KEEPER):
            yield f"incident {row.incident} shows {shown} and not {row.number} {row.stage} {row.light}"


def _of_answers(session: Session, answers: Iterable[dict[str, Any]]) -> Iterator[str]:
    """Each alert is in the book once, received, and always answered with the same number."""
    told = defaultdict(set)
    for answer in answers:
        told[answer["alert"]].add(answer.get("case"))
    taken = {row.alert: row.case for row in session.scalars(select(CaseAlert))}
    alerts = {row.id: row for row in session.scalars(select(Alert))}
    for key in {*told, *taken, *alerts}:
        if key not in alerts or alerts[key].state != "received" or told[key] != {taken.get(key)}:
            yield f"alert {key}: answered {told[key]}, in the book under {taken.get(key)}"
    problems = set(session.scalars(select(Ack.problem).where(Ack.problem.is_not(None))))
    yield from (f"an answer was not taken: {problem}" for problem in problems - {_TWICE})


def of_notices(session: Session, said: Iterable[tuple[str, dict[str, Any]]]) -> Iterator[str]:
    """What came for the first time is, case by case, what is in the store, in its order."""
    came: dict[str, dict[str, None]] = defaultdict(dict)
    for number, payload in said:
        came[number].setdefault(json.dumps(payload, sort_keys=True))
    # An alert repeated within the same millisecond makes two notices that are the same to the letter: on the wire they are one.
    kept: dict[str, dict[str, None]] = defaultdict(dict)
    for row in session.scalars(select(CaseNotice).order_by(CaseNotice.id)):
        kept[row.case].setdefault(json.dumps(row.payload, sort_keys=True))
        if row.published_at is None:
            yield f"notice {row.id} of {row.case} is not said"
    yield from (
        f"{case}: {len(kept[case])} notices, {len(came[case])} came, or in another order"
        for case in {*came, *kept}
        if list(came[case]) != list(kept[case])
    )
