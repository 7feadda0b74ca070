"""One reading while it is open: edits are previewed, saved, undone, and everything that follows is at hand.

Results are kept between calls, so that a preview costs no more than what the edit changes. Whoever serves several
requests at once must let them in one after the other.
"""

from __future__ import annotations

from contextlib import contextmanager, suppress
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from ovcf.errors import OvcfError
from ovcf.kept import Kept, keeping
from ovcf.reading.conclude import NOBODY, conclude
from ovcf.reading.editing.edited import Edited
from ovcf.reading.editing.edits import NameVertebra, Revoke, in_force
from ovcf.reading.editing.lay_over import edited
from ovcf.reading.marrow import look_ahead

if TYPE_CHECKING:
    from collections.abc import Iterator
    from contextlib import AbstractContextManager

    from ovcf.assessment.result import Assessment, Provenance
    from ovcf.clinical.case import ClinicalCase
    from ovcf.reading.editing.edits import AnyEdit
    from ovcf.reading.file import ReadingFile
    from ovcf.reading.observations import Observations
    from ovcf.reading.version import Version

    _Laid = tuple[Observations, tuple[AnyEdit, ...], ClinicalCase, Edited]
    _Concluded = tuple[Observations, tuple[AnyEdit, ...], ClinicalCase, Assessment]


@dataclass(slots=True)
class Session:
    """An open reading. ``file`` is what it is now; whoever opened it decides when that is written."""

    file: ReadingFile
    provenance: Provenance = NOBODY
    _results: Kept = field(default_factory=Kept)
    _now: _Laid | None = None
    _last: tuple[_Concluded, ...] = ()
    """What was concluded last: the same is asked for several times about one state."""

    @property
    def version(self) -> Version:
        """The newest version."""
        return self.file.reading.current

    def now(self) -> Edited:
        """The observations with the edits laid over them."""
        seen, edits, case = self.file.current, self.version.edits, self.version.case
        if self._now is not None:
            of, last, facts, now = self._now
            if of is seen and facts is case and last == edits:
                return now
        now = edited(seen, edits, case)
        self._now = (seen, edits, case, now)
        return now

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
        return edited(self.file.current, edits, self.version.case), self._concluded(edits)

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

    @contextmanager
    def trimmed(self) -> Iterator[None]:
        """Conclude within: at the end all goes that was only a step on the way, which takes most of the memory.

        An edit that needs such a step again takes longer once.
        """
        self._last = ()
        with self._results.only_what_is_asked():
            yield

    def _concluded(self, edits: tuple[AnyEdit, ...]) -> Assessment:
        seen, case = self.file.current, self.version.case
        for of, last, facts, found in self._last:
            if of is seen and facts is case and last == edits:
                return found
        made = conclude(seen, edits, case, provenance=self.provenance, results=self._results)
        self._last = ((seen, edits, case, made), *self._last[:1])
        return made


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
