"""The signed link in a message to people: whoever holds it may see its matters and answer one of them, for a day.

Its key is derived for this purpose alone, so that no signature made for anything else opens it.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import struct
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Literal

LIFETIME = timedelta(hours=24)
_PURPOSE = b"patrol: answer to a message/1"
_TAG_BYTES = 16
"""Of the HMAC-SHA256, 128 bits (RFC 2104 part 5 allows a half): a link has to fit into an SMS."""
_ITEM, _NOTICE = 1, 2


class LinkError(Exception):
    """A link that opens nothing. ``expired``: it was ours, and its time is over."""

    def __init__(self, message: str, *, expired: bool) -> None:
        super().__init__(message)
        self.expired = expired


@dataclass(frozen=True, slots=True)
class Subject:
    """What a link is about: one matter (the number of its ``notice_item``) or a whole message (its id).

    Attributes:
        of: which of the two.
        item: number of the matter, 0 for a message.
        notice: id of the message, empty for a matter.
        expires: UTC, whole seconds.
    """

    of: Literal["item", "notice"]
    item: int
    notice: str
    expires: datetime


def item_token(key: bytes, item: int, expires: datetime) -> str:
    """The end of a link to one matter; ``expires`` is aware."""
    return _signed(key, struct.pack(">BIQ", _ITEM, int(expires.timestamp()), item))


def notice_token(key: bytes, notice: str, expires: datetime) -> str:
    """The end of a link to a message; ``notice`` is its id, 32 hexadecimal digits."""
    return _signed(key, struct.pack(">BI", _NOTICE, int(expires.timestamp())) + bytes.fromhex(notice))


def read_token(key: bytes, token: str, now: datetime) -> Subject:
    """What a link is about.

    Args:
        key: the service's key for links.
        token: the end of the link.
        now: aware.

    Raises:
        LinkError: it was not signed by this service for this purpose, or its time is over.
    """
    try:
        whole = base64.urlsafe_b64decode(token.encode("ascii") + b"=" * (-len(token) % 4))
    except (UnicodeEncodeError, binascii.Error):
        whole = b""
    payload, tag = whole[:-_TAG_BYTES], whole[-_TAG_BYTES:]
    # Base64 may spell the same bytes in several ways; only our own spelling counts.
    if not payload or not hmac.compare_digest(_tag(key, payload), tag) or _encoded(whole) != token:
        raise LinkError("the link is not signed by this service", expired=False)
    of, until = struct.unpack_from(">BI", payload)
    expires = datetime.fromtimestamp(until, UTC)
    if now >= expires:
        raise LinkError("the link has run out", expired=True)
    if of == _ITEM:
        return Subject("item", struct.unpack_from(">Q", payload, 5)[0], "", expires)
    return Subject("notice", 0, payload[5:].hex(), expires)


def _signed(key: bytes, payload: bytes) -> str:
    return _encoded(payload + _tag(key, payload))


def _tag(key: bytes, payload: bytes) -> bytes:
    own = hmac.new(key, _PURPOSE, hashlib.sha256).digest()
    return hmac.new(own, payload, hashlib.sha256).digest()[:_TAG_BYTES]


def _encoded(whole: bytes) -> str:
    return base64.urlsafe_b64encode(whole).rstrip(b"=").decode("ascii")
