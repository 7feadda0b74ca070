"""Every command of the README and of the how-to pages runs on files that are there, and does what it should."""

import shutil

import pytest

from ovcf.phantom.recipe import read_recipe
from tests.cli.conftest import command  # noqa: F401  # a fixture
from tests.documents import ROOT, blocks, commands
from tests.made import looked_at_once, made_patient  # noqa: F401  # the first is a fixture

SAMPLES = ROOT / "build" / "tptbox"
PAGES = sorted(p.relative_to(ROOT).as_posix() for p in (ROOT / "docs" / "how-to").glob("*.md"))
NOT_RUN = {
    "reading open": "it serves a page until it is stopped (tests/server)",
    "assess study/ --engine": "the programs of others are not installed (tests/segmentation/test_external_engines.py)",
    "batch run studies": "the studies are the reader's own (tests/batch)",
    "batch run --pacs": "the archive is the hospital's own (tests/batch/test_archive.py)",
    "batch manifest --pacs": "the archive is the hospital's own (tests/batch/test_archive.py)",
    "dicom read fetched": "a viewer made that report (tests/dicom_out/test_ohif.py)",
    "batch work": "the shared folder is the cluster's own (tests/batch)",
    "batch status --out /shared": "the shared folder is the cluster's own (tests/batch)",
    "batch status --out s3://": "the bucket is the reader's own (tests/batch/test_object_storage.py)",
    "batch report --from results --out worklist --reported": "the reports are the reader's own (tests/batch)",
    "cohort multicentre": "the page tells of a study of several hospitals (tests/cohort/test_recipe_multicentre.py)",
    "cohort nasovcf patients.csv": "patients.csv is the reader's own (tests/cohort/test_recipes_nasovcf.py)",
    "cohort agreement readings.csv": "readings.csv is the reader's own (tests/cli/test_reliability.py)",
    "follow-up january": "two visits of the reader's own patient (tests/cli/test_follow_up.py)",
    "audit head": "the registry is the hospital's own (tests/upgrade)",
    "db ": "the registry is the hospital's own (tests/registry)",
    "export patient": "the registry is the hospital's own (tests/exchange/test_one_patient.py)",
    "person ": "the registry is the hospital's own (tests/people/test_person_command.py)",
    "serve ": "it serves until it is stopped (tests/people/test_served.py)",
    "patient ": "the registry is the hospital's own (tests/registry)",
    "registry import examples/": "the registry is the hospital's own (tests/exchange/test_plain.py)",
    "study ": "the registry is the hospital's own (tests/cli/test_study.py)",
    "serve": "it serves until it is stopped (tests/server/api/test_whole_line.py)",
    "fhir export --patient": "the registry is the hospital's own (tests/fhir/test_registry.py)",
    "fhir export report/reading.ovcf --send": "the FHIR server is the hospital's own (tests/fhir/test_server.py)",
    "fhir import examples/fhir/facts.json --patient": "the registry is the hospital's own (tests/fhir)",
    "jobs ": "the registry is the reader's own (tests/jobs)",
    "pacs ": "the archive is the hospital's own (tests/pacs; what the page sets up, test_orthanc.py does)",
    "visit ": "the registry is the reader's own (tests/cli/test_visit.py)",
    "timeline ": "the registry is the reader's own (tests/cli/test_visit.py)",
    "reading show READING": "the registry is the reader's own (tests/cli/test_visit.py)",
    "reading edit report/reading.ovcf --image T2": "the digital patient has one stack of each contrast",
    "reading average": "it takes the files of two readers (tests/reading)",
}
"""Beginnings of commands that cannot run on what `make demo` leaves, and why."""


@pytest.fixture(scope="module")
def demo(tmp_path_factory, looked_at_once):  # noqa: F811
    """A folder as a reader has it after `make demo`, with a study of the reader's own."""
    here = tmp_path_factory.mktemp("checkout")
    recipe = read_recipe(ROOT / "examples" / "phantom.toml")
    (visit,) = made_patient(recipe, tmp_path_factory)
    (here / "demo").mkdir()
    (here / "demo" / "digital-patient").symlink_to(visit.parent)
    shutil.copytree(ROOT / "examples", here / "examples")
    shutil.copytree(visit / "study", here / "study")
    shutil.copy(visit / "case.toml", here)
    if SAMPLES.is_dir():
        (here / "build").mkdir()
        (here / "build" / "tptbox").symlink_to(SAMPLES)
    return here


@pytest.fixture
def here(demo, tmp_path, monkeypatch):
    """The same folder for each page anew."""
    for path in demo.iterdir():
        (tmp_path / path.name).symlink_to(path)
    monkeypatch.chdir(tmp_path)


def why_not(words):
    line = " ".join(words)
    if "build/tptbox" in line and not (SAMPLES / ".ready").exists():
        return "the real sample images were not fetched (make samples)"
    return next((why for start, why in NOT_RUN.items() if line.startswith(start)), None)


@pytest.mark.slow
@pytest.mark.parametrize("page", ["README.md", *PAGES])
def test_its_commands_run(page, here, command):  # noqa: F811
    text = (ROOT / page).read_text("utf-8")
    for words in commands(text):
        if why_not(words) is None:
            code, _, error = command(*words)
            assert code == 0, f"{page}: ovcf {' '.join(words)} ended with {code}: {error}"


def test_what_is_not_run_is_still_in_the_documents():
    lines = [" ".join(w) for page in ["README.md", *PAGES] for w in commands((ROOT / page).read_text("utf-8"))]
    assert [start for start in NOT_RUN if not any(line.startswith(start) for line in lines)] == []
    assert sum(why_not(line.split()) is None for line in lines) > 25


@pytest.mark.slow
def test_the_python_of_the_readme_runs(here, capsys):
    (code,) = blocks((ROOT / "README.md").read_text("utf-8"), "python")
    exec(compile(code, "README.md", "exec"), {})
    printed = capsys.readouterr().out
    assert printed.startswith("<Assessment: L1; NASOVCF ")
    assert "\nL1 Vertebral height loss (HAN) " in printed
