"""One bad stream harms nothing else: workers that hang, crash or are killed, and a supervisor that dies."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

from patrol.visits.order import VisitOrder
from patrol.visits.report import Cause, Outcome, VisitReport
from tests.support.looks import attempts
from tests.support.pools import Reports, gone, orders, pool_of, until

ROOT = Path(__file__).resolve().parents[2]


def test_a_look_that_hangs_is_killed_and_its_neighbour_runs_again(tmp_path: Path) -> None:
    gate, log = tmp_path / "gate", tmp_path / "log"
    (hangs,) = orders(log, "hang", hard_limit_s=2)
    neighbour, later = (VisitOrder(key, f"wait {gate}", evidence_dir=log) for key in ("neighbour", "later"))
    reports = Reports()
    with pool_of(reports, workers=1, slots=2) as pool:
        pool.submit(neighbour)
        pool.submit(hangs)
        until(lambda: attempts(hangs) and attempts(neighbour))
        (first,) = attempts(hangs)
        assert attempts(neighbour) == [first], "both in one worker"
        report = reports.of(hangs)
        assert (report.outcome, report.cause) == (Outcome.UNREACHABLE, Cause.OVERRUN)
        assert report.detail is not None
        assert "2 s" in report.detail
        assert report.cost.wall_s >= 2
        assert gone(first), "the worker that hung is dead"
        pool.submit(later)
        until(lambda: len(attempts(neighbour)) == 2)
        gate.touch()
        assert reports.of(neighbour).outcome is Outcome.INSPECTED
        assert reports.of(later).outcome is Outcome.INSPECTED
    assert attempts(neighbour)[1] != first
    assert all(len(r) == 1 for r in reports.by_id.values())
    assert len(attempts(hangs)) == 1, "a look that overran is not tried again"


def test_a_crash_is_pinned_on_the_look_that_causes_it(tmp_path: Path) -> None:
    gate, log = tmp_path / "gate", tmp_path / "log"
    innocent = [VisitOrder(f"innocent-{n}", f"wait {gate}", evidence_dir=log) for n in range(2)]
    (crashes,) = orders(log, "abort")
    reports = Reports()
    with pool_of(reports, workers=1, slots=3) as pool:
        for order in innocent:
            pool.submit(order)
        until(lambda: all(attempts(order) for order in innocent))
        pool.submit(crashes)
        until(lambda: attempts(crashes))
        (first,) = set(attempts(innocent[0]) + attempts(innocent[1]))
        until(lambda: gone(first))
        gate.touch()
        report = reports.of(crashes)
        assert (report.outcome, report.cause) == (Outcome.UNREACHABLE, Cause.CRASHED)
        for order in innocent:
            assert reports.of(order).outcome is Outcome.INSPECTED
    assert all(len(r) == 1 for r in reports.by_id.values())
    assert len(attempts(crashes)) == 2
    alone = [attempts(order)[1] for order in (crashes, *innocent)]
    assert len(set(alone)) == 3, "each suspect ran again in a worker of its own"
    assert all(gone(pid) for pid in alone)


def test_a_look_that_crashes_by_chance_gets_its_report(tmp_path: Path) -> None:
    reports, (order,) = Reports(), orders(tmp_path / "log", "abort once")
    with pool_of(reports) as pool:
        pool.submit(order)
        assert reports.of(order).outcome is Outcome.INSPECTED
    first, second = attempts(order)
    assert first != second
    assert gone(first)


def test_a_worker_killed_from_outside_loses_no_look(tmp_path: Path) -> None:
    """What the kernel does when memory runs out."""
    gate = tmp_path / "gate"
    reports, given = Reports(), orders(tmp_path / "log", *[f"wait {gate}"] * 4)
    with pool_of(reports, workers=2, slots=2) as pool:
        for order in given:
            pool.submit(order)
        until(lambda: all(attempts(order) for order in given))
        (victim,) = attempts(given[0])
        os.kill(victim, signal.SIGKILL)
        until(lambda: gone(victim))
        gate.touch()
        assert {reports.of(order).outcome for order in given} == {Outcome.INSPECTED}
        until(lambda: len(pool.pids()) == 2 and victim not in pool.pids())
    assert all(len(r) == 1 for r in reports.by_id.values())
    assert sorted(len(attempts(order)) for order in given) == [1, 1, 2, 2]


def test_a_stopped_worker_is_replaced(tmp_path: Path) -> None:
    """A process that no longer moves at all: its own threads cannot notice, the supervisor's clock does."""
    reports, (order,) = Reports(), orders(tmp_path / "log", "sleep 1", hard_limit_s=3)
    with pool_of(reports) as pool:
        pool.submit(order)
        until(lambda: attempts(order))
        (victim,) = attempts(order)
        os.kill(victim, signal.SIGSTOP)
        assert reports.of(order).cause is Cause.OVERRUN
        until(lambda: gone(victim))


def test_workers_leave_interrupts_to_their_parent(tmp_path: Path) -> None:
    gate = tmp_path / "gate"
    reports, (order,) = Reports(), orders(tmp_path / "log", f"wait {gate}")
    with pool_of(reports) as pool:
        pool.submit(order)
        until(lambda: attempts(order))
        (pid,) = attempts(order)
        for number in (signal.SIGINT, signal.SIGTERM):
            os.kill(pid, number)
        gate.touch()
        assert reports.of(order).outcome is Outcome.INSPECTED
        assert pool.pids() == (pid,)
    assert attempts(order) == [pid]


def test_a_report_nobody_can_take_costs_no_other(tmp_path: Path) -> None:
    taken, given = Reports(), orders(tmp_path / "log", "answer", "answer", "hang", "hang", hard_limit_s=3)
    refused: list[str] = []

    def listen(order: VisitOrder, report: VisitReport) -> None:
        if order in (given[0], given[2]):
            refused.append(order.id)
            raise OSError("the disk is full")
        taken(order, report)

    with pool_of(listen, workers=1, slots=4) as pool:
        for order in given:
            pool.submit(order)
        taken.of(given[1])
        assert taken.of(given[3]).cause is Cause.OVERRUN
    assert sorted(refused) == [given[0].id, given[2].id]


def test_a_model_that_kills_its_worker_is_left_out(tmp_path: Path) -> None:
    said: list[str] = []
    reports, (order,) = Reports(), orders(tmp_path / "log", "answer")
    look = "tests.support.looks_without_model:act"
    with pool_of(reports, model="/models/deadly.onnx", look=look, on_problem=said.append) as pool:
        pool.submit(order)
        (absent,) = reports.of(order).not_run
    assert "deadly.onnx" in absent.reason
    assert len(said) == 1


def test_no_worker_outlives_its_supervisor(tmp_path: Path) -> None:
    script = (
        "import sys, pathlib\n"
        "from tests.support.pools import Reports, orders, until\n"
        "from tests.support.looks import LOOK, attempts\n"
        "from patrol.visits.pool import WorkerPool\n"
        "pool = WorkerPool(workers=2, slots=2, model=None, on_report=Reports(), look=LOOK)\n"
        "pool.start()\n"
        "given = orders(pathlib.Path(sys.argv[1]), *['hang'] * 4)\n"
        "for order in given: pool.submit(order)\n"
        "until(lambda: all(attempts(order) for order in given))\n"
        "print(*pool.pids(), flush=True)\n"
        "sys.stdin.read()\n"
    )
    command = [sys.executable, "-c", script, str(tmp_path / "log")]
    with subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as supervisor:
        assert supervisor.stdout is not None
        pids = [int(pid) for pid in supervisor.stdout.readline().split()]
        assert len(pids) == 2
        assert not any(gone(pid) for pid in pids), "they hang, as they should"
        supervisor.kill()
        supervisor.wait()
        until(lambda: all(gone(pid) for pid in pids))
