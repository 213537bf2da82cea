"""Scenes that show fireworks: shells, fountains, crackers, flares."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from tests.support.sparks.stage import COLOURS, FPS, HEIGHT, WIDTH, Draw, Stage


@dataclass
class _Shell:
    born: float
    x: float
    y: float
    reach: float
    colour: tuple[int, int, int]
    life: float
    directions: NDArray[np.float64]
    rise_s: float
    twinkles: bool


def _shell(rng: np.random.Generator, born: float, size: float, area: tuple[float, float, float, float]) -> _Shell:
    rays = int(rng.integers(30, 90))
    heading = rng.normal(size=(rays, 3))
    heading /= np.linalg.norm(heading, axis=1, keepdims=True)
    return _Shell(
        born,
        rng.uniform(area[0], area[2]) * WIDTH,
        rng.uniform(area[1], area[3]) * HEIGHT,
        size * rng.uniform(0.7, 1.2) * HEIGHT,
        COLOURS[int(rng.integers(len(COLOURS)))],
        rng.uniform(1.0, 2.2),
        heading[:, :2],
        rng.uniform(0.8, 1.6),
        bool(rng.random() < 0.4),
    )


def _draw_shell(stage: Stage, shell: _Shell, at: float, thick: int = 1) -> None:
    age = at - shell.born
    if -shell.rise_s < age < 0:
        # The trail: fast at first, slowing, faint.
        done = 1 + age / shell.rise_s
        y = HEIGHT * 0.8 + (shell.y - HEIGHT * 0.8) * (1 - (1 - done) ** 1.7)
        stage.spark(shell.x + 3 * np.sin(9 * done), y, 0, 120, (90, 150, 190), thick)
        return
    if not 0 <= age < shell.life:
        return
    far = shell.reach * (1 - np.exp(-3.2 * age))
    speed = shell.reach * 3.2 * np.exp(-3.2 * age)
    fade = float(np.clip(1.25 * (1 - age / shell.life) ** 0.8, 0, 1))
    if age < 0.09:
        cv2.circle(
            stage.light, (round(shell.x), round(shell.y)), max(2, round(shell.reach * 0.12)), (255, 255, 255), -1
        )
    for dx, dy in shell.directions:
        if shell.twinkles and age > 0.4 * shell.life and stage.rng.random() < 0.5:
            continue
        bright = fade * stage.rng.uniform(0.7, 1.0)
        drop = 25 * shell.reach / 100 * age * age
        stage.spark(
            shell.x + far * dx,
            shell.y + far * dy + drop,
            (speed + 20) * dx,
            (speed + 20) * dy,
            tuple(bright * c for c in shell.colour),
            thick,
        )


def shells(stage: Stage, seconds: float, size: float = 0.22, every: float = 1.8) -> Draw:
    """Aerial shells, irregularly timed."""
    rng, born, fired = stage.rng, 0.6, []
    while born < seconds:
        fired.append(_shell(rng, born, size, (0.2, 0.12, 0.8, 0.45)))
        born += rng.uniform(0.4, 1.6) * every

    def draw(at: float) -> None:
        for shell in fired:
            _draw_shell(stage, shell, at, 2 if size > 0.3 else 1)

    return draw


def fountain(stage: Stage, seconds: float, per_s: float = 260.0, scale: float = 1.0) -> Draw:
    """A spray upward from one place, sparks falling back, the place itself glowing."""
    x, y = stage.rng.uniform(0.3, 0.7) * WIDTH, 0.78 * HEIGHT
    count = int(per_s * seconds)
    born = np.sort(stage.rng.uniform(0, seconds, count))
    angle = stage.rng.normal(-np.pi / 2, 0.28, count)
    speed = stage.rng.uniform(90, 230, count) * scale
    life = stage.rng.uniform(0.25, 0.9, count)

    def draw(at: float) -> None:
        alive = np.nonzero((born <= at) & (at < born + life))[0]
        for n in alive:
            age = at - born[n]
            vx, vy = speed[n] * np.cos(angle[n]), speed[n] * np.sin(angle[n]) + 180 * scale * age
            px, py = x + vx * age, y + speed[n] * np.sin(angle[n]) * age + 90 * scale * age * age
            fade = 1 - 0.6 * age / life[n]
            stage.spark(px, py, vx, vy, (110 * fade, 190 * fade, 255 * fade))
        cv2.circle(stage.light, (round(x), round(y)), round(4 * scale + stage.rng.uniform(0, 2)), (170, 220, 255), -1)
        if int(at * FPS) % 3 == 0:
            stage.puff(x + stage.rng.normal(20, 10), y - stage.rng.uniform(20, 90), 18, 0.25)

    return draw


def crackers(stage: Stage, seconds: float, rate: float = 12.0, length: float = 70.0, big: float = 1.0) -> Draw:
    """A string of firecrackers on the ground: single flashes at ``rate`` a second that wander along it, bits flying, smoke."""
    rng = stage.rng
    x, y = rng.uniform(0.3, 0.6) * WIDTH, 0.8 * HEIGHT
    times = np.cumsum(rng.exponential(1 / rate, int(rate * seconds * 2)))

    def draw(at: float) -> None:
        for moment in times[(times > at - 1 / FPS) & (times <= at)]:
            if rng.random() < 0.25:  # between two exposures
                continue
            px = x + length * (moment / seconds) + rng.normal(0, length * 0.22)
            py = y + rng.normal(0, 4 * big)
            cv2.circle(stage.light, (round(px), round(py)), round(rng.uniform(2, 5) * big), (235, 245, 255), -1)
            for _ in range(int(rng.integers(2, 7))):
                to = rng.uniform(0, 2 * np.pi)
                away = rng.uniform(5, 26) * big
                stage.spark(
                    px + away * np.cos(to), py + away * np.sin(to), 300 * np.cos(to), 300 * np.sin(to), (140, 200, 255)
                )
        if int(at * FPS) % 2 == 0:
            stage.puff(x + rng.normal(20 + 8 * at, 15), y - rng.uniform(0, 20 + 9 * at), 12 + 2 * at, 0.35)

    return draw


def flare(stage: Stage, seconds: float) -> Draw:
    """A sputtering flare held in a hand: a burning blob in its own smoke, sparks raining down."""
    rng = stage.rng
    x, y = rng.uniform(0.25, 0.75) * WIDTH, 0.4 * HEIGHT
    count = int(90 * seconds)
    born, side = np.sort(rng.uniform(0, seconds, count)), rng.normal(-40, 60, count)
    life = rng.uniform(0.2, 0.6, count)

    def draw(at: float) -> None:
        px, py = x + 14 * np.sin(1.7 * at), y + 9 * np.sin(2.6 * at)
        for _ in range(5):
            where = (round(px + rng.normal(0, 9)), round(py + rng.normal(-6, 9)))
            cv2.circle(stage.light, where, int(rng.integers(6, 16)), (225, 235, 245), -1)
        for n in np.nonzero((born <= at) & (at < born + life))[0]:
            age = at - born[n]
            stage.spark(
                px + side[n] * age, py + 60 * age + 300 * age * age, side[n], 60 + 600 * age, (150, 215, 255), 2
            )
        stage.puff(px + rng.normal(0, 12), py - rng.uniform(0, 60), 22, 0.4)

    return draw


# What must not be taken for them.
