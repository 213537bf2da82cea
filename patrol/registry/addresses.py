"""Stream addresses: the credential is put in at the last moment and taken out of everything that is shown."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from pathlib import Path
from urllib.parse import quote, unquote

from patrol.registry.models import Camera, Platform, Preset

SCHEMES = ("rtsp", "rtsps", "http", "https")
PLACEHOLDER = "{credential}"

_SCHEME = re.compile(r"([A-Za-z][A-Za-z0-9+.-]*):/+")
_EMBEDDED = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*://\S+")
_BARE_USERINFO = re.compile(r"(?<![^\s\"'(])[^\s/@:\"'(]+:[^\s@]+@(?=[\w\[])")
_PAIR = re.compile(r"([^/?&;#=\s]+)=([^&#\s]*)")
_SECRET_NAMES = re.compile(
    r"pass|pwd|psw|token|secret|credential|auth|sign|sig$|signature|key|session|^sid$|jwt|user|usr|login|account|ticket|nonce",
    re.IGNORECASE,
)
_CLEAR_NAMES = re.compile(
    r"(?:^|[_.-])(?:pass(?:word|wd)?|pwd|psw|(?:access|auth)?token|secret|(?:api|app|stream)?key|sign(?:ature)?|auth|credential|session(?:id)?|sid|jwt|ticket)$",
    re.IGNORECASE,
)
# With a port only what is surely a host: an address, a dotted name, localhost.
_HOST = re.compile(r"[\w.-]+|\[[0-9A-Fa-f:.%\w]*\](?::\d*)?|(?:[\w-]+(?:\.[\w-]+)+|localhost):\d*")
_MASK = "***"


class CredentialError(ValueError):
    """A credential that a camera refers to is not there. The message names the reference, never the secret."""


def address(
    camera: Camera,
    platform: Platform,
    preset: Preset | None = None,
    environ: Mapping[str, str] = os.environ,
    base: Path | None = None,
) -> str:
    """The address to open, credential filled in. Keep it out of logs: show ``redact(address)``.

    Args:
        camera: its own credential goes before its platform's.
        platform: the platform it is reached through.
        preset: its own source, if it has one, goes before the camera's.
        environ: where ``env:NAME`` is looked up.
        base: folder that relative file sources and ``file:PATH`` credentials start from.

    Raises:
        CredentialError: the variable or file is missing, empty or not text.
    """
    source = (preset.source if preset is not None else None) or camera.source
    scheme = scheme_of(source)
    if scheme is None:
        return str(base / source) if base is not None else source
    reference = camera.credential or platform.credential
    if reference is None:
        if PLACEHOLDER in source:
            raise CredentialError(
                f"camera {camera.id}: its source asks for {PLACEHOLDER}; neither it nor platform {platform.id} has one"
            )
        return source
    secret = _secret(reference, camera.id, environ, base)
    user, colon, password = secret.partition(":")
    userinfo = quote(user, safe="") + (":" + quote(password, safe="") if colon else "")
    if PLACEHOLDER in source:
        return source.replace(PLACEHOLDER + "@", userinfo + "@").replace(PLACEHOLDER, quote(secret, safe=""))
    before, slashes, after = source.partition("://")
    if "@" in re.split(r"[/?#]", after, maxsplit=1)[0]:
        return source
    return f"{before}{slashes}{userinfo}@{after}"


def scheme_of(source: str) -> str | None:
    """``rtsp`` of ``rtsp://…``, lower case; None for a file path."""
    match = re.match(r"([A-Za-z][A-Za-z0-9+.-]*)://", source)
    return match[1].lower() if match else None


def _secret(reference: str, camera: str, environ: Mapping[str, str], base: Path | None) -> str:
    kind, _, name = reference.partition(":")
    if kind == "env":
        found = environ.get(name)
        if found is None:
            raise CredentialError(
                f"camera {camera}: credential {reference}: the environment variable {name} is not set"
            )
    else:
        path = base / name if base is not None else Path(name)
        try:
            found = path.read_text("utf-8")
        except OSError as error:
            raise CredentialError(
                f"camera {camera}: credential {reference}: {path} cannot be read ({error.strerror})"
            ) from None
        except UnicodeDecodeError:
            raise CredentialError(f"camera {camera}: credential {reference}: {path} is not UTF-8 text") from None
    secret = found.strip()
    if not secret:
        raise CredentialError(f"camera {camera}: credential {reference} is empty; it must hold user:password")
    if not secret.isprintable():
        raise CredentialError(
            f"camera {camera}: credential {reference} holds more than one line of text; it must hold user:password"
        )
    return secret


def redact(url: str) -> str:
    """The same address without user, password, token or key, for logs and reports.

    Takes whatever it is given: a URL that no parser would take, a path, a sentence with addresses in it. Where it
    cannot be sure what belongs to a password it removes too much rather than too little.
    """
    if _SCHEME.match(url):
        return _redact_url(url)
    text = _EMBEDDED.sub(lambda match: _redact_url(match[0]), url)
    if text == url:
        text = _BARE_USERINFO.sub(_MASK + "@", text)
    return text


def masked(text: str) -> str:
    """A text of addresses as it may be shown: credentials masked, ``{credential}`` left as it is.

    A registry in force has none in clear text; one that was written by another program, or long ago, may.
    """
    return _EMBEDDED.sub(lambda match: _masked_url(match[0]), text)


def _masked_url(url: str) -> str:
    bare = url.replace(PLACEHOLDER + "@", "").replace(PLACEHOLDER, "")
    return url if not has_clear_credential(bare) and redact(bare) == bare else redact(url)


def _redact_url(url: str) -> str:
    match = _SCHEME.match(url)
    start = match.end() if match else 0
    scheme, rest = url[:start], url[start:]
    if "@" in rest and _may_hide_userinfo(rest):
        rest = _MASK + "@" + rest.rpartition("@")[2]
    return scheme + _PAIR.sub(_mask_pair, rest)


def _may_hide_userinfo(rest: str) -> bool:
    authority = re.split(r"[/?#]", rest, maxsplit=1)[0]
    if "@" in authority or ":" in rest[len(authority) : rest.rindex("@")]:
        return True
    # A password may hold / ? or #. Then what looks like host:port is user:part-of-password.
    return not _HOST.fullmatch(authority)


def _mask_pair(match: re.Match[str]) -> str:
    name, value = match[1], unquote(match[2])
    if value and (
        _SECRET_NAMES.search(unquote(name)) or "@" in value or ("=" in value and _SECRET_NAMES.search(value))
    ):
        return f"{name}={_MASK}"
    return match[0]


def has_clear_credential(source: str) -> bool:
    """Whether an address holds a user, a password or a token in clear text (``{credential}`` is none)."""
    match = _SCHEME.match(source)
    if match is None:
        return False
    rest = source[match.end() :].replace(PLACEHOLDER + "@", "").replace(PLACEHOLDER, "")
    if "@" in rest and _may_hide_userinfo(rest):
        return True
    pairs = re.findall(r"([^/?&;#=\s]*)=([^/?&;#=\s]*)", unquote(rest))
    return any(value and _CLEAR_NAMES.search(name) for name, value in pairs)
