"""The process that assesses one study: ``python -m ovcf.jobs.child FOLDER``.

FOLDER holds ``files/`` (the images), ``job.json`` (options) and takes ``reading.ovcf``, ``frames.zip`` and
``result.json``. Progress goes to standard output, one JSON text a line. It lives no longer than whoever holds the other
end of its standard input.
"""

from __future__ import annotations

import json
import os
import sys
import threading
from pathlib import Path
from typing import Any

from ovcf.errors import OvcfError


def main(folder: Path) -> None:
    """Assess what lies in a folder, and write what came of it beside."""
    _live_no_longer_than_the_parent()
    options: dict[str, Any] = json.loads((folder / "job.json").read_text("utf-8"))
    limit_memory(options.get("most_bytes"))
    result: dict[str, Any]
    try:
        result = _assess(folder, options)
    except OvcfError as error:
        from ovcf.jobs.queue import why

        result = {"error": why(error)}
    (folder / "result.json").write_text(json.dumps(result), "utf-8")


def _assess(folder: Path, options: dict[str, Any]) -> dict[str, Any]:
    from ovcf.imaging.files.frames import Frames, frames_of, indexed
    from ovcf.jobs.assess import assessed, images_of
    from ovcf.reading.file import to_bytes
    from ovcf.reading.session import Session
    from ovcf.render.summary import summary
    from ovcf.workflow.begin import begin_reading

    os.chdir(folder / "files")  # so that images are called as they were sent, not by where they lie for a minute
    _tell("Reading the images")
    images = images_of([Path()], options)
    frames = frames_of(images)
    (folder / "frames.zip").write_bytes(frames)
    _tell("Looking for vertebrae")
    draft = assessed([Path()], options, images=images, tell=_tell)
    reading = begin_reading(draft)
    (folder / "reading.ovcf").write_bytes(to_bytes(reading))
    return {"reading": reading.reading.id, "summary": summary(Session(reading)), **indexed(Frames(frames).series)}


def _tell(text: str) -> None:
    sys.stdout.write(json.dumps(text) + "\n")
    sys.stdout.flush()


def _live_no_longer_than_the_parent() -> None:
    """End at once when the worker is gone, even when it was killed: nobody would take the result."""

    def wait() -> None:
        while os.read(0, 64):
            pass
        os._exit(1)

    threading.Thread(target=wait, daemon=True).start()


def limit_memory(most: int | None) -> None:
    """A second line: the worker counts what is used, and ends this process before the system must."""
    try:
        import resource
    except ImportError:  # not POSIX: the worker alone counts
        return
    if most is None or sys.platform != "linux":
        return
    _, hard = resource.getrlimit(resource.RLIMIT_DATA)
    wanted = 2 * most
    resource.setrlimit(resource.RLIMIT_DATA, (wanted if hard < 0 else min(wanted, hard), hard))


if __name__ == "__main__":
    main(Path(sys.argv[1]).resolve())
