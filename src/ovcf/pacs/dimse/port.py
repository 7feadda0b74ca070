"""Our port of ``[fetch]``: it listens while studies are expected, and hands each image to whoever expects its study.

Within this process several studies may be on their way at once, kept apart by their StudyInstanceUID. Other processes
on the machine wait until the port is free: who holds it takes on nothing new once :data:`TURN_S` have gone.
"""

from __future__ import annotations

import errno
import threading
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Protocol

from ovcf.budget import MAX_IMAGE_BYTES
from ovcf.errors import NoWayFromPacsError
from ovcf.pacs.dimse.entity import IMAGES, SYNTAXES, entity, heard, server_context

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pynetdicom.events import Event
    from pynetdicom.transport import ThreadedAssociationServer

    from ovcf.pacs.settings import Here, Settings

SUCCESS, NOT_ASKED_FOR, NO_ROOM, NOT_UNDERSTOOD = 0x0000, 0x0124, 0xA700, 0xC000
"""Statuses of C-STORE, PS3.4 B.2.3 and PS3.7 Annex C; 0124H is "refused: not authorized"."""
TURN_S = 120.0
"""So long studies join those that are on their way already; then these are waited for, and the port is let go."""
_AGAIN_S = 0.25
"""So often it is tried whether the port is free."""


class Expecting(Protocol):
    """Who expects a study."""

    def take(self, sop_uid: str, data: bytes) -> int:
        """Take an encoded data set of that study; the status to answer."""
        ...


class Port:
    """One port of this process."""

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._server: ThreadedAssociationServer | None = None
        self._as: tuple[Here, list[str]] | None = None
        self._expected: dict[str, Expecting] = {}
        self._turn_ends = self._not_before = 0.0

    @contextmanager
    def expecting(self, settings: Settings, study_uid: str, who: Expecting, until: float) -> Iterator[None]:
        """Listen for a study meanwhile; ``until`` is when waiting for the port ends (``time.monotonic()``).

        Raises:
            NoWayFromPacsError: the port stays in use, or cannot be listened on.
        """
        here = settings.fetching()
        as_ = here, heard(settings)
        with self._changed:
            while not self._joined(settings, as_, study_uid):
                if time.monotonic() > until:
                    raise _in_use(here)
                self._changed.wait(_AGAIN_S)
            self._expected[study_uid] = who
        try:
            yield
        finally:
            with self._changed:
                del self._expected[study_uid]
                if not self._expected:
                    self._let_go()
                self._changed.notify_all()

    def _joined(self, settings: Settings, as_: tuple[Here, list[str]], study_uid: str) -> bool:
        """Whether we listen, with room for this study."""
        now = time.monotonic()
        if self._server is not None:
            return self._as == as_ and study_uid not in self._expected and now < self._turn_ends
        if now < self._not_before:
            return False
        self._server = self._listening(settings, as_[0])
        self._as, self._turn_ends = as_, now + TURN_S
        return self._server is not None

    def _let_go(self) -> None:
        assert self._server is not None
        self._server.shutdown()
        self._server = None
        now = time.monotonic()
        if now > self._turn_ends:  # others on this machine look as often as we do
            self._not_before = now + 2 * _AGAIN_S

    def _listening(self, settings: Settings, here: Here) -> ThreadedAssociationServer | None:
        """The server; None where the port is in use."""
        from pynetdicom import evt

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
                evt_handlers=[(evt.EVT_C_STORE, self._store)],
            )
        except OSError as error:
            if error.errno == errno.EADDRINUSE:
                return None
            raise NoWayFromPacsError(
                f"{here.listen}:{here.port}", f"cannot be listened on ({error})", "Correct `listen` of [fetch]."
            ) from None
        assert found is not None
        return found

    def _store(self, event: Event) -> int:
        """C-STORE."""
        request: Any = event.request
        try:
            uid, data, of = str(request.AffectedSOPInstanceUID), event.encoded_dataset(), event.dataset
            study, told = str(of.get("StudyInstanceUID", "")), str(of.get("SOPInstanceUID", ""))
        except Exception:  # whatever is wrong with it: pydicom raises many kinds
            return NOT_UNDERSTOOD
        who = self._expected.get(study)  # without the lock, which is held while the server shuts down
        if who is None or told != uid:
            return NOT_ASKED_FOR
        return NO_ROOM if len(data) > MAX_IMAGE_BYTES else who.take(uid, data)


_ports: dict[tuple[str, int], Port] = {}
_one_at_a_time = threading.Lock()


def port_of(settings: Settings) -> Port:
    """The port of this process that settings name."""
    here = settings.fetching()
    with _one_at_a_time:
        return _ports.setdefault((here.listen, here.port), Port())


def _in_use(here: Here) -> NoWayFromPacsError:
    return NoWayFromPacsError(
        f"port {here.port}",
        "is in use, so that nothing can come by C-MOVE",
        "Where `ovcf pacs listen` runs, give [fetch] an AE title and a port of its own, and tell them to the archive.",
    )
