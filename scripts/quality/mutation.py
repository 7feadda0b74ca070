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
import shlex
import shutil
import sqlite3
import subprocess
import sys
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from queue import Queue

ROOT = Path(__file__).resolve().parents[2]
TOOL = ROOT / "build" / "cosmic-ray" / "bin" / "cosmic-ray"
#: Changes that say nothing of a test. Numbers with a fraction have no bits, so that any test at all fails. Whether two
#: equal values are the same object is no behavior.
IDLE = re.compile(
    r"_(RShift|LShift|BitOr|BitAnd|BitXor|Invert)$|_(Eq|NotEq|Lt|LtE|Gt|GtE)_(Is|IsNot)$|_Is_Eq$|_IsNot_NotEq$"
)
CONFIGURATION = """[cosmic-ray]
module-path = {modules}
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


def tests_of(room: Room, folder: Path, module: str) -> list[str]:
    """What pytest is given for a module, one call after the other: the tests that import it or are named as it, then
    the others of the room. Of a declared score those are the ones of its id, since no other score can notice."""
    source = folder / module
    dotted = ".".join(source.relative_to(folder / "src").with_suffix("").parts)
    near: list[str] = []
    others: list[str] = []
    tests = [p for name in room.tests for p in files_of(folder, name) if p.stem.startswith("test_")]
    for path in sorted(tests, key=lambda path: path.stem == room.last):
        told = source.stem in path.stem or dotted in path.read_text(encoding="utf-8")
        (near if told else others).append(str(path.relative_to(folder)))
    ids = re.findall(r"\bScore\(\s*id=\"([\w-]+)\"", source.read_text(encoding="utf-8"))
    chosen = f' -k "{" or ".join(ids)}"' if ids else ""
    return [*([" ".join(near)] if near else []), *([" ".join(others) + chosen] if others else [])]


def annotations(source: str) -> list[tuple[tuple[int, int], tuple[int, int]]]:
    """Where types are annotated: (line, column) of start and end of each."""
    found: list[ast.expr | None] = []
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.arg | ast.AnnAssign):
            found.append(node.annotation)
        elif isinstance(node, ast.FunctionDef):
            found.append(node.returns)
    return [
        ((at.lineno, at.col_offset), (at.end_lineno or 0, at.end_col_offset or 0)) for at in found if at is not None
    ]


def changes_in(session: Path, folder: Path) -> list[Change]:
    """Every change of a session that a test could judge."""
    columns = "module_path, start_pos_row, start_pos_col, operator_name, occurrence, job_id"
    with sqlite3.connect(session) as database:
        every = [Change(*row) for row in database.execute(f"select {columns} from mutation_specs")]
    typed = {
        module: annotations((folder / module).read_text(encoding="utf-8")) for module in {at.module for at in every}
    }

    def idle(at: Change) -> bool:
        place = at.line, at.column
        return bool(IDLE.search(at.operator)) or any(start <= place < end for start, end in typed[at.module])

    return [at for at in every if not idle(at)]


def keep_only(session: Path, job: str) -> None:
    """Leave no other jobs in a session."""
    with sqlite3.connect(session) as database:
        for table in ("mutation_specs", "work_items"):
            database.execute(f"delete from {table} where job_id != ?", (job,))


def outcome(session: Path, folder: Path) -> tuple[str, str]:
    """What became of the one change of a session (killed, survived, timeout, incompetent), and its difference."""
    dumped = subprocess.run([TOOL, "dump", session.name], cwd=folder, check=True, capture_output=True, text=True)
    _, result = json.loads(dumped.stdout)
    late = result["test_outcome"] == "killed" and result["output"] == "timeout"
    return "timeout" if late else str(result["test_outcome"]), result["diff"]


@dataclass(frozen=True)
class Runner:
    """A room in a copy of the project, where one change at a time is made."""

    room: Room
    folder: Path
    timeout: float

    def command(self, module: str) -> str:
        """What judges a change of a module: a shell command that fails where a test does."""
        pytest = f"{sys.executable} -m pytest -x -q -p no:cacheprovider"
        return "sh -c '" + " && ".join(f"{pytest} {tests}" for tests in tests_of(self.room, self.folder, module)) + "'"

    def call(self, *command: str | Path) -> None:
        """Run a command in the copy, with its sources; plug-ins of pytest would take longer to start than most tests
        take to run."""
        environment = {**os.environ, "PYTHONPATH": str(self.folder / "src"), "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"}
        subprocess.run(command, cwd=self.folder, check=True, env=environment)

    def configured(self, stem: str, modules: list[str], command: str) -> tuple[str, str]:
        """Write a configuration; returns the names of its file and of its session."""
        text = CONFIGURATION.format(modules=json.dumps(modules), timeout=self.timeout, command=json.dumps(command))
        (self.folder / f"{stem}.toml").write_text(text, encoding="utf-8")
        return f"{stem}.toml", f"{stem}.sqlite"

    def tried(self, change: Change, whole: Path) -> tuple[str, str]:
        """Make one of the changes that the session ``whole`` names; returns what became of it, and the difference."""
        part = self.configured("one", [change.module], self.command(change.module))
        shutil.copy2(whole, self.folder / part[1])
        keep_only(self.folder / part[1], change.job)
        self.call(TOOL, "exec", *part)
        return outcome(self.folder / part[1], self.folder)


def run(name: str, sample: int, seed: int, timeout: float, workers: int) -> tuple[int, int, Counter[str]]:
    """Try the changes of one room, printing the survivors; returns how many there are, how many were tried, and the
    outcomes."""
    free: Queue[Runner] = Queue()
    for number in range(workers):
        free.put(Runner(ROOMS[name], ROOT / "build" / "mutation" / name / str(number), timeout))
    first = free.queue[0]
    copied(first.folder)
    modules = [str(p.relative_to(first.folder)) for p in files_of(first.folder, first.room.code)]
    first.call(*shlex.split(first.command(modules[0])))  # without a change all tests pass, and are compiled
    for runner in list(free.queue)[1:]:
        shutil.rmtree(runner.folder, ignore_errors=True)
        shutil.copytree(first.folder, runner.folder)
    configuration, session = first.configured("whole", modules, "")
    first.call(TOOL, "init", configuration, session)
    every = sorted(changes_in(first.folder / session, first.folder), key=lambda at: at.known_as)
    kept = random.Random(seed).sample(every, sample) if 0 < sample < len(every) else every
    counts: Counter[str] = Counter()

    def tried(change: Change) -> None:
        runner = free.get()
        found, difference = runner.tried(change, first.folder / session)
        free.put(runner)
        counts[found] += 1
        if found != "killed":
            print(f"{found}\n{difference}", flush=True)

    with ThreadPoolExecutor(workers) as pool:
        for done in [pool.submit(tried, change) for change in kept]:
            done.result()
    return len(every), len(kept), counts


def main() -> None:
    """Run from the command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("room", choices=list(ROOMS))
    parser.add_argument("--sample", type=int, default=0, help="so many changes at random; 0 tries all")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--timeout", type=float, default=300.0, help="seconds for the tests of one change")
    parser.add_argument("--workers", type=int, default=1, help="changes tried at a time")
    parser.add_argument("--wanted", type=float, default=85.0, help="percent of the changes that tests must notice")
    asked = parser.parse_args()
    every, kept, counts = run(asked.room, asked.sample, asked.seed, asked.timeout, asked.workers)
    noticed = 100 * counts["killed"] / max(1, counts["killed"] + counts["survived"])
    told = ", ".join(f"{count} {outcome}" for outcome, count in sorted(counts.items()))
    print(f"\n{asked.room}: {every} changes, {kept} tried (seed {asked.seed}): {told}; {noticed:.1f} % killed")
    if noticed < asked.wanted:
        raise SystemExit(f"less than {asked.wanted:g} % killed")


if __name__ == "__main__":
    main()
