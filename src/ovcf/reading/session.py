"""One reading while it is open: edits are previewed, saved, undone, and everything that follows is at hand.

Results are kept between calls, so that a preview costs no more than what the edit changes. Whoever serves several
requests at once must let them in one after the other.
"""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, TypeVar

from ovcf.errors import OvcfError
from ovcf.kept import Kept, keeping, nbytes_of
from ovcf.reading.conclude import NOBODY, conclude_from
from ovcf.reading.editing.edited import Edited
from ovcf.reading.editing.edits import NameVertebra, Revoke, in_force
from ovcf.reading.editing.lay_over import edited
from ovcf.reading.marrow import look_ahead

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from contextlib import AbstractContextManager

    from ovcf.assessment.result import Assessment, Provenance
    from ovcf.clinical.case import ClinicalCase
    from ovcf.reading.editing.edits import AnyEdit
    from ovcf.reading.file import ReadingFile
    from ovcf.reading.observations import Observations
    from ovcf.reading.version import Version

    _Of = tuple[Observations, tuple[AnyEdit, ...], ClinicalCase]


_Made = TypeVar("_Made")


@dataclass(slots=True)
class Session:
    """An open reading. ``file`` is what it is now; whoever opened it decides when that is written."""

    file: ReadingFile
    provenance: Provenance = NOBODY
    _results: Kept = field(default_factory=Kept)
    _laid: tuple[tuple[_Of, Edited], ...] = ()
    _last: tuple[tuple[_Of, Assessment], ...] = ()
    """What was laid over and concluded last: the same is asked for several times about one state."""
    _seen: tuple[tuple[int, ...], int] | None = None
    """Which observations there are, and what they take."""

    @property
    def version(self) -> Version:
        """The newest version."""
        return self.file.reading.current

    def now(self) -> Edited:
        """The observations with the edits laid over them."""
        return self._edited(self.version.edits)

    def assessment(self) -> Assessment:
        """What follows from the reading as it is."""
        return self._concluded(self.version.edits)

    def look_ahead(self) -> None:
        """Make ready what a reader is likely to do next, after an assessment and before somebody waits."""
        for _ in self.looking_ahead():
            pass

    def looking_ahead(self) -> Iterator[None]:
        """The same step by step: the marrow of every body as a yardstick, then all names one place up or down.

        A whole image named one place off is what a reader corrects most often, and then nearly every result changes.
        """
        now = self.now()
        with keeping(self._results):
            look_ahead(now)
        yield
        for edit in _one_place_off(now):
            with suppress(OvcfError):
                self.preview(edit)
            yield

    def draft(self) -> Assessment:
        """What followed before anything was edited."""
        return self._concluded(())

    def preview(self, *more: AnyEdit) -> tuple[Edited, Assessment]:
        """What would follow, were these edits made; nothing is saved.

        Raises:
            OvcfError: one cannot be made.
        """
        edits = (*self.version.edits, *more)
        return self._edited(edits), self._concluded(edits)

    def make(self, edit: AnyEdit) -> Assessment:
        """Make an edit.

        Raises:
            OvcfError: the edit cannot be made; the reading is as it was.
        """
        reading = self.file.reading.with_edit(edit)
        assessment = self._concluded(reading.current.edits)
        self.file = replace(self.file, reading=reading)
        return assessment

    def last_edit(self) -> AnyEdit | None:
        """The newest edit that is in force: what "undo" revokes."""
        there = in_force(self.version.edits)
        return there[-1] if there else None

    def last_undo(self) -> AnyEdit | None:
        """The newest undo that is in force, if no other edit has been made since: what "redo" revokes."""
        edits = self.version.edits
        revoked = {e.edit for e in edits if isinstance(e, Revoke)}
        for edit in reversed(edits):
            if not isinstance(edit, Revoke):
                return None
            if edit.id not in revoked:
                target = next((e for e in edits if e.id == edit.edit), None)
                if isinstance(target, Revoke):
                    continue  # this was a redo
                return edit
        return None

    def at_hand(self) -> AbstractContextManager[None]:
        """Within, what was computed for this reading before is not computed again."""
        return keeping(self._results)

    def lasting(self) -> AbstractContextManager[None]:
        """Conclude within what :meth:`trim` is to leave: the reading as it is."""
        self._last = self._laid = ()
        return self._results.lasting()

    def trim(self) -> None:
        """Let go what was only a step on the way, which takes most of the memory.

        An edit that needs such a step again takes longer once.
        """
        self._results.trim()

    @property
    def results(self) -> int:
        """How many results are kept, small and large."""
        return len(self._results)

    @property
    def nbytes(self) -> int:
        """What is kept in memory for this reading: what was seen, pictures, results."""
        seen = tuple(self.file.observations.values())
        if self._seen is None or self._seen[0] != tuple(map(id, seen)):
            self._seen = tuple(map(id, seen)), nbytes_of(m for o in seen for m in o.marrow)
        return self._seen[1] + sum(len(p.png) for p in self.file.pictures) + self._results.nbytes

    def _edited(self, edits: tuple[AnyEdit, ...]) -> Edited:
        of = self._of(edits)
        found = _known(self._laid, of)
        if found is None:
            with self.at_hand():
                found = edited(*of)
            self._laid = ((of, found), *self._laid[:1])
        return found

    def _concluded(self, edits: tuple[AnyEdit, ...]) -> Assessment:
        of = self._of(edits)
        found = _known(self._last, of)
        if found is None:
            now = self._edited(edits)
            with self.at_hand():
                found = conclude_from(now, self.provenance)
            self._last = ((of, found), *self._last[:1])
        return found

    def _of(self, edits: tuple[AnyEdit, ...]) -> _Of:
        return self.file.current, edits, self.version.case


def _known(made: Sequence[tuple[_Of, _Made]], of: _Of) -> _Made | None:
    """What was made of the same observations, edits and case."""
    (seen, edits, case) = of
    return next((found for (s, e, c), found in made if s is seen and c is case and e == edits), None)


def _one_place_off(now: Edited) -> Iterator[NameVertebra]:
    """The names of the whole study, and of each image alone, one place up or down."""
    named = [s for s in now.sets if s.levels and not s.asked]
    for number, s in enumerate(named):
        vertebra, level = next(iter(s.levels.items()))
        for other in (s.column.above(level), s.column.below(level)):
            if other is not None and number == 0 and len(named) > 1:
                yield NameVertebra(id="", reader="", at="", vertebra=vertebra, level=other, follow="study")
            if other is not None:
                yield NameVertebra(id="", reader="", at="", vertebra=vertebra, level=other)
