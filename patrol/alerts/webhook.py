"""Posts JSON over HTTP and signs it: one attempt, bounded in time and size, no redirect followed.

How a receiver checks the signature stands in docs/channels.md; :func:`is_signed` is the same in code.
"""

from __future__ import annotations

import hashlib
import hmac
import http.client
import json
import socket
import ssl
import threading
from collections.abc import Mapping
from contextlib import suppress
from typing import Any
from urllib.parse import urlsplit

LONGEST_S = 20.0
"""One attempt at most, however slowly the other side answers."""
_CONNECT_S = 8.0
_MOST_READ = 64 * 1024
_OLDEST_S = 300


class PostError(Exception):
    """It was not taken. The message names neither the address nor what is secret in it."""


def post_json(
    url: str,
    body: bytes,
    headers: Mapping[str, str] | None = None,
    *,
    longest_s: float = LONGEST_S,
    at: str | None = None,
) -> tuple[int, bytes]:
    """POST ``body`` and give back the status and the beginning of the answer.

    Args:
        url: ``http://`` or ``https://``.
        body: JSON, UTF-8.
        headers: more of them.
        longest_s: seconds for the whole attempt.
        at: address to connect to in place of looking the name up again, which could give another one than was checked.

    Raises:
        PostError: no answer came.
    """
    parts = urlsplit(url)
    make = http.client.HTTPSConnection if parts.scheme == "https" else http.client.HTTPConnection
    connection = make(parts.hostname or "", parts.port, timeout=min(_CONNECT_S, longest_s))
    if at is not None:
        # The name stays what the certificate and the Host header are about.
        connection._create_connection = (  # type: ignore[attr-defined]
            lambda address, *more: socket.create_connection((at, address[1]), *more)
        )
    cut = threading.Event()

    def cut_off() -> None:
        cut.set()
        # A timeout of a socket bounds each read; one that trickles is ended from here.
        with suppress(OSError, AttributeError):
            connection.sock.shutdown(socket.SHUT_RDWR)

    timer = threading.Timer(longest_s, cut_off)
    timer.daemon = True
    timer.start()
    try:
        target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
        connection.request("POST", target, body, {"Content-Type": "application/json; charset=utf-8", **(headers or {})})
        if connection.sock is not None:
            connection.sock.settimeout(longest_s)
        answer = connection.getresponse()
        read = answer.read(_MOST_READ)
        if cut.is_set():
            raise PostError(f"no whole answer within {longest_s:g} s")
        return answer.status, read
    except TimeoutError:
        raise PostError("no answer in time") from None
    except ssl.SSLCertVerificationError as error:
        raise PostError(f"its certificate is not trusted: {error.verify_message}") from None
    except ConnectionRefusedError:
        raise PostError("the connection is refused") from None
    except socket.gaierror:
        raise PostError("its host name is not known") from None
    except (OSError, http.client.HTTPException, ValueError) as error:
        if cut.is_set():
            raise PostError(f"no whole answer within {longest_s:g} s") from None
        raise PostError(f"no answer ({type(error).__name__})") from None
    finally:
        timer.cancel()
        connection.close()


def post_signed(
    url: str,
    secret: str,
    value: Mapping[str, Any],
    *,
    key: str,
    timestamp: int,
    longest_s: float = LONGEST_S,
    at: str | None = None,
) -> None:
    """Post a value with timestamp, signature and idempotency key; any 2xx means that it was taken.

    Args:
        url: ``http://`` or ``https://``.
        secret: signs it.
        value: becomes the body.
        key: the same for every attempt of one message.
        timestamp: Unix seconds.
        longest_s: seconds for the whole attempt.
        at: as in :func:`post_json`.

    Raises:
        PostError: it was not taken.
    """
    body = json.dumps(value, ensure_ascii=False).encode()
    headers = {
        "X-Patrol-Timestamp": str(timestamp),
        "X-Patrol-Signature": signature(secret, str(timestamp), body),
        "Idempotency-Key": key,
    }
    status, _ = post_json(url, body, headers, longest_s=longest_s, at=at)
    if 300 <= status < 400:
        raise PostError(f"it answered {status}; redirects are not followed, name the place itself")
    if not 200 <= status < 300:
        raise PostError(f"it answered {status}")


def signature(secret: str, timestamp: str, body: bytes) -> str:
    """``sha256=`` and the HMAC-SHA256 over timestamp, a dot and the body, hexadecimal."""
    mac = hmac.new(secret.encode(), timestamp.encode() + b"." + body, hashlib.sha256)
    return f"sha256={mac.hexdigest()}"


def is_signed(secret: str, headers: Mapping[str, str], body: bytes, now: float) -> bool:
    """Whether a receiver should believe a request: signed with ``secret`` within five minutes of ``now`` (Unix seconds)."""
    timestamp = headers.get("X-Patrol-Timestamp", "")
    if not (timestamp.isascii() and timestamp.isdigit() and len(timestamp) < 13):
        return False
    right = hmac.compare_digest(
        signature(secret, timestamp, body).encode(), headers.get("X-Patrol-Signature", "").encode()
    )
    return right and abs(now - int(timestamp)) <= _OLDEST_S
