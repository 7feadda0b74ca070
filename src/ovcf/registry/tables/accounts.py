"""Accounts: what a person may do now, how they prove who they are, and where they are signed in.

Standing, links to a provider and access tokens are facts: kept and audited. Secrets and sessions change and go; only
digests of them lie here, and sessions, secrets of tokens and links to set a password are in no backup (``info``).
"""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import ForeignKey, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from ovcf.registry.columns import Base, Kept, Word
from ovcf.registry.words import Role, TokenScope

PASSING = {"passing": True}
"""Of tables whose rows are worth nothing after a while: they are in no backup."""


class Standing(Kept):
    """What a person may do from then on; the newest holds. ``person.role`` is what they began with."""

    __tablename__ = "standing"
    __table_args__ = (UniqueConstraint("person_id", "number"),)
    person_id: Mapped[UUID] = mapped_column(ForeignKey("person.id"), index=True)
    number: Mapped[int]
    role: Mapped[Role] = mapped_column(Word(Role))
    active: Mapped[bool]
    all_sites: Mapped[bool] = mapped_column(default=False)
    reason: Mapped[str]


class ProviderLink(Kept):
    """Whom an OpenID provider means by a subject."""

    __tablename__ = "provider_link"
    __table_args__ = (UniqueConstraint("issuer", "subject"),)
    issuer: Mapped[str]
    subject: Mapped[str]
    person_id: Mapped[UUID] = mapped_column(ForeignKey("person.id"), index=True)


class MovedPerson(Kept):
    """Somebody who went to another site: the same human, with the account ``to_id`` after ``person_id``."""

    __tablename__ = "moved_person"
    person_id: Mapped[UUID] = mapped_column(ForeignKey("person.id"), index=True)
    to_id: Mapped[UUID] = mapped_column(ForeignKey("person.id"), unique=True)
    reason: Mapped[str]


class AccessToken(Kept):
    """That a program may act for a person, for what and how long. Its secret is in ``token_secret``."""

    __tablename__ = "access_token"
    person_id: Mapped[UUID] = mapped_column(ForeignKey("person.id"), index=True)
    name: Mapped[str]
    scope: Mapped[TokenScope] = mapped_column(Word(TokenScope))
    expires_at: Mapped[datetime]


class AccessTokenEnd(Kept):
    """That it may no longer, and why."""

    __tablename__ = "access_token_end"
    token_id: Mapped[UUID] = mapped_column(ForeignKey("access_token.id"), unique=True)
    reason: Mapped[str]


class TokenSecret(Base):
    """The secret of an access token as SHA-256, and when it was last used; it goes when the token is revoked."""

    __tablename__ = "token_secret"
    __table_args__ = ({"info": PASSING},)
    secret: Mapped[str] = mapped_column(String(64), primary_key=True)
    token_id: Mapped[UUID] = mapped_column(ForeignKey("access_token.id"), unique=True)
    seen_at: Mapped[datetime | None]


class Credential(Base):
    """The password of a person, as argon2id keeps it."""

    __tablename__ = "credential"
    person_id: Mapped[UUID] = mapped_column(ForeignKey("person.id"), primary_key=True)
    password: Mapped[str]
    changed_at: Mapped[datetime]


class PasswordLink(Base):
    """A link that sets a password once; its secret is kept as SHA-256."""

    __tablename__ = "password_link"
    __table_args__ = ({"info": PASSING},)
    secret: Mapped[str] = mapped_column(String(64), primary_key=True)
    person_id: Mapped[UUID] = mapped_column(ForeignKey("person.id"), index=True)
    expires_at: Mapped[datetime]


class SignIn(Base):
    """A session of a person; the id in their cookie is kept as SHA-256."""

    __tablename__ = "sign_in"
    __table_args__ = ({"info": PASSING},)
    secret: Mapped[str] = mapped_column(String(64), primary_key=True)
    person_id: Mapped[UUID] = mapped_column(ForeignKey("person.id"), index=True)
    began_at: Mapped[datetime]
    seen_at: Mapped[datetime]
    ends_at: Mapped[datetime] = mapped_column(index=True)
