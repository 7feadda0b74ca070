"""Mutation run of one room: how many small errors, put into its code one at a time, do its own tests notice.

The room is copied with its tests, cosmic-ray changes one operator, comparison, number, truth value, decorator or
exception of the copy, and the tests run until one of them fails. Words are not changed: no test can judge a label or a
reference. Nor are annotations of types, which mypy judges. With ``--sample`` a random part of the changes is tried.

Prints every change that no test noticed. Ends with an error where less than ``--wanted`` percent were noticed.
"""

from __future__ import annotations

import argparse
import ast
import json
import os
import random
import re
import shutil
import sqlite3
import subprocess
import sys
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
TOOL = ROOT / "build" / "cosmic-ray" / "bin" / "cosmic-ray"
#: Changes that say nothing of a test. Numbers with a fraction have no bits, so that any test at all fails. Whether two
#: equal values are the same object is no behavior.
IDLE = re.compile(r"_(RShift|LShift|BitOr|BitAnd|BitXor|Invert)$|_(Eq|NotEq|Lt|LtE|Gt|GtE)_(Is|IsNot)$")
CONFIGURATION = """[cosmic-ray]
module-path = {module}
timeout = {timeout}
excluded-modules = []
test-command = {command}
[cosmic-ray.distributor]
name = "local"
"""


@dataclass(frozen=True)
class Room:
    """What is changed, and the tests that shall notice; ``last`` names those that take longest."""

    code: str
    tests: tuple[str, ...]
    last: str = ""


ROOMS = {
    "geometry": Room("src/ovcf/geometry.py", ("tests/test_geometry.py",)),
    "anatomy": Room("src/ovcf/anatomy.py", ("tests/test_anatomy.py",)),
    "landmarks": Room("src/ovcf/landmarks.py", ("tests/test_landmarks.py",)),
    "shape": Room("src/ovcf/measures/shape", ("tests/measures/shape", "tests/measures/test_declared.py")),
    "scores": Room("src/ovcf/scores", ("tests/scores",), last="test_declared"),
}


@dataclass(frozen=True)
class Change:
    """One change that cosmic-ray can make; ``job`` is its name in a session, new in each."""

    module: str
    line: int
    column: int
    operator: str
    occurrence: int
    job: str

    @property
    def known_as(self) -> tuple[str, int, int, str, int]:
        """What is the same in every session."""
        return self.module, self.line, self.column, self.operator, self.occurrence


def files_of(folder: Path, name: str) -> list[Path]:
    """The Python files of a room, or its one file."""
    path = folder / name
    return [path] if path.is_file() else sorted(p for p in path.rglob("*.py") if p.stem != "__init__")


def copied(to: Path) -> None:
    """A copy of what git knows, compiled."""
    shutil.rmtree(to, ignore_errors=True)
    command = ["git", "ls-files", "src", "tests", "scripts", "bench", "docs", "pyproject.toml"]
    listed = subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True)
    for name in listed.stdout.splitlines():
        target = to / name
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(ROOT / name, target)
    subprocess.run([sys.executable, "-m", "compileall", "-q", "src", "tests"], cwd=to, check=True)


def tests_of(room: Room, folder: Path, module: Path) -> list[str]:
    """The tests of a room, those named as the module first, so that most changes are noticed soon."""

    def late(path: Path) -> tuple[bool, bool]:
        return module.stem not in path.stem, path.stem == room.last

    tests = [p for name in room.tests for p in files_of(folder, name) if p.stem.startswith("test_")]
    return [str(p.relative_to(folder)) for p in sorted(tests, key=late)]


def annotated(source: str, line: int, column: int) -> bool:
    """Whether a place lies in the annotation of a type."""
    found: list[ast.expr | None] = []
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.arg | ast.AnnAssign):
            found.append(node.annotation)
        elif isinstance(node, ast.FunctionDef):
            found.append(node.returns)
    return any(
        (at.lineno, at.col_offset) <= (line, column) < (at.end_lineno or 0, at.end_col_offset or 0)
        for at in found
        if at is not None
    )


def changes_in(session: Path, source: str) -> list[Change]:
    """Every change of a session that a test could judge."""
    columns = "module_path, start_pos_row, start_pos_col, operator_name, occurrence, job_id"
    with sqlite3.connect(session) as database:
        every = [Change(*row) for row in database.execute(f"select {columns} from mutation_specs")]
    return [at for at in every if not IDLE.search(at.operator) and not annotated(source, at.line, at.column)]


def keep_only(session: Path, kept: set[str]) -> None:
    """Leave no other jobs in a session."""
    with sqlite3.connect(session) as database:
        for (job,) in database.execute("select job_id from work_items").fetchall():
            if job not in kept:
                database.execute("delete from mutation_specs where job_id = ?", (job,))
                database.execute("delete from work_items where job_id = ?", (job,))


def outcomes(session: Path, folder: Path) -> tuple[Counter[str], list[str]]:
    """How many changes were killed, survived, timed out or could not be tried; and the survivors as differences."""
    dumped = subprocess.run([TOOL, "dump", session.name], cwd=folder, check=True, capture_output=True, text=True)
    counts: Counter[str] = Counter()
    survivors = []
    for line in dumped.stdout.splitlines():
        _, result = json.loads(line)
        outcome = "not tried" if result is None else str(result["test_outcome"])
        if outcome == "killed" and result["output"] == "timeout":
            outcome = "timeout"
        counts[outcome] += 1
        if outcome == "survived":
            survivors.append(result["diff"])
    return counts, survivors


def run(name: str, sample: int, seed: int, timeout: float) -> tuple[int, int, Counter[str], list[str]]:
    """Try the changes of one room; returns how many there are, how many were tried, the outcomes and the survivors."""
    room, folder = ROOMS[name], ROOT / "build" / "mutation" / name
    copied(folder)
    # Plug-ins of pytest take longer to start than most of these tests take to run.
    environment = {**os.environ, "PYTHONPATH": str(folder / "src"), "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"}
    sessions: dict[str, Path] = {}
    every: list[Change] = []
    for number, module in enumerate(files_of(folder, room.code)):
        path = str(module.relative_to(folder))
        command = [
            sys.executable,
            "-m",
            "pytest",
            "-x",
            "-q",
            "-p",
            "no:cacheprovider",
            *tests_of(room, folder, module),
        ]
        if not number:
            subprocess.run(command, cwd=folder, check=True, env=environment)
        text = CONFIGURATION.format(module=json.dumps(path), timeout=timeout, command=json.dumps(" ".join(command)))
        session = sessions[path] = folder / f"{number}.sqlite"
        session.with_suffix(".toml").write_text(text, encoding="utf-8")
        subprocess.run([TOOL, "init", session.with_suffix(".toml").name, session.name], cwd=folder, check=True)
        every += changes_in(session, module.read_text(encoding="utf-8"))
    every.sort(key=lambda at: at.known_as)
    kept = random.Random(seed).sample(every, sample) if 0 < sample < len(every) else every
    counts: Counter[str] = Counter()
    survivors: list[str] = []
    for path, session in sessions.items():
        keep_only(session, {at.job for at in kept if at.module == path})
        command = [str(TOOL), "exec", session.with_suffix(".toml").name, session.name]
        subprocess.run(command, cwd=folder, check=True, env=environment)
        here, missed = outcomes(session, folder)
        counts.update(here)
        survivors += missed
        print(path, dict(here), *missed, sep="\n", flush=True)
    return len(every), len(kept), counts, survivors


def main() -> None:
    """Run from the command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("room", choices=list(ROOMS))
    parser.add_argument("--sample", type=int, default=0, help="so many changes at random; 0 tries all")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--timeout", type=float, default=300.0, help="seconds for the tests of one change")
    parser.add_argument("--wanted", type=float, default=85.0, help="percent of the changes that tests must notice")
    asked = parser.parse_args()
    every, kept, counts, _ = run(asked.room, asked.sample, asked.seed, asked.timeout)
    noticed = 100 * counts["killed"] / max(1, counts["killed"] + counts["survived"])
    told = ", ".join(f"{count} {outcome}" for outcome, count in sorted(counts.items()))
    print(f"\n{asked.room}: {every} changes, {kept} tried (seed {asked.seed}): {told}; {noticed:.1f} % killed")
    if noticed < asked.wanted:
        raise SystemExit(f"less than {asked.wanted:g} % killed")


if __name__ == "__main__":
    main()
