"""``ovcf registry``: the registry out as a table, a table into the registry, and a simulated one."""

from __future__ import annotations

from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

from cyclopts import App, Parameter

from ovcf.cli.streams import say

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ovcf.exchange.incoming.bring_in import Outcome
    from ovcf.exchange.incoming.said import Reading
    from ovcf.registry.store import Registry

app = App(name="registry", help="The whole registry as a table for REDCap and others, tables into it, a simulated one.")
Acting = Annotated[str | None, Parameter(name="--as", help="Code of the person who acts, where there are several.")]
Where = Annotated[Path | None, Parameter(name="--registry", help="Its data folder, where it is not the usual one.")]
_SHOWN = 20


@app.command
def export(
    *,
    out: Path = Path("ovcf-registry"),
    site: Annotated[tuple[str, ...], Parameter(consume_multiple=True)] = (),
    patient: Annotated[tuple[str, ...], Parameter(consume_multiple=True)] = (),
    format_: Annotated[Literal["csv", "labels", "parquet"], Parameter(name="--format")] = "csv",
    shift_dates: bool = False,
    registry_: Where = None,
    as_: Acting = None,
) -> None:
    """The registry as a table in REDCap's longitudinal layout, with all that sets up a REDCap project for it.

    Patients are named by pseudonym; names and identities are never written. Who withdrew consent to research is left
    out. The audit gets an entry for every patient.

    Try

        ovcf registry export --out registry-table

        ovcf registry export --site AKH --format parquet --shift-dates --out for-partners

    Args:
        out: Folder for the table, REDCap's set-up and about.json; an earlier export there is replaced.
        site: Codes of sites; all that you may see if left out.
        patient: Pseudonyms; all patients if left out.
        format_: csv (codes), labels (REDCap's labelled export) or parquet (with types).
        shift_dates: Move all dates of a patient back by the same number of days, 1 to 365, that nobody else knows. Who
            may not see identities must.
    """
    from ovcf.exchange.export import KIND, Format
    from ovcf.exchange.export import export as write
    from ovcf.files.result_folder import ResultFolder
    from ovcf.registry import service
    from ovcf.registry.access import Act, principal_of, require

    folder = ResultFolder.at(out, KIND)
    with _open(registry_) as registry:
        with registry.reading() as session:
            person = service.person_named(session, as_, Act.EXPORT)
            if not shift_dates:
                require(principal_of(session, person), Act.SEE_IDENTITY)
            sites = service.sites_of(session, person, site)
        done = write(
            registry,
            person.id,
            folder,
            sites=sites,
            codes=list(patient) or None,
            format_=Format(format_),
            shift_dates=shift_dates,
        )
    if done.simulated:
        say("SIMULATED DATA, not patients.")
    if done.withdrawn:
        say(f"{done.withdrawn} patients withdrew their consent to research and are left out")
    say(f"{done.patients} patients, {done.lines} lines")
    say(folder.path)


@app.command(name="import")
def import_(
    table: Path,
    *,
    write: bool = False,
    accept_good_rows: bool = False,
    dictionary: Path | None = None,
    rename: Annotated[tuple[str, ...], Parameter(consume_multiple=True)] = (),
    visit: str | None = None,
    problems: Path | None = None,
    registry_: Where = None,
    as_: Acting = None,
) -> None:
    """A table into the registry: every value that cannot be taken is named; nothing is written without --write.

    A REDCap export (codes or labels) or what `ovcf registry export` wrote goes in as it is. In any other table headings
    are guessed as `ovcf cohort` does: one row per patient with columns such as "VAS 3 months", or one row per visit.
    The same table twice adds nothing; another value is a correction, and the earlier one stays in the registry.
    Cells that are empty change nothing.

    Try

        ovcf registry import registry-table/registry.csv

        ovcf registry import registry-table/registry.csv --write

        ovcf registry import patients.csv --rename "Pain before=vas_0mo" --problems problems.csv

    Args:
        table: CSV or Parquet.
        write: Write it, if nothing is wrong with it.
        accept_good_rows: Write the rows with which nothing is wrong, and leave out the others.
        dictionary: Your data dictionary, TOML or REDCap's CSV; of a table that is not in REDCap's layout.
        rename: Your headings by ovcf's names, YOURS=OURS; `ovcf cohort columns nasovcf` lists them.
        visit: The heading that says which visit a row is of, where it is not plain.
        problems: A new CSV file for every problem, one a row.
    """
    from ovcf.exchange.incoming.bring_in import bring_in
    from ovcf.registry import service
    from ovcf.registry.access import Act

    with _open(registry_) as registry:
        reading = _read(table, dictionary, rename, visit)
        with registry.reading() as session:
            person = service.person_named(session, as_, Act.WRITE_FACTS)
        found = bring_in(
            registry,
            person,
            reading,
            source=table.name,
            write=write or accept_good_rows,
            accept_good_rows=accept_good_rows,
        )
    if problems is not None:
        _write_problems(found, problems)
    _tell(reading, found, wanted=write or accept_good_rows)


@app.command
def simulate(
    *,
    patients: int = 1000,
    visits: int = 5,
    images: int = 0,
    seed: int = 0,
    registry_: Where = None,
    quiet: bool = False,
) -> None:
    """Fill a new registry with patients who never were, with courses like those of HAN 2025.

    Everything made of it says that it is simulated. It must not lie among real patients: give it a folder of its own.

    Try

        ovcf registry simulate --registry simulated --patients 1000 --seed 1

        ovcf cohort validate simulated

    Args:
        patients: How many.
        visits: Planned for each: before treatment, at 1, 3, 6 and 12 months, then unscheduled.
        images: For how many of them images and a reading are made; about half a second each.
        seed: Decides everything: the same numbers give the same patients.
        quiet: Print nothing but errors.
    """
    from rich.progress import Progress

    from ovcf.cli.registry.opened import open_registry
    from ovcf.cli.terminal import Terminal
    from ovcf.exchange.simulated.make import Plan
    from ovcf.exchange.simulated.make import simulate as make

    registry = open_registry(registry_, create=True)
    try:
        with Progress(console=Terminal(), transient=True, disable=quiet) as bar:
            task = bar.add_task("", total=1.0)
            make(
                registry,
                Plan(patients, visits, images, seed),
                lambda what, share: bar.update(task, description=what, completed=share),
            )
    finally:
        registry.close()
    if not quiet:
        say(f"{patients} simulated patients{f', {images} with images' if images else ''}: no real ones")


def _read(table: Path, dictionary: Path | None, rename: tuple[str, ...], visit: str | None) -> Reading:
    from ovcf.exchange.incoming.plain import read_plain
    from ovcf.exchange.incoming.redcap import is_redcap, read_redcap
    from ovcf.exchange.incoming.sheet import read_sheet

    sheet = read_sheet(table)
    if is_redcap(sheet.headings):
        return read_redcap(sheet)
    return read_plain(sheet, table, dictionary=dictionary, rename=rename, visit=visit)


def _tell(reading: Reading, found: Outcome, *, wanted: bool) -> None:
    from ovcf.exchange.incoming.said import grouped, ranges

    for note in reading.notes:
        say(note)
    if reading.not_used:
        say(f"Columns that are not used: {', '.join(reading.not_used)}")
    for group in grouped(found.problems):
        where = "row" if len(group.rows) == 1 else "rows"
        value = f" {group.value!r}" if group.value else ""
        say(f"{group.column}:{value} {group.fault}; {where} {ranges(group.rows)}. {group.remedy}".rstrip(), error=True)
    for one in found.corrections[:_SHOWN]:
        said = ", ".join(f"{name} {_shown(old)} -> {_shown(new)}" for name, old, new in one.changes)
        say(f"{one.record}, row {one.row}: {said}")
    if len(found.corrections) > _SHOWN:
        say(f"… and {len(found.corrections) - _SHOWN} corrections more")
    if found.taken_back:
        say(f"{found.taken_back} facts were taken back in the registry, and are not added again")
    added = ", ".join(f"{n} {name.replace('_', ' ')}" for name, n in sorted(found.added.items())) or "nothing"
    tense = "Added" if found.written else "Would add"
    say(f"{tense} {added}; {'corrected' if found.written else 'would correct'} {len(found.corrections)} facts")
    if found.problems:
        end = "" if found.written else "; nothing was written"
        say(f"{found.bad_rows} of {found.rows} rows have a problem{end}", error=True)
        raise SystemExit(0 if found.written else 1)
    if not wanted:
        say("Nothing was written. Add --write to write it.")


def _shown(value: object) -> str:
    return "nothing" if value is None or value == "" else str(value)


def _write_problems(found: Outcome, path: Path) -> None:
    import csv
    import io

    from ovcf.files.result_file import write_file

    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(("row", "record", "column", "value", "problem", "remedy"))
    for p in sorted(found.problems, key=lambda p: (p.row, p.column)):
        writer.writerow((p.row, p.record, p.column, _no_formula(p.value), p.fault, p.remedy))
    write_file(path, out.getvalue().encode())


def _no_formula(text: str) -> str:
    """A value that a spreadsheet would calculate, as text."""
    return f"'{text}" if text[:1] in "=+-@\t\r" and not text.lstrip("+-").replace(".", "", 1).isdigit() else text


@contextmanager
def _open(folder: Path | None) -> Iterator[Registry]:
    from ovcf.cli.registry.opened import open_registry

    registry = open_registry(folder)
    try:
        yield registry
    finally:
        registry.close()
