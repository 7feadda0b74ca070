"""The settings of an OpenID provider, from a TOML file."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from ovcf.errors import MissingFileError, RegistryError
from ovcf.registry.people.providers import Newcomers
from ovcf.registry.words import Role
from ovcf.server.people.address import Address

if TYPE_CHECKING:
    from pathlib import Path

_KEYS = {"issuer", "client_id", "secret_file", "name", "person", "scopes", "newcomers"}
_REMEDY = "See docs/how-to/accounts.md for an example."


@dataclass(frozen=True, slots=True)
class ProviderSettings:
    """One provider. ``person`` is the claim that holds a person's code; ``needed`` what a newcomer's token must say."""

    issuer: str
    client_id: str
    secret: str = ""
    name: str = "your organisation"
    person: str = "preferred_username"
    scopes: str = "openid profile"
    newcomers: Newcomers | None = None
    needed: tuple[str, str] | None = None

    @classmethod
    def read(cls, path: Path) -> ProviderSettings:
        """Settings from a file.

        Raises:
            MissingFileError, RegistryError: there is none, or it cannot be used; what is wrong is said.
        """
        try:
            found = tomllib.loads(path.read_text(encoding="utf-8"))
        except FileNotFoundError:
            raise MissingFileError(path, "is not there", _REMEDY) from None
        except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
            raise RegistryError(path, f"is no TOML ({error})", _REMEDY) from None
        try:
            return cls._made(found, path)
        except (KeyError, TypeError, ValueError) as error:
            raise RegistryError(path, f"lacks or misstates {error}", _REMEDY) from None

    @classmethod
    def _made(cls, found: dict[str, Any], path: Path) -> ProviderSettings:
        if strange := set(found) - _KEYS:
            raise RegistryError(path, f"has unknown entries: {', '.join(sorted(strange))}", _REMEDY)
        issuer = str(found["issuer"])
        parts = issuer.split("/", 3)
        Address.parse("/".join(parts[:3]))  # https, or this machine
        secret = ""
        if "secret_file" in found:
            secret = (path.parent / str(found["secret_file"])).read_text(encoding="utf-8").strip()
        new = found.get("newcomers")
        newcomers = None if new is None else Newcomers(str(new["site"]), Role(new.get("role", Role.READER)))
        needed = (str(new["claim"]), str(new["value"])) if new and "claim" in new else None
        plain = {key: str(found[key]) for key in ("name", "person", "scopes") if key in found}
        return cls(issuer, str(found["client_id"]), secret, newcomers=newcomers, needed=needed, **plain)
