"""The truth beside the images: label maps, landmarks, and every measurement, from the shapes and masks themselves."""

from __future__ import annotations

import json
from dataclasses import asdict, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from ovcf.anatomy import Level
from ovcf.errors import OvcfError
from ovcf.landmarks import POINTS, Source, SpineLandmarks
from ovcf.measures.from_landmarks import measure
from ovcf.measures.registry import from_landmarks
from ovcf.measures.shape.semiquantitative import sq_from_measurement
from ovcf.measures.signal.bone_quality import VBQ_LEVELS, vbq
from ovcf.measures.signal.edema import bme_level
from ovcf.measures.signal.t2_pattern import classify_t2
from ovcf.phantom.body.frame import BODY, NUMBER
from ovcf.phantom.body.tissue import Tissue
from ovcf.vocabulary import Modality, Posture

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

    from ovcf.phantom.recipe import FractureRecipe, Recipe
    from ovcf.phantom.render import Phantom

EDEMA = (Tissue.EDEMA, Tissue.EDEMA_T2_LOW, Tissue.EDEMA_T2_HIGH)
T2_LOW = (Tissue.EDEMA_T2_LOW, Tissue.MARROW_T2_LOW, Tissue.CLEFT_AIR, Tissue.CEMENT)
T2_HIGH = (Tissue.EDEMA_T2_HIGH, Tissue.MARROW_T2_HIGH, Tissue.CLEFT_FLUID)
CLEFT = (Tissue.CLEFT_AIR, Tissue.CLEFT_FLUID)
_IF_ASKED = ("sclerosis", "transitional")
"""What the truth names only where it was asked for: younger than patients whose files are to stay the same."""


def visible(phantom: Phantom) -> SpineLandmarks:
    """The landmarks of the vertebrae that lie wholly in the images, on MR, supine."""
    grid, vertebrae = phantom.stack.grid, []
    source = Source(
        modality=Modality.MR,
        posture=Posture.SUPINE,
        placed_by="truth of a digital patient",
        image="PHANTOM sagittal MR",
    )
    for v in phantom.landmarks:
        x, y = v.array.T
        if grid.x[3] < x.min() and x.max() < grid.x[-4] and grid.y[3] < y.min() and y.max() < grid.y[-4]:
            vertebrae.append(replace(v, source=source))
    return SpineLandmarks(
        vertebrae=tuple(vertebrae), column=phantom.landmarks.column, unusable=phantom.landmarks.unusable
    )


def signal_truth(phantom: Phantom, level: Level) -> dict[str, Any] | None:
    """Edema, T2 pattern and cleft of one fractured body, by mask, over the voxels of the stack; None outside it.

    Edema counts over all slices, the T2 pattern on the slice nearest to the mid-plane of the body; cortex goes with the
    marrow behind it, as a reader's outline does.
    """
    inside = phantom.patient.lesion(level, phantom.stack.grid, phantom.stack.laterals)
    total = np.count_nonzero(inside)
    if not total:
        return None
    middle = int(np.argmin(np.abs(np.array(phantom.stack.laterals) - phantom.patient.lateral_mm(level))))
    area = np.count_nonzero(inside[middle])
    low, high = (float(np.isin(inside[middle], kinds).sum() / area) for kinds in (T2_LOW, T2_HIGH))
    edema = float(100 * np.isin(inside, EDEMA).sum() / total)
    return {
        "bme-percent": edema,
        "bme-level": bme_level(edema).value,
        "t2-low-percent": 100 * low,
        "t2-high-percent": 100 * high,
        "t2-pattern": classify_t2(low, high).value,
        "t2-slice": middle,
        "cleft-percent": float(100 * np.isin(inside, CLEFT).sum() / total),
        "cement-percent": float(100 * (inside == Tissue.CEMENT).sum() / total),
    }


def vbq_truth(phantom: Phantom) -> dict[str, float]:
    """VBQ on the middle slice, from signal without noise, coil, partial volume and texture.

    Empty without a T1 series or without two lumbar levels to take it from.
    """
    if "T1" not in phantom.ideal:
        return {}
    k, recipe = phantom.stack.middle, phantom.recipe
    ideal, tissue, vertebra = phantom.ideal["T1"][k], phantom.tissue[k], phantom.vertebra[k]
    left_out = {f.level for f in recipe.fractures or ()} | set(recipe.haemangiomas or ())
    values = {}
    for level in VBQ_LEVELS:
        marrow = (vertebra == NUMBER[level]) & (tissue == Tissue.MARROW) & (phantom.part[k] == BODY)
        if marrow.any():
            values[level] = float(ideal[marrow].mean())
    csf = tissue == Tissue.CSF
    value = vbq(values, float(ideal[csf].mean()), left_out) if csf.any() and values else None
    return {} if value is None else {"vbq": value}


def measurements(phantom: Phantom) -> dict[str, Any]:
    """The recipe as drawn, and everything measured by level, as plain values; what cannot be measured is left out."""
    spine = visible(phantom)
    levels: dict[str, dict[str, Any]] = {}
    for v in spine:
        if v.level is Level.S1:
            continue
        found: dict[str, Any] = {}
        for one in from_landmarks():
            try:
                found[one.id] = measure(one, spine, v.level).value
            except OvcfError:
                continue  # at the border, or beside a fracture: nobody can measure it there
        grade = sq_from_measurement(spine, v.level)
        found |= {"sq-grade": grade.grade, "sq-shape": grade.shape}
        levels[v.level.value] = found
    for fracture in phantom.recipe.fractures or ():
        if (signal := signal_truth(phantom, fracture.level)) is not None:
            levels.setdefault(fracture.level.value, {}).update(signal)
    drawn = {
        name: value for name, value in asdict(phantom.recipe).items() if value is not None or name not in _IF_ASKED
    }
    return {"drawn": drawn, "levels": levels, **vbq_truth(phantom)}


def landmark_json(spine: SpineLandmarks) -> dict[str, Any]:
    """Landmarks in the format of docs/landmark-files.md."""
    source, unusable = spine.vertebrae[0].source, dict(spine.unusable)
    vertebrae = []
    for v in spine:
        points = {name: [round(c, 4) for c in getattr(v, name)] for name in POINTS}
        why = unusable.get(v.level)
        vertebrae.append({"level": v.level.value, **points, "sd": 0.0, **({"unusable": why} if why else {})})
    return {
        "format": "ovcf-landmarks/1",
        "unit": "mm" if source.calibrated else "px",
        "anterior_is": "smaller x",
        "modality": source.modality.value,
        "posture": source.posture.value,
        "placed_by": source.placed_by,
        "image": source.image,
        "thoracic": spine.column.thoracic,
        "lumbar": spine.column.lumbar,
        "vertebrae": vertebrae,
    }


def case_facts(recipe: Recipe, day: str, *, weeks: float = 0.0) -> dict[str, Any]:
    """The clinical file of a visit so many weeks after the first: what a clinic would know, the history invented."""
    index, others = recipe.index, [f.level.value for f in (recipe.fractures or ())[1:]]
    rng = np.random.default_rng([recipe.seed, 20])
    return {
        "patient_id": f"PHANTOM-{recipe.seed}",
        "visit_date": day,
        "age_years": recipe.age_years,
        "sex": None if recipe.sex is None else recipe.sex.value,
        "t_score": recipe.t_score,
        "t_score_site": "L1-L4 without the fracture",
        "t_score_excludes_fracture": True,
        "index_level": index.level.value if index else None,
        "fracture_type": None if index is None else "burst" if index.burst else "compression",
        "other_fractures": others,
        "cemented_levels": [f.level.value for f in recipe.fractures or () if f.cement],
        "focal_lesions": [level.value for level in recipe.haemangiomas or ()],
        "low_energy_trauma": True if index else None,
        "treatment": _treatment(index, weeks),
        "vas": float(rng.integers(3, 10)) if index else None,
        "notes": ["Digital phantom made by ovcf. Not a patient."],
    }


def _treatment(index: FractureRecipe | None, weeks: float) -> str | None:
    if index is None:
        return None
    return "augmentation" if index.cement else "conservative" if weeks else "none"


def write_label_map(labels: NDArray[np.uint8], affine: NDArray[np.float64], path: Path) -> Path:
    """A label map as NIfTI, the same bytes every time."""
    import gzip

    import nibabel as nib

    from ovcf.geometry import ras_from_lps

    image: Any = nib.nifti1.Nifti1Image(labels, ras_from_lps(affine))  # type: ignore[no-untyped-call]  # nibabel
    image.header["descrip"] = b"PHANTOM, not a patient"
    # gzip keeps the time of writing unless told not to.
    path.write_bytes(gzip.compress(image.to_bytes(), compresslevel=6, mtime=0))
    return path


def write_json(facts: dict[str, Any], path: Path) -> Path:
    """Plain values as JSON."""
    path.write_text(json.dumps(facts, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
    return path
