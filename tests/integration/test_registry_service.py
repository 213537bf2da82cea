"""The registry edited while a real service patrols by it: the rotation follows, the file stays the truth over a restart."""

from __future__ import annotations

import json
import subprocess
import sys
import urllib.error
import urllib.request
from pathlib import Path
from typing import Any

import pytest

from tests.support.county import Patrol, free_port, registry_text, wait_for


@pytest.fixture
def patrol(tmp_path: Path):  # type: ignore[no-untyped-def]
    registry = tmp_path / "etc" / "registry.yaml"
    registry.parent.mkdir()
    dead = {name: f"rtsp://127.0.0.1:{free_port()}/{name}" for name in ("gate", "bank")}
    registry.write_text(registry_text(dead, period="1h"), "utf-8")
    service = Patrol(registry, tmp_path / "data", None, model=None)
    service.start()
    yield service
    service.stop()


def ask(
    patrol: Patrol, token: str, method: str, path: str, body: Any = None, base: str | None = None
) -> tuple[int, Any]:
    request = urllib.request.Request(
        f"http://127.0.0.1:{patrol.port}/api/v1/registry{path}",
        json.dumps(body).encode() if body is not None else None,
        {
            "Authorization": f"Bearer {token}",
            "Content-Type": "application/json",
            **({"If-Match": f'"{base}"'} if base else {}),
        },
        method=method,
    )
    try:
        with urllib.request.urlopen(request, timeout=30) as answer:
            return answer.status, json.loads(answer.read())
    except urllib.error.HTTPError as error:
        return error.code, json.loads(error.read())


def test_an_edit_reaches_the_rotation_and_outlives_a_restart(patrol: Patrol) -> None:
    words = ["token", "new", "desk", "--role", "admin", "--data", str(patrol.data), "--registry", str(patrol.registry)]
    made = subprocess.run([sys.executable, "-m", "patrol.cli", *words], capture_output=True, text=True, check=True)
    token = made.stdout.strip()
    status, state = wait_for("the token is known", lambda: (a := ask(patrol, token, "GET", ""))[0] == 200 and a, 20)
    assert (status, state["cameras"]) == (200, 2)
    new = {
        "id": "north",
        "name": "North",
        "platform": "test",
        "source": f"rtsp://127.0.0.1:{free_port()}/north",
        "categories": ["water"],
        "place": {"address": "north"},
    }
    body = {"operations": [{"op": "add", "path": ["cameras"], "value": new}], "reason": "a new camera"}
    status, done = ask(patrol, token, "POST", "/edits", body, state["sha256"])
    assert status == 200, done
    assert {look["camera"] for look in patrol.get("/api/v1/looks")["items"]} == {"gate", "bank", "north"}
    assert "  - id: north\n" in patrol.registry.read_text("utf-8")
    # The service's own look at the file every two seconds takes nothing for a hand edit that the desk wrote.
    text = patrol.registry.read_text("utf-8").replace("name: North", "name: By hand")
    patrol.registry.write_text(text, "utf-8")
    wait_for("the hand edit is in force", lambda: "By hand" in str(patrol.get("/api/v1/looks")), 20)
    rows = ask(patrol, token, "GET", "/revisions")[1]["items"]
    assert [(row["kind"], row["who"], row["reason"]) for row in rows] == [
        ("by_hand", None, None),
        ("edit", "desk", "a new camera"),
        ("by_hand", None, None),
    ]
    assert patrol.terminate() == 0
    patrol.start()
    rows = ask(patrol, token, "GET", "/revisions")[1]["items"]
    assert len(rows) == 3
    assert ask(patrol, token, "GET", "/cameras/north")[1]["entry"]["name"] == "By hand"
