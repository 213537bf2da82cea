"""Encryption with a real Mosquitto: who is trusted, who is not, and what a person is told to do about it."""

from __future__ import annotations

import contextlib
import socket
import ssl
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from patrol import alerts
from patrol.alerts.mqtt import Connection, read_address
from patrol.store import Store
from tests.support.certificates import Authority, Signed
from tests.support.county import TOPIC, free_port
from tests.support.county_broker import CountyBroker, password
from tests.support.mosquitto import Mosquitto
from tests.support.relays import confirmed, relay_on, row_of, state, wait_for


@pytest.fixture(scope="module")
def open_to_all(tmp_path_factory: pytest.TempPathFactory) -> Iterator[CountyBroker]:
    """Encrypted, with passwords; clients show no certificate."""
    with CountyBroker(tmp_path_factory.mktemp("county") / "broker") as broker:
        yield broker


@pytest.fixture(scope="module")
def asking(tmp_path_factory: pytest.TempPathFactory) -> Iterator[CountyBroker]:
    """Clients show a certificate as well."""
    with CountyBroker(tmp_path_factory.mktemp("county") / "broker", require_certificate=True) as broker:
        yield broker


def signed_in(broker: CountyBroker, url: str, account: str = "patrol") -> str:
    """The address with the account's credential in it."""
    return f"{url}&credential={broker.login(account)}"


def refused(url: str, *, why: str) -> str:
    """What is said when the address is refused; it names the broker and shows no secret."""
    with pytest.raises(alerts.MqttError) as caught:
        alerts.probe(url)
    said = str(caught.value)
    assert said.startswith(f"{read_address(url).shown}: ")
    assert why in said
    assert "s-Word" not in said
    return said


def encrypted(folder: Path, server: Signed) -> tuple[Mosquitto, int]:
    """A broker with another certificate, and the port it is shown at."""
    port = free_port()
    lines = f"listener {port} 127.0.0.1\ncertfile {server.cert}\nkeyfile {server.key}\nallow_anonymous true\n"
    return Mosquitto(folder, extra=lines), port


def test_the_right_ca_and_password_from_a_file_or_the_environment_let_the_service_in(
    open_to_all: CountyBroker, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert alerts.probe(signed_in(open_to_all, open_to_all.url())) == "5"
    assert alerts.probe(signed_in(open_to_all, open_to_all.url(host="127.0.0.1"))) == "5"
    monkeypatch.setenv("PATROL_TEST_LOGIN", f"patrol:{password('patrol')}")
    assert alerts.probe(f"{open_to_all.url()}&credential=env:PATROL_TEST_LOGIN") == "5"


def test_a_wrong_password_and_no_password_are_refused_with_what_to_look_at(
    open_to_all: CountyBroker, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATROL_TEST_LOGIN", "patrol:other-s-Word")
    refused(
        f"{open_to_all.url()}&credential=env:PATROL_TEST_LOGIN",
        why="the broker refuses the user or the password in env:PATROL_TEST_LOGIN (Not authorized)",
    )
    refused(open_to_all.url(), why="lets nobody in without a user and a password; name them with ?credential=")


@pytest.mark.parametrize("name", ["Other CA", "County CA"])
def test_a_certificate_of_another_ca_is_refused_also_where_that_has_the_same_name(
    open_to_all: CountyBroker, tmp_path: Path, name: str
) -> None:
    other = Authority(tmp_path / "other", name)
    said = refused(
        signed_in(open_to_all, open_to_all.url(ca=other.cert)),
        why=f"the broker's certificate is not signed by a CA in {other.cert}",
    )
    assert "certificate verify failed" in said
    without = f"mqtts://localhost:{open_to_all.port}?credential={open_to_all.login()}"
    refused(without, why="not signed by a CA that this machine trusts; name its CA's file with ?ca=FILE")


def test_a_certificate_for_another_host_is_refused(open_to_all: CountyBroker, tmp_path: Path) -> None:
    elsewhere = open_to_all.authority.server("elsewhere", names="DNS:elsewhere.example")
    broker, port = encrypted(tmp_path / "broker", elsewhere)
    with broker:
        for host in ("localhost", "127.0.0.1"):
            refused(
                f"mqtts://{host}:{port}?ca={open_to_all.authority.cert}",
                why=f"the broker's certificate is not made for {host}; write a name that stands in it",
            )


def test_an_expired_certificate_is_refused(open_to_all: CountyBroker, tmp_path: Path) -> None:
    broker, port = encrypted(tmp_path / "broker", open_to_all.authority.server("expired", days=-1))
    with broker:
        said = refused(f"mqtts://localhost:{port}?ca={open_to_all.authority.cert}", why="has expired")
        assert "this machine's clock" in said


def test_a_broker_that_asks_for_a_certificate_takes_a_client_with_one_and_none_without(asking: CountyBroker) -> None:
    assert alerts.probe(signed_in(asking, asking.url())) == "5"
    bare = f"mqtts://localhost:{asking.port}?ca={asking.authority.cert}"
    refused(signed_in(asking, bare), why="the broker asks for a client certificate; give one with ?cert=FILE&key=FILE")


def test_a_broker_with_nothing_newer_than_tls_1_2_asks_for_a_certificate_too(
    asking: CountyBroker, tmp_path: Path
) -> None:
    server = asking.authority.server("old-broker")
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.maximum_version = ssl.TLSVersion.TLSv1_2
    context.verify_mode = ssl.CERT_REQUIRED
    context.load_cert_chain(server.cert, server.key)
    asked = []

    def serve(listener: socket.socket) -> None:
        peer, _ = listener.accept()
        with peer, contextlib.suppress(ssl.SSLError):
            asked.append(True)
            context.wrap_socket(peer, server_side=True)

    with socket.create_server(("127.0.0.1", 0)) as listener:
        threading.Thread(target=serve, args=(listener,), daemon=True).start()
        refused(
            f"mqtts://localhost:{listener.getsockname()[1]}?ca={asking.authority.cert}",
            why="the broker asks for a client certificate; give one with ?cert=FILE&key=FILE",
        )
    assert asked


def test_a_certificate_does_not_stand_in_for_the_password(asking: CountyBroker) -> None:
    refused(asking.url(), why="lets nobody in without a user and a password")


def test_a_client_certificate_that_the_broker_refuses_is_named_with_the_reason(
    asking: CountyBroker, tmp_path: Path
) -> None:
    stranger = Authority(tmp_path / "other", "Other CA").client("stranger")
    refused(
        signed_in(asking, asking.url(shown=stranger)),
        why=f"the broker does not know the CA that signed the client certificate {stranger.cert}",
    )
    expired = asking.authority.client("expired", days=-1)
    refused(
        signed_in(asking, asking.url(shown=expired)),
        why=f"the broker refuses the client certificate {expired.cert}: it has expired",
    )
    servers = asking.authority.server("not-a-client")
    refused(signed_in(asking, asking.url(shown=servers)), why=f"the client certificate {servers.cert}: it is not made")


def test_a_port_where_nobody_speaks_tls_is_said(tmp_path: Path) -> None:
    with Mosquitto(tmp_path / "plain") as broker:
        refused(f"mqtts://127.0.0.1:{broker.port}", why="nobody speaks TLS at this port; is it the one for mqtt://?")


def test_an_alert_and_its_answer_travel_encrypted_with_a_client_certificate_end_to_end(
    sqlite_store: Store, asking: CountyBroker
) -> None:
    department = alerts.Receiver(
        signed_in(asking, asking.url(), "traffic_police"), county=TOPIC, department="traffic_police"
    )
    department.start()
    relay = relay_on(sqlite_store, asking.url(), credential=asking.login())
    relay.start()
    try:
        alert = confirmed(sqlite_store)
        wait_for("received", lambda: state(sqlite_store, alert) == "received", 20)
        assert row_of(sqlite_store, alert).last_error is None
    finally:
        relay.stop()
        department.stop()


def test_a_renewed_certificate_is_used_without_a_restart(
    sqlite_store: Store, asking: CountyBroker, tmp_path: Path
) -> None:
    shown = Signed(tmp_path / "own.crt", tmp_path / "own.key")
    heard: list[tuple[bool, str]] = []

    def install(made: Signed) -> None:
        # Key first: whoever reads in between meets a pair that does not match, and tries again.
        shown.key.write_bytes(made.key.read_bytes())
        shown.cert.write_bytes(made.cert.read_bytes())

    install(asking.authority.client("old", days=-1))
    relay = relay_on(
        sqlite_store,
        asking.url(shown=shown),
        credential=asking.login(),
        on_state=lambda there, detail: heard.append((there, detail)),
    )
    relay.start()
    try:
        alert = confirmed(sqlite_store)
        wait_for("it is refused", lambda: heard or None, 10)
        assert "it has expired; renew it" in heard[0][1]
        install(asking.authority.client("new"))
        wait_for("sent", lambda: state(sqlite_store, alert) == "sent", 20)
    finally:
        relay.stop()


def test_one_connection_does_not_take_the_blame_of_another(asking: CountyBroker) -> None:
    # What the broker says at the end of one handshake is kept with that connection alone.
    refused(signed_in(asking, f"mqtts://localhost:{asking.port}?ca={asking.authority.cert}"), why="client certificate")
    connection = Connection(read_address(asking.url(), asking.login()), "after", session=False)
    assert connection.v5
    connection.close()
