"""`patrol route`, `silence` and `dispatch` as people type them: what they say, what they refuse, what they leave behind."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from click.testing import Result
from typer.testing import CliRunner

from patrol.alerts.sweep import sweep
from patrol.cli import app
from patrol.store import Store
from tests.support.county import registry_text
from tests.support.relays import REGISTRY, confirmed, state

ROOT = Path(__file__).parents[2]


def patrol(*words: str) -> Result:
    """In this process: what a command says and leaves behind is the same, and two dozen starts are saved."""
    return CliRunner().invoke(app, list(words))


def said(*words: str) -> str:
    done = patrol(*words)
    assert done.exit_code == 0, done.stderr
    return done.stdout


def test_the_dry_run_of_the_shipped_county_names_departments_limits_and_the_ladder() -> None:
    text = said(
        "route", "--kind", "fishing", "--camera", "dike-nandongting-1", "--registry", str(ROOT / "camera_registry.yaml")
    )
    assert "fisheries (县农业农村局农业综合行政执法大队（渔政）), primary" in text
    assert "public_security (县公安局), copy" in text
    assert "after 5m: county county_duty" in text
    found = json.loads(
        said(
            "route", "--kind", "fireworks", "--category", "public_squares", "--at", "2026-02-16T20:00",
            "--registry", str(ROOT / "camera_registry.yaml"), "--json",
        )
    )  # fmt: skip
    assert [t["department"] for t in found["told"]] == [
        "public_security",
        "city_management",
        "governance_centre",
    ]
    assert found["told"][0]["respond_s"] == {"received": 60, "accepted": 180, "on_scene": 1200, "disposed": 14400}
    assert found["told"][1]["respond_s"]["accepted"] is None


@pytest.mark.parametrize(
    ("words", "why"),
    [
        (("--kind", "theft"), "--kind: there is no 'theft'"),
        (("--kind", "fishing", "--camera", "nowhere"), "--camera: there is no camera 'nowhere'"),
        (("--kind", "fishing", "--category", "banks", "--rule", "none"), "--rule: there is no rule 'none'"),
        (("--kind", "fishing", "--at", "soon"), "--at: 'soon' is not an ISO 8601 time"),
        (("--kind", "fishing", "--camera", "school-lingbei", "--place", "430624"), "give it alone"),
    ],
)
def test_a_wrong_question_is_refused_with_its_place(words: tuple[str, ...], why: str) -> None:
    done = patrol("route", *words, "--registry", str(ROOT / "camera_registry.yaml"))
    assert (done.exit_code, done.stdout) == (2, "")
    assert why in done.stderr


def test_what_no_route_reaches_is_said_with_exit_1(tmp_path: Path) -> None:
    file = tmp_path / "county.yaml"
    file.write_text(registry_text({"jam-portrait": "rtsp://127.0.0.1/x"}, period="2h"), "utf-8")
    text = file.read_text("utf-8")
    narrow = "\n".join(
        line.replace("kind: congestion,", "kind: congestion, categories: [road],")
        if "kind: congestion, " in line and "to:" in line
        else line
        for line in text.splitlines()
    )
    assert narrow != text.rstrip("\n")
    file.write_text(narrow + "\n", "utf-8")
    done = patrol("route", "--kind", "congestion", "--registry", str(file))
    assert done.exit_code == 1
    assert "nobody was told; add one to `routes`" in done.stderr


def test_a_silence_is_added_listed_and_ended_by_hand(sqlite_store: Store, tmp_path: Path) -> None:
    data = ("--data", str(tmp_path))
    said("silence", "add", "--reason", "marathon", "--camera", "jam-portrait", "--for", "3h", "--by", "wang", *data)
    (row,) = json.loads(said("silence", "list", "--json", *data))
    assert (row["reason"], row["camera"], row["by"], row["holds"]) == ("marathon", "jam-portrait", "wang", 0)
    refused = patrol("silence", "add", "--reason", "all quiet", *data)
    assert (refused.exit_code, "names a kind, category, camera or place" in refused.stderr) == (2, True)
    said("silence", "end", "1", "--by", "li", *data)
    assert json.loads(said("silence", "list", "--json", *data)) == []
    again = patrol("silence", "end", "1", *data)
    assert (again.exit_code, "is over since" in again.stderr) == (2, True)


def test_a_telephone_call_is_written_down_with_number_and_outcome(sqlite_store: Store, tmp_path: Path) -> None:
    alert = confirmed(sqlite_store)
    data = ("--data", str(tmp_path))
    missed = said("phone", alert[:8], "--number", "0730-1", "--outcome", "busy", "--by", "li", *data)
    assert missed == "traffic_police: nobody was reached (busy)\n"
    made = json.loads(
        said("phone", alert, "--number", "0730-1", "--note", "on their way", "--by", "li", "--json", *data)
    )
    assert (made["taken"], made["by"], made["phone"]["outcome"]) == (True, "li", "reached")
    assert state(sqlite_store, alert) == "phoned"
    refused = patrol("phone", alert, "--number", "0730-1", "--outcome", "maybe", *data)
    assert (refused.exit_code, "no outcome 'maybe'" in refused.stderr) == (2, True)


def test_what_nobody_answers_is_listed_with_whom_was_called(sqlite_store: Store, tmp_path: Path) -> None:
    confirmed(sqlite_store)
    sweep(sqlite_store, REGISTRY, datetime.now(UTC) + timedelta(minutes=3))
    (row,) = json.loads(said("dispatch", "--json", "--data", str(tmp_path)))
    assert (row["department"], row["state"], row["rung"], row["called"]) == ("traffic_police", "told", 1, "desk")
