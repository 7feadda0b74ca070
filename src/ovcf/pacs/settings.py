"""The settings of everything that speaks with an archive, in one TOML file (docs/how-to/pacs.md)."""

from __future__ import annotations

import tomllib
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, ValidationError, model_validator

from ovcf.errors import MissingFileError, PacsError
from ovcf.registry.words import ResultKind

if TYPE_CHECKING:
    from collections.abc import Mapping

_REMEDY = "See docs/how-to/pacs.md for an example."
AeTitle = Annotated[
    str, StringConstraints(strip_whitespace=True, min_length=1, max_length=16, pattern=r"^[ -\[\]-~]+$")
]
"""Up to 16 printable characters without a backslash (DICOM PS3.5, value representation AE)."""


class SendWhen(StrEnum):
    """Which results go to an archive."""

    NEVER = "never"
    SIGNED = "after signing"
    DRAFTS = "drafts too"


class Patients(StrEnum):
    """Whose study it is."""

    KNOWN = "known"
    """The patient whose hospital number is known; else nobody's, until a person says."""
    ADMIT = "admit"
    """The same, and a new patient where the number is new."""


class By(StrEnum):
    """How results are sent."""

    STORE = "C-STORE"
    STOW = "STOW-RS"


class GetBy(StrEnum):
    """How the images of a study are fetched."""

    WADO = "WADO-RS"
    GET = "C-GET"
    MOVE = "C-MOVE"


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Tls(_Strict):
    """Certificate and key of ours, and who vouches for the other side (PEM files). Without ``authority`` nobody does,
    which is refused."""

    certificate: Path
    key: Path
    authority: Path


class Here(_Strict):
    """Ourselves. ``person`` is the code of who receives studies; ``quiet_s`` seconds without another image make a
    study complete. ``known_only`` answers only peers named here. ``tls`` encrypts both ways."""

    ae_title: AeTitle = "OVCF"
    listen: str = "127.0.0.1"
    port: int = Field(default=11112, ge=0, le=65535)
    person: str | None = None
    quiet_s: float = Field(default=60.0, gt=0, le=86400)
    max_associations: int = Field(default=64, ge=1, le=1000)
    timeout_s: float = Field(default=30.0, gt=0, le=3600)
    known_only: bool = True
    patients: Patients = Patients.KNOWN
    issuer: str = ""
    tls: Tls | None = None


class Fetch(_Strict):
    """To where an archive sends what is fetched from it by C-MOVE: AE title and port of ours that it knows, those of
    ``[here]`` unless given. It may take ``timeout_s`` over a study; what comes after its answer is waited for until
    nothing has come for ``quiet_s``."""

    ae_title: AeTitle | None = None
    listen: str | None = None
    port: int | None = Field(default=None, ge=1, le=65535)
    timeout_s: float = Field(default=600.0, gt=0, le=86400)
    quiet_s: float = Field(default=30.0, gt=0, le=3600)


class Results(_Strict):
    """What is sent back, when, and to which peers. ``organization`` is whose reader verified a report."""

    send: SendWhen = SendWhen.SIGNED
    to: tuple[str, ...] = ()
    objects: tuple[ResultKind, ...] = tuple(ResultKind)
    organization: str = ""
    attempts: int = Field(default=20, ge=1, le=1000)
    first_wait_s: float = Field(default=10.0, gt=0)
    longest_wait_s: float = Field(default=3600.0, gt=0)
    commitment_wait_s: float = Field(default=600.0, gt=0)


class CatchUp(_Strict):
    """Archives that are asked for what did not come: every so many seconds, for studies of so many days. By DICOMweb;
    one without a ``url`` by C-FIND and C-MOVE, for which it must know our AE title."""

    peers: tuple[str, ...] = ()
    days: int = Field(default=3, ge=0, le=3650)
    every_s: float = Field(default=300.0, gt=0)
    modalities: tuple[str, ...] = ("MR", "CR", "DX", "CT")


class Peer(_Strict):
    """An archive: by DIMSE (``ae_title``, ``host``, ``port``), by DICOMweb (``url``), or both.

    ``get_by`` is how studies are fetched from it: WADO-RS where it has a url, else C-GET, unless said. ``commitment``
    asks it to say that it keeps what it was sent. ``password_file`` and ``token_file`` hold a secret.
    """

    ae_title: AeTitle | None = None
    host: str = ""
    port: int = Field(default=0, ge=0, le=65535)
    tls: bool = False
    url: str = ""
    user: str = ""
    password_file: Path | None = None
    token_file: Path | None = None
    by: By = By.STORE
    get_by: GetBy | None = None
    commitment: bool = False

    @model_validator(mode="after")
    def _can_be_reached(self) -> Peer:
        if self.ae_title is not None and not (self.host and self.port):
            raise ValueError("an ae_title needs host and port, too")
        if self.ae_title is None and not self.url:
            raise ValueError("give ae_title, host and port, or url")
        if self.by is By.STOW and not self.url:
            raise ValueError("STOW-RS needs a url")
        if self.by is By.STORE and self.ae_title is None:
            raise ValueError('without an ae_title results can only go by = "STOW-RS"')
        if self.get_by is GetBy.WADO and not self.url:
            raise ValueError('get_by = "WADO-RS" needs a url')
        if self.get_by in (GetBy.GET, GetBy.MOVE) and self.ae_title is None:
            raise ValueError(f'get_by = "{self.get_by}" needs ae_title, host and port')
        if self.commitment and self.by is not By.STORE:
            raise ValueError("storage commitment goes with C-STORE")
        if self.url and not self.url.startswith(("https://", "http://")):
            raise ValueError("url begins with https:// or http://")
        if self.url.startswith("http://") and (self.password_file or self.token_file) and not _local(self.url):
            raise ValueError("a secret is sent over https only")
        return self

    @property
    def fetched_by(self) -> GetBy:
        """How the images of a study are fetched from it."""
        return self.get_by or (GetBy.WADO if self.url else GetBy.GET)


class Settings(_Strict):
    """The whole file."""

    here: Here = Here()
    fetch: Fetch = Fetch()
    results: Results = Results()
    catch_up: CatchUp = CatchUp()
    peers: dict[str, Peer] = Field(default_factory=dict)

    @model_validator(mode="after")
    def _fits(self) -> Settings:
        for where, names in (("results.to", self.results.to), ("catch_up.peers", self.catch_up.peers)):
            for name in names:
                if name not in self.peers:
                    raise ValueError(f"{where} names {name!r}, which is no peer")
        if any(peer.tls for peer in self.peers.values()) and self.here.tls is None:
            raise ValueError("a peer with tls needs [here.tls]")
        return self

    @classmethod
    def read(cls, path: Path) -> Settings:
        """Settings from a file; files that it names are beside it.

        Raises:
            MissingFileError, PacsError: there is none, or it cannot be used; the first wrong entry is named.
        """
        try:
            told = tomllib.loads(path.read_text(encoding="utf-8"))
        except FileNotFoundError:
            raise MissingFileError(path, "is not there", _REMEDY) from None
        except IsADirectoryError:
            raise MissingFileError(path, "is a folder", _REMEDY) from None
        except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
            raise PacsError(path, f"is no TOML ({error})", _REMEDY) from None
        try:
            found = cls.model_validate(told)
        except ValidationError as error:
            first = error.errors()[0]
            where = ".".join(map(str, first["loc"])) or "settings"
            said = "is no entry of these settings" if first["type"] == "extra_forbidden" else str(first["msg"])
            raise PacsError(f"{path}, {where}", said.removeprefix("Value error, "), _REMEDY) from None
        return found._beside(path.parent)

    def peer(self, name: str | None = None) -> tuple[str, Peer]:
        """A peer by name; without one the only one there is.

        Raises:
            PacsError: there is none of that name, or several and no name.
        """
        if name is None and len(self.peers) == 1:
            return next(iter(self.peers.items()))
        if name is None or name not in self.peers:
            known = ", ".join(self.peers) or "none"
            problem = "is not among the peers" if name else "it is not clear which one is meant"
            raise PacsError(name or "peer", problem, f"Name one of: {known}.")
        return name, self.peers[name]

    def fetching(self) -> Here:
        """Ourselves, where what is fetched by C-MOVE comes to."""
        told = {key: value for key in ("ae_title", "listen", "port") if (value := getattr(self.fetch, key)) is not None}
        return self.here.model_copy(update=told)

    def _beside(self, folder: Path) -> Settings:
        """With every file of secrets as a path from here, looked for once."""
        tls = self.here.tls
        if tls is not None:
            files = {key: _there(folder / getattr(tls, key)) for key in ("certificate", "key", "authority")}
            tls = Tls(**files)
        peers: Mapping[str, Peer] = {
            name: peer.model_copy(
                update={
                    key: _there(folder / value)
                    for key in ("password_file", "token_file")
                    if (value := getattr(peer, key)) is not None
                }
            )
            for name, peer in self.peers.items()
        }
        return self.model_copy(update={"here": self.here.model_copy(update={"tls": tls}), "peers": peers})


def _there(path: Path) -> Path:
    if not path.is_file():
        raise MissingFileError(path, "is not there", "Correct the settings, or put it there.")
    return path


def _local(url: str) -> bool:
    from urllib.parse import urlsplit

    return urlsplit(url).hostname in ("localhost", "127.0.0.1", "::1")
