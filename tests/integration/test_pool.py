"""The pool with real processes: every order is reported once, limits hold, nothing is left behind."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from bench.bad_pictures import encoded, noisy
from patrol.visits import pool as pool_module
from patrol.visits._messages import LOOK
from patrol.visits.order import VisitOrder
from patrol.visits.report import Outcome
from tests.support.looks import attempts
from tests.support.pools import Reports, gone, orders, pool_of, until


def test_every_order_is_reported_once(tmp_path: Path) -> None:
    reports, given = Reports(), orders(tmp_path / "log", *["answer"] * 12)
    with pool_of(reports, workers=2, slots=2) as pool:
        for order in given:
            pool.submit(order)
        assert [reports.of(order).outcome for order in given] == [Outcome.INSPECTED] * 12
        until(lambda: not pool.running())
    assert {key: len(r) for key, r in reports.by_id.items()} == {order.id: 1 for order in given}
    assert all(len(attempts(order)) == 1 for order in given)


def test_free_and_running_tell_what_is_under_way(tmp_path: Path) -> None:
    gate = tmp_path / "gate"
    reports, given = Reports(), orders(tmp_path / "log", *[f"wait {gate}"] * 3)
    with pool_of(reports, workers=1, slots=2) as pool:
        assert pool.free() == 2
        for order in given:
            pool.submit(order)
        until(lambda: attempts(given[0]) and attempts(given[1]))
        assert pool.free() == 0
        assert {order.id for order in pool.running()} == {order.id for order in given}
        assert not attempts(given[2]), "two slots hold two looks"
        gate.touch()
        for order in given:
            reports.of(order)
        until(lambda: pool.free() == 2 and not pool.running())


def test_a_model_that_does_not_load_is_said_to_each_look(tmp_path: Path) -> None:
    broken = tmp_path / "model.onnx"
    broken.write_bytes(b"no model")
    said: list[str] = []
    reports, given = Reports(), orders(tmp_path / "log", "answer")
    with pool_of(reports, model=str(broken), on_problem=said.append) as pool:
        pool.submit(given[0])
        (absent,) = reports.of(given[0]).not_run
    assert "model.onnx" in absent.reason
    assert said
    assert "model.onnx" in said[0]


def test_close_lets_looks_under_way_finish(tmp_path: Path) -> None:
    gate = tmp_path / "gate"
    reports, given = Reports(), orders(tmp_path / "log", "sleep 0.5", f"wait {gate}", "answer")
    with pool_of(reports, workers=1, slots=2) as pool:
        for order in given:
            pool.submit(order)
        until(lambda: attempts(given[0]) and attempts(given[1]))
        pids = pool.pids()
        pool.close(3)
        assert len(reports.by_id[given[0].id]) == 1
        assert given[1].id not in reports.by_id, "it was cut off"
        assert not attempts(given[2]), "what had not begun does not begin"
        assert pids
        assert all(gone(pid) for pid in pids)


def test_no_file_descriptor_is_left_behind(tmp_path: Path) -> None:
    def once() -> None:
        reports, given = Reports(), orders(tmp_path / "log", "answer")
        with pool_of(reports) as pool:
            pool.submit(given[0])
            reports.of(given[0])

    once()
    before = len(os.listdir("/proc/self/fd"))  # noqa: PTH208 - the entry of the listing itself must count both times
    once()
    assert len(os.listdir("/proc/self/fd")) == before  # noqa: PTH208


def test_a_worker_is_replaced_after_many_looks(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pool_module, "_LOOKS_A_WORKER", 2)
    reports, given = Reports(), orders(tmp_path / "log", *["answer"] * 5)
    with pool_of(reports, workers=1, slots=1) as pool:
        for order in given:
            pool.submit(order)
            reports.of(order)
    pids = [attempts(order)[0] for order in given]
    assert pids[0] == pids[1]
    assert pids[2] == pids[3]
    assert len({pids[0], pids[2], pids[4]}) == 3


def test_a_real_look_goes_through_a_worker(tmp_path: Path) -> None:
    import numpy as np

    rng = np.random.default_rng(4)
    scene = rng.integers(40, 200, (18, 32, 3), np.uint8).repeat(20, 0).repeat(20, 1)
    clip = tmp_path / "clip.mkv"
    clip.write_bytes(encoded([noisy(scene, 3, rng) for _ in range(50)]))
    reports = Reports()
    with pool_of(reports, look=LOOK, model_problem="no model is configured") as pool:
        order = VisitOrder("real", str(clip), dwell_s=2)
        pool.submit(order)
        report = reports.of(order)
    assert report.outcome is Outcome.INSPECTED, report.detail
    assert report.decoded == 50
    assert {n.reason for n in report.not_run} == {"no model is configured"}
    assert report.cost.cpu_s > 0
