"""The receiver's book: each alert id is handed on, and a crash at any step repeats no more than it must."""

from __future__ import annotations

import sqlite3
import tempfile
from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from patrol.alerts.receiver import Book, BookError, HandOnError, Incoming, Way
from patrol.alerts.receiver.count import Count, Counted, Hole, one_more
from patrol.alerts.receiver.deliver import deliver
from tests.support.incidents import T0
from tests.support.receivers import alert

D = "traffic_police"


class Recording:
    """A way that keeps what went through it; ``fails`` is raised first, while there is any."""

    def __init__(self, name: str = "record", fails: list[HandOnError] | None = None) -> None:
        self.name = name
        self.gone: list[tuple[str, bool]] = []
        self.fails = fails or []

    def __call__(self, alert: Incoming, *, unsure: bool) -> None:
        if self.fails:
            raise self.fails.pop()
        self.gone.append((alert.id, unsure))


def bring(book: Book, one: Incoming, *ways: Way, now: datetime = T0) -> list[str]:
    """One delivery; what followed: ``answer``, ``confirm``."""
    then: list[str] = []
    deliver(
        book,
        D,
        one,
        ways,
        now=lambda: now,
        answer=lambda: then.append("answer"),
        confirm=lambda: then.append("confirm"),
    )
    return then


# --- what the book promises -------------------------------------------------------------------------------------------


def test_a_duplicate_after_a_restart_is_answered_but_not_handed_on_again(tmp_path: Path) -> None:
    way = Recording()
    for _ in range(3):
        book = Book(tmp_path / "book")
        assert bring(book, alert("a"), way) == ["answer", "confirm"]
        assert bring(book, alert("a"), way) == ["answer", "confirm"]
        book.close()
    assert way.gone == [("a", False)]
    (row,) = Book.to_read(tmp_path / "book").rows()
    assert (row["state"], row["deliveries"], row["problem"]) == ("handed_on", 6, None)


def test_a_way_that_is_added_later_gets_no_old_alert() -> None:
    book, way, added = Book(), Recording(), Recording("added later")
    bring(book, alert("a"), way)
    assert bring(book, alert("a"), way, added) == ["answer", "confirm"]
    assert added.gone == []


def test_what_failed_is_not_answered_and_tried_again_and_what_worked_is_not_repeated() -> None:
    book, first, second = Book(), Recording("first"), Recording("second", [HandOnError("no paper")])
    assert bring(book, alert("a"), first, second) == ["confirm"]
    (row,) = book.rows()
    assert (row["state"], row["problem"]) == ("taken_up", "no paper")
    assert bring(book, alert("a"), first, second) == ["answer", "confirm"]
    # Known to have failed: nothing to be unsure of.
    assert (first.gone, second.gone) == ([("a", False)], [("a", False)])
    assert book.rows()[0]["problem"] is None


def test_an_alert_in_hand_when_the_receiver_died_is_handed_on_with_a_warning(tmp_path: Path) -> None:
    book = Book(tmp_path / "book")
    book.take_up(D, alert("a"), T0)
    book.mark(D, "a", "first", T0, whole=False)
    book.close()
    first, second, third = Recording("first"), Recording("second"), Recording("third")
    assert bring(Book(tmp_path / "book"), alert("a"), first, second, third) == ["answer", "confirm"]
    # Only the way that may have been gone is in doubt: the first was marked, the third comes after the second's mark.
    assert (first.gone, second.gone, third.gone) == ([], [("a", True)], [("a", False)])


def test_a_book_that_cannot_be_written_stops_the_answer_and_hands_on_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    book, way = Book(tmp_path / "book"), Recording()
    mark, fired = book.mark, []

    def full(*words: Any, **more: Any) -> None:
        if not fired:
            fired.append(True)
            # A real refusal by SQLite in place of a full disk.
            book._db.execute("PRAGMA query_only=ON")
            try:
                mark(*words, **more)
            finally:
                book._db.execute("PRAGMA query_only=OFF")
        mark(*words, **more)

    monkeypatch.setattr(book, "mark", full)
    with pytest.raises(BookError, match="readonly"):
        bring(book, alert("a"), way)
    assert fired
    assert book.rows()[0]["state"] == "taken_up"
    assert bring(book, alert("a"), way) == ["answer", "confirm"]
    assert way.gone == [("a", False)]
    assert book.rows()[0]["state"] == "handed_on"


def test_entries_are_forgotten_ninety_days_after_they_last_came() -> None:
    book, way = Book(), Recording()
    bring(book, alert("old", 1), way)
    bring(book, alert("repeated", 3), way)
    bring(book, alert("repeated", 3), way, now=T0 + timedelta(days=60))
    assert [hole for _, hole, _ in book.holes()] == [Hole(2, 2)]
    bring(book, alert("new", 4), way, now=T0 + timedelta(days=89, hours=23))
    assert {row["id"] for row in book.rows()} == {"old", "repeated", "new"}
    bring(book, alert("newer", 5), way, now=T0 + timedelta(days=91))
    assert {row["id"] for row in book.rows()} == {"repeated", "new", "newer"}
    assert book.holes() == []


def test_two_receivers_cannot_share_a_book_but_anybody_may_read_it(tmp_path: Path) -> None:
    book = Book(tmp_path / "book")
    with pytest.raises(BookError, match="another receiver has it"):
        Book(tmp_path / "book")
    bring(book, alert("a"), Recording())
    assert [row["id"] for row in Book.to_read(tmp_path / "book").rows()] == ["a"]
    book.close()
    Book(tmp_path / "book").close()


def test_what_is_no_book_is_named_and_left_alone(tmp_path: Path) -> None:
    (tmp_path / "text").write_text("not a database, and long enough to be taken for one" * 30)
    sqlite3.connect(tmp_path / "other").execute("CREATE TABLE cats (name)").connection.close()
    newer = sqlite3.connect(tmp_path / "newer")
    newer.execute("PRAGMA user_version=99").connection.close()
    for name in ("text", "other", "newer"):
        before = (tmp_path / name).read_bytes()
        with pytest.raises(BookError, match=f"book .*{name}: "):
            Book(tmp_path / name)
        with pytest.raises(BookError, match=f"book .*{name}: "):
            Book.to_read(tmp_path / name)
        assert (tmp_path / name).read_bytes() == before
    with pytest.raises(BookError, match="there is none"):
        Book.to_read(tmp_path / "nowhere")
    with pytest.raises(BookError, match="No such file"):
        Book(tmp_path / "no folder" / "book")


def test_fresh_links_replace_those_that_were_given_up_and_not_those_that_are_kept() -> None:
    book = Book()

    def with_link(url: str) -> Incoming:
        files = [{"url": url + c, "sha256": c * 64, "role": "clip"} for c in "ab"]
        return alert("a", evidence=files)

    book.take_up(D, with_link("http://x/1"), T0)
    book.want(D, with_link("http://x/1"))
    kept, given_up = book.wanted()
    book.fetched(kept, "a.mp4", None)
    book.fetched(given_up, None, "410")
    assert book.wanted() == []
    book.want(D, with_link("http://x/2"))
    assert [(one.sha256[0], one.url) for one in book.wanted()] == [("b", "http://x/2b")]
    # The end of the try with the old link says nothing about the fresh one.
    book.fetched(given_up, None, "410")
    assert len(book.wanted()) == 1


# --- any sequence of deliveries, duplicates and crashes ---------------------------------------------------------------


class Killed(BaseException):
    """The receiver dies here."""


STEPS = ("before take_up", "after take_up", "in one", "after one", "marked one", "in two", "after two", "marked two")
STEPS += ("answered", "confirmed")


@dataclass
class County:
    """A broker that delivers again what was not confirmed, and a receiver that is killed at a step."""

    file: Path
    book: Book = field(init=False)
    gone: Counter[tuple[str, str]] = field(default_factory=Counter)
    received: set[str] = field(default_factory=set)
    unconfirmed: list[str] = field(default_factory=list)
    repeated: Counter[tuple[str, str]] = field(default_factory=Counter)
    crash: str | None = None
    crashed: int = 0

    def __post_init__(self) -> None:
        self.book = Book(self.file)

    def here(self, step: str) -> None:
        if step == self.crash:
            raise Killed

    def restart(self) -> None:
        # As after kill -9: whatever was not committed is gone with the connection.
        self.book.close()
        self.book = Book(self.file)

    def bring(self, key: str | None, crash: str | None) -> None:
        """The broker delivers what is not confirmed, oldest first, then ``key``; the receiver dies at ``crash``."""
        if key is not None:
            self.unconfirmed = [k for k in self.unconfirmed if k != key] + [key]
        self.crash = crash
        try:
            for due in [*self.unconfirmed]:
                self.here("before take_up")
                self._deliver(due)
        except Killed:
            self.crashed += 1
            self.restart()

    def _deliver(self, key: str) -> None:
        county = self
        mark = self.book.mark

        def marked(department: str, alert: str, way: str | None, now: datetime, *, whole: bool) -> None:
            mark(department, alert, way, now, whole=whole)
            county.here(f"marked {way}")

        taken_up = self.book.take_up

        def take_up(*words: Any) -> Any:
            found = taken_up(*words)
            county.here("after take_up")
            return found

        def answer() -> None:
            # Never an answer for what is not handed on in every way.
            assert self.gone[key, "one"]
            assert self.gone[key, "two"]
            self.received.add(key)
            self.here("answered")

        def confirm() -> None:
            self.unconfirmed.remove(key)
            self.here("confirmed")

        self.book.mark, self.book.take_up = marked, take_up  # type: ignore[method-assign]
        try:
            deliver(
                self.book,
                D,
                alert(key, int(key) + 1),
                [Counting(self, "one"), Counting(self, "two")],
                now=lambda: T0,
                answer=answer,
                confirm=confirm,
            )
        finally:
            self.book.mark, self.book.take_up = mark, taken_up  # type: ignore[method-assign]


class Counting:
    def __init__(self, county: County, name: str) -> None:
        self.county, self.name = county, name

    def __call__(self, alert: Incoming, *, unsure: bool) -> None:
        at = (alert.id, self.name)
        self.county.here(f"in {self.name}")
        self.county.gone[at] += 1
        if self.county.crash == f"after {self.name}":
            # Gone and not marked: the one place where nobody can know.
            self.county.repeated[at] += 1
            raise Killed


@settings(max_examples=60, deadline=None)
@given(
    st.lists(
        st.tuples(st.integers(0, 3).map(str), st.one_of(st.none(), st.sampled_from(STEPS))), min_size=1, max_size=12
    )
)
def test_crashes_at_any_step_hand_on_each_id_once_or_again_only_where_it_cannot_be_known(
    deliveries: list[tuple[str, str | None]],
) -> None:
    with tempfile.TemporaryDirectory() as folder:
        county = County(Path(folder) / "book")
        for key, crash in deliveries:
            county.bring(key, crash)
        county.bring(None, None)
        keys = {key for key, _ in deliveries}
        for key in keys:
            for way in ("one", "two"):
                assert county.gone[key, way] == 1 + county.repeated[key, way]
        assert county.received == keys
        assert county.unconfirmed == []
        assert {row["id"] for row in county.book.rows()} == keys
        assert {row["state"] for row in county.book.rows()} == {"handed_on"}
        county.book.close()


@pytest.mark.parametrize("step", STEPS)
def test_each_step_of_the_drill_above_really_crashes(step: str, tmp_path: Path) -> None:
    county = County(tmp_path / "book")
    county.bring("0", step)
    assert county.crashed == 1
    county.book.close()


# --- the count --------------------------------------------------------------------------------------------------------


def heard(book: Book, *seqs: int, turn: str = "") -> list[str | None]:
    return [book.take_up(D, alert(f"{turn}{seq}", seq), T0).notice for seq in seqs]


def test_a_gap_is_said_and_kept_until_it_is_filled() -> None:
    book = Book()
    assert heard(book, 17, 19, 22) == [None, "seq 18 is still to come", "seq 20 to 21 are still to come"]
    assert [(of, hole) for of, hole, _ in book.holes()] == [(D, Hole(18, 18)), (D, Hole(20, 21))]
    assert heard(book, 18, 21) == ["seq 18 came late, after 22", "seq 21 came late, after 22"]
    assert [hole for _, hole, _ in book.holes()] == [Hole(20, 20)]
    assert heard(book, 3) == ["seq 3 is from before this book, and came after 22"]
    # The same alert again is no news.
    assert heard(book, 3, 22) == [None, None]


def test_departments_are_counted_apart() -> None:
    book = Book()
    heard(book, 5)
    assert book.take_up("police", alert("x", 7), T0).notice is None
    assert book.holes() == []


def test_a_service_that_counts_anew_is_noticed_once() -> None:
    book = Book()
    heard(book, 1, 2, 3, 5)
    anew = heard(book, 1, 2, 3, 4, 5, turn="n")
    assert anew == ["seq 1 came again with another alert: the service counts anew", None, None, None, None]
    assert book.holes() == []


@pytest.mark.parametrize("seq", [None, 0, -3, True, "7", 1.5, 2**60])
def test_an_alert_without_a_usable_number_is_handed_on_and_not_counted(seq: Any) -> None:
    book, way = Book(), Recording()
    heard(book, 4)
    assert bring(book, alert("a", seq), way) == ["answer", "confirm"]
    assert way.gone == [("a", False)]
    assert book.holes() == []


@given(st.permutations(range(1, 9)), st.integers(1, 8))
def test_holes_are_exactly_the_numbers_between_that_have_not_come(order: list[int], length: int) -> None:
    count: Count | None = None
    holes: set[Hole] = set()
    seen: list[int] = []
    for seq in order[:length]:
        hit = next((h for h in holes if h.first <= seq <= h.last), None)
        told: Counted = one_more(count, seq, hit=hit, taken=False)
        count, holes = told.count, (holes - {hit}) | set(told.holes)
        seen.append(seq)
        missing = {n for h in holes for n in range(h.first, h.last + 1)}
        assert missing == set(range(order[0], max(seen))) - set(seen)
