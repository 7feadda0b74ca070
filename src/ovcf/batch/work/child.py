"""The process that assesses one study after the other: ``python -m ovcf.batch.work.child``.

Each line of its standard input is a job as JSON: ``paths`` of the images, ``clinical``, ``options``, ``keep`` (whether
a reading is kept), ``most_bytes`` and ``folder``, where ``result.json`` and, where there is one, ``picture.jpg`` go.
Progress and the end of each job are lines of JSON on its standard output. Models are loaded once, and it lives no
longer than whoever holds the other end of its standard input.
"""

from __future__ import annotations

import json
import os
import sys
import threading
from pathlib import Path
from queue import SimpleQueue
from typing import TYPE_CHECKING, Any

from ovcf.batch.tables.rows import rows_of
from ovcf.errors import OvcfError
from ovcf.jobs.assess import assessed, images_of
from ovcf.jobs.child import limit_memory

if TYPE_CHECKING:
    from ovcf.imaging.study import Study
    from ovcf.workflow.draft import Draft


def main() -> None:
    """Do what is asked until nobody asks any more."""
    out = os.fdopen(os.dup(sys.stdout.fileno()), "w", encoding="utf-8")
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())  # what a library prints is no line of ours
    jobs: SimpleQueue[str] = SimpleQueue()
    threading.Thread(target=_listen, args=(jobs,), daemon=True).start()

    def tell(**said: object) -> None:
        out.write(json.dumps(said) + "\n")
        out.flush()

    tell(ready=True)
    while True:
        job: dict[str, Any] = json.loads(jobs.get())
        limit_memory(job.get("most_bytes"))
        folder = Path(job["folder"])
        try:
            result = _assess(job, folder, lambda text: tell(doing=text))
        except OvcfError as error:
            result = {"refused": {"problem": f"{error.where}: {error.problem}", "remedy": error.remedy.text}}
        finally:
            os.chdir("/")
        (folder / "result.json").write_text(json.dumps(result), "utf-8")
        _give_back_memory()
        tell(done=True)


def _assess(job: dict[str, Any], folder: Path, tell: Any) -> dict[str, Any]:
    from ovcf.report.thumbnail import thumbnail

    paths = _from_here([Path(path) for path in job["paths"]])
    clinical = Path(job["clinical"]) if job.get("clinical") else None
    images = images_of(paths, job["options"])
    keep = bool(job.get("keep"))
    draft = assessed(paths, job["options"], images=images, clinical=clinical, tell=tell, pictured=keep)
    rows = rows_of(draft.assessment)
    of_study = rows["studies"][0]
    result: dict[str, Any] = {"rows": rows}
    if any(of_study[why] for why in ("suspected", "marrow_unclear", "not_judged", "not_judged_unnamed", "asked")):
        shown = thumbnail(draft)
        if shown is not None:
            (folder / "picture.jpg").write_bytes(shown.jpeg)
            result["picture_of"] = shown.image
    if keep:
        result |= _keep_reading(draft, images, folder)
    return result


def _keep_reading(draft: Draft, images: Study, folder: Path) -> dict[str, Any]:
    """The reading, and the images as its page shows them, for a registry."""
    from ovcf.imaging.files.frames import Frames, frames_of, indexed
    from ovcf.reading.file import to_bytes
    from ovcf.reading.session import Session
    from ovcf.render.summary import summary
    from ovcf.workflow.begin import begin_reading

    frames = frames_of(images)
    reading = begin_reading(draft)
    (folder / "frames.zip").write_bytes(frames)
    (folder / "reading.ovcf").write_bytes(to_bytes(reading))
    return {"summary": summary(Session(reading)), **indexed(Frames(frames).series)}


def _from_here(paths: list[Path]) -> list[Path]:
    """The same paths from the folder that holds them, so that images are called alike wherever they lie."""
    if len(paths) == 1 and paths[0].is_dir():
        os.chdir(paths[0])
        return [Path()]
    above = Path(os.path.commonpath([path.parent for path in paths]))
    os.chdir(above)
    return [path.relative_to(above) for path in paths]


def _listen(jobs: SimpleQueue[str]) -> None:
    for line in sys.stdin:
        jobs.put(line)
    os._exit(1)  # the worker is gone: nobody would take the result


def _give_back_memory() -> None:
    """What one study needed is not held while the next is read; glibc keeps it otherwise."""
    if sys.platform == "linux":
        import ctypes

        trim = getattr(ctypes.CDLL(None), "malloc_trim", None)
        if trim is not None:
            trim(0)


if __name__ == "__main__":
    main()
