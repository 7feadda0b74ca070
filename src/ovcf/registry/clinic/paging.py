"""Where a page ended: a cursor says the value that a list is ordered by, and the row, so that paging never counts."""

from __future__ import annotations

import base64
import json
from datetime import UTC, date, datetime
from uuid import UUID

from ovcf.errors import RegistryError

MAX_PAGE = 200


def packed(order: str, value: datetime | date | str, id_: UUID) -> str:
    """The cursor of a list in an ``order``, after the row of that value and id."""
    if isinstance(value, datetime):
        value = value.astimezone(UTC).isoformat()
    text = value.isoformat() if isinstance(value, date) else value
    return base64.urlsafe_b64encode(json.dumps([order, text, str(id_)]).encode()).decode().rstrip("=")


def opened(cursor: str, order: str) -> tuple[str, UUID]:
    """What :func:`packed` put into a cursor of the same order.

    Raises:
        RegistryError: it is no cursor of this list.
    """
    try:
        data = base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4))
        found, value, id_ = json.loads(data)
        if found != order or not isinstance(value, str) or "\x00" in value:
            raise ValueError(found)
        return value.encode("utf-8").decode(), UUID(id_)
    except (ValueError, TypeError, AttributeError, RecursionError):
        raise no_cursor() from None


def opened_day(cursor: str, order: str) -> tuple[date, UUID]:
    """The same of a list that is ordered by a date."""
    text, id_ = opened(cursor, order)
    try:
        return date.fromisoformat(text), id_
    except ValueError:
        raise no_cursor() from None


def opened_instant(cursor: str, order: str) -> tuple[datetime, UUID]:
    """The same of a list that is ordered by a moment."""
    text, id_ = opened(cursor, order)
    try:
        at = datetime.fromisoformat(text)
        return at.astimezone(UTC) if at.tzinfo else at.replace(tzinfo=UTC), id_
    except (ValueError, OverflowError):
        raise no_cursor() from None


def no_cursor() -> RegistryError:
    """What is said of a cursor that is none."""
    return RegistryError("cursor", "is not one of this list", "Begin with the first page again.")
