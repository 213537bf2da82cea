"""An operator's work on a running demo, in a real browser: from the flag to what the department has done, a second one beside."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

import paho.mqtt.publish as mqtt
import pytest

from tests.support.county import free_port
from tests.support.journeys import CONSOLE, demo


@pytest.mark.timeout(500)
def test_an_operator_works_by_keyboard_from_a_flag_to_disposed_and_a_second_one_stays_out(tmp_path: Path) -> None:
    broker = free_port()
    with demo(tmp_path, "--mqtt-port", str(broker)) as running:
        browser = subprocess.Popen(
            ["node", "e2e/review.mjs", running.url, str(tmp_path)],
            cwd=CONSOLE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        )  # fmt: skip
        try:
            assert browser.stdout is not None
            asked = browser.stdout.readline().split()
            if asked:
                _, _incident, alert, department = asked
                for status in ("on_scene", "disposed"):
                    answer = json.dumps({"alert": alert, "status": status, "by": "值班室"})
                    mqtt.single(f"patrol/v1/demo/ack/{department}", answer, qos=1, hostname="127.0.0.1", port=broker)
            _, errors = browser.communicate(timeout=180)
        finally:
            browser.kill()
        assert browser.returncode == 0, errors
