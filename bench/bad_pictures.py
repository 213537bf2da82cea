"""Pictures and streams made bad on purpose, each the way a camera or a line goes bad, for the quality bench and its tests."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterable

import av
import cv2
import numpy as np

from detectors import Image
from patrol.visits.report import Cause

Spoil = Callable[[Image, np.random.Generator], Image]


def noisy(picture: Image, sigma: float, rng: np.random.Generator) -> Image:
    """Sensor noise, Gaussian, in luma."""
    noise = rng.normal(0, sigma, picture.shape[:2]).astype(np.float32)
    return np.clip(picture.astype(np.float32) + noise[..., None], 0, 255).astype(np.uint8)


def blurred(picture: Image, share: float, rng: np.random.Generator) -> Image:
    """Out of focus: Gaussian, sigma a share of the longer side, with the noise of the sensor behind it."""
    return noisy(cv2.GaussianBlur(picture, (0, 0), share * max(picture.shape)).astype(np.uint8), 1.5, rng)


def covered(picture: Image, colour: tuple[int, int, int], rng: np.random.Generator) -> Image:
    """A hand, a cloth, a cobweb full of dust: one colour, shaded from corner to corner."""
    height, width = picture.shape[:2]
    down, across = np.mgrid[:height, :width]
    shade = 1 + 0.25 * (across / width - 0.5) + 0.2 * (down / height - 0.5)
    cover = np.clip(np.array(colour) * shade[..., None], 0, 255).astype(np.uint8)
    return noisy(cover, 2, rng)


def sprayed(picture: Image, share: float, colour: tuple[int, int, int], rng: np.random.Generator) -> Image:
    """Paint in blobs that together cover a share of the picture, their edges out of focus."""
    height, width = picture.shape[:2]
    mask = np.zeros((height, width), np.uint8)
    while float((mask > 0).mean()) < share:
        centre = (int(rng.integers(width)), int(rng.integers(height)))
        axes = (int(rng.uniform(0.1, 0.3) * width), int(rng.uniform(0.1, 0.3) * height))
        cv2.ellipse(mask, centre, axes, float(rng.uniform(0, 180)), 0, 360, (255,), -1)
    soft = cv2.GaussianBlur(mask, (0, 0), 0.01 * width).astype(np.float32)[..., None] / 255
    return noisy((picture * (1 - soft) + np.array(colour) * soft).astype(np.uint8), 1.5, rng)


def lit(picture: Image, gain: float, lift: float) -> Image:
    """Another exposure."""
    return np.clip(picture.astype(np.float32) * gain + lift, 0, 255).astype(np.uint8)


def plain(picture: Image, colour: tuple[int, int, int]) -> Image:
    """One colour, drawn: no noise."""
    return np.full_like(picture, colour)


def card(
    picture: Image, colour: tuple[int, int, int], text: str = "NO SIGNAL", ink: tuple[int, int, int] = (255, 255, 255)
) -> Image:
    """A plain screen with a few words in its middle."""
    made = plain(picture, colour)
    height, width = made.shape[:2]
    size = width / 600
    (across, down), _ = cv2.getTextSize(text, cv2.FONT_HERSHEY_SIMPLEX, size, max(1, width // 200))
    at = ((width - across) // 2, (height + down) // 2)
    cv2.putText(made, text, at, cv2.FONT_HERSHEY_SIMPLEX, size, ink, max(1, width // 200), cv2.LINE_AA)
    return made


def bars(picture: Image) -> Image:
    """Colour bars."""
    made = np.empty_like(picture)
    colours = [(192, 192, 192), (0, 192, 192), (192, 192, 0), (0, 192, 0), (192, 0, 192), (0, 0, 192), (192, 0, 0)]
    edges = np.linspace(0, picture.shape[1], len(colours) + 1).round().astype(int)
    for colour, left, right in zip(colours, edges[:-1], edges[1:], strict=True):
        made[:, left:right] = colour
    return made


def logo(picture: Image) -> Image:
    """A platform's waiting card: white, a coloured sign, two lines."""
    made = card(picture, (250, 250, 250), "Please wait", (120, 60, 20))
    height, width = made.shape[:2]
    cv2.circle(made, (width // 2, height // 4), height // 8, (40, 40, 200), -1, cv2.LINE_AA)
    return made


def snow(picture: Image, rng: np.random.Generator) -> Image:
    """An analogue channel without a camera."""
    grains = rng.integers(0, 256, (picture.shape[0] // 2, picture.shape[1] // 2), np.uint8)
    large = cv2.resize(grains, picture.shape[1::-1], interpolation=cv2.INTER_NEAREST)
    return cv2.cvtColor(large, cv2.COLOR_GRAY2BGR).astype(np.uint8)


def stamped(picture: Image, second: int) -> Image:
    """Name and time burnt in, as cameras do."""
    made = picture.copy()
    height, width = made.shape[:2]
    size, thick = height / 720, max(1, height // 240)
    cv2.putText(
        made,
        f"2026-11-24 12:{second // 60:02d}:{second % 60:02d}",
        (width // 40, height // 12),
        cv2.FONT_HERSHEY_SIMPLEX,
        size,
        (255, 255, 255),
        thick,
    )
    cv2.putText(
        made, "CAM 01", (width * 3 // 4, height * 29 // 30), cv2.FONT_HERSHEY_SIMPLEX, size, (255, 255, 255), thick
    )
    return made


SPOILED: dict[str, tuple[Spoil, frozenset[Cause]]] = {
    "black, sensor noise": (lambda p, r: noisy(plain(p, (3, 3, 3)), 1, r), frozenset({Cause.DARK})),
    "black, exact": (lambda p, _: plain(p, (0, 0, 0)), frozenset({Cause.DARK})),
    "black with name and time": (lambda p, r: stamped(noisy(plain(p, (4, 4, 4)), 1, r), 0), frozenset({Cause.DARK})),
    "5 % of the light": (lambda p, _: lit(p, 0.05, 0), frozenset({Cause.DARK})),
    "white": (lambda p, r: noisy(plain(p, (250, 250, 250)), 1.5, r), frozenset({Cause.OVEREXPOSED})),
    "burnt out (×5 + 100)": (lambda p, _: lit(p, 5, 100), frozenset({Cause.OVEREXPOSED})),
    "out of focus, 0.8 % of the width": (lambda p, r: blurred(p, 0.008, r), frozenset({Cause.BLURRED})),
    "out of focus, 1 %": (lambda p, r: blurred(p, 0.01, r), frozenset({Cause.BLURRED})),
    "out of focus, 2 %": (lambda p, r: blurred(p, 0.02, r), frozenset({Cause.BLURRED, Cause.OCCLUDED})),
    "covered, grey": (lambda p, r: covered(p, (110, 110, 110), r), frozenset({Cause.OCCLUDED})),
    "covered, brown": (lambda p, r: covered(p, (50, 80, 110), r), frozenset({Cause.OCCLUDED})),
    "covered, one grey, exact": (lambda p, _: plain(p, (110, 110, 110)), frozenset({Cause.OCCLUDED})),
    "sprayed 95 %, brown": (lambda p, r: sprayed(p, 0.95, (50, 80, 110), r), frozenset({Cause.OCCLUDED})),
    "sprayed 85 %, brown": (lambda p, r: sprayed(p, 0.85, (50, 80, 110), r), frozenset({Cause.OCCLUDED})),
    "sprayed 85 %, white": (
        lambda p, r: sprayed(p, 0.85, (220, 225, 225), r),
        frozenset({Cause.OCCLUDED, Cause.OVEREXPOSED}),
    ),
    "sprayed 85 %, black": (lambda p, r: sprayed(p, 0.85, (15, 15, 15), r), frozenset({Cause.OCCLUDED, Cause.DARK})),
    "colour bars": (lambda p, _: bars(p), frozenset({Cause.NO_SIGNAL})),
    "blue screen": (lambda p, _: plain(p, (200, 0, 0)), frozenset({Cause.NO_SIGNAL})),
    "blue screen with text": (lambda p, _: card(p, (190, 20, 10)), frozenset({Cause.NO_SIGNAL})),
    "grey screen with text": (lambda p, _: card(p, (100, 100, 100)), frozenset({Cause.NO_SIGNAL})),
    "black screen with text": (lambda p, _: card(p, (0, 0, 0)), frozenset({Cause.NO_SIGNAL})),
    "snow": (snow, frozenset({Cause.NO_SIGNAL})),
    "logo card": (lambda p, _: logo(p), frozenset({Cause.PLACEHOLDER})),
}
"""What is done to a picture, and the causes that are right for it."""


def encoded(
    pictures: Iterable[Image],
    *,
    fps: int = 25,
    group: int = 50,
    bit_rate: int | None = None,
    options: dict[str, str] | None = None,
) -> bytes:
    """H.264 in Matroska. ``bit_rate`` None: constant quality (x264's default unless ``options`` has ``crf``)."""
    memory = io.BytesIO()
    with av.open(memory, "w", format="matroska") as container:
        stream = container.add_stream("libx264", rate=fps, options=options or {})
        stream.pix_fmt = "yuv420p"
        stream.gop_size = group
        if bit_rate is not None:
            stream.bit_rate = bit_rate
        for number, picture in enumerate(pictures):
            if number == 0:
                stream.height, stream.width = picture.shape[:2]
            frame = av.VideoFrame.from_ndarray(picture, format="bgr24")
            frame.pts = number
            container.mux(stream.encode(frame))
        container.mux(stream.encode())
    return memory.getvalue()
