"""The sheets of what happened in the day: misses, outages, incidents, spot-checks, registry revisions."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from patrol.ledger.day import Away, DayReport
from patrol.paper.cells import Column, Row, minutes
from patrol.report.words import Words

MISS_COLUMNS = (
    Column("look", 26),
    Column("name", 26),
    Column("due_at", 20),
    Column("cause", 16),
    Column("detail", 50),
    Column("signed_by", 16),
    Column("signed_at", 20),
    Column("sign_note", 50),
    Column("visit", 34),
)


def misses(report: DayReport, words: Words) -> Iterator[Row]:
    """The day's misses."""
    names = {look.key: look.name for look in report.looks}
    for m in report.misses:
        yield (
            m.look,
            names.get(m.look, ""),
            words.local(m.deadline),
            words.value("cause", m.cause),
            m.detail,
            m.signed_by or words("unsigned"),
            words.local(m.signed_at) if m.signed_at else None,
            m.note,
            m.visit,
        )


OUTAGE_COLUMNS = (
    Column("scope", 10),
    Column("look", 26),
    Column("name", 26),
    Column("started_at", 20),
    Column("ended_at", 20),
    Column("in_day_min", 14, "0.0"),
    Column("cause", 16),
    Column("failed_looks", 10),
    Column("folded", 24),
)


def outages(report: DayReport, words: Words) -> Iterator[Row]:
    """Outages of platforms and cameras."""
    names = {look.key: look.name for look in report.looks}
    for each in report.outages:
        scope, name = named(each, report, words, names)
        yield (
            scope,
            each.look or each.platform,
            name,
            words.local(each.started_at),
            words.local(each.ended_at) if each.ended_at else words("lasts"),
            minutes(each.in_day_s),
            words.value("cause", each.cause),
            each.looks,
            folded(each, words),
        )


def named(each: Away, report: DayReport, words: Words, looks: Mapping[str, str]) -> tuple[str, str]:
    """What is away: the kind of thing and its name; ``looks`` are the looks' names by key."""
    if each.platform is not None:
        return words("scope.platform"), words.name(report.name_of(f"platform:{each.platform}"))
    return words("scope.look"), looks.get(each.look or "", "")


def folded(each: Away, words: Words) -> str:
    """How outages belong together."""
    if each.part_of is not None:
        return f"#{each.part_of}"
    return (f"#{each.id}: " + words("folds", n=each.folded)) if each.folded else ""


INCIDENT_COLUMNS = (
    Column("incident", 34),
    Column("kind", 16),
    Column("verdict", 12),
    Column("state", 10),
    Column("severity", 10),
    Column("look", 26),
    Column("category", 20),
    Column("rule", 18),
    Column("first_seen", 20),
    Column("last_seen", 20),
    Column("attempts", 8),
    Column("summary_line", 50),
    Column("review", 12),
    Column("reviewer", 14),
    Column("reviewed_at", 20),
    Column("review_reason", 40),
)


def incidents(report: DayReport, words: Words) -> Iterator[Row]:
    """Incidents; one row a review."""
    for each in report.incidents:
        told = (
            each.id,
            words.value("kind", each.kind),
            words.value("verdict", each.verdict),
            words.value("istate", each.state),
            words.value("severity", each.severity),
            f"{each.camera}/{each.preset}" if each.preset else each.camera,
            words.name(report.name_of(f"category:{each.category}")) if each.category else "",
            each.rule,
            words.local(each.first_seen_at),
            words.local(each.last_seen_at),
            each.looks,
            each.summary,
        )
        if not each.reviews:
            yield (*told, words("not_reviewed"), None, None, None)
        for r in each.reviews:
            yield (*told, words.value("review", r.verdict), r.reviewer, words.local(r.at), r.reason)


CHECK_COLUMNS = (
    Column("look", 26),
    Column("seen_at", 20),
    Column("drawn_at", 20),
    Column("answer", 12),
    Column("overlooked_kind", 18),
    Column("who", 14),
    Column("answered_at", 20),
    Column("note", 40),
    Column("visit", 34),
)


def checks(report: DayReport, words: Words) -> Iterator[Row]:
    """Looks drawn for people."""
    for c in report.checks.rows:
        yield (
            c.look,
            words.local(c.seen_at),
            words.local(c.drawn_at),
            words.value("answer", c.answer) or words("open"),
            words.value("kind", c.kind),
            c.who,
            words.local(c.at) if c.at else None,
            c.note,
            c.visit,
        )


REVISION_COLUMNS = (
    Column("revision", 10),
    Column("since", 20),
    Column("until", 20),
    Column("cameras_count", 12),
    Column("sha256", 68),
)


def revisions(report: DayReport, words: Words) -> Iterator[Row]:
    """What was in force."""
    for r in report.revisions:
        yield r.id, words.local(r.since), words.local(r.until) if r.until else words("still"), r.cameras, r.sha256
