"""What an archive has, found and fetched in whichever way its settings say: DICOMweb, C-FIND with C-GET, or C-MOVE."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ovcf.pacs.dimse.entity import IMAGES
from ovcf.pacs.settings import GetBy

if TYPE_CHECKING:
    from collections.abc import Callable, Collection

    from ovcf.pacs.archive_query import FoundStudy, Query
    from ovcf.pacs.settings import Peer, Settings


def find(settings: Settings, name: str, peer: Peer, query: Query, *, most: int | None = None) -> list[FoundStudy]:
    """The studies that fit (QIDO-RS where the peer has a url, else C-FIND); so many at most.

    Raises:
        PacsError: it cannot be asked, or says no.
    """
    from ovcf.pacs.dimse import ask
    from ovcf.pacs.web import client as web

    if not peer.url:
        return ask.find(settings, name, peer, query, most=most or _EVERY)
    return web.find_all(name, peer, query) if most is None else web.find(name, peer, query, most=most)


def images_of(settings: Settings, name: str, peer: Peer, study_uid: str) -> frozenset[str]:
    """The SOP instance UIDs of the images of a study that we take; reports and segmentations are none.

    Raises:
        PacsError: it cannot be asked, or says no.
    """
    from ovcf.pacs.dimse import ask
    from ovcf.pacs.web import client as web

    found = web.images_of(name, peer, study_uid) if peer.url else ask.images_of(settings, name, peer, study_uid)
    return frozenset(uid for uid, sop_class in found.items() if sop_class in ("", *IMAGES))


def get(
    settings: Settings,
    name: str,
    peer: Peer,
    study_uid: str,
    keep: Callable[[str, bytes], None],
    *,
    wanted: Collection[str] = (),
    patience_s: float = 600.0,
) -> int:
    """Fetch the objects of a study; ``keep`` gets each SOP instance UID and file. How many were not given.

    ``wanted`` and ``patience_s`` are for C-MOVE (:func:`ovcf.pacs.dimse.arrive.get_by_move`).

    Raises:
        PacsError: it cannot be asked, says no, or sent nothing.
    """
    from ovcf.pacs.dimse import arrive, ask
    from ovcf.pacs.web import client as web

    match peer.fetched_by:
        case GetBy.WADO:
            web.get(name, peer, study_uid, keep)
            return 0
        case GetBy.GET:
            return ask.get(settings, name, peer, study_uid, keep).failed
        case GetBy.MOVE:
            given = arrive.get_by_move(settings, name, peer, study_uid, keep, wanted=wanted, patience_s=patience_s)
            return given.failed


_EVERY = 1_000_000
