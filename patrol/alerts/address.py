"""Where a broker is and how to sign in to it: ``mqtt://`` and ``mqtts://`` addresses, read without leaking a password."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import parse_qs, unquote, urlsplit

_OPTIONS = {"ca", "cert", "key", "credential"}


class MqttError(Exception):
    """The broker cannot be reached or refuses us; the message names it without credentials."""


@dataclass(frozen=True, slots=True)
class Address:
    """A broker's address, taken apart. ``shown`` is what may be logged.

    Attributes:
        ca: file of certificates that the broker's must be signed by; None: the system's.
        cert, key: files of the certificate that we show the broker, and of its private key; both or none.
        credential: the reference that ``user`` and ``password`` were found by, if there was one.
    """

    host: str
    port: int
    tls: bool
    user: str | None
    password: str | None = field(repr=False)
    ca: str | None
    cert: str | None = None
    key: str | None = None
    credential: str | None = None

    @property
    def shown(self) -> str:
        """Without credentials."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"{'mqtts' if self.tls else 'mqtt'}://{host}:{self.port}"


def read_address(url: str, credential: str | None = None, environ: Mapping[str, str] = os.environ) -> Address:
    """Take an ``mqtt(s)://[user:password@]host[:port][?ca=FILE&cert=FILE&key=FILE&credential=env:NAME|file:PATH]`` address apart.

    Args:
        url: the address. ``ca`` is the file of certificates that the broker's must be signed by, in place of the
            system's; ``cert`` and ``key`` are the files (PEM) of our own certificate and its key, for a broker that
            asks for one; ``credential`` names where ``user:password`` is kept, so that it need not stand in the address.
        credential: the same reference given beside the address; it wins.
        environ: where ``env:`` looks.

    Raises:
        MqttError: it is none, or the credential is not where it is said to be.
    """
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        raise MqttError(
            "the MQTT address cannot be read; write mqtt://host:1883 or mqtts://user:password@host:8883"
        ) from None
    if parts.scheme not in {"mqtt", "mqtts"} or not parts.hostname:
        raise MqttError("an MQTT address begins with mqtt:// or mqtts:// and names a host")
    tls = parts.scheme == "mqtts"
    options = _options(parts.query, tls=tls)
    reference = credential or options.get("credential")
    user = unquote(parts.username) if parts.username else None
    password = unquote(parts.password) if parts.password else None
    if reference is not None:
        user, password = _credential(reference, environ)
    return Address(
        host=parts.hostname,
        port=port or (8883 if tls else 1883),
        tls=tls,
        user=user,
        password=password,
        ca=options.get("ca"),
        cert=options.get("cert"),
        key=options.get("key"),
        credential=reference,
    )


def _options(query: str, *, tls: bool) -> dict[str, str]:
    # Blank ones are kept: an empty ?ca= would else be passed over in silence, and with it what it was meant to check.
    given = parse_qs(query, keep_blank_values=True)
    if unknown := given.keys() - _OPTIONS:
        raise MqttError(
            f"an MQTT address has no option {min(unknown)!r}; there are ca, cert, key and credential"
            " (a key with a password of its own cannot be used)"
        )
    for name, values in given.items():
        if len(values) > 1 or not values[0]:
            raise MqttError(f"?{name}= in an MQTT address {'stands twice' if len(values) > 1 else 'is empty'}")
        if name != "credential" and not tls:
            raise MqttError(f"?{name}= is for mqtts://; mqtt:// is not encrypted")
    if ("cert" in given) != ("key" in given):
        has, lacks = ("cert", "key") if "cert" in given else ("key", "cert")
        raise MqttError(f"?{has}= in an MQTT address needs ?{lacks}= beside it: a client certificate and its key")
    return {name: values[0] for name, values in given.items()}


def _credential(reference: str, environ: Mapping[str, str]) -> tuple[str, str]:
    kind, _, name = reference.partition(":")
    if kind == "env" and name:
        found = environ.get(name)
        if found is None:
            raise MqttError(f"the MQTT credential {reference} is not set in the environment")
    elif kind == "file" and name:
        try:
            found = Path(name).read_text("utf-8").strip()
        except (OSError, UnicodeDecodeError) as error:
            raise MqttError(f"the MQTT credential {reference} cannot be read") from error
    else:
        raise MqttError("an MQTT credential is named env:NAME or file:PATH")
    user, colon, password = found.partition(":")
    if not colon or not user:
        raise MqttError(f"the MQTT credential {reference} is not user:password")
    return user, password
