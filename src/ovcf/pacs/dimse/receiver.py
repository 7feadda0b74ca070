"""Who takes what archives send: ``python -m ovcf.pacs.dimse.receiver SETTINGS FOLDER``, a process of its own.

It only spools. Success is answered once an instance lies on the disk; an association that breaks leaves nothing. It
prints the port that it listens on, and lives no longer than whoever holds the other end of its standard input.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ovcf.budget import MAX_IMAGE_BYTES
from ovcf.pacs.dimse.entity import IMAGES, PLAIN, SYNTAXES, entity, heard, server_context
from ovcf.pacs.spool.keep import keep
from ovcf.pacs.spool.promises import Promises
from ovcf.pacs.spool.spool import Put, Spool

if TYPE_CHECKING:
    from pydicom import Dataset
    from pynetdicom.events import Event
    from pynetdicom.transport import ThreadedAssociationServer

    from ovcf.pacs.settings import Settings

SUCCESS, DUPLICATE, NO_ROOM, OTHER_CLASS, NOT_UNDERSTOOD = 0x0000, 0x0111, 0xA700, 0xA900, 0xC000
"""Statuses of C-STORE, PS3.4 B.2.3 and PS3.7 Annex C."""
_ANSWERS = {
    Put.KEPT: SUCCESS,
    Put.SAME: SUCCESS,
    Put.OTHER: DUPLICATE,
    Put.MISNAMED: OTHER_CLASS,
    Put.UNREADABLE: NOT_UNDERSTOOD,
}
_NO_SUCH_ACTION, _NO_SUCH_EVENT = 0x0123, 0x0113
_ASK = 1
_KEPT, _KEPT_NOT_ALL = 1, 2


class Receiver:
    """What happens to each message."""

    def __init__(self, spool: Spool) -> None:
        self._spool, self._promises = spool, Promises(spool)

    def store(self, event: Event) -> int:
        """C-STORE."""
        try:
            data: bytes = event.encoded_dataset()
            if len(data) > MAX_IMAGE_BYTES:
                return NO_ROOM
            request: Any = event.request
            named = str(request.AffectedSOPClassUID), str(request.AffectedSOPInstanceUID)
            return _ANSWERS[keep(self._spool, data, sender=_sender(event), named=named)]
        except OSError:
            return NO_ROOM

    def asked_to_keep(self, event: Event) -> tuple[int, None]:
        """N-ACTION of storage commitment: noted, and answered in an association of its own."""
        if event.action_type != _ASK:
            return _NO_SUCH_ACTION, None
        try:
            asked = event.action_information
            items = asked.ReferencedSOPSequence
            named = [(str(i.ReferencedSOPClassUID), str(i.ReferencedSOPInstanceUID)) for i in items]
            self._promises.ask(str(asked.TransactionUID), _sender(event), named)
        except Exception:  # as above
            return NOT_UNDERSTOOD, None
        return SUCCESS, None

    def promised(self, event: Event) -> tuple[int, None]:
        """N-EVENT-REPORT of storage commitment: what an archive says of what we sent."""
        if event.event_type not in (_KEPT, _KEPT_NOT_ALL):
            return _NO_SUCH_EVENT, None
        try:
            note_promise(self._promises, event.event_information)
        except Exception:  # as above
            return NOT_UNDERSTOOD, None
        return SUCCESS, None


def note_promise(promises: Promises, said: Dataset) -> None:
    """Note what an archive says of what we sent."""
    kept = [str(i.ReferencedSOPInstanceUID) for i in said.get("ReferencedSOPSequence", ())]
    failed = [str(i.ReferencedSOPInstanceUID) for i in said.get("FailedSOPSequence", ())]
    promises.promise(str(said.TransactionUID), kept, failed)


def start(settings: Settings, spool: Spool) -> ThreadedAssociationServer:
    """Listen, in threads of this process.

    Raises:
        OSError: the port is taken.
    """
    from pynetdicom import evt

    from ovcf.pacs.dimse.services import StorageCommitmentPushModel, Verification

    receiver, here = Receiver(spool), settings.here
    ae = entity(here)
    ae.require_called_aet = True
    ae.require_calling_aet = heard(settings)
    ae.add_supported_context(Verification, PLAIN)
    ae.add_supported_context(StorageCommitmentPushModel, PLAIN, scu_role=True, scp_role=True)
    for sop_class in IMAGES:
        ae.add_supported_context(sop_class, SYNTAXES)
    found = ae.start_server(
        (here.listen, here.port),
        block=False,
        ssl_context=None if here.tls is None else server_context(here.tls),
        evt_handlers=[
            (evt.EVT_C_STORE, receiver.store),
            (evt.EVT_N_ACTION, receiver.asked_to_keep),
            (evt.EVT_N_EVENT_REPORT, receiver.promised),
        ],
    )
    assert found is not None
    return found


def _sender(event: Any) -> str:
    return str(event.assoc.requestor.ae_title).strip()


def main(settings: Path, folder: Path) -> None:
    """Listen until standard input closes."""
    from ovcf.pacs.place import spool_of
    from ovcf.pacs.settings import Settings

    server = start(Settings.read(settings), spool_of(folder))
    sys.stdout.write(f"{server.server_address[1]}\n")
    sys.stdout.flush()
    while os.read(sys.stdin.fileno(), 64):
        pass
    server.shutdown()
    os._exit(0)  # associations that hang must not keep the port


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
