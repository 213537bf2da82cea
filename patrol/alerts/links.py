"""Short-lived links to evidence: whoever holds one may fetch that one file until it runs out."""

from __future__ import annotations

import hashlib
import hmac
import os
import secrets
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import parse_qs

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


def sign_link(key: bytes, path: str, expires: datetime) -> str:
    """The query that makes ``path`` a link until ``expires`` (aware): ``expires=…&signature=…``."""
    until = int(expires.timestamp())
    return f"expires={until}&signature={_signature(key, path, until)}"


def verify_link(key: bytes, path: str, query: str, now: datetime) -> bool:
    """Whether ``query`` was signed for ``path`` and has not run out at ``now`` (aware)."""
    given = parse_qs(query)
    expires, signature = given.get("expires", [""])[0], given.get("signature", [""])[0]
    if not expires.isdecimal() or len(expires) > 12:
        return False
    right = hmac.compare_digest(_signature(key, path, int(expires)).encode(), signature.encode())
    return right and now.astimezone(UTC).timestamp() < int(expires)


def _signature(key: bytes, path: str, until: int) -> str:
    return hmac.new(key, f"{until}\n{path}".encode(), hashlib.sha256).hexdigest()
