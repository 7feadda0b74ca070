"""Sessions: who is signed in, by a random secret that only their browser holds."""

from __future__ import annotations

import secrets
from datetime import timedelta
from functools import cache
from typing import TYPE_CHECKING, Any

from sqlalchemy import bindparam, delete, select, update

from ovcf.errors import SignedOutError
from ovcf.registry.columns import now
from ovcf.registry.people.holder import acting, with_person
from ovcf.registry.people.secret import digest
from ovcf.registry.tables import SignIn

if TYPE_CHECKING:
    from datetime import datetime

    from ovcf.registry.access import Principal
    from ovcf.registry.store import Registry
    from ovcf.registry.tables import Person

MAX_IDLE, MAX_SESSION = timedelta(minutes=60), timedelta(hours=12)
"""A session ends when it is not used for so long, and after so long in any case."""
_TOLD_EVERY = timedelta(minutes=1)
"""That a session is used is written at most so often: a write for each request would hold up everybody."""


def begin(registry: Registry, person: Person, *, instead_of: str = "", at: datetime | None = None) -> str:
    """Sign a person in; the secret of the new session. The one they had in this browser ends, as do all overdue."""
    at, secret = at or now(), secrets.token_urlsafe(32)
    with registry.writing(person.id) as writer:
        overdue = (SignIn.ends_at <= at) | (SignIn.seen_at <= at - MAX_IDLE)
        writer.session.execute(delete(SignIn).where(overdue | (SignIn.secret == digest(instead_of))))
        writer.session.add(
            SignIn(secret=digest(secret), person_id=person.id, began_at=at, seen_at=at, ends_at=at + MAX_SESSION)
        )
    return secret


def who(registry: Registry, secret: str, *, at: datetime | None = None) -> Principal:
    """Who holds a session, with the role that they have now.

    Raises:
        SignedOutError: there is no such session, it has ended, or the person was disabled.
    """
    at, known = at or now(), digest(secret)
    with registry.glance() as connection:
        found = connection.execute(_holder(), {"secret": known}).first()
    principal = None if found is None else acting(found)
    if found is None or principal is None or at >= found.ends_at or at >= found.seen_at + MAX_IDLE:
        raise SignedOutError("session", "has ended", "Sign in again.")
    if at - found.seen_at >= _TOLD_EVERY:
        with registry.noting() as connection:
            connection.execute(update(SignIn).where(SignIn.secret == known).values(seen_at=at))
    return principal


@cache  # asked for every request
def _holder() -> Any:
    """Of a secret: the session, and its person as they stand now."""
    asked = select(SignIn.seen_at, SignIn.ends_at).where(SignIn.secret == bindparam("secret"))
    return with_person(asked, SignIn.person_id)


def end(registry: Registry, secret: str, person: Principal) -> None:
    """Sign out of one session."""
    with registry.writing(person.person) as writer:
        writer.session.execute(delete(SignIn).where(SignIn.secret == digest(secret)))
