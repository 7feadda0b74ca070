"""How the house is kept: imports run one way, files are short, folders small, and no error is ignored unexplained."""

import ast
import os
import re
from graphlib import TopologicalSorter
from pathlib import Path

import pytest

from scripts.small_picture import MOST_BYTES

ROOT = Path(__file__).resolve().parents[1]
SIDES = ("bench", "training", "scripts")


def modules(top):
    """Every module of a folder on the import path, by its dotted name."""
    found = {}
    for path in top.rglob("*.py"):
        parts = path.relative_to(top).with_suffix("").parts
        found[".".join(parts[:-1] if parts[-1] == "__init__" else parts)] = path
    return found


def imported(path, known):
    """Modules among ``known`` that a file imports anywhere, also for types alone."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
        if isinstance(node, ast.ImportFrom):
            inner = [f"{node.module}.{alias.name}" for alias in node.names]
            names = [name if name in known else node.module for name in inner]
        yield from (name for name in names if name in known)


def own_files(*folders):
    """Python files of the repository; what npm has installed beside them is not ours."""
    found = [path for folder in folders for path in (ROOT / folder).rglob("*.py")]
    return [path for path in found if "node_modules" not in path.parts]


@pytest.mark.parametrize("top", ["src", *SIDES])
def test_no_import_goes_in_a_circle_not_even_for_types(top):
    known = modules(ROOT / top) if top == "src" else {f"{top}.{m}": p for m, p in modules(ROOT / top).items() if m}
    TopologicalSorter({m: set(imported(path, known)) - {m} for m, path in known.items()}).prepare()


def test_no_module_path_is_patched():
    """Modules are found as packages from the root of the repository; only another process is told a path."""
    patched = re.compile(r"^\s*sys\.path\b|syspath_prepend|setattr\(sys, .path", re.MULTILINE)
    files = own_files("src", "tests", *SIDES)
    found = [p for p in files if patched.search(p.read_text(encoding="utf-8")) and p != Path(__file__)]
    assert [str(p.relative_to(ROOT)) for p in found] == []


def lines_of(path):
    return len(path.read_text(encoding="utf-8").splitlines())


def test_no_file_is_long():
    files = own_files("src", "tests", *SIDES)
    lengths = {os.fspath(p.relative_to(ROOT)): len(p.read_text(encoding="utf-8").splitlines()) for p in files}
    assert {path: lines for path, lines in lengths.items() if lines > 400} == {}


@pytest.mark.parametrize(("top", "most"), [("src", 15), ("bench", 15), ("training", 15), ("scripts", 20)])
def test_no_folder_is_crowded(top, most):
    counts = {}
    for path in (p for p in (ROOT / top).rglob("*.py") if p.stem != "__init__"):
        folder = os.fspath(path.parent.relative_to(ROOT))
        counts[folder] = counts.get(folder, 0) + 1
    assert {folder: count for folder, count in counts.items() if count > most} == {}


def test_no_picture_of_the_documentation_is_large():
    sizes = {os.fspath(p.relative_to(ROOT)): p.stat().st_size for p in (ROOT / "docs").rglob("*.png")}
    assert sizes
    assert {path: size for path, size in sizes.items() if size > MOST_BYTES} == {}


def test_no_type_error_is_ignored_without_the_reason_beside_it():
    bare = re.compile(r"type: ignore(?!\[[a-z, -]+\]  # \w)")
    files = (ROOT / "src").rglob("*.py")
    found = [
        f"{os.fspath(path.relative_to(ROOT))}:{number}"
        for path in files
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1)
        if bare.search(line)
    ]
    assert found == []


EXPERIMENT = re.compile(
    r"\bseeds? (?:from )?[1-9]\d{4}\b"
    r"|\bdigital patients,? (?:of seeds )?(?:from )?\d{4}"
    r"|\bmodel 0\.\d"
)


def test_comments_say_why_and_leave_experiments_to_the_decisions():
    found = [
        f"{os.fspath(path.relative_to(ROOT))}: {told}"
        for path in (ROOT / "src").rglob("*.py")
        for told in EXPERIMENT.findall(path.read_text(encoding="utf-8"))
    ]
    assert found == []


def test_every_decision_that_a_comment_points_to_is_there():
    told = {
        number
        for path in (ROOT / "src").rglob("*.py")
        for number in re.findall(r"docs/decisions/(\d{3})", path.read_text(encoding="utf-8"))
    }
    written = {path.name[:3] for path in (ROOT / "docs" / "decisions").glob("*.md")}
    assert told
    assert told <= written
