"""Objects to an archive by C-STORE, and answers to those who asked whether we keep theirs."""

from __future__ import annotations

from io import BytesIO
from typing import TYPE_CHECKING

from ovcf.errors import PacsError
from ovcf.pacs.archive_query import Answer
from ovcf.pacs.dimse.ask import COMMITMENT_INSTANCE, ask_to_keep, named_items
from ovcf.pacs.dimse.entity import PLAIN, accepted, association

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pydicom import Dataset
    from pydicom.uid import UID
    from pynetdicom.association import Association

    from ovcf.pacs.settings import Peer, Settings
    from ovcf.pacs.spool.promises import Asked

_WARNINGS = (0xB000, 0xB006, 0xB007)
"""Stored, with elements changed or left out."""
_BUSY = (0xA700, 0x0122)
_NO_SUCH_INSTANCE = 0x0112


def store(
    settings: Settings, name: str, peer: Peer, files: Sequence[bytes], *, transaction_uid: str = ""
) -> list[Answer]:
    """Send DICOM files in one association; with a transaction, ask for storage commitment of what was taken.

    Raises:
        PacsError: the archive cannot be reached, or refuses us altogether.
    """
    from pydicom import dcmread
    from pynetdicom import build_context

    from ovcf.pacs.dimse.services import StorageCommitmentPushModel

    read = [dcmread(BytesIO(data)) for data in files]
    wanted: dict[str, set[UID]] = {}
    for ds in read:
        wanted.setdefault(str(ds.SOPClassUID), set()).add(ds.file_meta.TransferSyntaxUID)
    contexts = []
    for sop_class, syntaxes in wanted.items():
        contexts.append(build_context(sop_class, PLAIN))
        contexts += [build_context(sop_class, one) for one in sorted(syntaxes) if one not in PLAIN]
    if transaction_uid:
        contexts.append(build_context(StorageCommitmentPushModel, PLAIN))
    with association(settings, name, peer, contexts) as there:
        answers = [_one(there, ds) for ds in read]
        classes = {str(ds.SOPInstanceUID): str(ds.SOPClassUID) for ds in read}
        taken = [(classes[a.sop_uid], a.sop_uid) for a in answers if a.taken]
        if transaction_uid and taken and there.is_established and accepted(there, StorageCommitmentPushModel):
            ask_to_keep(there, transaction_uid, taken)
    return answers


def _one(there: Association, ds: Dataset) -> Answer:
    uid = str(ds.SOPInstanceUID)
    if not there.is_established:
        return Answer(uid, False, "the association broke")
    if not accepted(there, str(ds.SOPClassUID)):
        return Answer(uid, False, f"does not take {ds.SOPClassUID.name}", again=False)
    try:
        code = there.send_c_store(ds).get("Status")
    except (ValueError, RuntimeError) as error:
        return Answer(uid, False, str(error))
    if code == 0 or code in _WARNINGS:
        return Answer(uid, True)
    if code is None:
        return Answer(uid, False, "the association broke")
    return Answer(uid, False, f"answered with status 0x{code:04X}", again=code in _BUSY or code >> 12 == 0xA)


def ask_whether_kept(
    settings: Settings, name: str, peer: Peer, transaction_uid: str, instances: Sequence[tuple[str, str]]
) -> None:
    """Ask an archive for storage commitment of (class, instance) pairs that it was sent before.

    Raises:
        PacsError: it cannot be reached, or does not promise anything.
    """
    from pynetdicom import build_context

    from ovcf.pacs.dimse.services import StorageCommitmentPushModel

    with association(settings, name, peer, [build_context(StorageCommitmentPushModel, PLAIN)]) as there:
        asked = accepted(there, StorageCommitmentPushModel) and ask_to_keep(there, transaction_uid, instances)
    if not asked:
        raise PacsError(name, "takes no question about storage commitment", "Set commitment = false for it.")


def say_kept(settings: Settings, name: str, peer: Peer, asked: Asked, kept: Sequence[tuple[str, str]]) -> None:
    """Tell who asked which of their instances we keep (N-EVENT-REPORT, in an association of our own).

    Raises:
        PacsError: they cannot be reached, or do not take it.
    """
    from pydicom import Dataset
    from pynetdicom import build_context, build_role

    from ovcf.pacs.dimse.services import StorageCommitmentPushModel

    said = Dataset()
    said.TransactionUID = asked.transaction_uid
    said.ReferencedSOPSequence = named_items(kept)
    if missing := [one for one in asked.instances if one not in set(kept)]:
        said.FailedSOPSequence = named_items(missing)
        for item in said.FailedSOPSequence:
            item.FailureReason = _NO_SUCH_INSTANCE
    role = build_role(StorageCommitmentPushModel, scp_role=True)
    with association(settings, name, peer, [build_context(StorageCommitmentPushModel, PLAIN)], roles=[role]) as there:
        status, _ = there.send_n_event_report(
            said, 2 if missing else 1, StorageCommitmentPushModel, COMMITMENT_INSTANCE
        )
    if status.get("Status") != 0:
        raise PacsError(name, "does not take our answer about storage commitment", "Look at its log.")
