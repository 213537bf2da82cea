"""How many different wrong tokens an address may try before it waits."""

from __future__ import annotations

from structlog.testing import capture_logs

from api.tries import Tries


class Hand:
    """A clock that is turned by hand, seconds."""

    def __init__(self) -> None:
        self.at = 1000.0

    def __call__(self) -> float:
        return self.at


def test_after_so_many_wrong_tokens_an_address_waits_until_the_first_is_a_minute_old() -> None:
    clock = Hand()
    tries = Tries(most=3, within_s=60, clock=clock)
    for guess in ("a", "b", "c"):
        assert tries.wait_s("10.0.0.1") is None
        tries.failed("10.0.0.1", guess)
        clock.at += 10
    assert tries.wait_s("10.0.0.1") == 30
    assert tries.wait_s("10.0.0.2") is None
    clock.at += 30
    assert tries.wait_s("10.0.0.1") is None


def test_the_same_wrong_token_again_and_again_is_one_try() -> None:
    tries = Tries(most=3, clock=Hand())
    for _ in range(100):
        tries.failed("10.0.0.1", "last month's token")
    assert tries.wait_s("10.0.0.1") is None


def test_an_ipv6_network_is_one_address() -> None:
    tries = Tries(most=2, clock=Hand())
    tries.failed("2001:db8::1", "a")
    tries.failed("2001:db8::2", "b")
    assert tries.wait_s("2001:db8::ffff") is not None
    assert tries.wait_s("2001:db8:0:1::1") is None


def test_who_has_no_address_waits_too() -> None:
    tries = Tries(most=1, clock=Hand())
    tries.failed(None, "a")
    assert tries.wait_s(None) is not None


def test_it_is_said_once_and_without_the_token() -> None:
    tries = Tries(most=2, clock=Hand())
    with capture_logs() as said:
        for guess in ("secret-guess-1", "secret-guess-2"):
            tries.failed("10.0.0.1", guess)
    assert [(line["event"], line["address"]) for line in said] == [("too many wrong tokens", "10.0.0.1")]
    assert "secret-guess" not in repr(said)
