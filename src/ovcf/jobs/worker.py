"""The worker: takes one job after the other, each done by a process of its own that it can end."""

from __future__ import annotations

import json
import os
import queue as queues
import re
import secrets
import subprocess
import sys
import threading
import time
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, Any

from ovcf.errors import EngineError, OvcfError, RegistryError, Remedy, RemedyCode
from ovcf.files.workspace import workspace
from ovcf.jobs import queue
from ovcf.jobs.memory import used_bytes
from ovcf.jobs.patience import AWAY, patiently, told
from ovcf.jobs.process import Limits, end_process
from ovcf.reading.file import from_bytes
from ovcf.reading.session import Session
from ovcf.registry.clinic.intake import Kept, drafted, files_of
from ovcf.registry.clinic.patients import facts_at
from ovcf.registry.clinic.readings import load_reading
from ovcf.registry.tables import WorkItem
from ovcf.render.summary import summary

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ovcf.registry.store import Registry

_UNSAFE = re.compile(r"[^\w.\- ]")


@dataclass(slots=True)
class Worker:
    """One worker. ``child`` is the command that does a job in the folder it is given (:mod:`ovcf.jobs.child`)."""

    registry: Registry
    child: Sequence[str] = (sys.executable, "-m", "ovcf.jobs.child")
    limits: Limits = field(default_factory=Limits)
    lease_s: float = queue.LEASE_S
    poll_s: float = 1.0
    name: str = field(default_factory=lambda: f"{os.getpid()}-{secrets.token_hex(4)}")

    def run(self, stop: threading.Event) -> None:
        """Do jobs until told to stop; one that is being done then is let go and done later."""
        while not stop.is_set():
            if not self.one(stop):
                stop.wait(self.poll_s)

    def one(self, stop: threading.Event | None = None) -> bool:
        """Do one job; False where there is none. While the registry is busy it is waited for, and what was made of a
        study meanwhile is kept."""
        stop = stop or threading.Event()
        held = patiently(lambda: queue.lease(self.registry, self.name, seconds=self.lease_s), stop)
        if held is None:
            return False
        try:
            with workspace() as folder:
                patiently(lambda: self._files(held, folder), stop)
                self._do(held, folder, stop)
        except AWAY:
            raise  # nothing can be said of the study: its lease runs out, and it is leased again
        except OvcfError as error:
            self._failed(held, error, stop, again=not isinstance(error, _AsSaidError))
        except Exception as error:  # whatever a study does to a worker, the next study is assessed
            self._failed(held, _unexpected(error), stop, again=True)
        return True

    def _failed(self, held: queue.Leased, error: OvcfError, stop: threading.Event, *, again: bool) -> None:
        patiently(lambda: queue.failed(self.registry, held, error, again=again), stop)

    def _files(self, held: queue.Leased, folder: Path) -> None:
        with self.registry.reading() as session:
            item = session.get(WorkItem, held.work_item)
            kept = [] if item is None else files_of(session, item)
        for file, path in zip(kept, places(kept), strict=True):
            target = folder / "files" / path
            target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            target.write_bytes(self.registry.files.get(file.sha256))
        options = {**held.options, "most_bytes": self.limits.bytes}
        (folder / "job.json").write_text(json.dumps(options), "utf-8")

    def _do(self, held: queue.Leased, folder: Path, stop: threading.Event) -> None:
        begun = time.monotonic()
        process = subprocess.Popen(  # noqa: S603  # our own interpreter and module
            [*self.child, str(folder)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=(folder / "stderr").open("wb"),
            start_new_session=True,
        )
        said: queues.SimpleQueue[str] = queues.SimpleQueue()
        threading.Thread(target=_listen, args=(process, said), daemon=True).start()
        peak, progress, next_beat = 0, "", begun
        try:
            while process.poll() is None:
                with suppress(queues.Empty):
                    progress = said.get(timeout=0.2)
                peak = max(peak, used_bytes(process.pid))
                self._check(time.monotonic() - begun, peak)
                if stop.is_set():
                    return  # the lease is given back below
                if time.monotonic() >= next_beat:
                    if not self._beat(held, progress):
                        return
                    next_beat = time.monotonic() + min(self.lease_s / 4, 1.0 if progress else self.lease_s)
        finally:
            end_process(process)
            if stop.is_set():
                with suppress(*AWAY):  # then the lease runs out
                    queue.give_back(self.registry, held)
        seconds = time.monotonic() - begun
        patiently(lambda: self._take(held, folder, process.returncode, seconds, peak), stop)

    def _beat(self, held: queue.Leased, progress: str) -> bool:
        """False where the lease is lost. A registry that is busy takes no lease away: the study goes on meanwhile."""
        try:
            return queue.beat(self.registry, held, progress=progress, seconds=self.lease_s)
        except AWAY as error:
            told(error)
            return True

    def _check(self, seconds: float, used: int) -> None:
        if seconds > self.limits.seconds:
            raise _limit(f"took more than {self.limits.seconds:g} seconds")
        if used > self.limits.bytes:
            raise _limit(f"took more than {self.limits.bytes / 2**30:.3g} GiB of memory")

    def _take(self, held: queue.Leased, folder: Path, code: int, seconds: float, peak: int) -> None:
        """Keep what the process made, in one transaction with the end of the job."""
        try:
            result: dict[str, Any] = json.loads((folder / "result.json").read_text("utf-8"))
        except (OSError, ValueError):
            raise _crashed(code, folder) from None
        if "error" in result:
            raise _AsSaidError.of(result["error"])
        file = from_bytes((folder / "reading.ovcf").read_bytes(), "what was made")
        frames = folder / "frames.zip"
        day = result.get("acquired_on")
        with self.registry.writing(held.enqueued_by) as writer:
            if not queue.done(writer.session, held, seconds=seconds, peak_bytes=peak or None):
                return
            item = writer.session.get(WorkItem, held.work_item)
            assert item is not None
            facts = facts_at(writer.session, item.patient_id, item.visit_id)
            begun = drafted(
                writer,
                self.registry,
                item,
                file,
                frames=frames.read_bytes() if frames.is_file() else None,
                study_uid=result.get("study_uid", ""),
                acquired_on=date.fromisoformat(day) if day else None,
                facts=facts,
                summary=result.get("summary"),
            )
            if begun is not None:  # with what is known of the patient, more may be urgent
                item.summary = summary(Session(load_reading(self.registry, begun)))


class _AsSaidError(OvcfError):
    """What the assessment itself said of the images: another attempt would say the same."""

    @classmethod
    def of(cls, told: dict[str, Any]) -> _AsSaidError:
        remedy = Remedy(told["remedy"], RemedyCode(told["code"])).having(**told["arguments"])
        return cls(told["where"], told["problem"], remedy)


def places(files: Sequence[Kept]) -> list[Path]:
    """Where each file is put for an assessment: called as it was sent, and unable to reach out of its folder."""
    found: list[Path] = []
    files_there: set[str] = set()
    folders_there: set[str] = set()
    for number, file in enumerate(files):
        parts = [_UNSAFE.sub("_", part)[-80:] for part in PurePosixPath(file.name.replace("\\", "/")).parts]
        kept = [part for part in parts if part.strip(". ")][-4:] or [f"file-{number}"]
        path, within = Path(*kept), _folders(Path(*kept))
        if _key(path) in files_there | folders_there or files_there & within:
            path = Path(f"again-{number}", *kept)  # no other file has this number
            within = _folders(path)
        files_there.add(_key(path))
        folders_there |= within
        found.append(path)
    return found


def _key(path: Path) -> str:
    """Some file systems take small and capital letters for the same."""
    return path.as_posix().casefold()


def _folders(path: Path) -> set[str]:
    return {_key(parent) for parent in path.parents if parent.parts}


def _listen(process: subprocess.Popen[bytes], told: queues.SimpleQueue[str]) -> None:
    assert process.stdout is not None
    for line in process.stdout:
        with suppress(ValueError):
            told.put(str(json.loads(line)))


def _limit(problem: str) -> EngineError:
    return EngineError("this study", problem, "Send fewer series, or ask for larger limits of the worker.")


def _unexpected(error: Exception) -> RegistryError:
    return RegistryError(
        "this study", f"could not be assessed ({type(error).__name__}: {error})", "Report this as a bug."
    )


def _crashed(code: int, folder: Path) -> RegistryError:
    said = (folder / "stderr").read_bytes()[-2000:].decode("utf-8", "replace").strip().splitlines()
    how = f"signal {-code}" if code < 0 else f"code {code}"
    last = f": {said[-1][:300]}" if said else ""
    return RegistryError(
        "this study",
        f"could not be assessed: the process ended with {how}{last}",
        "Look at its images elsewhere first; if they are sound, report this as a bug.",
    )
