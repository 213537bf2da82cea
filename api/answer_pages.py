"""The pages behind the link in a message to people: small, without script, in the reader's language, for a telephone."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, tzinfo
from html import escape
from typing import Literal

from fastapi.responses import HTMLResponse

from patrol.alerts.answers import ALLOWED, LONGEST_NAME, LONGEST_REASON
from patrol.alerts.matters import Named
from patrol.alerts.wording import line_en, line_zh

Language = Literal["zh", "en"]

_STYLE = (
    "body{font:18px/1.5 sans-serif;margin:0 auto;max-width:34em;padding:1em;color:#1a1a1a;background:#fff}"
    "h1{font-size:1.2em}label{display:block;margin:1em 0 .2em}"
    "input,textarea{font:inherit;width:100%;box-sizing:border-box;padding:.5em;border:1px solid #767676;border-radius:4px}"
    "button{font:inherit;display:block;width:100%;margin:.6em 0;padding:.8em;border:1px solid #1a1a1a;border-radius:4px;"
    "background:#f2f2f2;color:#1a1a1a}button.main{background:#0b5cad;border-color:#0b5cad;color:#fff}"
    "li{margin:.6em 0}p.problem{border-left:5px solid #b00020;padding-left:.7em}p.done{border-left:5px solid #1b7a3d;padding-left:.7em}"
    "@media(prefers-color-scheme:dark){body{background:#161616;color:#eee}button{background:#333;color:#eee;border-color:#888}"
    "input,textarea{background:#222;color:#eee}a{color:#8ab8ff}}"
)
_HEADERS = {
    "Cache-Control": "no-store",
    "Referrer-Policy": "no-referrer",
    "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
    "X-Robots-Tag": "noindex",
    "Vary": "Accept-Language",
}
WORDS: dict[str, tuple[str, str]] = {
    "title": ("视频巡查", "Video patrol"),
    "forged": (
        "此链接无效：不是本系统签发的。请打开原消息中的完整链接。",
        "This link is not valid: this service did not sign it. Open the whole link of the message.",
    ),
    "expired": (
        "此链接已过期（24 小时有效）。请向指挥中心索取新的消息。",
        "This link has run out (it works for 24 hours). Ask the command centre for a new message.",
    ),
    "gone": ("没有这条消息。", "There is no such message."),
    "used": (
        "此链接已经用过，未作任何改动。",
        "This link has been used already; nothing was changed.",
    ),
    "too_late": (
        "此事件已受理、已拒收或已结束，未作任何改动。",
        "It has been accepted, refused or is over already; nothing was changed.",
    ),
    "not_asked": ("此消息不需要这样的答复。", "This message does not ask for such an answer."),
    "no_name": ("请填写姓名或岗位。", "Give your name or post."),
    "long_name": (f"姓名或岗位最多 {LONGEST_NAME} 个字。", f"Name or post: {LONGEST_NAME} characters at most."),
    "no_reason": ("拒收须说明理由。", "A refusal needs a reason."),
    "long_reason": (f"理由最多 {LONGEST_REASON} 个字。", f"Reason: {LONGEST_REASON} characters at most."),
    "too_long": ("内容过长。", "That is too long."),
    "name": ("姓名或岗位", "Name or post"),
    "reason": ("理由（拒收时必填）", "Reason (needed to refuse)"),
    "received": ("已收到", "Received"),
    "accepted": ("受理", "Accept"),
    "refused": ("拒收", "Refuse"),
    "did_received": ("已登记：已收到。", "Noted: received."),
    "did_accepted": ("已登记：已受理。", "Noted: accepted."),
    "did_refused": ("已登记：已拒收。", "Noted: refused."),
    "was_accepted": ("已通过此链接受理。", "It was accepted through this link."),
    "was_refused": ("已通过此链接拒收。", "It was refused through this link."),
    "over": (
        "此处无须再答复：已受理、已转交或已结束。",
        "Nothing more is asked here: it is accepted, with somebody else, or over.",
    ),
    "view_only": (
        "请督促该部门答复；此处无须答复。",
        "See to it that the department answers; there is nothing to answer here.",
    ),
    "open": ("查看并答复", "See it and answer"),
    "all": ("本消息中的全部事件", "All matters of this message"),
}


@dataclass(frozen=True, slots=True)
class Page:
    """What every page needs: the reader's language, the county's zone, the hour."""

    language: Language
    zone: tzinfo
    now: datetime

    def say(self, what: str) -> str:
        """A sentence of the table in the reader's language, safe in HTML."""
        return escape(WORDS[what][0 if self.language == "zh" else 1])

    def line(self, matter: Named) -> str:
        """A matter in words, safe in HTML."""
        words = line_zh if self.language == "zh" else line_en
        return escape(words(matter, self.zone, self.now))

    def problem(self, what: str, status: int) -> HTMLResponse:
        """A page that says why nothing can be done here."""
        return self._html(f'<p class="problem">{self.say(what)}</p>', status)

    def listed(self, matters: Sequence[tuple[Named, str]]) -> HTMLResponse:
        """All matters of a message, each with the address of its own page."""
        items = "".join(
            f'<li>{self.line(m)} <a href="{escape(where, quote=True)}">{self.say("open")}</a></li>'
            for m, where in matters
        )
        return self._html(f"<p>{self.say('all')}: {len(matters)}</p><ol>{items}</ol>")

    def one(
        self,
        matter: Named,
        *,
        done: str | None = None,
        problem: str | None = None,
        typed: tuple[str, str] = ("", ""),
        status: int = 200,
    ) -> HTMLResponse:
        """A matter with the buttons that it asks for, after an answer without those that are used up."""
        parts = [f"<p>{self.line(matter)}</p>"]
        if problem is not None:
            parts.append(f'<p class="problem">{self.say(problem)}</p>')
        if done is not None:
            parts.append(f'<p class="done">{self.say(f"did_{done}")}</p>')
        elif matter.answer is not None:
            parts.append(f'<p class="done">{self.say(f"was_{matter.answer}")}</p>')
        elif matter.asks == "call":
            parts.append(f"<p>{self.say('view_only')}</p>")
        offered = self._offered(matter, done)
        if offered:
            parts.append(self._form(offered, *typed))
        elif done is None and matter.answer is None and matter.asks != "call":
            parts.append(f"<p>{self.say('over')}</p>")
        return self._html("".join(parts), status)

    def _offered(self, matter: Named, done: str | None) -> tuple[str, ...]:
        if matter.answer is not None or matter.standing != "open":
            return ()
        return tuple(answer for answer in ALLOWED[matter.asks] if answer != done)

    def _form(self, offered: tuple[str, ...], name: str, reason: str) -> str:
        fields = (
            f'<label for="name">{self.say("name")}</label>'
            f'<input id="name" name="name" maxlength="{LONGEST_NAME}" autocomplete="off" value="{escape(name, quote=True)}">'
        )
        if "refused" in offered:
            fields += (
                f'<label for="reason">{self.say("reason")}</label>'
                f'<textarea id="reason" name="reason" rows="2" maxlength="{LONGEST_REASON}">{escape(reason)}</textarea>'
            )
        order = [o for o in ("accepted", "received", "refused") if o in offered]
        buttons = "".join(
            f'<button name="status" value="{o}"{" class=main" if o == "accepted" else ""}>{self.say(o)}</button>'
            for o in order
        )
        return f'<form method="post">{fields}{buttons}</form>'

    def _html(self, body: str, status: int = 200) -> HTMLResponse:
        language = "zh-CN" if self.language == "zh" else "en"
        title = self.say("title")
        return HTMLResponse(
            f'<!doctype html><html lang="{language}"><head><meta charset="utf-8">'
            f'<meta name="viewport" content="width=device-width,initial-scale=1"><title>{title}</title>'
            f"<style>{_STYLE}</style></head><body><main><h1>{title}</h1>{body}</main></body></html>",
            status,
            headers={**_HEADERS, "Content-Language": language},
        )


def language_of(accept: str | None) -> Language:
    """The first of Chinese and English that a browser asks for; Chinese where it asks for neither."""
    wanted: list[tuple[float, int, Language]] = []
    for place, part in enumerate((accept or "").split(",")[:20]):
        name, _, rest = part.strip().partition(";")
        main = name.strip().lower().partition("-")[0]
        weight = rest.strip().removeprefix("q=")
        try:
            quality = float(weight) if weight else 1.0
        except ValueError:
            quality = 0.0
        if quality > 0 and main in {"zh", "en"}:
            wanted.append((-quality, place, "zh" if main == "zh" else "en"))
    return min(wanted)[2] if wanted else "zh"
