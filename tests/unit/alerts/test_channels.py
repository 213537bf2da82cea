"""A channel's address is a secret: read when needed, said to nobody; one that cannot be used says why."""

from __future__ import annotations

import io
import logging
from collections.abc import Iterator
from pathlib import Path

import pytest

from patrol.alerts.channels import ChannelError, open_channel, scrubbed
from patrol.alerts.webhook import is_signed, signature
from patrol.registry import Channel

TOKEN = "tok3n-of-the-robot"


def channel(**more: str) -> Channel:
    return Channel.model_validate({"key": "one", "address": "env:ADDRESS", **more})


@pytest.fixture
def service_log() -> Iterator[io.StringIO]:
    """What the service would log, down to debug."""
    kept, root = io.StringIO(), logging.getLogger()
    handler, level = logging.StreamHandler(kept), root.level
    root.addHandler(handler)
    root.setLevel(logging.DEBUG)
    yield kept
    root.removeHandler(handler)
    root.setLevel(level)


@pytest.mark.parametrize(
    ("address", "why"),
    [
        ("", "env:ADDRESS is empty"),
        ("a\nb", "holds more than one line"),
        (f"wecombot://{TOKEN}!!", "its wecombot:// address cannot be read"),
        (f"nosuch://{TOKEN}", "its nosuch:// address cannot be read"),
        (TOKEN, "its Apprise address cannot be read"),
        (f"https://hook.example/{TOKEN}", "needs a `secret`"),
        (f"https://user:{TOKEN}@hook.example/", "without user and password"),
        (f"https://hook.example:x/{TOKEN}", "without user and password"),
        (f"https://qyapi.weixin.qq.com/cgi-bin/webhook/send?key={TOKEN}", "write it wecombot://KEY"),
        (f"https://oapi.dingtalk.com/robot/send?access_token={TOKEN}", "write it dingtalk://SECRET@TOKEN"),
        (f"https://open.feishu.cn/open-apis/bot/v2/hook/{TOKEN}", "write it feishu://TOKEN"),
    ],
)
def test_an_address_that_cannot_be_used_says_why_and_not_what_it_is(
    address: str, why: str, service_log: io.StringIO
) -> None:
    with pytest.raises(ChannelError, match=why) as caught:
        open_channel(channel(), None, {"ADDRESS": address})
    logging.getLogger("urllib3.connectionpool").debug("POST /send?key=%s", TOKEN)
    logging.getLogger("apprise").error("whatever: %s", TOKEN)
    logging.getLogger("patrol").error("the log is read")
    assert TOKEN not in str(caught.value)
    assert service_log.getvalue() == "the log is read\n"


def test_an_address_that_is_not_there_names_its_reference(tmp_path: Path) -> None:
    with pytest.raises(ChannelError, match="env:ADDRESS: the environment variable is not set"):
        open_channel(channel(), None, {})
    with pytest.raises(ChannelError, match="file:gone cannot be read"):
        open_channel(channel(address="file:gone"), tmp_path)


@pytest.mark.parametrize(
    "address",
    [
        f"wecombot://{TOKEN}",
        "dingtalk://robot0token0robot0token0",
        f"feishu://{TOKEN}",
        f"mailto://u:{TOKEN}@mail.example",
    ],
)
def test_addresses_are_read_and_an_open_channel_does_not_show_them(address: str) -> None:
    opened = open_channel(channel(), None, {"ADDRESS": address})
    assert address.partition("://")[2] not in repr(opened)
    assert opened.max_bytes >= 2000
    secret = channel(secret="env:SECRET")
    hook = open_channel(secret, None, {"ADDRESS": "https://hook.example/" + TOKEN, "SECRET": TOKEN})
    assert TOKEN not in repr(hook)


def test_parts_of_an_address_are_taken_out_of_what_is_said_about_it() -> None:
    address = "mailtos://user%40x:pa%24s-word@mail.example:465/?to=someone@county.example"
    said = "no connection to mail.example for user@x with pa$s-word or pa%24s-word (someone@county.example), 465"
    assert scrubbed(said, address) == "no connection to *** for *** with *** or *** (***@***), 465"


def test_a_receiver_believes_what_was_signed_for_it_within_five_minutes_and_nothing_else() -> None:
    body, now = b'{"a": 1}', 1_700_000_000
    headers = {"X-Patrol-Timestamp": str(now), "X-Patrol-Signature": signature("s", str(now), body)}
    assert is_signed("s", headers, body, now + 299)
    assert not is_signed("s", headers, body, now + 301)
    assert not is_signed("s", headers, body + b" ", now)
    assert not is_signed("other", headers, body, now)
    assert not is_signed("s", {**headers, "X-Patrol-Timestamp": str(now + 1)}, body, now)
    assert not is_signed("s", {}, body, now)
    # printf '1700000000.{"a": 1}' | openssl dgst -sha256 -hmac s
    assert headers["X-Patrol-Signature"] == "sha256=d371521f419bfc56f9cd301ae357ca9708db5be4f11a7b1785ef90a31516a13b"
