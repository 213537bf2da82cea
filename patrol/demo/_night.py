"""Synthetic scenes by night, and the pictures that prove nothing: covered, dark, frozen. They show nothing real."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from patrol.demo._canvas import HEIGHT, LOOP_S, WIDTH, Noise, Painter, Picture, gradient, polygon, speckle
from patrol.demo._day import street

_SHELLS = 10
_RISE_S, _SWELL_S, _GLOW_S = 1.4, 0.4, 2.2
"""A trail of 1 to 4 s, an expansion within 0.2 to 0.5 s, stars that burn 1 to 3 s: domain.md section 4."""
_COLOURS = ((150, 185, 255), (170, 255, 205), (255, 205, 175), (170, 235, 255), (245, 200, 255), (225, 240, 255))
"""Pale, as burning stars are in a camera: their cores run out of its range."""


@dataclass(frozen=True, slots=True)
class _Shell:
    fired: float
    """Seconds into the loop."""
    x: float
    top: float
    reach: float
    """Pixels its stars fly."""
    colour: tuple[int, int, int]
    stars: NDArray[np.float64]
    """``(N, 2)`` directions times speed, 1 the fastest."""


def town(seed: int) -> tuple[Picture, np.random.Generator]:
    """A small town at night: lit windows, street lamps, a sky that is not quite black."""
    generator = np.random.default_rng(seed)
    picture = gradient((40, 31, 28), (64, 52, 46))
    x = 0
    while x < WIDTH:
        width, height = int(generator.integers(46, 92)), int(generator.integers(60, 130))
        cv2.rectangle(picture, (x, HEIGHT - 70 - height), (x + width, HEIGHT), (40, 38, 38), -1)
        for wx in range(x + 8, x + width - 12, 16):
            for wy in range(HEIGHT - 62 - height, HEIGHT - 76, 20):
                if generator.random() < 0.55:
                    cv2.rectangle(picture, (wx, wy), (wx + 9, wy + 11), (120, 195, 225), -1)
        x += width + 3
    cv2.rectangle(picture, (0, HEIGHT - 70), (WIDTH, HEIGHT), (60, 58, 58), -1)
    for lamp in range(30, WIDTH, 110):
        cv2.line(picture, (lamp, HEIGHT - 30), (lamp, HEIGHT - 105), (55, 55, 55), 2)
        cv2.circle(picture, (lamp, HEIGHT - 106), 5, (215, 240, 250), -1, cv2.LINE_AA)
        cv2.ellipse(picture, (lamp, HEIGHT - 34), (44, 13), 0, 0, 360, (135, 150, 155), -1, cv2.LINE_AA)
    return speckle(picture, generator, 3.0), generator


def fireworks(seed: int) -> Painter:
    """Shells over the town: a trail that rises, a burst that opens in all directions, stars that sink and go out."""
    scenery, generator = town(seed)
    noise = Noise(generator, 2.5)
    # As people light them, not as a clock would: what flashes regularly is a lamp.
    pauses = generator.uniform(0.3, 3.0, _SHELLS)
    fired = np.cumsum(pauses) * LOOP_S / pauses.sum()
    shells = [_shell(generator, n, float(fired[n])) for n in range(_SHELLS)]

    def paint(at: float) -> Picture:
        light = np.zeros((HEIGHT, WIDTH, 3), np.uint8)
        glow = 0.0
        for shell in shells:
            age = (at - shell.fired) % LOOP_S
            if age < _RISE_S:
                _draw_trail(light, shell, age)
            elif age < _RISE_S + _SWELL_S + _GLOW_S:
                glow = max(glow, _draw_stars(light, shell, age - _RISE_S, generator))
        halo = cv2.GaussianBlur(cv2.resize(light, (WIDTH // 4, HEIGHT // 4), interpolation=cv2.INTER_AREA), (0, 0), 4)
        halo = cv2.resize(halo, (WIDTH, HEIGHT))
        lit = scenery.astype(np.int16) + light + halo // 2 + round(14 * glow)
        return noise.on(np.clip(lit, 0, 255).astype(np.uint8))

    return paint


def _shell(generator: np.random.Generator, number: int, fired: float) -> _Shell:
    count = int(generator.integers(80, 110))
    angles = generator.uniform(0.0, 2 * np.pi, count)
    # A sphere of stars seen from the side: most fly near the rim.
    speeds = np.sqrt(1.0 - generator.uniform(0.0, 1.0, count) ** 2) * generator.uniform(0.9, 1.0, count)
    return _Shell(
        fired=fired,
        x=float(generator.uniform(120, WIDTH - 120)),
        top=float(generator.uniform(70, 125)),
        reach=float(generator.uniform(40, 90)),
        colour=_COLOURS[number % len(_COLOURS)],
        stars=np.stack((np.cos(angles), np.sin(angles)), axis=1) * speeds[:, None],
    )


def _draw_trail(light: Picture, shell: _Shell, age: float) -> None:
    share = 1.0 - (1.0 - age / _RISE_S) ** 2
    y = round((HEIGHT - 110) * (1 - share) + shell.top * share)
    x = round(shell.x + 3 * np.sin(age * 9))
    cv2.line(light, (x, y + 16), (x, y), (60, 110, 150), 2, cv2.LINE_AA)
    cv2.circle(light, (x, y), 2, (200, 235, 255), -1, cv2.LINE_AA)


def _draw_stars(light: Picture, shell: _Shell, age: float, generator: np.random.Generator) -> float:
    """Draw the stars ``age`` seconds after the burst; they crackle. Returns how bright they light the sky, 0 to 1."""
    opened = 1.0 - np.exp(-3.0 * age / _SWELL_S)
    fade = 1.0 if age < _SWELL_S else max(0.0, 1.0 - (age - _SWELL_S) / _GLOW_S) ** 0.8
    sink = 10.0 * age**2
    crackle = generator.uniform(0.35, 1.0, len(shell.stars)) if age > _SWELL_S else np.ones(len(shell.stars))
    for (dx, dy), strength in zip(shell.stars, crackle, strict=True):
        tip = shell.x + dx * shell.reach * opened, shell.top + dy * shell.reach * opened + sink
        tail = shell.x + dx * shell.reach * opened * 0.9, shell.top + dy * shell.reach * opened * 0.9 + sink * 0.9
        colour = tuple(round(channel * fade * strength) for channel in shell.colour)
        cv2.line(light, (round(tail[0]), round(tail[1])), (round(tip[0]), round(tip[1])), colour, 3, cv2.LINE_AA)
    if age < 0.16:
        cv2.circle(light, (round(shell.x), round(shell.top)), round(26 - 90 * age), (255, 255, 255), -1, cv2.LINE_AA)
    return float(fade if age < _GLOW_S else 0.0)


def quiet_town(seed: int) -> Painter:
    """The same town on an evening when nobody fires anything; one car's headlights pass."""
    scenery, generator = town(seed)
    noise = Noise(generator, 2.5)

    def paint(at: float) -> Picture:
        picture = scenery.copy()
        x = round(-60 + (at / LOOP_S) * (WIDTH + 120))
        cv2.rectangle(picture, (x - 34, HEIGHT - 34), (x, HEIGHT - 16), (60, 60, 70), -1)
        cv2.ellipse(picture, (x + 34, HEIGHT - 20), (34, 7), 0, 0, 360, (165, 190, 200), -1, cv2.LINE_AA)
        return noise.on(picture)

    return paint


def reservoir_night(seed: int) -> Painter:
    """A reservoir under lamps at night: still water, noise, nothing moves."""
    generator = np.random.default_rng(seed)
    picture = gradient((46, 40, 36), (70, 62, 54))
    polygon(picture, ((0, 150), (160, 96), (320, 140), (470, 90), (WIDTH, 146), (WIDTH, 170), (0, 170)), (30, 34, 30))
    picture[170:300] = gradient((62, 56, 46), (84, 78, 64), 130)
    for x in range(60, WIDTH, 130):
        cv2.circle(picture, (x, 160), 6, (215, 240, 250), -1, cv2.LINE_AA)
        for y in range(176, 296, 10):
            cv2.ellipse(picture, (x, y), (5 + y % 7, 3), 0, 0, 360, (120, 145, 150), -1, cv2.LINE_AA)
    polygon(picture, ((0, 292), (WIDTH, 304), (WIDTH, HEIGHT), (0, HEIGHT)), (96, 98, 96))
    for x in range(0, WIDTH, 32):
        cv2.line(picture, (x, 294), (x, 272), (140, 142, 140), 2)
    cv2.line(picture, (0, 274), (WIDTH, 280), (150, 152, 150), 2)
    picture = speckle(picture, generator, 3.0)
    noise = Noise(generator, 3.0)
    return lambda _at: noise.on(picture)


def covered(seed: int) -> Painter:
    """A lens somebody has put something over: one dark brown, a little noise."""
    generator = np.random.default_rng(seed)
    cloth = speckle(gradient((34, 48, 74), (28, 42, 66)), generator, 3.0)
    picture = cv2.GaussianBlur(cloth, (0, 0), 25).astype(np.uint8)
    noise = Noise(generator, 1.2)
    return lambda _at: noise.on(picture)


def dark(seed: int) -> Painter:
    """A camera without light."""
    generator = np.random.default_rng(seed)
    picture = gradient((5, 5, 5), (9, 9, 9))
    noise = Noise(generator, 1.5)
    return lambda _at: noise.on(picture)


def frozen(seed: int) -> Painter:
    """A street whose picture has stopped: every frame is the same to the bit, the clock in it too."""
    still = street(seed)(0.0)
    return lambda _at: still.copy()
