"""The registry edited over the API: one file, many hands, and nothing overwritten."""

from __future__ import annotations

import io
import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient
from sqlalchemy import select

from api.app import create_app
from patrol._registry_revisions import Note
from patrol.access import Role, Sight
from patrol.registry.edit import Operation
from patrol.store import Store
from patrol.store.tables import AuditRow
from tests.support.registry_desk import V1, Editing, base, edit, history, op
from tests.support.signed_in import signed_in
from tests.unit.registry.county import TEXT


def test_an_edit_is_in_the_file_in_force_in_the_history_and_in_the_audit(
    admin: TestClient, file: Path, service: Editing
) -> None:
    answer = edit(admin, base(admin), op("set", "cameras", "river-1", "period", value="1h"), reason="more anglers")
    assert answer.status_code == 200, answer.text
    done = answer.json()
    assert [change["en"] for change in done["changes"]] == ["camera river-1: Period from (none) to 1h"]
    assert [change["zh"] for change in done["changes"]] == ["摄像机 river-1：周期 由 （无） 改为 1h"]
    assert "+    period: 1h\n" in done["diff"]
    assert answer.headers["etag"] == f'"{done["sha256"]}"'
    assert file.read_text("utf-8") == TEXT + "    period: 1h\n"
    assert service.loaded.registry.cameras[1].period is not None
    assert history(admin) == [("edit", "a-admin", "more anglers"), ("by_hand", None, None)]
    with service.store.reading() as session:
        row = session.scalars(select(AuditRow).where(AuditRow.action == "registry.edit")).one()
        assert (row.who, row.reason, row.ref) == ("a-admin", "more anglers", str(done["revision"]))


def test_a_preview_says_what_would_be_and_writes_nothing(admin: TestClient, file: Path) -> None:
    listed = {"operations": [op("set", "categories", "roads", "period", value="30m")]}
    seen = admin.post(f"{V1}/preview", json=listed).json()
    assert seen["problems"] == []
    before, after = seen["effect"]["before"], seen["effect"]["after"]
    assert (after["looks_per_hour"], after["load"] > before["load"]) == (before["looks_per_hour"] + 1, True)
    assert file.read_text("utf-8") == TEXT
    wrong = admin.post(f"{V1}/preview", json={"operations": [op("set", "cameras", "river-1", "platform", value="x")]})
    assert wrong.status_code == 200
    assert [(p["field"], p["line"]) for p in wrong.json()["problems"]] == [("cameras[1] (river-1).platform", 57)]
    assert "+    platform: x\n" in wrong.json()["diff"]


def test_what_would_not_be_valid_is_refused_and_nothing_is_written(admin: TestClient, file: Path) -> None:
    answer = edit(admin, base(admin), op("set", "cameras", "river-1", "platform", value="nowhere"))
    assert answer.status_code == 422
    assert "there is no platform 'nowhere'" in answer.json()["detail"]
    assert answer.json()["errors"][0]["field"] == "cameras[1] (river-1).platform"
    used = edit(admin, base(admin), op("remove", "categories", "rivers"))
    assert used.status_code == 422
    assert "camera river-1, rule angling" in used.json()["detail"]
    assert file.read_text("utf-8") == TEXT
    assert history(admin) == [("by_hand", None, None)]


def test_an_edit_says_what_it_starts_from(admin: TestClient) -> None:
    body = {"operations": [op("set", "county", "name", "en", value="X")], "reason": "test"}
    assert admin.post(f"{V1}/edits", json=body).status_code == 428
    answer = admin.post(f"{V1}/edits", json=body, headers={"If-Match": '"0000"'})
    assert answer.status_code == 412
    assert answer.headers["etag"] == f'"{base(admin)}"'


def test_two_who_change_the_same_entry_do_not_overwrite_each_other(app: FastAPI, admin: TestClient, file: Path) -> None:
    with signed_in(app, Role.ADMIN, name="second-admin") as other:
        start = base(admin)
        assert edit(admin, start, op("set", "cameras", "river-1", "name", value="First")).status_code == 200
        late = edit(other, start, op("set", "cameras", "river-1", "dwell", value="30s"))
        assert late.status_code == 412
        assert [error["after"] for error in late.json()["errors"]] == ["First"]
        assert "dwell: 30s" not in file.read_text("utf-8").split("cameras:")[1]
        assert edit(other, base(other), op("set", "cameras", "river-1", "dwell", value="30s")).status_code == 200


def test_two_who_change_different_entries_both_get_their_way(app: FastAPI, admin: TestClient, file: Path) -> None:
    with signed_in(app, Role.ADMIN, name="second-admin") as other:
        start = base(admin)
        assert edit(admin, start, op("set", "cameras", "river-1", "name", value="First")).status_code == 200
        late = edit(other, start, op("set", "cameras", "gate-12", "name", value="Second"))
        assert late.status_code == 200
        assert late.json()["merged"] is True
        assert [change["entry"] for change in late.json()["theirs"]] == ["river-1"]
        assert "name: First" in file.read_text("utf-8")
        assert "name: Second" in file.read_text("utf-8")
        # Places in a list that somebody else reordered mean nothing any more.
        now = base(admin)
        assert edit(admin, now, op("move", "routes", 2, before=0)).status_code == 200
        assert edit(other, now, op("set", "routes", 0, "to", value="fisheries")).status_code == 412


def test_a_file_changed_by_hand_is_taken_up_before_an_edit(admin: TestClient, file: Path, service: Editing) -> None:
    start = base(admin)
    file.write_text(file.read_text("utf-8").replace("name: River", "name: By hand"), "utf-8")
    answer = edit(admin, start, op("set", "cameras", "gate-12", "name", value="Console"))
    assert answer.json()["merged"] is True
    assert all(name in file.read_text("utf-8") for name in ("name: By hand", "name: Console"))
    assert [kind for kind, _, _ in history(admin)] == ["edit", "by_hand", "by_hand"]


def test_a_file_that_is_not_valid_keeps_edits_out_and_says_where(
    admin: TestClient, file: Path, service: Editing
) -> None:
    start = base(admin)
    good = file.read_text("utf-8")
    broken = good.replace("platform: files", "platform: fils")
    file.write_text(broken, "utf-8")
    state = admin.get(V1).json()
    assert state["state"] == "broken"
    assert state["sha256"] == start
    assert [(p["line"], p["field"]) for p in state["problems"]] == [(57, "cameras[1] (river-1).platform")]
    answer = edit(admin, start, op("set", "county", "name", "en", value="X"))
    assert answer.status_code == 409
    assert (
        "changed by hand and is not valid; mend it first: line 57, cameras[1] (river-1).platform"
        in answer.json()["detail"]
    )
    assert str(file.parent) not in answer.text
    assert file.read_text("utf-8") == broken
    assert "not in force" in service.board.problems["registry"]
    file.write_text(good, "utf-8")
    assert admin.get(V1).json()["state"] == "in_force"
    assert "registry" not in service.board.problems
    assert edit(admin, start, op("set", "county", "name", "en", value="X")).status_code == 200


def test_a_crash_between_file_and_record_is_a_hand_edit_at_the_next_start(
    admin: TestClient, file: Path, service: Editing, store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def dies(*_args: Any, **_more: Any) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("patrol._registry_revisions.record", dies)
    written, start = Operation("set", ("cameras", "river-1", "name"), "Written"), base(admin)
    with pytest.raises(KeyboardInterrupt):
        service.desk.edit([written], start, Note("edit", "somebody", "test"))
    monkeypatch.undo()
    assert "name: Written" in file.read_text("utf-8")
    assert [kind for kind, _, _ in history(admin)] == ["by_hand"]
    Editing(store, file, tmp_path / "data")
    assert history(admin) == [("by_hand", None, None), ("by_hand", None, None)]


def test_a_revision_is_compared_and_restored_as_a_new_one(admin: TestClient, file: Path) -> None:
    edit(admin, base(admin), op("set", "cameras", "river-1", "name", value="Wrong"))
    newest, first = (r["id"] for r in admin.get(f"{V1}/revisions").json()["items"])
    diff = admin.get(f"{V1}/revisions/{first}/diff/{newest}").json()
    assert [(c["before"], c["after"]) for c in diff["changes"]] == [("River", "Wrong")]
    assert "-    name: River\n+    name: Wrong\n" in diff["diff"]
    assert admin.get(f"{V1}/revisions/{first}").json()["text"] == TEXT
    restore = f"{V1}/revisions/{first}/restore"
    assert admin.post(restore, json={"reason": "slip"}, headers={"If-Match": '"0"'}).status_code == 412
    done = admin.post(restore, json={"reason": "slip"}, headers={"If-Match": f'"{base(admin)}"'})
    assert done.status_code == 200, done.text
    assert file.read_text("utf-8") == TEXT
    rows = admin.get(f"{V1}/revisions").json()["items"]
    assert [(r["kind"], r["restored"]) for r in rows] == [("restore", first), ("edit", None), ("by_hand", None)]
    assert rows[0]["changed"] == 1
    assert admin.get(f"{V1}/revisions?limit=2").json()["next"] == str(rows[1]["id"])
    assert admin.get(f"{V1}/revisions/99").status_code == 404


def test_the_file_keeps_its_mode_and_a_link_goes_on_leading_to_it(store: Store, file: Path, tmp_path: Path) -> None:
    file.chmod(0o640)
    link = tmp_path / "registry.yaml"
    link.symlink_to(file)
    app = create_app(Editing(store, link, tmp_path / "data"))  # type: ignore[arg-type]
    with signed_in(app, Role.ADMIN) as admin:
        assert edit(admin, base(admin), op("set", "cameras", "river-1", "name", value="New")).status_code == 200
    assert link.is_symlink()
    assert "name: New" in file.read_text("utf-8")
    assert file.stat().st_mode & 0o777 == 0o640
    assert [each.name for each in file.parent.iterdir()] == [file.name]


def test_cameras_are_found_page_by_page(admin: TestClient, app: FastAPI) -> None:
    first = admin.get(f"{V1}/cameras?limit=1").json()
    assert [each["entry"]["id"] for each in first["items"]] == ["gate-12"]
    second = admin.get(f"{V1}/cameras?limit=1&cursor={first['next']}").json()
    assert [(each["place"], each["entry"]["id"]) for each in second["items"]] == [(1, "river-1")]
    assert second["next"] is None
    for query, found in (
        ("category=rivers", ["river-1"]),
        ("platform=police", ["gate-12"]),
        ("q=BANK", ["river-1"]),
        ("q=nothing", []),
        ("enabled=false", []),
    ):
        answer = admin.get(f"{V1}/cameras?{query}").json()
        assert [each["entry"]["id"] for each in answer["items"]] == found, query
    assert admin.get(f"{V1}/cameras/gate-12").json()["entry"]["categories"] == ["squares", "roads"]
    with signed_in(app, Role.OPERATOR, name="few", sight=Sight(cameras=frozenset({"gate-12"}))) as operator:
        assert [c["entry"]["id"] for c in operator.get(f"{V1}/cameras").json()["items"]] == ["gate-12"]
        assert operator.get(f"{V1}/cameras/river-1").status_code == 404
        assert "river-1" not in operator.get(f"{V1}/cameras.csv").text
        assert operator.get(f"{V1}/revisions/1").status_code == 403
        assert operator.get(f"{V1}/revisions/1/diff/1").status_code == 403
    bound = op("set", "rules", "ban", "cameras", value=["gate-12", "river-1"])
    assert edit(admin, base(admin), bound).status_code == 200
    with signed_in(app, Role.OPERATOR, name="few") as operator:
        assert operator.get(V1).json()["sections"]["rules"][0]["cameras"] == ["gate-12"]
        assert "river-1" not in operator.get(V1).text


def test_a_table_is_looked_at_first_and_then_taken_in(admin: TestClient, file: Path) -> None:
    table = admin.get(f"{V1}/cameras.csv")
    assert table.content.startswith(b"\xef\xbb\xbf")
    sent = table.content.decode("utf-8-sig").replace("Gate 12", "北门").replace("gate-12,", "gate-12,", 1)
    more = sent + "gate-13,新门,police,rtsp://192.0.2.7/live,,roads,430624001,某处,112.9,28.7\r\n"

    def give(content: bytes, query: str = "") -> Any:
        return admin.post(
            f"{V1}/cameras/import{query}",
            files={"file": ("cameras.csv", io.BytesIO(content))},
            headers={"If-Match": f'"{base(admin)}"'},
        )

    seen = give(more.encode("gb18030")).json()
    assert seen["problems"] == []
    assert [(r["row"], r["camera"], r["what"]) for r in seen["rows"]] == [
        (2, "gate-12", "changed"),
        (4, "gate-13", "added"),
    ]
    assert seen["rows"][0]["columns"] == ["name"]
    assert seen["effect"]["after"]["looks"] == 3
    assert seen["done"] is None
    assert file.read_text("utf-8") == TEXT
    wrong = give(more.replace("police,rtsp://192.0.2.7", "polcie,rtsp://192.0.2.7").encode())
    assert [(p["row"], p["column"]) for p in wrong.json()["problems"]] == [(4, "platform")]
    assert give(more.encode(), "?apply=true").status_code == 422
    done = give(more.encode(), "?apply=true&reason=new+gate").json()
    assert done["done"]["revision"] is not None
    assert history(admin)[0] == ("import", "a-admin", "new gate")
    text = file.read_text("utf-8")
    assert "    name: 北门\n" in text
    assert "  - id: gate-13\n    name: 新门\n" in text
    assert give(admin.get(f"{V1}/cameras.xlsx").content).json()["rows"] == []


def test_a_table_of_nonsense_is_refused_with_a_sentence(admin: TestClient) -> None:
    def give(content: bytes) -> tuple[int, str]:
        answer = admin.post(
            f"{V1}/cameras/import",
            files={"file": ("t.xlsx", io.BytesIO(content))},
            headers={"If-Match": f'"{base(admin)}"'},
        )
        return answer.status_code, answer.text

    assert [give(content)[0] for content in (b"PK\x03\x04nonsense", b"\x00\x01\x02", b"")] == [422, 422, 200]
    assert "there is no column id" in give(b"")[1]
    status, words = give(b"x" * (20 * 1024 * 1024 + 70_000))
    assert (status, "20 MiB" in words) == (413, True)


def test_a_folder_that_cannot_be_written_to_is_said(
    admin: TestClient, file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuses(*_args: Any, **_more: Any) -> Any:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr("tempfile.mkstemp", refuses)
    answer = edit(admin, base(admin), op("set", "cameras", "river-1", "name", value="New"))
    assert answer.status_code == 503
    assert "needs write access to the folder" in answer.json()["detail"]
    assert file.read_text("utf-8") == TEXT


def test_of_many_who_edit_one_camera_at_once_one_wins_each_time(app: FastAPI, service: Editing, file: Path) -> None:
    names = [f"admin-{number}" for number in range(4)]
    with ExitStack() as kept:
        clients = [kept.enter_context(signed_in(app, Role.ADMIN, name=name)) for name in names]
        start = base(clients[0])
        together = threading.Barrier(len(clients))

        def change(client: TestClient, name: str) -> int:
            together.wait(30)
            return int(edit(client, start, op("set", "cameras", "river-1", "name", value=name)).status_code)

        with ThreadPoolExecutor(len(clients)) as pool:
            statuses = sorted(pool.map(change, clients, names))
        assert statuses == [200, 412, 412, 412]
        winner = service.loaded.registry.cameras[1].name
        assert winner in names
        assert f"    name: {winner}\n" in file.read_text("utf-8")
        assert [(kind, who) for kind, who, _ in history(clients[0])] == [("edit", winner), ("by_hand", None)]
