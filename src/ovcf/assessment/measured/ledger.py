"""What was measured and what was withheld, with the reason: nothing falls silently between the two."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from ovcf.anatomy import Level
from ovcf.assessment.findings.finding import Finding
from ovcf.assessment.findings.kinds import Ungraded
from ovcf.assessment.result import Withheld
from ovcf.errors import OvcfError, Remedy
from ovcf.language.worded import say
from ovcf.measures.measurement import Measurement

if TYPE_CHECKING:
    from collections.abc import Callable


@dataclass(slots=True)
class Ledger:
    """Collects measurements; one that cannot be made becomes a :class:`Withheld` instead of ending the assessment."""

    measurements: list[Measurement] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)
    grades: list[tuple[Level, int]] = field(default_factory=list)
    withheld: list[Withheld] = field(default_factory=list)
    ungraded: list[Ungraded] = field(default_factory=list)

    @property
    def first_grades(self) -> dict[Level, int]:
        """The grade of each level on the first image that shows it: the reader's landmarks go before others."""
        return dict(reversed(self.grades))

    def add(self, other: Ledger) -> None:
        """Take over what another ledger holds."""
        self.measurements += other.measurements
        self.findings += other.findings
        self.grades += other.grades
        self.ungraded += other.ungraded
        for entry in other.withheld:
            self.withhold(entry.name, entry.level, entry.reason, entry.remedy)

    def take(
        self, name: str, level: Level | None, measure: Callable[[], Measurement | Iterable[Measurement]]
    ) -> tuple[Measurement, ...]:
        """Measure, keep the result and give it back; withheld (and empty) where the input does not allow it."""
        try:
            made = measure()
        except OvcfError as error:
            self.withhold(
                name, level, say("{where}: {problem}", where=error.where, problem=error.problem), error.remedy
            )
            return ()
        found = (made,) if not isinstance(made, Iterable) else tuple(made)
        self.measurements += found
        return found

    def withhold(self, name: str, level: Level | None, reason: str, remedy: str | Remedy) -> None:
        """Record what was not measured, once."""
        entry = Withheld(name, level, reason, remedy if isinstance(remedy, Remedy) else Remedy(remedy))
        if entry not in self.withheld:
            self.withheld.append(entry)
