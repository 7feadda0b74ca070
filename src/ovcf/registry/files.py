"""The file store: each file once, named by the SHA-256 of its content, encrypted where a key is given."""

from __future__ import annotations

import hashlib
import os
import secrets
import time
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from ovcf.errors import RegistryError

if TYPE_CHECKING:
    from collections.abc import Iterator

_NONCE = 12
_SEALED = ".sealed"


@dataclass(frozen=True, slots=True)
class FileStore:
    """A folder of files by content. ``key`` (32 bytes) seals what is written from now on; reading tells by the name."""

    folder: Path
    key: bytes | None = None

    def put(self, content: bytes) -> str:
        """Keep a content, on the disk before this returns; its SHA-256."""
        digest = hashlib.sha256(content).hexdigest()
        path = self._path(digest, sealed=self.key is not None)
        if path.is_file():
            return digest
        self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)  # else it were made as a mere parent, for all
        path.parent.mkdir(mode=0o700, exist_ok=True)
        part = path.with_name(f"{path.name}.{secrets.token_hex(8)}.part")
        with os.fdopen(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
            file.write(self._sealed(content, digest))
            file.flush()
            os.fsync(file.fileno())
        part.replace(path)
        _sync(path.parent)
        return digest

    def get(self, digest: str) -> bytes:
        """The content of a file.

        Raises:
            RegistryError: it is not here, the key is missing or another one, or it was changed.
        """
        for sealed in (False, True):
            path = self._path(digest, sealed=sealed)
            if path.is_file():
                content = self._opened(path.read_bytes(), digest) if sealed else path.read_bytes()
                if hashlib.sha256(content).hexdigest() != digest:
                    raise RegistryError(f"file {digest[:12]}", "was changed on the disk", "Restore it from a backup.")
                return content
        raise RegistryError(f"file {digest[:12]}", "is not in the file store", "Restore it from a backup.")

    def as_it_lies(self, digest: str) -> tuple[str, bytes]:
        """What a file is called in its folder, and its bytes there: sealed ones are not opened.

        Raises:
            RegistryError: as :meth:`get`, which is asked first.
        """
        self.get(digest)
        path = next(p for s in (False, True) if (p := self._path(digest, sealed=s)).is_file())
        return path.name, path.read_bytes()

    def take(self, name: str, content: bytes) -> None:
        """Keep a file that lay in another store, by what it was called there.

        Raises:
            RegistryError: it was changed, or is sealed and the key is missing or another one.
        """
        self.put(self.opened(name, content))

    def opened(self, name: str, content: bytes) -> bytes:
        """What a file of another store holds, by what it is called there; nothing is kept.

        Raises:
            RegistryError: it was changed, or is sealed and the key is missing or another one.
        """
        digest = name.removesuffix(_SEALED)
        found = self._opened(content, digest) if name.endswith(_SEALED) else content
        if hashlib.sha256(found).hexdigest() != digest:
            raise RegistryError(f"file {digest[:12]}", "was changed", "Use another backup.")
        return found

    def age_s(self, digest: str) -> float:
        """Seconds since a file was put here; 0 where it is not here."""
        for sealed in (False, True):
            with suppress(FileNotFoundError):
                return time.time() - self._path(digest, sealed=sealed).stat().st_mtime
        return 0.0

    def remove(self, digest: str) -> None:
        """Let a file go, sealed or not."""
        for sealed in (False, True):
            with suppress(FileNotFoundError):
                self._path(digest, sealed=sealed).unlink()

    def drop_unfinished(self, older_than_s: float) -> None:
        """Remove what a machine that stopped left half written."""
        for part in self.folder.glob("??/*.part"):
            with suppress(FileNotFoundError):
                if time.time() - part.stat().st_mtime > older_than_s:
                    part.unlink()

    def __iter__(self) -> Iterator[str]:
        """Every file here."""
        for path in sorted(self.folder.glob("??/*")):
            if path.suffix != ".part":
                yield path.name.removesuffix(_SEALED)

    def __contains__(self, digest: object) -> bool:
        return any(self._path(str(digest), sealed=sealed).is_file() for sealed in (False, True))

    def _path(self, digest: str, *, sealed: bool) -> Path:
        if len(digest) != 64 or not set(digest) <= set("0123456789abcdef"):
            raise RegistryError("file", f"{digest[:20]!r} is no SHA-256", "Check where it comes from.")
        return self.folder / digest[:2] / (f"{digest}{_SEALED}" if sealed else digest)

    def _sealed(self, content: bytes, digest: str) -> bytes:
        if self.key is None:
            return content
        from cryptography.hazmat.primitives.ciphers.aead import AESGCM

        nonce = secrets.token_bytes(_NONCE)
        return nonce + AESGCM(self.key).encrypt(nonce, content, digest.encode())

    def _opened(self, sealed: bytes, digest: str) -> bytes:
        from cryptography.exceptions import InvalidTag
        from cryptography.hazmat.primitives.ciphers.aead import AESGCM

        if self.key is None:
            raise RegistryError(f"file {digest[:12]}", "is encrypted, and no key is given", "Name the key file.")
        try:
            return AESGCM(self.key).decrypt(sealed[:_NONCE], sealed[_NONCE:], digest.encode())
        except InvalidTag:
            raise RegistryError(
                f"file {digest[:12]}", "was changed, or was encrypted with another key", "Check the key file."
            ) from None


def _sync(folder: Path) -> None:
    """The name of a new file on the disk too, where the system can."""
    with suppress(OSError, AttributeError):
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
