"""A finding: what it says as data, where, read on which images, and the words for it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeVar

from ovcf.anatomy import Level
from ovcf.assessment.findings.finding_words import Spoken, spoken
from ovcf.assessment.findings.kinds import FindingData, Ungraded, identity
from ovcf.landmarks import Source
from ovcf.language.worded import joined

Kind = TypeVar("Kind")


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """Something read from the images or landmarks that is a category, not a number: a grade, a pattern, a sign.

    ``data`` is what it says. ``by_reader``: a reader said it, in place of what was measured. ``level`` is None for the
    whole spine. ``sources`` are the images that it was read on.
    """

    data: FindingData
    level: Level | None
    by_reader: bool = False
    reasons: tuple[str, ...] = ()
    evidence: tuple[str, ...] = ()
    sources: tuple[Source, ...] = ()

    @property
    def image(self) -> str:
        """The images it was read on, by the names that measurements give them."""
        told = joined(", ", (source.image for source in self.sources))
        return told or (self.data.image if isinstance(self.data, Ungraded) else "")

    @property
    def words(self) -> Spoken:
        """All of the following three at once."""
        return spoken(self.data, by_reader=self.by_reader)

    @property
    def name(self) -> str:
        """What it is called, for people."""
        return self.words.name

    @property
    def value(self) -> str:
        """What it says, for people: "grade 2, wedge", "diffuse low", "present", "unknown"."""
        return self.words.value

    @property
    def probability(self) -> tuple[tuple[str, float], ...]:
        """The probability of each category in words, for people."""
        return self.words.probability

    @property
    def id(self) -> str:
        """What tells this finding apart from the others of its vertebra and image."""
        return identity(self.data)


def found(findings: tuple[Finding, ...] | list[Finding], kind: type[Kind], level: Level | None) -> Kind | None:
    """The first finding of a kind at one vertebra (None: of the whole spine), as data."""
    return next((f.data for f in findings if f.level == level and isinstance(f.data, kind)), None)
