"""Which hosts the service may speak to: streams and webhooks by class of address, network or name.

An address in the registry is what an admin typed; without this list it could make the service fetch anything that its machine
reaches. What is never allowed is link-local (cloud machines keep their secrets there), multicast and unspecified addresses.
"""

from __future__ import annotations

import ipaddress
import re
import socket
from collections.abc import Callable, Iterable, Sequence
from typing import Annotated

from pydantic import AfterValidator, Field

from patrol.registry._entry import Entry

Address = ipaddress.IPv4Address | ipaddress.IPv6Address
PRIVATE, LOOPBACK, PUBLIC = "private", "loopback", "public"
_NAME = re.compile(r"(?:\*\.)?[a-z0-9_](?:[a-z0-9_-]*[a-z0-9_])?(?:\.[a-z0-9](?:[a-z0-9-]*[a-z0-9])?)*", re.IGNORECASE)


class NetworkError(ValueError):
    """A host that may not be spoken to, or whose name is not known; the message says which."""


def _allowed(text: str) -> str:
    if text in {PRIVATE, LOOPBACK, PUBLIC}:
        return text
    try:
        return str(ipaddress.ip_network(text))
    except ValueError:
        if "/" in text or not _NAME.fullmatch(text):
            raise ValueError(
                f"{text!r} is none of private, loopback, public, a network like 10.20.0.0/16, a host name or *.name"
            ) from None
    return text.lower()


Allowed = Annotated[str, AfterValidator(_allowed)]


class Network(Entry):
    """Which hosts the service may speak to."""

    streams: tuple[Allowed, ...] = Field(
        (PRIVATE, LOOPBACK),
        title="Streams",
        description="Where streams may be opened: private, loopback, public, networks (10.20.0.0/16), host names "
        "(cameras.county.example, *.county.example). Link-local, multicast and unspecified addresses never.",
    )
    webhooks: tuple[Allowed, ...] = Field(
        (PRIVATE, LOOPBACK, PUBLIC),
        title="Webhooks",
        description="Where webhooks may be posted to, in the same words.",
    )


def literal_problem(host: str, allowed: Iterable[str]) -> str | None:
    """Why a host that is written as an address may not be spoken to; None: it may, or it is a name, which is looked up later."""
    try:
        address = ipaddress.ip_address(host.strip("[]"))
    except ValueError:
        return None
    return None if _covers(address, allowed) else _sentence(host, address)


def addresses_of(
    host: str,
    allowed: Sequence[str],
    look_up: Callable[[str], Iterable[str]] | None = None,
) -> tuple[str, ...]:
    """The addresses of a host, if it may be spoken to. One that may not is enough to refuse it.

    Args:
        host: a name or an address.
        allowed: as in the registry.
        look_up: gives the addresses of a name; None: the machine's resolver.

    Raises:
        NetworkError: it may not be spoken to, or nobody knows the name.
    """
    name = host.strip("[]").lower()
    try:
        found: tuple[str, ...] = (str(ipaddress.ip_address(name)),)
        by_name = False
    except ValueError:
        try:
            found = tuple(dict.fromkeys((look_up or _look_up)(name)))
        except OSError:
            found = ()
        by_name = any(_names(word, name) for word in allowed)
    if not found:
        raise NetworkError(f"the host name {name} is not known")
    for text in found:
        address = ipaddress.ip_address(text)
        if _never(address) or not (by_name or _covers(address, allowed)):
            raise NetworkError(_sentence(host, address))
    return found


def _look_up(name: str) -> Iterable[str]:
    for *_, place in socket.getaddrinfo(name, None, type=socket.SOCK_STREAM):
        yield str(place[0]).partition("%")[0]


def _names(word: str, name: str) -> bool:
    return name == word or (word.startswith("*.") and name.endswith(word[1:]))


def _covers(address: Address, allowed: Iterable[str]) -> bool:
    address = _plain(address)
    return not _never(address) and any(_one(address, word) for word in allowed)


def _one(address: Address, word: str) -> bool:
    if word == LOOPBACK:
        return address.is_loopback
    if word == PRIVATE:
        # 100.64.0.0/10 is what carriers hand to the devices of a private line; Python calls it neither private nor global.
        return not address.is_loopback and not address.is_global
    if word == PUBLIC:
        return address.is_global
    try:
        network = ipaddress.ip_network(word)
    except ValueError:
        return False
    return address.version == network.version and address in network


def _never(address: Address) -> bool:
    address = _plain(address)
    return address.is_link_local or address.is_multicast or address.is_unspecified or int(address) == 0xFFFFFFFF


def _plain(address: Address) -> Address:
    """An IPv4 address that is written as IPv6 is that IPv4 address."""
    mapped = address.ipv4_mapped if isinstance(address, ipaddress.IPv6Address) else None
    return mapped or address


def _sentence(host: str, address: Address) -> str:
    of = "" if host.strip("[]").lower() == str(address) else f" ({address})"
    if _never(address):
        return f"{host}{of} is a link-local, multicast or unspecified address, which is never spoken to"
    return f"{host}{of} lies outside the networks that are allowed; add it under `network` if it belongs there"
