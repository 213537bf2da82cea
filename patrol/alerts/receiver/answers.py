"""What a department answers, as it is published: built here alone, by the receiver and by hand."""

from __future__ import annotations

import json
import re
import secrets
import time
from dataclasses import dataclass
from datetime import datetime
from queue import Empty
from typing import Any

from patrol.alerts.acks import ANSWERS
from patrol.alerts.address import Address, MqttError
from patrol.alerts.mqtt import Connection, Published
from patrol.clock import iso

SCHEMA = "patrol.ack/1"
_LONGEST_ID = 36
_SHA256 = re.compile(r"[0-9a-f]{64}")


class AnswerError(Exception):
    """An answer that cannot be given; the message says what is wrong with it."""


@dataclass(frozen=True, slots=True)
class Photo:
    """A photo that can be fetched."""

    url: str
    sha256: str


@dataclass(frozen=True, slots=True)
class Call:
    """A phone call."""

    number: str
    outcome: str | None


@dataclass(frozen=True, slots=True)
class Words:
    """One answer.

    Raises:
        AnswerError: the alert's id, the status, a photo or the phone call is not as it must be, or it refuses without a reason.
    """

    alert: str
    status: str
    note: str | None = None
    reason: str | None = None
    by: str | None = None
    phone: Call | None = None
    photos: tuple[Photo, ...] = ()

    def __post_init__(self) -> None:
        if not 1 <= len(self.alert) <= _LONGEST_ID or not self.alert.isprintable():
            raise AnswerError("an alert's id is 1 to 36 printable characters")
        if self.status not in ANSWERS:
            raise AnswerError(f"there is no status {self.status!r}; there are {', '.join(ANSWERS)}")
        if self.status == "refused" and not self.reason:
            raise AnswerError("who refuses says why: a reason is missing")
        if self.phone is not None and not self.phone.number:
            raise AnswerError("a phone call has a number")
        for photo in self.photos:
            if not photo.url.startswith(("http://", "https://")) or not _SHA256.fullmatch(photo.sha256):
                raise AnswerError(
                    "a photo is given by its address (http:// or https://) and its sha256 (64 hexadecimal digits)"
                )

    def as_json(self, at: datetime) -> str:
        """As it is published. What was not said is left out."""
        phone = None
        if self.phone is not None:
            phone = {"number": self.phone.number, "at": iso(at), "outcome": self.phone.outcome}
        return ack_json(
            at,
            alert=self.alert,
            status=self.status,
            note=self.note,
            reason=self.reason,
            by=self.by,
            phone=phone and {name: value for name, value in phone.items() if value is not None},
            photos=[{"url": p.url, "sha256": p.sha256} for p in self.photos] or None,
        )


def ack_json(at: datetime, **said: Any) -> str:
    """An answer as it is published: its fields by the contract's names; what is None is left out."""
    told = {"schema": SCHEMA, "at": iso(at), **said}
    return json.dumps({name: value for name, value in told.items() if value is not None}, ensure_ascii=False)


def publish_one(address: Address, topic: str, answer: str, *, timeout_s: float = 10.0) -> None:
    """Publish one answer and wait until the broker has it. Under a name of its own, so that no receiver is disturbed.

    Raises:
        MqttError: the broker is not there, does not take it, or says nothing for ``timeout_s`` seconds.
    """
    connection = Connection(address, f"patrol-answer-{secrets.token_hex(6)}", session=False)
    try:
        mid = connection.publish(topic, answer)
        end = time.monotonic() + timeout_s
        while mid is not None and not connection.lost and (wait := end - time.monotonic()) > 0:
            try:
                event = connection.events.get(timeout=wait)
            except Empty:
                break
            if isinstance(event, Published) and event.mid == mid:
                if event.problem is not None:
                    raise MqttError(f"{address.shown}: the broker refuses the answer: {event.problem}")
                return
        raise MqttError(f"{address.shown}: the broker did not say that it has the answer")
    finally:
        connection.drop()
