"""What the twenty digits of a GB/T 28181 id say, and whether they can be a camera's.

Coding rule A of GB/T 28181 Annex D: 8 digits centre code (province, city, county, basic unit), 2 industry, 3 device
type, 1 network, 6 serial number.
"""

from __future__ import annotations

import re

# GB/T 2260: the first two digits of every division code.
_PROVINCES = frozenset(
    str(code)
    for codes in (
        range(11, 16),
        range(21, 24),
        range(31, 38),
        range(41, 47),
        range(50, 55),
        range(61, 66),
        (71, 81, 82),
    )
    for code in codes
)
_CAMERAS = {"131": "camera", "132": "network camera"}
_NO_CAMERAS = {
    "111": "a DVR",
    "118": "an NVR",
    "134": "an alarm input",
    "135": "an alarm output",
    "136": "a voice input",
    "137": "a voice output",
    "200": "a SIP server",
    "215": "a business group",
    "216": "a virtual organisation",
}


def id_problem(text: str) -> str | None:
    """Why an all-digit id cannot be a camera's GB/T 28181 id; None when it can, or when it is a short name."""
    if not re.fullmatch(r"\d+", text) or len(text) < 15:
        return None
    if len(text) != 20:
        return f"looks like a GB/T 28181 id but has {len(text)} digits; one has 20"
    if text[:2] not in _PROVINCES:
        return f"is no GB/T 28181 id: {text[:2]} is no province (digits 1-2)"
    kind = text[10:13]
    if kind in _NO_CAMERAS:
        return f"names {_NO_CAMERAS[kind]} (type {kind}, digits 11-13), not a camera; a camera's type is 131 or 132"
    return None


def id_doubt(text: str, county: str) -> str | None:
    """What is odd, though possible, about a GB/T 28181 id."""
    if not re.fullmatch(r"\d{20}", text):
        return None
    if text[10:13] not in _CAMERAS:
        return f"has device type {text[10:13]} (digits 11-13); cameras have 131 or 132"
    if text[:6] != county and text[:4] != county[:4]:
        return f"belongs to division {text[:6]}, not to {county}"
    return None
