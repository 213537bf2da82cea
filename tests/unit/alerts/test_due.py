"""What the relay takes from the outbox: in the order of the numbers, whatever went wrong with an earlier one."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import update

from patrol.alerts import due
from patrol.store import Store
from patrol.store.tables import Alert
from tests.support.relays import confirmed, row_of, state

AGAIN = (30.0, 60.0)
HALF_AN_HOUR = 1800.0


def now() -> datetime:
    return datetime.now(UTC)


def taken(store: Store, *, room: int = 64, in_flight: tuple[str, ...] = ()) -> list[str]:
    return [alert.id for alert in due.take_due(store, now(), again=AGAIN, room=room, in_flight=in_flight)]


def change(store: Store, alert: str, **values: object) -> None:
    with store.sessions.begin() as session:
        session.execute(update(Alert).where(Alert.id == alert).values(**values))


@pytest.fixture
def three(store: Store) -> tuple[str, str, str]:
    """Alerts of one department, in the order of ``seq``."""
    first, second, third = (confirmed(store, camera=f"c{n}") for n in range(3))
    return first, second, third


def test_an_alert_taken_but_never_acknowledged_is_taken_again_before_a_later_one(
    store: Store, three: tuple[str, str, str]
) -> None:
    """As when the database dies between committing that it is taken and saying so."""
    first, *later = three
    assert taken(store, room=1) == [first]
    assert row_of(store, first).next_attempt_at > now()
    assert taken(store) == [first, *later]
    assert [row_of(store, alert).attempts for alert in three] == [2, 1, 1]


def test_what_is_on_its_way_is_not_taken_again(store: Store, three: tuple[str, str, str]) -> None:
    first, second, third = three
    assert taken(store, room=1, in_flight=(first,)) == [second]
    assert taken(store, in_flight=(first, second)) == [third]


def test_an_alert_created_under_a_clock_that_was_ahead_is_not_overtaken(
    store: Store, three: tuple[str, str, str]
) -> None:
    change(store, three[0], next_attempt_at=now() + timedelta(seconds=50))
    assert taken(store) == [*three]


def test_one_that_cannot_be_published_steps_aside_until_its_time(store: Store, three: tuple[str, str, str]) -> None:
    first, *later = three
    taken(store, room=1)
    due.mark_refused(store, first, "the row is damaged")
    assert taken(store) == later
    change(store, first, next_attempt_at=now())
    assert taken(store, in_flight=tuple(later)) == [first]


def test_what_is_sent_waits_for_its_time(store: Store, three: tuple[str, str, str]) -> None:
    taken(store)
    due.mark_sent(store, three, now())
    assert taken(store) == []
    change(store, three[1], next_attempt_at=now())
    assert taken(store) == [three[1]]


@pytest.mark.parametrize(
    ("forgot", "sent_before_s", "again"), [(False, 60.0, True), (False, 7200.0, False), (True, 7200.0, True)]
)
def test_a_new_connection_brings_back_in_order_what_the_broker_may_have_lost(
    store: Store, three: tuple[str, str, str], forgot: bool, sent_before_s: float, again: bool
) -> None:
    first, second, third = three
    sent_at = now() - timedelta(seconds=sent_before_s)
    assert taken(store, room=2) == [first, second]
    due.mark_sent(store, (first, second), sent_at)
    due.all_again(store, now(), broker_forgot=forgot, unsaved_s=HALF_AN_HOUR)
    assert taken(store) == ([first, second, third] if again else [third])
    due.mark_sent(store, three, now())
    assert row_of(store, first).sent_at == sent_at, "the first time counts, or it would come again for ever"


def test_what_is_received_never_comes_again(store: Store, three: tuple[str, str, str]) -> None:
    for alert in three:
        change(store, alert, state="received", attempts=1, sent_at=now())
    due.all_again(store, now(), broker_forgot=True, unsaved_s=HALF_AN_HOUR)
    assert taken(store) == []
    due.mark_sent(store, three, now())
    assert [state(store, alert) for alert in three] == ["received"] * 3
