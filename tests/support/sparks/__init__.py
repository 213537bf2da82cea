"""Procedural night and day scenes for the fireworks detector: what it must find, and what it must not be taken in by.

Light is added up as a lens does (motion within the exposure, a sharp core, a bloom, clipping at white), then noise. They are
drawn, not filmed: good for tests and for setting thresholds, never for a figure that speaks of real cameras.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

import numpy as np

from detectors import Image
from tests.support.sparks.fireworks import crackers, flare, fountain, shells
from tests.support.sparks.lamps import (
    fairy_lights,
    fence,
    glitter,
    headlights,
    neon,
    photo_flashes,
    platoon,
    screen,
    stage_lights,
    strobe,
)
from tests.support.sparks.other import (
    fire,
    insects,
    lanterns,
    lightning,
    nothing,
    rain,
    shaking,
    snow,
    switching,
    welding,
)
from tests.support.sparks.stage import FPS, Draw, Stage, street_by_day, town

__all__ = ["FPS", "SCENES", "Scene", "pictures"]


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
        stage = Stage(rng, street_by_day(rng), noise=2.0)
    else:
        level = {"night": rng.uniform(8, 24), "lit": rng.uniform(50, 70), "grey": rng.uniform(25, 50)}[scene.place]
        stage = Stage(rng, town(rng, level, grey=scene.place == "grey"), noise=rng.uniform(1.5, 5))
    draw = scene.drawn(stage, seconds, **scene.options)
    wobble = shaking(stage, seconds) if scene.shakes else None
    for step in range(round(seconds * FPS)):
        at = step / FPS
        draw(at)
        if wobble is not None:
            wobble(at)
        yield stage.shoot()
