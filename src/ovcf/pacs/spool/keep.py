"""An instance that came, by whichever way, into the spool."""

from __future__ import annotations

from io import BytesIO
from typing import TYPE_CHECKING

from ovcf.pacs.spool.content_digest import content_digest
from ovcf.pacs.spool.spool import Put

if TYPE_CHECKING:
    from ovcf.pacs.spool.spool import Spool


def keep(spool: Spool, data: bytes, *, sender: str, named: tuple[str, str] | None = None) -> Put:
    """Keep a DICOM file. ``named`` is (class, instance) as it was announced.

    Raises:
        OSError: the disk does not take it.
    """
    from pydicom import dcmread

    try:
        ds = dcmread(BytesIO(data))
        told = str(ds.SOPClassUID), str(ds.SOPInstanceUID)
        study, content = str(ds.StudyInstanceUID), content_digest(ds)
    except Exception:  # whatever is wrong with it: pydicom raises many kinds
        return Put.UNREADABLE
    if named is not None and told != named:
        return Put.MISNAMED
    if not study:
        return Put.UNREADABLE
    return spool.put(data, sop_class=told[0], sop_uid=told[1], study_uid=study, content=content, sender=sender)
