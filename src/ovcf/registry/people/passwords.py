"""Passwords: which are taken, and how they are kept.

The rules are those of NIST SP 800-63B-4 (2025), 3.1.1.2, for a password that stands alone: at least 15 characters, at
least 64 allowed, no rules of composition, no expiry, and none that is common or made of the person's own name.
"""

from __future__ import annotations

import re
import unicodedata
from functools import cache
from importlib.resources import files
from threading import BoundedSemaphore
from typing import TYPE_CHECKING

from ovcf.errors import RegistryError
from ovcf.language.worded import say

if TYPE_CHECKING:
    from collections.abc import Iterable

    from argon2 import PasswordHasher

MIN_CHARACTERS, MAX_CHARACTERS = 15, 256
_MIN_OWN = 6
"""Different characters that must be left when common words are taken out."""
_AT_ONCE = BoundedSemaphore(4)
"""Each check takes 64 MiB: more of them at a time wait, so that a flood of attempts cannot fill the memory."""


def hashed(password: str, about: Iterable[str] = ()) -> str:
    """A password as argon2id keeps it, with its salt and parameters (RFC 9106, low memory).

    ``about`` is what others know of the person: code and name.

    Raises:
        RegistryError: it is too short, too long or easily guessed; which of these is said.
    """
    text = _normal(password)
    if not MIN_CHARACTERS <= len(text) <= MAX_CHARACTERS:
        raise RegistryError(
            "password",
            say("has {n} characters", n=len(text)),
            say("Use {least} to {most}; several words are easy to keep.", least=MIN_CHARACTERS, most=MAX_CHARACTERS),
        )
    left = text.casefold()
    for word in sorted({*_common(), *_words(about)}, key=len, reverse=True):
        left = left.replace(word, "")
    if len(set(left)) < _MIN_OWN:
        raise RegistryError(
            "password", "is easily guessed: common words, a row of keys, or your own name", "Use words of your own."
        )
    with _AT_ONCE:
        return _hasher().hash(text)


def matches(kept: str | None, password: str) -> bool:
    """Whether it is that password. Where none is kept, no password is right, and finding out takes as long."""
    from argon2.exceptions import InvalidHashError, VerificationError

    with _AT_ONCE:
        try:
            right = _hasher().verify(kept or _nobodys(), _normal(password)[: MAX_CHARACTERS + 1])
        except (VerificationError, InvalidHashError):
            return False
    return right and kept is not None


def _normal(password: str) -> str:
    """The same whichever keyboard composed it."""
    return unicodedata.normalize("NFKC", password)


def _words(about: Iterable[str]) -> set[str]:
    return {word for text in about for word in re.split(r"\W+", text.casefold()) if len(word) > 2}


@cache
def _common() -> tuple[str, ...]:
    """Lower case, one a line."""
    text = (files("ovcf.registry.people") / "common_passwords.txt").read_text(encoding="utf-8")
    return tuple(line for line in text.splitlines() if line and not line.startswith("#"))


@cache
def _hasher() -> PasswordHasher:
    from argon2 import PasswordHasher

    return PasswordHasher()


@cache
def _nobodys() -> str:
    return _hasher().hash("nobody has this password")
