"""Synthetic scenes by day: roads, a street, a school gate, a river bank. Made of boxes; they show nothing real."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

from patrol.demo._canvas import HEIGHT, LOOP_S, WIDTH, Colour, Noise, Painter, Picture, gradient, polygon, speckle

_HORIZON = 110
_CARS: tuple[Colour, ...] = (
    (200, 200, 205),
    (40, 40, 45),
    (60, 60, 170),
    (150, 90, 40),
    (90, 130, 150),
    (120, 120, 120),
)
_CLOTHES: tuple[Colour, ...] = ((70, 60, 150), (140, 80, 50), (60, 120, 70), (50, 50, 55), (120, 120, 130))


@dataclass(frozen=True, slots=True)
class _Car:
    lane: float
    """-1 (left edge of the road) to 1."""
    start: float
    """Place along the road at time 0: 0 far, 1 near."""
    laps: int
    """Runs along the road in one loop; negative: away from the camera; 0: it stands."""
    colour: Colour


def free_road(seed: int) -> Painter:
    """A four-lane road with a few cars that pass."""
    cars = [_Car(lane, start, laps, _CARS[n % len(_CARS)]) for n, (lane, start, laps) in enumerate(
        ((0.25, 0.1, 3), (0.7, 0.6, 4), (-0.3, 0.3, -3), (-0.72, 0.8, -4), (0.25, 0.75, 3))
    )]  # fmt: skip
    return _road(seed, cars)


def queue(seed: int) -> Painter:
    """The same road with two lanes full of standing cars; the other way still runs."""
    standing = [
        _Car(lane, 0.12 + 0.105 * place + 0.03 * side, 0, _CARS[(place + 3 * side) % len(_CARS)])
        for side, lane in enumerate((0.25, 0.7))
        for place in range(9)
    ]
    return _road(seed, [*standing, _Car(-0.3, 0.3, -3, _CARS[0]), _Car(-0.72, 0.8, -4, _CARS[3])])


def _road(seed: int, cars: list[_Car]) -> Painter:
    generator = np.random.default_rng(seed)
    ground = gradient((225, 205, 175), (90, 150, 120))
    ground[_HORIZON:] = gradient((95, 140, 115), (60, 105, 85), HEIGHT - _HORIZON)
    polygon(ground, ((290, _HORIZON), (350, _HORIZON), (620, HEIGHT), (20, HEIGHT)), (88, 86, 84))
    for lane in (-1.0, 0.0, 1.0):
        cv2.line(ground, _on_road(lane, 0.02)[:2], _on_road(lane, 1.0)[:2], (205, 205, 205), 2, cv2.LINE_AA)
    for lane in (-0.5, 0.5):
        for place in np.arange(0.06, 1.0, 0.12):
            cv2.line(
                ground, _on_road(lane, place)[:2], _on_road(lane, place + 0.05)[:2], (190, 190, 190), 2, cv2.LINE_AA
            )
    for x in (40, 120, 560, 610):
        cv2.circle(ground, (x, _HORIZON + 8), 26, (50, 95, 60), -1, cv2.LINE_AA)
    ground = speckle(ground, generator, 4.0)
    noise = Noise(generator, 2.0)

    def paint(at: float) -> Picture:
        picture = ground.copy()
        placed = sorted(((car.start + car.laps * at / LOOP_S) % 1.0, car.lane, car) for car in cars)
        for place, _, car in placed:
            _draw_car(picture, car, place)
        return noise.on(picture)

    return paint


def _on_road(lane: float, place: float) -> tuple[int, int, float]:
    """Pixel of a point of the road and the scale there. ``place``: 0 far, 1 near."""
    depth = 0.02 + 0.98 * place**2
    return round(320 + lane * (30 + 270 * depth)), round(_HORIZON + (HEIGHT - _HORIZON) * depth), depth


def _draw_car(picture: Picture, car: _Car, place: float) -> None:
    x, y, depth = _on_road(car.lane, place)
    width, height = max(4, round(12 + 100 * depth)), max(3, round(9 + 72 * depth))
    left, top = x - width // 2, y - height
    cv2.ellipse(picture, (x, y), (width // 2, max(1, height // 8)), 0, 0, 360, (50, 50, 50), -1, cv2.LINE_AA)
    cv2.rectangle(picture, (left, top + height // 3), (left + width, y), car.colour, -1, cv2.LINE_AA)
    roof = (
        (left + width * 0.16, top),
        (left + width * 0.84, top),
        (left + width, top + height * 0.4),
        (left, top + height * 0.4),
    )
    polygon(picture, roof, car.colour)
    glass = [(px * 0.86 + x * 0.14, py * 0.8 + (top + height * 0.22) * 0.2) for px, py in roof]
    polygon(picture, glass, (70, 60, 50))
    lamp: Colour = (40, 40, 230) if car.laps <= 0 else (225, 240, 250)
    for side in (0.14, 0.86):
        cv2.circle(
            picture, (round(left + width * side), round(y - height * 0.35)), max(1, width // 14), lamp, -1, cv2.LINE_AA
        )
    for side in (0.2, 0.8):
        cv2.circle(picture, (round(left + width * side), y), max(1, width // 9), (25, 25, 25), -1, cv2.LINE_AA)


def street(seed: int) -> Painter:
    """A shopping street with people walking."""
    return _walkers(seed, _shops(), count=7, ground_y=(225, 340))


def school_gate(seed: int) -> Painter:
    """A school gate with a few small people near it."""
    picture = gradient((215, 200, 180), (165, 165, 160))
    cv2.rectangle(picture, (0, 120), (WIDTH, 215), (115, 135, 165), -1)
    for x in range(0, WIDTH, 26):
        cv2.line(picture, (x, 120), (x, 215), (95, 110, 140), 1)
    for x in (220, 400):
        cv2.rectangle(picture, (x, 80), (x + 24, 218), (70, 80, 150), -1)
    cv2.rectangle(picture, (205, 62), (440, 86), (60, 60, 165), -1)
    for x in range(250, 398, 12):
        cv2.line(picture, (x, 130), (x, 215), (60, 60, 60), 2)
    cv2.rectangle(picture, (0, 216), (WIDTH, HEIGHT), (140, 142, 144), -1)
    for x in range(40, WIDTH, 90):
        polygon(picture, ((x, 300), (x + 45, 300), (x + 30, 340), (x - 20, 340)), (215, 215, 215))
    return _walkers(seed, picture, count=5, ground_y=(222, 290))


def _shops() -> Picture:
    picture = gradient((200, 195, 185), (150, 150, 150))
    for n, x in enumerate(range(0, WIDTH, 107)):
        colour = ((150, 165, 185), (130, 140, 160), (165, 160, 150))[n % 3]
        cv2.rectangle(picture, (x, 20 + 15 * (n % 2)), (x + 105, 205), colour, -1)
        cv2.rectangle(picture, (x + 8, 120), (x + 97, 200), (85, 75, 65), -1)
        cv2.rectangle(picture, (x + 4, 100), (x + 101, 118), _CLOTHES[n % len(_CLOTHES)], -1)
        for window in range(3):
            cv2.rectangle(picture, (x + 10 + 32 * window, 45), (x + 32 + 32 * window, 85), (120, 105, 90), -1)
    cv2.rectangle(picture, (0, 206), (WIDTH, HEIGHT), (138, 140, 142), -1)
    for y in (240, 280, 325):
        cv2.line(picture, (0, y), (WIDTH, y), (120, 122, 124), 1)
    return picture


def _walkers(seed: int, scenery: Picture, *, count: int, ground_y: tuple[int, int]) -> Painter:
    generator = np.random.default_rng(seed)
    scenery = speckle(scenery, generator, 4.0)
    noise = Noise(generator, 2.0)
    feet = np.sort(generator.uniform(*ground_y, count))
    begin = generator.uniform(0.0, 1.0, count)
    direction = generator.choice((-1, 1), count)

    def paint(at: float) -> Picture:
        picture = scenery.copy()
        for n in range(count):
            place = (begin[n] + direction[n] * at / LOOP_S) % 1.0
            _draw_person(picture, round(-40 + place * (WIDTH + 80)), round(feet[n]), at, _CLOTHES[n % len(_CLOTHES)])
        return noise.on(picture)

    return paint


def _draw_person(picture: Picture, x: int, y: int, at: float, clothes: Colour) -> None:
    size = 0.35 + 0.65 * (y - 200) / 150
    height = round(95 * size)
    swing = round(0.14 * height * np.sin(at * 2 * np.pi * 1.5 + x % 7))
    for side in (-1, 1):
        cv2.line(picture, (x, y - height // 2), (x + side * swing, y), (45, 45, 50), max(2, height // 12), cv2.LINE_AA)
    cv2.ellipse(
        picture, (x, y - round(0.66 * height)), (height // 8, round(0.2 * height)), 0, 0, 360, clothes, -1, cv2.LINE_AA
    )
    cv2.circle(picture, (x, y - round(0.92 * height)), max(2, height // 13), (120, 150, 190), -1, cv2.LINE_AA)


def river_bank(seed: int) -> Painter:
    """A calm river: a far bank, ripples, reeds, nobody."""
    generator = np.random.default_rng(seed)
    picture = gradient((230, 215, 190), (200, 190, 165))
    cv2.rectangle(picture, (0, 120), (WIDTH, 150), (80, 115, 85), -1)
    for x in range(10, WIDTH, 36):
        cv2.circle(picture, (x, 122 + (x * 7) % 9), 14 + (x * 5) % 9, (65, 105, 75), -1, cv2.LINE_AA)
    picture[150:] = gradient((165, 160, 135), (120, 115, 90), HEIGHT - 150)
    polygon(picture, ((0, 300), (200, 318), (430, 330), (WIDTH, 322), (WIDTH, HEIGHT), (0, HEIGHT)), (75, 125, 110))
    picture = speckle(picture, generator, 4.0)
    for x in generator.integers(0, WIDTH, 60):
        cv2.line(picture, (int(x), 330), (int(x) + 6, 296), (60, 110, 85), 2, cv2.LINE_AA)
    noise = Noise(generator, 2.0)
    waves = np.arange(150, 300)

    def paint(at: float) -> Picture:
        now = picture.copy()
        # Whole numbers of waves in a loop, so that it closes without a jump.
        lift = 7 * np.sin(waves / 5.0 + 2 * np.pi * 5 * at / LOOP_S) + 5 * np.sin(
            waves / 2.3 - 2 * np.pi * 8 * at / LOOP_S
        )
        band = now[150:300].astype(np.int16) + lift[:, None, None].astype(np.int16)
        now[150:300] = np.clip(band, 0, 255).astype(np.uint8)
        return noise.on(now)

    return paint
