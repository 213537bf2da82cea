"""What a message to a person says: Chinese first, then English; kind, place, time, what is asked and by when. Nobody is named.

Pure. A message is cut to what its channel can carry by telling fewer matters one by one, never by dropping one: what is
not told stands in the counts and behind the link.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, tzinfo

from patrol.alerts.grouping import Together, put_together
from patrol.alerts.matters import Named
from patrol.incidents import KINDS

_WHY = {"new": ("新事件", "New"), "escalation": ("催办", "Overdue"), "repeat": ("再次提醒", "Again")}
_STANDING = {
    "accepted": ("已受理", "accepted"),
    "phoned": ("已电话处置", "phoned"),
    "on_scene": ("已到场", "on the scene"),
    "disposed": ("已办结", "dealt with"),
    "refused": ("已拒收", "refused"),
    "over": ("已结束", "over"),
}
_OVERDUE = {
    "received": ("逾期未签收", "has not received it in time"),
    "accepted": ("逾期未受理", "has not accepted it in time"),
    "on_scene": ("逾期未到场", "is not on the scene in time"),
    "disposed": ("逾期未办结", "has not dealt with it in time"),
    "refused": ("已拒收", "has refused it"),
}


@dataclass(frozen=True, slots=True)
class Text:
    """A message in words. ``told``: how many matters are told one by one, ``digest``: others are only counted."""

    title: str
    body: str
    told: int
    digest: bool


def text_of(
    matters: tuple[Named, ...],
    *,
    link: str,
    reference: str,
    zone: tzinfo,
    now: datetime,
    most: int,
    max_bytes: int,
) -> Text:
    """Put a message in words.

    Args:
        matters: all of them, at least one, in the order in which they came.
        link: opens the matter, or the list of them.
        reference: by which people know a duplicate.
        zone: the county's.
        now: UTC.
        most: told one by one.
        max_bytes: what the channel carries, UTF-8. Counts and link go out even if they are longer.
    """
    kinds = [m.kind for m in matters]
    for told in range(min(most, len(matters)), -1, -1):
        together = put_together(matters, kinds, told)
        for lines in (_zh(together, link, zone, now) + _en(together, zone, now), _zh(together, link, zone, now)):
            body = "\n".join([*lines, f"编号 No. {reference}"])
            if len(body.encode()) <= max_bytes:
                return Text(_title(together), body, told, together.digest)
            if told > 0:
                break  # Fewer matters in both languages are better than more in one.
    together = put_together(matters, kinds, 0)
    return Text(_title(together), f"{_counts(together, 0)} {link}", 0, digest=True)


def line_zh(matter: Named, zone: tzinfo, now: datetime) -> str:
    """One matter in Chinese."""
    seen = "" if matter.reviewed else "（未经人工确认）"
    late = f"{matter.department.zh}{_OVERDUE[matter.step][0]}，" if matter.step is not None else ""
    what = f"{KINDS.get(matter.kind, (matter.kind,))[0]}{seen}，{matter.place}，{_time(matter.occurred_at, zone)}"
    return f"【{_WHY[matter.why][0]}】{late}{what}。{_asked(matter, zone, now)[0]}"


def line_en(matter: Named, zone: tzinfo, now: datetime) -> str:
    """One matter in English."""
    seen = "" if matter.reviewed else " (not confirmed by a person)"
    late = f"{matter.department.en} {_OVERDUE[matter.step][1]}: " if matter.step is not None else ""
    kind = KINDS.get(matter.kind, ("", matter.kind))[1]
    where = f"{kind}{seen} at {matter.place}, {_time(matter.occurred_at, zone)}"
    return f"[{_WHY[matter.why][1]}] {late}{where}. {_asked(matter, zone, now)[1]}"


def _asked(matter: Named, zone: tzinfo, now: datetime) -> tuple[str, str]:
    if matter.standing in _STANDING and not (matter.asks == "call" or matter.step in {"on_scene", "disposed"}):
        zh, en = _STANDING[matter.standing]
        return f"现状：{zh}。", f"By now: {en}."
    if matter.asks == "call":
        return "请督促办理。", "Please see to it that they answer."
    if matter.asks == "receive":
        return "抄送，请知悉。", "A copy, for you to know."
    if matter.step == "on_scene":
        return "请尽快到场。", "Please get there."
    if matter.step == "disposed":
        return "请尽快办结。", "Please deal with it."
    if matter.by is None or matter.by <= now:
        return "请立即受理。", "Please accept it now."
    by = _time(matter.by, zone)
    return f"请于{by}前受理。", f"Please accept it by {by}."


def _zh(together: Together[Named], link: str, zone: tzinfo, now: datetime) -> list[str]:
    if together.total == 1 and together.told:
        return [line_zh(together.told[0], zone, now), f"查看并答复：{link}"]
    lines = [f"{n}. {line_zh(m, zone, now)}" for n, m in enumerate(together.told, 1)]
    rest = f"另有{together.more}件。" if together.digest and together.told else ""
    return [_title(together), *lines, f"{rest}全部查看并答复：{link}"]


def _en(together: Together[Named], zone: tzinfo, now: datetime) -> list[str]:
    if together.total == 1 and together.told:
        return [line_en(together.told[0], zone, now), "See it and answer: the link above."]
    lines = [f"{n}. {line_en(m, zone, now)}" for n, m in enumerate(together.told, 1)]
    rest = f"{together.more} more. " if together.digest and together.told else ""
    return [_counts(together, 1), *lines, f"{rest}All of them: the link above."]


def _title(together: Together[Named]) -> str:
    return f"【视频巡查】{_counts(together, 0)}"


def _counts(together: Together[Named], language: int) -> str:
    counted = [(KINDS.get(kind, (kind, kind))[language], count) for kind, count in together.counts]
    if language == 0:
        return f"{together.total}件：" + "、".join(f"{kind}{count}" for kind, count in counted)
    return f"{together.total} in all: " + ", ".join(f"{count} {kind}" for kind, count in counted)


def _time(moment: datetime, zone: tzinfo) -> str:
    return f"{moment.astimezone(zone):%m-%d %H:%M}"
