"""One delivery of one alert, step by step, so that a receiver killed between any two steps loses nothing.

The steps, and what has happened when the receiver dies (kill -9, power cut) after each of them:

1. *Take up*: the book notes that the alert is in hand. Died before: nothing happened; the broker, which has no
   confirmation, delivers it again. Died after: the same, but the book can no longer tell this from 2.
2. *Hand on* in the first way (append to the file, run the command, print). Died in it or after: the book says "in hand",
   and it cannot be known how far this way was gone, so when the alert comes again this one way is gone once more. Once a
   crash, that is, and never without one. A file can be asked, and is: it gets no line twice. A command is told
   (``ALERT_UNSURE=yes``).
3. *Mark* that way as done. Died after: it is never gone again. Steps 2 and 3 repeat for each further way; the last mark
   says "handed on" in the same transaction.
4. *Answer*. Died before: the alert comes again (from the broker, or from the service, which sends it until it has
   ``received``), is not handed on again, and is answered. Died after: answered twice, which changes nothing.
5. *Confirm* to the broker. Answers and confirmation go down one connection in this order, so a broker that has the
   confirmation has the answers. Died before: the alert comes again, is not handed on again, and is answered again.

A way that is known to have failed is written as such, the alert is not answered, and it is confirmed all the same: the
broker must not hold it against those behind it, and the service sends it again.

A book that cannot be written raises ``BookError``: no answer, no confirmation, and the broker delivers again. What this
process has handed on and could not mark is remembered in it, so that a full disk does not hand on twice.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime

import structlog

from patrol.alerts.receiver.book import Book
from patrol.alerts.receiver.hand_on import HandOnError, Way
from patrol.alerts.receiver.incoming import Incoming

log = structlog.get_logger(__name__)


def deliver(
    book: Book,
    department: str,
    alert: Incoming,
    ways: Sequence[Way],
    *,
    now: Callable[[], datetime],
    answer: Callable[[], None],
    confirm: Callable[[], None],
) -> None:
    """See the module.

    Args:
        book: remembers.
        department: whose alert it is.
        alert: what came.
        ways: gone in this order, each once.
        now: the wall clock, UTC.
        answer: publishes the answers; called only when the alert is handed on, now or before.
        confirm: tells the broker.

    Raises:
        BookError: the book cannot be written.
    """
    taken = book.take_up(department, alert, now())
    if taken.notice is not None:
        log.warning(taken.notice, department=department, alert=alert.id, seq=alert.seq)
    if not taken.handed_on:
        left = [way for way in ways if way.name not in taken.done]
        unsure = taken.unsure
        if unsure and left:
            log.warning("the receiver ended with this alert in hand; it may be handed on twice", alert=alert.id)
        try:
            for way in left:
                way(alert, unsure=unsure)
                unsure = False
                book.mark(department, alert.id, way.name, now(), whole=way is left[-1])
        except HandOnError as error:
            log.error("not handed on; tried again when it comes again", alert=alert.id, problem=str(error))
            book.fail(department, alert.id, str(error))
            confirm()
            return
        if not left:
            book.mark(department, alert.id, None, now(), whole=True)
    answer()
    confirm()
