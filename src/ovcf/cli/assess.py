"""``ovcf assess``: images and clinical facts in, a cited report out."""

from __future__ import annotations

import gc
import shlex
import sys
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

from cyclopts import Parameter

from ovcf.cli.streams import say

if TYPE_CHECKING:
    from collections.abc import Callable


def assess(
    *study: Path,
    clinical: Path | None = None,
    labels: Annotated[tuple[Path, ...], Parameter(consume_multiple=True)] = (),
    landmarks: str | None = None,
    fracture: str | None = None,
    role: Annotated[tuple[str, ...], Parameter(consume_multiple=True)] = (),
    level: Annotated[tuple[str, ...], Parameter(consume_multiple=True)] = (),
    scheme: str | None = None,
    engine: str = "builtin",
    flip: Literal["none", "upside-down", "mirrored", "both", "head-left", "head-right"] | None = None,
    pixel_mm: str | None = None,
    calibrate: str | None = None,
    l1_region: Path | None = None,
    reliability: Path | None = None,
    deidentify: str | None = None,
    shift_days: int | None = None,
    language: Literal["en", "zh"] = "en",
    out: Path = Path("ovcf-report"),
    quiet: bool = False,
) -> None:
    """Assess one study: measure, score, advise, and write assessment.json, report.html and report.pdf.

    STUDY is a folder, a zip or files of DICOM or NIfTI; a lateral radiograph may be PNG, JPEG or TIFF. The built-in
    models find the vertebral bodies, or they come from a label map (--labels) or their landmarks from a file
    (--landmarks). Nothing is guessed silently: what is missing is listed with what to do.

    Try

        ovcf assess study/ --clinical case.toml --out report

        ovcf assess study/ --level 9=L1 --level radiograph:5=L1

        ovcf assess study/ --clinical case.toml --labels bodies.nii.gz --fracture L1 --out report

        ovcf assess t2.nii.gz --role "t2.nii.gz=sagittal T2" --labels bodies.nii.gz --level 1=S1

        ovcf assess film.png --fracture L1 --pixel-mm 0.143

        ovcf assess --landmarks landmarks.json --clinical case.toml

    Args:
        study: Folder, zip or files with the images; may be left out when landmarks or labels are given.
        clinical: Clinical facts, TOML or JSON (see `ovcf schema case`).
        labels: Label maps of vertebral bodies (NIfTI). A vertebra map and its subregion map may be given together.
        landmarks: Six-point landmarks, JSON or CSV (see `ovcf schema landmarks`).
        fracture: Index vertebra, e.g. L1; overrides the clinical file.
        role: What a series is, FILE=ROLE or DESCRIPTION=ROLE, where tags do not say; roles: lateral radiograph,
            sagittal T1, sagittal T2, sagittal STIR, sagittal fat-suppressed T2, CT, other.
        level: Anchor for bodies without anatomical names, NUMBER=LEVEL, e.g. 6=L3: the number in the label map, or
            that of the built-in model, which counts cranial to caudal; with several label maps FILE:NUMBER=LEVEL, for
            the lateral radiograph radiograph:NUMBER=LEVEL, for a second one "radiograph 2:NUMBER=LEVEL".
        scheme: Label scheme, where it is not recognised.
        engine: What looks for the vertebral bodies when neither labels nor landmarks are given: builtin, the built-in
            model (its bodies count from 1, cranial to caudal, for --level), another that `ovcf engines` lists (a
            program is found on PATH, or named in OVCF_SPINEPS, OVCF_TOTALSPINESEG), or none.
        flip: How the radiograph's picture is stored, where that is asked: none (head at the top, anterior at the left),
            upside-down, mirrored, or both; head-left or head-right of one that lies on its side.
        pixel_mm: Millimetres per pixel at the spine, for a radiograph that bears no scale. Without it lengths stay in
            pixels; ratios and angles hold.
        calibrate: The same from an object of known length on the radiograph, X1,Y1,X2,Y2,MM: two points in pixels
            (column,row from the top left) and their true distance, e.g. 120,80,120,780,100.
        l1_region: A region drawn in the trabecular bone of L1 on CT, for want of a T-score: a label map on the grid of
            the CT (NIfTI), or a circle (JSON, see docs, Assess a study). Its mean is then l1_hu; it never enters
            NASOVCF.
        reliability: Your own readers' errors of measurement, as `ovcf cohort agreement --reliability` writes them: a
            value near its limit is then judged by them, as `ovcf follow-up --reliability` judges changes.
        deidentify: The pseudonym that stands for the patient in everything that is written: ids, names, free text,
            descriptions, file names and UIDs are replaced, dates are moved by one number of days. The pixels stay as
            they are: look at the pictures for names burned into them.
        shift_days: Days that every date is moved by with --deidentify; a random number where it is not given, which is
            told once, on the terminal. Give the same number for the next visit, so that times between visits hold.
        language: Language of the report's HTML and PDF: en, or zh (Simplified Chinese, docs, Chinese). The data file is
            the same in both.
        out: Folder for the report; an earlier report there is replaced, anything else is left alone.
        quiet: Print only what went wrong.
    """
    # Most of what is made stays to the end: to look through it hundreds of times finds nothing to let go.
    gc.set_threshold(20_000, 20, 50)
    from ovcf.cli.question import ask, can_ask
    from ovcf.cli.tables import nothing_seen, print_summary
    from ovcf.cli.terminal import Terminal
    from ovcf.errors import ClinicalDataError
    from ovcf.files.result_folder import ResultFolder
    from ovcf.language.spoken import speaking
    from ovcf.reading.file import READING, to_bytes
    from ovcf.reading.record import recorded
    from ovcf.report.numbered_picture import question_pictures
    from ovcf.report.pictures import figures_of
    from ovcf.report.write import KIND, write_report
    from ovcf.workflow.begin import begin_reading
    from ovcf.workflow.deidentify import Pseudonym
    from ovcf.workflow.from_files import draft_from_files

    if shift_days is not None and deidentify is None:
        raise ClinicalDataError("--shift-days", "needs --deidentify PSEUDONYM", "Give both or none.")
    shift = () if shift_days is None else (shift_days,)
    person = None if deidentify is None else Pseudonym(deidentify, *shift)
    inputs = (
        *study,
        *labels,
        *(path for path in (clinical, landmarks, l1_region, reliability, (landmarks or "").rpartition(":")[0]) if path),
    )
    folder = ResultFolder.at(out, KIND, inputs)
    console = Terminal(stderr=True, quiet=quiet)
    answers = list(level)
    while True:
        with console.status("Reading and measuring"):
            draft = draft_from_files(
                study,
                clinical=clinical,
                labels=labels,
                landmarks=landmarks,
                fracture=fracture,
                roles=role,
                anchors=answers,
                scheme=scheme,
                engine=None if engine == "none" else engine,
                flip=flip,
                pixel_mm=pixel_mm,
                ruler=calibrate,
                l1_region=l1_region,
                reliability=reliability,
                pseudonym=person,
                command="ovcf " + shlex.join([*sys.argv[1:], *(f"--level={a}" for a in answers[len(level) :])]),
                progress=partial(console.print, markup=False),
            )
        with console.status("Writing the report"):
            pictures = question_pictures(draft.views)
            reading = begin_reading(draft)
            beside: dict[str, bytes | Callable[[], bytes]] = {READING: partial(to_bytes, reading), **pictures}
            with speaking(language):
                written = write_report(recorded(draft.assessment, reading), figures_of(draft), folder, beside=beside)
        asked = [folder.path / name for name in pictures]
        given = ask(draft.assessment, asked) if asked and not quiet and can_ask() else []
        if not given:
            break
        answers += given
        folder = ResultFolder.at(out, KIND, inputs)
    if not quiet:
        print_summary(draft.assessment, asked)
        if person is not None:
            say(f"Every date was moved by {person.shift_days} days. Keep this number apart; it stands in no file.")
        say("\n".join(str(path) for path in written))
    if study and engine != "none" and nothing_seen(draft.assessment):
        raise SystemExit(3)
