"""A small patient with known truth, and a digital patient, each observed once for all tests here."""

import pytest

from ovcf.anatomy import Level
from ovcf.clinical.read_case import read_case
from ovcf.kept import Kept
from ovcf.phantom.recipe import FractureRecipe, Recipe
from ovcf.reading.conclude import conclude
from ovcf.workflow.begin import begin_reading
from ovcf.workflow.from_files import draft_from_files
from tests.assessment.patient import write_patient
from tests.made import made_patient


@pytest.fixture(scope="session")
def patient(tmp_path_factory):
    return write_patient(tmp_path_factory.mktemp("patient"))


@pytest.fixture(scope="session")
def made(patient):
    """The draft of the small patient: T12 to L4, L1 wedged with edema in its anterior half."""
    return draft_from_files(patient.images, clinical=patient.case, labels=[patient.labels], anchors=["2=L1"])


@pytest.fixture(scope="session")
def seen(made):
    return made.observations


@pytest.fixture(scope="session")
def case(made):
    return made.assessment.case


@pytest.fixture
def reading_file(made):
    return begin_reading(made)


@pytest.fixture(scope="session")
def digital(tmp_path_factory):
    """(Observations, case) of a digital patient with T1, T2 and STIR, observed with the label map it was drawn from."""
    recipe = Recipe(seed=5, centre=Level.L1, fractures=(FractureRecipe(level=Level.L1, vhl_percent=25.0),))
    (visit,) = made_patient(recipe, tmp_path_factory, radiograph=False)
    truth = [visit / "truth" / f"{name}.nii.gz" for name in ("vertebrae", "subregions")]
    draft = draft_from_files([visit / "study"], clinical=visit / "case.toml", labels=truth)
    return draft.observations, read_case(visit / "case.toml")


@pytest.fixture(scope="module")
def follows():
    """``follows(seen, edits, case)``: what :func:`conclude` gives, with results kept from test to test, as on the page;
    ``test_edit_sequences.py`` shows that these change nothing."""
    results = Kept()
    return lambda seen, edits, case: conclude(seen, edits, case, results=results)
