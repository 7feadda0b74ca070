"""Signing in by an OpenID provider: authorization code with PKCE, state and nonce, from the issuer of the settings.

What is needed when the browser comes back travels with it in a sealed cookie that lasts ten minutes.
"""

from __future__ import annotations

import json
import secrets
from hmac import compare_digest
from threading import Lock
from typing import TYPE_CHECKING, Any

from fastapi.responses import RedirectResponse

from ovcf.errors import RegistryError
from ovcf.registry.people.providers import person_meant
from ovcf.server.people.address import Address

if TYPE_CHECKING:
    from authlib.integrations.httpx_client import OAuth2Client
    from fastapi import Request
    from starlette.responses import Response

    from ovcf.registry.store import Registry
    from ovcf.registry.tables import Person
    from ovcf.server.people.oidc_settings import ProviderSettings

BACK = "/sign-in/provider/back"
_ALGORITHMS = ["RS256", "PS256", "ES256", "ES384", "EdDSA", "Ed25519"]
"""Of signatures by a key of the provider; none and those by a shared secret are not taken."""
_WAY_SECONDS = 600
_TIMEOUT_S = 10.0
_LEEWAY_S = 60


class Provider:
    """A provider by its settings; what it says of itself is fetched when somebody first goes there."""

    def __init__(self, settings: ProviderSettings) -> None:
        from cryptography.fernet import Fernet

        self.settings = settings
        self._seal = Fernet(Fernet.generate_key())
        self._said: dict[str, Any] = {}
        self._fetching = Lock()

    def away(self, address: Address) -> Response:
        """Send the browser to the provider.

        Raises:
            RegistryError: the provider cannot be reached, or is not the one it should be.
        """
        way = {name: secrets.token_urlsafe(32) for name in ("state", "nonce", "verifier")}
        with self._client(address) as client:
            url, _ = client.create_authorization_url(
                self._metadata()["authorization_endpoint"],
                state=way["state"],
                nonce=way["nonce"],
                code_verifier=way["verifier"],
            )
        response = RedirectResponse(url, status_code=303)
        sealed = self._seal.encrypt(json.dumps(way).encode()).decode()
        # Lax: it must come along when the provider sends the browser back.
        response.set_cookie(
            _cookie(address),
            sealed,
            max_age=_WAY_SECONDS,
            httponly=True,
            samesite="lax",
            secure=address.secure,
            path="/",
        )
        return response

    def back(self, request: Request, address: Address, registry: Registry) -> Person:
        """The person whom the provider sends back.

        Raises:
            RegistryError: whatever is not as it must be; the way is void then.
        """
        way = self._way(request.cookies.get(_cookie(address), ""))
        given = request.query_params
        if not compare_digest(given.get("state", "").encode(), way["state"].encode()) or "code" not in given:
            raise _refused("does not answer what was asked")
        if given.get("iss", self.settings.issuer) != self.settings.issuer:  # RFC 9207
            raise _refused("is of another issuer")
        claims = self._claims(given["code"], way, address)
        code = claims.get(self.settings.person)
        if not isinstance(code, str) or not code:
            raise _refused(f"does not say {self.settings.person}")
        if self.settings.person == "email" and claims.get("email_verified") is not True:
            raise _refused("does not vouch for the email address")
        return person_meant(
            registry,
            self.settings.issuer,
            str(claims["sub"]),
            code=code,
            name=str(claims.get("name", "")),
            newcomers=self.settings.newcomers if self._may_come(claims) else None,
        )

    def forget(self, response: Response, address: Address) -> None:
        """A way is gone once, whatever came of it."""
        response.delete_cookie(_cookie(address), httponly=True, samesite="lax", secure=address.secure, path="/")

    def _way(self, sealed: str) -> dict[str, str]:
        from cryptography.fernet import InvalidToken

        try:
            way: dict[str, str] = json.loads(self._seal.decrypt(sealed.encode(), ttl=_WAY_SECONDS))
        except (InvalidToken, UnicodeEncodeError):
            raise _refused("was not begun here, or too long ago") from None
        return way

    def _claims(self, code: str, way: dict[str, str], address: Address) -> dict[str, Any]:
        """What the signed token says, checked: signature, issuer, audience, times, nonce."""
        from authlib.integrations.base_client.errors import OAuthError
        from authlib.oidc.core import CodeIDToken
        from httpx2 import HTTPError
        from joserfc import jwt
        from joserfc.errors import JoseError
        from joserfc.jwk import KeySet

        said = self._metadata()
        must = {
            "iss": {"essential": True, "value": self.settings.issuer},
            "aud": {"essential": True, "value": self.settings.client_id},
            "nonce": {"essential": True, "value": way["nonce"]},
        }
        try:
            with self._client(address) as client:
                token = client.fetch_token(said["token_endpoint"], code=code, code_verifier=way["verifier"])
                keys = client.request("GET", said["jwks_uri"], withhold_token=True).raise_for_status().json()
                signed = jwt.decode(token["id_token"], KeySet.import_key_set(keys), algorithms=_ALGORITHMS)
                about = {"nonce": way["nonce"], "client_id": self.settings.client_id}
                if "access_token" in token:
                    about["access_token"] = token["access_token"]
                claims = CodeIDToken(signed.claims, signed.header, must, about)
                claims.validate(leeway=_LEEWAY_S)
                more: dict[str, Any] = {}
                if self.settings.person not in claims and "userinfo_endpoint" in said:
                    more = client.get(said["userinfo_endpoint"]).raise_for_status().json()
        except (JoseError, OAuthError, HTTPError, KeyError, ValueError) as error:
            raise _refused(f"does not hold ({type(error).__name__})") from error
        if more and more.get("sub") != claims["sub"]:  # OpenID Connect Core 5.3.2
            raise _refused("speaks of two people")
        return more | dict(claims)

    def _may_come(self, claims: dict[str, Any]) -> bool:
        if self.settings.needed is None:
            return True
        name, value = self.settings.needed
        said = claims.get(name)
        return value in said if isinstance(said, list) else said == value

    def _metadata(self) -> dict[str, Any]:
        from httpx2 import Client, HTTPError

        with self._fetching:
            if not self._said:
                where = self.settings.issuer.rstrip("/") + "/.well-known/openid-configuration"
                try:
                    with Client(timeout=_TIMEOUT_S) as client:
                        said = client.get(where).raise_for_status().json()
                except (HTTPError, ValueError) as error:
                    raise _refused(f"cannot be asked for ({type(error).__name__})") from error
                if said.get("issuer") != self.settings.issuer:
                    raise _refused("comes from a provider that calls itself another issuer")
                for name in ("authorization_endpoint", "token_endpoint", "jwks_uri"):
                    Address.parse("/".join(str(said.get(name, "")).split("/", 3)[:3]))  # https, or this machine
                self._said = said
        return self._said

    def _client(self, address: Address) -> OAuth2Client:
        from authlib.integrations.httpx_client import OAuth2Client

        return OAuth2Client(
            self.settings.client_id,
            self.settings.secret or None,
            scope=self.settings.scopes,
            redirect_uri=address.origin + BACK,
            code_challenge_method="S256",
            timeout=_TIMEOUT_S,
            token_endpoint_auth_method="client_secret_basic" if self.settings.secret else "none",
        )


def _cookie(address: Address) -> str:
    return f"{address.cookie}-way"


def _refused(why: str) -> RegistryError:
    return RegistryError("the provider's answer", why, "Sign in again; if it stays so, tell an administrator.")
