"""SPINEPS, whose command line, file names and labels are those of its version 2.1.3."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

from ovcf.imaging.study import Role
from ovcf.segmentation.engines.program import Program, declared

if TYPE_CHECKING:
    from pathlib import Path


def _arguments(image: Path, _out: Path, role: Role) -> list[str]:
    """Its models are of T2, T1 and CT; fluid is bright on STIR as on T2. The vertebra-naming model is of T2."""
    models = {Role.T1: ("t1w", "instance", "t2w_labeling"), Role.CT: ("ct", "ct_instance", "ct_labeling")}
    semantic, instance, labeling = models.get(role, ("t2w", "instance", "t2w_labeling"))
    chosen = ["--model-semantic", semantic, "--model-instance", instance, "--model-labeling", labeling]
    processor = [] if shutil.which("nvidia-smi") else ["--cpu"]
    return ["sample", "--input", str(image), *chosen, "--ignore-inference-compatibility", *processor]


def _outputs(image: Path, _out: Path) -> tuple[Path, ...]:
    subject, _, contrast = image.name.removesuffix(".nii.gz").partition("_")
    folder = image.parent / "derivatives_seg"
    vert, spine = (folder / f"{subject}_mod-{contrast}_seg-{part}_msk.nii.gz" for part in ("vert", "spine"))
    return vert, spine


PROGRAM = Program(
    command="spineps",
    title="SPINEPS",
    variable="OVCF_SPINEPS",
    package="spineps",
    weights="unpack the archives of https://github.com/Hendrik-code/spineps/releases into a folder and name "
    "that folder in SPINEPS_SEGMENTOR_MODELS",
    citation="Möller 2024, doi:10.1007/s00330-024-11155-y",
    arguments=_arguments,
    outputs=_outputs,
    discs={100},
    sacrum={26, *range(70, 75)},
)
ENGINE = declared(PROGRAM, "Apache-2.0 (the program; that of its weights stands with them)")
