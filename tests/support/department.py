"""A department with a book of its own: every alert that ever came is in it, also after the department was killed.

Bare paho and SQLite, nothing of the product: it shall agree with the product by the contract alone.
"""

from __future__ import annotations

import json
import sqlite3
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import paho.mqtt.client as paho
from paho.mqtt.enums import CallbackAPIVersion

_TABLES = """
CREATE TABLE IF NOT EXISTS alert (id TEXT PRIMARY KEY, department TEXT, seq INTEGER, place INTEGER);
CREATE TABLE IF NOT EXISTS arrival (place INTEGER PRIMARY KEY AUTOINCREMENT, id TEXT);
"""


@dataclass(frozen=True, slots=True)
class Entry:
    """An alert in the book; ``place`` is that of its first arrival among all arrivals."""

    id: str
    department: str
    seq: int
    place: int


def open_book(file: Path) -> sqlite3.Connection:
    """The book; what is entered is on the disk when :func:`enter` returns."""
    book = sqlite3.connect(file, isolation_level=None, timeout=20, check_same_thread=False)
    book.execute("PRAGMA journal_mode = WAL")
    book.execute("PRAGMA synchronous = FULL")
    book.executescript(_TABLES)
    return book


def enter(book: sqlite3.Connection, department: str, alert: dict[str, Any]) -> None:
    """Note an arrival; the alert itself only when it came for the first time."""
    book.execute("BEGIN IMMEDIATE")
    place = book.execute("INSERT INTO arrival (id) VALUES (?)", (alert["id"],)).lastrowid
    book.execute(
        "INSERT INTO alert VALUES (?, ?, ?, ?) ON CONFLICT (id) DO NOTHING",
        (alert["id"], department, alert["seq"], place),
    )
    book.execute("COMMIT")


def answer(client: paho.Client, alert: dict[str, Any]) -> None:
    """Say that it is safe."""
    client.publish(alert["ack_topic"], json.dumps({"alert": alert["id"], "status": "received"}), qos=1)


def entries(file: Path) -> list[Entry]:
    """The alerts in the book, in the order in which they first came."""
    book = open_book(file)
    rows = book.execute("SELECT id, department, seq, place FROM alert ORDER BY place").fetchall()
    book.close()
    return [Entry(*row) for row in rows]


def arrivals(file: Path) -> int:
    """Alerts that came, duplicates too."""
    book = open_book(file)
    (count,) = book.execute("SELECT count(*) FROM arrival").fetchone()
    book.close()
    return int(count)


def entered(file: Path) -> int:
    """Alerts in the book; none before there is one."""
    if not file.exists():
        return 0
    book = open_book(file)
    (count,) = book.execute("SELECT count(*) FROM alert").fetchone()
    book.close()
    return int(count)


def attend(port: int, county: str, file: Path) -> None:
    """Take what comes for any department of the county, for ever."""
    book = open_book(file)
    client = paho.Client(
        CallbackAPIVersion.VERSION2,
        client_id="department",
        clean_session=False,
        protocol=paho.MQTTv311,
        manual_ack=True,
    )
    client.reconnect_delay_set(0.05, 0.2)  # type: ignore[arg-type]  # it takes parts of seconds

    def connected(client: paho.Client, *_: Any) -> None:
        client.subscribe(f"patrol/v1/{county}/alert/#", qos=1)

    def subscribed(*_: Any) -> None:
        sys.stdout.write("listening\n")
        sys.stdout.flush()

    def came(client: paho.Client, _u: Any, message: paho.MQTTMessage) -> None:
        alert = json.loads(message.payload)
        enter(book, message.topic.split("/")[4], alert)
        answer(client, alert)
        client.ack(message.mid, message.qos)

    client.on_connect = connected
    client.on_subscribe = subscribed
    client.on_message = came
    client.connect_async("127.0.0.1", port, keepalive=10)
    client.loop_forever(retry_first_connection=True)
