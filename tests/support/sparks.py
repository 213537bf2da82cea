"""Procedural night and day scenes for the fireworks detector: what it must find, and what it must not be taken in by.

Light is added up as a lens does (motion within the exposure, a sharp core, a bloom, clipping at white), then noise. They are
drawn, not filmed: good for tests and for setting thresholds, never for a figure that speaks of real cameras.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

import cv2
import numpy as np
from numpy.typing import NDArray

from detectors import Image

HEIGHT, WIDTH = 360, 640
FPS = 12.5
_EXPOSURE_S = 0.03
_COLOURS = ((90, 140, 255), (80, 80, 255), (255, 140, 120), (140, 255, 140), (235, 240, 255), (120, 220, 255))


@dataclass
class Stage:
    """What a scene is drawn on: a still background, light to be added to it, and whatever else changes."""

    rng: np.random.Generator
    still: NDArray[np.float32]
    noise: float = 3.0
    light: Image = field(default_factory=lambda: np.zeros((HEIGHT, WIDTH, 3), np.uint8))
    smoke: NDArray[np.float32] = field(default_factory=lambda: np.zeros((HEIGHT, WIDTH), np.float32))
    gain: float = 1.0
    lift: float = 0.0
    shift: tuple[float, float] = (0.0, 0.0)

    def __post_init__(self) -> None:
        one = np.random.default_rng(7).normal(0, self.noise, (6, HEIGHT, WIDTH, 1)).astype(np.int16)
        self._grains = [np.repeat(grain, 3, axis=2) for grain in one]
        self._drawn: tuple[int, float, float] | None = None
        self._ground: Image = np.zeros((HEIGHT, WIDTH, 3), np.uint8)

    def spark(self, x: float, y: float, vx: float, vy: float, colour: tuple[float, ...], thick: int = 1) -> None:
        """One glowing point moving at ``(vx, vy)`` px/s; added where it is brighter than what is drawn already."""
        ends = [(round(v * 16)) for v in (x, y, x + vx * _EXPOSURE_S, y + vy * _EXPOSURE_S)]
        if max(abs(v) for v in ends) > 60_000:
            return
        cv2.line(self.light, (ends[0], ends[1]), (ends[2], ends[3]), colour, thick, cv2.LINE_AA, 4)

    def puff(self, x: float, y: float, size: float, dense: float) -> None:
        """A ball of smoke, ``dense`` in [0, 1]."""
        cv2.circle(self.smoke, (round(x), round(y)), max(1, round(size)), dense, -1)

    def shoot(self) -> Image:
        """The picture: background, smoke lit by the light, the light itself, noise."""
        out = np.clip(self.still * self.gain + self.lift, 0, 255).astype(np.uint8) if self._changed else self._ground
        self._ground, self._drawn = out, (id(self.still), self.gain, self.lift)
        if self.light.any():
            small = cv2.resize(self.light, (WIDTH // 4, HEIGHT // 4), interpolation=cv2.INTER_AREA).astype(np.float32)
            wide = cv2.GaussianBlur(
                cv2.resize(small, (WIDTH // 8, HEIGHT // 8), interpolation=cv2.INTER_AREA), (0, 0), 12
            )
            bloom = 0.9 * cv2.GaussianBlur(small, (0, 0), 4) + 0.8 * cv2.resize(wide, (WIDTH // 4, HEIGHT // 4))
        else:
            bloom = np.zeros((HEIGHT // 4, WIDTH // 4, 3), np.float32)
        if self.smoke.any():
            thin = cv2.GaussianBlur(cv2.resize(self.smoke, (WIDTH // 4, HEIGHT // 4)), (0, 0), 2.5)[..., None]
            lit = thin * (0.55 * float(self.still.mean()) + 25 + 2 * bloom)
            veil = cv2.resize(1 - 0.7 * thin, (WIDTH, HEIGHT))
            out = cv2.multiply(out, cv2.merge([veil] * 3), dtype=cv2.CV_8U)
            bloom = bloom + lit
            self.smoke *= 0.985
        if self.light.any():
            core = cv2.GaussianBlur(self.light, (0, 0), 0.8)
            out = cv2.addWeighted(out, 1.0, core, 1.6, 0)
        out = cv2.add(out, cv2.resize(np.clip(bloom, 0, 255).astype(np.uint8), (WIDTH, HEIGHT)))
        grain = self._grains[int(self.rng.integers(len(self._grains)))]
        out = cv2.add(out, np.roll(grain, int(self.rng.integers(HEIGHT)), axis=0), dtype=cv2.CV_8U)
        if self.shift != (0.0, 0.0):
            move = np.array([[1, 0, self.shift[0]], [0, 1, self.shift[1]]], np.float32)
            out = cv2.warpAffine(out, move, (WIDTH, HEIGHT), borderMode=cv2.BORDER_REFLECT)
        self.light.fill(0)
        return out.astype(np.uint8, copy=False)

    @property
    def _changed(self) -> bool:
        return self._drawn != (id(self.still), self.gain, self.lift)


Draw = Callable[[float], None]


def _town(rng: np.random.Generator, level: float = 16.0, *, grey: bool = False, lamps: int = 6) -> NDArray[np.float32]:
    rows = np.linspace(0.7, 1.2, HEIGHT, dtype=np.float32)[:, None, None]
    scene = np.full((HEIGHT, WIDTH, 3), level, np.float32) * rows * np.array([1.25, 1.0, 0.9], np.float32)
    left = 0
    while left < WIDTH:
        wide, high = int(rng.integers(40, 110)), int(rng.integers(50, 150))
        cv2.rectangle(scene, (left, 270 - high), (left + wide, 270), (level * 0.8,) * 3, -1)
        for x in range(left + 6, left + wide - 8, 16):
            for y in range(278 - high, 255, 22):
                if rng.random() < 0.22:
                    warm = rng.uniform(70, 200)
                    cv2.rectangle(scene, (x, y), (x + 6, y + 8), (warm * 0.5, warm * 0.8, warm), -1)
        left += wide
    scene[270:] += np.array([level * 0.6] * 3, np.float32)
    down, across = np.mgrid[:HEIGHT, :WIDTH].astype(np.float32)
    for n in range(lamps):
        x, y = (n + rng.uniform(0.2, 0.8)) * WIDTH / max(1, lamps), rng.uniform(190, 240)
        away = np.hypot(across - x, down - y)
        scene += ((away < 3) * 240 + 90 * np.exp(-away / 18))[..., None] * np.array([0.7, 0.9, 1.0], np.float32)
    scene = cv2.GaussianBlur(scene, (0, 0), 0.7)
    if grey:
        scene[:] = scene.mean(axis=2, keepdims=True)
    return scene


def _street_by_day(rng: np.random.Generator) -> NDArray[np.float32]:
    from tests.support.scenery import street

    return street(int(rng.integers(1, 50))).astype(np.float32)


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
        _COLOURS[int(rng.integers(len(_COLOURS)))],
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


def nothing(stage: Stage, seconds: float) -> Draw:
    """A town at night."""
    return lambda at: None


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
            colour = _COLOURS[(n + int(at * 2)) % len(_COLOURS)]
            to = 320 + 300 * np.sin(0.9 * at + n)
            foot = (60 + 100 * n, 300)
            cv2.line(stage.light, foot, (round(to), 40), tuple(0.35 * c for c in colour), 12, cv2.LINE_AA)
            cv2.circle(stage.light, foot, 5 if rng.random() < 0.9 else 8, colour, -1)

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


@dataclass(frozen=True)
class Scene:
    """One kind of scene: whether it shows fireworks, how it is drawn, on what."""

    shows: bool
    drawn: Callable[..., Draw]
    place: str = "night"
    options: dict[str, float] = field(default_factory=dict)
    shakes: bool = False


SCENES = {
    "shells": Scene(True, shells),
    "shells_near": Scene(True, shells, options={"size": 0.4, "every": 1.2}),
    "shells_far": Scene(True, shells, options={"size": 0.09, "every": 1.0}),
    "shells_by_hand": Scene(True, shells, shakes=True),
    "cake": Scene(True, shells, options={"size": 0.12, "every": 0.35}),
    "finale": Scene(True, shells, options={"size": 0.35, "every": 0.25}),
    "shells_lit_town": Scene(True, shells, place="lit"),
    "fountain": Scene(True, fountain),
    "fountain_small": Scene(True, fountain, options={"scale": 0.5, "per_s": 160.0}),
    "crackers": Scene(True, crackers),
    "crackers_near": Scene(True, crackers, options={"big": 2.0, "length": 160.0, "rate": 16.0}),
    "crackers_lit_street": Scene(True, crackers, place="lit"),
    "crackers_by_day": Scene(True, crackers, place="day", options={"big": 1.5}),
    "flare": Scene(True, flare, shakes=True),
    "quiet": Scene(False, nothing),
    "quiet_lit": Scene(False, nothing, place="lit"),
    "headlights": Scene(False, headlights),
    "headlights_many": Scene(False, headlights, options={"cars": 40}),
    "headlights_lit": Scene(False, headlights, place="lit", options={"cars": 30}),
    "rain": Scene(False, rain, place="grey"),
    "heavy_rain": Scene(False, rain, place="grey", options={"drops": 140, "bright": 220.0}),
    "rain_in_colour": Scene(False, rain, options={"drops": 100, "bright": 130.0}),
    "insects": Scene(False, insects, place="grey"),
    "many_insects": Scene(False, insects, place="grey", options={"count": 18}),
    "snow": Scene(False, snow, place="grey"),
    "fairy_lights": Scene(False, fairy_lights),
    "fence": Scene(False, fence),
    "platoon": Scene(False, platoon),
    "photo_flashes": Scene(False, photo_flashes),
    "strobe": Scene(False, strobe),
    "fast_strobe": Scene(False, strobe, options={"hz": 4.0}),
    "screen": Scene(False, screen),
    "neon": Scene(False, neon),
    "stage_lights": Scene(False, stage_lights),
    "lightning": Scene(False, lightning),
    "welding": Scene(False, welding),
    "welding_on_and_on": Scene(False, welding, options={"rests": 0.0}),
    "welding_far": Scene(False, welding, options={"size": 5.0}),
    "welding_by_day": Scene(False, welding, place="day"),
    "bonfire": Scene(False, fire),
    "house_fire": Scene(False, fire, options={"size": 80.0, "embers": 12}),
    "lanterns": Scene(False, lanterns),
    "switching": Scene(False, switching),
    "shaking": Scene(False, shaking),
    "shaking_lit": Scene(False, shaking, place="lit"),
    "shaking_traffic": Scene(False, headlights, shakes=True),
    "glitter": Scene(False, glitter),
    "day_street": Scene(False, nothing, place="day"),
    "day_shaking": Scene(False, shaking, place="day"),
}
"""Every scene by name."""


def pictures(name: str, seed: int = 1, seconds: float = 10.0) -> Iterator[Image]:
    """The frames of a scene at ``FPS``, ``(360, 640, 3)`` BGR."""
    scene = SCENES[name]
    rng = np.random.default_rng(seed)
    if scene.place == "day":
        stage = Stage(rng, _street_by_day(rng), noise=2.0)
    else:
        level = {"night": rng.uniform(8, 24), "lit": rng.uniform(50, 70), "grey": rng.uniform(25, 50)}[scene.place]
        stage = Stage(rng, _town(rng, level, grey=scene.place == "grey"), noise=rng.uniform(1.5, 5))
    draw = scene.drawn(stage, seconds, **scene.options)
    wobble = shaking(stage, seconds) if scene.shakes else None
    for step in range(round(seconds * FPS)):
        at = step / FPS
        draw(at)
        if wobble is not None:
            wobble(at)
        yield stage.shoot()
