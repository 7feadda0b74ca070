"""Studies that an archive sends by C-MOVE to where they were asked from: many archives give images no other way.

We listen while a study comes, and for nothing else. The archive must know our AE title with the address of this machine
and the port of ``[fetch]``. Several threads of a process may ask at once; another process waits for the port.
"""

from __future__ import annotations

import threading
import time
from typing import TYPE_CHECKING

from ovcf.pacs.dimse import ask
from ovcf.pacs.dimse.port import NO_ROOM, NOT_ASKED_FOR, SUCCESS, port_of

if TYPE_CHECKING:
    from collections.abc import Callable, Collection

    from ovcf.pacs.settings import Peer, Settings


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
    arriving, until = _Arriving(keep), time.monotonic() + patience_s
    with port_of(settings).expecting(settings, study_uid, arriving, until):
        try:
            to = settings.fetching().ae_title
            said = ask.move(settings, name, peer, study_uid, to=to, patience_s=settings.fetch.timeout_s)
            arriving.wait_for(frozenset(wanted), settings.fetch.quiet_s)
        finally:
            came = arriving.close()
    if arriving.broke is not None:
        raise arriving.broke
    return ask.Retrieved(len(came), said.failed)


class _Arriving:
    """What comes of one study."""

    def __init__(self, keep: Callable[[str, bytes], None]) -> None:
        self._keep = keep
        self._changed = threading.Condition()
        self._came: set[str] = set()
        self._last, self._closed = 0.0, False
        self.broke: OSError | None = None

    def take(self, sop_uid: str, data: bytes) -> int:
        """Keep an image, once; the status to answer."""
        with self._changed:
            if self._closed:
                return NOT_ASKED_FOR
            if sop_uid not in self._came:
                try:
                    self._keep(sop_uid, data)
                except OSError as error:  # of the disk: who asked is told, not the archive alone
                    self.broke = error
                    self._changed.notify_all()
                    return NO_ROOM
                self._came.add(sop_uid)
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
