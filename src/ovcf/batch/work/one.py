"""One study: its files brought here, its key made, what is there already kept, and what is not, computed."""

from __future__ import annotations

import json
import os
import socket
from dataclasses import asdict, dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from ovcf.batch.sources.fetch import files_of, told_of
from ovcf.batch.work.child_process import End, Ended
from ovcf.batch.work.settings import inputs_of
from ovcf.batch.work.study_result import (
    Outcome,
    Record,
    attempts_folder,
    from_bytes,
    quarantine_name,
    result_name,
    to_bytes,
)
from ovcf.errors import MissingFileError
from ovcf.files.workspace import workspace

if TYPE_CHECKING:
    import threading
    from collections.abc import Sequence

    from ovcf.batch.sources.study_source import StudySource
    from ovcf.batch.store.store import Store
    from ovcf.batch.work.child_process import ChildProcess
    from ovcf.batch.work.settings import Settings

MAX_ATTEMPTS = 3
"""After so many attempts that ended their worker, or its child, a study is set aside."""
_CUT_OFF = ("begun", Ended.CRASHED.value)
_POISON = "Look at its images elsewhere first; if they are sound, report this as a bug."
_LIMIT = "Leave series out that are not needed, or allow more time or memory and ask for what is quarantined again."


class Keeper(Protocol):
    """What takes results beside the tables: a registry."""

    def has(self, key: str) -> bool:
        """Whether it took this result."""

    def keep(self, source: StudySource, key: str, paths: Sequence[Path], folder: Path, result: dict[str, Any]) -> None:
        """Take the reading and frames that a job left in ``folder``; taking it twice changes nothing."""


@dataclass(frozen=True, slots=True)
class Attempt:
    """One try at a study; ``outcome`` is ``begun`` while it runs, and stays so where the worker was cut off."""

    attempt: int
    outcome: str
    problem: str = ""
    begun_at: str = ""
    seconds: float | None = None
    peak_bytes: int | None = None
    host: str = ""
    worker: str = ""


@dataclass(frozen=True, slots=True)
class Done:
    """What became of a study; ``computed`` tells whether it was computed now."""

    key: str
    outcome: Outcome
    computed: bool
    problem: str = ""


class StoppedError(Exception):
    """The batch was asked to stop while this study was at work; it is done by the next run."""


@dataclass(slots=True)
class Studies:
    """Does one study after the other with one child. ``again``: what is quarantined is tried once more."""

    store: Store
    settings: Settings
    child: ChildProcess
    stop: threading.Event
    keeper: Keeper | None = None
    again: bool = False
    host: str = field(default_factory=socket.gethostname)

    def do(self, source: StudySource) -> Done:
        """One study.

        Raises:
            StoppedError: the batch is asked to stop. OutputError: the result cannot be kept.
        """
        with workspace() as folder:
            try:
                told = told_of(source)
                if (there := self._known(source, told)) is not None:
                    return there
                paths, clinical = files_of(source, folder / "fetched")
                inputs = inputs_of(paths, clinical)
            except (MissingFileError, OSError) as error:
                return self._missing(source, error)
            if told:
                self.store.put(_inputs_name(told), json.dumps(inputs).encode())
            key = self.settings.key(inputs, source.options)
            return self._done(key) or self._computed(source, key, paths, clinical, folder)

    def _known(self, source: StudySource, told: str) -> Done | None:
        """The result of a study of an archive, if it was made of the images that the archive has still."""
        content = self.store.get(_inputs_name(told)) if told else None
        if content is None:
            return None
        return self._done(self.settings.key([(name, sha) for name, sha in json.loads(content)], source.options))

    def _done(self, key: str) -> Done | None:
        there = self._there(key)
        return None if there is None else Done(key, there.outcome, computed=False, problem=there.problem)

    def _missing(self, source: StudySource, error: Exception) -> Done:
        key = self.settings.key([("missing", source.study)], {"paths": list(source.paths)})
        told = error if isinstance(error, MissingFileError) else MissingFileError(source.study, str(error), "Check it.")
        record = Record(outcome=Outcome.MISSING, problem=f"{told.where}: {told.problem}", remedy=told.remedy.text)
        self.store.put(quarantine_name(key), to_bytes(record))
        return Done(key, record.outcome, computed=False, problem=record.problem)

    def _there(self, key: str) -> Record | None:
        if self.keeper is not None and not self.keeper.has(key):
            return None
        found = self.store.get(result_name(key))
        if found is None and not self.again:
            found = self.store.get(quarantine_name(key))
        return None if found is None else from_bytes(found)

    def _computed(
        self, source: StudySource, key: str, paths: Sequence[Path], clinical: Path | None, folder: Path
    ) -> Done:
        before = attempts_at(self.store, key)
        tried = 0 if self.again else sum(one["outcome"] in _CUT_OFF for one in before)
        for number in range(len(before) + 1, len(before) + 1 + MAX_ATTEMPTS - tried):
            job = folder / f"attempt-{number}"
            job.mkdir()
            begun = Attempt(
                number,
                "begun",
                begun_at=datetime.now(UTC).isoformat(timespec="milliseconds"),
                host=self.host,
                worker=str(os.getpid()),
            )
            self._note(key, begun)
            end = self.child.do(self._job(source, paths, clinical, job), self.stop)
            if end.how is Ended.STOPPED:
                self._note(key, replace(begun, outcome=end.how.value, seconds=end.seconds))
                raise StoppedError
            record, result = self._taken(job, end)
            if record is not None and self.keeper is not None and result is not None and "rows" in result:
                self.keeper.keep(source, key, paths, job, result)
            outcome = record.outcome.value if record else end.how.value
            self._note(
                key,
                replace(
                    begun,
                    outcome=outcome,
                    problem=record.problem if record else end.said,
                    seconds=round(end.seconds, 3),
                    peak_bytes=end.peak_bytes or None,
                ),
            )
            if record is not None:
                return self._kept(key, record)
        return self._kept(key, _poison(f"it ended its process {MAX_ATTEMPTS} times"))

    def _job(self, source: StudySource, paths: Sequence[Path], clinical: Path | None, folder: Path) -> dict[str, Any]:
        return {
            "paths": [str(path) for path in paths],
            "clinical": None if clinical is None else str(clinical),
            "options": {**source.options, "engine": self.settings.engine},
            "keep": self.keeper is not None,
            "most_bytes": self.child.limits.bytes,
            "folder": str(folder),
        }

    def _taken(self, folder: Path, end: End) -> tuple[Record | None, dict[str, Any] | None]:
        """What came of an attempt; None where another may do better."""
        if end.how is Ended.TIME:
            return _poison(f"it took more than {self.child.limits.seconds:g} seconds", _LIMIT), None
        if end.how is Ended.MEMORY:
            gib = self.child.limits.bytes / 2**30
            return _poison(f"it took more than {gib:.3g} GiB of memory", _LIMIT), None
        if end.how is not Ended.DONE:
            return None, None
        result: dict[str, Any] = json.loads((folder / "result.json").read_text("utf-8"))
        if "refused" in result:
            return Record(outcome=Outcome.REFUSED, **result["refused"]), result
        picture = folder / "picture.jpg"
        return Record(
            outcome=Outcome.ASSESSED,
            rows=result["rows"],
            picture=picture.read_bytes() if picture.is_file() else b"",
            picture_of=result.get("picture_of", ""),
        ), result

    def _kept(self, key: str, record: Record) -> Done:
        if record.outcome is Outcome.QUARANTINED:
            self.store.put(quarantine_name(key), to_bytes(record))
        else:
            self.store.put_new(result_name(key), to_bytes(record))
        return Done(key, record.outcome, computed=True, problem=record.problem)

    def _note(self, key: str, attempt: Attempt) -> None:
        content = json.dumps(asdict(attempt)).encode()
        self.store.put(f"{attempts_folder(key)}/{attempt.attempt:03}.json", content)


def attempts_at(store: Store, key: str) -> list[dict[str, Any]]:
    """The attempts at a key, the first one first."""
    names = sorted(store.names(attempts_folder(key)))
    return [json.loads(content) for name in names if (content := store.get(name)) is not None]


def _inputs_name(told: str) -> str:
    return f"state/inputs/{told}.json"


def _poison(problem: str, remedy: str = _POISON) -> Record:
    return Record(outcome=Outcome.QUARANTINED, problem=problem, remedy=remedy)
