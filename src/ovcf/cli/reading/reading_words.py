"""Edits of a reading as they are written on the command line.

A vertebra is written as its level (``L1``), as its level on one image (``b:L1``, the landmark set first) or as its
identity (``b7``).
"""

from __future__ import annotations

import uuid
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, get_args

from ovcf.anatomy import Level
from ovcf.errors import ReadingError
from ovcf.landmarks import POINTS
from ovcf.reading.editing.edits import FindingName, State

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from ovcf.reading.editing.edited import Edited, EditedSet
    from ovcf.reading.editing.edits import Edit
    from ovcf.reading.session import Session

FINDINGS: tuple[str, ...] = get_args(FindingName)
STATES: tuple[str, ...] = get_args(State)
_WORDS = {"yes": True, "true": True, "no": False, "false": False, "unknown": None}


def new(kind: Callable[..., Edit], reader: str, **fields: Any) -> Edit:
    """An edit of this kind, made now."""
    return kind(id=uuid.uuid4().hex, reader=reader, at=datetime.now(UTC).isoformat(timespec="seconds"), **fields)


def vertebra_of(text: str, now: Edited) -> tuple[str, EditedSet]:
    """The identity of a vertebra, and the landmark set that it belongs to.

    Raises:
        ReadingError: there is none of this name.
    """
    first, _, rest = text.rpartition(":")
    sets = [s for s in now.sets if first in ("", s.seen.id, s.seen.name)]
    for s in sets:
        if rest in s.vertebrae:
            return rest, s
    level = Level.parse(rest)
    for s in sets:
        if (found := s.id_of(level)) is not None:
            return found, s
    there = "; ".join(f"{s.seen.id}: {', '.join(s.levels.values())}" for s in now.sets)
    raise ReadingError(f"vertebra {text}", "is not in this reading", f"It has {there or 'no vertebrae'}.")


def urgent_named(text: str, session: Session) -> tuple[str, ...]:
    """The ids of the urgent statements that are meant, by their id or by the topic that the refusal to sign names.

    Raises:
        ReadingError: no urgent statement is called so.
    """
    urgent = [s for s in session.assessment().guidance if s.must_be_seen]
    found = tuple(s.id for s in urgent if text.casefold() in (s.id, str(s.topic).casefold()))
    if not found:
        known = ", ".join(dict.fromkeys(str(s.topic) for s in urgent)) or "none: leave it out"
        raise ReadingError(f"--acknowledge {text}", "names no urgent statement", f"What is urgent here: {known}.")
    return found


def suggested_now(session: Session) -> tuple[str, ...]:
    """The identities of the vertebrae of which signing asks which one is to be assessed.

    Raises:
        ReadingError: there is none.
    """
    from ovcf.reading.version import to_choose_from

    now = session.now()
    found = tuple(vertebra_of(f.level, now)[0] for f in to_choose_from(session.assessment()) if f.level is not None)
    if not found:
        raise ReadingError("--nothing-to-assess", "is not asked: nothing is open", "Leave it out.")
    return found


def pair(text: str, option: str) -> tuple[str, str]:
    """``NAME=VALUE``."""
    name, equals, value = text.partition("=")
    if not equals or not name.strip() or not value.strip():
        raise ReadingError(f"{option} {text}", "is not NAME=VALUE", "Write it like L1=L2.")
    return name.strip(), value.strip()


def value_of(text: str) -> str | float | bool | None:
    """A value as it is meant: yes, no, unknown, a number, or a word."""
    if text.casefold() in _WORDS:
        return _WORDS[text.casefold()]
    try:
        return float(text.replace("\u2212", "-").removesuffix("%"))
    except ValueError:
        return text


def moved_point(words: Iterable[str], now: Edited) -> dict[str, Any]:
    """``L1.superior_anterior +0.5,-1.2`` (by so much) or ``L1.superior_anterior 31.5,140.2`` (to there).

    x runs from anterior to posterior, y from cranial to caudal, in the unit of the image.
    """
    where, to = words
    name, _, point = where.rpartition(".")
    if point not in POINTS:
        raise ReadingError(f"--move {where}", f"{point!r} is no point", f"Choose: {', '.join(POINTS)}.")
    vertebra, s = vertebra_of(name, now)
    try:
        x, y = (float(v.replace("\u2212", "-")) for v in to.split(","))
    except ValueError:
        raise ReadingError(f"--move {where} {to}", "is not X,Y", "Write +0.5,-1.2 or 31.5,140.2.") from None
    if to.lstrip()[:1] in "+-\u2212":
        points = s.vertebrae[vertebra].seen.points
        at = POINTS.index(point)
        if at >= len(points):
            raise ReadingError(f"--move {where}", "has no such point yet", "Place it: X,Y without a sign.")
        x, y = points[at][0] + x, points[at][1] + y
    return {"vertebra": vertebra, "point": point, "to": (x, y)}
