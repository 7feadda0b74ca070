"""Example reports, one for each state a report can be in, of digital patients: their first pages for the docs.

    python -m scripts.example_reports docs/reports

Makes every digital patient of ``example_states.py``, assesses it as a user would, checks that the report is what its
name says, and writes a picture of each first page and the page that shows them all. Needs pdftoppm (Debian:
poppler-utils).
"""

import argparse
import io
import re
import subprocess
import sys
import tempfile
import tomllib
from html import unescape
from pathlib import Path

from PIL import Image

from ovcf.phantom.patient import make_patient
from ovcf.phantom.recipe import Recipe, toml_text
from ovcf.report.html import to_html
from ovcf.report.pdf import to_pdf
from ovcf.report.pictures import figures_of
from ovcf.workflow.from_files import draft_from_files
from scripts.example_states import EXAMPLES, Example, Report
from scripts.small_picture import COARSE, small_png

WIDTH_PX = 700
INTRODUCTION = (
    "The first page of a report in each state it can be in. All are of [digital patients](../phantoms.md), no people; "
    "`make reports` makes them again and checks that each is what its name says.\n"
)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("out", type=Path, help="folder for the pictures and index.md")
    parser.add_argument("--only", nargs="*", default=[e.name for e in EXAMPLES], help="names of examples")
    parser.add_argument("--keep", type=Path, help="folder for the whole reports, HTML and PDF")
    args = parser.parse_args()
    args.out.mkdir(parents=True, exist_ok=True)
    wrong: list[str] = []
    with tempfile.TemporaryDirectory() as scratch:
        for example in EXAMPLES:
            if example.name in args.only:
                report, html, pdf = made(example, Path(scratch))
                wrong += [
                    f"{example.name}: not so that {claim}"
                    for claim, holds in example.claims.items()
                    if not holds(report)
                ]
                (args.out / f"{example.name}.png").write_bytes(first_page(pdf))
                print(example.name, report.front, flush=True)
                if args.keep:
                    args.keep.mkdir(parents=True, exist_ok=True)
                    (args.keep / f"{example.name}.html").write_text(html, encoding="utf-8")
                    (args.keep / f"{example.name}.pdf").write_bytes(pdf)
    (args.out / "index.md").write_text(index_page(), encoding="utf-8")
    sys.exit("\n".join(wrong) or None)


def made(example: Example, scratch: Path) -> tuple[Report, str, bytes]:
    """The report of one example, its HTML and its PDF."""
    visit = drawn(example.recipe, scratch) if example.recipe else None
    facts = tomllib.loads((visit / "case.toml").read_text(encoding="utf-8")) if visit else {}
    clinical = scratch / "case.toml"
    clinical.write_text(toml_text(facts | example.facts), encoding="utf-8")
    draft = draft_from_files(
        [visit / "study" / part for part in example.parts] if visit else [],
        clinical=clinical,
        anchors=example.anchors,
        command=f"ovcf assess study/ --clinical case.toml ({example.name})",
    )
    figures = figures_of(draft)
    html = to_html(draft.assessment, figures)
    return Report(draft, figures, visible(html)), html, to_pdf(draft.assessment, figures)


def drawn(recipe: Recipe, scratch: Path) -> Path:
    """The first visit of a digital patient, made once for all examples that use it."""
    folder = scratch / f"patient-{EXAMPLES.index(next(e for e in EXAMPLES if e.recipe == recipe))}"
    return folder / "visit-1" if folder.exists() else make_patient(recipe, folder)[0]


def visible(html: str) -> str:
    """The words of the page's body, without markup, styles and pictures."""
    body = re.sub(r"(?s)<(style|svg|head)\b.*?</\1>", " ", html)
    return re.sub(r"\s+", " ", unescape(re.sub(r"(?s)<[^>]*>", " ", body)))


def first_page(pdf: bytes) -> bytes:
    """Page one as a small PNG."""
    picture = subprocess.run(
        ["pdftoppm", "-png", "-f", "1", "-l", "1", "-scale-to-x", str(2 * WIDTH_PX), "-scale-to-y", "-1", "-"],
        input=pdf,
        capture_output=True,
        check=True,
    ).stdout
    page = Image.open(io.BytesIO(picture)).convert("RGB")
    page = page.resize((WIDTH_PX, round(page.height * WIDTH_PX / page.width)), Image.Resampling.LANCZOS)
    return small_png(page, COARSE)


def index_page() -> str:
    """The docs page with every first page."""
    parts = [
        "# Example reports\n",
        INTRODUCTION,
        *(f"## {e.title}\n\n{e.see}\n\n![Page one of the report: {e.title.lower()}]({e.name}.png)\n" for e in EXAMPLES),
    ]
    return "\n".join(parts)


if __name__ == "__main__":
    main()
