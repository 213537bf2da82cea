"""The same command sent again with its key gets the first answer and does nothing twice, on both databases."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path

from sqlalchemy import func, select

from api.app import create_app
from patrol.access import Role
from patrol.registry import parse
from patrol.store import Store
from patrol.store.tables import CaseEvent, KeptAnswer
from tests.integration.test_api import Standing
from tests.support.cases import case_registry_text, opened
from tests.support.signed_in import signed_in

KEY = {"Idempotency-Key": "2f1c7c34-5a63-4a8e-9a51-4f3f6f0d9f11"}


LOADED = parse(case_registry_text({"jam-portrait": "rtsp://127.0.0.1/x"}), "test")


def county(store: Store, folder: Path) -> tuple[Standing, str]:
    """A service that keeps cases, and the number of one."""
    service = Standing(store, folder, loaded=LOADED, sign_in=True)
    with store.sessions.begin() as session:
        return service, opened(session, service.cases.desk()).number


def events(store: Store, case: str) -> int:
    with store.reading() as session:
        return session.scalar(select(func.count()).where(CaseEvent.case == case)) or 0


def test_a_move_sent_again_is_made_once_and_another_one_under_its_key_is_refused(store: Store, tmp_path: Path) -> None:
    service, case = county(store, tmp_path)
    app = create_app(service)  # type: ignore[arg-type]
    path, note = f"/api/v1/cases/{case}/moves", {"move": "note", "text": "写下一次"}
    with signed_in(app, Role.OPERATOR) as desk, signed_in(app, Role.SHIFT_LEAD) as lead:
        version = desk.get(f"/api/v1/cases/{case}").headers["etag"]
        before = events(store, case)
        first = desk.post(path, json=note, headers={**KEY, "If-Match": version})
        assert first.status_code == 200, first.text
        again = desk.post(path, json=note, headers={**KEY, "If-Match": version})
        assert (again.status_code, again.json(), again.headers["etag"]) == (200, first.json(), first.headers["etag"])
        assert again.headers["idempotent-replayed"] == "true"
        other = desk.post(path, json={**note, "text": "另一件"}, headers={**KEY, "If-Match": version})
        assert (other.status_code, "another request" in other.json()["detail"]) == (422, True)
        foreign = lead.post(path, json=note, headers={**KEY, "If-Match": version})
        assert foreign.status_code == 412, "a key is its caller's own"
    assert events(store, case) == before + 1


def test_ten_at_once_do_it_once(store: Store, tmp_path: Path) -> None:
    service, case = county(store, tmp_path)
    app = create_app(service)  # type: ignore[arg-type]
    with signed_in(app, Role.OPERATOR) as desk:
        version = desk.get(f"/api/v1/cases/{case}").headers["etag"]
        before = events(store, case)

        def send(_: int) -> int:
            headers = {**KEY, "If-Match": version}
            return desk.post(
                f"/api/v1/cases/{case}/moves", json={"move": "note", "text": "x"}, headers=headers
            ).status_code

        with ThreadPoolExecutor(10) as pool:
            codes = set(pool.map(send, range(10)))
    assert 200 in codes
    assert codes <= {200, 409}
    assert events(store, case) == before + 1


def test_answers_are_forgotten_after_a_day_and_secrets_are_never_kept(store: Store, tmp_path: Path) -> None:
    service, case = county(store, tmp_path)
    app = create_app(service)  # type: ignore[arg-type]
    with signed_in(app, Role.ADMIN) as admin:
        asked = {"name": "wall", "role": "operator"}
        secret = admin.post("/api/v1/tokens", json=asked, headers=KEY).json()["secret"]
        with store.reading() as session:
            assert session.scalars(select(KeptAnswer)).all() == []
        assert secret
    with store.sessions.begin() as session:
        old = service.clock.wall() - timedelta(hours=25)
        session.add(KeptAnswer(ident="0" * 64, asked="0" * 64, at=old, status=200, headers={}, body="{}"))
    with signed_in(app, Role.OPERATOR) as desk:
        version = desk.get(f"/api/v1/cases/{case}").headers["etag"]
        desk.post(
            f"/api/v1/cases/{case}/moves", json={"move": "note", "text": "x"}, headers={**KEY, "If-Match": version}
        )
    with store.reading() as session:
        assert [row.ident for row in session.scalars(select(KeptAnswer)) if row.ident == "0" * 64] == []
