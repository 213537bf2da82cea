"""Short-lived links to evidence: whoever holds one may fetch that one file until it runs out."""

from __future__ import annotations

import hashlib
import hmac
import os
import secrets
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import parse_qs, urlencode

_FILE = "link.key"
_BYTES = 32


def load_or_make_key(data_dir: Path) -> bytes:
    """The key that signs links: made once, readable by the service's user alone."""
    file = data_dir / _FILE
    try:
        key = file.read_bytes()
    except FileNotFoundError:
        key = b""
    if len(key) == _BYTES:
        return key
    key = secrets.token_bytes(_BYTES)
    fresh = file.with_suffix(".new")
    descriptor = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "wb") as out:
        out.write(key)
    fresh.replace(file)
    return key


def sign_link(key: bytes, path: str, expires: datetime, said: Mapping[str, str] | None = None) -> str:
    """The query that makes ``path`` a link until ``expires`` (aware): ``expires=…&signature=…``.

    Args:
        key: see :func:`load_or_make_key`.
        path: as it will be asked for.
        expires: aware.
        said: more that the link says and that nobody can change, e.g. for whom it is; None: nothing.
    """
    until, more = int(expires.timestamp()), dict(said or {})
    return urlencode({**more, "expires": until, "signature": _signature(key, path, until, more)})


def read_link(key: bytes, path: str, query: str, now: datetime) -> dict[str, str] | None:
    """What a link says beside how long it works; None: it was not signed for ``path``, was changed, or has run out at ``now``."""
    given = parse_qs(query, keep_blank_values=True)
    if any(len(values) != 1 for values in given.values()):
        return None
    said = {name: values[0] for name, values in given.items()}
    expires, signature = said.pop("expires", ""), said.pop("signature", "")
    if not (expires.isascii() and expires.isdecimal()) or len(expires) > 12:
        return None
    right = hmac.compare_digest(
        _signature(key, path, int(expires), said).encode(), signature.encode("utf-8", "surrogateescape")
    )
    return said if right and now.astimezone(UTC).timestamp() < int(expires) else None


def verify_link(key: bytes, path: str, query: str, now: datetime) -> bool:
    """Whether ``query`` was signed for ``path`` and has not run out at ``now`` (aware)."""
    return read_link(key, path, query, now) is not None


def _signature(key: bytes, path: str, until: int, said: Mapping[str, str]) -> str:
    # A link that says nothing more is signed as it always was, so that links in alerts that are under way go on working.
    more = f"\n{urlencode(sorted(said.items()))}" if said else ""
    return hmac.new(key, f"{until}\n{path}{more}".encode(), hashlib.sha256).hexdigest()
