"""What may be asked of a reading, answered as it is sent: wherever it is concluded, the answers are the same bytes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

from pydantic import TypeAdapter

from ovcf.language.fields import in_words
from ovcf.server.views.draft_view import DraftView
from ovcf.server.views.marrow.signal_view import SignalView

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

    from ovcf.reading.observing.counted import Threshold
    from ovcf.server.at_hand import Answer
    from ovcf.server.open_reading import OpenReading
    from ovcf.server.views.view import View

    Edits = Sequence[Mapping[str, Any]]

_DRAFT: TypeAdapter[DraftView] = TypeAdapter(DraftView)
_SIGNAL: TypeAdapter[SignalView] = TypeAdapter(SignalView)
_ANY: TypeAdapter[Any] = TypeAdapter(Any)


class Answering(Protocol):
    """A reading for one reader. Answers are JSON in the language that is spoken; each raises what the same method of
    :class:`~ovcf.server.open_reading.OpenReading` raises."""

    def at_hand(self) -> Answer | None:
        """The reading as it is, where that need not be found out first."""

    def told(self) -> Answer:
        """The reading as it is."""

    def picture(self, number: int) -> bytes | None:
        """A picture as PNG, by its place in the file; None where there is none."""

    def draft(self) -> bytes:
        """The reading beside the draft that it began from."""

    def signal(self, vertebra: str, name: Threshold, sd: float | None) -> bytes:
        """What counts in a body at a threshold."""

    def conflict(self, asked: Edits, base: str, own: Collection[str]) -> bytes:
        """Edits that were made on an older state, each beside what others did to the same since."""

    def slices(self, vertebra: str) -> bytes:
        """The outline of a vertebra on every slice."""

    def preview(self, asked: Edits, revision: str) -> bytes:
        """What would change, were these edits made."""

    def edit(self, asked: Edits, revision: str) -> Answer:
        """Make edits and save them, all or none."""

    def undo(self, revision: str) -> Answer:
        """Take the newest edit back."""

    def redo(self, revision: str) -> Answer:
        """Take the newest undo back."""

    def confirm(self, revision: str) -> Answer:
        """Sign the draft."""

    def addendum(self, reason: str, revision: str) -> Answer:
        """Take a signed reading up again."""


@dataclass(frozen=True, slots=True)
class InThisProcess:
    """A reading that is concluded here."""

    reading: OpenReading

    def at_hand(self) -> Answer | None:
        """See :class:`Answering`."""
        return self.reading.at_hand()

    def told(self) -> Answer:
        """See :class:`Answering`."""
        return self.reading.told()

    def picture(self, number: int) -> bytes | None:
        """See :class:`Answering`."""
        found = self.reading.picture(number)
        return None if found is None else found.png

    def draft(self) -> bytes:
        """See :class:`Answering`."""
        return _DRAFT.dump_json(in_words(self.reading.draft()))

    def signal(self, vertebra: str, name: Threshold, sd: float | None) -> bytes:
        """See :class:`Answering`."""
        return _SIGNAL.dump_json(self.reading.signal(vertebra, name, sd))

    def conflict(self, asked: Edits, base: str, own: Collection[str]) -> bytes:
        """See :class:`Answering`."""
        return _ANY.dump_json(self.reading.conflict(asked, base, own))

    def slices(self, vertebra: str) -> bytes:
        """See :class:`Answering`."""
        return _ANY.dump_json(self.reading.slices(vertebra))

    def preview(self, asked: Edits, revision: str) -> bytes:
        """See :class:`Answering`."""
        return _ANY.dump_json(in_words(self.reading.preview_all(asked, revision)))

    def edit(self, asked: Edits, revision: str) -> Answer:
        """See :class:`Answering`."""
        return self._of(self.reading.edit_all(asked, revision))

    def undo(self, revision: str) -> Answer:
        """See :class:`Answering`."""
        return self._of(self.reading.undo(revision))

    def redo(self, revision: str) -> Answer:
        """See :class:`Answering`."""
        return self._of(self.reading.redo(revision))

    def confirm(self, revision: str) -> Answer:
        """See :class:`Answering`."""
        return self._of(self.reading.confirm(revision))

    def addendum(self, reason: str, revision: str) -> Answer:
        """See :class:`Answering`."""
        return self._of(self.reading.addendum(reason, revision))

    def _of(self, view: View) -> Answer:
        return self.reading.answer_of(view)
