"""Passwords: which are taken, how they are kept (argon2id), how one is checked."""

from __future__ import annotations

import re
import threading
import unicodedata

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

LEAST, MOST = 12, 128
"""Characters. Length is what counts against guessing (NIST SP 800-63B 5.1.1.2); no rule asks for special signs."""
_DIFFERENT = 5
_COMMON = (
    "password", "passw0rd", "qwerty", "asdfgh", "zxcvbn", "1q2w3e", "1qaz2wsx", "letmein", "welcome", "admin",
    "iloveyou", "abc123", "123456", "12345678", "woaini", "5201314", "147258", "112233", "xiangyin", "patrol", "camera",
    "shipin", "xuncha", "yueyang", "hunan",
)  # fmt: skip
"""Words and runs that people take first. What is left of a password without them must still be long enough."""

_hasher = PasswordHasher()
_DUMMY = _hasher.hash("nobody has this password")
_AT_ONCE = threading.Semaphore(2)
"""Each check takes 64 MiB and a core for some 50 ms: more at the same time would let strangers fill the memory."""


def password_problems(password: str, *, name: str, shown: str = "") -> list[str]:
    """Why a password is not taken, a sentence each; none: it is.

    Args:
        password: as typed.
        name: of the account.
        shown: what others read of it.
    """
    found = []
    text = _normal(password)
    if not LEAST <= len(text) <= MOST:
        found.append(f"a password has {LEAST} to {MOST} characters; this one has {len(text)}")
    if len(set(text)) < _DIFFERENT:
        found.append(f"it needs at least {_DIFFERENT} different characters")
    lowered = text.casefold()
    for own in (name, shown):
        if len(own) >= 3 and own.casefold() in lowered:
            found.append("it must not contain the name of the account")
            break
    rest = lowered
    for word in _COMMON:
        rest = rest.replace(word, "")
    rest = re.sub(r"(.)\1{2,}", r"\1", rest)
    if rest != lowered and len(rest) < LEAST // 2:
        found.append("most of it is what everybody tries first; take several words that do not belong together")
    return found


def hash_password(password: str) -> str:
    """The password as it is kept: argon2id in PHC form, with a salt of its own."""
    with _AT_ONCE:
        return _hasher.hash(_normal(password))


def password_fits(kept: str | None, password: str) -> bool:
    """Whether a password is the one that is kept. Takes as long where there is none, so that time tells nothing."""
    with _AT_ONCE:
        try:
            _hasher.verify(kept if kept is not None else _DUMMY, _normal(password))
        except (VerificationError, InvalidHashError):
            return False
    return kept is not None


def _normal(password: str) -> str:
    """One spelling of each character: keyboards differ in how they write the same one (NFC)."""
    return unicodedata.normalize("NFC", password)
