"""The picture a zone is drawn on: a look's reference picture, with people and vehicles' plates hidden.

Whoever edits the registry needs to see where the road and the water are, and nobody on them. Named in the registry or adopted from
its first good look, the picture is given out masked or not at all.
"""

from __future__ import annotations

import hashlib
import threading
from collections import OrderedDict
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
from sqlalchemy.orm import Session

from detectors import ModelError, load, resolve
from patrol.evidence.export import find
from patrol.evidence.masking import Rules, masked
from patrol.registry import LoadedRegistry, look_specs_of
from patrol.store.tables import LookState

_MOST = 30 * 1024 * 1024
_LONGEST = 8_192
"""Pixels of a side; a picture that is larger is no camera's."""
_KINDS = (b"\xff\xd8\xff", b"\x89PN")
"""First bytes of JPEG and PNG. Nothing else is read, whatever path the registry names."""
_KEPT = 32
_QUALITY = 90


class MaskError(Exception):
    """There is a picture and it cannot be masked; the message says why."""


@dataclass(frozen=True, slots=True)
class Picture:
    """A picture as it is given out.

    Attributes:
        content: JPEG, masked, of the size of the original.
        sha256: of the original, hex.
    """

    content: bytes
    sha256: str


class Pictures:
    """Masks reference pictures, one at a time, and keeps the last few: a zone is drawn in several looks at one picture."""

    def __init__(self) -> None:
        self._turn = threading.Lock()
        self._kept: OrderedDict[str, bytes] = OrderedDict()

    def masked(self, original: bytes) -> Picture | None:
        """A picture as it may be given out; None: it is none.

        Raises:
            MaskError: there is nothing to mask it with.
        """
        sha256 = hashlib.sha256(original).hexdigest()
        with self._turn:
            content = self._kept.get(sha256) or _masked(original)
            if content is None:
                return None
            self._kept[sha256] = content
            self._kept.move_to_end(sha256)
            if len(self._kept) > _KEPT:
                self._kept.popitem(last=False)
        return Picture(content, sha256)


def original_of(session: Session, loaded: LoadedRegistry, data: Path, key: str) -> bytes | None:
    """The reference picture of a look as it is kept.

    Args:
        session: to read with.
        loaded: the registry in force.
        data: the data folder, in which adopted pictures lie.
        key: ``<camera>`` or ``<camera>/<preset>``.

    Returns:
        None: there is no such look, it has no picture yet, or what is named is no picture.
    """
    camera = loaded.registry.camera(key.partition("/")[0])
    spec = next((s for s in look_specs_of(loaded.registry, camera) if s.key == key), None) if camera else None
    if spec is None:
        return None
    if spec.reference is not None:
        file = (loaded.file.parent if loaded.file else Path()) / spec.reference
    else:
        state = session.get(LookState, key)
        if state is None or state.reference is None:
            return None
        file = data / state.reference
    try:
        with file.open("rb") as opened:
            content = opened.read(_MOST + 1)
    except OSError:
        return None
    return content if content.startswith(_KINDS) and len(content) <= _MOST else None


def _masked(original: bytes) -> bytes | None:
    picture = cv2.imdecode(np.frombuffer(original, np.uint8), cv2.IMREAD_COLOR)
    if picture is None or max(picture.shape[:2]) > _LONGEST:
        return None
    shipped = resolve(None)
    if shipped.path is None:
        raise MaskError(f"the picture cannot be masked: {shipped.problem}")
    rules = Rules(whole_people=True)
    try:
        things = find(load(shipped.path), picture.astype(np.uint8), rules, fine=True)
    except ModelError as error:
        raise MaskError(f"the picture cannot be masked: {error}") from None
    shown = masked(picture.astype(np.uint8), [thing.cover for thing in things], rules)
    fits, content = cv2.imencode(".jpg", shown, [cv2.IMWRITE_JPEG_QUALITY, _QUALITY])
    return bytes(content) if fits else None
