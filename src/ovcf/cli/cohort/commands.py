"""``ovcf cohort``: every table and figure of a published design on a table of patients; one question to any table."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

from cyclopts import App, Parameter

from ovcf.cli.cohort.cohort_questions import Language, add_to
from ovcf.cli.streams import say
from ovcf.language.spoken import speaking

if TYPE_CHECKING:
    from collections.abc import Callable

    from ovcf.cohort.data.dictionary import Dictionary
    from ovcf.cohort.recipes.study_report import StudyReport

Design = Literal["nasovcf", "nagao", "voormolen", "kadri", "multicentre"]
_RECONSTRUCTED = (
    "RECONSTRUCTED COHORT, not patients: 208 rows that agree with every count printed in HAN 2025, as many others "
    "would. For trying methods and checking the paper's arithmetic only."
)

app = App(
    name="cohort",
    help="One question to any table of patients, or every table and figure of a published design: HTML, PDF, Word, "
    "CSV, SVG and PNG. Your own headings, codes and units will do.",
    help_epilogue="""`ovcf cohort columns DESIGN` prints the columns that a design knows.
    Try `ovcf cohort demo --out demo`.""",
)


def _study(
    design: Design,
    data: Path,
    out: Path,
    dictionary: Path | None,
    rename: tuple[str, ...],
    wrong_as_missing: bool,
    yes: bool,
    sheet: str | None,
    study: Callable[..., StudyReport] | None = None,
    name: str = "",
) -> None:
    """``study`` is what is made of the table, where it is not the whole design, and ``name`` the command for it."""
    from dataclasses import replace

    from ovcf.cli.cohort.cohort_mapping import understood
    from ovcf.cli.cohort.cohort_output import refuse, refuse_if_emptied, say_sheet, write_report
    from ovcf.cohort.data.dataset import check
    from ovcf.cohort.data.read import read_dictionary, read_table
    from ovcf.cohort.mapping.guess import guess_mapping
    from ovcf.cohort.mapping.value_codes import suggestion
    from ovcf.cohort.recipes.columns_of import columns_of
    from ovcf.errors import CohortDataError
    from ovcf.files.result_folder import ResultFolder
    from ovcf.report.cohort.cohort_write import KIND

    inputs = [data, *([dictionary] if dictionary else [])]
    folder = ResultFolder.at(out, KIND, inputs)
    raw = read_table(data, sheet=sheet)
    say_sheet(raw)
    own = read_dictionary(dictionary) if dictionary else None
    own, named = _renamed(rename, [str(h) for h in raw.columns], columns_of(design), own)
    mapping = guess_mapping(raw, columns_of(design), own, named)
    if own is not None:  # described under a name of its own, and guessed to be one of the design's
        guessed = {g.heading for g in mapping.guesses}
        own = replace(own, variables=tuple(v for v in own.variables if v.source not in guessed))
    command = ["ovcf", "cohort", name or design, str(data), "--out", str(out)]
    whole, text = understood(mapping, own, data, yes=yes, command=command)
    if not whole.variables:
        raise CohortDataError(
            data,
            f"has no column that {design} knows",
            f'Say which are which: --rename "Your heading=name"; `ovcf cohort columns {design}` lists the names.',
        )
    if whole.ignored is not None:
        raw = raw[[v.source for v in whole.variables if v.source in raw.columns]]
    cohort = check(raw, whole)
    if cohort.mistakes and not wrong_as_missing:
        refuse(cohort, data, lambda value, v: suggestion(value, v, v.name))
    refuse_if_emptied(cohort, data)
    write_report((study or _recipe(design))(cohort.frame), cohort, folder, inputs, text)


def _renamed(
    pairs: tuple[str, ...], headings: list[str], known: Dictionary, own: Dictionary | None
) -> tuple[Dictionary | None, dict[str, str]]:
    """Headings by the names that were said; a name of the user's own dictionary gets its heading there.

    Raises:
        CohortDataError: no such heading, or a name that nothing knows, with the nearest that is.
    """
    from dataclasses import replace

    from ovcf.cohort.data.infer import nearest
    from ovcf.cohort.recipes.columns_of import described
    from ovcf.errors import CohortDataError

    named = {}
    mine = {v.name for v in own.variables} if own else set()
    for pair in pairs:
        theirs, equals, ours = pair.rpartition("=")
        where = f"--rename {pair!r}"
        if not equals or not theirs or not ours:
            raise CohortDataError(where, "is not YOURS=OURS", 'Write "Pain before=vas_0mo".')
        if theirs not in headings:
            raise CohortDataError(where, f"the table has no column {theirs!r}", nearest(theirs, headings))
        if ours not in mine and described(known, ours) is None:
            raise CohortDataError(
                where, f"no column is called {ours!r} here", nearest(ours, [v.name for v in known.variables])
            )
        named[theirs] = ours
    if own and named:
        by_name = {ours: theirs for theirs, ours in named.items()}
        own = replace(own, variables=tuple(replace(v, heading=by_name.get(v.name, v.heading)) for v in own.variables))
    return own, named


def _recipe(design: Design) -> Callable[..., StudyReport]:
    from importlib import import_module

    study: Callable[..., StudyReport] = getattr(import_module(f"ovcf.cohort.recipes.{design}"), f"{design}_study")
    return study


def _command(design: Design, help_text: str) -> None:
    def run(
        data: Path,
        *,
        out: Path = Path("ovcf-cohort"),
        dictionary: Path | None = None,
        rename: Annotated[tuple[str, ...], Parameter(consume_multiple=True)] = (),
        wrong_as_missing: bool = False,
        yes: bool = False,
        sheet: str | None = None,
        language: Language = "en",
    ) -> None:
        with speaking(language):
            _study(design, data, out, dictionary, rename, wrong_as_missing, yes, sheet)

    run.__doc__ = f"""{help_text}

    What the columns do not allow is listed in the report with the reason.

    Args:
        data: CSV (comma, semicolon or tab), Excel (.xlsx) or Parquet, one row per patient (voormolen: per
            treated vertebra).
        out: Folder for the report; an earlier cohort report there is replaced.
        dictionary: Your data dictionary, TOML or REDCap's CSV; it goes before what the design knows of its columns.
        rename: Your headings by the design's names, YOURS=OURS, e.g. "Pain before=vas_0mo".
        wrong_as_missing: Go on with values that cannot be taken as missing; the report lists each.
        yes: Accept what your headings, codes and units are taken for without asking.
        sheet: The sheet of a workbook; the first that is not hidden if left out.
        language: Language of the report and its figures: en, or zh (Simplified Chinese).
    """
    app.command(run, name=design, group="A whole study by its design")


add_to(app)
_command("nasovcf", "HAN 2025: the score, non-union, progressive kyphosis, height loss, pain, disability.")
_command("nagao", "NAGAO 2025: edema at each visit and severe collapse at 1 year; JOABPEQ, ODI, VAS.")
_command("voormolen", "VOORMOLEN 2006: edema in the year after vertebroplasty, pain, analgesics.")
_command("kadri", "KADRI 2025: vertebral bone quality and time to a secondary fracture.")
_command("multicentre", "NASOVCF in several centres: each centre and pooled, missing data, death, two readers.")


@app.command(group="A whole study by its design")
def validate(
    data: Path,
    *,
    out: Path = Path("ovcf-validation"),
    dictionary: Path | None = None,
    rename: Annotated[tuple[str, ...], Parameter(consume_multiple=True)] = (),
    wrong_as_missing: bool = False,
    yes: bool = False,
    sheet: str | None = None,
    language: Language = "en",
) -> None:
    """External validation of NASOVCF: non-union and progressive kyphosis beside HAN 2025, with TRIPOD+AI's checklist.

    Try

        ovcf cohort validate ~/.local/share/ovcf --out validation

    Args:
        data: The data folder of a registry (with OVCF_DATABASE_URL its tables lie there), or a table: CSV or Parquet,
            one row per patient. Of a registry, patients like HAN's are taken, and the others are counted by reason.
        out: Folder for the report; an earlier cohort report there is replaced.
        dictionary: Of a table: your data dictionary, TOML or REDCap's CSV.
        rename: Of a table: your headings by the design's names, YOURS=OURS.
        wrong_as_missing: Go on with values that cannot be taken as missing; the report lists each.
        yes: Accept what your headings, codes and units are taken for without asking.
        sheet: The sheet of a workbook; the first that is not hidden if left out.
        language: Language of the report and its figures: en, or zh (Simplified Chinese).
    """
    from ovcf.cli.cohort.source import is_registry
    from ovcf.cohort.recipes.validation import validation_study

    with speaking(language):
        if is_registry(data):
            _validate_registry(data, out)
        else:
            _study("nasovcf", data, out, dictionary, rename, wrong_as_missing, yes, sheet, validation_study, "validate")


def _validate_registry(data: Path, out: Path) -> None:
    from ovcf.cli.cohort.cohort_output import write_report
    from ovcf.cli.cohort.source import read_registry
    from ovcf.cohort.data.dataset import Cohort
    from ovcf.exchange.dataset.build import dictionary_text
    from ovcf.exchange.dataset.validation import registry_validation
    from ovcf.files.result_folder import ResultFolder
    from ovcf.report.cohort.cohort_write import KIND

    folder = ResultFolder.at(out, KIND, [data])
    source = read_registry(data, answers=False)
    cohort = Cohort(source.data.frame, source.data.dictionary, ())
    write_report(
        registry_validation(source.data),
        cohort,
        folder,
        [data],
        dictionary_text(source.data).encode(),
        known=source.inputs,
    )


@app.command
def demo(*, out: Path = Path("ovcf-cohort-demo"), language: Language = "en") -> None:
    """HAN's design on the cohort reconstructed from the paper's printed counts: not patients.

    Args:
        out: Folder for the report.
        language: Language of the report and its figures: en, or zh (Simplified Chinese).
    """
    from importlib.resources import as_file, files

    from ovcf.cli.cohort.cohort_output import write_report
    from ovcf.cohort.data.dataset import check
    from ovcf.cohort.data.read import read_table
    from ovcf.cohort.recipes.columns_of import dictionary_for
    from ovcf.cohort.recipes.nasovcf import nasovcf_study
    from ovcf.files.result_folder import ResultFolder
    from ovcf.report.cohort.cohort_write import KIND

    folder = ResultFolder.at(out, KIND)
    with as_file(files("ovcf.cohort").joinpath("tables", "han_2025_reconstructed.csv")) as path, speaking(language):
        raw = read_table(path).drop(columns="group")
        cohort = check(raw, dictionary_for("nasovcf", raw.columns))
        write_report(nasovcf_study(cohort.frame, notices=[_RECONSTRUCTED], reconstructed=True), cohort, folder, [path])


@app.command
def columns(design: Design) -> None:
    """The columns that a design knows, as a data dictionary in TOML.

    Args:
        design: nasovcf, nagao, voormolen, kadri or multicentre.
    """
    from ovcf.cohort.recipes.columns_of import columns_text

    say(columns_text(design), end="")


@app.command
def score(
    name: str,
    data: Path,
    /,
    *,
    column: Annotated[tuple[str, ...], Parameter(consume_multiple=True, negative=(), show_default=False)] = (),
    sheet: str | None = None,
    out: Path = Path("scored.csv"),
) -> None:
    """Any published score of every patient of a table.

    Example: ovcf cohort score ava patients.csv --column instability_mm="Instability (mm)" --out scored.csv

    Args:
        name: The score, as `ovcf score list` names it.
        data: CSV, Excel (.xlsx) or Parquet, one row per patient. A heading may be the id, the option or the name of an
            input, or the field of the clinical file. Empty is not known, never zero.
        column: Which heading an input has, INPUT=HEADING; `ovcf score list --json` has the inputs.
        sheet: The sheet of a workbook; the first that is not hidden if left out.
        out: The table with status, total, group and range, or class, behind your columns. Another file there stays.
    """
    from ovcf.cli.cohort.cohort_output import say_sheet
    from ovcf.cohort.data.read import read_table
    from ovcf.cohort.data.score_table import scored
    from ovcf.errors import ScoreInputError
    from ovcf.files.result_file import write_file
    from ovcf.scores.registry import scores

    if name not in scores():
        raise ScoreInputError(f"score {name!r}", "is not known", f"The scores are {', '.join(sorted(scores()))}.")
    declared = scores()[name]
    table = read_table(data, sheet=sheet)
    say_sheet(table)
    found = scored(table, declared, dict(text.partition("=")[::2] for text in column))
    write_file(out, found.to_csv(index=False).encode())
    kind = f"{name} {'status' if declared.items else 'class'}"
    counted = found[kind].fillna("open").value_counts()
    say(f"{len(found)} patients: " + ", ".join(f"{n} {word}" for word, n in counted.items()))
    say(f"Derived on, or meant for: {declared.population}. Not for: {declared.not_for}.")
    say(str(out))


@app.command(name="check-sources")
def check_sources() -> None:
    """The contradictions of the source papers, recomputed: what is printed beside what it should be."""
    from rich.table import Table

    from ovcf.cli.terminal import Terminal
    from ovcf.cohort.published.source_check import check_sources as checks

    table = Table("Id", "Source", "Printed", "Recomputed", "Holds")
    for c in checks():
        table.add_row(c.id, c.source, c.printed, c.recomputed, {True: "yes", False: "no", None: "undecided"}[c.holds])
    Terminal().print(table)
