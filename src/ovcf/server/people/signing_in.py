"""Signing in to a service: who a request comes from, a password proven, a session begun."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from fastapi import Request  # FastAPI reads the annotation of `principal`

from ovcf.errors import SignedOutError
from ovcf.registry.people import accounts, sign_in
from ovcf.server.people.bearer import bearer, program
from ovcf.server.people.limits import Limits, came_from

if TYPE_CHECKING:
    from starlette.responses import Response

    from ovcf.registry.access import Principal
    from ovcf.registry.store import Registry
    from ovcf.registry.tables import Person
    from ovcf.server.people.address import Address
    from ovcf.server.people.oidc import Provider

log = logging.getLogger("ovcf.people")
"""Says who came and went by the registry's own id; never a name, what was typed, or a patient."""


class SignIn:
    """Sign-in for a service at ``address``; ``provider`` is an OpenID provider besides passwords."""

    def __init__(self, registry: Registry, address: Address, provider: Provider | None = None) -> None:
        self.registry, self.address, self.provider = registry, address, provider
        self.limits = Limits()

    def principal(self, request: Request) -> Principal:
        """Who a request comes from: a person by their session, or by a program with their access token.

        Raises:
            SignedOutError: nobody is signed in. ForbiddenError: the token is not for this. TooManyError: too many
                requests.
        """
        text = bearer(request)
        return program(request, text, self.registry, self.limits) if text else self.signed_in(request)

    def signed_in(self, request: Request) -> Principal:
        """The person before the browser, by their session: no program.

        Raises:
            SignedOutError: nobody is signed in. TooManyError: too many requests.
        """
        secret = self.secret(request)
        if not secret:
            self.limits.stranger(came_from(request))
            raise SignedOutError("session", "is missing", "Sign in.")
        try:
            found = sign_in.who(self.registry, secret)
        except SignedOutError:
            self.limits.stranger(came_from(request))
            raise
        self.limits.session(secret)
        return found

    def secret(self, request: Request) -> str:
        """What the browser holds; empty where it holds nothing."""
        return request.cookies.get(self.address.cookie, "")

    def enter(self, request: Request, code: str, password: str) -> Person:
        """Check a password; counted, slow, and saying nothing of why it is wrong.

        Raises:
            SignedOutError: no. TooManyError: not now.
        """
        address = came_from(request)
        self.limits.before_attempt(code, address)
        person = accounts.proven(self.registry, code, password)
        if person is None:
            self.limits.failed(address)
            log.warning("sign-in refused, from %s", address)
            raise SignedOutError(
                "code or password", "is not right", "Check both; an administrator can give a new link."
            )
        self.limits.succeeded(code)
        return person

    def prove(self, request: Request, principal: Principal, password: str) -> None:
        """Check the password of somebody who is signed in.

        Raises:
            SignedOutError: it is not right. TooManyError: not now.
        """
        self.enter(request, principal.code, password)

    def let_in(self, request: Request, person: Person, response: Response) -> Response:
        """Begin a session under a new secret, in place of whatever the browser held."""
        self.address.give(response, sign_in.begin(self.registry, person, instead_of=self.secret(request)))
        log.info("signed in: person %s", person.id)
        return response
