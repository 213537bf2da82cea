"""The broker as `patrol broker config` sets it up: a department gets its own alerts, answers for itself, and no more."""

from __future__ import annotations

import json
import socket
import subprocess
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from patrol import alerts, incidents
from patrol.alerts.mqtt import Connection, read_address
from patrol.alerts.relay import Relay
from patrol.store import Store
from patrol.store.tables import Alert, CaseLink
from tests.support.county import TOPIC
from tests.support.county_broker import CountyBroker
from tests.support.incidents import seen
from tests.support.mosquitto import Subscriber
from tests.support.relays import FAST, PATIENT, REGISTRY, Pace, answers, confirmed, relay_on, row_of, state, wait_for

BASE = f"patrol/v1/{TOPIC}"
POLICE, FISHERIES = "traffic_police", "fisheries"
EVERYTHING = ("#", f"{BASE}/alert/#", f"{BASE}/alert/{POLICE}/#", f"$share/all/{BASE}/alert/#", "$SYS/#")
"""What a department asks for that wants to know what is another's."""


@pytest.fixture
def broker(tmp_path: Path) -> Iterator[CountyBroker]:
    with CountyBroker(tmp_path / "broker", more=("stranger",)) as started:
        yield started


def service(store: Store, broker: CountyBroker, *, pace: Pace = FAST) -> Relay:
    relay = relay_on(store, broker.url(), credential=broker.login(), pace=pace)
    relay.start()
    return relay


def for_fisheries(store: Store) -> str:
    """A confirmed alert of the other department; its id."""
    now = datetime.now(UTC)
    with store.sessions.begin() as session:
        (change, *_) = seen(session, "flagged", camera="bank", kind="fishing", rule=None)
        change = incidents.review(session, change.incident_id, "confirmed", "li", None, now)
        (alert,) = alerts.notify(session, REGISTRY, change, now, at_once=False)
    return alert


def answer(alert: str, status: str = "received") -> str:
    return json.dumps({"alert": alert, "status": status})


def ids(subscriber: Subscriber) -> set[str]:
    return {m["payload"]["id"] for m in subscriber.messages() if "/alert/" in m["topic"]}


def topics(subscriber: Subscriber) -> set[str]:
    return {m["topic"] for m in subscriber.messages()}


@pytest.mark.parametrize("version", ["mqttv311", "mqttv5"])
def test_a_department_gets_its_own_alerts_and_nothing_of_another_whatever_it_asks_for(
    sqlite_store: Store, broker: CountyBroker, version: str
) -> None:
    police = broker.subscriber(POLICE, f"{BASE}/alert/{POLICE}/#", version=version)
    curious = broker.subscriber(FISHERIES, *EVERYTHING, version=version)
    relay = service(sqlite_store, broker)
    try:
        relay.publish_state({"schema": "patrol.rotation/1"})
        wait_for("the curious listen", lambda: f"{BASE}/available" in topics(curious), 20)
        theirs = confirmed(sqlite_store)
        # The control: what the other must not see does go over this broker.
        wait_for("the police have theirs", lambda: theirs in ids(police), 20)
        own = for_fisheries(sqlite_store)
        # A broker keeps the order: once this one is there, that one would be.
        wait_for("the fisheries have their own", lambda: own in ids(curious), 20)
        assert ids(curious) == {own}
        assert topics(curious) == {f"{BASE}/alert/{FISHERIES}/fishing", f"{BASE}/available"}
        assert ids(police) == {theirs}
    finally:
        relay.stop()
        police.stop()
        curious.stop()


def test_where_rights_are_too_wide_the_same_questions_and_answers_do_go_through(
    sqlite_store: Store, tmp_path: Path
) -> None:
    # Shows that the tests here would see it if the files granted too much.
    broker = CountyBroker(tmp_path / "broker")
    wide = "".join(f"user {who}\ntopic readwrite #\n" for who in ("patrol", POLICE, FISHERIES))
    (broker.folder / "etc" / "acl").write_text(wide)
    with broker:
        curious = broker.subscriber(FISHERIES, *EVERYTHING)
        relay = service(sqlite_store, broker)
        try:
            relay.publish_state({"schema": "patrol.rotation/1"})
            theirs = confirmed(sqlite_store)
            wait_for("the curious read it", lambda: theirs in ids(curious), 20)
            assert f"{BASE}/rotation" in topics(curious)
            vanishes(broker, FISHERIES, f"{BASE}/ack/{POLICE}", answer(theirs, "accepted"))
            wait_for("its will speaks for the other", lambda: state(sqlite_store, theirs) == "accepted", 20)
            broker.publish(FISHERIES, f"{BASE}/ack/{POLICE}", answer(theirs, "disposed"))
            wait_for("and its word", lambda: state(sqlite_store, theirs) == "disposed", 20)
        finally:
            relay.stop()
            curious.stop()


def test_what_came_while_a_department_was_away_waits_for_it_and_for_no_other(
    sqlite_store: Store, broker: CountyBroker
) -> None:
    police = broker.subscriber(POLICE, f"{BASE}/alert/{POLICE}/#")
    curious = broker.subscriber(FISHERIES, *EVERYTHING)
    relay = service(sqlite_store, broker, pace=PATIENT)
    try:
        first = confirmed(sqlite_store)
        wait_for("the police listen", lambda: first in ids(police), 20)
        wait_for("the fisheries listen", lambda: f"{BASE}/available" in topics(curious), 20)
        police.stop()
        curious.stop()
        second, own = confirmed(sqlite_store, camera="other"), for_fisheries(sqlite_store)
        relay.wake()
        wait_for("the broker has both", lambda: {state(sqlite_store, a) for a in (second, own)} == {"sent"}, 20)
        # Also over a restart of the broker: what waits is on its disk.
        broker.mosquitto.stop()
        broker.mosquitto.start()
        curious = broker.subscriber(FISHERIES, *EVERYTHING)
        wait_for("the fisheries get their own", lambda: own in ids(curious), 20)
        police = broker.subscriber(POLICE, f"{BASE}/alert/{POLICE}/#")
        wait_for("the police get theirs", lambda: second in ids(police), 20)
        assert ids(curious) == {own}
        assert row_of(sqlite_store, first).state == "sent"
    finally:
        relay.stop()
        police.stop()
        curious.stop()


def test_a_department_answers_for_itself_and_for_nobody_else(sqlite_store: Store, broker: CountyBroker) -> None:
    relay = service(sqlite_store, broker)
    try:
        alert = confirmed(sqlite_store)
        wait_for("sent", lambda: state(sqlite_store, alert) == "sent", 20)
        for more in ((), ("-V", "5"), ("-r",)):
            broker.publish(FISHERIES, f"{BASE}/ack/{POLICE}", answer(alert, "disposed"), *more)
        # Behind it in the broker's order, so that it would be written by now.
        broker.publish(POLICE, f"{BASE}/ack/{POLICE}", answer(alert, "accepted"))
        wait_for("its own counts", lambda: state(sqlite_store, alert) == "accepted", 20)
        assert [(a.department, a.status, a.taken) for a in answers(sqlite_store)] == [(POLICE, "accepted", True)]
        # On its own topic an alert of another changes nothing either.
        broker.publish(FISHERIES, f"{BASE}/ack/{FISHERIES}", answer(alert, "disposed"))
        wait_for("it is kept", lambda: len(answers(sqlite_store)) == 2, 20)
        assert (answers(sqlite_store)[1].taken, state(sqlite_store, alert)) == (False, "accepted")
    finally:
        relay.stop()


def test_a_departments_last_will_speaks_for_no_other(sqlite_store: Store, broker: CountyBroker) -> None:
    relay = service(sqlite_store, broker)
    try:
        alert = confirmed(sqlite_store)
        wait_for("sent", lambda: state(sqlite_store, alert) == "sent", 20)
        vanishes(broker, FISHERIES, f"{BASE}/ack/{POLICE}", answer(alert, "disposed"))
        # The control: a will on its own topic does arrive, so the other would have.
        vanishes(broker, POLICE, f"{BASE}/ack/{POLICE}", answer(alert, "accepted"))
        wait_for("the will of its own counts", lambda: state(sqlite_store, alert) == "accepted", 20)
        assert [(a.department, a.status) for a in answers(sqlite_store)] == [(POLICE, "accepted")]
    finally:
        relay.stop()


def test_nobody_but_the_service_publishes_alerts_or_says_that_it_is_there(
    sqlite_store: Store, broker: CountyBroker
) -> None:
    police = broker.subscriber(POLICE, f"{BASE}/alert/{POLICE}/#", f"{BASE}/available")
    relay = service(sqlite_store, broker)
    try:
        wait_for("online", lambda: "online" in police.payloads(), 20)
        for account in (FISHERIES, POLICE, "stranger"):
            for topic in (f"alert/{POLICE}/congestion", "available", "rotation", "camera/gate/status"):
                broker.publish(account, f"{BASE}/{topic}", json.dumps({"id": f"forged-{account}"}), "-r")
        real = confirmed(sqlite_store)
        relay.wake()
        wait_for("the real one comes", lambda: real in ids(police), 20)
        assert ids(police) == {real}
        assert [m["payload"] for m in police.messages() if m["topic"] == f"{BASE}/available"] == ["online"]
    finally:
        relay.stop()
        police.stop()


def test_who_sends_more_than_a_message_can_be_is_cut_off_and_harms_no_other(
    sqlite_store: Store, broker: CountyBroker, tmp_path: Path
) -> None:
    relay = service(sqlite_store, broker)
    try:
        alert = confirmed(sqlite_store)
        wait_for("sent", lambda: state(sqlite_store, alert) == "sent", 20)
        for size, let_in in ((900_000, True), (1_100_000, False)):
            (tmp_path / "long").write_text("x" * size)
            done = mosquitto_pub(broker, POLICE, f"{BASE}/ack/{POLICE}", file=tmp_path / "long")
            assert (done.returncode == 0) is let_in, done.stderr
        broker.publish(POLICE, f"{BASE}/ack/{POLICE}", answer(alert))
        wait_for("received", lambda: state(sqlite_store, alert) == "received", 20)
        assert [a.problem for a in answers(sqlite_store)] == ["longer than 65536 bytes", None]
    finally:
        relay.stop()


def test_the_broker_says_to_a_version_5_client_that_it_may_not_write(broker: CountyBroker) -> None:
    done = mosquitto_pub(broker, FISHERIES, f"{BASE}/ack/{POLICE}", "-V", "5")
    assert "Not authorized" in done.stderr
    assert "Not authorized" not in mosquitto_pub(broker, POLICE, f"{BASE}/ack/{POLICE}", "-V", "5").stderr


def test_nobody_comes_in_without_a_password_and_a_stranger_with_one_may_nothing(
    sqlite_store: Store, broker: CountyBroker
) -> None:
    assert mosquitto_pub(broker, POLICE, f"{BASE}/ack/{POLICE}").returncode == 0
    for who in (None, "nobody"):
        refused = mosquitto_pub(broker, who, f"{BASE}/ack/{POLICE}")
        assert refused.returncode != 0
        assert "not authorised" in refused.stderr.lower()
    stranger = broker.subscriber("stranger", *EVERYTHING)
    police = broker.subscriber(POLICE, f"{BASE}/alert/{POLICE}/#")
    relay = service(sqlite_store, broker)
    try:
        alert = confirmed(sqlite_store)
        wait_for("the police have it, more than once", lambda: len(police.messages()) > 1, 20)
        broker.publish("stranger", f"{BASE}/ack/{POLICE}", answer(alert, "disposed"))
        broker.publish(POLICE, f"{BASE}/ack/{POLICE}", answer(alert))
        wait_for("received", lambda: state(sqlite_store, alert) == "received", 20)
        assert stranger.messages() == []
        assert [a.department for a in answers(sqlite_store)[-1:]] == [POLICE]
        assert "disposed" not in {a.status for a in answers(sqlite_store)}
    finally:
        relay.stop()
        police.stop()
        stranger.stop()


def test_who_takes_anothers_client_id_reads_nothing_of_what_waits_under_it_and_the_alert_comes_again(
    sqlite_store: Store, broker: CountyBroker
) -> None:
    police = broker.subscriber(POLICE, f"{BASE}/alert/{POLICE}/#", client="police-desk")
    relay = service(sqlite_store, broker)
    try:
        first = confirmed(sqlite_store)
        wait_for("the police listen", lambda: first in ids(police), 20)
        police.stop()
        second = confirmed(sqlite_store, camera="other")
        wait_for("it waits under the client id", lambda: row_of(sqlite_store, second).state == "sent", 20)
        thief = broker.subscriber(FISHERIES, f"{BASE}/available", client="police-desk")
        wait_for("the thief is in the session", lambda: thief.messages() or None, 20)
        own = for_fisheries(sqlite_store)
        wait_for("time has gone by", lambda: row_of(sqlite_store, own).attempts > 2, 20)
        assert ids(thief) == set()
        thief.stop()
        police = broker.subscriber(POLICE, f"{BASE}/alert/{POLICE}/#", client="police-desk")
        wait_for("sent again until it is received", lambda: second in ids(police), 20)
    finally:
        relay.stop()
        police.stop()


def test_a_new_department_is_let_in_by_writing_the_files_anew_while_the_others_stay_connected(
    sqlite_store: Store, broker: CountyBroker
) -> None:
    registry = broker.folder / "registry.yaml"
    registry.write_text(
        registry.read_text().replace("departments:\n", "departments:\n  - {id: water, name: {zh: 水利, en: Water}}\n")
    )
    relay = service(sqlite_store, broker)
    wait_for("connected", lambda: relay.connected, 20)
    connection = relay._connection
    try:
        assert mosquitto_pub(broker, "water", f"{BASE}/ack/water").returncode != 0
        broker.write_files("--force")
        broker.passwords("water")
        broker.mosquitto.reload()
        wait_for("it is let in", lambda: mosquitto_pub(broker, "water", f"{BASE}/ack/water").returncode == 0, 20)
        wait_for("and heard", lambda: {a.department for a in answers(sqlite_store)} == {"water"}, 20)
        assert relay.connected
        assert relay._connection is connection
    finally:
        relay.stop()


def test_nobody_but_who_keeps_the_cases_says_how_they_stand(sqlite_store: Store, broker: CountyBroker) -> None:
    registry = broker.folder / "registry.yaml"
    registry.write_text(registry.read_text() + f"\ncases: {{system: external, department: {FISHERIES}}}\n")
    broker.write_files("--force")
    broker.mosquitto.reload()
    said: list[str] = []
    relay = relay_on(
        sqlite_store,
        broker.url(),
        credential=broker.login(),
        pace=PATIENT,
        case_department=FISHERIES,
        on_case=lambda case: said.append(case.stage),
    )
    relay.start()
    try:
        alert = confirmed(sqlite_store)
        with sqlite_store.sessions.begin() as session:
            row = session.get_one(Alert, alert)
            session.add(CaseLink(incident=row.incident, number="A-1", department=FISHERIES, at=datetime.now(UTC)))
        wait_for("connected", lambda: row_of(sqlite_store, alert).state == "sent", 20)
        curious = broker.subscriber(POLICE, f"{BASE}/case/#", f"{BASE}/alert/{POLICE}/#")
        for account in (POLICE, "stranger", FISHERIES):
            stands = {"number": "A-1", "stage": account, "light": "red", "at": datetime.now(UTC).isoformat()}
            broker.publish(account, f"{BASE}/case/A-1", json.dumps(stands))
        wait_for("the case system is heard", lambda: said or None, 20)
        confirmed(sqlite_store, camera="other")
        wait_for("the police hear what is theirs", lambda: ids(curious) or None, 20)
        assert said == [FISHERIES]
        assert not [topic for topic in topics(curious) if "/case/" in topic], (
            "nor reads another department what is said"
        )
        curious.stop()
    finally:
        relay.stop()


def mosquitto_pub(
    broker: CountyBroker, account: str | None, topic: str, *more: str, file: Path | None = None
) -> subprocess.CompletedProcess[str]:
    command = ["mosquitto_pub", "-h", "127.0.0.1", "-p", str(broker.port), "-q", "1", "-t", topic]
    command += ["-f", str(file)] if file else ["-m", "x"]
    return subprocess.run(
        [*command, *broker.options(account), *more], check=False, capture_output=True, text=True, timeout=20
    )


def vanishes(broker: CountyBroker, account: str, topic: str, payload: str) -> None:
    """A client of the account that is cut off, so that the broker publishes its will."""
    address = read_address(broker.url(), broker.login(account))
    connection = Connection(address, f"{account}-will", will=(topic, payload), session=False)
    wire = connection._client.socket()
    assert isinstance(wire, socket.socket)
    wire.shutdown(socket.SHUT_RDWR)
    connection.drop()
