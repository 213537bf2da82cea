"""Cases and letters over HTTP: who may ask what, the same request twice, edits that collide, a letter from draft to file."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from io import BytesIO
from pathlib import Path
from typing import Any

import pymupdf
import pytest
from fastapi.testclient import TestClient
from openpyxl import load_workbook
from PIL import Image

from api.app import create_app
from patrol import access
from patrol.access import Role
from patrol.cases.sweep import sweep
from patrol.registry import parse
from patrol.store import Store
from tests.integration.test_api import Standing
from tests.support.cases import OTHER_TOWN, TOWN, VILLAGE, case_registry_text

LOADED = parse(case_registry_text({"jam-portrait": "rtsp://127.0.0.1/x"}), "test")
OWN = "a-token-of-16-characters"
NEW = {"title": "旭东路口拥堵", "address": "旭东路", "division": TOWN, "kind": "congestion", "by": "坐席一"}


class Asking:
    """The API as one caller sees it."""

    def __init__(self, client: TestClient, token: str) -> None:
        self._client = client
        self.headers = {"Authorization": f"Bearer {token}"}

    def get(self, path: str, **params: Any) -> Any:
        return self._client.get(f"/api/v1{path}", params=params, headers=self.headers)

    def post(self, path: str, body: dict[str, Any], **headers: str) -> Any:
        return self._client.post(f"/api/v1{path}", json=body, headers={**self.headers, **headers})

    def patch(self, path: str, body: dict[str, Any], **headers: str) -> Any:
        return self._client.patch(f"/api/v1{path}", json=body, headers={**self.headers, **headers})

    def opened(self, **more: Any) -> str:
        answer = self.post("/cases", {**NEW, **more})
        assert answer.status_code == 201, answer.text
        return str(answer.json()["number"])

    def moved(self, number: str, what: str, **said: Any) -> Any:
        version = self.get(f"/cases/{number}").headers["etag"]
        return self.post(f"/cases/{number}/moves", {"move": what, "by": "坐席一", **said}, **{"If-Match": version})


class Office:
    """A service that keeps cases, and everybody who asks it."""

    def __init__(self, store: Store, folder: Path, client: TestClient, service: Standing) -> None:
        self.store, self.folder, self.client, self.service = store, folder, client, service
        self.centre = Asking(client, OWN)

    def caller(self, role: Role, unit: str | None = None, name: str | None = None) -> Asking:
        with self.store.sessions.begin() as session:
            token = access.new_token(session, name or f"{role} {unit}", role, unit, datetime.now(UTC))
        return Asking(self.client, token)

    def later(self, days: int) -> None:
        """The clocks of cases as they will stand; what is asked afterwards still asks now."""
        sweep(self.store, self.service.cases.desk(), datetime.now(UTC) + timedelta(days=days))


@pytest.fixture
def office(store: Store, tmp_path: Path) -> Iterator[Office]:
    service = Standing(store, tmp_path, OWN, LOADED)
    app = create_app(service)  # type: ignore[arg-type]
    with TestClient(app, base_url="http://127.0.0.1", raise_server_exceptions=False) as client:
        yield Office(store, tmp_path, client, service)


def test_a_case_goes_round_the_loop_by_the_hands_of_those_whose_move_it_is(office: Office) -> None:
    police, lead = office.caller(Role.DEPARTMENT, "police"), office.caller(Role.SHIFT_LEAD)
    number = office.centre.opened()
    assert office.centre.moved(number, "assign", unit="police").json()["unit"] == {"id": "police", "name": "县公安局"}
    assert police.moved(number, "accept", by="值班室").json()["stage"] == "handling"
    assert police.moved(number, "feedback", text="正在疏导").status_code == 200
    assert police.moved(number, "close", text="已疏通").status_code == 403
    assert police.moved(number, "report", text="已疏通").json()["stage"] == "supervised"
    assert lead.moved(number, "close", text="视频核查已恢复").json()["light"] == "green"
    whole = office.centre.moved(number, "evaluate", grade="good", satisfaction=5).json()
    assert whole["stage"] == "evaluated"
    assert [event["move"] for event in whole["events"]] == [
        "open", "assign", "accept", "feedback", "report", "close", "evaluate",
    ]  # fmt: skip
    assert whole["events"][2]["by"] == "department police: 值班室"
    assert [move["move"] for move in whole["moves"]] == ["note", "attach", "letter"]


def test_the_same_request_again_opens_nothing(office: Office) -> None:
    key = {"Idempotency-Key": "report-0001"}
    first, again = (office.centre.post("/cases", NEW, **key) for _ in range(2))
    assert (first.status_code, again.status_code) == (201, 200)
    assert first.json()["number"] == again.json()["number"]
    other = office.centre.post("/cases", {**NEW, "title": "另一件事"}, **key)
    assert other.status_code == 422
    assert "another request" in other.json()["detail"]
    assert office.centre.get("/cases/counts").json()["total"] == 1


def test_an_edit_names_what_it_has_read_and_two_at_once_collide(office: Office) -> None:
    number = office.centre.opened()
    path, assign = f"/cases/{number}/moves", {"move": "assign", "unit": "police", "by": "坐席一"}
    assert office.centre.post(path, assign).status_code == 428
    assert office.centre.post(path, assign, **{"If-Match": '"7"'}).status_code == 412
    assert office.centre.post(path, assign, **{"If-Match": "W/x"}).status_code == 412
    first = office.centre.post(path, assign, **{"If-Match": '"1"'})
    assert (first.status_code, first.headers["etag"]) == (200, '"2"')
    second = office.centre.post(path, {**assign, "unit": "fisheries"}, **{"If-Match": '"1"'})
    assert second.status_code == 412
    assert office.centre.get(f"/cases/{number}").json()["unit"]["id"] == "police"


def test_an_illegal_move_is_refused_with_the_reason(office: Office) -> None:
    number = office.centre.opened()
    answer = office.centre.moved(number, "close", text="好了")
    assert (answer.status_code, answer.headers["content-type"]) == (409, "application/problem+json")
    assert "not possible in stage received" in answer.json()["detail"]
    for what in ("open", "attach", "letter", "recompute"):
        assert office.centre.moved(number, what, reason="x").status_code == 422
    assert office.centre.moved(number, "assign", unit="police", by=None).status_code == 422
    assert office.centre.post("/cases/43062420260101000001/moves", {"move": "note", "by": "x"}, **{"If-Match": '"1"'}).status_code == 404  # fmt: skip


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"title": ""}, "title"),
        ({"title": "x" * 201}, "title"),
        ({"address": " "}, "address"),
        ({"division": "43062"}, "division"),
        ({"division": "110101"}, "division"),
        ({"occurred_at": "2026-11-26T10:00:00"}, "occurred_at"),
        ({"occurred_at": "2999-01-01T00:00:00Z"}, "occurred_at"),
        ({"lon": 112.9}, "lon"),
        ({"lon": 912.9, "lat": 28.0}, "lon"),
        ({"kind": "litter"}, "kind"),
        ({"colour": "red"}, "colour"),
    ],
)
def test_bad_input_names_the_field_and_opens_nothing(office: Office, wrong: dict[str, Any], field: str) -> None:
    answer = office.centre.post("/cases", {**NEW, **wrong})
    assert answer.status_code == 422
    assert field in answer.json()["detail"]
    assert office.centre.get("/cases/counts").json()["total"] == 0


def test_a_reporter_brings_reports_with_photos_and_sees_only_its_own(office: Office) -> None:
    grid, other = office.caller(Role.REPORTER, name="网格通"), office.caller(Role.REPORTER, name="热线")
    report = {**NEW, "source": "grid", "description": "江边有人用网捕鱼", "kind": "fishing", "by": None}
    assert grid.post("/cases", {**report, "source": None}).status_code == 422
    number = grid.post("/cases", report).json()["number"]
    brought = office.client.post(
        f"/api/v1/cases/{number}/attachments", files={"file": ("现场.png", _photo())}, headers=grid.headers
    )
    assert brought.status_code == 201, brought.text
    whole = grid.get(f"/cases/{number}").json()
    assert (whole["source"], whole["attachments"][0]["name"]) == ("grid", "现场.png")
    assert [event["move"] for event in whole["events"]] == ["open", "attach"]
    assert other.get(f"/cases/{number}").status_code == 403
    assert [case["number"] for case in grid.get("/cases").json()["cases"]] == [number]
    assert other.get("/cases").json()["cases"] == []
    assert grid.moved(number, "assign", unit="police").status_code == 403


def _photo() -> bytes:
    out = BytesIO()
    Image.new("RGB", (64, 48), (90, 120, 140)).save(out, "PNG")
    return out.getvalue()


def test_a_unit_sees_its_own_cases_and_those_below_it(office: Office) -> None:
    numbers = {unit: office.centre.opened() for unit in ("police", TOWN, VILLAGE, OTHER_TOWN)}
    for unit, number in numbers.items():
        assert office.centre.moved(number, "assign", unit=unit, co_units=["fisheries"] if unit == TOWN else []).status_code == 200  # fmt: skip
    sees = {
        "police": {"police"},
        TOWN: {TOWN, VILLAGE},
        VILLAGE: {VILLAGE},
        OTHER_TOWN: {OTHER_TOWN},
        "fisheries": {TOWN},
    }
    # All before the first asks: a new token is known within a second, and not at once.
    callers = {unit: office.caller(Role.DEPARTMENT, unit) for unit in sees}
    admin, auditor = office.caller(Role.ADMIN), office.caller(Role.AUDITOR)
    for unit, seen in sees.items():
        caller = callers[unit]
        answer = caller.get("/cases")
        assert answer.status_code == 200, answer.text
        listed = {case["number"] for case in answer.json()["cases"]}
        assert listed == {numbers[each] for each in seen}, unit
        assert caller.get("/cases/counts").json()["total"] == len(seen)
        for each, number in numbers.items():
            assert caller.get(f"/cases/{number}").status_code == (200 if each in seen else 403), (unit, each)
    assert admin.get("/cases").status_code == 403
    assert auditor.get("/cases").json()["cases"] != []


def test_a_letter_is_edited_issued_and_filed_and_its_file_never_changes(office: Office) -> None:
    police, operator = office.caller(Role.DEPARTMENT, "police"), office.caller(Role.OPERATOR)
    number = office.centre.opened()
    office.centre.moved(number, "assign", unit="police")
    office.later(60)
    letters = office.centre.get("/letters", state="draft").json()["letters"]
    assert sorted({(letter["clock"], letter["step"]) for letter in letters}) == [
        ("feedback", 0), ("feedback", 1), ("feedback", 2), ("resolve", 0), ("resolve", 1), ("resolve", 2),
    ]  # fmt: skip
    (draft,) = (each for each in letters if (each["clock"], each["step"]) == ("resolve", 0))
    path = f"/letters/{draft['id']}"
    assert draft["to"]["id"] == "police"
    assert police.get(path).status_code == 200
    assert operator.post(f"{path}/issue", {"by": "坐席"}, **{"If-Match": '"1"'}).status_code == 403
    edit = {"requirement": "请于周五前疏通并书面报告。", "contact": "督办科"}
    edited = office.centre.patch(path, edit, **{"If-Match": '"1"'})
    assert (edited.status_code, edited.json()["fields"]["requirement"]) == (200, edit["requirement"])
    assert office.centre.patch(path, edit, **{"If-Match": '"1"'}).status_code == 412
    assert office.centre.patch(path, {"new_due": "2000-01-01"}, **{"If-Match": '"2"'}).status_code == 409
    assert office.centre.patch(path, {"case_no": "1"}, **{"If-Match": '"2"'}).status_code == 422
    assert "草稿" in _text(office.centre.get(f"{path}/file").content)
    issued = office.centre.post(f"{path}/issue", {"by": "值班长"}, **{"If-Match": '"2"'}).json()
    year = datetime.now(UTC).astimezone(LOADED.registry.county.zone).year
    assert issued["doc_no"] == f"湘阴治督[{year}]001号"
    pdf = office.centre.get(f"{path}/file")
    assert pdf.headers["content-type"] == "application/pdf"
    said = _text(pdf.content)
    assert "草稿" not in said
    for text in (issued["doc_no"], number, "请于周五前疏通并书面报告。", "县公安局", "督办科"):
        assert "".join(text.split()) in said
    assert office.centre.get(f"{path}/file").content == pdf.content
    assert police.get(f"{path}/file", format="docx").content[:2] == b"PK"
    assert office.centre.post(f"{path}/issue", {"by": "值班长"}, **{"If-Match": '"2"'}).status_code == 409
    other = next(each for each in letters if (each["clock"], each["step"]) == ("resolve", 1))
    dropped = office.centre.post(
        f"/letters/{other['id']}/drop", {"by": "值班长", "reason": "已当面督办"}, **{"If-Match": '"1"'}
    )
    assert dropped.json()["state"] == "dropped"
    trail = office.centre.get(f"/cases/{number}").json()["events"]
    assert [event["said"].get("state") for event in trail if event["move"] == "letter"] == ["issued", "dropped"]
    (kept,) = (office.folder / "letters").rglob("*001*.pdf")
    kept.write_bytes(b"something else")
    assert office.centre.get(f"{path}/file").status_code == 500


def _text(pdf: bytes) -> str:
    with pymupdf.open(stream=pdf, filetype="pdf") as document:  # type: ignore[no-untyped-call]
        return "".join("".join(page.get_text().split()) for page in document)


def test_open_cases_are_counted_by_light_for_prometheus(office: Office) -> None:
    for _ in range(3):
        office.centre.opened()
    office.later(60)
    said = office.client.get("/metrics", headers=office.centre.headers).text
    assert 'patrol_cases_open{light="red"} 3.0' in said
    assert 'patrol_cases_open{light="unlit"} 0.0' in said


def test_a_month_of_cases_comes_as_figures_as_a_document_and_as_a_workbook(office: Office) -> None:
    number = office.centre.opened()
    month = f"{datetime.now(UTC).astimezone(LOADED.registry.county.zone):%Y-%m}"
    figures = office.centre.get("/case-figures", period=month)
    assert figures.status_code == 200, figures.text
    pdf = office.centre.get("/case-report", period=month)
    assert "案件" in _text(pdf.content)
    book = load_workbook(BytesIO(office.centre.get("/case-report", period=month, format="xlsx").content))
    assert number in {str(cell.value) for page in book for row in page.iter_rows() for cell in row}
    register = office.centre.get("/letter-register", year=month[:4])
    assert load_workbook(BytesIO(register.content)).worksheets[0].max_row >= 1
    assert office.centre.get("/case-report", period="2026-13").status_code == 422
    police = office.caller(Role.DEPARTMENT, "police")
    assert police.get("/case-figures", period=month).status_code == 403


def test_where_the_county_keeps_cases_itself_this_service_opens_none(store: Store, tmp_path: Path) -> None:
    loaded = parse(case_registry_text({"jam-portrait": "rtsp://127.0.0.1/x"}, system="external"), "test")
    app = create_app(Standing(store, tmp_path, OWN, loaded))  # type: ignore[arg-type]
    with TestClient(app, base_url="http://127.0.0.1") as client:
        answer = Asking(client, OWN).post("/cases", NEW)
        assert answer.status_code == 409
        assert "does not keep the cases" in answer.json()["detail"]
