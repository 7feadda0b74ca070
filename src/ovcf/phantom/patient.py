"""A digital patient on disk: DICOM studies of every visit with the truth beside them."""

from __future__ import annotations

import hashlib
from functools import partial
from typing import TYPE_CHECKING

from ovcf.errors import OutputError
from ovcf.files.result_folder import ResultFolder
from ovcf.phantom import dicom, truth
from ovcf.phantom.enhanced import enhanced_mr
from ovcf.phantom.radiograph import lateral_radiograph
from ovcf.phantom.recipe import completed, recipe_text, toml_text
from ovcf.phantom.render import CONTRASTS, build, render
from ovcf.phantom.scanner import Scanner

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from pydicom.dataset import FileDataset

    from ovcf.phantom.radiograph import Radiograph
    from ovcf.phantom.recipe import Recipe
    from ovcf.phantom.render import Phantom
    from ovcf.phantom.scanner import Stack

KIND = "digital patient"
_NOTICE = """Digital phantom made by ovcf from a recipe. Not a patient, and never to be presented as one.

study/   the DICOM study: sagittal MR and a lateral radiograph
truth/   label maps, landmarks and measurements, known because they were drawn
case.toml   invented clinical facts; recipe.toml makes the same visits again
"""


def make_patient(
    recipe: Recipe,
    out: Path | ResultFolder,
    *,
    contrasts: Sequence[str] = CONTRASTS,
    radiograph: bool = True,
    enhanced: bool = False,
    replace: bool = False,
    planned: Callable[[Stack], Stack] | None = None,
    progress: Callable[[str, float], None] | None = None,
) -> tuple[Path, ...]:
    """Write every visit of a digital patient and return the visits' folders.

    ``out`` gets ``visit-1``, ``visit-2`` …, each with ``study``, ``truth``, ``case.toml`` and ``recipe.toml``.
    ``replace`` puts them in the place of an earlier digital patient that nobody touched since.
    ``enhanced`` writes each stack as one multi-frame object. ``planned`` turns the stack drawn from the seed into the
    one that is scanned. ``progress`` is told what is made and the share done.

    Raises:
        PhantomError: nothing can be drawn as asked.
        OutputError: ``out`` is not empty (with ``replace``: not a digital patient as it was written), or cannot be
            written.
    """
    recipe = completed(recipe)
    weeks = (0.0, *(visit.weeks for visit in recipe.visits))
    names = [f"visit-{number + 1}" for number in range(len(weeks))]
    result = out if isinstance(out, ResultFolder) else ResultFolder.at(out, KIND)
    if result.found is not None and not replace:
        raise OutputError(result.path, "exists already", "Choose another folder, or ask for it to be replaced.")
    for number in range(len(weeks)):  # what cannot be drawn fails before anything is written
        Scanner(*build(recipe.at_visit(number)), contrasts, number)
    key = hashlib.sha256(recipe_text(recipe).encode()).hexdigest()
    with result.staged() as stage:
        for number, folder in enumerate(stage / name for name in names):
            tell = partial(progress or _silent, f"visit {number + 1} of {len(names)}")
            phantom = render(
                recipe, visit=number, contrasts=contrasts, planned=planned, progress=partial(_scaled, tell, 0.7)
            )
            image = None
            if radiograph:
                image = lateral_radiograph(phantom.recipe, phantom.patient, phantom.patient.middle, number)
            identity = dicom.Identity(f"{key}/{number}", recipe, weeks[number])
            _write_study(identity, phantom, image, folder / "study", enhanced=enhanced)
            _write_truth(phantom, image, folder / "truth")
            (folder / "recipe.toml").write_text(recipe_text(recipe), encoding="utf-8")
            facts = truth.case_facts(phantom.recipe, identity.day.isoformat(), weeks=weeks[number])
            (folder / "case.toml").write_text(toml_text(facts), encoding="utf-8")
            (folder / "README.txt").write_text(_NOTICE, encoding="utf-8")
            tell(1.0)
    return tuple(result.path / name for name in names)


def _scaled(tell: Callable[[float], None], by: float, share: float) -> None:
    tell(by * share)


def _silent(_what: str, _share: float) -> None:
    """Nobody wants to know the progress."""


def _write_study(
    identity: dicom.Identity, phantom: Phantom, image: Radiograph | None, folder: Path, *, enhanced: bool
) -> None:
    for number, contrast in enumerate(phantom.images, 1):
        if enhanced:
            files = [enhanced_mr(identity, phantom, contrast, number)]
        else:
            slices = range(len(phantom.stack.laterals))
            files = [dicom.mr_slice(identity, phantom, contrast, number, index) for index in slices]
        _write_series(files, folder / contrast.replace(" ", "_"))
    if image is not None:
        _write_series([dicom.radiograph(identity, image, len(phantom.images) + 1)], folder / "DX")


def _write_series(files: Sequence[FileDataset], folder: Path) -> None:
    folder.mkdir(parents=True)
    for number, file in enumerate(files, 1):
        file.save_as(folder / f"IM{number:04d}.dcm", enforce_file_format=True)


def _write_truth(phantom: Phantom, image: Radiograph | None, folder: Path) -> None:
    folder.mkdir(parents=True)
    truth.write_label_map(phantom.vertebra, phantom.stack.affine, folder / "vertebrae.nii.gz")
    truth.write_label_map(phantom.part, phantom.stack.affine, folder / "subregions.nii.gz")
    truth.write_json(truth.landmark_json(truth.visible(phantom)), folder / "landmarks.json")
    if image is not None:
        truth.write_json(truth.landmark_json(image.landmarks), folder / "landmarks_radiograph.json")
    truth.write_json(truth.measurements(phantom), folder / "truth.json")
