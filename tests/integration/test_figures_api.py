"""Figures and the ledger's proof over HTTP: who may read what, the same numbers in every form, ranges that cannot be."""

from __future__ import annotations

import csv
import io
from datetime import datetime
from pathlib import Path

import pytest
from fastapi import FastAPI
from openpyxl import load_workbook
from sqlalchemy import select

from api.app import create_app
from patrol._checking import Checking
from patrol._figures import Figures
from patrol._proof import Proof
from patrol.access import Role, Sight
from patrol.clock import Clock
from patrol.ledger import chain, roots
from patrol.ledger.day import read_day
from patrol.registry import parse
from patrol.store import Store
from patrol.store.tables import AuditRow, DailyRoot, RegistryRevision
from tests.integration.test_api import Standing
from tests.integration.test_figures import NEXT_MORNING, answered  # noqa: F401 - fixtures
from tests.support.county import wait_for
from tests.support.ledger import T0, look, unsealed
from tests.support.signed_in import signed_in
from tests.unit.ledger_day.county_day import DAY, SHANGHAI, camera, local, put_revision, registry_text
from tests.unit.report.busy_day import fill

DAYS = {"since": DAY.isoformat(), "until": DAY.isoformat()}


class Morning(Clock):
    def wall(self) -> datetime:
        return NEXT_MORNING


class Counting(Standing):
    """Of a service as much as figures and the proof need besides, on the morning after the busy day."""

    def __init__(self, store: Store, data: Path) -> None:
        with store.reading() as session:
            text = session.scalars(select(RegistryRevision.text).order_by(RegistryRevision.id.desc())).first()
        assert text is not None
        super().__init__(store, data, loaded=parse(text, "test"), sign_in=True)
        self.clock = Morning()
        self.figures = Figures(store, lambda: self.loaded, self.clock)
        self.proof = Proof(store, data, SHANGHAI, self.clock)
        self.checking = Checking(store, self.clock, self.proof.written_down)


@pytest.fixture
def county(store: Store, tmp_path: Path) -> FastAPI:
    with store.sessions.begin() as session:
        fill(session, 20)
    service = Counting(store, tmp_path)
    service.figures.look()
    return create_app(service)  # type: ignore[arg-type]


def test_the_page_the_workbook_and_the_print_say_the_same(county: FastAPI, store: Store) -> None:
    with store.reading() as session:
        report = read_day(session, DAY, NEXT_MORNING)
    with signed_in(county, Role.AUDITOR) as client:
        answer = client.get("/api/v1/figures/coverage", params=DAYS)
        assert answer.status_code == 200, answer.text
        found = answer.json()
        book = client.get("/api/v1/figures/file", params={**DAYS, "figure": "coverage", "lang": "en"})
        text = client.get("/api/v1/figures/file", params={**DAYS, "figure": "coverage", "lang": "en", "format": "csv"})
    whole = found["whole"]
    assert (whole["looks"], whole["kept"], whole["inspected"], whole["missed"]) == (
        report.overall.looks,
        report.overall.kept,
        report.overall.inspected,
        report.overall.missed,
    )
    assert whole["missed"] > 0
    assert found["uncounted"] == []
    assert found["counted_at"] is None
    assert {group["key"]: group["figures"]["looks"] for group in found["groups"]} == {
        group.key: group.figures.looks for group in report.categories
    }
    sheet = load_workbook(io.BytesIO(book.content))["Coverage"]
    head, first = ([cell.value for cell in row] for row in list(sheet.iter_rows())[:2])
    printed = dict(zip(head, first, strict=True))
    assert (printed["Look-days"], printed["Missed"]) == (whole["looks"], whole["missed"])
    assert printed["Coverage by gap, all"] == pytest.approx(report.overall.coverage)
    rows = list(csv.DictReader(io.StringIO(text.content.decode("utf-8-sig"))))
    assert rows[0]["Missed"] == str(whole["missed"])
    assert len(rows) == 1 + len(found["groups"])


def test_the_list_behind_the_number_goes_on_page_by_page(county: FastAPI) -> None:
    with signed_in(county, Role.SHIFT_LEAD) as client:
        whole = client.get("/api/v1/figures/coverage/looks", params={**DAYS, "limit": 500}).json()
        pages, cursor = [], None
        while True:
            more = {"cursor": cursor} if cursor else {}
            page = client.get("/api/v1/figures/coverage/looks", params={**DAYS, "limit": 7, **more}).json()
            pages += page["items"]
            cursor = page["next"]
            if cursor is None:
                break
        roads = client.get("/api/v1/figures/coverage/looks", params={**DAYS, "key": "roads", "limit": 500}).json()
    assert pages == whole["items"]
    assert whole["next"] is None
    assert {each["category"]["en"] for each in roads["items"]} == {"Main roads"}


def test_a_figure_of_cameras_that_one_may_not_see_leaves_them_out(county: FastAPI) -> None:
    sight = Sight(platforms=frozenset({"fishery"}))
    with signed_in(county, Role.OPERATOR, name="shore", sight=sight) as client:
        found = client.get("/api/v1/figures/coverage", params={**DAYS, "by": "platform"}).json()
        refused = client.get("/api/v1/ledger/day-report", params={"day": str(DAY)})
    with signed_in(county, Role.OPERATOR) as client:
        everything = client.get("/api/v1/figures/coverage", params={**DAYS, "by": "platform"}).json()
    assert [group["key"] for group in found["groups"]] == ["fishery"]
    assert found["whole"] == next(g["figures"] for g in everything["groups"] if g["key"] == "fishery")
    assert found["whole"]["looks"] < everything["whole"]["looks"]
    assert refused.status_code == 403


def test_every_figure_answers_readers_and_refuses_the_others(county: FastAPI) -> None:
    for role in Role:
        with signed_in(county, role, unit="police" if role is Role.DEPARTMENT else None) as client:
            for figure in (
                "coverage",
                "coverage/looks",
                "incidents",
                "false-alarms",
                "response",
                "departments",
                "spot-checks",
            ):
                status = client.get(f"/api/v1/figures/{figure}", params=DAYS).status_code
                reads = role in {Role.OPERATOR, Role.SHIFT_LEAD, Role.AUDITOR}
                own = role is Role.DEPARTMENT and figure in {"response", "departments"}
                assert status == (200 if reads or own else 403), (role, figure)


def test_every_figure_comes_as_a_workbook_and_as_text(county: FastAPI) -> None:
    with signed_in(county, Role.AUDITOR) as client:
        for figure in ("coverage", "incidents", "false-alarms", "response", "departments", "spot-checks"):
            for lang in ("zh", "en"):
                asked = {**DAYS, "figure": figure, "lang": lang}
                book = client.get("/api/v1/figures/file", params=asked)
                text = client.get("/api/v1/figures/file", params={**asked, "format": "csv"})
                sheets = load_workbook(io.BytesIO(book.content))
                assert f"{figure}-{DAY}-{DAY}-{lang}.xlsx" in book.headers["content-disposition"]
                first = list(csv.reader(io.StringIO(text.content.decode("utf-8-sig"))))
                second = [[cell.value for cell in row] for row in sheets[sheets.sheetnames[1]].iter_rows()]
                assert first[0] == second[0]
                assert len(first) == len(second)


def test_a_department_sees_its_own_response_and_nobody_else_s(answered: Store, tmp_path: Path) -> None:  # noqa: F811
    app = create_app(Counting(answered, tmp_path))  # type: ignore[arg-type]
    with signed_in(app, Role.DEPARTMENT, unit="police") as client:
        mine = client.get("/api/v1/figures/response", params=DAYS).json()
        theirs = client.get("/api/v1/figures/departments", params=DAYS).json()
    with signed_in(app, Role.DEPARTMENT, name="shore", unit="fishery") as client:
        other = client.get("/api/v1/figures/response", params=DAYS).json()
        fishery = client.get("/api/v1/figures/departments", params=DAYS).json()
    assert [group["key"] for group in mine["groups"]] == ["police"]
    assert mine["whole"]["matters"] == 5
    assert other["whole"]["matters"] == 0
    assert [each["id"] for each in theirs["departments"]] == ["police"]
    assert [each["id"] for each in fishery["departments"]] == ["fishery"]


def test_days_that_cannot_be_counted_are_refused_with_the_reason(county: FastAPI) -> None:
    with signed_in(county, Role.AUDITOR) as client:
        for asked, says in (
            ({"since": "2026-11-20", "until": "2026-11-19"}, "change places"),
            ({"since": "2027-01-01", "until": "2027-01-02"}, "has not begun"),
            ({"since": "2024-01-01", "until": "2026-11-20"}, "more than 366 days"),
            ({"since": "yesterday"}, "since"),
            ({"by": "weather"}, "by"),
        ):
            answer = client.get("/api/v1/figures/coverage", params=asked)
            book = client.get("/api/v1/figures/file", params={**asked, "figure": "coverage"})
            assert answer.status_code == book.status_code == 422, asked
            assert says in answer.text


def test_an_auditor_walks_through_the_ledger_and_finds_what_was_changed(store: Store, tmp_path: Path) -> None:
    with store.sessions.begin() as session:
        put_revision(session, registry_text(camera("cam-0")), T0)
        chain.begin(session, T0)
    visit = look(store, 1)
    look(store, 2)
    service = Counting(store, tmp_path)
    app = create_app(service)  # type: ignore[arg-type]

    def walked() -> dict[str, object] | None:
        check = client.get("/api/v1/ledger/state").json()["check"]
        return check if check["state"] != "running" else None

    with signed_in(app, Role.AUDITOR) as client:
        assert client.get("/api/v1/ledger/state").json()["check"] is None
        assert client.post("/api/v1/ledger/checks").status_code == 202
        whole = wait_for("the walk", walked, 30, every_s=0.05)
        unsealed(store, "UPDATE visit SET outcome = 'missed' WHERE id = :id", id=visit)
        assert client.post("/api/v1/ledger/checks").status_code == 202
        broken = wait_for("the walk", walked, 30, every_s=0.05)
    assert (whole["state"], whole["found"]) == ("whole", 0)
    assert whole["done"] == whole["total"] > 0
    assert (broken["state"], broken["found"]) == ("broken", 1)
    assert broken["problems"][0]["ref"] == visit  # type: ignore[index]
    with store.reading() as session:
        deeds = session.scalars(select(AuditRow).where(AuditRow.action == "ledger.check")).all()
    assert [(row.who, row.kind) for row in deeds] == [("a-auditor", "ledger")] * 2


def test_the_roots_are_listed_newest_first_and_the_day_s_log_is_the_printed_one(
    county: FastAPI,
    store: Store,
) -> None:
    with store.sessions.begin() as session:
        for day in ("2026-11-18", "2026-11-19"):
            session.add(
                DailyRoot(
                    day=day,
                    first_position=1,
                    last_position=2,
                    last_hash="a" * 64,
                    root="b" * 64,
                    made_at=local("00:01"),
                )
            )
        assert roots.latest(session) is not None
    with signed_in(county, Role.ADMIN) as client:
        first = client.get("/api/v1/ledger/roots", params={"limit": 2}).json()
        rest = client.get("/api/v1/ledger/roots", params={"limit": 2, "cursor": first["next"]}).json()
        printed = client.get("/api/v1/ledger/day-report", params={"day": str(DAY)})
        before = client.get("/api/v1/ledger/day-report", params={"day": "2020-01-01"})
    assert [row["day"] for row in first["items"] + rest["items"]] == ["2026-11-20", "2026-11-19", "2026-11-18"]
    assert rest["next"] is None
    assert printed.content.startswith(b"%PDF")
    assert before.status_code == 404
