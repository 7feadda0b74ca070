"""Studies of a picture archive: found by a query, named ``pacs://PEER/STUDY`` in a manifest, fetched one by one.

The settings are those of ``ovcf pacs`` (docs/how-to/pacs.md), in the file that ``OVCF_PACS`` names, else ``pacs.toml``.
How a peer is asked is said there: DICOMweb, C-FIND with C-GET, or C-MOVE. Only images are fetched: reports and
segmentations that lie beside them, perhaps our own, are none.
"""

from __future__ import annotations

import os
import time
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar
from urllib.parse import quote, unquote

from ovcf.batch.sources.study_source import StudySource
from ovcf.errors import MissingFileError, NoWayFromPacsError, PacsError

if TYPE_CHECKING:
    from collections.abc import Callable

    from ovcf.pacs.archive_query import Query
    from ovcf.pacs.settings import Peer, Settings

T = TypeVar("T")
SCHEME = "pacs"
SETTINGS, USUAL = "OVCF_PACS", "pacs.toml"
_WAITS_S = (2.0, 10.0)
"""So long it waits before it asks again an archive that does not answer."""


def studies_of(peer: str | None, query: Query) -> tuple[StudySource, ...]:
    """The studies that fit a query, oldest first; each is called by its StudyInstanceUID.

    Raises:
        MissingFileError, PacsError: no settings, no such peer, it cannot be asked, or nothing fits.
    """
    settings = _settings()
    from ovcf.pacs.fetch import find

    name, there = settings.peer(peer)
    found = find(settings, name, there, query)
    if not found:
        raise MissingFileError(name, "has no such study", "Ask it with `ovcf pacs find` first.")
    return tuple(
        StudySource(
            study=one.study_uid, paths=(f"{SCHEME}://{quote(name, safe='')}/{one.study_uid}",), patient=one.patient_id
        )
        for one in sorted({one.study_uid: one for one in found}.values(), key=lambda one: (one.date, one.study_uid))
    )


def fetch(address: str, folder: Path) -> Path:
    """Bring the images of a study into a folder, one file each.

    Raises:
        MissingFileError: the archive has no images of it, or gave not all of them. PacsError: it does not answer.
    """
    settings, name, peer, study = _named(address)
    from ovcf.pacs.fetch import get, images_of

    def bring() -> None:
        wanted = images_of(settings, name, peer, study)
        if not wanted:
            raise MissingFileError(address, "holds no images", "Check it in the archive.")

        def keep(uid: str, data: bytes) -> None:
            if uid in wanted:
                (folder / f"{uid}.dcm").write_bytes(data)

        get(settings, name, peer, study, keep, wanted=wanted)
        # Part of a study could hide a fracture: it is all of it or nothing.
        if lost := len(wanted) - sum(1 for _ in folder.iterdir()):
            raise MissingFileError(address, f"came without {lost} of {len(wanted)} images", "Run the batch again.")

    _asked(settings, name, peer, address, bring)
    return folder


def listed(address: str) -> list[str]:
    """What of a study the archive holds: the SOP instance UIDs of its images.

    Raises:
        MissingFileError: it does not know the study. PacsError: it does not answer.
    """
    settings, name, peer, study = _named(address)
    from ovcf.pacs.fetch import images_of

    return _asked(settings, name, peer, address, lambda: sorted(images_of(settings, name, peer, study)))


def _asked(settings: Settings, name: str, peer: Peer, address: str, question: Callable[[], T]) -> T:
    """Ask an archive for something of one study, some times. One that answers, but not this, lacks the study. One that
    does not answer at all, or can send nothing to us, ends the batch: else all studies left would be called missing."""
    for wait in (*_WAITS_S, None):
        try:
            return question()
        except NoWayFromPacsError:
            raise
        except PacsError as error:
            try:
                _echo(settings, name, peer)
            except PacsError:
                if wait is None:
                    raise
            else:
                raise MissingFileError(address, f"was not given by {name}: {error.problem}", "Look there.") from error
        time.sleep(wait)
    raise AssertionError


def _echo(settings: Settings, name: str, peer: Peer) -> None:
    from ovcf.pacs.archive_query import Query
    from ovcf.pacs.dimse import ask
    from ovcf.pacs.web import client as web

    if peer.url:
        web.find(name, peer, Query(patient_id="ovcf-nobody"), most=1)
    else:
        ask.echo(settings, name, peer)


@lru_cache(maxsize=4)
def _read(path: Path) -> Settings:
    from ovcf.pacs.settings import Settings

    return Settings.read(path)


def _settings() -> Settings:
    from ovcf.pacs.extra import need_pacs

    need_pacs()
    return _read(Path(os.environ.get(SETTINGS) or USUAL).absolute())


def _named(address: str) -> tuple[Settings, str, Peer, str]:
    peer, _, study = address.removeprefix(f"{SCHEME}://").partition("/")
    if not study:
        raise MissingFileError(address, "names no study", f"Write {SCHEME}://PEER/STUDY.")
    settings = _settings()
    return settings, *settings.peer(unquote(peer)), study
