"""The key of a site: its bundles are signed with it (Ed25519), and others know them by its public half."""

from __future__ import annotations

import os
from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import select

from ovcf.errors import StudyError
from ovcf.language.worded import say
from ovcf.registry.tables import SiteKey
from ovcf.text_files import read_text

if TYPE_CHECKING:
    from pathlib import Path

    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
    from sqlalchemy.orm import Session

    from ovcf.registry.store import Writer

_HEAD, _BYTES = "ovcf site key 1", 32


@dataclass(frozen=True, slots=True)
class PublicKey:
    """The public half of a site's key: ``ovcf site key 1 SITE HEX`` in a file."""

    site: str
    hex: str

    def __str__(self) -> str:
        return f"{_HEAD} {self.site} {self.hex}"


def new_key() -> bytes:
    """A new private key as PEM (PKCS 8, not encrypted)."""
    from cryptography.hazmat.primitives import serialization as form
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

    key = Ed25519PrivateKey.generate()
    return key.private_bytes(form.Encoding.PEM, form.PrivateFormat.PKCS8, form.NoEncryption())


def make_key(path: Path, site: str) -> PublicKey:
    """A new private key in a file that only its owner may read; one that is there is never replaced.

    Raises:
        StudyError: there is a file.
    """
    content = new_key()
    try:
        with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
            file.write(content)
    except FileExistsError:
        raise StudyError(path, "is there already", "Bundles that it signed need it: choose another name.") from None
    return public_half(parse_key(content.decode(), path), site)


def read_key(path: Path) -> Ed25519PrivateKey:
    """A private key from its file.

    Raises:
        OvcfError: the file cannot be read, or holds none.
    """
    return parse_key(read_text(path, remedy="Give the file that `ovcf study key` made."), path)


def parse_key(text: str, where: object) -> Ed25519PrivateKey:
    """A private key from PEM.

    Raises:
        StudyError: it is none.
    """
    from cryptography.exceptions import UnsupportedAlgorithm
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
    from cryptography.hazmat.primitives.serialization import load_pem_private_key

    try:
        key = load_pem_private_key(text.encode(), password=None)
    except (ValueError, TypeError, UnsupportedAlgorithm):
        key = None
    if not isinstance(key, Ed25519PrivateKey):
        raise StudyError(where, "is no key of a site", "Give the file that `ovcf study key` made.")
    return key


def public_half(key: Ed25519PrivateKey, site: str) -> PublicKey:
    """What others may know."""
    return PublicKey(site, key.public_key().public_bytes_raw().hex())


def read_public(path: Path) -> PublicKey:
    """A public key from its file.

    Raises:
        OvcfError: the file cannot be read, or holds none.
    """
    return parse_public(read_text(path, remedy="Give the .pub file that the site sent."), path)


def parse_public(text: str, where: object) -> PublicKey:
    """A public key from its line.

    Raises:
        StudyError: it is none.
    """
    head, _, digits = text.strip().rpartition(" ")
    site = head.removeprefix(f"{_HEAD} ")
    if site == head or len(digits) != 2 * _BYTES or not set(digits) <= set("0123456789abcdef"):
        raise StudyError(where, "is no public key of a site", "Give the .pub file that the site sent.")
    return PublicKey(site, digits)


def trust(writer: Writer, key: PublicKey) -> SiteKey:
    """Take bundles that are signed with this key as those of its site; an older key of the site counts no more."""
    return writer.add(SiteKey(site_code=key.site, public_key=key.hex))


def known_key(session: Session, site: str) -> PublicKey:
    """The key that a site's bundles must be signed with.

    Raises:
        StudyError: none is known.
    """
    asked = select(SiteKey).where(SiteKey.site_code == site).order_by(SiteKey.recorded_at.desc()).limit(1)
    found = session.scalars(asked).first()
    if found is None:
        raise StudyError(
            say("site {site}", site=site), "has no key here", "Get its .pub file from the site itself, and trust it."
        )
    return PublicKey(found.site_code, found.public_key)


def signature_holds(key: PublicKey, signature: bytes, content: bytes) -> bool:
    """Whether a content was signed with the private half of a key."""
    from cryptography.exceptions import InvalidSignature
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

    try:
        Ed25519PublicKey.from_public_bytes(bytes.fromhex(key.hex)).verify(signature, content)
    except (InvalidSignature, ValueError):
        return False
    return True
