"""Access tokens: a program acts for a person, for less than the person may do, until a day that was said."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import timedelta
from functools import cache
from typing import TYPE_CHECKING, Any
from uuid import uuid4

from sqlalchemy import bindparam, delete, func, select, update

from ovcf.errors import NotThereError, RegistryError, SignedOutError
from ovcf.language.worded import say
from ovcf.plain_text import clean
from ovcf.registry.columns import now
from ovcf.registry.people.holder import acting, with_person
from ovcf.registry.people.secret import digest
from ovcf.registry.tables import AccessToken, AccessTokenEnd, Person, TokenSecret

if TYPE_CHECKING:
    from datetime import datetime
    from uuid import UUID

    from sqlalchemy.orm import Session

    from ovcf.registry.access import Principal
    from ovcf.registry.store import Registry, Writer
    from ovcf.registry.words import TokenScope

PREFIX = "ovcf_"
"""Of every token, so that people and scanners of secrets know one when they see it."""
MAX_DAYS, USUAL_DAYS, MAX_TOKENS = 366, 90, 50
_MAX_NAME = 64
_TOLD_EVERY = timedelta(minutes=1)
"""That a token is used is written at most so often."""


@dataclass(frozen=True, slots=True)
class Told:
    """A token as its person sees it: never its secret. ``seen_at`` is None where it was not used yet."""

    id: UUID
    person: str
    name: str
    scope: TokenScope
    made_at: datetime
    expires_at: datetime
    seen_at: datetime | None
    ended: str
    """Why it lets in nobody: ``expired``, the reason of who revoked it, or that its secret is lost; else empty."""


def make(
    writer: Writer, person: Person, *, name: str, scope: TokenScope, days: int = USUAL_DAYS, at: datetime | None = None
) -> tuple[AccessToken, str]:
    """A token for a program of a person. The text is told here, and never again.

    Raises:
        RegistryError: the name is empty, too long or taken; the days are none; or the person has too many.
    """
    named, at = clean(name).strip(), at or now()
    if not named or len(named) > _MAX_NAME:
        raise RegistryError(
            "name of the token", say("has 1 to {most} characters", most=_MAX_NAME), "Name the program that uses it."
        )
    if not 1 <= days <= MAX_DAYS:
        raise RegistryError(
            "days of the token",
            say("{days} is not 1 to {most}", days=days, most=MAX_DAYS),
            "Say how long it is needed.",
        )
    alive = [told for told in of_person(writer.session, person, at=at) if not told.ended]
    if len(alive) >= MAX_TOKENS:
        raise RegistryError(
            "access tokens", say("are {most} already", most=MAX_TOKENS), "Revoke those that are not used."
        )
    if any(told.name == named for told in alive):
        raise RegistryError(
            say("access token {named}", named=named), "is there already", "Choose another name, or revoke that one."
        )
    text = PREFIX + secrets.token_urlsafe(32)
    token = AccessToken(id=uuid4(), person_id=person.id, name=named, scope=scope, expires_at=at + timedelta(days=days))
    writer.add(token)
    writer.session.add(TokenSecret(secret=digest(text), token_id=token.id, seen_at=None))
    return token, text


def of_person(session: Session, person: Person | None = None, *, at: datetime | None = None) -> list[Told]:
    """The tokens of a person, or of everybody: newest first, those that ended with the reason."""
    at = at or now()
    asked = (
        select(AccessToken, Person.code, AccessTokenEnd.reason, TokenSecret.secret, TokenSecret.seen_at)
        .join(Person, Person.id == AccessToken.person_id)
        .outerjoin(AccessTokenEnd, AccessTokenEnd.token_id == AccessToken.id)
        .outerjoin(TokenSecret, TokenSecret.token_id == AccessToken.id)
        .order_by(AccessToken.recorded_at.desc(), AccessToken.id)
    )
    if person is not None:
        asked = asked.where(AccessToken.person_id == person.id)
    found = []
    for token, code, reason, secret, seen_at in session.execute(asked):
        ended = reason or ("expired" if token.expires_at <= at else "" if secret else "lost by a restore")
        found.append(Told(token.id, code, token.name, token.scope, token.recorded_at, token.expires_at, seen_at, ended))
    return found


def revoke(writer: Writer, token_id: UUID, reason: str, *, of: UUID | None = None) -> AccessToken:
    """End a token at once, for good; ``of`` is the person whose it must be.

    Raises:
        NotThereError: there is none, or not of that person. RegistryError: no reason.
    """
    if not reason.strip():
        raise RegistryError("revoking", "needs a reason", "Say why.")
    token = writer.session.get(AccessToken, token_id)
    if token is None or of not in (None, token.person_id):
        raise NotThereError("access token", "is not there", "See which there are.")
    over = select(func.count()).select_from(AccessTokenEnd).where(AccessTokenEnd.token_id == token.id)
    if not writer.session.scalar(over):
        writer.add(AccessTokenEnd(token_id=token.id, reason=reason.strip()))
    writer.session.execute(delete(TokenSecret).where(TokenSecret.token_id == token.id))
    return token


def revoke_all(writer: Writer, person: Person, reason: str) -> None:
    """End every token of a person."""
    ended = select(AccessTokenEnd.token_id)
    asked = select(AccessToken.id).where(AccessToken.person_id == person.id, AccessToken.id.not_in(ended))
    for token_id in writer.session.scalars(asked).all():
        revoke(writer, token_id, reason)


def who(registry: Registry, text: str, *, at: datetime | None = None) -> Principal:
    """For whom a token acts: with the role and site that they have now, within its scope.

    Raises:
        SignedOutError: there is no such token, it expired or was revoked, or the person was disabled.
    """
    at, known = at or now(), digest(text)
    with registry.glance() as connection:
        found = connection.execute(_holder(), {"secret": known}).first()
    principal = None if found is None else acting(found, found.scope)
    if (
        not text.startswith(PREFIX)
        or found is None
        or principal is None
        or found.ended is not None
        or at >= found.expires_at
    ):
        raise SignedOutError("access token", "is unknown, expired or revoked", "Make another one.")
    if found.seen_at is None or at - found.seen_at >= _TOLD_EVERY:
        with registry.noting() as connection:
            connection.execute(update(TokenSecret).where(TokenSecret.secret == known).values(seen_at=at))
    return principal


@cache  # asked for every request
def _holder() -> Any:
    """Of a secret: the token, and its person as they stand now."""
    asked = (
        select(TokenSecret.seen_at, AccessToken.scope, AccessToken.expires_at, AccessTokenEnd.id.label("ended"))
        .join(AccessToken, AccessToken.id == TokenSecret.token_id)
        .outerjoin(AccessTokenEnd, AccessTokenEnd.token_id == AccessToken.id)
        .where(TokenSecret.secret == bindparam("secret"))
    )
    return with_person(asked, AccessToken.person_id)
