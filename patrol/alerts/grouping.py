"""How messages to people are put together. Pure: when a message goes out, when a matter is named again, what is told one by one.

People tire and machines do not: MQTT carries every alert by itself, a person gets few messages that name them all.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Generic, TypeVar

from patrol.alerts.pace import CLOCK_SLACK
from patrol.registry import Grouping

T = TypeVar("T")

MOST_UNSENT = 3
"""Messages of one kind to one contact over one channel that may wait to be sent. While its channel is broken the next
one goes on collecting, so that a channel that comes back brings four messages and not one for every interval."""


def goes_at(grouping: Grouping, first: datetime, last: datetime | None, *, urgent: bool) -> datetime:
    """When a message stops collecting and goes out.

    One about new matters waits ``wait`` for more, and comes no sooner than ``interval`` after the last of its kind. An
    urgent one, of escalations, goes at once; the next urgent one comes no sooner than ``wait`` after it. Nobody waits
    longer than ``wait`` and ``interval`` together.

    Args:
        grouping: the county's or the department's.
        first: when its first item came, UTC.
        last: when the last message of its kind went to the same contact over the same channel, None: never.
        urgent: whether it is of escalations.
    """
    if urgent:
        earliest, latest = max(first, last + grouping.wait) if last is not None else first, first + grouping.wait
    else:
        earliest, latest = first + grouping.wait, first + grouping.wait + grouping.interval
        if last is not None:
            earliest = max(earliest, last + grouping.interval)
    return min(earliest, latest)


def is_time(grouping: Grouping, send_at: datetime, now: datetime) -> bool:
    """Whether a moment that was set has come. One too far ahead was set by a clock that has been stepped back since."""
    return send_at <= now or send_at > now + grouping.wait + grouping.interval + CLOCK_SLACK


def named_again_at(grouping: Grouping, sent_at: datetime) -> datetime | None:
    """When a matter that was named is named again unless somebody accepts it; None: never (``repeat: 0s``)."""
    return sent_at + grouping.repeat if grouping.repeat > timedelta(0) else None


@dataclass(frozen=True, slots=True)
class Together(Generic[T]):
    """One message's matters.

    Attributes:
        told: those that are told one by one, the first that came.
        more: how many are told as a count only.
        counts: of all of them, by kind, the most frequent first.
    """

    told: tuple[T, ...]
    more: int
    counts: tuple[tuple[str, int], ...]

    @property
    def digest(self) -> bool:
        """Whether some are told as a count only."""
        return self.more > 0

    @property
    def total(self) -> int:
        """How many it names."""
        return len(self.told) + self.more


def put_together(matters: Sequence[T], kinds: Sequence[str], most: int) -> Together[T]:
    """Tell the first ``most`` one by one and count them all: none is dropped.

    Args:
        matters: in the order in which they came.
        kinds: the kind of each.
        most: told one by one, not negative.
    """
    counts = tuple(Counter(kinds).most_common())
    return Together(tuple(matters[:most]), max(0, len(matters) - most), counts)
