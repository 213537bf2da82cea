"""The picture a zone is drawn on: a look's reference picture, named in the registry or adopted from its first good look."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy.orm import Session

from patrol.registry import LoadedRegistry, look_specs
from patrol.store.tables import LookState

_MOST = 30 * 1024 * 1024
_KINDS = {b"\xff\xd8\xff": "image/jpeg", b"\x89PN": "image/png"}
"""By the first three bytes. Nothing else is given out, whatever path the registry names."""


@dataclass(frozen=True, slots=True)
class Picture:
    """A picture as it is given out."""

    content: bytes
    media_type: str
    sha256: str


def picture_of(session: Session, loaded: LoadedRegistry, data: Path, key: str) -> Picture | None:
    """The reference picture of a look.

    Args:
        session: to read with.
        loaded: the registry in force.
        data: the data folder, in which adopted pictures lie.
        key: ``<camera>`` or ``<camera>/<preset>``.

    Returns:
        None: there is no such look, it has no picture yet, or what is named is no picture.
    """
    spec = next((s for s in look_specs(loaded.registry, include_disabled=True) if s.key == key), None)
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
    media_type = _KINDS.get(content[:3])
    if media_type is None or len(content) > _MOST:
        return None
    return Picture(content, media_type, hashlib.sha256(content).hexdigest())
