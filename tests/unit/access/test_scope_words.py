"""Whoever gives a token chooses its scopes by words: every scope has them, in both languages."""

from __future__ import annotations

import re
from pathlib import Path

from patrol.access import ACTIONS

_WORDS = Path(__file__).parents[3] / "console" / "src" / "i18n" / "admin" / "people.ts"


def test_every_scope_has_words_in_both_languages_and_no_words_are_of_nothing() -> None:
    wanted = {action.replace(".", "_") for action in ACTIONS if not action.startswith("case.move:")}
    blocks = re.findall(r"\n  scopes: \{\n(.*?)\n  \},", _WORDS.read_text("utf-8"), re.DOTALL)
    assert [set(re.findall(r"(\w+): \"", block)) for block in blocks] == [wanted, wanted]
