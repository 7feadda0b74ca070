"""Sources numbered in the order in which a reader meets them."""

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

    def cite(self, ids: Iterable[str]) -> list[str]:
        """The numbers of these sources, each once."""
        found = []
        for id_ in dict.fromkeys(ids):
            if id_ not in self._known and id_ in load_evidence():
                entry = evidence(id_)
                self._known[id_] = Reference(0, id_, entry.citation, entry.doi, entry.mark)
            if id_ in self._known:
                found.append(self._cited.setdefault(id_, str(len(self._cited) + 1)))
        return found

    @property
    def listed(self) -> list[tuple[str, Reference]]:
        """Number and source, those that were not cited last: nothing that the assessment rests on is left out."""
        self.cite(self._known)
        return [(number, self._known[id_]) for id_, number in self._cited.items()]
