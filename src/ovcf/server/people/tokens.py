"""The doors and the page by which people make, see and revoke access tokens of their own. Programs cannot."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Annotated, Protocol
from uuid import UUID

from fastapi import APIRouter, Request
from fastapi.responses import Response
from pydantic import BaseModel, Field

from ovcf.registry.people import tokens
from ovcf.registry.tables import Credential, Person
from ovcf.registry.words import TokenScope
from ovcf.server.people.page_files import people_file

if TYPE_CHECKING:
    from ovcf.registry.access import Principal
    from ovcf.registry.store import Registry


class Keeper(Protocol):
    """Who knows which person sits before a browser."""

    registry: Registry

    def signed_in(self, request: Request) -> Principal:
        """The person, by their session.

        Raises:
            SignedOutError: nobody is signed in.
        """

    def prove(self, request: Request, principal: Principal, password: str) -> None:
        """Check a password before something that outlasts a session.

        Raises:
            SignedOutError: it is not right. TooManyError: not now.
        """


class NewToken(BaseModel):
    """What a token is for. ``password`` is that of the person, where they have one."""

    name: Annotated[str, Field(max_length=256)]
    scope: TokenScope
    days: Annotated[int, Field(ge=1, le=tokens.MAX_DAYS)] = tokens.USUAL_DAYS
    password: Annotated[str, Field(max_length=1024)] = ""


class Token(BaseModel):
    """A token as it is listed; ``ended`` says why it lets in nobody."""

    id: UUID
    name: str
    scope: TokenScope
    made_at: datetime
    expires_at: datetime
    seen_at: datetime | None = None
    ended: str = ""


class MadeToken(Token):
    """A token with its text, which is told once."""

    token: str


class Tokens(BaseModel):
    """All of a person; ``password`` says whether making one asks for theirs."""

    tokens: list[Token]
    password: bool


def token_routes(keeper: Keeper) -> APIRouter:
    """``/api/v1/tokens``, and the page ``/tokens``."""
    router = APIRouter()
    registry = keeper.registry

    def has_password(who: Principal) -> bool:
        with registry.reading() as session:
            return session.get(Credential, who.person) is not None

    @router.get("/api/v1/tokens", tags=["people"])
    def listed(request: Request) -> Tokens:
        """One's own access tokens, newest first."""
        who = keeper.signed_in(request)
        with registry.reading() as session:
            found = tokens.of_person(session, session.get_one(Person, who.person))
        rows = [
            Token(
                id=told.id,
                name=told.name,
                scope=told.scope,
                made_at=told.made_at,
                expires_at=told.expires_at,
                seen_at=told.seen_at,
                ended=told.ended,
            )
            for told in found
        ]
        return Tokens(tokens=rows, password=has_password(who))

    @router.post("/api/v1/tokens", status_code=201, tags=["people"])
    def make(request: Request, new: NewToken) -> MadeToken:
        """A token for a program. Its text is in the answer, and nowhere else."""
        who = keeper.signed_in(request)
        if has_password(who):
            keeper.prove(request, who, new.password)
        with registry.writing(who.person) as writer:
            person = writer.session.get_one(Person, who.person)
            made, text = tokens.make(writer, person, name=new.name, scope=new.scope, days=new.days)
            return MadeToken(
                id=made.id,
                name=made.name,
                scope=made.scope,
                made_at=made.recorded_at,
                expires_at=made.expires_at,
                token=text,
            )

    @router.delete("/api/v1/tokens/{token}", status_code=204, tags=["people"])
    def revoke(request: Request, token: UUID) -> Response:
        """End one of one's own tokens."""
        who = keeper.signed_in(request)
        with registry.writing(who.person) as writer:
            tokens.revoke(writer, token, "revoked on the page", of=who.person)
        return Response(status_code=204)

    @router.get("/tokens", include_in_schema=False)
    def page() -> Response:
        return people_file("tokens.html")

    return router
