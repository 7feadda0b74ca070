"""`pip install .` alone does what the README says of it; each part that needs more says what to install."""

import os
import subprocess
import sys
import tomllib

import pytest

from tests.documents import ROOT, commands

MODULES = {"python-docx": "docx"}
WITHOUT = """
import sys
for name in {names!r}:
    sys.modules[name] = None
from ovcf.cli import main
main()
"""


def extras():
    """The modules of every extra."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    base = {requirement.split(">")[0] for requirement in project["dependencies"]}
    wanted = [r.split(">")[0] for group in project["optional-dependencies"].values() for r in group]
    return sorted(MODULES.get(name, name) for name in wanted if name not in base)


def bare(*words, folder):
    done = subprocess.run(
        [sys.executable, "-c", WITHOUT.format(names=extras()), *map(str, words)],
        cwd=folder,
        check=False,
        env=os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)},
        capture_output=True,
        text=True,
    )
    assert "Traceback" not in done.stderr
    return done


@pytest.mark.slow
@pytest.mark.parametrize("start", ["assess", "score", "evidence", "measure", "cohort columns"])
def test_the_readme_without_any_extra(tmp_path, start):
    (tmp_path / "examples").symlink_to(ROOT / "examples")
    given = [words for words in commands((ROOT / "README.md").read_text("utf-8")) if " ".join(words).startswith(start)]
    if start == "assess":  # the study of the README stands in tests/test_documents.py
        given = [["assess", "examples/film.jpg", "--fracture", "L1", "--out", "film"]]
    assert given
    for words in given:
        done = bare(*words, folder=tmp_path)
        assert done.returncode == 0, done.stderr


@pytest.mark.parametrize(
    ("words", "extra"),
    [
        (("cohort", "demo", "--out", "demo"), "cohort"),
        (("reading", "open", "a.ovcf"), "server"),
        (("batch", "run", "studies", "--out", "results"), "batch"),
        (("fhir", "export", "a.ovcf"), "fhir"),
        (("fhir", "import", "bundle.json"), "fhir"),
    ],
)
def test_what_needs_an_extra_names_it(tmp_path, words, extra):
    done = bare(*words, folder=tmp_path)
    assert done.returncode == 2
    assert f'pip install ".[{extra}]"' in done.stderr
