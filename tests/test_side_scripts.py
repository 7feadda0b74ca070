"""Benchmarks, training and scripts still find what they use: a name that moves breaks none of them unseen."""

import ast
import importlib.util
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
NOT_HERE = ("torch", "onnx")
"""What only ``training/`` needs, and no extra installs."""
SCRIPTS = sorted(
    path
    for folder in ("bench", "training", "scripts")
    for path in (ROOT / folder).glob("*.py")
    if path.stem != "__init__"
)


def lacking(path, seen=()):
    """The packages among NOT_HERE that a script needs, itself or through a neighbour, and that are not installed."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    roots = {alias.name.partition(".")[0] for n in ast.walk(tree) if isinstance(n, ast.Import) for alias in n.names}
    roots |= {(n.module or "").partition(".")[0] for n in ast.walk(tree) if isinstance(n, ast.ImportFrom)}
    found = {name for name in NOT_HERE if name in roots and importlib.util.find_spec(name) is None}
    for neighbour in path.parent.glob("*.py"):
        if neighbour.stem in roots and neighbour not in seen:
            found |= lacking(neighbour, (*seen, path, neighbour))
    return found


@pytest.mark.parametrize("path", SCRIPTS, ids=lambda path: f"{path.parent.name}/{path.name}")
def test_every_name_that_a_script_takes_from_us_is_there(path):
    """Also the imports that stand within functions, which running it alone would find."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and (node.module or "").partition(".")[0] in ("ovcf", "tests"):
            module = importlib.import_module(node.module)
            for alias in node.names:
                if not hasattr(module, alias.name):
                    importlib.import_module(f"{node.module}.{alias.name}")


@pytest.mark.slow
@pytest.mark.parametrize("folder", ["bench", "training", "scripts"])
def test_every_script_can_be_imported(folder):
    """In one process for each folder, as they are run: with the folder itself on the path."""
    paths = [path for path in SCRIPTS if path.parent.name == folder]
    left_out = {path.name: lacking(path) for path in paths}
    program = "import importlib, sys; sys.path.insert(0, sys.argv[1]); list(map(importlib.import_module, sys.argv[2:]))"
    names = [path.stem for path in paths if not left_out[path.name]]
    assert len(names) >= len(paths) / 3
    done = subprocess.run(
        [sys.executable, "-c", program, str(ROOT / folder), *names],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-3000:]
