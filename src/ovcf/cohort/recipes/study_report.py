"""What a recipe gives back: analyses in the order of a paper, and what could not be made, with the reason."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from ovcf.cohort.optional_import import optional_import
from ovcf.cohort.recipes.columns_of import printed_name, visits_of
from ovcf.errors import MissingExtraError, OvcfError
from ovcf.language.worded import joined, say

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
    """An analysis of the design that these data do not allow; ``title`` is empty where its id says what it is."""

    id: str
    section: str
    reason: str
    remedy: str
    title: str = ""

    @property
    def name(self) -> str:
        """What it is called: its title, or the words of its id, which the catalogue of another language has."""
        return self.title or self.id.replace("-", " ")


@dataclass(frozen=True, slots=True, kw_only=True)
class StudyReport:
    """All analyses of one design on one table of patients.

    ``methods`` is the design's own methods paragraph, without the software; empty where each analysis says its own.
    """

    recipe: str
    title: str
    design: str
    references: tuple[str, ...]
    notices: tuple[str, ...]
    n: int
    missing: tuple[tuple[str, int], ...]
    items: tuple[Item, ...]
    not_made: tuple[NotMade, ...]
    methods: str = ""

    def __getitem__(self, key: str) -> Any:
        """The result of one item, by its id."""
        return {item.id: item.result for item in self.items}[key]


class Workbench:
    """Makes one analysis after the other from a frame, and notes what cannot be made instead of stopping.

    ``frame`` has its columns renamed as they are printed: label, unit and visit of the recipe's dictionary. Recipes
    keep to the short names; `printed` gives the other.
    """

    def __init__(self, frame: pd.DataFrame, recipe: str, also: Mapping[str, str] | None = None) -> None:
        self._recipe, self._also = recipe, dict(also or {})
        self._short = frame
        self.frame = frame.rename(columns={name: self.printed(name) for name in frame.columns})
        self.items: list[Item] = []
        self.not_made: list[NotMade] = []
        self.section = ""

    def printed(self, name: str) -> str:
        """A column as it is named in print and in ``frame``."""
        return self._also.get(name) or printed_name(self._recipe, name)

    def present(self, names: Sequence[str]) -> list[str]:
        """Printed names of those columns that hold at least two different values: others cannot be analysed."""
        return [self.printed(n) for n in names if n in self._short and self._short[n].nunique() > 1]

    def visits(self, stem: str) -> dict[str, float]:
        """Printed names of the visits of a measurement, with their months."""
        return {self.printed(name): months for name, months in visits_of(self._short, stem).items()}

    def make(
        self, key: str, analysis: Callable[[], AnalysisResult], *, needs: Sequence[str] = (), title: str = ""
    ) -> None:
        """Add ``analysis()``, or the reason why it cannot be made; ``title`` as that of :class:`NotMade`."""
        if absent := [n for n in needs if n not in self._short or self._short[n].isna().all()]:
            self.leave(
                key,
                say("no values of {columns}", columns=joined(", ", absent)),
                "Add them, or say which of your columns they are.",
                title=title,
            )
            return
        try:
            self.items.append(Item(key, self.section, analysis()))
        except MissingExtraError:
            raise
        except OvcfError as error:
            self.leave(
                key, say("{where}: {problem}", where=error.where, problem=error.problem), error.remedy.text, title
            )

    def made(self, key: str) -> Any:
        """The result of an analysis that was made, else None."""
        return next((item.result for item in self.items if item.id == key), None)

    def leave(self, key: str, reason: str, remedy: str, title: str = "") -> None:
        """Note an analysis that is not made."""
        self.not_made.append(NotMade(key, self.section, reason, remedy, title))

    def report(
        self,
        given: pd.DataFrame,
        *,
        title: str,
        design: str,
        references: Sequence[str],
        notices: Sequence[str] = (),
        methods: str = "",
    ) -> StudyReport:
        """What was made and what was not; ``given`` is the frame before anything was derived from it."""
        absent = given.isna().sum()
        return StudyReport(
            recipe=self._recipe,
            title=title,
            design=design,
            references=tuple(references),
            notices=tuple(notices),
            n=len(given),
            missing=tuple((str(name), int(count)) for name, count in absent.items()),
            items=tuple(self.items),
            not_made=tuple(self.not_made),
            methods=methods,
        )


def two_words(column: Any, no: str, yes: str) -> Any:
    """A column of yes and no (booleans, 0 and 1) as a category of two words, ``no`` first; missing stays missing."""
    words = [yes if v == 1 else no if v == 0 else None for v in column.astype("object").where(column.notna(), None)]
    return optional_import("pandas").Categorical(words, [no, yes])
