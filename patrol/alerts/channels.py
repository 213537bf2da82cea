"""Opens a channel of the registry: Apprise's services, the robots of WeCom and DingTalk, signed webhooks.

An address is a secret. It is read anew for every message, kept nowhere, and taken out of whatever is said about it.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import logging
import os
import re
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol
from urllib.parse import quote, unquote, urlencode, urlsplit

from patrol.alerts.webhook import LONGEST_S, PostError, post_json, post_signed
from patrol.registry import Channel
from patrol.registry.network import Network, NetworkError, addresses_of

_NATIVE = {
    "qyapi.weixin.qq.com": "wecombot://KEY",
    "oapi.dingtalk.com": "dingtalk://SECRET@TOKEN",
    "open.feishu.cn": "feishu://TOKEN",
}
"""Robots whose own https addresses look like webhooks, and how they are written here."""
_WEBHOOK_BYTES = 64 * 1024
_LEAST_SECRET = 4


Request = Callable[[str], tuple[str, dict[str, Any]]]
"""A message's body to the address and the JSON value that are posted."""


class ChannelError(Exception):
    """A channel cannot be used or did not take a message. The message holds nothing secret; it is tried again."""


@dataclass(frozen=True, slots=True)
class Message:
    """What is sent: ``title`` and ``body`` for people, ``value`` for a webhook; ``id`` is the key of a duplicate."""

    id: str
    title: str
    body: str
    value: Mapping[str, Any]


class Sender(Protocol):
    """An open channel."""

    @property
    def max_bytes(self) -> int:
        """The longest body it carries, UTF-8."""
        ...

    def send(self, message: Message) -> None:
        """Send it once.

        Raises:
            ChannelError: it was not taken.
        """
        ...


def open_channel(
    channel: Channel,
    base: Path | None,
    environ: Mapping[str, str] = os.environ,
    networks: Sequence[str] | None = None,
) -> Sender:
    """Read a channel's address and make it ready to send; nothing is connected yet.

    Args:
        channel: of the registry.
        base: folder that ``file:PATH`` starts from.
        environ: where ``env:NAME`` is looked up.
        networks: hosts that a webhook may be posted to, as in the registry; None: its default.

    Raises:
        ChannelError: the address or the secret is not there or of no use.
    """
    _hush()
    address = _secret(channel.address, base, environ)
    scheme = address.partition("://")[0].lower()
    if scheme in {"http", "https"}:
        return _webhook(channel, address, base, environ, Network().webhooks if networks is None else networks)
    return _apprise(address, scheme)


def scrubbed(sentence: str, address: str) -> str:
    """A sentence without any part of an address that might be secret."""
    parts = {part for part in re.split(r"[^\w.~%+-]+", address.partition("://")[2]) if len(part) >= _LEAST_SECRET}
    for part in sorted(parts | {unquote(p) for p in parts} | {quote(p, safe="") for p in parts}, key=len, reverse=True):
        sentence = sentence.replace(part, "***")
    return sentence


@dataclass(frozen=True, slots=True)
class _Webhook:
    url: str
    secret: str
    networks: tuple[str, ...]
    max_bytes: int = _WEBHOOK_BYTES

    def __repr__(self) -> str:
        return "<webhook>"

    def send(self, message: Message) -> None:
        try:
            at = addresses_of(urlsplit(self.url).hostname or "", self.networks)[0]
            post_signed(self.url, self.secret, message.value, key=message.id, timestamp=int(time.time()), at=at)
        except NetworkError as error:
            # The host is part of the address, and the address is a secret.
            raise ChannelError(f"webhook: {scrubbed(str(error), self.url)}") from None
        except PostError as error:
            raise ChannelError(f"webhook: {error}") from None


class _Robot:
    """WeCom's and DingTalk's robots answer 200 and say in the body whether they took it; Apprise does not read it."""

    def __init__(self, name: str, address: str, max_bytes: int, request: Request) -> None:
        self._name = name
        self._address = address
        self._request = request
        self.max_bytes = max_bytes

    def send(self, message: Message) -> None:
        url, value = self._request(message.body)
        try:
            status, answer = post_json(url, json.dumps(value, ensure_ascii=False).encode())
        except PostError as error:
            raise ChannelError(f"{self._name}: {error}") from None
        try:
            said = json.loads(answer)
            code = said["errcode"]
        except (ValueError, KeyError, TypeError):
            raise ChannelError(f"{self._name}: it answered {status} without an errcode") from None
        if status != 200 or code != 0:
            why = scrubbed(str(said.get("errmsg", ""))[:200], self._address)
            raise ChannelError(f"{self._name}: it answered {status}, errcode {code}: {why}")


def _wecom(plugin: Any, address: str) -> _Robot:
    url = str(plugin.api_url)
    return _Robot(
        "WeCom", address, int(plugin.body_maxlen), lambda body: (url, {"msgtype": "text", "text": {"content": body}})
    )


def _dingtalk(plugin: Any, address: str) -> _Robot:
    plain, signs_with = str(plugin.notify_url.format(token=plugin.token)), plugin.secret
    at = {"atMobiles": list(plugin.targets), "isAtAll": False}

    def request(body: str) -> tuple[str, dict[str, Any]]:
        url = plain
        if signs_with:
            # Made here: Apprise 2.3 encodes the signature twice.
            timestamp = str(round(time.time() * 1000))
            mac = hmac.new(signs_with.encode(), f"{timestamp}\n{signs_with}".encode(), hashlib.sha256)
            url += "&" + urlencode({"timestamp": timestamp, "sign": base64.b64encode(mac.digest()).decode()})
        return url, {"msgtype": "text", "at": at, "text": {"content": body}}

    return _Robot("DingTalk", address, int(plugin.body_maxlen), request)


class _Apprise:
    def __init__(self, plugin: Any, address: str) -> None:
        self._plugin = plugin
        self._address = address
        self._titled = int(plugin.title_maxlen) > 0
        self.max_bytes = int(plugin.body_maxlen)

    def send(self, message: Message) -> None:
        from apprise import Apprise

        sender = Apprise(asset=self._plugin.asset)
        sender.add(self._plugin)
        name = str(self._plugin.service_name)
        try:
            result = sender.notify(
                body=message.body, title=message.title if self._titled else "", body_format="text", timeout=LONGEST_S
            )
            said = "; ".join(entry.message for entry in result.logs())
        except Exception as error:  # noqa: BLE001 - a plugin may let out whatever its library raises; its words may hold the address
            raise ChannelError(f"{name}: {type(error).__name__}") from None
        if not result:
            why = scrubbed(said, self._address)[:300] or f"not taken within {LONGEST_S:g} s"
            raise ChannelError(f"{name}: {why}")


def _webhook(
    channel: Channel, address: str, base: Path | None, environ: Mapping[str, str], networks: Sequence[str]
) -> Sender:
    try:
        parts = urlsplit(address)
        usable = bool(parts.hostname) and (parts.port or 1) > 0
    except ValueError:
        usable = False
    if not usable or parts.username is not None or parts.fragment:
        raise ChannelError("a webhook's address is http(s)://host[:port]/path, without user and password")
    written = _NATIVE.get(parts.hostname or "")
    if written is not None:
        raise ChannelError(f"this is the address of a robot, not of a webhook; write it {written}")
    if channel.secret is None:
        raise ChannelError("a webhook needs a `secret`, with which its messages are signed")
    return _Webhook(address, _secret(channel.secret, base, environ), tuple(networks))


def _apprise(address: str, scheme: str) -> Sender:
    from apprise import Apprise, AppriseAsset

    # Nothing is written to disk, no redirect followed, no plugin loaded from elsewhere, nothing filled into a text.
    asset = AppriseAsset(storage_mode="memory", http_redirects=False, allow_templates=False, pgp_autogen=False)
    try:
        plugin: Any = Apprise.instantiate(address, asset=asset)
    except Exception as error:  # noqa: BLE001 - the same
        raise ChannelError(f"its {_shown(scheme)} address cannot be read ({type(error).__name__})") from None
    if plugin is None:
        raise ChannelError(f"its {_shown(scheme)} address cannot be read; see docs/channels.md for how it is written")
    if scheme == "wecombot":
        return _wecom(plugin, address)
    if scheme == "dingtalk":
        return _dingtalk(plugin, address)
    return _Apprise(plugin, address)


def _shown(scheme: str) -> str:
    # Where there is no ://, the whole address would be shown.
    return f"{scheme}://" if re.fullmatch(r"[a-z0-9]{1,20}", scheme) else "Apprise"


def _hush() -> None:
    """Apprise logs addresses with their tokens, urllib3 whole request lines; neither may come near the service's log."""
    own = logging.getLogger("apprise")
    if own.propagate:
        own.propagate = False
        own.addHandler(logging.NullHandler())
    requests = logging.getLogger("urllib3")
    requests.setLevel(max(requests.level, logging.WARNING))


def _secret(reference: str, base: Path | None, environ: Mapping[str, str]) -> str:
    kind, _, name = reference.partition(":")
    if kind == "env":
        found = environ.get(name)
        if found is None:
            raise ChannelError(f"{reference}: the environment variable is not set")
    else:
        try:
            found = ((base / name) if base is not None else Path(name)).read_text("utf-8")
        except (OSError, UnicodeDecodeError) as error:
            raise ChannelError(f"{reference} cannot be read ({type(error).__name__})") from None
    secret = found.strip()
    if not secret or not secret.isprintable():
        raise ChannelError(f"{reference} is empty or holds more than one line")
    return secret
