"""What goes on beside the rotation: outlook, proof, figures, dispatch, cases, what is kept, copies of evidence. Woken, never waited for."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from patrol import _cases, _dispatcher, _figures, _keeping
from patrol._board import Board
from patrol._checking import Checking
from patrol._in_force import InForce
from patrol._outlook import Outlook, every_s
from patrol._proof import EVERY_S, Proof
from patrol._waker import Waker
from patrol.clock import Clock
from patrol.evidence.copier import Copier
from patrol.rotation import Planner
from patrol.store import Store


@dataclass(frozen=True, slots=True)
class Beside:
    """The parts, each with a look of its own at its own pace.

    Attributes:
        stop: ends them, the last first.
    """

    outlook: Outlook
    proof: Proof
    figures: _figures.Figures
    checking: Checking
    dispatcher: _dispatcher.Dispatcher
    cases: _cases.Cases
    keeping: _keeping.Keeping
    copier: Copier
    stop: tuple[Callable[[], None], ...]


def go_on_beside(
    waker: Waker,
    *,
    store: Store,
    data: Path,
    planner: Planner,
    lock: threading.RLock,
    in_force: InForce,
    clock: Clock,
    board: Board,
    mqtt_url: str,
    wake_relay: Callable[[], None],
) -> Beside:
    """Make the parts and have them woken; nothing runs before the waker is started but the copier, which has its own thread."""
    told = (store, lambda: in_force.registry, clock.wall, board)
    proof = Proof(store, data, in_force.registry.county.zone, clock)
    proof.look()
    found = Beside(
        outlook=Outlook(planner, lock, in_force, clock, board),
        proof=proof,
        figures=_figures.Figures(store, lambda: in_force.loaded, clock),
        checking=Checking(store, clock, proof.written_down),
        dispatcher=_dispatcher.Dispatcher(*told, wake_relay),
        cases=(cases := _cases.Cases(*told, mqtt_url)),
        keeping=(keeping := _keeping.Keeping(*told, data)),
        copier=(copier := Copier(store, data, told[1], clock.wall, board.tell)),
        stop=(cases.stop, copier.stop, waker.stop, keeping.stop),
    )
    waker.every(every_s(in_force.longest_period_s()), found.outlook.look_ahead)
    waker.every(EVERY_S, proof.look)
    waker.every(_figures.EVERY_S, found.figures.look)
    waker.every(_dispatcher.EVERY_S, found.dispatcher.look)
    waker.every(_cases.EVERY_S, cases.look)
    waker.every(_keeping.EVERY_S, keeping.look)
    copier.start()
    return found
