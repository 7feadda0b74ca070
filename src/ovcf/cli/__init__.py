"""The command line: one thin file per command group, no clinical logic.

Exit codes: 0 done, 2 the input cannot be used (the message says what to do).
"""

from __future__ import annotations

import sys

from cyclopts import App, CycloptsError

from ovcf.errors import OvcfError

app = App(
    name="ovcf",
    help="""Assess osteoporotic vertebral compression fractures: from images to a cited score.

    Research software, not a medical device. Start with

        ovcf assess STUDY --clinical case.toml --labels bodies.nii.gz --out report

    where STUDY is a folder, a zip or files of DICOM or NIfTI.
    """,
)
# Named by path, so that `ovcf --help` imports none of them.
app.command("ovcf.cli.assess:assess", name="assess", help="Images and clinical facts in, a cited report out.")
app.command("ovcf.cli.measure:measure", name="measure", help="Measure vertebrae from a landmark file.")
app.command("ovcf.cli.score:app", name="score", help="Compute a published score from its items.")
app.command("ovcf.cli.cohort:app", name="cohort", help="Many patients in, the tables and figures of a study out.")
app.command("ovcf.cli.phantom:phantom", name="phantom", help="A digital patient with known truth, as a DICOM study.")
app.command("ovcf.cli.evidence:app", name="evidence", help="The sources and figures behind every statement.")
app.command("ovcf.cli.schema:schema", name="schema", help="The JSON Schema of a file that ovcf reads or writes.")


def main() -> None:
    """Run the command line; an unusable input ends with its message and exit code 2."""
    try:
        app(sys.argv[1:], exit_on_error=False)
    except CycloptsError:  # already printed
        raise SystemExit(2) from None
    except OvcfError as error:
        print(f"ovcf: {error}", file=sys.stderr)
        raise SystemExit(2) from None
