"""A backup of a real service that goes on looking, and the service that goes on from it."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest

from tests.support.command import patrol as command
from tests.support.county import CLIPS, Patrol, registry_text, wait_for
from tests.support.databases import Postgres
from tests.support.footage import CLIPS as FOOTAGE
from tests.support.rtsp import RtspServer, loop

CAMERAS = ("street-walk", "yard-night", "square-burst")


@pytest.mark.footage
@pytest.mark.timeout(900)
def test_a_backup_made_while_the_service_writes_is_restored_and_the_patrol_goes_on_from_it(
    database_url: str, tmp_path: Path, request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch
) -> None:
    again: str | None = None
    if database_url.startswith("postgres"):
        server: Postgres = request.getfixturevalue("postgres")
        again = server.new()
    files = {camera: loop(FOOTAGE / CLIPS[camera][0], tmp_path / f"{camera}.ts") for camera in CAMERAS}
    rtsp = RtspServer(files)
    registry = tmp_path / "registry.yaml"
    text = registry_text({name: rtsp.url(name) for name in files}, period="8s", dwell="2s")
    # Every clear look is put before people, so that every look keeps files.
    registry.write_text(text + "spot_checks: {share: 1.0}\n", "utf-8")
    service = Patrol(registry, tmp_path / "data", None, model=None, extra=("--database", database_url))
    monkeypatch.setenv("PATROL_DATABASE", database_url)
    service.start()
    try:
        wait_for("looks are written", lambda: len(service.cli("visits", "--limit", "500")) >= 6, 300)
        backups = [service.cli("backup", str(tmp_path / "backups"), "--registry", str(registry))]
        at_first = backups[0]["chain"]["position"]
        wait_for("it wrote on", lambda: len(service.cli("visits", "--limit", "500")) >= at_first + 4, 300)
        backups.append(service.cli("backup", str(tmp_path / "backups"), "--registry", str(registry)))
    finally:
        service.stop()
    last = backups[-1]
    assert last["problems"] == []
    assert last["linked_bytes"] > 0
    assert last["chain"]["position"] > at_first
    assert len(service.cli("visits", "--limit", "500")) > 0

    target = tmp_path / "restored"
    words = ["restore", last["folder"], "--data", str(target), "--manifest-sha256", last["manifest_sha256"]]
    code, _, err = command(*words, *(["--database", again] if again else []), cwd=tmp_path, timeout=120)
    assert code == 0, err
    kept = sorted(file.relative_to(target) for file in (target / "evidence").rglob("*") if file.is_file())
    assert kept
    for file in kept:
        assert (target / file).read_bytes() == (tmp_path / "data" / file).read_bytes(), file

    if again:
        monkeypatch.setenv("PATROL_DATABASE", again)
    else:
        monkeypatch.delenv("PATROL_DATABASE")
    goes_on = Patrol(
        target / "registry" / "camera_registry.yaml", target, None, model=None,
        extra=("--database", again) if again else (),
    )  # fmt: skip
    assert verified(goes_on)["head"] == last["chain"]["hash"]
    goes_on.start()
    try:
        wait_for("it looks on", lambda: verified(goes_on)["links"] > last["chain"]["position"] + 3, 300)
    finally:
        goes_on.stop()
    assert verified(goes_on)["holds"]
    checked = goes_on.cli("retention", "verify", "--share", "1")
    assert (checked["holds"], checked["kept"] >= len(kept)) == (True, True)
    assert os.environ.get("PATROL_DATABASE") == again


def verified(service: Patrol) -> Any:
    """The whole ledger walked, its files read."""
    return service.cli("ledger", "verify", "--evidence")
