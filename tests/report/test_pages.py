"""How many sheets a report with real pictures takes, read back from its PDF: four at most before the appendix."""

import shutil
import subprocess

import pytest

from ovcf.phantom.patient import make_patient
from ovcf.phantom.recipe import Recipe, parse_fracture
from ovcf.report.content import NOTICE
from ovcf.report.pdf import to_pdf
from ovcf.report.pictures import figures_of
from ovcf.workflow.from_files import draft_from_files
from tests.tptbox import tptbox

pytestmark = pytest.mark.slow
MAX_BEFORE_THE_APPENDIX = 4
A_FEW_WORDS = 40


def sheets(draft):
    """The words of every page of the PDF."""
    if shutil.which("pdftotext") is None:
        pytest.skip("needs pdftotext (poppler-utils) to read the PDF back")
    pdf = to_pdf(draft.assessment, figures_of(draft))
    done = subprocess.run(["pdftotext", "-layout", "-", "-"], input=pdf, capture_output=True, check=True)
    return done.stdout.decode().split("\f")[:-1]


def real_exam():
    """A real T2 with three vertebrae, the middle one taken for the index fracture of a whole clinical file."""
    maps = [tptbox(f"sub-mri_seg-{part}_label-6_msk.nii.gz") for part in ("vert", "subreg")]
    image = tptbox("sub-mri_label-6_T2w.nii.gz")
    return draft_from_files(
        [image], labels=maps, roles=[f"{image.name}=sagittal T2"], anchors=["6=L1"], fracture="L1", scheme="instances"
    )


def digital(folder, fractures):
    """A digital patient with a radiograph and three MR series, its true label map and every picture."""
    recipe = Recipe(seed=21, fractures=tuple(map(parse_fracture, fractures)))
    (visit, *_) = make_patient(recipe, folder / "patient")
    maps = [visit / "truth" / f"{name}.nii.gz" for name in ("vertebrae", "subregions")]
    return draft_from_files([visit / "study"], clinical=visit / "case.toml", labels=maps)


@pytest.fixture(params=["real", "one fracture", "three fractures"])
def pages(request, tmp_path):
    if request.param == "real":
        return sheets(real_exam())
    several = request.param == "three fractures"
    return sheets(
        digital(tmp_path, ("L1:wedge:25", "T12:biconcave:30", "L3:wedge:35") if several else ("L1:wedge:25",))
    )


def test_at_most_four_pages_with_pictures_stand_before_the_appendix_and_none_is_all_but_empty(pages):
    first = next(number for number, words in enumerate(pages) if "Appendix " in words)
    assert first <= MAX_BEFORE_THE_APPENDIX
    assert all(len(words.split()) > A_FEW_WORDS for words in pages)
    (closing,) = [words for words in pages if " ".join(NOTICE.split()[:6]) in " ".join(words.split())]
    assert "Appendix D" in closing, "the notice stands with the block that it closes"
