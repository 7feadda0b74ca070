"""A digital patient on disk: DICOM studies of every visit with the truth beside them."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

from ovcf.errors import OutputError
from ovcf.phantom import dicom, truth
from ovcf.phantom.radiograph import lateral_radiograph
from ovcf.phantom.recipe import completed, recipe_text, toml_text
from ovcf.phantom.render import CONTRASTS, build, render

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from ovcf.phantom.recipe import Recipe

_NOTICE = """Digital phantom made by ovcf from a recipe. Not a patient, and never to be presented as one.

study/   the DICOM study: sagittal MR and a lateral radiograph
truth/   label maps, landmarks and measurements, known because they were drawn
case.toml   invented clinical facts; recipe.toml makes the same visits again
"""


def make_patient(
    recipe: Recipe,
    out: Path,
    *,
    contrasts: Sequence[str] = CONTRASTS,
    radiograph: bool = True,
    progress: Callable[[str, float], None] | None = None,
) -> tuple[Path, ...]:
    """Write every visit of a digital patient and return the visits' folders.

    ``out`` gets ``visit-1``, ``visit-2`` …, each with ``study``, ``truth``, ``case.toml`` and ``recipe.toml``.
    ``progress`` is told what is being made and the share that is done.

    Raises:
        PhantomError: nothing can be drawn as asked.
        OutputError: a visit's folder exists already, or cannot be written.
    """
    recipe = completed(recipe)
    weeks = (0.0, *(visit.weeks for visit in recipe.visits))
    folders = tuple(out / f"visit-{number + 1}" for number in range(len(weeks)))
    for folder in folders:
        if folder.exists():
            raise OutputError(folder, "exists already", "Choose another folder, or remove it first.")
    for number in range(len(weeks)):
        build(recipe.at_visit(number))  # what cannot be drawn fails before anything is written
    key = hashlib.sha256(recipe_text(recipe).encode()).hexdigest()
    for number, folder in enumerate(folders):
        tell = None
        if progress is not None:
            name = f"visit {number + 1} of {len(folders)}"

            def tell(share: float, name: str = name) -> None:
                progress(name, share)

        _visit(
            recipe,
            number,
            dicom.Identity(f"{key}/{number}", recipe, weeks[number]),
            folder,
            contrasts,
            radiograph,
            tell,
        )
    return folders


def _visit(
    recipe: Recipe,
    number: int,
    identity: dicom.Identity,
    folder: Path,
    contrasts: Sequence[str],
    with_radiograph: bool,
    progress: Callable[[float], None] | None,
) -> None:
    phantom = render(
        recipe, visit=number, contrasts=contrasts, progress=None if progress is None else lambda x: progress(0.7 * x)
    )
    patient, stack = phantom.patient, phantom.stack
    image = None
    if with_radiograph and phantom.recipe.centre is not None:
        image = lateral_radiograph(phantom.recipe, patient, patient.frames[phantom.recipe.centre].centre, number)
    try:
        beside = folder / "truth"
        beside.mkdir(parents=True)
        for n, contrast in enumerate(contrasts, 1):
            series = folder / "study" / contrast.replace(" ", "_")
            series.mkdir(parents=True)
            for index in range(len(stack.laterals)):
                dicom.save(dicom.mr_slice(identity, phantom, contrast, n, index), series / f"IM{index + 1:04d}.dcm")
        truth.write_label_map(phantom.vertebra, stack.affine, beside / "vertebrae.nii.gz")
        truth.write_label_map(phantom.part, stack.affine, beside / "subregions.nii.gz")
        truth.write_json(truth.landmark_json(truth.visible(phantom)), beside / "landmarks.json")
        if image is not None:
            series = folder / "study" / "DX"
            series.mkdir(parents=True)
            dicom.save(dicom.radiograph(identity, image, len(contrasts) + 1), series / "IM0001.dcm")
            truth.write_json(truth.landmark_json(image.landmarks), beside / "landmarks_radiograph.json")
        truth.write_json(truth.measurements(phantom), beside / "truth.json")
        (folder / "recipe.toml").write_text(recipe_text(recipe), encoding="utf-8")
        facts = truth.case_facts(phantom.recipe, identity.day.isoformat())
        (folder / "case.toml").write_text(toml_text(facts), encoding="utf-8")
        (folder / "README.txt").write_text(_NOTICE, encoding="utf-8")
    except OSError as error:
        raise OutputError(folder, f"cannot be written ({error.strerror})", "Choose another folder.") from error
    if progress is not None:
        progress(1.0)
