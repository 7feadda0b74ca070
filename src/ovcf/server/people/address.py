"""The address under which people reach the service, and the cookies that belong to it."""

from __future__ import annotations

from dataclasses import dataclass
from ipaddress import ip_address
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from ovcf.errors import RegistryError

if TYPE_CHECKING:
    from starlette.responses import Response


@dataclass(frozen=True, slots=True)
class Address:
    """``https://HOST[:PORT]``; plain http only for this machine itself."""

    origin: str

    @classmethod
    def parse(cls, text: str) -> Address:
        """An address as it is given.

        Raises:
            RegistryError: it is none, or passwords would cross a network unencrypted.
        """
        parts = urlsplit(text.strip().rstrip("/"))
        if parts.scheme not in ("http", "https") or not parts.hostname or parts.path or parts.query or parts.username:
            raise RegistryError("address", f"{text!r} is none", "Write https://HOST or https://HOST:PORT, no path.")
        if parts.scheme == "http" and not _this_machine(parts.hostname):
            raise RegistryError(
                "address",
                "is http: passwords would cross the network unencrypted",
                "Put a proxy with https before the service (docs/how-to/accounts.md), and give its https address.",
            )
        usual = f":{443 if parts.scheme == 'https' else 80}"  # browsers leave it out
        return cls(f"{parts.scheme}://{parts.netloc.lower().removesuffix(usual)}")

    @property
    def secure(self) -> bool:
        """Whether browsers come by https."""
        return self.scheme == "https"

    @property
    def scheme(self) -> str:
        """https or http."""
        return urlsplit(self.origin).scheme

    @property
    def host(self) -> str:
        """As the header ``Host`` names it."""
        return urlsplit(self.origin).netloc

    @property
    def cookie(self) -> str:
        """Name of the session's cookie. ``__Host-`` makes the browser refuse one that another host or page set."""
        return "__Host-ovcf" if self.secure else f"ovcf-people-{urlsplit(self.origin).port or 80}"

    def give(self, response: Response, secret: str) -> None:
        """Let the browser hold a session; it sends it to this address only, and no script sees it."""
        response.set_cookie(self.cookie, secret, httponly=True, samesite="strict", secure=self.secure, path="/")

    def take(self, response: Response) -> None:
        """Let the browser forget it."""
        response.delete_cookie(self.cookie, httponly=True, samesite="strict", secure=self.secure, path="/")


def _this_machine(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
