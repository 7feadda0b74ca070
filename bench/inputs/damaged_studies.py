"""Whole studies of a digital patient with something wrong in them: refused, or said at the top of the report."""

from __future__ import annotations

import random
import shutil
import traceback
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import nibabel
import numpy as np
import pydicom

from bench.inputs.damaged_files import damaged

if TYPE_CHECKING:
    from ovcf.assessment.result import Assessment


def study_case(number: int, folder: Path) -> str | None:
    """What went wrong when a study with one fault was assessed, or None."""
    from ovcf.errors import OvcfError
    from ovcf.workflow.from_files import draft_from_files

    base = _patient(folder)
    rng = random.Random(number)
    name, (spoil, must_be_seen) = list(FAULTS.items())[number % len(FAULTS)]
    here = folder / "spoiled"
    shutil.rmtree(here, ignore_errors=True)
    shutil.copytree(base, here)
    spoil(here, rng)
    maps = [here / "truth" / f"{what}.nii.gz" for what in ("vertebrae", "subregions")]
    try:
        made = draft_from_files([here / "study"], clinical=here / "case.toml", labels=maps, engine=None).assessment
    except OvcfError:
        return None
    except Exception:
        return f"{name}\n{traceback.format_exc(limit=-6)}"
    silent = must_be_seen and not (made.warnings and not _signal(made))
    return f"{name}: assessed without a word, {_signal(made)}" if silent else None


def _signal(made: Assessment) -> list[str]:
    return [f"{m.method.id} {m.value:.1f}" for m in made.measurements if m.method.id == "bme-percent"]


def _patient(folder: Path) -> Path:
    from ovcf.phantom.patient import make_patient
    from ovcf.phantom.recipe import Recipe, parse_fracture

    base = folder / "patient" / "visit-1"
    if not base.exists():
        recipe = Recipe(seed=7, fractures=(parse_fracture("L1:wedge:25"),))
        make_patient(recipe, folder / "patient", radiograph=False)
    return base


def _files(here: Path, series: str = "*") -> list[Path]:
    return sorted((here / "study" / series).parent.glob(f"{series}/*.dcm"))


def _tags(change: Callable[[pydicom.Dataset], None], series: str = "STIR") -> Callable[[Path, random.Random], None]:
    def spoil(here: Path, _: random.Random) -> None:
        for path in _files(here, series):
            ds = pydicom.dcmread(path)
            change(ds)
            ds.save_as(path)

    return spoil


def _other_person(here: Path, rng: random.Random) -> None:
    _tags(lambda ds: setattr(ds, "PatientID", ""), "*")(here, rng)
    _tags(lambda ds: setattr(ds, "PatientSex", "M" if ds.PatientSex == "F" else "F"))(here, rng)


def _scaled(keyword: str, factor: float) -> Callable[[pydicom.Dataset], None]:
    def change(ds: pydicom.Dataset) -> None:
        setattr(ds, keyword, [float(v) * factor for v in ds[keyword].value])

    return change


def _earlier(ds: pydicom.Dataset) -> None:
    for keyword in ("StudyDate", "SeriesDate", "AcquisitionDate", "ContentDate"):
        if keyword in ds:
            setattr(ds, keyword, str(int(str(ds[keyword].value)[:4]) - 4) + str(ds[keyword].value)[4:])


def _labels_moved(here: Path, rng: random.Random) -> None:
    way = rng.choice([(0, 10, 0), (0, -10, 0), (0, 0, 10), (0, 0, -10), (0, 35, 0), (0, 0, 35), (0, 0, -35)])
    for path in (here / "truth").glob("*.nii.gz"):
        image = nibabel.Nifti1Image.from_filename(path)
        affine = image.affine.copy()
        affine[:3, 3] += way
        nibabel.save(nibabel.Nifti1Image(np.asanyarray(image.dataobj), affine), path)


def _bytes(here: Path, rng: random.Random) -> None:
    for path in rng.sample(_files(here), 2):
        path.write_bytes(damaged(path.name, path.read_bytes(), rng))


def _lost(here: Path, rng: random.Random) -> None:
    for path in rng.sample(_files(here), 3):
        path.unlink()


def _maps(here: Path, rng: random.Random) -> None:
    path = here / "truth" / "vertebrae.nii.gz"
    path.write_bytes(damaged(path.name, path.read_bytes(), rng))


def _case(here: Path, rng: random.Random) -> None:
    path = here / "case.toml"
    path.write_bytes(damaged(path.name, path.read_bytes(), rng))


#: What is done to a study, and whether it must be refused or warned of with the signal withheld.
FAULTS: dict[str, tuple[Callable[[Path, random.Random], None], bool]] = {
    "negative rescale slope": (_tags(lambda ds: setattr(ds, "RescaleSlope", -1)), True),
    "another person's STIR": (_other_person, True),
    "STIR of four years before": (_tags(_earlier), True),
    "labels moved": (_labels_moved, True),
    "pixels a hundred times too large": (_tags(_scaled("PixelSpacing", 100.0)), True),
    "pixels of no size": (_tags(_scaled("PixelSpacing", 0.0)), True),
    "damaged files": (_bytes, False),
    "lost files": (_lost, False),
    "damaged label map": (_maps, False),
    "damaged clinical file": (_case, False),
}
