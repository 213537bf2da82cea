"""An alert as it came: read from the wire, checked for what a receiver needs of it, and no more.

Unknown fields are kept. Whatever is not an alert raises ``NotAnAlertError`` with the reason, and never anything else.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import Any, NoReturn

from patrol.alerts.envelope import SCHEMA
from patrol.alerts.mqtt import LONGEST

_LONGEST_ID = 36
_LARGEST_SEQ = 2**53
_HEX = re.compile(r"[0-9a-f]{64}")


class NotAnAlertError(Exception):
    """A message on the alert topic that is none; the message of the error says why."""


@dataclass(frozen=True, slots=True)
class File:
    """One piece of evidence: where it is for now, and what it must be."""

    url: str
    sha256: str
    role: str


@dataclass(frozen=True, slots=True)
class Incoming:
    """One alert.

    Attributes:
        id: 1 to 36 printable characters.
        seq: its number in the department's count; None where it carries none that can be used.
        type, kind, incident: as they came, as text.
        known: whether its schema is the one this receiver was written for.
        value: all of it.
        line: all of it as one line of JSON, UTF-8 when encoded.
        evidence: what of ``evidence`` can be fetched and checked.
        unusable: how many entries of ``evidence`` cannot.
    """

    id: str
    seq: int | None
    type: str
    kind: str
    incident: str
    known: bool
    value: dict[str, Any]
    line: str
    evidence: tuple[File, ...]
    unusable: int

    def for_people(self) -> str:
        """One line; control characters, which could play tricks on a terminal, are taken out."""
        judged = "confirmed" if self.value.get("reviewed") else "not reviewed"
        words = (self.value.get("occurred_at"), self.type, self.kind, self.value.get("summary"))
        return printable("  ".join("" if w is None else str(w) for w in words) + f"  ({judged}, {self.id})")


def read_alert(payload: bytes, ack_topic: str) -> Incoming:
    """Read an alert.

    An alert of another schema than ``patrol.alert/1`` is still one, with ``known`` False: what must be there to go by
    it (``id``) and to answer it (``ack_topic``) is checked here, and an alert that a person reads with a warning is worth
    more than one that nobody sees.

    Args:
        payload: as it came.
        ack_topic: the only topic this department answers on. An alert that names another would make us speak elsewhere.

    Raises:
        NotAnAlertError: it is none.
    """
    if len(payload) > LONGEST:
        raise NotAnAlertError(f"it is longer than {LONGEST} bytes")
    try:
        value: Any = json.loads(payload, parse_constant=_no_number)
        # Also what JSON can spell and no text can hold (half a surrogate pair), and numbers too large to be written again.
        line = json.dumps(value, ensure_ascii=False, allow_nan=False).encode("utf-8", "replace").decode("utf-8")
    except (ValueError, RecursionError):
        raise NotAnAlertError("it is not JSON") from None
    if not isinstance(value, dict):
        raise NotAnAlertError("it is not a JSON object")
    key = value.get("id")
    if not isinstance(key, str) or not 1 <= len(key) <= _LONGEST_ID or not key.isprintable():
        raise NotAnAlertError(f"its `id` is not a text of 1 to {_LONGEST_ID} printable characters")
    if value.get("ack_topic") != ack_topic:
        raise NotAnAlertError(f"its `ack_topic` is not {ack_topic}")
    seq = value.get("seq")
    evidence = value.get("evidence")
    entries = evidence if isinstance(evidence, list) else []
    files = tuple(file for file in map(_file, entries) if file is not None)
    return Incoming(
        id=key,
        seq=seq if type(seq) is int and 1 <= seq < _LARGEST_SEQ else None,
        type=_text(value.get("type")),
        kind=_text(value.get("kind")),
        incident=_text(value.get("incident")),
        known=value.get("schema") == SCHEMA,
        value=value,
        line=line,
        evidence=files,
        unusable=len(entries) - len(files),
    )


def printable(text: str) -> str:
    """Without control characters and halves of surrogate pairs."""
    return "".join(c if c.isprintable() else " " for c in text)


def _file(entry: Any) -> File | None:
    if not isinstance(entry, dict):
        return None
    url, sha256 = entry.get("url"), entry.get("sha256")
    if not isinstance(url, str) or not url.startswith(("http://", "https://")) or not url.isprintable():
        return None
    if not isinstance(sha256, str) or not _HEX.fullmatch(sha256):
        return None
    return File(url, sha256, _text(entry.get("role")))


def _text(value: Any) -> str:
    return printable(value)[:64] if isinstance(value, str) else ""


def _no_number(name: str) -> NoReturn:
    raise ValueError(name)
