"""What the pages for contributors show is code and evidence that is there."""

import re

import pytest

from ovcf.cohort.data.columns import binary, complete_rows, numbers
from ovcf.cohort.optional_import import optional_import
from ovcf.cohort.p_value import two_sided_p
from tests.documents import ROOT

SHOWN = {
    "add-an-engine": ("src/ovcf/segmentation/engines/totalspineseg.py", "src/ovcf/segmentation/engines/labels.py"),
    "add-a-cohort-analysis": (
        "src/ovcf/cohort/regression/e_value.py",
        "tests/cohort/test_restricted_mean_and_e_value.py",
    ),
}
PATHS = re.compile(r"`((?:src|tests|scripts|docs|training|bench|web)/[\w./*-]+)`")


def page(name):
    return (ROOT / "docs" / "how-to" / f"{name}.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("name", SHOWN)
def test_every_block_of_python_is_part_of_the_repository(name):
    found = re.findall(r"```python\n(.*?)```", page(name), re.DOTALL)
    code = [(ROOT / file).read_text(encoding="utf-8") for file in SHOWN[name]]
    assert found
    assert [block for block in found if not any(block in text for text in code)] == []


def test_what_a_cohort_analysis_is_told_to_call_is_there():
    assert callable(optional_import)
    told = {one.__name__ for one in (optional_import, two_sided_p, numbers, binary, complete_rows)}
    assert told <= set(re.findall(r"`(\w+)", page("add-a-cohort-analysis")))


@pytest.mark.parametrize(
    "document",
    [
        "CONTRIBUTING.md",
        "docs/architecture.md",
        *(f"docs/how-to/{p.name}" for p in (ROOT / "docs/how-to").glob("add-*")),
    ],
)
def test_every_file_they_name_is_there(document):
    named = PATHS.findall((ROOT / document).read_text(encoding="utf-8"))
    assert [path for path in named if not any(ROOT.glob(path.rstrip("/")))] == []
