"""Scenes of lamps and of things that shine by day's end: traffic, strobes, screens, signs, stage lights, flashes."""

from __future__ import annotations

import cv2
import numpy as np

from tests.support.sparks.stage import COLOURS, FPS, HEIGHT, WIDTH, Draw, Stage


def headlights(stage: Stage, seconds: float, cars: int = 14) -> Draw:
    """Two directions of traffic on a road seen from above it; pairs of lamps, near ones large and fast, with tail lamps."""
    rng = stage.rng
    start, lane = rng.uniform(0, 1, cars), rng.integers(0, 4, cars)
    pace = rng.uniform(0.08, 0.2, cars)

    def draw(at: float) -> None:
        for n in range(cars):
            comes = lane[n] < 2
            depth = (start[n] + pace[n] * at * (1 if comes else -1)) % 1.0
            near = depth**2.2
            y = 215 + 145 * near
            x = 320 + (lane[n] - 1.5) * (22 + 190 * near)
            gap, size = 3 + 20 * near, max(1, round(1 + 6 * near))
            colour = (235, 250, 255) if comes else (30, 30, 210)
            for side in (-1, 1):
                cv2.circle(stage.light, (round(x + side * gap), round(y)), size, colour, -1)
            if comes:
                cv2.ellipse(
                    stage.light,
                    (round(x), round(y + 14 * near + 3)),
                    (round(gap * 2 + 2), max(1, round(9 * near))),
                    0,
                    0,
                    360,
                    (60, 66, 70),
                    -1,
                )

    return draw


def strobe(stage: Stage, seconds: float, hz: float = 2.0) -> Draw:
    """A police car's bar: red and blue in turn, double flashes, lighting the street."""
    x, y = stage.rng.uniform(0.3, 0.7) * WIDTH, 0.72 * HEIGHT

    def draw(at: float) -> None:
        phase = (at * hz) % 1.0
        for side, first, colour in ((-7, 0.0, (255, 70, 50)), (7, 0.5, (60, 40, 255))):
            if first <= phase < first + 0.12 or first + 0.2 <= phase < first + 0.32:
                cv2.circle(stage.light, (round(x + side), round(y)), 5, colour, -1)
                for n in range(6):  # windows that mirror it
                    cv2.circle(stage.light, (round(40 + 100 * n + side), round(200 + 7 * (n % 3))), 1, colour, -1)

    return draw


def screen(stage: Stage, seconds: float) -> Draw:
    """A LED wall that shows a film of bright things moving before dark, cut every two seconds."""
    rng = stage.rng
    left, top = int(rng.uniform(0.1, 0.5) * WIDTH), 90
    dots = rng.uniform(0, 1, (40, 2))
    drift = rng.normal(0, 0.3, (40, 2))

    def draw(at: float) -> None:
        if int(at * FPS) % 25 == 0:
            dots[:] = rng.uniform(0, 1, dots.shape)
        dots[:] = (dots + drift / FPS) % 1.0
        tone = 60 + 40 * np.sin(2 * np.pi * at / 5)
        cv2.rectangle(stage.light, (left, top), (left + 150, top + 80), (tone, tone * 0.6, 50), -1)
        for dx, dy in dots:
            cv2.circle(stage.light, (round(left + 150 * dx), round(top + 80 * dy)), 4, (120, 180, 200), -1)

    return draw


def neon(stage: Stage, seconds: float) -> Draw:
    """Running lights round a sign, and a row of shop lamps that twinkle at random."""
    rng = stage.rng

    def draw(at: float) -> None:
        step = int(at * 6)
        for n in range(36):
            if (n + step) % 4 == 0:
                cv2.circle(stage.light, (120 + 8 * n, 120), 2, (80, 120, 255), -1)
        for n in range(24):
            if rng.random() < 0.5:
                cv2.circle(stage.light, (90 + 20 * n, 250), 2, (200, 230, 255), -1)

    return draw


def stage_lights(stage: Stage, seconds: float) -> Draw:
    """Beams that sweep over a square, changing colour with the beat."""
    rng = stage.rng

    def draw(at: float) -> None:
        for n in range(6):
            colour = COLOURS[(n + int(at * 2)) % len(COLOURS)]
            to = 320 + 300 * np.sin(0.9 * at + n)
            foot = (60 + 100 * n, 300)
            cv2.line(stage.light, foot, (round(to), 40), tuple(0.35 * c for c in colour), 12, cv2.LINE_AA)
            cv2.circle(stage.light, foot, 5 if rng.random() < 0.9 else 8, colour, -1)

    return draw


def fairy_lights(stage: Stage, seconds: float, hz: float = 2.5) -> Draw:
    """A tree full of small lamps that flash all at once, by the clock."""
    rng = stage.rng
    lamps = np.column_stack([rng.normal(320, 40, 40), rng.normal(170, 45, 40)])

    def draw(at: float) -> None:
        if (at * hz) % 1.0 < 0.35:
            for x, y in lamps:
                cv2.circle(stage.light, (round(x), round(y)), 2, (200, 230, 255), -1)

    return draw


def fence(stage: Stage, seconds: float) -> Draw:
    """A car passes behind a row of trees: its lamps come and go, each time further on."""

    def draw(at: float) -> None:
        x = (40 + 110 * at) % WIDTH
        if int(x / 9) % 2:
            for side in (-9, 9):
                cv2.circle(stage.light, (round(x + side), 285), 3, (240, 250, 255), -1)
                cv2.circle(stage.light, (round(x + side), 300), 2, (120, 125, 130), -1)

    return draw


def platoon(stage: Stage, seconds: float) -> Draw:
    """A traffic light turns green: twenty cars cross the picture, then nobody, then twenty again."""
    rng = stage.rng
    start = np.concatenate([rng.uniform(0, 1.2, 20) + k for k in (0.0, 4.2)])
    lane = rng.integers(0, 3, 40)

    def draw(at: float) -> None:
        for n, begun in enumerate(start):
            x = -30 + 330 * (at - begun)
            if -30 < x < WIDTH + 30:
                y = 270 + 28 * lane[n]
                for ahead in (0, 7):
                    cv2.circle(stage.light, (round(x + ahead), round(y)), 2 + lane[n], (235, 250, 255), -1)
                cv2.circle(stage.light, (round(x - 30), round(y)), 2, (30, 30, 210), -1)

    return draw


def photo_flashes(stage: Stage, seconds: float, rate: float = 3.0) -> Draw:
    """A crowd in a dark stadium: telephones held up, and now and then somebody's flash."""
    rng = stage.rng
    held = np.column_stack([rng.uniform(0, WIDTH, 60), rng.uniform(230, 350, 60)])

    def draw(at: float) -> None:
        for n, (x, y) in enumerate(held):
            sway = 6 * np.sin(2 * np.pi * 0.6 * at + n)
            cv2.circle(stage.light, (round(x + sway), round(y)), 1, (150, 140, 130), -1)
        for _ in range(int(rng.poisson(rate / FPS))):
            cv2.circle(stage.light, (int(rng.uniform(0, WIDTH)), int(rng.uniform(230, 350))), 4, (255, 250, 245), -1)

    return draw


def glitter(stage: Stage, seconds: float) -> Draw:
    """Lamps mirrored in water: columns of short strokes that come and go where they were before."""
    rng = stage.rng
    phase = rng.uniform(0, 6, (7, 26))
    pace = rng.uniform(1.0, 3.0, (7, 26))

    def draw(at: float) -> None:
        for lamp in range(7):
            x = 50 + 90 * lamp
            for row in range(26):
                level = np.sin(2 * np.pi * pace[lamp, row] * at + phase[lamp, row])
                if level > 0.2:
                    wide, y = 3 + row / 4, 275 + 3 * row
                    stage.spark(
                        x - wide + 3 * np.sin(2 * at + row),
                        y,
                        66 * wide,
                        0,
                        tuple(v * level for v in (130, 190, 220)),
                        2,
                    )

    return draw
