"""The command line: one thin file per command group, no clinical logic.

Exit codes: 0 done, 2 the input cannot be used (the message says what to do), 3 a report was written, but no vertebra
was found on the images.
"""

from __future__ import annotations

import signal
import sys
from contextlib import suppress
from typing import TYPE_CHECKING, NoReturn

from cyclopts import App, CycloptsError

from ovcf.cli.streams import finish, prepare, say
from ovcf.errors import OvcfError

if TYPE_CHECKING:
    from collections.abc import Sequence

_HELP = """Assess osteoporotic vertebral compression fractures: from images to a cited score.

Research software, not a medical device. Start with

    ovcf assess STUDY --clinical case.toml --out report

where STUDY is a folder, a zip or files of DICOM or NIfTI; a radiograph may be PNG, JPEG or TIFF.
"""
#: Named by path, so that `ovcf --help` imports none of them; the line is what that list says of each.
_COMMANDS = {
    "assess": ("ovcf.cli.assess:assess", "Images and clinical facts in, a cited report out."),
    "reading": ("ovcf.cli.reading.commands:app", "Look at a reading, edit it, undo, compare, confirm, average."),
    "follow-up": (
        "ovcf.cli.follow_up:follow_up",
        "Several visits in, what changed and what became of the fracture out.",
    ),
    "batch": ("ovcf.cli.batch.commands:app", "Many studies in, tables and a fracture worklist out."),
    "dicom": ("ovcf.cli.dicom:app", "A reading as DICOM beside its images, and back from a viewer."),
    "fhir": ("ovcf.cli.fhir:app", "A reading as FHIR R4B, clinical facts out of a FHIR bundle."),
    "measure": ("ovcf.cli.measure:measure", "Measure vertebrae from a landmark file."),
    "measurements": (
        "ovcf.cli.about.declared:measurements",
        "Every measurement: unit, what it needs, where it is printed.",
    ),
    "engines": (
        "ovcf.cli.about.declared:engines",
        "What can look for vertebral bodies, what each reads, gives and needs.",
    ),
    "score": ("ovcf.cli.score.commands:app", "Compute a published score from its items."),
    "calculator": ("ovcf.cli.score.calculator:calculator", "Every score in one page that works offline."),
    "cohort": ("ovcf.cli.cohort.commands:app", "Many patients in, the tables and figures of a study out."),
    "person": ("ovcf.cli.registry.person:app", "People of the registry: accounts, roles, links to set a password."),
    "patient": ("ovcf.cli.registry.patient:app", "Patients of the registry: admit, visits, readings, course."),
    "registry": ("ovcf.cli.registry.exchange:app", "The whole registry as a table, a table into it, a simulated one."),
    "study": ("ovcf.cli.study.commands:app", "A study by its protocol, from screening to locked data."),
    "export": ("ovcf.cli.registry.export:app", "One patient out of the registry, as they are or de-identified."),
    "deidentify-images": (
        "ovcf.cli.registry.deidentify_images:deidentify_images",
        "DICOM images without what tells whose they are.",
    ),
    "visit": ("ovcf.cli.registry.visit:app", "Visits of the registry: list, plan, say which are due."),
    "timeline": ("ovcf.cli.registry.visit:timeline", "What became of a patient's fracture, from the registry."),
    "serve": ("ovcf.cli.registry.serve:serve", "The registry in the browser, and its REST service."),
    "pacs": ("ovcf.cli.pacs:app", "Picture archives: ask, fetch, send, and listen for studies to assess."),
    "jobs": ("ovcf.cli.registry.jobs:app", "The worker that assesses what arrives, and what waits for it."),
    "db": ("ovcf.cli.registry.db:app", "The registry: make it, back it up, restore it, check it."),
    "audit": ("ovcf.cli.registry.db:audit_app", "What was recorded in the registry, and whether anybody changed it."),
    "phantom": ("ovcf.cli.phantom:phantom", "A digital patient with known truth, as a DICOM study."),
    "evidence": ("ovcf.cli.about.evidence:app", "The sources and figures behind every statement."),
    "schema": ("ovcf.cli.about.schema:schema", "The JSON Schema of a file that ovcf reads or writes."),
}


def _app(arguments: Sequence[str]) -> App:
    """The commands; the one that is asked for keeps its own help, with its examples, instead of the line above."""
    app = App(name="ovcf", help=_HELP)
    for name, (path, line) in _COMMANDS.items():
        app.command(path, name=name, help=None if name in arguments else line)
    return app


def main() -> None:
    """Run the command line; an unusable input ends with its message and exit code 2."""
    prepare()
    _clean_up_when_ended()
    try:
        try:
            _app(sys.argv[1:])(sys.argv[1:], exit_on_error=False)
        finally:
            finish()
    except KeyboardInterrupt:
        raise SystemExit(130) from None
    except CycloptsError:  # already printed
        raise SystemExit(2) from None
    except OvcfError as error:
        from ovcf.cli.remedies import message

        _end(message(error))
    except OSError as error:
        where = error.filename or "standard output"
        _end(f"{where}: {error.strerror or error}. Check its name, its permissions and the space left.")


def _end(why: object) -> NoReturn:
    say(f"ovcf: {why}", error=True)
    raise SystemExit(2) from None


def _clean_up_when_ended() -> None:
    """Let SIGTERM and the closing of the terminal end the program as Ctrl-C does, its temporary files removed."""

    def end(number: int, _frame: object) -> NoReturn:
        signal.signal(number, signal.SIG_IGN)  # a second one does not disturb the cleaning up
        raise SystemExit(128 + number)

    for name in ("SIGTERM", "SIGHUP"):
        number = getattr(signal, name, None)
        if number is not None and signal.getsignal(number) is signal.SIG_DFL:
            with suppress(ValueError):  # not the main thread
                signal.signal(number, end)
