"""Texts in Chinese and English, and how times, lengths and shares are written. Field terms as in DESIGN.md."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, tzinfo
from typing import Literal

from patrol.registry import Name

Lang = Literal["zh", "en"]
LANGS: tuple[Lang, ...] = ("zh", "en")


@dataclass(frozen=True, slots=True)
class Words:
    """One language, in one county's time.

    Attributes:
        lang: the language.
        zone: the county's.
        texts: ``(Chinese, English)`` by key.
    """

    lang: Lang
    zone: tzinfo
    texts: Mapping[str, tuple[str, str]]

    def __call__(self, key: str, **values: object) -> str:
        """A text, its places filled in."""
        text = self.texts[key][LANGS.index(self.lang)]
        return text.format(**values) if values else text

    def value(self, group: str, word: str | None) -> str:
        """A word of a closed list (outcome, cause, kind …); one that is not known stands as it is."""
        if not word:
            return ""
        pair = self.texts.get(f"{group}.{word}")
        return pair[LANGS.index(self.lang)] if pair else word

    def name(self, name: Name) -> str:
        """A name in this language."""
        return name.zh if self.lang == "zh" else name.en

    def local(self, moment: datetime) -> datetime:
        """County time without an offset, whole seconds: what a spreadsheet can hold."""
        return moment.astimezone(self.zone).replace(tzinfo=None, microsecond=0)

    def at(self, moment: datetime | None, *, of: datetime | None = None) -> str:
        """County time; only the clock where the day is that of ``of``."""
        if moment is None:
            return "—"
        local = moment.astimezone(self.zone)
        same = of is not None and local.date() == of.astimezone(self.zone).date()
        return f"{local:%H:%M:%S}" if same else f"{local:%m-%d %H:%M}"

    def stamp(self, moment: datetime) -> str:
        """County time with its offset, to the second."""
        local = moment.astimezone(self.zone)
        offset = f"{local:%z}"
        return f"{local:%Y-%m-%d %H:%M:%S} (UTC{offset[:3]}:{offset[3:5]})"

    def length(self, seconds: float | None) -> str:
        """A length of time: ``1:58:05``."""
        if seconds is None:
            return "—"
        whole = int(seconds)
        hours, rest = divmod(whole, 3600)
        return f"{hours}:{rest // 60:02d}:{rest % 60:02d}"

    def share(self, value: float | None) -> str:
        """A share in per cent. Never 100 % while anything is missing."""
        if value is None:
            return "—"
        return f"{int(value * 10000) / 100:.2f} %" if value < 1 else "100 %"
