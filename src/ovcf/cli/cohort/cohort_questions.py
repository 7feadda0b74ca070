"""``ovcf cohort table1 | roc | km | regression | agreement``: one question each to any named columns of any table."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

from cyclopts import Parameter

from ovcf.cli.cohort.cohort_answer import answer, knots_of, pairs
from ovcf.language.spoken import speaking

if TYPE_CHECKING:
    from collections.abc import Callable

    import pandas as pd
    from cyclopts import App

    from ovcf.cohort.questions.answer import Answer

_SEVERAL = Parameter(consume_multiple=True, negative=(), show_default=False)
Language = Literal["en", "zh"]
Names = Annotated[tuple[str, ...], _SEVERAL]
Pairs = Annotated[tuple[str, ...], _SEVERAL]
Numbers = Annotated[tuple[float, ...], _SEVERAL]
Yes = Annotated[bool, Parameter(negative=(), show_default=False)]


def table1(
    data: Path,
    *,
    by: str,
    columns: Names = (),
    dictionary: Path | None = None,
    category: Names = (),
    number: Names = (),
    wrong_as_missing: Yes = False,
    sheet: str | None = None,
    out: Path = Path("ovcf-table1"),
    language: Language = "en",
) -> None:
    """Table 1: your patients by group, with the test of each variable and why this one.

    Example: ovcf cohort table1 patients.csv --by "Non-union" --columns "Age (yrs)" Sex "T-score L1-4"

    Args:
        data: CSV (comma, semicolon or tab), Excel (.xlsx) or Parquet, one row per patient. Case, joints and units of a
            heading may be left out where no other is like it: age for "Age (yrs)".
        by: The column of the groups.
        columns: What to describe; every column if left out.
        dictionary: Your data dictionary, TOML or REDCap's CSV: labels, ranges, codes of missing values.
        category: Columns that are groups though they hold numbers.
        number: Columns that are numbers though they hold few of them.
        wrong_as_missing: Go on with values that cannot be taken as missing; the report lists each.
        sheet: The sheet of a workbook; the first that is not hidden if left out.
        out: Folder for the report; an earlier cohort report there is replaced.
        language: Language of the report and its figures: en, or zh (Simplified Chinese).
    """
    from ovcf.cohort.questions.table1 import columns_to_describe
    from ovcf.cohort.questions.table1 import table1 as ask

    def question(frame: pd.DataFrame, names: Callable[[str], str]) -> Answer:
        chosen = [names(c) for c in columns] or columns_to_describe(frame, names(by))
        return ask(frame, names(by), chosen)

    with speaking(language):
        answer(
            data,
            [by, *columns],
            question,
            dictionary,
            [*category, by],
            number,
            wrong_as_missing,
            out,
            rest=not columns,
            sheet=sheet,
        )


def roc(
    data: Path,
    *,
    outcome: str,
    by: Annotated[tuple[str, ...], Parameter(name=["--by", "--markers"], consume_multiple=True, negative=())],
    event: str | None = None,
    lower: Names = (),
    cut_off: Numbers = (),
    dictionary: Path | None = None,
    wrong_as_missing: Yes = False,
    sheet: str | None = None,
    out: Path = Path("ovcf-roc"),
    language: Language = "en",
) -> None:
    """ROC curves of one or more markers: area, interval, cut-offs; every two markers compared (DeLong).

    Example: ovcf cohort roc patients.csv --outcome "Non-union" --by "Height loss (%)" T-score --lower T-score

    Args:
        data: CSV (comma, semicolon or tab), Excel (.xlsx) or Parquet, one row per patient.
        outcome: The column of the event: yes and no, 1 and 0, or words of which --event names one.
        by: The markers: columns of numbers, of which more speaks for the event.
        event: The value of the outcome that is the event, where it is not yes or 1.
        lower: Markers of which less speaks for the event.
        cut_off: Cut-offs fixed beforehand, for a single marker; the event is beyond them.
        dictionary: Your data dictionary, TOML or REDCap's CSV.
        wrong_as_missing: Go on with values that cannot be taken as missing; the report lists each.
        sheet: The sheet of a workbook; the first that is not hidden if left out.
        out: Folder for the report; an earlier cohort report there is replaced.
        language: Language of the report and its figures: en, or zh (Simplified Chinese).
    """
    from ovcf.cohort.questions.discrimination import discrimination

    def question(frame: pd.DataFrame, names: Callable[[str], str]) -> Answer:
        return discrimination(
            frame,
            names(outcome),
            [names(m) for m in by],
            event=event,
            lower=[names(m) for m in lower],
            cut_offs=cut_off,
        )

    with speaking(language):
        answer(data, [outcome, *by, *lower], question, dictionary, (), by, wrong_as_missing, out, sheet=sheet)


def km(
    data: Path,
    *,
    time: str,
    outcome: str,
    by: str | None = None,
    event: str | None = None,
    at: Numbers = (),
    unit: str = "months",
    dictionary: Path | None = None,
    wrong_as_missing: Yes = False,
    sheet: str | None = None,
    out: Path = Path("ovcf-km"),
    language: Language = "en",
) -> None:
    """Kaplan-Meier curves with numbers at risk; of groups the log-rank test and hazard ratios.

    Example: ovcf cohort km patients.csv --time "Follow-up (months)" --outcome "New fracture" --by Brace --at 6 12

    Args:
        data: CSV (comma, semicolon or tab), Excel (.xlsx) or Parquet, one row per patient.
        time: The column of the time followed.
        outcome: The column that says what ended it: yes and no, 1 and 0, or words of which --event names one.
        by: The column of groups to compare.
        event: The value of the outcome that is the event; every other is follow-up without it.
        at: Times at which the share free of the event is tabulated.
        unit: Of the time, in print.
        dictionary: Your data dictionary, TOML or REDCap's CSV.
        wrong_as_missing: Go on with values that cannot be taken as missing; the report lists each.
        sheet: The sheet of a workbook; the first that is not hidden if left out.
        out: Folder for the report; an earlier cohort report there is replaced.
        language: Language of the report and its figures: en, or zh (Simplified Chinese).
    """
    from ovcf.cohort.questions.time_to_event import time_to_event

    def question(frame: pd.DataFrame, names: Callable[[str], str]) -> Answer:
        return time_to_event(
            frame, names(time), names(outcome), by=names(by) if by else None, event=event, at=at, unit=unit
        )

    groups = [by] if by else []
    with speaking(language):
        answer(data, [time, outcome, *groups], question, dictionary, groups, [time], wrong_as_missing, out, sheet=sheet)


def regression(
    data: Path,
    *,
    outcome: str,
    by: Annotated[tuple[str, ...], Parameter(name=["--by", "--predictors"], consume_multiple=True, negative=())],
    time: str | None = None,
    event: str | None = None,
    reference: Pairs = (),
    spline: Pairs = (),
    cluster: str | None = None,
    strata: Names = (),
    category: Names = (),
    number: Names = (),
    dictionary: Path | None = None,
    wrong_as_missing: Yes = False,
    sheet: str | None = None,
    out: Path = Path("ovcf-regression"),
    language: Language = "en",
) -> None:
    """The regression that fits the outcome: linear for a number, logistic for yes and no, Cox with --time.

    Example: ovcf cohort regression patients.csv --outcome "Non-union" --by "Age (yrs)" Sex --reference Sex=M

    Args:
        data: CSV (comma, semicolon or tab), Excel (.xlsx) or Parquet, one row per patient.
        outcome: The column to explain.
        by: The predictors: numbers enter linearly, groups against their first.
        time: The column of the time followed: Cox's model.
        event: The value of the outcome that is the event, where it is not yes or 1.
        reference: The group to compare with, COLUMN=GROUP.
        spline: Numbers whose effect may bend, with how many knots (3 to 7), COLUMN=KNOTS.
        cluster: A column of patients who belong together, such as the centre; errors allow for it (linear, logistic).
        strata: Columns of groups with baseline hazards of their own (Cox).
        category: Columns that are groups though they hold numbers.
        number: Columns that are numbers though they hold few of them.
        dictionary: Your data dictionary, TOML or REDCap's CSV.
        wrong_as_missing: Go on with values that cannot be taken as missing; the report lists each.
        sheet: The sheet of a workbook; the first that is not hidden if left out.
        out: Folder for the report; an earlier cohort report there is replaced.
        language: Language of the report and its figures: en, or zh (Simplified Chinese).
    """
    from ovcf.cohort.questions.asked import level_of
    from ovcf.cohort.questions.explanation import explanation

    against, knots = pairs("--reference", reference), pairs("--spline", spline)

    def question(frame: pd.DataFrame, names: Callable[[str], str]) -> Answer:
        return explanation(
            frame,
            names(outcome),
            [names(p) for p in by],
            event=event,
            time=names(time) if time else None,
            references={names(k): level_of(frame, names(k), v) for k, v in against.items()},
            splines={names(k): knots_of(k, v) for k, v in knots.items()},
            cluster=names(cluster) if cluster else None,
            strata=[names(s) for s in strata],
        )

    groups = [*strata, *([cluster] if cluster else [])]
    wanted = [outcome, *by, *([time] if time else []), *groups]
    numbers = [*number, *knots, *([time] if time else [])]
    with speaking(language):
        answer(data, wanted, question, dictionary, [*category, *groups], numbers, wrong_as_missing, out, sheet=sheet)


def agreement(
    data: Path,
    *,
    readings: Annotated[tuple[str, ...], Parameter(consume_multiple=True, negative=())],
    quantity: str | None = None,
    source: str | None = None,
    reliability: Path | None = None,
    dictionary: Path | None = None,
    wrong_as_missing: Yes = False,
    out: Path = Path("ovcf-agreement"),
    language: Language = "en",
) -> None:
    """Agreement of readers on one measurement: ICC, standard error, smallest detectable change, limits of agreement.

    Example: ovcf cohort agreement readings.csv --readings "KA reader 1" "KA reader 2" --quantity "local kyphosis angle"
    --source "Two readers, 2026" --reliability our-readers.toml

    Args:
        data: CSV (comma, semicolon or tab) or Parquet, one row per patient.
        readings: The columns, one for each reader or repeat.
        quantity: What they are, as follow-up calls it: vertebral height loss, local kyphosis angle, ...
        source: Where the readings come from; it stands in every report that uses their error.
        reliability: Add SEM and SDC to this file, for `ovcf follow-up --reliability`.
        dictionary: Your data dictionary, TOML or REDCap's CSV.
        wrong_as_missing: Go on with values that cannot be taken as missing; the report lists each.
        out: Folder for the report; an earlier cohort report there is replaced.
        language: Language of the report and its figures: en, or zh (Simplified Chinese).
    """
    from ovcf.cli.cohort.cohort_answer import Kept
    from ovcf.cohort.questions.agreement import agreement as ask

    kept = Kept.asked(quantity, source, reliability)

    def question(frame: pd.DataFrame, names: Callable[[str], str]) -> Answer:
        made, found = ask(frame, [names(r) for r in readings])
        kept.take(found)
        return made

    with speaking(language):
        answer(data, readings, question, dictionary, (), readings, wrong_as_missing, out)
    kept.write()


def add_to(app: App) -> None:
    """Make them commands of ``ovcf cohort``."""
    for command in (table1, roc, km, regression, agreement):
        app.command(command, name=command.__name__, group="One question to any columns of any table")
