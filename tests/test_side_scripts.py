"""Benchmarks, training and scripts still find what they use: a name that moves breaks none of them unseen."""

import ast
import importlib.util
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
FOLDERS = ("bench", "training", "scripts")
NOT_HERE = ("torch", "onnx", "TPTBox")
"""What only ``training/`` needs, or a script that runs in an environment of its own, and no extra installs."""
PATHS = sorted(path for folder in FOLDERS for path in (ROOT / folder).rglob("*.py") if path.stem != "__init__")


def module_of(path):
    return ".".join(path.relative_to(ROOT).with_suffix("").parts)


MODULES = {module_of(path): path for path in PATHS}


def imported(path, *, within_functions=True):
    """Every module, or name in a module, that a file imports, dotted."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    nodes = list(ast.walk(tree)) if within_functions else tree.body
    plain = {alias.name for n in nodes if isinstance(n, ast.Import) for alias in n.names}
    return plain | {f"{n.module}.{alias.name}" for n in nodes if isinstance(n, ast.ImportFrom) for alias in n.names}


def lacking(module, seen=()):
    """The packages among NOT_HERE that importing a module needs, by itself or through another, and that are absent."""
    if module not in MODULES or module in seen:
        return set()
    names = imported(MODULES[module], within_functions=False)
    found = {n for n in NOT_HERE if importlib.util.find_spec(n) is None and any(n == x.split(".")[0] for x in names)}
    for name in names:
        for other in (name, name.rpartition(".")[0]):
            found |= lacking(other, (*seen, module))
    return found


@pytest.mark.parametrize("path", PATHS, ids=module_of)
def test_every_name_that_a_script_takes_from_us_is_there(path):
    """Also the imports that stand within functions, which running it alone would find."""
    for name in imported(path):
        package, _, last = name.rpartition(".")
        if name.split(".")[0] not in ("ovcf", "tests", *FOLDERS) or lacking(package) or lacking(name):
            continue
        if not package or not hasattr(importlib.import_module(package), last):
            importlib.import_module(name)


PROGRAM = """
import contextlib, importlib, io, sys
for name in sys.argv[1:]:
    module = importlib.import_module(name)
    if not hasattr(module, "argparse") and not hasattr(module, "arguments") or not hasattr(module, "main"):
        continue
    sys.argv, out = [name, "--help"], io.StringIO()
    try:
        with contextlib.redirect_stdout(out):
            module.main()
    except SystemExit as end:
        assert not end.code and "usage:" in out.getvalue(), name
        print(name)
    else:
        raise AssertionError(f"{name} --help ran on")
"""


@pytest.mark.slow
@pytest.mark.parametrize("folder", FOLDERS)
def test_every_script_can_be_imported_and_says_how_it_is_used(folder):
    """In one process for each folder, from the root of the repository, as they are run."""
    mine = [module for module in MODULES if module.startswith(f"{folder}.")]
    here = [module for module in mine if not lacking(module)]
    assert len(here) >= len(mine) / 3
    done = subprocess.run([sys.executable, "-c", PROGRAM, *here], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr[-3000:]
    assert done.stdout.split()


COMMAND = re.compile(r"python (?:-m )?((?:bench|training|scripts)[./][\w./]+)")


def test_every_command_that_a_text_prints_names_a_module_that_is_there():
    texts = [
        *ROOT.glob("*.md"),
        *(p for p in (ROOT / "docs").rglob("*.md") if p.parent.name != "decisions"),
        *(ROOT / "training").rglob("*.md"),
        *(ROOT / "bench").rglob("*.md"),
        *(ROOT / "src").rglob("*.json"),
        *PATHS,
        ROOT / "Makefile",
    ]
    named = {
        name.rstrip(".")
        for text in texts
        if text.name != "CHANGELOG.md"
        for name in COMMAND.findall(text.read_text(encoding="utf-8"))
    }
    assert len(named) > 20
    assert named - set(MODULES) - {"bench.report"} == set()


def test_one_command_remakes_the_spine_model_with_all_that_is_derived_from_it():
    """What ``make spine-model`` runs is there; it trains before it exports, and derives from the new model alone."""
    said = subprocess.run(["make", "-n", "spine-model"], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    run = re.findall(r"-m ((?:training|bench)[\w.]+)", said)
    assert set(run) <= set(MODULES)
    after = run.index("training.network.export")
    assert run.index("training.network.train_mixed") < run.index("training.network.average") < after
    derived = {"landmark_bias", "traced_bias", "level_evidence", "sacral_evidence"}
    assert {m.rpartition(".")[2] for m in run[after + 1 :]} == derived | {"real_validation"}
    assert run[-1] == "bench.mri.real_validation"
