"""From a table and named columns to the answer of one question: read, said, asked, written."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from ovcf.cli.streams import say

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from ovcf.cohort.agreement.reliability import IccResult
    from ovcf.cohort.data.dataset import Cohort
    from ovcf.cohort.questions.answer import Answer
    from ovcf.files.result_folder import ResultFolder
    from ovcf.follow_up.visit import Quantity


def answer(
    data: Path,
    wanted: Sequence[str],
    question: Callable[..., Answer],
    dictionary: Path | None,
    category: Sequence[str],
    number: Sequence[str],
    wrong_as_missing: bool,
    out: Path,
    *,
    sheet: str | None = None,
    rest: bool = False,
) -> None:
    """Read the columns, say how they were read, ask, say what came out, and write the report."""
    from ovcf.cli.cohort.cohort_output import refuse, refuse_if_emptied, say_sheet
    from ovcf.cli.cohort.source import is_registry
    from ovcf.cohort.data.dataset import check
    from ovcf.cohort.data.dictionary import VariableType
    from ovcf.cohort.data.infer import describable, heading_for
    from ovcf.cohort.data.read import read_dictionary, read_table
    from ovcf.cohort.mapping.value_codes import suggestion
    from ovcf.cohort.questions.asked import described
    from ovcf.errors import CohortDataError
    from ovcf.files.result_folder import ResultFolder
    from ovcf.report.cohort.cohort_write import KIND

    inputs = [data, *([dictionary] if dictionary else [])]
    folder = ResultFolder.at(out, KIND, inputs)
    if is_registry(data):
        if dictionary is not None:
            raise CohortDataError(dictionary, "describes a table, and this is a registry", "Leave --dictionary out.")
        _of_registry(data, wanted, question, folder, category, rest=rest)
        return
    raw = read_table(data, sheet=sheet)
    say_sheet(raw)
    own = read_dictionary(dictionary) if dictionary else None
    headings = [str(h) for h in raw.columns]
    by_own = {v.name: v.source for v in own.variables} if own else {}

    def names(word: str) -> str:
        return by_own.get(word) or heading_for(word, headings)

    chosen = [*dict.fromkeys(map(names, wanted))]
    chosen += [h for h in (describable(raw) if rest else []) if h not in chosen]
    kinds = {names(c): VariableType.CATEGORY for c in category} | {names(c): VariableType.NUMBER for c in number}
    cohort = check(raw[chosen], described(raw, chosen, own, kinds))
    if cohort.mistakes and not wrong_as_missing:
        refuse(cohort, data, lambda value, v: suggestion(value, v, v.name))
    refuse_if_emptied(cohort, data)
    _answered(question, cohort, names, folder, inputs)


def _of_registry(
    data: Path,
    wanted: Sequence[str],
    question: Callable[..., Answer],
    folder: ResultFolder,
    category: Sequence[str],
    *,
    rest: bool,
) -> None:
    """The same of a registry: its data set has types already, and its columns are named as they are printed."""
    from ovcf.cli.cohort.source import read_registry
    from ovcf.cohort.data.dataset import Cohort
    from ovcf.cohort.data.infer import describable, heading_for
    from ovcf.exchange.dataset.build import dictionary_text, printed

    source = read_registry(data)
    frame, dictionary = printed(source.data)
    headings = [str(name) for name in frame.columns]
    short = dict(zip((v.name for v in source.data.dictionary.variables), headings, strict=True))

    def names(word: str) -> str:
        return short.get(word) or heading_for(word, headings)

    chosen = [*dict.fromkeys(map(names, wanted))]
    chosen += [h for h in (describable(frame) if rest else []) if h not in chosen]
    frame = frame[chosen].copy()
    for name in map(names, category):
        if frame[name].dtype == float:
            frame[name] = frame[name].map(lambda v: None if v != v else f"{v:g}").astype("category")
    variables = tuple(dictionary[name] for name in chosen)
    cohort = Cohort(frame, replace(dictionary, variables=variables), ())
    _answered(
        question,
        cohort,
        names,
        folder,
        [],
        notices=source.data.notices,
        known=source.inputs,
        columns=dictionary_text(source.data).encode(),
    )


def _answered(
    question: Callable[..., Answer],
    cohort: Cohort,
    names: Callable[[str], str],
    folder: ResultFolder,
    inputs: list[Path],
    *,
    notices: Sequence[str] = (),
    known: Sequence[tuple[str, str]] | None = None,
    columns: bytes = b"",
) -> None:
    """Ask, say what came out, and write the report; ``notices`` stand before it."""
    from ovcf.cli.cohort.cohort_output import say_table, write_report
    from ovcf.cohort.questions.answer import EventUnsaidError
    from ovcf.errors import CohortDataError

    _say_how_read(cohort)
    try:
        found = question(cohort.frame, names)
    except EventUnsaidError as error:
        raise CohortDataError(error.where, error.problem, "Say with --event which is the event.") from None
    say_table(found.report.items[0].result.tables[0])
    for line in found.headline:
        say(line)
    report = replace(found.report, notices=(*notices, *found.report.notices))
    write_report(report, cohort, folder, inputs, columns, known=known)


def _say_how_read(cohort: Cohort) -> None:
    """What each column was taken for, kind by kind."""
    from ovcf.cohort.data.dictionary import VariableType

    found: dict[str, list[str]] = {}
    for v in cohort.dictionary.variables:
        column = cohort.frame[v.name]
        if v.type is VariableType.BOOLEAN:
            found.setdefault("Yes or no", []).append(v.name)
        elif v.levels:
            labels = list(dict.fromkeys(label for _, label in v.levels))
            shown = f"{', '.join(labels[:4])}{', ...' if len(labels) > 4 else ''}"
            found.setdefault("Groups", []).append(f"{v.name} ({shown})")
        elif v.type in (VariableType.NUMBER, VariableType.INTEGER):
            found.setdefault("Numbers", []).append(f"{v.name} {column.min():g} to {column.max():g}")
        else:
            found.setdefault(v.type.value.capitalize(), []).append(v.name)
    for kind, names in found.items():
        say(f"{kind}: {'; '.join(names)}")


@dataclass(slots=True)
class Kept:
    """What a study of readers found, to be added to a reliability file once its report is written."""

    quantity: Quantity | None
    source: str
    path: Path | None
    found: IccResult | None = None

    @classmethod
    def asked(cls, quantity: str | None, source: str | None, path: Path | None) -> Kept:
        """As the options say.

        Raises:
            CohortDataError, FollowUpError: a file is asked for, and what it needs is not said.
        """
        from ovcf.errors import CohortDataError
        from ovcf.follow_up.reliability import measured_quantity

        if path is not None and (quantity is None or not (source or "").strip()):
            raise CohortDataError(
                "--reliability",
                "needs to know what was measured, and by whom",
                'Say --quantity "local kyphosis angle" and --source "Two readers, 30 patients, 2026".',
            )
        known = None if quantity is None else measured_quantity(quantity, "--quantity")
        return cls(known, (source or "").strip(), path)

    def take(self, found: IccResult) -> None:
        """Keep the result until it is written."""
        self.found = found

    def write(self) -> None:
        """Add it to the file."""
        from ovcf.files.result_file import write_file
        from ovcf.follow_up.reliability import Reliability, read_reliability, reliability_text, together

        if self.path is None or self.found is None or self.quantity is None:
            return
        readers = len(self.found.missing)
        one = Reliability(
            quantity=self.quantity,
            sem=self.found.sem,
            source=self.source,
            icc=self.found["ICC(2,1)"].value,
            subjects=self.found.n,
            readers=readers,
        )
        before = read_reliability(self.path) if self.path.is_file() else {}
        write_file(self.path, reliability_text(together(before, one)).encode(), replace=True)
        say(f"{self.path}: {self.quantity.value}, SEM {one.sem:.3g}, smallest detectable change {one.sdc:.3g}")


def pairs(option: str, given: Sequence[str]) -> dict[str, str]:
    """``COLUMN=VALUE`` taken apart.

    Raises:
        CohortDataError: one that is not so.
    """
    from ovcf.errors import CohortDataError

    found = {}
    for pair in given:
        column, equals, value = pair.rpartition("=")
        if not (column and equals and value):
            raise CohortDataError(f"{option} {pair!r}", "is not COLUMN=VALUE", "Write it like Sex=F.")
        found[column] = value
    return found


def knots_of(column: str, value: str) -> int:
    """A number of knots as it was written.

    Raises:
        CohortDataError: it is none.
    """
    from ovcf.errors import CohortDataError

    if value not in ("3", "4", "5", "6", "7"):
        raise CohortDataError(f"--spline {column}={value}", "gives no number of knots", "Give 3 to 7.")
    return int(value)
