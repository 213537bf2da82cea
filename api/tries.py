"""Counts wrong tokens by where they came from, and makes that place wait."""

from __future__ import annotations

import hashlib
import ipaddress
import time
from collections import OrderedDict
from collections.abc import Callable

import structlog

log = structlog.get_logger(__name__)

_MOST = 20
_WITHIN_S = 60.0
_ADDRESSES = 10_000
"""So many are remembered; more drop the one that was quiet longest."""


class Tries:
    """Different wrong tokens of the last minute, by address (IPv6: by its /64 network).

    The same wrong token again is no new guess: a browser left open with last month's token locks nobody out.

    Args:
        most: after so many an address waits.
        within_s: seconds that a try counts.
        clock: monotonic, seconds.
    """

    def __init__(
        self, most: int = _MOST, within_s: float = _WITHIN_S, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._most, self._within, self._clock = most, within_s, clock
        self._by_address: OrderedDict[str, dict[bytes, float]] = OrderedDict()

    def wait_s(self, address: str | None) -> float | None:
        """Seconds until an address may try again; None: it may now."""
        tried = self._fresh(_network(address))
        return None if len(tried) < self._most else min(tried.values()) + self._within - self._clock()

    def failed(self, address: str | None, given: str) -> None:
        """Count a wrong token. It is kept as a hash, for a minute."""
        network = _network(address)
        tried = self._fresh(network)
        tried[hashlib.sha256(given.encode("utf-8", "surrogateescape")).digest()] = self._clock()
        self._by_address[network] = tried
        self._by_address.move_to_end(network)
        if len(self._by_address) > _ADDRESSES:
            self._by_address.popitem(last=False)
        if len(tried) == self._most:
            log.warning("too many wrong tokens", address=network, tries=len(tried), within_s=self._within)

    def _fresh(self, network: str) -> dict[bytes, float]:
        since = self._clock() - self._within
        tried = {given: at for given, at in self._by_address.get(network, {}).items() if at > since}
        if network in self._by_address:
            self._by_address[network] = tried
        return tried


def _network(address: str | None) -> str:
    try:
        known = ipaddress.ip_address(address or "")
    except ValueError:
        return address or "unknown"
    return str(known if known.version == 4 else ipaddress.ip_network((known, 64), strict=False))
