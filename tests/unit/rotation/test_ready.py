"""The ready queue against a slow one that looks at everything each time."""

from __future__ import annotations

import random
from dataclasses import dataclass, field

from hypothesis import given, settings
from hypothesis import strategies as st

from patrol.rotation._load import Gate
from patrol.rotation._ready import ReadyQueue


@dataclass(eq=False)
class _Look:
    gates: tuple[Gate, ...]
    turn: int = 0
    extra: int = 0
    entries: dict[int, tuple[int, float, int]] = field(default_factory=dict)


@settings(max_examples=150, deadline=None)
@given(st.integers(0, 10**9), st.integers(1, 3), st.integers(1, 4))
def test_it_always_gives_the_best_look_that_may_start(seed: int, platforms: int, hosts: int) -> None:
    chance = random.Random(seed)
    gates = [Gate(f"p{n}", chance.randint(1, 3)) for n in range(platforms)]
    places = [(gate, Gate(f"h{n}", chance.randint(1, 2))) for gate in gates for n in range(hosts)]
    units = [Gate(f"u{n}", 1) for n in range(3)]
    # One in three is a preset of a camera that has several: a third gate.
    looks = [
        _Look((*chance.choice(places), chance.choice(units)) if chance.random() < 0.3 else chance.choice(places))
        for _ in range(30)
    ]
    queue: ReadyQueue[_Look] = ReadyQueue()
    running: list[_Look] = []
    number = 0
    for _ in range(300):
        act = chance.random()
        if act < 0.4:
            look = chance.choice(looks)
            if look not in running:
                number += 1
                which = chance.choice(("turn", "extra"))
                look.entries.pop(getattr(look, which), None)
                setattr(look, which, number)
                look.entries[number] = (chance.randint(-3, 3), float(chance.randint(0, 50)), -1)
                queue.push(look.entries[number][0], look.entries[number][1], 1, number, look)
        elif act < 0.5:
            look = chance.choice(looks)
            if look not in running:
                look.turn = look.extra = 0
                look.entries.clear()
        elif act < 0.75 and running:
            look = running.pop(chance.randrange(len(running)))
            for gate in look.gates:
                gate.running -= 1
            queue.freed(look.gates)
        else:
            open_ = [
                (*key, n)
                for look in looks
                if look not in running and all(gate.running < gate.cap for gate in look.gates)
                for n, key in look.entries.items()
            ]
            entry = queue.pop()
            assert (entry[:4] if entry else None) == (min(open_) if open_ else None)
            if entry is not None:
                look = entry[4]
                look.turn = look.extra = 0
                look.entries.clear()
                for gate in look.gates:
                    gate.running += 1
                running.append(look)
