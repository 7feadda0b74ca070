"""The people of a service: who a request comes from, and the routes by which they come and go."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ovcf.server.people.routes import routes
from ovcf.server.people.signing_in import SignIn

if TYPE_CHECKING:
    from fastapi import APIRouter


class People(SignIn):
    """People with accounts: they sign in and out by the routes of this service."""

    accounts = True

    def routes(self) -> APIRouter:
        """The doors by which one comes in and goes out."""
        return routes(self)
