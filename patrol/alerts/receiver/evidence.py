"""Fetches the evidence of alerts into a folder, checks each file against its sha256, and holds nothing else up.

What is wanted stands in the book, so that a receiver that was ended fetches the rest when it runs again. Links run out after
a day: what cannot be fetched is reported, and given up after the last try.
"""

from __future__ import annotations

import hashlib
import http.client
import os
import re
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Sequence
from datetime import timedelta
from pathlib import Path, PurePosixPath
from urllib.parse import urlsplit

import structlog

from patrol.alerts.receiver.book import Book, BookError, Wanted

log = structlog.get_logger(__name__)

LARGEST = 200 * 1024 * 1024
"""Bytes of one file."""
AGAIN_S = (10.0, 60.0, 300.0, 1800.0, 7200.0)
"""Seconds before the second try, the third, …; after the last it is given up."""
_SILENCE_S = 30.0
"""A server that sends nothing for so long is given up."""
_LONGEST = timedelta(minutes=10)
"""For one file: a server that trickles must not keep the others waiting for ever."""
_PIECE = 256 * 1024
_FINAL = {401, 403, 404, 410}
"""The link is wrong or has run out: it will not get better."""
_SAFE = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]*")
_ENDINGS = {".mp4", ".jpg", ".jpeg", ".png", ".webp", ".mkv"}


class _FetchError(Exception):
    def __init__(self, problem: str, *, final: bool) -> None:
        super().__init__(problem)
        self.final = final


class Keeper:
    """Fetches in a thread of its own.

    Args:
        folder: gets ``<alert id>/<role>-<first of the sha256>.<ending>``.
        book: says what is wanted.
        again_s: see ``AGAIN_S``.
        largest: bytes of one file.
    """

    def __init__(self, folder: Path, book: Book, *, again_s: Sequence[float] = AGAIN_S, largest: int = LARGEST) -> None:
        self._folder = folder
        self._book = book
        self._again_s = again_s
        self._largest = largest
        self._stop = threading.Event()
        self._woken = threading.Event()
        self._tries: dict[Wanted, tuple[int, float]] = {}
        """Tries made, and the monotonic second from which the next may be."""
        self._opener = _opener()
        self._thread = threading.Thread(target=self._run, name="evidence", daemon=True)

    def start(self) -> None:
        """Begin with what the book wants."""
        self._thread.start()

    def wake(self) -> None:
        """There may be more."""
        self._woken.set()

    def stop(self) -> None:
        """End; a file on its way is left, and fetched by the next."""
        self._stop.set()
        self._woken.set()
        self._thread.join(5)

    def _run(self) -> None:
        while not self._stop.is_set():
            self._woken.clear()
            try:
                wanted = self._book.wanted()
                self._tries = {one: tries for one, tries in self._tries.items() if one in set(wanted)}
                for one in wanted:
                    if self._stop.is_set():
                        return
                    if time.monotonic() >= self._tries.get(one, (0, 0.0))[1]:
                        self._try(one)
            except BookError as error:
                log.error("evidence waits for the book", problem=str(error))
            self._woken.wait(min(self._again_s, default=10.0))

    def _try(self, one: Wanted) -> None:
        made = self._tries.get(one, (0, 0.0))[0] + 1
        try:
            kept = self._fetch(one)
        except _FetchError as error:
            if self._stop.is_set():
                return
            final = error.final or made > len(self._again_s)
            what = "evidence is not kept" if final else "evidence is not there yet; tried again"
            log.error(what, alert=one.alert, role=one.role, problem=str(error))
            if final:
                self._book.fetched(one, None, str(error))
            else:
                self._tries[one] = (made, time.monotonic() + self._again_s[made - 1])
            return
        self._book.fetched(one, str(kept), None)
        log.info("evidence is kept", alert=one.alert, file=str(kept))

    def _fetch(self, one: Wanted) -> Path:
        """Fetch one file and put it in its place only when it is the right one."""
        target = self._folder / place_of(one)
        part = target.with_name(f"{target.name}.part")
        try:
            target.parent.mkdir(parents=True, exist_ok=True)
            try:
                with part.open("wb") as out:
                    found = self._load(one.url, out.write)
                    out.flush()
                    os.fsync(out.fileno())
                if found != one.sha256:
                    raise _FetchError(f"its sha256 is {found} and not {one.sha256}", final=True)
                part.replace(target)
            finally:
                part.unlink(missing_ok=True)
        # A link is a key to its file: nothing that may quote it goes into a problem, and so into a log.
        except urllib.error.HTTPError as error:
            error.close()
            raise _FetchError(f"the server answers {error.code}", final=error.code in _FINAL) from None
        except urllib.error.URLError as error:
            raise _FetchError(f"it cannot be fetched: {error.reason}", final=False) from None
        except OSError as error:
            raise _FetchError(f"it cannot be fetched: {error}", final=False) from None
        except (http.client.HTTPException, ValueError) as error:
            raise _FetchError(f"it cannot be fetched: {type(error).__name__}", final=False) from None
        return target

    def _load(self, url: str, write: Callable[[bytes], object]) -> str:
        end = time.monotonic() + _LONGEST.total_seconds()
        digest, size = hashlib.sha256(), 0
        with self._opener.open(url, timeout=_SILENCE_S) as answer:
            announced = answer.headers.get("content-length", "")
            if announced.isdecimal() and int(announced) > self._largest:
                raise _FetchError(f"it is larger than {self._largest} bytes", final=True)
            while piece := answer.read1(_PIECE):
                size += len(piece)
                if size > self._largest:
                    raise _FetchError(f"it is larger than {self._largest} bytes", final=True)
                if self._stop.is_set() or time.monotonic() > end:
                    raise _FetchError(f"it takes longer than {_LONGEST}", final=False)
                digest.update(piece)
                write(piece)
        if announced.isdecimal() and size < int(announced):
            raise _FetchError(f"only {size} of {announced} bytes came", final=False)
        return digest.hexdigest()


def place_of(one: Wanted) -> PurePosixPath:
    """Where a file is kept in the folder; nothing that comes from outside can lead out of it."""
    alert = one.alert if _SAFE.fullmatch(one.alert) else hashlib.sha256(one.alert.encode("utf-8")).hexdigest()[:36]
    role = one.role if _SAFE.fullmatch(one.role) else "file"
    ending = PurePosixPath(urlsplit(one.url).path).suffix.lower()
    return PurePosixPath(alert) / f"{role}-{one.sha256[:16]}{ending if ending in _ENDINGS else ''}"


def _opener() -> urllib.request.OpenerDirector:
    """HTTP and HTTPS alone: the usual one also reads local files, which a link must not name."""
    opener = urllib.request.OpenerDirector()
    for handler in (
        urllib.request.ProxyHandler,
        urllib.request.HTTPHandler,
        urllib.request.HTTPSHandler,
        urllib.request.HTTPDefaultErrorHandler,
        urllib.request.HTTPRedirectHandler,
        urllib.request.HTTPErrorProcessor,
    ):
        opener.add_handler(handler())
    return opener
