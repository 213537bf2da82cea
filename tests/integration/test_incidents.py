"""Incidents in the store, on both databases."""

from __future__ import annotations

import threading

import pytest
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from patrol import incidents
from patrol.store import Store, queries
from patrol.store.tables import FollowUp, Incident
from tests.support.incidents import T0, seen


def test_later_looks_update_the_one_incident_and_two_clear_ones_end_it(store: Store) -> None:
    whats = []
    for minute, verdict in enumerate(("candidate", "candidate", "clear", "flagged", "clear", "clear", "flagged")):
        with store.sessions.begin() as session:
            whats.append([c.what for c in seen(session, verdict, minutes=minute)])
    assert whats == [["new"], ["update"], [], ["update"], [], ["end"], ["new"]]
    with store.reading() as session:
        newest, first = queries.incidents(session)
        assert (first.state, first.looks, first.verdict, first.version) == ("ended", 3, "flagged", 4)
        assert newest.state == "open"
        assert newest.summary.endswith("道路拥堵。可见车辆 14 辆"), "what departments read is Chinese to its end"
        whole = queries.incident(session, first.id)
        assert whole is not None
        assert [s.verdict for s, _, _ in whole.sightings] == ["candidate", "candidate", "flagged"]
        assert [f.role for f in whole.sightings[0][2]] == ["clip", "key_frame"]


def test_a_look_that_was_not_inspected_changes_nothing(store: Store) -> None:
    with store.sessions.begin() as session:
        assert seen(session, "flagged", outcome="unusable") == ()
    with store.reading() as session:
        assert queries.incidents(session) == []


def test_follow_ups_are_asked_for_once_and_done_by_the_look_that_served_them(store: Store) -> None:
    with store.sessions.begin() as session:
        (change,) = seen(session, "candidate")
    assert [(a.due_at - T0).total_seconds() for a in change.follow_ups] == [180, 480]
    with store.sessions.begin() as session:
        assert [asked[1] for asked in incidents.open_follow_ups(session)] == ["jam-portrait", "jam-portrait"]
        seen(session, "candidate", minutes=3, follow_up=change.follow_ups[0].id)
    with store.reading() as session:
        assert [asked[0] for asked in incidents.open_follow_ups(session)] == [change.follow_ups[1].id]
        assert len(session.scalars(select(FollowUp)).all()) == 2


def test_every_review_is_kept_and_the_last_counts(store: Store) -> None:
    with store.sessions.begin() as session:
        (change,) = seen(session, "flagged")
        incidents.review(session, change.incident_id, "unclear", "li", None, T0)
        last = incidents.review(session, change.incident_id, "confirmed", "wang", "queue to the bridge", T0)
    assert (last.what, last.reviewed, last.seq) == ("reviewed", True, 3)
    assert [e["role"] for e in last.evidence] == ["clip", "key_frame"]
    with store.reading() as session:
        whole = queries.incident(session, change.incident_id)
        assert whole is not None
        assert [(r.verdict, r.reviewer, r.reason) for r in whole.reviews] == [
            ("unclear", "li", None),
            ("confirmed", "wang", "queue to the bridge"),
        ]


def test_a_false_alarm_that_stays_there_opens_no_second_incident(store: Store) -> None:
    with store.sessions.begin() as session:
        (change,) = seen(session, "flagged")
        incidents.review(session, change.incident_id, "false_alarm", "li", "parked lorry", T0)
        (again,) = seen(session, "flagged", minutes=120)
    assert (again.incident_id, again.muted) == (change.incident_id, True)


@pytest.mark.parametrize(
    ("incident", "verdict", "reviewer", "why"),
    [
        ("nope", "confirmed", "li", "no incident"),
        (None, "guilty", "li", "no verdict"),
        (None, "confirmed", " ", "name"),
    ],
)
def test_a_review_that_cannot_be_changes_nothing(
    store: Store, incident: str | None, verdict: str, reviewer: str, why: str
) -> None:
    with store.sessions.begin() as session:
        (change,) = seen(session, "flagged")
    with pytest.raises(incidents.IncidentError, match=why), store.sessions.begin() as session:
        incidents.review(session, incident or change.incident_id, verdict, reviewer, None, T0)
    with store.reading() as session:
        assert session.get_one(Incident, change.incident_id).review is None


def test_two_writers_at_the_same_time_open_one_incident(store: Store) -> None:
    together = threading.Barrier(2)
    refused: list[Exception] = []

    def write() -> None:
        together.wait()
        for _attempt in range(3):  # as the recorder does: a refused transaction is run again
            try:
                with store.sessions.begin() as session:
                    seen(session, "flagged")
            except IntegrityError as error:
                refused.append(error)
            else:
                return

    threads = [threading.Thread(target=write) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with store.reading() as session:
        (one,) = queries.incidents(session)
        assert one.looks == 2
