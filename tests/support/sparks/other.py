"""Other scenes without fireworks: weather, insects, fire, welding, lanterns, the camera's own doings, nothing at all."""

from __future__ import annotations

import cv2
import numpy as np

from tests.support.sparks.stage import FPS, HEIGHT, WIDTH, Draw, Stage


def nothing(stage: Stage, seconds: float) -> Draw:
    """A town at night."""
    return lambda at: None


def rain(stage: Stage, seconds: float, drops: int = 60, bright: float = 150.0) -> Draw:
    """Streaks that fall, one slant, lit by an infrared lamp at the camera."""
    rng = stage.rng
    slant = rng.uniform(-0.3, 0.3)

    def draw(at: float) -> None:
        for _ in range(int(rng.poisson(drops))):
            x, y = rng.uniform(0, WIDTH), rng.uniform(0, HEIGHT)
            close = rng.random() ** 3
            level = bright * (0.35 + 0.65 * close) * rng.uniform(0.6, 1)
            fall = 500 + 1200 * close
            stage.spark(x, y, slant * fall, fall, (level,) * 3, 1 + int(2 * close))

    return draw


def insects(stage: Stage, seconds: float, count: int = 7) -> Draw:
    """Moths before an infrared lamp: bright, blurred, wandering fast."""
    rng = stage.rng
    place = rng.uniform(0, 1, (count, 2)) * (WIDTH, HEIGHT)
    heading = rng.uniform(0, 2 * np.pi, count)

    def draw(at: float) -> None:
        for n in range(count):
            heading[n] += rng.normal(0, 0.5)
            step = np.array([np.cos(heading[n]), np.sin(heading[n])]) * 260
            place[n] = (place[n] + step / FPS) % (WIDTH, HEIGHT)
            stage.spark(*place[n], *step, (210, 210, 210), int(rng.integers(2, 6)))

    return draw


def lightning(stage: Stage, seconds: float) -> Draw:
    """The whole sky lights up for a moment, now and then twice."""
    rng = stage.rng
    strokes = np.sort(rng.uniform(1, seconds - 1, 4))

    def draw(at: float) -> None:
        near = float(np.abs(strokes - at).min())
        stage.lift = 0.0
        stage.gain = 1.0
        if near < 0.1:
            stage.lift = 120.0 * rng.uniform(0.5, 1.2)
            stage.gain = 1.6
            x, y = int(rng.integers(100, 540)), 0
            while y < 200:
                to = x + int(rng.integers(-30, 30))
                cv2.line(stage.light, (x, y), (to, y + 20), (255, 250, 250), 2)
                x, y = to, y + 20

    return draw


def welding(stage: Stage, seconds: float, size: float = 26.0, rests: float = 1.0) -> Draw:
    """An arc: a blinding blue-white ball at one place, on and off, sparks falling from it."""
    rng = stage.rng
    x, y = rng.uniform(0.35, 0.65) * WIDTH, 0.55 * HEIGHT
    state = {"on": True, "until": 1.0}
    drops: list[list[float]] = []

    def draw(at: float) -> None:
        if at > state["until"]:
            state["on"] = not state["on"] or not rests
            state["until"] = at + rng.uniform(0.3, 1.4)
        if state["on"]:
            cv2.circle(stage.light, (round(x), round(y)), round(size * rng.uniform(0.7, 1.1)), (255, 250, 235), -1)
            cv2.circle(stage.light, (round(x), round(y)), round(size * 2.2), (120, 90, 50), 8)
            drops.extend([x, y, rng.normal(0, 90), rng.uniform(-80, 40)] for _ in range(int(rng.integers(2, 8))))
        for drop in drops:
            drop[3] += 300 / FPS
            drop[0] += drop[2] / FPS
            drop[1] += drop[3] / FPS
            stage.spark(*drop, (110, 180, 255))
        drops[:] = [d for d in drops if d[1] < y + size * 4]

    return draw


def fire(stage: Stage, seconds: float, size: float = 40.0, embers: int = 4) -> Draw:
    """A fire: tongues of flame at one place, flickering slowly, a few embers rising."""
    rng = stage.rng
    x, y = rng.uniform(0.3, 0.7) * WIDTH, 0.75 * HEIGHT
    phase = rng.uniform(0, 6, 9)
    sparks: list[list[float]] = []

    def draw(at: float) -> None:
        for n in range(9):
            tall = size * (
                1.2 + 0.5 * np.sin(2 * np.pi * 1.3 * at + phase[n]) + 0.25 * np.sin(2 * np.pi * 3.1 * at + 2 * phase[n])
            )
            px = x + (n - 4) * size / 5 + 3 * np.sin(2 * np.pi * 0.9 * at + phase[n])
            cv2.ellipse(
                stage.light,
                (round(px), round(y - tall / 2)),
                (round(size / 5), round(tall / 2)),
                0,
                0,
                360,
                (40, 150, 250),
                -1,
            )
        if rng.random() < embers / FPS * 2:
            sparks.append([x + rng.normal(0, size / 2), y - size, rng.normal(0, 15), -rng.uniform(40, 90), at])
        for ember in sparks:
            ember[0] += ember[2] / FPS
            ember[1] += ember[3] / FPS
            stage.spark(*ember[:4], (20, 90, 190))
        sparks[:] = [s for s in sparks if at - s[4] < 1.2]
        stage.puff(x + rng.normal(0, 20), y - size * 2 - rng.uniform(0, 60), 20, 0.2)

    return draw


def lanterns(stage: Stage, seconds: float, count: int = 12) -> Draw:
    """Sky lanterns, drifting up, each with a flame that breathes."""
    rng = stage.rng
    place = np.column_stack([rng.uniform(0.1, 0.9, count) * WIDTH, rng.uniform(0.1, 0.9, count) * HEIGHT])

    def draw(at: float) -> None:
        for n in range(count):
            x, y = place[n, 0] + 5 * at, (place[n, 1] - 9 * at) % HEIGHT
            size = 3 + n % 4
            glow = 0.8 + 0.2 * np.sin(2 * np.pi * 1.5 * at + n)
            cv2.ellipse(
                stage.light,
                (round(x), round(y)),
                (size, round(size * 1.3)),
                0,
                0,
                360,
                (50 * glow, 130 * glow, 230 * glow),
                -1,
            )

    return draw


def switching(stage: Stage, seconds: float) -> Draw:
    """The infrared filter goes in and out: colour and dark, grey and bright."""
    still = stage.still.copy()
    grey = np.clip(still.mean(axis=2, keepdims=True) * 1.6 + 40, 0, 255) * np.ones(3, np.float32)

    def draw(at: float) -> None:
        stage.still = grey if int(at / 2.1) % 2 else still

    return draw


def shaking(stage: Stage, seconds: float) -> Draw:
    """A pole in the wind before a town full of lamps."""
    rng = stage.rng

    def draw(at: float) -> None:
        stage.shift = (
            5 * np.sin(2 * np.pi * 1.8 * at) + rng.normal(0, 1.5),
            3 * np.sin(2 * np.pi * 2.3 * at + 1) + rng.normal(0, 1.5),
        )

    return draw


def snow(stage: Stage, seconds: float, flakes: int = 120) -> Draw:
    """Flakes that sink slowly through an infrared lamp's light, each in view for a second or two."""
    rng = stage.rng
    place = rng.uniform(0, 1, (flakes, 2)) * (WIDTH, HEIGHT)
    pace = rng.uniform(40, 110, flakes)

    def draw(at: float) -> None:
        place[:, 0] = (place[:, 0] + rng.normal(0, 2.5, flakes) + 1.5) % WIDTH
        place[:, 1] = (place[:, 1] + pace / FPS) % HEIGHT
        for n in range(flakes):
            level = 90 + 1.3 * pace[n]
            stage.spark(*place[n], 0, pace[n], (level,) * 3, 1 + n % 3)

    return draw
