"""Every single-row edit, delete, insert and swap in a ledger of a thousand rows is found, and the row is named."""

from __future__ import annotations

import random
from collections.abc import Iterator
from copy import deepcopy
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from patrol.ledger import chain, roots
from patrol.ledger.chain import Link
from patrol.ledger.verify import Problem, Walk

T0 = datetime(2026, 3, 1, tzinfo=UTC)
COUNT = 1000
COLUMNS = (
    "seq", "id", "look", "camera", "preset", "reason", "due_at", "started_at", "ended_at", "outcome", "cause", "judged",
    "gap_s", "revision", "report",
)  # fmt: skip

Rows = dict[str, dict[str, Any]]


def visit(n: int) -> dict[str, Any]:
    at = T0 + timedelta(seconds=7 * n)
    return {
        "seq": n,
        "id": f"v{n:04d}",
        "look": f"cam{n % 40}",
        "camera": f"cam{n % 40}",
        "preset": None,
        "reason": "rotation",
        "due_at": chain.iso(at + timedelta(hours=1)),
        "started_at": chain.iso(at),
        "ended_at": chain.iso(at + timedelta(seconds=20)),
        "outcome": "inspected" if n % 9 else "missed",
        "cause": None if n % 9 else "capacity",
        "judged": bool(n % 9),
        "gap_s": 6120.25 + n if n % 9 else None,
        "revision": 1,
        "report": {
            "outcome": "inspected",
            "findings": [{"kind": "fishing", "verdict": "clear", "score": 0.01 * (n % 90)}],
        },
    }


def made() -> tuple[list[Link], Rows]:
    links: list[Link] = []
    rows: Rows = {}
    prev = chain.FIRST_PREV
    for n in range(1, COUNT + 1):
        row = visit(n)
        at = T0 + timedelta(seconds=7 * n + 21)
        digest = chain.hash_of(n, chain.VISIT, row["id"], at, prev, row)
        links.append(Link(n, chain.VISIT, row["id"], at, prev, digest))
        rows[row["id"]] = row
        prev = digest
    return links, rows


LINKS, ROWS = made()
HEAD = (COUNT, LINKS[-1].hash)


def walk(links: list[Link], rows: Rows, head: tuple[int, str] | None = HEAD) -> list[Problem]:
    """What :func:`patrol.ledger.verify.verify` does, on lists."""
    found = Walk()
    for link in sorted(links, key=lambda link: link.position):
        found.take(link, rows.get(link.ref))
    found.end(head)
    sealed = {link.ref for link in links}
    found.problems += [
        Problem("inserted", None, chain.VISIT, ref, "was never sealed") for ref in rows if ref not in sealed
    ]
    return found.problems


def other(value: Any) -> Any:
    """A value that is not this one, as close to it as can be."""
    if isinstance(value, bool):
        return not value
    if isinstance(value, int):
        return value + 1
    if isinstance(value, float):
        return value + 1e-9
    if isinstance(value, dict):
        changed = deepcopy(value)
        changed["findings"][0]["verdict"] = "flagged"
        return changed
    return "x" if value is None else value[:-1] + ("0" if value[-1] != "0" else "1")


def test_an_untouched_ledger_holds() -> None:
    assert walk(LINKS, ROWS) == []


@pytest.mark.parametrize("column", COLUMNS)
def test_every_edit_of_every_column_of_every_row_is_found_and_named(column: str) -> None:
    for link in LINKS:
        before = ROWS[link.ref]
        edited = {**before, column: other(before[column])}
        assert edited != before, "the edit happened"
        found = Walk(position=link.position - 1, hash=link.prev)
        found.take(link, edited)
        assert [(p.what, p.position, p.ref) for p in found.problems] == [("changed", link.position, link.ref)], column


def test_an_edit_in_the_whole_ledger_names_that_row_and_no_other() -> None:
    chance = random.Random(1)
    for link in chance.sample(LINKS, 40):
        rows = {**ROWS, link.ref: {**ROWS[link.ref], "outcome": "inspected!"}}
        assert [(p.what, p.position, p.ref) for p in walk(LINKS, rows)] == [("changed", link.position, link.ref)]


def test_every_deleted_row_is_found_and_named() -> None:
    for link in LINKS:
        found = Walk(position=link.position - 1, hash=link.prev)
        found.take(link, None)
        assert [(p.what, p.ref) for p in found.problems] == [("removed", link.ref)]
    rows = {ref: row for ref, row in ROWS.items() if ref != "v0500"}
    assert len(rows) == COUNT - 1
    assert [(p.what, p.position, p.ref) for p in walk(LINKS, rows)] == [("removed", 500, "v0500")]


def pairs(links: list[Link]) -> Iterator[tuple[Link, Link | None]]:
    yield from zip(links, [*links[1:], None], strict=True)


def test_every_row_deleted_together_with_its_link_is_found() -> None:
    for link, after in pairs(LINKS):
        found = Walk(position=link.position - 1, hash=link.prev)
        if after is not None:
            found.take(after, ROWS[after.ref])
            assert [(p.what, p.position) for p in found.problems] == [("link_removed", after.position)]
        else:
            found.end(HEAD)
            assert [p.what for p in found.problems] == ["head"]


def test_every_row_deleted_with_the_later_links_renumbered_is_found() -> None:
    """Closing the gap changes positions, and with them every later link's hash: the first of them tells."""
    for link, after in pairs(LINKS):
        if after is None:
            continue
        closed = replace(after, position=link.position, prev=link.prev)
        assert closed != after
        found = Walk(position=link.position - 1, hash=link.prev)
        found.take(closed, ROWS[after.ref])
        assert [(p.what, p.ref) for p in found.problems] == [("changed", after.ref)]


def test_an_inserted_row_is_found_and_named() -> None:
    """A row that no link seals has no place in the chain: wherever it pretends to stand, it is found the same way."""
    for n in range(0, COUNT + 1, 50):
        rows = {**ROWS, "forged": {**visit(n + 1), "id": "forged", "seq": COUNT + 1}}
        assert [(p.what, p.ref) for p in walk(LINKS, rows)] == [("inserted", "forged")]


def test_every_row_inserted_with_a_link_of_its_own_is_found() -> None:
    """A forger who knows the algorithm seals the row; the link that followed before does not follow any more."""
    for n in range(COUNT):
        before = LINKS[n - 1].hash if n else chain.FIRST_PREV
        after = LINKS[n]
        forged = {**visit(n + 1), "id": "forged", "seq": COUNT + 1}
        link = Link(n + 1, chain.VISIT, "forged", after.at, before, "")
        link = replace(link, hash=chain.hash_of(n + 1, chain.VISIT, "forged", after.at, before, forged))
        found = Walk(position=n, hash=before)
        found.take(link, forged)
        assert found.problems == [], "by itself the forged link looks right"
        found.take(after, ROWS[after.ref])
        assert found.problems, n
        found = Walk(position=n, hash=before)
        found.take(link, forged)
        found.take(replace(after, position=n + 2), ROWS[after.ref])
        assert {p.what for p in found.problems} == {"link_changed", "changed"}, n


def test_every_swap_of_neighbours_is_found_and_both_rows_are_named() -> None:
    for one, two in pairs(LINKS):
        if two is None:
            continue
        first, second = ROWS[one.ref], ROWS[two.ref]
        found = Walk(position=one.position - 1, hash=one.prev)
        # What they say changes places, each keeps its key.
        found.take(one, {**second, "id": first["id"], "seq": first["seq"]})
        found.take(two, {**first, "id": second["id"], "seq": second["seq"]})
        assert [(p.what, p.ref) for p in found.problems] == [("changed", one.ref), ("changed", two.ref)]
        # The links change places.
        found = Walk(position=one.position - 1, hash=one.prev)
        found.take(replace(two, position=one.position), second)
        found.take(replace(one, position=two.position), first)
        assert {p.ref for p in found.problems} == {one.ref, two.ref}


def test_swaps_of_any_two_rows_are_found() -> None:
    chance = random.Random(2)
    for _ in range(30):
        one, two = chance.sample(LINKS, 2)
        rows = {**ROWS, one.ref: {**ROWS[two.ref], "id": one.ref}, two.ref: {**ROWS[one.ref], "id": two.ref}}
        assert {p.ref for p in walk(LINKS, rows)} == {one.ref, two.ref}


def root_at(position: int, links: list[Link]) -> roots.Root:
    return roots.Root(
        "2026-03-01", 1, position, roots.root_of("2026-03-01", 1, position, links[position - 1].hash, roots.NO_ROOT)
    )


def test_a_chain_written_anew_is_found_by_a_root_kept_elsewhere_and_by_nothing_else() -> None:
    """Whoever can write everything can seal a lie. That is what roots on paper are for."""
    kept = root_at(900, LINKS)
    links, prev = list(LINKS), LINKS[498].hash
    lie = {**ROWS["v0500"], "outcome": "missed", "cause": "capacity"}
    for n in range(500, COUNT + 1):
        link = LINKS[n - 1]
        row = lie if n == 500 else ROWS[link.ref]
        digest = chain.hash_of(n, link.kind, link.ref, link.at, prev, row)
        links[n - 1] = replace(link, prev=prev, hash=digest)
        prev = digest
    rows = {**ROWS, "v0500": lie}
    assert walk(links, rows, (COUNT, prev)) == [], "by itself it holds"
    found = Walk(wanted=frozenset({900}))
    for link in links:
        found.take(link, rows[link.ref])
    forged = root_at(900, links)
    assert forged != kept
    assert found.check_roots([(forged, links[899].hash)], [kept]) == 2
    assert [(p.what, p.ref) for p in found.problems] == [("root", "2026-03-01")]
    found.problems.clear()
    found.check_roots([(kept, LINKS[899].hash)], [kept])
    assert [(p.what, p.ref) for p in found.problems] == [("root", "2026-03-01")]


def test_a_tail_cut_off_is_found_by_the_head_and_with_the_head_by_a_root() -> None:
    cut = LINKS[:950]
    rows = {link.ref: ROWS[link.ref] for link in cut}
    assert [p.what for p in walk(cut, rows)] == ["head"]
    assert walk(cut, rows, (950, cut[-1].hash)) == []
    found = Walk(wanted=frozenset({1000}))
    for link in cut:
        found.take(link, rows[link.ref])
    kept = root_at(1000, LINKS)
    found.check_roots([(kept, LINKS[-1].hash)], [kept])
    assert [p.what for p in found.problems] == ["root"]
