"""The process that makes one analysis: ``python -m ovcf.server.cohort.analysis_process FOLDER``.

It takes the analysis, pickled by its parent, from standard input, and leaves ``report/``, ``content.json`` and
``result.json`` in FOLDER. It lives no longer than whoever holds the other end of its standard input.
"""

from __future__ import annotations

import json
import os
import pickle
import sys
import threading
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from importlib import import_module
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ovcf.errors import CohortDataError, OvcfError
from ovcf.language.stored_sentences import to_data
from ovcf.language.worded import joined, say

if TYPE_CHECKING:
    from collections.abc import Mapping

    import pandas as pd

    from ovcf.cohort.data.dataset import Cohort
    from ovcf.cohort.data.patient_rows import Keep
    from ovcf.cohort.data.time_between import TimeBetween
    from ovcf.cohort.questions.asked import Asked
    from ovcf.cohort.recipes.study_report import StudyReport
    from ovcf.exchange.dataset.build import DataSet

_SHOWN = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class Analysis:
    """What is to be made: a question (``asked``) or a whole ``design``, of a table in a file or of a registry's data.

    ``named`` and ``answers`` are what was said of a table's headings and codes for a design,
    ``repeats`` of patients with several rows; ``times`` are columns to make of two dates.
    """

    table: Path | None = None
    sheet: str | None = None
    data: DataSet | None = None
    inputs: tuple[tuple[str, str], ...] = ()
    name: str = ""
    asked: Asked | None = None
    design: str = ""
    named: Mapping[str, str]
    answers: Mapping[str, Mapping[str, str]]
    wrong_as_missing: bool = False
    repeats: Keep | None = None
    times: tuple[TimeBetween, ...] = ()


def made(analysis: Analysis) -> tuple[StudyReport, Cohort, bytes]:
    """The report, the table as it was read, and the dictionary of its columns.

    Raises:
        CohortDataError: the table does not allow it; every mistake is named.
    """
    if analysis.data is not None:
        return _of_registry(analysis, analysis.data)
    from ovcf.cohort.data.dataset import check
    from ovcf.cohort.data.time_between import with_times

    assert analysis.table is not None
    raw = read_named(analysis.table, analysis.name, analysis.sheet)
    if analysis.asked is not None:
        raw, said = _of_each_patient(with_times(raw, analysis.times), analysis.repeats)
        from ovcf.cohort.data.infer import describable
        from ovcf.cohort.questions.asked import Question, described

        chosen = list(analysis.asked.wanted)
        if analysis.asked.question is Question.TABLE1 and not analysis.asked.columns:
            chosen += [h for h in describable(raw) if h not in chosen]
        if absent := [h for h in chosen if h not in raw.columns]:
            raise CohortDataError(absent[0], "is no column of the table", "Choose another.")
        cohort = check(raw[chosen], described(raw, chosen, None, analysis.asked.kinds))
        _refuse_mistakes(cohort, wrong_as_missing=analysis.wrong_as_missing)
        return _told(_noticed(analysis.asked.answer(cohort.frame)), said), cohort, b""
    from ovcf.cohort.data.dictionary import Role
    from ovcf.cohort.mapping.write import mapping_text
    from ovcf.server.cohort.mapped import refuse_open, understood

    mapping = understood(raw, analysis.design, analysis.named, analysis.answers)
    refuse_open(mapping)
    dictionary = mapping.dictionary()
    who = next((v.source for v in dictionary.variables if v.role is Role.ID), None)
    raw, said = _of_each_patient(raw, analysis.repeats, who) if who else (raw, ())
    used = raw[[v.source for v in dictionary.variables]]
    cohort = check(used, replace(dictionary, ignored=None))
    _refuse_mistakes(cohort, wrong_as_missing=analysis.wrong_as_missing)
    return _told(_recipe(analysis.design)(cohort.frame), said), cohort, mapping_text(mapping).encode()


def _of_each_patient(raw: pd.DataFrame, keep: Keep | None, heading: str = "") -> tuple[pd.DataFrame, tuple[str, ...]]:
    """The rows to analyse, and what is said of those of one patient. ``heading`` names patients of a design, which
    has one row for each: where nobody said which, its check refuses."""
    from ovcf.cohort.data.patient_rows import Keep, only, repeated

    found = repeated(raw, heading)
    if found is None or (heading and keep in (None, Keep.ALL)):
        return raw, ()
    kept, said = only(raw, found, keep or Keep.ALL)
    return kept, (said,)


def read_named(path: Path, name: str, sheet: str | None = None) -> pd.DataFrame:
    """A table whose errors call it by the name under which it was sent.

    Raises:
        OvcfError: it cannot be read.
    """
    from ovcf.cohort.data.read import read_table

    try:
        return read_table(path, sheet=sheet)
    except OvcfError as error:
        if str(error.where) == str(path):
            raise type(error)(name, error.problem, error.remedy) from None
        raise


def _of_registry(analysis: Analysis, data: DataSet) -> tuple[StudyReport, Cohort, bytes]:
    from ovcf.cohort.data.dataset import Cohort
    from ovcf.exchange.dataset.build import dictionary_text, printed
    from ovcf.exchange.dataset.validation import registry_validation

    text = dictionary_text(data).encode()
    if analysis.asked is None:
        if analysis.design != "validate":
            raise CohortDataError(analysis.design, "is made of a table", "Choose validate, or a question.")
        return registry_validation(data), Cohort(data.frame, data.dictionary, ()), text
    from ovcf.cohort.data.infer import describable
    from ovcf.cohort.questions.asked import Question

    frame, dictionary = printed(data)
    chosen = list(analysis.asked.wanted)
    if analysis.asked.question is Question.TABLE1 and not analysis.asked.columns:
        chosen += [h for h in describable(frame) if h not in chosen]
    if absent := [h for h in chosen if h not in frame.columns]:
        raise CohortDataError(absent[0], "is no column of the registry", "Choose another.")
    kept = frame[chosen].copy()
    found = _noticed(analysis.asked.answer(kept))
    found = replace(found, notices=(*data.notices, *found.notices))
    variables = tuple(dictionary[name] for name in chosen)
    return found, Cohort(kept, replace(dictionary, variables=variables), ()), text


def _noticed(answer: Any) -> StudyReport:
    """The report with its main figures before it."""
    report: StudyReport = answer.report
    return replace(report, notices=(*answer.headline, *report.notices))


def _told(report: StudyReport, said: tuple[str, ...]) -> StudyReport:
    return replace(report, notices=(*said, *report.notices))


def _recipe(design: str) -> Any:
    if design == "validate":
        from ovcf.cohort.recipes.validation import validation_study

        return validation_study
    return getattr(import_module(f"ovcf.cohort.recipes.{design}"), f"{design}_study")


def _refuse_mistakes(cohort: Cohort, *, wrong_as_missing: bool) -> None:
    from ovcf.cohort.data.complaints import complaints, misunderstood

    if not cohort.mistakes:
        return
    if not wrong_as_missing:
        found = [str(c) for c in complaints(cohort)]
        more = say("; and {mistakes} more", mistakes=len(found) - _SHOWN) if len(found) > _SHOWN else ""
        lost = misunderstood(cohort)
        remedy = (
            say("Correct the table: the wrong values of {lost} are too many to be slips.", lost=joined(", ", lost))
            if lost
            else "Correct the table, or take such values as missing; the report lists each."
        )
        problem = say("has values that cannot be: {found}{more}", found=joined("; ", found[:_SHOWN]), more=more)
        raise CohortDataError("The table", problem, remedy)
    wrong = {m.column for m in cohort.mistakes}
    emptied = [v.source for v in cohort.dictionary.variables if v.source in wrong and _empty(cohort.frame, v.name)]
    if emptied:
        raise CohortDataError(", ".join(emptied), "would have no value left", "Correct the table.")


def _empty(frame: pd.DataFrame, name: str) -> bool:
    return bool(frame[name].isna().all())


def write(analysis: Analysis, folder: Path) -> None:
    """Make the analysis and write what came of it into a folder.

    Raises:
        OvcfError: it cannot be made.
    """
    from ovcf.language.spoken import LANGUAGES
    from ovcf.report.cohort.cohort_content import CohortProvenance
    from ovcf.report.cohort.cohort_write import cohort_report
    from ovcf.server.cohort.command_line import command

    study, cohort, columns = made(analysis)
    if not study.items:
        reasons = [say("{where}: {problem}", where=n.name, problem=n.reason) for n in study.not_made]
        problem = say("allow no analysis: {reasons}", reasons=joined("; ", reasons[:_SHOWN]))
        raise CohortDataError("These columns", problem, "Add columns.")
    asked = analysis.asked
    typed = f"ovcf cohort {analysis.design} {analysis.name}" if asked is None else command(asked, analysis.name)
    provenance = CohortProvenance(
        software=f"ovcf {version('ovcf')}",
        command=typed,
        created_at=datetime.now(UTC).isoformat(timespec="seconds"),
        inputs=analysis.inputs,
    )
    content, files = cohort_report(
        study, provenance, mistakes=cohort.mistakes, undescribed=cohort.undescribed, languages=LANGUAGES
    )
    if columns:
        files["columns.toml"] = columns
    for name, body in files.items():
        path = folder / "report" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(body)
    (folder / "content.json").write_text(json.dumps(content), "utf-8")


def main(folder: Path) -> None:
    """Make what the parent asks for."""
    analysis = pickle.load(sys.stdin.buffer)  # noqa: S301  # our own parent's
    assert isinstance(analysis, Analysis)
    threading.Thread(target=_live_no_longer_than_the_parent, daemon=True).start()
    result: dict[str, Any] = {}
    try:
        write(analysis, folder)
    except OvcfError as error:
        from ovcf.render.words.remedies import words

        told = {"where": error.where, "problem": error.problem, "remedy": words(error.remedy)}
        result = {name: to_data(text if isinstance(text, str) else str(text)) for name, text in told.items()}
    (folder / "result.json").write_text(json.dumps(result), "utf-8")


def _live_no_longer_than_the_parent() -> None:
    while os.read(0, 64):
        pass
    os._exit(1)


if __name__ == "__main__":
    from ovcf.server.cohort import analysis_process  # under its own name, as its parent pickled it

    analysis_process.main(Path(sys.argv[1]).resolve())
