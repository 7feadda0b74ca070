"""What an archive should have sent and did not, while we were away or it was: looked for, and fetched.

Archives forward a study once. If that fails, few of them try again for long. So those that are named are asked now and
then for the studies of the last days, and images that never came are fetched into the spool as if they had.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from sqlalchemy import select

from ovcf.errors import PacsError
from ovcf.pacs.archive_query import Query
from ovcf.pacs.dimse import ask
from ovcf.pacs.fetch import find, images_of
from ovcf.pacs.spool.keep import keep
from ovcf.pacs.spool.spool import Put
from ovcf.pacs.web import client as web
from ovcf.registry.access import within
from ovcf.registry.tables import ReceivedInstance

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from ovcf.pacs.line.line import Line
    from ovcf.pacs.settings import Peer


def catch_up(line: Line) -> int:
    """Look at every archive that is named for it; how many images were fetched.

    One without DICOMweb is asked by C-FIND, and for a study of which images are missing by C-MOVE to our listener.
    """
    asked, fetched = line.settings.catch_up, 0
    today = datetime.now(UTC).date()
    since = today - timedelta(days=asked.days)
    for name in asked.peers:
        peer = line.settings.peers[name]
        try:
            studies = {
                study.study_uid
                for modality in asked.modalities
                for study in find(line.settings, name, peer, Query(date=f"{since:%Y%m%d}-", modality=modality))
            }
            for study_uid in sorted(studies):
                missing = _missing(line, images_of(line.settings, name, peer, study_uid))
                fetched += _fetched(line, name, peer, study_uid, missing)
        except PacsError as error:
            line.tell(f"{error.where}: {error.problem}; it is asked again for what did not come")
    if fetched:
        line.tell(f"{fetched} images that had not come were fetched")
    return fetched


def _fetched(line: Line, name: str, peer: Peer, study_uid: str, missing: Sequence[str]) -> int:
    if not peer.url:
        here = line.settings.here
        return (
            min(len(missing), ask.move(line.settings, name, peer, study_uid, to=here.ae_title).came) if missing else 0
        )
    count = 0
    for sop_uid in missing:
        data = web.get_one(name, peer, study_uid, sop_uid)
        count += keep(line.spool, data, sender=peer.ae_title or name) is Put.KEPT
    return count


def _missing(line: Line, images: Iterable[str]) -> list[str]:
    """Those of an archive's images that neither the spool nor the registry knows."""
    wanted = [uid for uid in sorted(images) if not line.spool.knows(uid)]
    with line.registry.reading() as session:
        asked = select(ReceivedInstance.sop_uid).where(ReceivedInstance.sop_uid.in_(wanted))
        known = set(session.scalars(within(asked, line.who, ReceivedInstance)))
    return [uid for uid in wanted if uid not in known]
