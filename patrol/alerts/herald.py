"""Sends messages to people until they are out: one thread that looks, a few that send, at most one for each channel.

The next attempt is written down before each one, `sent` after the channel has taken it. Killed in between, the herald
sends it again with the same key: a duplicate, not a loss. A channel that hangs holds up nobody but itself.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import structlog
from sqlalchemy.exc import SQLAlchemyError

from patrol.alerts import answer_links, notices, outgoing
from patrol.alerts.channels import ChannelError, Message, Sender, open_channel
from patrol.alerts.matters import Named, matters_of
from patrol.alerts.outgoing import Due
from patrol.alerts.wording import text_of
from patrol.clock import iso
from patrol.registry import Channel, Registry
from patrol.store import Store

log = structlog.get_logger(__name__)

SCHEMA = "patrol.notice/1"
_LANES = 12
"""Channels that may be sending at the same time."""
_REFERENCE = 8


@dataclass(frozen=True, slots=True)
class HeraldPace:
    """How long the herald waits, seconds.

    Attributes:
        again: before the next attempt, by attempts made; the last repeats.
        idle: between two looks into the outbox.
        stop: for what is being sent when it stops.
    """

    again: tuple[float, ...] = (10.0, 30.0, 60.0, 120.0, 300.0, 600.0, 1800.0)
    idle: float = 1.0
    stop: float = 5.0


class Herald:
    """See the module.

    Args:
        store: holds the messages.
        registry: gives the registry in force and the folder its ``file:PATH`` start from.
        base_url: of this service, for links.
        link_key: signs them.
        on_state: called with a channel's key and a sentence while it does not work, with None when it works again;
            from any thread.
        pace: how long to wait for what.
        now: the wall clock, UTC.
    """

    def __init__(
        self,
        store: Store,
        *,
        registry: Callable[[], tuple[Registry, Path | None]],
        base_url: str,
        link_key: bytes,
        on_state: Callable[[str, str | None], None] | None = None,
        pace: HeraldPace | None = None,
        now: Callable[[], datetime] | None = None,
    ) -> None:
        self._store = store
        self._registry = registry
        self._base_url = base_url
        self._link_key = link_key
        self._on_state = on_state or (lambda _channel, _problem: None)
        self._pace = pace or HeraldPace()
        self._now = now or (lambda: datetime.now(UTC))
        self._lanes: dict[str, threading.Thread] = {}
        """Channels over which a message is being sent."""
        self._wake = threading.Event()
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name="herald", daemon=True)

    def start(self) -> None:
        """Begin to send. Returns at once."""
        self._thread.start()

    def stop(self) -> None:
        """End; what is being sent gets a moment, so that it need not be sent again."""
        self._stop.set()
        self._wake.set()
        if self._thread.is_alive():
            self._thread.join(self._pace.stop)
        for lane in tuple(self._lanes.values()):
            lane.join(self._pace.stop)

    def _run(self) -> None:
        while not self._stop.is_set():
            try:
                more = self._look()
            except SQLAlchemyError as error:
                log.warning("the store cannot be reached; messages to people wait", error=type(error).__name__)
                more = False
            except Exception:
                # Were this thread to end, no message would go out any more and nobody would know.
                log.exception("the herald met what it does not know; it goes on")
                more = False
            self._wake.wait(0.05 if more else self._pace.idle)
            self._wake.clear()

    def _look(self) -> bool:
        """Do what is due; whether there may be more at once."""
        registry, base = self._registry()
        now = self._now()
        looked = notices.repeat_due(self._store, registry, now)
        looked += outgoing.close_due(self._store, registry, now)
        self._lanes = {channel: lane for channel, lane in self._lanes.items() if lane.is_alive()}
        due = outgoing.take_due(
            self._store, now, again=self._pace.again, busy=set(self._lanes), room=_LANES - len(self._lanes)
        )
        for one in due:
            lane = threading.Thread(
                target=self._carry, args=(one, registry, base), name=f"herald {one.channel}", daemon=True
            )
            self._lanes[one.channel] = lane
            lane.start()
        return looked >= 50 or bool(due)

    def _carry(self, due: Due, registry: Registry, base: Path | None) -> None:
        """One attempt, in a thread of its own. Never raises."""
        try:
            self._attempt(due, registry, base)
        except ChannelError as error:
            self._refused(due, str(error))
        except SQLAlchemyError as error:
            # It stays `queued` and is sent again: a duplicate, not a loss.
            log.warning("what became of a message could not be written", notice=due.id, error=type(error).__name__)
        except Exception as error:  # noqa: BLE001 - its words and its traceback may hold an address
            log.error("a message could not be made", notice=due.id, channel=due.channel, error=type(error).__name__)
            self._refused(due, f"the message could not be made: {type(error).__name__}")
        finally:
            self._wake.set()

    def _attempt(self, due: Due, registry: Registry, base: Path | None) -> None:
        channel = next((c for c in registry.dispatch.channels if c.key == due.channel), None)
        if channel is None:
            problem = f"channel {due.channel} is no longer in the registry; its messages cannot be sent"
            outgoing.mark_failed(self._store, registry, due.id, problem, self._now())
            log.error("a message can never be sent", notice=due.id, channel=due.channel)
            self._on_state(due.channel, problem)
            return
        sender = self._open(channel, base, registry)
        message, digest = self._message(due, registry, sender.max_bytes)
        sender.send(message)
        self._mark_sent(registry, due, digest=digest)
        log.info("message sent", notice=due.id, channel=due.channel, attempt=due.attempts + 1)
        self._on_state(due.channel, None)

    def _open(self, channel: Channel, base: Path | None, registry: Registry) -> Sender:
        return open_channel(channel, base, networks=registry.network.webhooks)

    def _mark_sent(self, registry: Registry, due: Due, *, digest: bool) -> None:
        outgoing.mark_sent(self._store, registry, due.id, self._now(), digest=digest)

    def _refused(self, due: Due, problem: str) -> None:
        log.warning("a message was not taken", notice=due.id, channel=due.channel, problem=problem)
        try:
            outgoing.mark_refused(self._store, due.id, problem)
        except SQLAlchemyError as error:
            log.warning("what became of a message could not be written", notice=due.id, error=type(error).__name__)
        self._on_state(due.channel, f"channel {due.channel} does not take messages ({problem}); they are sent again")

    def _message(self, due: Due, registry: Registry, max_bytes: int) -> tuple[Message, bool]:
        with self._store.reading() as session:
            matters = matters_of(session, registry, due.id)
        now, zone = self._now(), registry.county.zone
        expires = now + answer_links.LIFETIME
        token = (
            answer_links.item_token(self._link_key, matters[0].item, expires)
            if len(matters) == 1
            else answer_links.notice_token(self._link_key, due.id, expires)
        )
        link = f"{self._base_url}/a/{token}"
        most = notices.grouping_of(registry, due.department).most
        text = text_of(
            matters,
            link=link,
            reference=due.id[:_REFERENCE],
            zone=zone,
            now=now,
            most=most,
            max_bytes=max_bytes,
        )
        value = {
            "schema": SCHEMA,
            "id": due.id,
            "channel": due.channel,
            "department": due.department,
            "sent_at": iso(now),
            "total": len(matters),
            "counts": _counts(matters),
            "digest": text.digest,
            "matters": [_matter(m) for m in matters[: text.told]],
            "title": text.title,
            "text": text.body,
            "link": link,
            "link_expires_at": iso(expires),
        }
        return Message(due.id, text.title, text.body, value), text.digest


def _counts(matters: tuple[Named, ...]) -> dict[str, int]:
    kinds = [m.kind for m in matters]
    return {kind: kinds.count(kind) for kind in dict.fromkeys(kinds)}


def _matter(matter: Named) -> dict[str, Any]:
    return {
        "alert": matter.alert,
        "incident": matter.incident,
        "kind": matter.kind,
        "place": matter.place,
        "occurred_at": iso(matter.occurred_at),
        "reviewed": matter.reviewed,
        "why": matter.why,
        "asks": matter.asks,
        "overdue": matter.step,
        "by": iso(matter.by) if matter.by is not None else None,
        "status": matter.standing,
    }
