"""One reading file while it is open on the page: one request after another is answered, every edit saved at once."""

from __future__ import annotations

import re
import uuid
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from threading import Lock
from typing import TYPE_CHECKING, Any

from pydantic import TypeAdapter, ValidationError

from ovcf.errors import ReadingError
from ovcf.reading.editing.edits import AnyEdit, Revoke
from ovcf.reading.file import read_reading, write_reading
from ovcf.reading.session import Session
from ovcf.server.views.draft_view import DraftView, draft_view
from ovcf.server.views.view import View, changes, view_of

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    from ovcf.reading.observing.pictures import Picture
    from ovcf.reading.version import Reading

_EDIT: TypeAdapter[AnyEdit] = TypeAdapter(AnyEdit)


_ID = re.compile(r"[0-9a-f]{32}")


class StaleError(ReadingError):
    """An edit was made on a state of the reading that is no longer the newest."""


class SupersededError(ReadingError):
    """A preview that a newer one has overtaken."""


@dataclass(slots=True)
class OpenReading:
    """The reading in a file, for one reader. May be used by several threads."""

    path: Path
    reader: str
    _session: Session | None = None
    _view: View | None = None
    _stamp: tuple[int, ...] | None = None
    _lock: Lock = field(default_factory=Lock)
    _previews: int = 0

    def view(self) -> View:
        """The reading as it is."""
        with self._lock:
            return self._now()[1]

    def picture(self, number: int) -> Picture | None:
        """A picture by its place in the file."""
        with self._lock:
            pictures = self._now()[0].file.pictures
        return pictures[number] if 0 <= number < len(pictures) else None

    def draft(self) -> DraftView:
        """The reading beside the draft that it began from."""
        with self._lock:
            return draft_view(self._now()[0])

    def preview(self, asked: Mapping[str, Any], revision: str) -> dict[str, Any]:
        """What would change in the view, were this edit made; nothing is saved.

        Raises:
            SupersededError: a newer preview was asked for while this one waited.
            StaleError: the reading is not what the reader saw. OvcfError: the edit cannot be made.
        """
        self._previews = mine = self._previews + 1
        with self._lock:
            if mine != self._previews:
                raise SupersededError("this preview", "was overtaken by a newer one", "Nothing is to be done.")
            session, before = self._now(revision)
            now, assessment = session.preview(self._signed(asked))
            return changes(before, view_of(session, now, assessment, before))

    def edit(self, asked: Mapping[str, Any], revision: str) -> View:
        """Make an edit and save it. One whose ``id`` is in the reading already was saved, though its answer was lost.

        Raises:
            StaleError: the reading is not what the reader saw. OvcfError: the edit cannot be made or saved.
        """
        with self._lock:
            session, view = self._now()
            if any(e.id == asked.get("id") for e in session.version.edits):
                return view
        return self._change(revision, lambda session: session.make(self._signed(asked)))

    def undo(self, revision: str) -> View:
        """Revoke the newest edit that is in force. Raises as :meth:`edit`, and where there is none."""
        return self._change(revision, lambda session: self._revoke(session, session.last_edit(), "undo"))

    def redo(self, revision: str) -> View:
        """Revoke the newest undo. Raises as :meth:`edit`, and where there is none."""
        return self._change(revision, lambda session: self._revoke(session, session.last_undo(), "redo"))

    def confirm(self, revision: str) -> View:
        """Sign the draft. Raises as :meth:`edit`, and while a question is open."""
        return self._change(
            revision,
            lambda s: _put(s, s.file.reading.confirmed(s.assessment(), reader=self.reader, at=_now_utc())),
        )

    def addendum(self, reason: str, revision: str) -> View:
        """Take a signed reading up again, as a new draft. Raises as :meth:`edit`, and without a reason."""
        new = {"id_": uuid.uuid4().hex, "reader": self.reader, "at": _now_utc(), "reason": reason}
        return self._change(revision, lambda s: _put(s, s.file.reading.addendum(**new)))

    def _change(self, revision: str, change: Callable[[Session], object]) -> View:
        with self._lock:
            session, _ = self._now(revision)
            before = session.file
            try:
                change(session)
                after = view_of(session, session.now(), session.assessment())
                write_reading(session.file, self.path)
            except BaseException:
                session.file = before  # the file on the disk is the reading: what was not saved is not kept
                raise
            self._view, self._stamp = after, self._on_disk()
            return after

    def _now(self, revision: str | None = None) -> tuple[Session, View]:
        """The session and its view, read again where another program has written the file.

        Raises:
            StaleError: a revision is given that is not the newest.
        """
        if self._session is None or self._view is None or self._on_disk() != self._stamp:
            self._stamp = self._on_disk()
            self._session = session = Session(read_reading(self.path))
            self._view = view_of(session, session.now(), session.assessment())
            session.look_ahead()
        if revision not in (None, self._view.reading.revision):
            raise StaleError(
                "this reading", "has changed since it was shown", "Look at it as it is now, and edit again."
            )
        return self._session, self._view

    def _on_disk(self) -> tuple[int, ...] | None:
        try:
            found = self.path.stat()
        except OSError:
            return None
        return found.st_mtime_ns, found.st_size, found.st_ino

    def _signed(self, asked: Mapping[str, Any]) -> AnyEdit:
        """The edit with who makes it and when: neither is the page's to say."""
        try:
            named = {"id": uuid.uuid4().hex, **asked, "reader": self.reader, "at": _now_utc()}
            if not _ID.fullmatch(str(named["id"])):
                raise ReadingError("edit, id", "is not 32 hexadecimal digits", "Leave it out, or give a random one.")
            return _EDIT.validate_python(named)
        except ValidationError as error:
            first = error.errors()[0]
            where = ".".join(map(str, first["loc"])) or "kind"
            raise ReadingError(f"edit, {where}", first["msg"], "Send an edit of a kind that is known.") from None

    def _revoke(self, session: Session, edit: AnyEdit | None, word: str) -> None:
        if edit is None:
            raise ReadingError("this reading", f"has nothing to {word}", "Nothing is to be done.")
        session.make(Revoke(id=uuid.uuid4().hex, reader=self.reader, at=_now_utc(), edit=edit.id))


def _put(session: Session, reading: Reading) -> None:
    session.file = replace(session.file, reading=reading)


def _now_utc() -> str:
    return datetime.now(UTC).isoformat(timespec="milliseconds")
