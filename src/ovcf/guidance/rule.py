"""What a file of rules says of itself, for the page of all scores and rules."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """``what`` it tells, of ``whom``, and what it is ``not_for``. Its sources are those that its file cites."""

    what: str
    whom: str
    not_for: str
