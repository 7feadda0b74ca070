"""Images for some simulated patients: two middle slices of a digital patient, and a signed reading of them.

The digital patient has the fracture of the simulated one; the landmarks of the reading are those it was drawn with.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from ovcf.anatomy import Level
from ovcf.clinical.case import ClinicalCase
from ovcf.clinical.read_case import case_from_mapping
from ovcf.errors import ReadingError
from ovcf.phantom import dicom, truth
from ovcf.phantom.raster import Grid
from ovcf.phantom.recipe import FractureRecipe, Recipe
from ovcf.phantom.render import render
from ovcf.registry import service
from ovcf.registry.tables import ImagingStudy, StoredFile, StudyFile, Visit
from ovcf.vocabulary import Sex
from ovcf.workflow.begin import begin_reading
from ovcf.workflow.from_files import draft_from_files

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from uuid import UUID

    from pydicom.dataset import FileDataset

    from ovcf.exchange.simulated.course import First
    from ovcf.phantom.scanner import Stack
    from ovcf.reading.file import ReadingFile
    from ovcf.registry.store import Registry

READER = "Simulated reader"
_PIXEL_MM = 1.0
_SLICES = 2
_MEASURED = ("vhl_percent", "local_kyphosis_deg", "posture_radiograph", "bme_percent", "sq_grade")
"""Facts that the reading measures itself, on its images."""
_LEAST_VHL, _MOST_VHL = 4.0, 45.0
"""What a digital patient can be drawn with; a fracture without height loss is drawn with little."""
_DATES = ("StudyDate", "SeriesDate", "AcquisitionDate", "ContentDate")


def add_images(
    registry: Registry, actor: UUID, firsts: Sequence[First], seed: int, tell: Callable[[float], None]
) -> None:
    """Add images and a signed reading to the first visit of each patient."""
    for number, first in enumerate(firsts):
        with TemporaryDirectory(prefix="ovcf-simulated-") as folder:
            files, reading = _study(first, seed + number, Path(folder))
        with registry.writing(actor) as writer:
            visit = writer.session.get(Visit, first.visit)
            assert visit is not None
            study = writer.add(
                ImagingStudy(
                    patient_id=first.patient,
                    visit_id=first.visit,
                    study_uid=reading.current.series[0].study_uid,
                    acquired_on=first.on,
                    description="Simulated",
                )
            )
            for name, content in files.items():
                digest = registry.files.put(content)
                if writer.session.get(StoredFile, digest) is None:
                    sealed = registry.files.key is not None
                    writer.session.add(StoredFile(sha256=digest, size=len(content), sealed=sealed))
                    writer.session.flush()
                writer.add(StudyFile(patient_id=first.patient, study_id=study.id, sha256=digest, name=name))
            service.keep_reading(writer, registry, visit, reading)
        tell((number + 1) / len(firsts))


def _study(first: First, seed: int, folder: Path) -> tuple[dict[str, bytes], ReadingFile]:
    """The files of a study by name, and the reading of them."""
    level = Level(first.level)
    loss = min(_MOST_VHL, max(_LEAST_VHL, first.vhl))
    recipe = Recipe(
        seed=seed,
        sex=Sex.FEMALE if first.female else Sex.MALE,
        age_years=min(first.age, 90.0),
        t_score=first.t_score,
        centre=level,
        fractures=(FractureRecipe(level=level, vhl_percent=loss),),
    )
    phantom = render(recipe, contrasts=("T2",), planned=_middle)
    identity = dicom.Identity(f"simulated/{seed}", phantom.recipe, 0.0)
    images = folder / "study"
    images.mkdir()
    for index in range(_SLICES):
        _dated(dicom.mr_slice(identity, phantom, "T2", 1, index), first).save_as(
            images / f"IM{index + 1:04d}.dcm", enforce_file_format=True
        )
    landmarks = folder / "landmarks.json"
    truth.write_json(truth.landmark_json(truth.visible(phantom)), landmarks)
    made = draft_from_files([images], landmarks=landmarks, engine=None, fracture=first.level)
    reading = begin_reading(made)
    facts = {name: value for name, value in first.facts.items() if name not in _MEASURED}
    case = case_from_mapping(
        {
            **facts,
            "index_level": first.level,
            "sex": "female" if first.female else "male",
            "t_score": first.t_score,
            "recent_fracture": True,
            "treatment": "none",
        }
    )
    files = {path.name: path.read_bytes() for path in sorted(images.iterdir())}
    return files, _signed(reading, case)


def _middle(stack: Stack) -> Stack:
    """The middle slices, at a coarser grid."""
    size = int(stack.grid.rows * stack.grid.pixel_mm / _PIXEL_MM)
    grid = Grid(stack.grid.x0, stack.grid.y0, _PIXEL_MM, size, size)
    return replace(stack, grid=grid, laterals=stack.laterals[stack.middle : stack.middle + _SLICES])


def _dated(file: FileDataset, first: First) -> FileDataset:
    for name in _DATES:
        if name in file:
            setattr(file, name, first.on.strftime("%Y%m%d"))
    return file


def _signed(file: ReadingFile, case: ClinicalCase) -> ReadingFile:
    """The reading with the clinical facts, signed where nothing is open."""
    from ovcf.reading.session import Session

    version = replace(file.reading.current, case=case)
    file = replace(file, reading=replace(file.reading, versions=(version,)))
    assessment = Session(file).assessment()
    try:
        at = datetime.now(UTC).isoformat(timespec="seconds")
        return replace(file, reading=file.reading.confirmed(assessment, reader=READER, at=at))
    except ReadingError:  # something is open: it stays a draft, as it would with a reader
        return file
