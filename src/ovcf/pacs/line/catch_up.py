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
from ovcf.pacs.dimse.entity import IMAGES
from ovcf.pacs.spool.keep import keep
from ovcf.pacs.spool.spool import Put
from ovcf.pacs.web import client as web
from ovcf.registry.access import within
from ovcf.registry.tables import ReceivedInstance

if TYPE_CHECKING:
    from ovcf.pacs.line.line import Line


def catch_up(line: Line) -> int:
    """Look at every archive that is named for it; how many images were fetched."""
    asked, fetched = line.settings.catch_up, 0
    today = datetime.now(UTC).date()
    since = today - timedelta(days=asked.days)
    for name in asked.peers:
        peer = line.settings.peers[name]
        try:
            studies = {
                study.study_uid
                for modality in asked.modalities
                for study in web.find(name, peer, Query(date=f"{since:%Y%m%d}-", modality=modality))
            }
            for study_uid in sorted(studies):
                for sop_uid in _missing(line, web.images_of(name, peer, study_uid)):
                    data = web.get_one(name, peer, study_uid, sop_uid)
                    fetched += keep(line.spool, data, sender=peer.ae_title or name) is Put.KEPT
        except PacsError as error:
            line.tell(f"{error.where}: {error.problem}; it is asked again for what did not come")
    if fetched:
        line.tell(f"{fetched} images that had not come were fetched")
    return fetched


def _missing(line: Line, images: dict[str, str]) -> list[str]:
    """Those of an archive's images that neither the spool nor the registry knows."""
    wanted = [uid for uid, sop_class in images.items() if sop_class in IMAGES and not line.spool.knows(uid)]
    with line.registry.reading() as session:
        asked = select(ReceivedInstance.sop_uid).where(ReceivedInstance.sop_uid.in_(wanted))
        known = set(session.scalars(within(asked, line.who, ReceivedInstance)))
    return [uid for uid in wanted if uid not in known]
