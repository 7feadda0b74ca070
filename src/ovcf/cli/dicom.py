"""``ovcf dicom``: a reading goes out as DICOM objects beside its images, and comes back from a viewer."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

from cyclopts import App, Parameter

from ovcf.cli.streams import say, say_json

if TYPE_CHECKING:
    from ovcf.dicom_out.back.content import ReadReport
app = App(name="dicom", help="A reading as DICOM beside its images, and back from a viewer such as OHIF.")
Images = Annotated[tuple[Path, ...], Parameter(consume_multiple=True)]


@app.command
def write(file: Path, /, *, images: Images, out: Path, draft: bool = False, organization: str = "") -> None:
    """Write a signed reading as DICOM objects of the study that it was made on.

    FOLDER then holds a structured report (TID 1500), a segmentation of the vertebral bodies, the report as
    encapsulated PDF, and a selection of key images. Nothing is sent anywhere.

    Try

        ovcf dicom write report/reading.ovcf --images study --out dicom --draft

    Args:
        file: The reading.ovcf, or the id of a reading in the registry.
        images: The DICOM images that it was made on: folders, zip archives or files.
        out: Folder for the objects; earlier ones there are replaced, anything else is left alone.
        draft: Write a reading that nobody has signed; every object then says that it is not verified.
        organization: Whose reader verified it; that of the images unless given.
    """
    from ovcf.cli.reading.where import read_named
    from ovcf.dicom_out.write import dicom_objects, write_dicom

    made = dicom_objects(read_named(file), images, draft=draft, organization=organization)
    for path in write_dicom(made, out, (*([file] if file.exists() else ()), *images)):
        say(path)
    for what, why in made.left_out:
        say(f"Left out, {what}: {why}", error=True)


@app.command
def read(
    report: Path,
    file: Path,
    /,
    *,
    images: Images = (),
    reader: str = "",
    reason: str = "",
    preview: bool = False,
    json: bool = False,
) -> None:
    """Take over what was moved in a structured report, as edits of the reading it was made of.

    A viewer such as OHIF saves the lines that a reader dragged as a new report. Each of their points becomes the
    landmark that it stands for; what is none of ours is named and left. Without --images the report is only shown.

    Try

        ovcf dicom read dicom/report.sr.dcm report/reading.ovcf

        ovcf dicom read dicom/report.sr.dcm report/reading.ovcf --images study --reader "A. Reader" --preview

    Args:
        report: The structured report, ours or one that a viewer saved.
        file: The reading.ovcf, or the id of a reading in the registry.
        images: The DICOM images; needed to know where in the patient a point lies.
        reader: Who moved the points, where the report does not say so.
        reason: Why a signed reading is taken up again; it begins an addendum.
        preview: Show what would follow and change nothing.
        json: Print what the report says as JSON.
    """
    from datetime import UTC, datetime

    from ovcf.dicom_out.extra import need_highdicom

    need_highdicom()
    from ovcf.cli.changed import print_changes
    from ovcf.cli.reading.where import read_named, save_named
    from ovcf.dicom_out.back.content import read_report
    from ovcf.dicom_out.back.take_over import taken_over
    from ovcf.dicom_out.images.source_images import read_sources

    said = read_report(report)
    if json:
        say_json(_as_json(said))
    elif not images:
        _print_report(said)
    if not images:
        return
    now = read_named(file)
    at = datetime.now(UTC).isoformat(timespec="seconds")
    found = taken_over(said, now, read_sources(images, now), reader=reader, reason=reason, at=at)
    for one in found.told:
        say(f"Not taken over, {one.what}: {one.why}", error=True)
    if not json:
        print_changes(found.changes)
    if found.file is not now and not preview:
        save_named(found.file, file)
        say(file, error=json)


@app.command
def codes() -> None:
    """Print every code that the objects hold, as a page of Markdown."""
    from ovcf.coded.page import page

    say(page().rstrip())


def _as_json(report: ReadReport) -> str:
    import json

    from pydantic import TypeAdapter

    from ovcf.dicom_out.back import content

    plain = TypeAdapter(content.ReadReport).dump_python(report, mode="json")
    return json.dumps(plain | {"not_held": content.NOT_HELD}, indent=1, ensure_ascii=False)


def _print_report(report: ReadReport) -> None:
    from rich.table import Table

    from ovcf.cli.terminal import Terminal

    who = report.reader or "nobody named"
    say(f"{'Verified' if report.verified else 'Not verified'}; {who}; {report.written_at}")
    table = Table("Level", "What", "Value")
    for m in report.measurements:
        spread = "" if m.standard_uncertainty is None else f" ± {m.standard_uncertainty:.2f}"
        table.add_row(str(m.level or ""), m.method, f"{m.value:.2f}{spread} {m.unit}")
    for level, finding in report.findings:
        table.add_row(str(level or ""), finding.kind, finding.words)
    for score in report.scores:
        table.add_row("", score.score, score.status if score.total is None else f"{score.total:g}")
    Terminal().print(table)
    for kind, words in report.said:
        say(f"{kind}: {words}")
    for name in report.foreign:
        say(f"None of ours: {name}")
