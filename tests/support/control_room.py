"""A county's service as it runs, with everybody who may ask it, and of each kind of object one's own and a foreign one.

*Own* is what a department (`traffic_police`) or an operator who is limited to one camera may see; *foreign* is another
department's, at a camera that the operator was not granted.
"""

from __future__ import annotations

import hashlib
import json
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import select

from patrol import access, alerts, incidents
from patrol._looks import picture_path
from patrol.access import Caller, Role, Sight
from patrol.cases.book import move
from patrol.cases.desk import Desk
from patrol.cases.moves import Command, Move
from patrol.registry import Registry, load
from patrol.retention import holds
from patrol.store import Store, open_store
from patrol.store.tables import Alert, CaseLetter, EvidenceFile, IncidentLook, RegistryRevision
from tests.support import papers
from tests.support.cases import case_registry_text, opened
from tests.support.county import Patrol, wait_for
from tests.support.incidents import seen

OWN_CAMERA, FOREIGN_CAMERA = "own-cam-1", "foreign-cam-9"
OWN_UNIT, FOREIGN_UNIT = "traffic_police", "police"
LIMITED = "limited operator"


@dataclass(frozen=True)
class Pair:
    """Of one kind of object one's own and a foreign one, as they stand in an address."""

    own: str
    foreign: str


@dataclass
class Answer:
    """What came back."""

    status: int
    body: bytes
    headers: dict[str, str]

    @property
    def text(self) -> str:
        return self.body.decode("utf-8", "replace")

    def json(self) -> Any:
        return json.loads(self.body)


@dataclass
class ControlRoom:
    """A running service.

    Attributes:
        url: where it answers.
        tokens: by role, and of the operator who is limited to ``OWN_CAMERA``.
        objects: by the name that they have in the addresses of routes.
    """

    url: str
    data: Path
    store: Store
    tokens: dict[str, str]
    objects: dict[str, Pair]

    def ask(
        self,
        who: str | None,
        method: str,
        path: str,
        body: Any = None,
        headers: dict[str, str] | None = None,
        raw: bytes | None = None,
    ) -> Answer:
        """Ask as somebody; None: as nobody."""
        sent = {**(headers or {})}
        data = raw
        if body is not None:
            data, sent["Content-Type"] = json.dumps(body).encode(), "application/json"
        if who is not None:
            sent["Authorization"] = f"Bearer {self.tokens[who]}"
        request = urllib.request.Request(f"{self.url}{path}", data=data, headers=sent, method=method)
        try:
            with urllib.request.urlopen(request, timeout=30) as answer:
                return Answer(answer.status, answer.read(), {k.lower(): v for k, v in answer.headers.items()})
        except urllib.error.HTTPError as error:
            return Answer(error.code, error.read(), {k.lower(): v for k, v in error.headers.items()})

    def account(self) -> str:
        """An account; its name."""
        with self.store.sessions.begin() as session:
            return access.new_account(
                session, "some-desk", Role.OPERATOR, shown="坐席", by="test", now=datetime.now(UTC)
            ).name


@contextmanager
def control_room(folder: Path) -> Iterator[ControlRoom]:
    """Start a service, let it look once, fill it, and end it afterwards."""
    file = folder / "county.yaml"
    urls = {OWN_CAMERA: "rtsp://127.0.0.1:1/x", FOREIGN_CAMERA: "rtsp://127.0.0.1:1/y"}
    file.write_text(case_registry_text(urls), "utf-8")
    # As a county runs it: everybody signs in or shows a token.
    patrol = Patrol(file, folder / "data", None, model=None, extra=("--sign-in",))
    patrol.start()
    store = open_store(None, patrol.data)
    try:
        wait_for("a look is written", lambda: "unreachable" in patrol.log(), 60)
        room = ControlRoom(
            f"http://127.0.0.1:{patrol.port}",
            patrol.data,
            store,
            _tokens(store),
            _objects(store, patrol.data, load(file).registry),
        )
        # Only then does the status name a look.
        wait_for(
            "a forecast is made", lambda: b'"worst_look":"' in room.ask("auditor", "GET", "/api/v1/status").body, 60
        )
        for camera in _both(room.objects["camera_id"]):
            shown = patrol.data / picture_path(camera)
            shown.parent.mkdir(exist_ok=True)
            shown.write_bytes(b"\xff\xd8 a last picture")
        room.objects["attachment_id"] = Pair(*(_attached(room, number) for number in _both(room.objects["number"])))
        room.objects |= _of_one_kind(store, room)
        room.objects["exports.number"] = Pair(_exported(room, LIMITED, "own"), _exported(room, "operator", "foreign"))
        room.objects["name"] = Pair(room.account(), "nobody")
        yield room
    finally:
        store.close()
        patrol.stop()


def _tokens(store: Store) -> dict[str, str]:
    now = datetime.now(UTC)
    with store.sessions.begin() as session:
        found = {
            role.value: access.new_token(
                session, f"asks as {role}", role, OWN_UNIT if role is Role.DEPARTMENT else None, now
            )
            for role in Role
        }
        sight = Sight(cameras=frozenset({OWN_CAMERA}))
        found[LIMITED] = access.new_token(session, LIMITED, Role.OPERATOR, None, now, sight=sight)
    return found


def _objects(store: Store, data: Path, registry: Registry) -> dict[str, Pair]:
    now, desk = datetime.now(UTC), Desk(registry)
    long_ago = now - timedelta(days=60)
    with store.sessions.begin() as session:
        ids, numbers = [], []
        for camera, kind, rule, unit in (
            (OWN_CAMERA, "congestion", "no_jam", OWN_UNIT),
            (FOREIGN_CAMERA, "fireworks", None, FOREIGN_UNIT),
        ):
            (change, *_) = seen(session, "flagged", camera=camera, kind=kind, rule=rule)
            change = incidents.review(session, change.incident_id, "confirmed", "li", None, now)
            alerts.notify(session, registry, change, now, at_once=False)
            ids.append(change.incident_id)
            row = opened(session, desk, long_ago, title=f"{camera} 一件事", camera=camera)
            move(session, desk, row.number, Command(Move.ASSIGN, by="坐席一", at=long_ago, unit=unit), seen=row.version)
            numbers.append(row.number)
        visits = [session.scalars(select(IncidentLook.visit).where(IncidentLook.incident == i)).one() for i in ids]
        for whose, visit in zip(("own", "foreign"), visits, strict=True):
            for file in session.scalars(select(EvidenceFile).where(EvidenceFile.visit == visit)):
                _keep(data, file, whose)
        told = [
            session.scalars(select(Alert.id).where(Alert.incident == i, Alert.department == unit)).first() or ""
            for i, unit in zip(ids, (OWN_UNIT, FOREIGN_UNIT), strict=True)
        ]
    return {
        "incident_id": Pair(*ids),
        "visit_id": Pair(*visits),
        "alert_id": Pair(*told),
        "number": Pair(*numbers),
        "letter_id": Pair(*(wait_for("a letter is drafted", lambda n=n: _letter(store, n), 30) for n in numbers)),  # type: ignore[misc]
        "camera_id": Pair(OWN_CAMERA, FOREIGN_CAMERA),
        "department": Pair(OWN_UNIT, FOREIGN_UNIT),
        "silence_id": Pair("1", "1"),
    }


def _keep(data: Path, file: EvidenceFile, whose: str) -> None:
    """Give a row of evidence a file of its own on the disk."""
    content = f"{whose} {file.role} ".encode() * 200
    file.path = f"evidence/2026-03-01/{whose}/{Path(file.path).name}"
    file.sha256, file.bytes = hashlib.sha256(content).hexdigest(), len(content)
    place = data / file.path
    place.parent.mkdir(parents=True, exist_ok=True)
    place.write_bytes(content)


def _letter(store: Store, case: str) -> str | None:
    with store.reading() as session:
        found = session.scalars(select(CaseLetter.id).where(CaseLetter.case == case).order_by(CaseLetter.id)).first()
    return str(found) if found is not None else None


def _both(pair: Pair) -> tuple[str, str]:
    return pair.own, pair.foreign


def _attached(room: ControlRoom, case: str) -> str:
    """A photo of a case, brought by an operator; its id."""
    form = "----photo"
    head = f'--{form}\r\nContent-Disposition: form-data; name="file"; filename="现场.jpg"\r\nContent-Type: image/jpeg\r\n\r\n'
    raw = head.encode() + papers.photo(said=papers.exif()) + f"\r\n--{form}--\r\n".encode()
    answer = room.ask(
        "operator",
        "POST",
        f"/api/v1/cases/{case}/attachments",
        headers={"Content-Type": f"multipart/form-data; boundary={form}"},
        raw=raw,
    )
    assert answer.status == 201, answer.text
    return str(answer.json()["id"])


def _of_one_kind(store: Store, room: ControlRoom) -> dict[str, Pair]:
    """What follows from the other objects, or is nobody's in particular."""
    with store.sessions.begin() as session:
        files = [
            session.scalars(select(EvidenceFile).where(EvidenceFile.visit == visit)).first()
            for visit in _both(room.objects["visit_id"])
        ]
        revision = str(session.scalars(select(RegistryRevision.id)).first())
        lead = Caller("asks as shift_lead", Role.SHIFT_LEAD)
        incident = room.objects["incident_id"].own
        held = holds.put(session, "incident", incident, reason="x", by=lead, now=datetime.now(UTC)).id
    ids = [str(file.id) for file in files if file is not None]
    return {
        "evidence_id": Pair(*ids),
        "sha256": Pair(*(file.sha256 for file in files if file is not None)),
        "revision_id": Pair(revision, revision),
        "other_id": Pair(revision, revision),
        "hold": Pair(str(held), str(held)),
    }


def _exported(room: ControlRoom, who: str, whose: str) -> str:
    """A copy of evidence that somebody asked for; its number."""
    evidence, incident = (getattr(room.objects[name], whose) for name in ("evidence_id", "incident_id"))
    asked = {"reason": "案件办理需要", "recipient_unit": OWN_UNIT, "unmasked": False, "incident": incident}
    answer = room.ask(who, "POST", f"/api/v1/evidence/{evidence}/exports", asked)
    assert answer.status in {201, 202}, answer.text
    return str(answer.json()["number"])
