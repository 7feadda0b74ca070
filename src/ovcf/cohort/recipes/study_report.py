"""What a recipe gives back: analyses in the order of a paper, and what could not be made, with the reason."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from ovcf.errors import MissingExtraError, OvcfError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    import pandas as pd

    from ovcf.cohort.result import AnalysisResult


@dataclass(frozen=True, slots=True)
class Item:
    """One analysis. ``id`` is the stem of its files, such as ``outcome-by-group-non-union``."""

    id: str
    section: str
    result: AnalysisResult


@dataclass(frozen=True, slots=True)
class NotMade:
    """An analysis of the design that these data do not allow."""

    id: str
    section: str
    reason: str
    remedy: str


@dataclass(frozen=True, slots=True, kw_only=True)
class StudyReport:
    """All analyses of one design on one table of patients."""

    recipe: str
    title: str
    design: str
    references: tuple[str, ...]
    notices: tuple[str, ...]
    n: int
    missing: tuple[tuple[str, int], ...]
    items: tuple[Item, ...]
    not_made: tuple[NotMade, ...]

    def __getitem__(self, id: str) -> Any:
        """The result of one item, by its id."""
        return {item.id: item.result for item in self.items}[id]


@dataclass(slots=True)
class Workbench:
    """Makes one analysis after the other from a frame, and notes what cannot be made instead of stopping."""

    frame: pd.DataFrame
    meaning: Mapping[str, str]
    items: list[Item] = field(default_factory=list)
    not_made: list[NotMade] = field(default_factory=list)
    section: str = ""

    def absent(self, columns: Sequence[str]) -> list[str]:
        """Those of ``columns`` that the frame lacks, or that hold no value."""
        return [c for c in columns if c not in self.frame or self.frame[c].isna().all()]

    def present(self, columns: Sequence[str]) -> list[str]:
        """Those of ``columns`` that hold at least two different values: others cannot be analysed."""
        return [c for c in columns if not self.absent([c]) and self.frame[c].nunique() > 1]

    def make(self, id: str, analysis: Callable[[], AnalysisResult], *, needs: Sequence[str] = ()) -> None:
        """Add ``analysis()``, or the reason why it cannot be made."""
        if absent := self.absent(needs):
            told = "; ".join(f"{c} ({self.meaning[c]})" if c in self.meaning else c for c in absent)
            self.leave(id, "no values of " + told, "Add it, or say which of your columns it is.")
            return
        try:
            self.items.append(Item(id, self.section, analysis()))
        except MissingExtraError:
            raise
        except OvcfError as error:
            self.leave(id, f"{error.where}: {error.problem}", error.remedy)

    def leave(self, id: str, reason: str, remedy: str) -> None:
        """Note an analysis that is not made."""
        self.not_made.append(NotMade(id, self.section, reason, remedy))

    def report(
        self, *, recipe: str, title: str, design: str, references: Sequence[str], notices: Sequence[str] = ()
    ) -> StudyReport:
        """What was made and what was not."""
        absent = self.frame.isna().sum()
        return StudyReport(
            recipe=recipe,
            title=title,
            design=design,
            references=tuple(references),
            notices=tuple(notices),
            n=len(self.frame),
            missing=tuple((str(name), int(count)) for name, count in absent.items()),
            items=tuple(self.items),
            not_made=tuple(self.not_made),
        )
