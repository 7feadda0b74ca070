"""One reading while it is open on the page: one request after another is answered, every edit saved at once.

Where a reading is kept, in a file or in the registry, is its :class:`Place`; what may be asked of it is the same.
"""

from __future__ import annotations

import re
import uuid
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from pydantic import TypeAdapter, ValidationError

from ovcf.errors import ReadingError
from ovcf.language.fields import in_words
from ovcf.language.spoken import ENGLISH, language
from ovcf.reading.editing.edits import AnyEdit, Revoke
from ovcf.reading.file import read_reading, write_reading
from ovcf.reading.observing.slices import SliceOutline, outlines_on_slices
from ovcf.reading.session import Session
from ovcf.server.at_hand import Answer, Opened
from ovcf.server.views.conflict_view import ConflictItem, conflict_view
from ovcf.server.views.draft_view import DraftView, draft_view
from ovcf.server.views.marrow.signal_view import SignalView, signal_view
from ovcf.server.views.view import View, changes, view_of

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Hashable, Mapping, Sequence

    from ovcf.reading.file import ReadingFile
    from ovcf.reading.observing.counted import Threshold
    from ovcf.reading.observing.pictures import Picture
    from ovcf.reading.version import Reading

VIEW: TypeAdapter[View] = TypeAdapter(View)
_EDIT: TypeAdapter[AnyEdit] = TypeAdapter(AnyEdit)
_ID = re.compile(r"[0-9a-f]{32}")


class StaleError(ReadingError):
    """An edit was made on a state of the reading that is no longer the newest."""


class SupersededError(ReadingError):
    """A preview that a newer one has overtaken."""


class StoppedError(ReadingError):
    """The process that concludes a reading ended while it was at work, and the next one, too."""


class Place(Protocol):
    """Where one reading is kept."""

    def moved(self, stamp: Hashable) -> bool:
        """Whether anybody has saved a newer state than the one of a stamp."""

    def read(self) -> tuple[ReadingFile, Hashable]:
        """The newest state, and its stamp."""

    def write(self, session: Session, after: Hashable) -> Hashable:
        """Save the state that follows the one of this stamp; the stamp of it.

        Raises:
            ConflictError: somebody saved meanwhile. OvcfError: it cannot be saved.
        """


@dataclass(frozen=True, slots=True)
class InFile:
    """A reading in a file of its own."""

    path: Path

    def stamp(self) -> Hashable:
        """Time, size and place of the file; None where there is none."""
        try:
            found = self.path.stat()
        except OSError:
            return None
        return found.st_mtime_ns, found.st_size, found.st_ino

    def moved(self, stamp: Hashable) -> bool:
        """Whether the file is another one."""
        return self.stamp() != stamp

    def read(self) -> tuple[ReadingFile, Hashable]:
        """Read the file."""
        stamp = self.stamp()
        return read_reading(self.path), stamp

    def write(self, session: Session, after: Hashable) -> Hashable:  # noqa: ARG002  # one reader has a file open
        """Write the file whole or not at all."""
        write_reading(session.file, self.path)
        return self.stamp()


@dataclass(slots=True)
class OpenReading:
    """A reading, for one reader. May be used by several threads; ``opened`` by several readers."""

    place: Place | Path
    reader: str
    opened: Opened = field(default_factory=Opened)

    def __post_init__(self) -> None:
        if isinstance(self.place, Path):
            self.place = InFile(self.place)

    def view(self) -> View:
        """The reading as it is."""
        with self.opened.lock:
            return self._now()[1]

    def told(self) -> Answer:
        """The reading as it is, its view as JSON made once for all who ask.

        While somebody's edit is concluded it is what was saved before.
        """
        found = self.at_hand()
        if found is None:
            with self.opened.lock:
                found = self.answer_of(self._now()[1])
        return found

    def at_hand(self) -> Answer | None:
        """The same where that need not be found out first; None where it must be."""
        answer = self.opened.answer
        if answer is None or self._place.moved(answer.stamp):
            return None
        if language() == ENGLISH:
            return answer
        view = self.opened.view
        if view is None or view.reading.revision != answer.revision:
            return None
        return answer._replace(body=VIEW.dump_json(in_words(view)))

    def answer_of(self, view: View) -> Answer:
        """A view of this reading as an answer in the language that is spoken; in English the newest is at hand."""
        answer, revision = self.opened.answer, view.reading.revision
        if answer is None or answer.revision != revision:  # somebody saved meanwhile: where this was saved is not known
            answer = Answer(None, revision, b"")
        elif language() == ENGLISH:
            return answer
        return answer._replace(body=VIEW.dump_json(in_words(view)))

    def file(self) -> ReadingFile:
        """The whole reading as it is."""
        with self.opened.lock:
            return self._now()[0].file

    def picture(self, number: int) -> Picture | None:
        """A picture by its place in the file."""
        with self.opened.lock:
            pictures = self._now()[0].file.pictures
        return pictures[number] if 0 <= number < len(pictures) else None

    def draft(self) -> DraftView:
        """The reading beside the draft that it began from."""
        with self.opened.lock:
            return draft_view(self._now()[0])

    def signal(self, vertebra: str, name: Threshold, sd: float | None) -> SignalView:
        """What counts in a body at a threshold, as the reading is.

        Raises:
            ReadingError: its marrow is not read.
        """
        self.opened.quiet.asked()
        with self.opened.lock:
            session, _ = self._now()
            with self.opened.turn, session.at_hand():
                return signal_view(session.now(), vertebra, name, sd)

    def conflict(self, asked: Sequence[Mapping[str, Any]], base: str, own: Collection[str]) -> tuple[ConflictItem, ...]:
        """Edits that were made on an older state, each beside what others did to the same since.

        ``base`` is the revision that they were made on, ``own`` the ids of edits that the page itself saved since.
        """
        with self.opened.lock:
            session, _ = self._now()
            edits = session.version.edits
            last = base.rpartition("-")[2]
            known = next((n for n, edit in enumerate(edits, 1) if edit.id == last), 0)
            since = [edit for edit in edits[known:] if edit.id not in own]
            with self.opened.turn, session.at_hand():
                return conflict_view(session, [self._signed(one) for one in asked], since)

    def slices(self, vertebra: str) -> tuple[SliceOutline, ...]:
        """The outline of a vertebra on every slice, as the reading is."""
        with self.opened.lock:
            session, _ = self._now()
            with session.at_hand():
                return outlines_on_slices(session.now(), vertebra)

    def preview(self, asked: Mapping[str, Any], revision: str) -> dict[str, Any]:
        """What would change in the view, were this edit made; nothing is saved.

        Raises:
            SupersededError: a newer preview was asked for while this one waited.
            StaleError: the reading is not what the reader saw. OvcfError: the edit cannot be made.
        """
        return self.preview_all([asked], revision)

    def preview_all(self, asked: Sequence[Mapping[str, Any]], revision: str) -> dict[str, Any]:
        """What would change, were these edits made one after the other. Raises as :meth:`preview`."""
        previews = self.opened.previews
        mine = previews[self.reader] = previews.get(self.reader, 0) + 1
        self.opened.quiet.asked()
        with self.opened.lock:
            if mine != previews[self.reader]:
                raise SupersededError("this preview", "was overtaken by a newer one", "Nothing is to be done.")
            session, before = self._now(revision)
            with self.opened.turn:
                now, assessment = session.preview(*(self._signed(one) for one in asked))
                found = changes(before, view_of(session, now, assessment, before))
            self.opened.look()
            return found

    def edit(self, asked: Mapping[str, Any], revision: str) -> View:
        """Make an edit and save it. One whose ``id`` is in the reading already was saved, though its answer was lost.

        Raises:
            StaleError: the reading is not what the reader saw. OvcfError: the edit cannot be made or saved.
        """
        return self.edit_all([asked], revision)

    def edit_all(self, asked: Sequence[Mapping[str, Any]], revision: str) -> View:
        """Make edits one after the other and save them together, all or none. Raises as :meth:`edit`."""
        with self.opened.lock:
            session, view = self._now()
            known = {e.id for e in session.version.edits}
            if asked and all(one.get("id") in known for one in asked):
                return view

        def make(session: Session) -> None:
            for one in asked:
                session.make(self._signed(one))

        return self._change(revision, make)

    def undo(self, revision: str) -> View:
        """Revoke the newest edit that is in force. Raises as :meth:`edit`, and where there is none."""
        return self._change(revision, lambda session: self._revoke(session, session.last_edit(), "undo"))

    def redo(self, revision: str) -> View:
        """Revoke the newest undo. Raises as :meth:`edit`, and where there is none."""
        return self._change(revision, lambda session: self._revoke(session, session.last_undo(), "redo"))

    def confirm(self, revision: str) -> View:
        """Sign the draft. Raises as :meth:`edit`, and while a question is open."""
        return self._change(
            revision, lambda s: _put(s, s.file.reading.confirmed(s.assessment(), reader=self.reader, at=_now_utc()))
        )

    def addendum(self, reason: str, revision: str) -> View:
        """Take a signed reading up again, as a new draft. Raises as :meth:`edit`, and without a reason."""
        new = {"id_": uuid.uuid4().hex, "reader": self.reader, "at": _now_utc(), "reason": reason}
        return self._change(revision, lambda s: _put(s, s.file.reading.addendum(**new)))

    def _change(self, revision: str, change: Callable[[Session], object]) -> View:
        with self.opened.lock:
            session, _ = self._now(revision)
            before = session.file
            try:
                with self.opened.turn, session.lasting():
                    change(session)
                    after = view_of(session, session.now(), session.assessment())
                    body = VIEW.dump_json(after)
                stamp = self._place.write(session, self.opened.stamp)
            except BaseException:
                session.file = before  # what is kept is the reading: what was not saved is not kept
                raise
            self._keep(after, body, stamp)
            return after

    def _now(self, revision: str | None = None) -> tuple[Session, View]:
        """The session and its view, read again where somebody else has saved the reading.

        Raises:
            StaleError: a revision is given that is not the newest.
        """
        opened = self.opened
        session, view = opened.session, opened.view
        if session is None or view is None or self._place.moved(opened.stamp):
            with opened.opening:
                file, stamp = self._place.read()
                session = Session(file)
                with session.lasting():
                    view = view_of(session, session.now(), session.assessment())
                opened.begin(session)
            self._keep(view, VIEW.dump_json(view), stamp)
        if revision not in (None, view.reading.revision):
            raise StaleError(
                "this reading", "has changed since it was shown", "Look at it as it is now, and edit again."
            )
        return session, view

    def _keep(self, view: View, body: bytes, stamp: Hashable) -> None:
        self.opened.view, self.opened.stamp = view, stamp
        self.opened.answer = Answer(stamp, view.reading.revision, body)
        self.opened.think_ahead()

    @property
    def _place(self) -> Place:
        assert not isinstance(self.place, Path)
        return self.place

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
