"""The registry's words for dispatch: departments and who is on duty there, routes, time limits, the ladder of escalation.

What binds two entries together is checked in ``_check_dispatch.py``.
"""

from __future__ import annotations

import re
from datetime import timedelta
from enum import StrEnum
from typing import Annotated, Literal

from pydantic import AfterValidator, Field

from patrol.registry._entry import CameraId, Entry, Key, Name
from patrol.registry.durations import Duration
from patrol.registry.when import Window

KindName = Literal["congestion", "fireworks", "fishing"]
"""The values of ``detectors.Kind``, again because the registry imports no other room; a test holds them equal."""


def _credential(value: str) -> str:
    if not re.fullmatch(r"(env:[A-Za-z_][A-Za-z0-9_]*|file:.+)", value):
        raise ValueError("a credential is never in the file: write env:NAME or file:PATH")
    return value


Credential = Annotated[str, AfterValidator(_credential)]
DivisionCode = Annotated[str, Field(pattern=r"^\d{6,12}$")]


class Contact(Entry):
    """Somebody, or a desk, that can be reached by telephone or another way."""

    name: str = Field(
        min_length=1, title="Name", description="A desk or a post, e.g. 值班室; a person where there is no desk."
    )
    phone: str | None = Field(
        None,
        pattern=r"^[0-9+][0-9 ()-]{2,28}$",
        title="Phone",
        description="Duty phone. Public numbers only; never a private one.",
    )
    channels: tuple[Key, ...] = Field((), title="Channels", description="Keys of channels that reach this contact.")
    windows: tuple[Window, ...] = Field((), title="On duty", description="On duty in any of these; empty: always.")


class Channel(Entry):
    """Another way to people than MQTT: WeCom, DingTalk, Feishu, SMS, e-mail, a webhook."""

    key: Key = Field(title="Key", description="Referred to by contacts.")
    address: Credential = Field(
        title="Address",
        description="env:NAME or file:PATH holding the Apprise address (wecombot://…, dingtalk://…, feishu://…, mailto://…) "
        "or a webhook's https:// address; it is a secret.",
    )
    secret: Credential | None = Field(
        None,
        title="Webhook secret",
        description="env:NAME or file:PATH holding the key with which a webhook's body is signed (HMAC-SHA256).",
    )


class Grouping(Entry):
    """How messages to people are put together. MQTT carries every alert by itself; machines do not tire."""

    wait: Duration = Field(
        timedelta(seconds=20), title="Wait", description="How long the first message of a group waits for more."
    )
    interval: Duration = Field(
        timedelta(minutes=5), title="Interval", description="Between two messages to one contact about new matters."
    )
    repeat: Duration = Field(
        timedelta(minutes=30), title="Repeat", description="After which matters nobody has accepted are named again."
    )
    most: int = Field(
        10, ge=1, le=1000, title="Most", description="Matters told one by one in a message; more become a digest."
    )


class Limits(Entry):
    """By when a department must have answered, counted from the moment it was told."""

    kind: KindName | None = Field(None, title="Kind", description="Only for this kind; left out: for all others.")
    received: Duration = Field(timedelta(minutes=2), title="Received", description="Its system has the alert.")
    accepted: Duration = Field(timedelta(minutes=5), title="Accepted", description="A person has taken it on.")
    on_scene: Duration = Field(timedelta(minutes=40), title="On scene", description="Somebody is there.")
    disposed: Duration = Field(timedelta(hours=8), title="Disposed", description="It is dealt with.")


class Department(Entry):
    """Who is told."""

    id: Key = Field(title="Id", description="Stands in MQTT topics: alert/<department>/<kind>.")
    name: Name = Field(title="Name", description="The department's name.")
    phone: str | None = Field(None, title="Phone", description="Duty phone. Public numbers only; never a private one.")
    contacts: tuple[Contact, ...] = Field(
        (), title="Contacts", description="Duty roster, in the order in which they are tried."
    )
    limits: tuple[Limits, ...] = Field(
        (), title="Limits", description="In place of the county's; the first that fits the kind counts."
    )
    grouping: Grouping | None = Field(None, title="Grouping", description="In place of the county's.")


class Route(Entry):
    """Which incidents go to which department. The first route that matches wins; all parts given must match."""

    name: str | None = Field(None, title="Name", description="What people call it; left out: its place in the file.")
    kind: KindName = Field(title="Kind", description="Kind of incident.")
    categories: tuple[Key, ...] = Field((), title="Categories", description="Only for cameras of these; empty: all.")
    cameras: tuple[CameraId, ...] = Field((), title="Cameras", description="Only for these cameras; empty: all.")
    rules: tuple[Key, ...] = Field(
        (), title="Rules", description="Only for incidents that break one of these rules; empty: all."
    )
    places: tuple[DivisionCode, ...] = Field(
        (),
        title="Places",
        description="Only for cameras in these divisions: 430624 is the county, 430624119 a township with its villages.",
    )
    windows: tuple[Window, ...] = Field((), title="When", description="Only in these windows; empty: always.")
    to: Key = Field(title="To", description="The department that acts.")
    copy_to: tuple[Key, ...] = Field((), title="Copies", description="Departments told beside it (联单).")
    fallback: Key | None = Field(
        None, title="Fallback", description="The department that is told when the first refuses or does not answer."
    )


class Step(StrEnum):
    """A rung of the ladder."""

    CONTACTS = "contacts"
    SHIFT_LEAD = "shift_lead"
    FALLBACK = "fallback"
    COUNTY = "county"


class Dispatch(Entry):
    """What becomes of an alert that nobody answers, and how people are spared a flood."""

    limits: tuple[Limits, ...] = Field(
        (), title="Limits", description="Time limits of all departments; the first that fits the kind counts."
    )
    ladder: tuple[Step, ...] = Field(
        (Step.CONTACTS, Step.SHIFT_LEAD, Step.FALLBACK, Step.COUNTY),
        min_length=1,
        title="Ladder",
        description="Who is told, rung by rung, while a step is overdue: each contact of the department in turn, the shift "
        "lead, the route's fallback department, the county.",
    )
    rung: Duration = Field(
        timedelta(minutes=3), title="Rung", description="How long one rung gets before the next one is climbed."
    )
    again: Duration = Field(
        timedelta(minutes=15),
        title="Again",
        description="On the last rung: how often it is told again until somebody answers.",
    )
    shift_lead: tuple[Contact, ...] = Field((), title="Shift lead", description="Duty roster of the shift leads.")
    county: Key | None = Field(None, title="County", description="The department told last: the county's duty office.")
    channels: tuple[Channel, ...] = Field((), title="Channels", description="Other ways to people than MQTT.")
    grouping: Grouping = Field(
        default_factory=Grouping, title="Grouping", description="How messages to people are put together."
    )
    update_interval: Duration = Field(
        timedelta(minutes=2),
        title="Update interval",
        description="Shortest time between two updates of one incident to one department; what comes between is put together.",
    )
