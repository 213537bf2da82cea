"""Which hosts may be spoken to: by class, network and name; never where a machine keeps its secrets."""

from __future__ import annotations

import pytest
from pydantic import ValidationError

from patrol.registry import RegistryError, parse
from patrol.registry.network import Network, NetworkError, addresses_of, literal_problem
from tests.support.county import registry_text

DEFAULT = Network().streams


@pytest.mark.parametrize(
    "host",
    [
        "10.1.2.3",
        "172.16.0.9",
        "192.168.7.7",
        "100.64.3.4",
        "127.0.0.1",
        "::1",
        "[fd12:3456::1]",
        "192.0.2.11",
        "::ffff:10.0.0.1",
    ],
)
def test_private_and_loopback_addresses_pass_by_default(host: str) -> None:
    assert literal_problem(host, DEFAULT) is None
    assert addresses_of(host, DEFAULT)


@pytest.mark.parametrize("host", ["8.8.8.8", "2001:4860:4860::8888", "::ffff:8.8.8.8", "[2001:4860:4860::8888]"])
def test_the_public_internet_must_be_named(host: str) -> None:
    assert "outside the networks that are allowed" in (literal_problem(host, DEFAULT) or "")
    with pytest.raises(NetworkError, match="outside the networks"):
        addresses_of(host, DEFAULT)
    assert addresses_of(host, (*DEFAULT, "public"))


@pytest.mark.parametrize(
    "host", ["169.254.169.254", "::ffff:169.254.169.254", "fe80::1", "224.0.0.1", "0.0.0.0", "::", "255.255.255.255"]
)
@pytest.mark.parametrize("allowed", [("private", "loopback", "public"), ("0.0.0.0/0", "::/0"), ("169.254.0.0/16",)])
def test_link_local_multicast_and_unspecified_addresses_never_pass(host: str, allowed: tuple[str, ...]) -> None:
    assert "never spoken to" in (literal_problem(host, allowed) or "")
    with pytest.raises(NetworkError, match="never spoken to"):
        addresses_of(host, allowed)


def test_a_name_is_judged_by_every_address_it_has() -> None:
    both = {
        "cam.county.example": ["10.0.0.9", "8.8.8.8"],
        "inside.example": ["10.0.0.9"],
        "thief.example": ["169.254.169.254"],
    }
    assert addresses_of("inside.example", DEFAULT, both.__getitem__) == ("10.0.0.9",)
    with pytest.raises(NetworkError, match=r"8\.8\.8\.8"):
        addresses_of("cam.county.example", DEFAULT, both.__getitem__)
    assert addresses_of("CAM.county.example", ("*.county.example",), both.__getitem__) == ("10.0.0.9", "8.8.8.8")
    with pytest.raises(NetworkError, match="never spoken to"):
        addresses_of("thief.example", ("thief.example",), both.__getitem__)
    with pytest.raises(NetworkError, match="not known"):
        addresses_of("nobody.example", DEFAULT, lambda _: [])


@pytest.mark.parametrize(
    ("host", "allowed"),
    [("notcounty.example", "*.county.example"), ("county.example", "*.county.example"), ("a.b.example", "b.example")],
)
def test_a_name_that_only_looks_like_an_allowed_one_does_not_pass(host: str, allowed: str) -> None:
    with pytest.raises(NetworkError, match="outside"):
        addresses_of(host, (allowed,), lambda _: ["8.8.8.8"])


@pytest.mark.parametrize("word", ["10.0.0.1/8", "http://x", "a b", "", "10.0.0.0/99"])
def test_what_is_no_network_and_no_name_is_refused(word: str) -> None:
    with pytest.raises(ValidationError, match="is none of private, loopback, public"):
        Network(streams=(word,))


def test_a_camera_outside_is_an_error_at_its_line() -> None:
    text = registry_text(
        {"inside": "rtsp://10.0.0.1/x", "outside": "http://169.254.169.254/latest/meta-data"}, period="2h"
    )
    with pytest.raises(RegistryError) as refused:
        parse(text, "county.yaml")
    (problem,) = refused.value.problems
    assert "169.254.169.254" in str(problem)
    assert (
        text.splitlines()[(problem.line or 0) - 1].find("outside") >= 0
        or "169.254" in text.splitlines()[(problem.line or 0) - 1]
    )
