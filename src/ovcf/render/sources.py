"""Sources numbered in the order in which a reader meets them; tables of one paper share its number."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ovcf.assessment.result import Reference
from ovcf.guidance.evidence import evidence, load_evidence

if TYPE_CHECKING:
    from collections.abc import Iterable

    from ovcf.assessment.result import Assessment


class Sources:
    """Gives each cited source the next number when it is cited first; what is in no evidence table has none."""

    def __init__(self, assessment: Assessment) -> None:
        self._known = {reference.id: reference for reference in assessment.references}
        self._cited: dict[str, str] = {}
        self._shown: dict[str, Reference] = {}

    def cite(self, ids: Iterable[str]) -> list[str]:
        """The numbers of these sources, each once."""
        found = [self._number(reference) for id_ in ids if (reference := self._reference(id_)) is not None]
        return list(dict.fromkeys(found))

    def _reference(self, id_: str) -> Reference | None:
        if id_ not in self._known and id_ in load_evidence():
            entry = evidence(id_)
            self._known[id_] = Reference(0, id_, entry.citation, entry.doi, entry.mark)
        return self._known.get(id_)

    def _number(self, reference: Reference) -> str:
        """That of the paper, by its doi; the fullest citation of it is printed."""
        paper = reference.doi or reference.id
        number = self._cited.setdefault(paper, str(len(self._cited) + 1))
        shown = self._shown.setdefault(paper, reference)
        if len(reference.citation) > len(shown.citation):
            self._shown[paper] = reference
        return number

    @property
    def listed(self) -> list[tuple[str, Reference]]:
        """Number and source, those that were not cited last: nothing that the assessment rests on is left out."""
        self.cite(list(self._known))
        return [(number, self._shown[paper]) for paper, number in self._cited.items()]
