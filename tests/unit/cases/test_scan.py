"""The scanner as a real process: shell scripts with a scanner's exit codes, which are no virus scanners."""

from __future__ import annotations

import os
import time
from pathlib import Path

import pytest
from structlog.testing import capture_logs

from patrol.cases._refused import AttachmentError
from patrol.cases._scan import scan
from tests.support import papers


def script(folder: Path, body: str) -> tuple[str, ...]:
    file = folder / "scanner.sh"
    file.write_text(body, "utf-8")
    return ("sh", str(file))


def given(folder: Path, data: bytes) -> Path:
    file = folder / "file with a space"
    file.write_bytes(data)
    return file


def test_a_clean_file_is_clean_and_an_infected_one_refused(tmp_path: Path) -> None:
    command = script(tmp_path, papers.SCANNER)
    assert scan(command, given(tmp_path, b"hello")) == "clean"
    with pytest.raises(AttachmentError, match="found malware") as error:
        scan(command, given(tmp_path, papers.EICAR))
    assert error.value.why == "infected"


@pytest.mark.parametrize(("body", "why"), [("exit 2", "it ended with 2"), ("kill -9 $$", "it ended with -9")])
def test_a_scanner_that_fails_leaves_the_file_not_checked_and_the_log_says_so(
    body: str, why: str, tmp_path: Path
) -> None:
    with capture_logs() as said:
        assert scan(script(tmp_path, body), given(tmp_path, b"x")) == "not_checked"
    assert [(line["event"], line["why"]) for line in said] == [("attachment not checked for malware", why)]


def test_a_scanner_that_is_not_there_leaves_the_file_not_checked(tmp_path: Path) -> None:
    with capture_logs() as said:
        assert scan(("/nowhere/clamdscan",), given(tmp_path, b"x")) == "not_checked"
    assert "cannot be started" in said[0]["why"]


def test_no_scanner_is_not_checked_and_no_word_in_the_log(tmp_path: Path) -> None:
    with capture_logs() as said:
        assert scan((), given(tmp_path, b"x")) == "not_checked"
    assert said == []


def test_a_scanner_that_hangs_is_ended_with_all_it_started(tmp_path: Path) -> None:
    pids = tmp_path / "pids"
    command = script(tmp_path, f"sleep 300 & echo $$ $! > {pids}; wait")
    with capture_logs() as said:
        assert scan(command, given(tmp_path, b"x"), limit_s=1.0) == "not_checked"
    assert said[0]["why"] == "it took longer than 1 s"
    started = [int(pid) for pid in pids.read_text().split()]
    assert len(started) == 2
    deadline = time.monotonic() + 10
    while any(runs(pid) for pid in started):
        assert time.monotonic() < deadline, f"still running: {started}"
        os.sched_yield()


def runs(pid: int) -> bool:
    """Whether a process runs; one that has ended and waits to be collected by a parent that does not care has ended."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False


def test_a_scanner_gets_none_of_the_services_secrets(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATROL_TOKEN", "a-secret-of-this-test")
    command = script(tmp_path, f"env > {tmp_path}/seen")
    assert scan(command, given(tmp_path, b"x")) == "clean"
    assert "a-secret-of-this-test" not in (tmp_path / "seen").read_text()
