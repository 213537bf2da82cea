"""An operator's work on a running demo, in a real browser: from the flag to what the department has done, a second one beside."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import paho.mqtt.publish as mqtt
import pytest

from tests.support.county import free_port, wait_for

CONSOLE = Path(__file__).parents[2] / "console"


@pytest.mark.timeout(300)
def test_an_operator_works_by_keyboard_from_a_flag_to_disposed_and_a_second_one_stays_out(tmp_path: Path) -> None:
    port, broker = free_port(), free_port()
    address = f"http://127.0.0.1:{port}"
    said = tmp_path / "said"
    words = ["demo", "--listen", f"127.0.0.1:{port}", "--mqtt-port", str(broker), "--data", str(tmp_path / "demo")]
    with said.open("wb") as out:
        demo = subprocess.Popen([sys.executable, "-m", "patrol.cli", *words], stderr=out)
    try:
        wait_for("the line that says where to look", lambda: address in said.read_text(), 60)
        browser = subprocess.Popen(
            ["node", "e2e/review.mjs", address, str(tmp_path)],
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
            _, errors = browser.communicate(timeout=120)
        finally:
            browser.kill()
        assert browser.returncode == 0, errors
        demo.terminate()
        assert demo.wait(45) == 0
    finally:
        if demo.poll() is None:
            demo.kill()
            demo.wait(10)
