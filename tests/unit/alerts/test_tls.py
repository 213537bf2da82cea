"""Certificate files that cannot be used: the error names the file and what to do, and shows nothing of what is in it."""

from __future__ import annotations

from pathlib import Path

import pytest

from patrol.alerts import MqttError
from patrol.alerts.address import read_address
from patrol.alerts.tls import Encryption
from tests.support.certificates import Authority, Signed, openssl


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return Authority(tmp_path_factory.mktemp("county") / "ca")


@pytest.fixture(scope="module")
def own(authority: Authority) -> Signed:
    return authority.client("own")


def encryption(ca: Path, cert: Path, key: Path) -> Encryption:
    return Encryption(read_address(f"mqtts://broker.example?ca={ca}&cert={cert}&key={key}"))


def why(ca: Path, cert: Path, key: Path) -> str:
    with pytest.raises(MqttError) as caught:
        encryption(ca, cert, key)
    said = str(caught.value)
    assert said.startswith("mqtts://broker.example:8883: ")
    return said


def test_a_ca_a_certificate_and_its_key_are_taken(authority: Authority, own: Signed) -> None:
    assert encryption(authority.cert, own.cert, own.key).context.cert_store_stats()["x509_ca"] == 1


def test_a_file_that_is_not_there_is_named(authority: Authority, own: Signed, tmp_path: Path) -> None:
    nowhere = tmp_path / "nowhere"
    assert f"the CA file {nowhere} cannot be used: No such file" in why(nowhere, own.cert, own.key)
    assert f"the client certificate {nowhere} cannot be used: No such file" in why(authority.cert, nowhere, own.key)
    assert f"the key {nowhere} cannot be used: No such file" in why(authority.cert, own.cert, nowhere)


def test_a_file_of_something_else_is_named_and_not_shown(authority: Authority, own: Signed, tmp_path: Path) -> None:
    other = tmp_path / "other"
    other.write_text("hunter2")
    assert f"the CA file {other} cannot be used" in why(other, own.cert, own.key)
    assert f"the client certificate {other} cannot be used: there is none" in why(authority.cert, other, own.key)
    assert f"the key {other} cannot be used: there is none" in why(authority.cert, own.cert, other)
    broken = tmp_path / "broken"
    broken.write_text("-----BEGIN CERTIFICATE-----\nhunter2\n-----END CERTIFICATE-----\n")
    said = why(authority.cert, broken, own.key)
    assert f"the client certificate {broken} with the key {own.key} cannot be used" in said
    assert "hunter2" not in said


def test_files_in_each_others_place_are_told_apart(authority: Authority, own: Signed) -> None:
    assert f"the client certificate {own.key} cannot be used" in why(authority.cert, own.key, own.cert)


def test_a_key_of_another_certificate_is_said(authority: Authority, own: Signed) -> None:
    other = authority.client("other")
    assert f"the key {other.key} is not that of the client certificate {own.cert}" in why(
        authority.cert, own.cert, other.key
    )


def test_a_key_with_a_password_is_refused_and_nobody_is_asked_for_it(
    authority: Authority, own: Signed, tmp_path: Path
) -> None:
    locked = tmp_path / "locked.key"
    openssl("pkey", "-in", own.key, "-aes256", "-passout", "pass:hunter2", "-out", locked)
    said = why(authority.cert, own.cert, locked)
    assert f"the key {locked} has a password of its own, which is not supported" in said
    assert "hunter2" not in said
