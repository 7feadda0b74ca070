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
module-path = {modules}
timeout = {timeout}
excluded-modules = []
test-command = {command}
[cosmic-ray.distributor]
name = "local"
"""


@dataclass(frozen=True)
class Room:
    """What is changed, below ``src/ovcf``, and the tests that shall notice."""

    code: str
    tests: tuple[str, ...]


ROOMS = {
    "geometry": Room("geometry.py", ("tests/test_geometry.py",)),
    "anatomy": Room("anatomy.py", ("tests/test_anatomy.py",)),
    "landmarks": Room("landmarks.py", ("tests/test_landmarks.py",)),
    "shape": Room("measures/shape", ("tests/measures/shape", "tests/measures/test_declared.py")),
    "scores": Room("scores", ("tests/scores",)),
}


def copied(to: Path) -> Path:
    """A copy of what git knows, compiled; returns its source folder."""
    shutil.rmtree(to, ignore_errors=True)
    command = ["git", "ls-files", "src", "tests", "scripts", "bench", "docs", "pyproject.toml"]
    listed = subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True)
    for name in listed.stdout.splitlines():
        target = to / name
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(ROOT / name, target)
    subprocess.run([sys.executable, "-m", "compileall", "-q", "src", "tests"], cwd=to, check=True)
    return to / "src" / "ovcf"


def annotations(source: str) -> list[tuple[tuple[int, int], tuple[int, int]]]:
    """Where types are annotated: (line, column) of start and end of each."""
    found: list[ast.expr | None] = []
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.arg | ast.AnnAssign):
            found.append(node.annotation)
        elif isinstance(node, ast.FunctionDef):
            found.append(node.returns)
    return [
        ((at.lineno, at.col_offset), (at.end_lineno, at.end_col_offset or 0))
        for at in found
        if at is not None and at.end_lineno is not None
    ]


def chosen(session: Path, folder: Path, sample: int, seed: int) -> tuple[int, int]:
    """Keep a sample of the changes, none in an annotation; returns how many there were, and how many are left."""
    with sqlite3.connect(session) as database:
        rows = database.execute(
            "select job_id, module_path, operator_name, start_pos_row, start_pos_col, occurrence from mutation_specs"
        )
        kept = []
        typed = {}
        for job, path, operator, line, column, occurrence in rows:
            if path not in typed:
                typed[path] = annotations((folder / path).read_text(encoding="utf-8"))
            if IDLE.search(operator) is None and not any(start <= (line, column) < end for start, end in typed[path]):
                kept.append((path, line, column, operator, occurrence, job))
        every = len(kept)
        # Jobs have random names: their order in the file decides what a seed chooses.
        kept = [job for *_, job in sorted(kept)]
        if sample and sample < every:
            kept = random.Random(seed).sample(kept, sample)
        held = set(kept)
        for (job,) in database.execute("select job_id from work_items").fetchall():
            if job not in held:
                database.execute("delete from mutation_specs where job_id = ?", (job,))
                database.execute("delete from work_items where job_id = ?", (job,))
    return every, len(kept)


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
    source = copied(folder)
    command = f"{sys.executable} -m pytest -x -q -p no:cacheprovider -n 0 {' '.join(room.tests)}"
    code = (source / room.code).relative_to(folder)
    text = CONFIGURATION.format(modules=json.dumps(str(code)), timeout=timeout, command=json.dumps(command))
    (folder / "room.toml").write_text(text, encoding="utf-8")
    session = folder / "room.sqlite"
    environment = {**os.environ, "PYTHONPATH": str(folder / "src")}
    subprocess.run([TOOL, "init", "room.toml", session.name], cwd=folder, check=True)
    every, kept = chosen(session, folder, sample, seed)
    subprocess.run([TOOL, "baseline", "room.toml"], cwd=folder, check=True, env=environment)
    subprocess.run([TOOL, "exec", "room.toml", session.name], cwd=folder, check=True, env=environment)
    return every, kept, *outcomes(session, folder)


def main() -> None:
    """Run from the command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("room", choices=list(ROOMS))
    parser.add_argument("--sample", type=int, default=0, help="so many changes at random; 0 tries all")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--timeout", type=float, default=300.0, help="seconds for the tests of one change")
    parser.add_argument("--wanted", type=float, default=85.0, help="percent of the changes that tests must notice")
    asked = parser.parse_args()
    every, kept, counts, survivors = run(asked.room, asked.sample, asked.seed, asked.timeout)
    print("\n\n".join(survivors))
    noticed = 100 * counts["killed"] / max(1, counts["killed"] + counts["survived"])
    told = ", ".join(f"{count} {outcome}" for outcome, count in sorted(counts.items()))
    print(f"\n{asked.room}: {every} changes, {kept} tried (seed {asked.seed}): {told}; {noticed:.1f} % killed")
    if noticed < asked.wanted:
        raise SystemExit(f"less than {asked.wanted:g} % killed")


if __name__ == "__main__":
    main()
