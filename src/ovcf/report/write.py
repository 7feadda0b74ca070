"""A report on disk: all of it or nothing."""

from __future__ import annotations

import os
import shutil
from contextlib import suppress
from typing import TYPE_CHECKING

from ovcf.errors import OutputError
from ovcf.report.html import to_html
from ovcf.report.pdf import to_pdf
from ovcf.report.serialise import to_json

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from ovcf.assessment.result import Assessment
    from ovcf.report.figure import Figure

# Each file and the bytes by which an earlier report is known as ours.
_FILES = {
    "json": ("assessment.json", b'"schema_version"'),
    "html": ("report.html", b'content="ovcf"'),
    "pdf": ("report.pdf", b"ovcf"),
}


def write_report(
    assessment: Assessment, figures: Sequence[Figure], out: Path, *, formats: Sequence[str] = ("json", "html", "pdf")
) -> tuple[Path, ...]:
    """Write ``assessment.json``, ``report.html`` and ``report.pdf`` into the folder ``out``.

    An earlier report there is replaced. Everything is made first and moved into place last: a failure leaves the
    folder as it was. Gives the paths written, in the order of ``formats``.

    Raises:
        OutputError: an unknown format; ``out`` is a file, holds something that is not a report of ovcf, or cannot be
            written.
    """
    if unknown := [f for f in formats if f not in _FILES]:
        raise OutputError(f"format {unknown[0]!r}", "is not known", f"Choose from: {', '.join(_FILES)}.")
    out = out.expanduser().absolute()
    earlier = _earlier_report(out)
    make = {
        "json": lambda: to_json(assessment).encode(),
        "html": lambda: to_html(assessment, figures).encode(),
        "pdf": lambda: to_pdf(assessment, figures),
    }
    made = {_FILES[f][0]: make[f]() for f in formats}
    try:
        _move_into_place(made, out, earlier)
    except OSError as error:
        raise OutputError(
            out, f"cannot be written ({error.strerror or error})", "Choose another folder with --out."
        ) from None
    return tuple(out / name for name in made)


def _earlier_report(out: Path) -> list[Path]:
    """The files of an earlier report in ``out``, which may be replaced."""
    try:
        if not out.exists():
            return []
        if not out.is_dir():
            raise OutputError(out, "is a file, not a folder", "Choose another folder with --out.")
        ours = dict(_FILES.values())
        found = sorted(out.iterdir())
        for path in found:
            if path.name not in ours or not path.is_file() or ours[path.name] not in path.read_bytes():
                raise OutputError(
                    out,
                    f"holds {path.name}, which is not part of a report of ovcf",
                    "Choose an empty or a new folder with --out; nothing was changed.",
                )
    except OSError as error:
        raise OutputError(
            out, f"cannot be read ({error.strerror or error})", "Choose another folder with --out."
        ) from None
    return found


def _move_into_place(made: dict[str, bytes], out: Path, earlier: list[Path]) -> None:
    """Write beside the target, then rename: a new folder as a whole, an existing one file by file."""
    new = not out.exists()
    missing_parents = [parent for parent in out.parents if not parent.exists()]
    name = f".{out.name}.partial-{os.getpid()}"
    stage = out.with_name(name) if new else out / name
    try:
        stage.mkdir(parents=True)
        for file, data in made.items():
            (stage / file).write_bytes(data)
        if new:
            stage.rename(out)
            return
        for file in made:
            (stage / file).replace(out / file)
        for path in earlier:
            if path.name not in made:
                path.unlink()
    except BaseException:  # an interrupt, too, leaves nothing behind
        shutil.rmtree(stage, ignore_errors=True)
        for parent in missing_parents:
            with suppress(OSError):
                parent.rmdir()
        raise
    stage.rmdir()
