"""What is asked of an archive by DIMSE: C-ECHO, C-FIND, C-MOVE, C-GET, and storage commitment of what it was sent."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from ovcf.errors import NoWayFromPacsError, PacsError
from ovcf.pacs.archive_query import RETURNED, FoundStudy
from ovcf.pacs.dimse.entity import IMAGES, NO_IMAGES, PLAIN, SYNTAXES, association

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from pydicom import Dataset
    from pynetdicom.association import Association

    from ovcf.pacs.archive_query import Query
    from ovcf.pacs.settings import Peer, Settings

_PENDING = (0xFF00, 0xFF01)
_MOVE_TO_UNKNOWN = 0xA801
COMMITMENT_INSTANCE = "1.2.840.10008.1.20.1.1"
"""The well-known instance of the Storage Commitment Push Model."""


def echo(settings: Settings, name: str, peer: Peer) -> None:
    """Ask whether an archive is there.

    Raises:
        PacsError: it is not, or says no.
    """
    from pynetdicom import build_context

    from ovcf.pacs.dimse.services import Verification

    with association(settings, name, peer, [build_context(Verification, PLAIN)]) as found:
        status = found.send_c_echo()
    if status.get("Status") != 0:
        raise _failed(name, "C-ECHO", status)


def find(settings: Settings, name: str, peer: Peer, query: Query, *, most: int = 1000) -> list[FoundStudy]:
    """The studies that an archive has, as it orders them; so many at most.

    Raises:
        PacsError: it cannot be asked, or says no.
    """
    from pydicom import Dataset
    from pynetdicom import build_context

    from ovcf.pacs.dimse.services import StudyRootQueryRetrieveInformationModelFind as Find

    asked = Dataset()
    asked.QueryRetrieveLevel, asked.StudyInstanceUID = "STUDY", ""
    for keyword in RETURNED:
        setattr(asked, keyword, "")
    for keyword, value in query.keys().items():
        setattr(asked, keyword, value)
    asked.SpecificCharacterSet = "ISO_IR 192"
    found: list[FoundStudy] = []
    with association(settings, name, peer, [build_context(Find, PLAIN)]) as there:
        for status, ds in there.send_c_find(asked, Find, msg_id=1):
            code = status.get("Status")
            if code in _PENDING and ds is not None:
                found.append(FoundStudy.of(ds))
                if len(found) >= most:
                    there.send_c_cancel(1, query_model=Find)
                    break
            elif code != 0:
                raise _failed(name, "C-FIND", status)
    return found


def images_of(settings: Settings, name: str, peer: Peer, study_uid: str) -> dict[str, str]:
    """The instances of a study by SOP instance UID, each with its class (C-FIND by series, then by image).

    An archive need not tell the class: then the modality of the series tells images from the rest, and it is empty.

    Raises:
        PacsError: it cannot be asked, or says no.
    """
    from pynetdicom import build_context

    from ovcf.pacs.dimse.services import StudyRootQueryRetrieveInformationModelFind as Find

    with association(settings, name, peer, [build_context(Find, PLAIN)]) as there:
        every: dict[str, str] = {}
        for series in _rows(there, name, study_uid, "SERIES", SeriesInstanceUID="", Modality=""):
            uid = str(series.SeriesInstanceUID)
            if str(series.get("Modality") or "") in NO_IMAGES:
                continue
            for one in _rows(there, name, study_uid, "IMAGE", SeriesInstanceUID=uid, SOPInstanceUID="", SOPClassUID=""):
                every[str(one.SOPInstanceUID)] = str(one.get("SOPClassUID") or "")
    return every


def _rows(there: Association, name: str, study_uid: str, level: str, **keys: str) -> list[Dataset]:
    """What a C-FIND at a level of a study answers."""
    from ovcf.pacs.dimse.services import StudyRootQueryRetrieveInformationModelFind as Find

    found = []
    for status, ds in there.send_c_find(_study(study_uid, level, **keys), Find):
        if status.get("Status") in _PENDING and ds is not None:
            found.append(ds)
        elif status.get("Status") != 0:
            raise _failed(name, "C-FIND", status)
    return found


def _asked_for(settings: Settings, name: str, peer: Peer, study_uid: str) -> list[Dataset]:
    """What to ask for, so that the images of a study come: all of it, or where it has series of another kind, too, each
    series of images. Some archives (Orthanc 1.10) send nothing more once an object was met that the other side does not
    take, such as a report."""
    from pynetdicom import build_context

    from ovcf.pacs.dimse.services import StudyRootQueryRetrieveInformationModelFind as Find

    with association(settings, name, peer, [build_context(Find, PLAIN)]) as there:
        rows = _rows(there, name, study_uid, "SERIES", SeriesInstanceUID="", Modality="")
    images = [row for row in rows if str(row.get("Modality") or "") not in NO_IMAGES]
    if not images or len(images) == len(rows):
        return [_study(study_uid)]
    return [_study(study_uid, "SERIES", SeriesInstanceUID=str(row.SeriesInstanceUID)) for row in images]


class Retrieved(NamedTuple):
    """How many objects of a study came, and how many did not: the other side takes no such thing, or it broke."""

    came: int
    failed: int


def move(settings: Settings, name: str, peer: Peer, study_uid: str, *, to: str, patience_s: float = 600.0) -> Retrieved:
    """Have an archive send the images of a study to an AE title that it knows; what it says to have sent.

    Many answer nothing until all is sent: ``patience_s`` is how long that may take.

    Raises:
        PacsError: it cannot be asked, does not know the title, or sent nothing.
    """
    from pynetdicom import build_context

    from ovcf.pacs.dimse.services import StudyRootQueryRetrieveInformationModelMove as Move

    asked = _asked_for(settings, name, peer, study_uid)
    with association(settings, name, peer, [build_context(Move, PLAIN)], patience_s=patience_s) as there:
        return _retrieved(name, "C-MOVE", (there.send_c_move(one, to, Move) for one in asked), to)


def get(settings: Settings, name: str, peer: Peer, study_uid: str, keep: Callable[[str, bytes], None]) -> Retrieved:
    """Fetch the images of a study in the same association; ``keep`` gets each SOP instance UID and file.

    Raises:
        PacsError: it cannot be asked, does not speak C-GET, or sent nothing.
    """
    from pynetdicom import build_context, build_role, evt

    from ovcf.pacs.dimse.services import StudyRootQueryRetrieveInformationModelGet as Get

    came: set[str] = set()

    def store(event: Any) -> int:
        uid = str(event.request.AffectedSOPInstanceUID)
        keep(uid, event.encoded_dataset())
        came.add(uid)
        return 0

    asked = _asked_for(settings, name, peer, study_uid)
    contexts = [build_context(Get, PLAIN), *(build_context(uid, SYNTAXES[:2]) for uid in IMAGES)]
    roles = [build_role(uid, scp_role=True) for uid in IMAGES]
    with association(settings, name, peer, contexts, roles=roles, handlers=[(evt.EVT_C_STORE, store)]) as there:
        said = _retrieved(name, "C-GET", (there.send_c_get(one, Get) for one in asked), "")
    return Retrieved(len(came), said.failed)


def ask_to_keep(there: Association, transaction_uid: str, instances: Sequence[tuple[str, str]]) -> bool:
    """Ask an archive to say that it keeps (class, instance) pairs; whether it will look. It answers later."""
    from pydicom import Dataset

    from ovcf.pacs.dimse.services import StorageCommitmentPushModel

    asked = Dataset()
    asked.TransactionUID, asked.ReferencedSOPSequence = transaction_uid, named_items(instances)
    status, _ = there.send_n_action(asked, 1, StorageCommitmentPushModel, COMMITMENT_INSTANCE)
    return bool(status.get("Status") == 0)


def named_items(instances: Sequence[tuple[str, str]]) -> list[Any]:
    """(class, instance) pairs as items of a sequence."""
    from pydicom import Dataset

    items = []
    for sop_class, sop_uid in instances:
        item = Dataset()
        item.ReferencedSOPClassUID, item.ReferencedSOPInstanceUID = sop_class, sop_uid
        items.append(item)
    return items


def _study(study_uid: str, level: str = "STUDY", **keys: str) -> Dataset:
    from pydicom import Dataset

    asked = Dataset()
    asked.QueryRetrieveLevel, asked.StudyInstanceUID = level, study_uid
    for keyword, value in keys.items():
        setattr(asked, keyword, value)
    return asked


def _retrieved(name: str, what: str, requests: Iterable[Iterator[Any]], to: str) -> Retrieved:
    """What came by several requests, together."""
    every = [_one_retrieved(name, what, answers, to) for answers in requests]
    return Retrieved(sum(one.came for one in every), sum(one.failed for one in every))


def _one_retrieved(name: str, what: str, answers: Iterator[Any], to: str) -> Retrieved:
    status, done, failed = None, 0, 0
    for status, _ in answers:
        done = int(status.get("NumberOfCompletedSuboperations") or done)
        failed = int(status.get("NumberOfFailedSuboperations") or failed)
    code = None if status is None else status.get("Status")
    if code == _MOVE_TO_UNKNOWN:
        raise NoWayFromPacsError(name, f"does not know the AE title {to}", "Add it to the settings of the archive.")
    if code != 0 and not done:
        raise _failed(name, what, status)
    return Retrieved(done, failed)


def _failed(name: str, what: str, status: Any) -> PacsError:
    code = None if status is None else status.get("Status")
    if code is None:
        return PacsError(name, f"ended the association instead of answering {what}", "Look at its log.")
    comment = str(status.get("ErrorComment") or "")
    return PacsError(
        name, f"answered {what} with status 0x{code:04X}{f' ({comment})' if comment else ''}", "Look at its log."
    )
