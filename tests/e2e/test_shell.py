"""The console's frame in a real browser: coming in by a one-time link, a session that ends in mid-work, a service that restarts."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from tests.support.county import Patrol, free_port, registry_text, wait_for
from tests.support.journeys import CONSOLE


@pytest.mark.timeout(400)
def test_people_come_in_and_lose_nothing_when_their_session_ends_or_the_service_restarts(tmp_path: Path) -> None:
    registry = tmp_path / "registry.yaml"
    registry.write_text(registry_text({"gate": f"rtsp://127.0.0.1:{free_port()}/x"}, period="2h"), "utf-8")
    patrol = Patrol(registry, tmp_path / "data", None, model=None, extra=("--sign-in",))
    patrol.start()
    url = f"http://127.0.0.1:{patrol.port}"
    browser: subprocess.Popen[str] | None = None
    try:
        wait_for("the first admin's link is said", lambda: f"{url}/enter#" in patrol.log(), 30)
        said = patrol.log()
        admin = said[said.index(f"{url}/enter#") :].split()[0]
        made = patrol.cli("user", "add", "li-na", "--role", "operator", "--base", url, "--registry", str(registry))

        browser = subprocess.Popen(
            ["node", "e2e/shell.mjs", url, str(tmp_path), made["link"], admin],
            cwd=CONSOLE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        )  # fmt: skip
        assert browser.stdout is not None
        heard = browser.stdout.readline().strip()
        if heard == "stop":
            assert patrol.terminate() == 0
            heard = browser.stdout.readline().strip()
        if heard == "start":
            patrol.start()
        _, errors = browser.communicate(timeout=240)
        assert browser.returncode == 0, errors
    finally:
        if browser is not None:
            browser.kill()
        patrol.stop()
