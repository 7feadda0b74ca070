"""Where tables that were uploaded and analyses lie, whose they are, and the process that works on one at a time.

Each table and each analysis has a folder of its own that only this service's user may read. It is seen by who made it
alone, and goes after a week.
"""

from __future__ import annotations

import json
import pickle
import secrets
import shutil
import subprocess
import sys
import time
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import PurePosixPath
from threading import Lock, Thread
from typing import TYPE_CHECKING, Any

from ovcf.errors import CohortDataError, NotThereError, TooManyError
from ovcf.language.stored_sentences import from_data
from ovcf.plain_text import clean

if TYPE_CHECKING:
    from pathlib import Path
    from uuid import UUID

    from ovcf.server.cohort.analysis_process import Analysis

KEPT_S = 7 * 86400.0
MAX_EACH = 100
LONGEST_S = 1800.0
SUFFIXES = (".csv", ".tsv", ".txt", ".xlsx", ".parquet")


class State(StrEnum):
    """How far an analysis is."""

    WAITING = "waiting"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class Kept:
    """A table that was uploaded."""

    id: str
    path: Path
    name: str


@dataclass(frozen=True, slots=True)
class Line:
    """A table or an analysis in a list of one's own: when it was sent or asked for, and what was asked of it."""

    id: str
    name: str
    at: str
    asked: str = ""
    state: State | None = None


class Desk:
    """The folder of one service."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._turn = Lock()
        self._states: dict[str, State] = {}
        self._processes: dict[str, subprocess.Popen[bytes]] = {}
        self.sweep()

    def sweep(self, older_than_s: float = KEPT_S) -> None:
        """Let go of what is older."""
        for path in self._folder.glob("*/*"):
            with suppress(OSError):
                if time.time() - path.stat().st_mtime > older_than_s:
                    shutil.rmtree(path)

    def keep_table(self, who: UUID, name: str, content: bytes) -> Kept:
        """A table as it was sent.

        Raises:
            CohortDataError: no such kind of file is read. TooManyError: so many are kept already.
        """
        plain = clean(PurePosixPath(name.replace("\\", "/")).name)[:100] or "table.csv"
        suffix = PurePosixPath(plain.lower()).suffix
        if suffix not in SUFFIXES:
            raise CohortDataError(plain, "is no table that is read here", "Give CSV, Excel (.xlsx) or Parquet.")
        id_, folder = self._new("tables", who, plain)
        path = folder / f"table{suffix}"
        path.write_bytes(content)
        return Kept(id_, path, plain)

    def table(self, who: UUID, id_: str) -> Kept:
        """A table of this person's.

        Raises:
            NotThereError: there is none.
        """
        folder, told = self._of(who, "tables", id_)
        return Kept(id_, next(folder.glob("table.*")), told["name"])

    def of(self, who: UUID, kind: str) -> list[Line]:
        """What this person has here, the newest first."""
        found = []
        for path in self._folder.glob(f"{kind}/*"):
            told = self._told(path)
            if told.get("person") == str(who):
                state = self.look(who, path.name)[0] if kind == "analyses" else None
                found.append(Line(path.name, told["name"], told.get("at", ""), told.get("asked", ""), state))
        return sorted(found, key=lambda line: line.at, reverse=True)

    def forget(self, who: UUID, kind: str, id_: str) -> None:
        """Let a table or an analysis of this person's go; one that is being made is stopped.

        Raises:
            NotThereError: there is none.
        """
        folder, _ = self._of(who, kind, id_)
        shutil.rmtree(folder, ignore_errors=True)
        if process := self._processes.get(id_):
            process.kill()

    def begin(self, who: UUID, analysis: Analysis) -> str:
        """Take an analysis on; its id."""
        asked = analysis.design or (analysis.asked.question.value if analysis.asked else "")
        id_, folder = self._new("analyses", who, analysis.name, asked=asked)
        self._states[id_] = State.WAITING
        Thread(target=self._in_turn, args=(id_, folder, analysis), daemon=True).start()
        return id_

    def look(self, who: UUID, id_: str) -> tuple[State, dict[str, Any], Path]:
        """How far an analysis of this person's is, what went wrong with it, and its folder.

        Raises:
            NotThereError: there is none.
        """
        folder, _ = self._of(who, "analyses", id_)
        try:
            kept = json.loads((folder / "result.json").read_text("utf-8"))
            result: dict[str, Any] = {name: from_data(text) for name, text in kept.items()}
        except (OSError, ValueError):
            state = self._states.get(id_)
            if state in (State.WAITING, State.RUNNING):
                return state, {}, folder
            gone = {"where": "This analysis", "problem": "was broken off", "remedy": "Ask for it again."}
            return State.FAILED, gone, folder
        return (State.FAILED if result else State.DONE), result, folder

    def _in_turn(self, id_: str, folder: Path, analysis: Analysis) -> None:
        """One after the other. A service that ends waits for none: the process ends with it."""
        with self._turn:
            if folder.is_dir():  # nobody let it go meanwhile
                self._make(id_, folder, analysis)

    def _make(self, id_: str, folder: Path, analysis: Analysis) -> None:
        self._states[id_] = State.RUNNING
        try:
            with subprocess.Popen(  # noqa: S603  # our own interpreter and module
                [sys.executable, "-m", "ovcf.server.cohort.analysis_process", str(folder)],
                stdin=subprocess.PIPE,
                stdout=subprocess.DEVNULL,
            ) as process:
                assert process.stdin is not None
                self._processes[id_] = process
                try:
                    process.stdin.write(pickle.dumps(analysis))
                    process.stdin.flush()  # and left open: the process ends with this one
                    process.wait(LONGEST_S)
                except subprocess.TimeoutExpired:
                    told = {"where": "This analysis", "problem": "took too long", "remedy": "Ask for less at once."}
                    (folder / "result.json").write_text(json.dumps(told), "utf-8")
                except BrokenPipeError:
                    pass  # somebody let it go before it had begun
                finally:
                    self._processes.pop(id_, None)
                    process.kill()
                    with suppress(OSError):
                        process.stdin.close()
        finally:
            self._states.pop(id_, None)

    def _new(self, kind: str, who: UUID, name: str, **more: str) -> tuple[str, Path]:
        place = self._folder / kind
        place.mkdir(mode=0o700, parents=True, exist_ok=True)
        self.sweep()
        if sum(self._owner(path) == str(who) for path in place.iterdir()) >= MAX_EACH:
            raise TooManyError(kind, f"are more than {MAX_EACH}", "Let some of them go first.", after_s=60)
        id_ = secrets.token_hex(16)
        folder = place / id_
        folder.mkdir(mode=0o700)
        told = {"person": str(who), "name": name, "at": datetime.now(UTC).isoformat(), **more}
        (folder / "owner.json").write_text(json.dumps(told), "utf-8")
        return id_, folder

    def _of(self, who: UUID, kind: str, id_: str) -> tuple[Path, dict[str, str]]:
        folder = self._folder / kind / id_
        if self._owner(folder) != str(who):
            raise NotThereError(kind[:-1] if kind == "tables" else "analysis", "is not there", "Ask for it again.")
        return folder, self._told(folder)

    @classmethod
    def _owner(cls, folder: Path) -> str:
        return str(cls._told(folder).get("person", ""))

    @staticmethod
    def _told(folder: Path) -> dict[str, str]:
        with suppress(OSError, ValueError):
            told: dict[str, str] = json.loads((folder / "owner.json").read_text("utf-8"))
            return told
        return {}
