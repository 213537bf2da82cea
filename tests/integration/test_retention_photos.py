"""Photos of departments in the purge, on both databases: when they go, what keeps them, and what is said of them afterwards."""

from __future__ import annotations

import os
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import select, update

from patrol import retention
from patrol.alerts import answer_photos
from patrol.store import Store
from patrol.store.tables import AnswerPhoto, CaseFile, CaseLink, DispatchTrack, Incident
from tests.support.case_files import number, put_case
from tests.support.keeping import (
    LEAD,
    NOW,
    differences,
    incident_of,
    kept_look,
    kept_photo,
    marked,
    purged,
    there,
    told_department,
)

TERM = 1095


@pytest.fixture
def data(tmp_path: Path) -> Path:
    folder = tmp_path / "data"
    folder.mkdir()
    return folder


def matter(store: Store, data: Path, *, ended: float, closed: float | None, department: str = "police") -> str:
    """An incident that ended, told to a department whose dispatch was closed, each so many days ago; its id."""
    with store.sessions.begin() as session:
        visit, _ = kept_look(session, data, days_ago=ended, verdict="flagged", review="false_alarm")
    incident = incident_of(store, visit)
    with store.sessions.begin() as session:
        session.get_one(Incident, incident).ended_at = NOW - timedelta(days=ended)
        told_department(session, incident, days_ago=3000, closed_days_ago=closed, department=department)
    return incident


def photo(store: Store, data: Path, incident: str, *, came: float = 2000, department: str = "police") -> str:
    with store.sessions.begin() as session:
        return kept_photo(session, data, incident, days_ago=came, department=department)


def photos(data: Path) -> set[str]:
    return {path for path in there(data) if path.startswith("answers/")}


def test_a_photo_counts_from_the_last_of_the_incidents_end_the_dispatchs_closing_and_its_own_coming(
    store: Store, data: Path
) -> None:
    early, gone, stay = TERM - 0.001, set(), set()
    for ended, closed, came in ((TERM, 1500, 2000), (1500, TERM, 2000), (1500, 1500, TERM)):
        gone.add(photo(store, data, matter(store, data, ended=ended, closed=closed), came=came))
        later = [early if days == TERM else days for days in (ended, closed, came)]
        stay.add(photo(store, data, matter(store, data, ended=later[0], closed=later[1]), came=later[2]))
    # Another department that had the matter longer keeps its own photos, and nobody else's; one that no dispatch tells of
    # goes by the incident.
    shared = matter(store, data, ended=1500, closed=1500)
    with store.sessions.begin() as session:
        told_department(session, shared, days_ago=3000, closed_days_ago=early, department="township")
    gone |= {photo(store, data, shared), photo(store, data, shared, department="nobody")}
    stay.add(photo(store, data, shared, department="township"))
    report = purged(store, data)
    assert photos(data) == stay
    assert {path for path in marked(store) if path.startswith("answers/")} == gone
    said = report.record["classes"]["answer_photos"]
    assert (said["deleted"], said["missing"], said["last"]) == (5, 0, f"{NOW - timedelta(days=TERM):%Y-%m-%d}")
    assert report.record["problems"] == []
    assert differences(store, data) == []
    assert purged(store, data).record["items"] == 0, "what went was taken again"


def test_what_is_known_of_a_photo_stays_when_its_file_goes(store: Store, data: Path) -> None:
    path = photo(store, data, matter(store, data, ended=1500, closed=1500))
    with store.reading() as session:
        before = session.scalars(select(AnswerPhoto)).one()
    purged(store, data)
    with store.reading() as session:
        after = session.scalars(select(AnswerPhoto)).one()
    assert (after.path, after.sha256, after.by, after.at) == (path, before.sha256, before.by, before.at)
    assert (before.purged_at, after.purged_at) == (None, NOW)
    assert (data / "answers").is_dir()


def test_an_open_incident_a_dispatch_a_case_and_holds_keep_photos_until_they_are_over(store: Store, data: Path) -> None:
    running, unfinished, ours, theirs, held, alone = (
        matter(store, data, ended=1500, closed=None if number == 1 else 1500) for number in range(6)
    )
    # The dispatch that is not finished is another department's: the matter is one.
    kept = {
        incident: photo(store, data, incident, department="nobody") for incident in (running, unfinished, ours, theirs)
    }
    kept |= {incident: photo(store, data, incident) for incident in (held, alone)}
    with store.sessions.begin() as session:
        session.get_one(Incident, running).state = "open"
        put_case(session, 1, unit="police")
        session.get_one(CaseFile, number(1)).incident = ours
        session.add(CaseLink(incident=theirs, number="X-1", department="elsewhere", at=NOW, stage="filed"))
        by_incident = retention.put(session, "incident", held, reason="诉讼", by=LEAD, now=NOW).id
        by_file = retention.put(session, "file", kept[alone], reason="复议", by=LEAD, now=NOW).id
    report = purged(store, data)
    assert photos(data) == set(kept.values())
    because = report.record["held"]["because"]
    assert {
        "the incident is still open",
        "the dispatch to police is not finished",
        f"the case {number(1)} is still open",
        "the case X-1 has not been said to be closed",
        f"hold {by_incident} of 班长 on the incident: 诉讼",
        f"hold {by_file} of 班长 on the file: 复议",
    } == set(because)
    assert because[f"hold {by_file} of 班长 on the file: 复议"] == 1
    with store.sessions.begin() as session:
        session.get_one(Incident, running).state = "ended"
        closing = update(DispatchTrack).where(DispatchTrack.incident == unfinished)
        session.execute(closing.values(closed_at=NOW - timedelta(days=TERM), due_at=None))
        session.get_one(CaseFile, number(1)).stage = "closed"
        session.get_one(CaseLink, theirs).stage = "closed"
        for hold in (by_incident, by_file):
            retention.lift(session, hold, because="结案", by=LEAD, now=NOW)
    purged(store, data)
    assert photos(data) == set()
    assert differences(store, data) == []
    with store.sessions.begin() as session, pytest.raises(retention.HoldError, match="there is no file"):
        retention.put(session, "file", kept[alone], reason="too late", by=LEAD, now=NOW)


def test_verify_names_photos_that_are_missing_changed_back_again_or_of_no_row(store: Store, data: Path) -> None:
    over, lately = matter(store, data, ended=1500, closed=1500), matter(store, data, ended=10, closed=10)
    back = photo(store, data, over)
    missing, changed = photo(store, data, lately), photo(store, data, lately)
    purged(store, data)
    stranger = f"answers/{'a' * 32}.jpg"
    for path in (back, changed, stranger):
        (data / path).write_bytes(b"not what was kept")
        os.utime(data / path, ((NOW - timedelta(days=8)).timestamp(),) * 2)
    (data / missing).unlink()
    found = {tuple(one.split(": ")[:2]) for one in differences(store, data)}
    assert found == {("still_there", back), ("gone", missing), ("differs", changed), ("no_row", stranger)}
    with store.reading() as session:
        assert answer_photos.sweep_leftovers(session, data) == 1
    assert photos(data) == {back, changed}, (
        "what the purge took is no leftover of an upload, and its proof is the purge's"
    )


def test_a_photo_that_is_not_what_was_kept_or_is_gone_already_is_told(store: Store, data: Path, tmp_path: Path) -> None:
    over = matter(store, data, ended=1500, closed=1500)
    changed, linked, missing = (photo(store, data, over) for _ in range(3))
    outside = tmp_path / "outside.jpg"
    outside.write_bytes(b"not ours")
    (data / changed).write_bytes(b"changed")
    (data / linked).unlink()
    (data / linked).symlink_to(outside)
    (data / missing).unlink()
    report = purged(store, data)
    assert photos(data) == {changed, linked}
    assert outside.read_bytes() == b"not ours"
    assert {path for path in marked(store) if path.startswith("answers/")} == {missing}
    assert report.record["classes"]["answer_photos"]["missing"] == 1
    told = "\n".join(report.record["problems"])
    assert f"{changed}: is not the file that was kept" in told
    assert f"{linked}: is no plain file" in told
    assert f"{missing}: was gone before" in told


def test_the_growth_of_evidence_is_not_made_smaller_by_photos_that_went(store: Store, data: Path) -> None:
    over = matter(store, data, ended=1500, closed=1500)
    purged(store, data)
    with store.reading() as session:
        before = retention.measure(session, data, NOW).growth
    photo(store, data, over)
    assert purged(store, data).record["classes"]["answer_photos"]["bytes"] > 0
    with store.reading() as session:
        assert retention.measure(session, data, NOW).growth == before
    assert before < 0, "evidence that went is counted"
