"""A study that an archive sends by C-MOVE to where it was asked from: many archives give images no other way.

We listen while one study comes, and for nothing else. The archive must know our AE title with the address of this
machine and the port of ``[fetch]``. One study at a time is fetched on a port: who asks meanwhile waits, in this process
or in another one.
"""

from __future__ import annotations

import errno
import threading
import time
from typing import TYPE_CHECKING, Any

from ovcf.budget import MAX_IMAGE_BYTES
from ovcf.errors import NoWayFromPacsError
from ovcf.pacs.dimse import ask
from ovcf.pacs.dimse.entity import IMAGES, SYNTAXES, entity, heard, server_context

if TYPE_CHECKING:
    from collections.abc import Callable, Collection

    from pynetdicom.events import Event
    from pynetdicom.transport import ThreadedAssociationServer

    from ovcf.pacs.settings import Here, Peer, Settings

SUCCESS, NOT_ASKED_FOR, NO_ROOM, NOT_UNDERSTOOD = 0x0000, 0x0124, 0xA700, 0xC000
"""Statuses of C-STORE, PS3.4 B.2.3 and PS3.7 Annex C; 0124H is "refused: not authorized"."""
_ONE_AT_A_TIME = threading.Lock()
_AGAIN_S = 0.25


def get_by_move(
    settings: Settings,
    name: str,
    peer: Peer,
    study_uid: str,
    keep: Callable[[str, bytes], None],
    *,
    wanted: Collection[str] = (),
    patience_s: float = 600.0,
) -> ask.Retrieved:
    """Have an archive send the images of a study here; ``keep`` gets each SOP instance UID and file, one at a time.

    ``wanted`` are the SOP instance UIDs that should come: some archives answer first and send later, and are waited for
    until all are here, or none has come for ``fetch.quiet_s``. ``patience_s`` is how long our port may be in use.

    Raises:
        NoWayFromPacsError: our port stays in use, or the archive does not know our AE title.
        PacsError: the archive cannot be asked, or sent nothing.
        OSError: ``keep`` could not keep something.
    """
    here, until = settings.fetching(), time.monotonic() + patience_s
    if not _ONE_AT_A_TIME.acquire(timeout=patience_s):
        raise _in_use(here)
    try:
        arriving = _Arriving(study_uid, keep)
        server = _listening(settings, here, arriving, until)
        try:
            said = ask.move(settings, name, peer, study_uid, to=here.ae_title, patience_s=settings.fetch.timeout_s)
            arriving.wait_for(frozenset(wanted), settings.fetch.quiet_s)
        finally:
            came = arriving.close()
            server.shutdown()
    finally:
        _ONE_AT_A_TIME.release()
    if arriving.broke is not None:
        raise arriving.broke
    return ask.Retrieved(len(came), said.failed)


class _Arriving:
    """What comes of one study."""

    def __init__(self, study_uid: str, keep: Callable[[str, bytes], None]) -> None:
        self._study, self._keep = study_uid, keep
        self._changed = threading.Condition()
        self._came: set[str] = set()
        self._last, self._closed = 0.0, False
        self.broke: OSError | None = None

    def store(self, event: Event) -> int:
        """C-STORE."""
        request: Any = event.request
        try:
            uid, data, of = str(request.AffectedSOPInstanceUID), event.encoded_dataset(), event.dataset
            told = str(of.get("StudyInstanceUID", "")), str(of.get("SOPInstanceUID", ""))
        except Exception:  # whatever is wrong with it: pydicom raises many kinds
            return NOT_UNDERSTOOD
        if told != (self._study, uid):
            return NOT_ASKED_FOR
        if len(data) > MAX_IMAGE_BYTES:
            return NO_ROOM
        with self._changed:
            if self._closed:
                return NOT_ASKED_FOR
            if uid not in self._came:
                try:
                    self._keep(uid, data)
                except OSError as error:  # of the disk: who asked is told, not the archive alone
                    self.broke = error
                    self._changed.notify_all()
                    return NO_ROOM
                self._came.add(uid)
            self._last = time.monotonic()
            self._changed.notify_all()
        return SUCCESS

    def wait_for(self, wanted: frozenset[str], quiet_s: float) -> None:
        """Until all of them are here, or nothing has come for so long."""
        begun = time.monotonic()
        with self._changed:
            while not wanted <= self._came and self.broke is None:
                left = max(begun, self._last) + quiet_s - time.monotonic()
                if left <= 0:
                    return
                self._changed.wait(left)

    def close(self) -> frozenset[str]:
        """Nothing that comes from now on is kept; what has come."""
        with self._changed:
            self._closed = True
            return frozenset(self._came)


def _listening(settings: Settings, here: Here, arriving: _Arriving, until: float) -> ThreadedAssociationServer:
    from pynetdicom import evt

    while True:
        ae = entity(here)
        ae.require_called_aet = True
        ae.require_calling_aet = heard(settings)
        for sop_class in IMAGES:
            ae.add_supported_context(sop_class, SYNTAXES)
        try:
            found = ae.start_server(
                (here.listen, here.port),
                block=False,
                ssl_context=None if here.tls is None else server_context(here.tls),
                evt_handlers=[(evt.EVT_C_STORE, arriving.store)],
            )
        except OSError as error:
            if error.errno != errno.EADDRINUSE:
                where = f"{here.listen}:{here.port}"
                raise NoWayFromPacsError(
                    where, f"cannot be listened on ({error})", "Correct `listen` of [fetch]."
                ) from None
            if time.monotonic() > until:
                raise _in_use(here) from None
            time.sleep(_AGAIN_S)
            continue
        assert found is not None
        return found


def _in_use(here: Here) -> NoWayFromPacsError:
    return NoWayFromPacsError(
        f"port {here.port}",
        "is in use, so that nothing can come by C-MOVE",
        "Where `ovcf pacs listen` runs, give [fetch] an AE title and a port of its own, and tell them to the archive.",
    )
