"""Broker addresses: read rightly, refused with a sentence, and never shown with a password."""

from __future__ import annotations

from pathlib import Path

import pytest

from patrol.alerts import MqttError
from patrol.alerts.address import read_address


def test_ports_and_credentials_are_read() -> None:
    plain = read_address("mqtt://broker.example")
    assert (plain.host, plain.port, plain.tls, plain.user, plain.password) == (
        "broker.example",
        1883,
        False,
        None,
        None,
    )
    full = read_address("mqtts://desk:p%40ss@broker.example?ca=/etc/ca.crt")
    assert (full.port, full.tls, full.user, full.password, full.ca) == (8883, True, "desk", "p@ss", "/etc/ca.crt")


def test_a_client_certificate_is_read_and_nothing_of_it_is_shown() -> None:
    address = read_address("mqtts://b?ca=/etc/ca.crt&cert=/etc/own.crt&key=/etc/own.key")
    assert (address.ca, address.cert, address.key) == ("/etc/ca.crt", "/etc/own.crt", "/etc/own.key")
    assert address.shown == "mqtts://b:8883"
    assert read_address("mqtts://b").cert is None


def test_a_credential_comes_from_the_environment_or_a_file(tmp_path: Path) -> None:
    file = tmp_path / "login"
    file.write_text("desk:se:cret\n")
    from_file = read_address(f"mqtt://b?credential=file:{file}")
    from_env = read_address("mqtt://other:x@b", "env:LOGIN", {"LOGIN": "desk:se:cret"})
    for address in (from_file, from_env):
        assert (address.user, address.password) == ("desk", "se:cret")


@pytest.mark.parametrize(
    ("url", "why"),
    [
        ("http://b", "begins with mqtt"),
        ("mqtt://", "names a host"),
        ("mqtt://b:x", "cannot be read"),
        ("mqtt://b:99999", "cannot be read"),
        ("mqtt://[::1", "cannot be read"),
        ("mqtts://b?cafile=/x", "no option 'cafile'"),
        ("mqtt://b?ca=/x", "not encrypted"),
        ("mqtt://b?cert=/c&key=/k", "not encrypted"),
        ("mqtts://b?cert=/c", r"\?cert= .* needs \?key= beside it"),
        ("mqtts://b?key=/k", r"\?key= .* needs \?cert= beside it"),
        ("mqtts://b?cert=/c&key=/k&keypass=hunter2", "no option 'keypass'.*password of its own cannot be used"),
        ("mqtts://b?ca=", r"\?ca= .* is empty"),
        ("mqtts://b?cert=&key=/k", r"\?cert= .* is empty"),
        ("mqtts://b?ca=/x&ca=/y", r"\?ca= .* stands twice"),
        ("mqtt://b?credential=secret", "env:NAME or file:PATH"),
        ("mqtt://b?credential=env:NOT_THERE", "env:NOT_THERE is not set"),
        ("mqtt://b?credential=file:/not/there", "file:/not/there cannot be read"),
        ("mqtt://b?credential=env:NO_COLON", "not user:password"),
    ],
)
def test_a_wrong_address_is_refused_with_what_is_wrong(url: str, why: str) -> None:
    with pytest.raises(MqttError, match=why) as caught:
        read_address(url, environ={"NO_COLON": "hunter2"})
    assert "hunter2" not in str(caught.value)


def test_no_password_is_ever_shown() -> None:
    address = read_address("mqtts://desk:hunter2@broker.example:8884")
    assert address.shown == "mqtts://broker.example:8884"
    assert read_address("mqtt://desk:hunter2@[::1]").shown == "mqtt://[::1]:1883"
    assert "hunter2" not in repr(address)
