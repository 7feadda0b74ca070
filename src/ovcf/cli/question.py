"""Which vertebra is which: asked on a terminal with a numbered picture, or told how to answer where nobody sits."""

from __future__ import annotations

import re
import sys
from typing import TYPE_CHECKING

from ovcf.anatomy import Level
from ovcf.cli.streams import say
from ovcf.errors import LevelError
from ovcf.workflow.on_radiograph import film_word

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from ovcf.assessment.result import Assessment, LevelQuestion


def can_ask() -> bool:
    """Whether somebody sits at the terminal."""
    return all(stream is not None and stream.isatty() for stream in (sys.stdin, sys.stderr))


def ask(assessment: Assessment, pictures: Sequence[Path], read: Callable[[], str] | None = None) -> list[str]:
    """The anchors that the reader gives, as for ``--level``; empty where every question is left open.

    ``pictures`` are those of the questions, in their order; ``read`` reads one line (from the terminal).
    """
    found = []
    for question, picture in zip(assessment.questions, pictures, strict=False):
        anchor = _asked(question, picture, read or sys.stdin.readline)
        found += [anchor] if anchor else []
    return found


def _asked(question: LevelQuestion, picture: Path, read: Callable[[], str]) -> str | None:
    image = f"{film_word(question.film)}:" if question.on_radiograph else ""
    numbers = {body.number for body in question.bodies}
    lowest = max(numbers)
    likely = ", ".join(f"{last} {p:.0%}" for _, last, p in question.likely)
    say(f"The bodies on {question.image} are numbered {min(numbers)} to {lowest} in {picture}", error=True)
    while True:
        say(
            f"Which level is body {lowest}? (likely: {likely}; for another body: 3=T12; Enter leaves it open) ",
            error=True,
            end="",
        )
        sys.stderr.flush()
        answer = read().strip()
        if not answer:
            return None
        label, _, level = answer.rpartition("=")
        try:
            named = Level.parse(level)
        except LevelError as error:
            say(f"{error.where}: {error.problem}. {error.remedy}", error=True)
            continue
        chosen = label.strip() or str(lowest)
        if re.fullmatch(r"[0-9]{1,3}", chosen) and int(chosen) in numbers:
            return f"{image}{int(chosen)}={named}"
        say(f"There is no body {chosen}: they are numbered {min(numbers)} to {lowest}.", error=True)
