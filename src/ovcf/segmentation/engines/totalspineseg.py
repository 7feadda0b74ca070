"""TotalSpineSeg, whose command line, file names and labels are those of its version 20260807."""

from __future__ import annotations

from ovcf.imaging.study import Role
from ovcf.segmentation.engines.declare import DeclaredEngine, Gives
from ovcf.segmentation.engines.program import ExternalEngine, Program

PROGRAM = Program(
    command="totalspineseg", title="TotalSpineSeg", variable="OVCF_TOTALSPINESEG", package="totalspineseg[nnunetv2]",
    weights="put both archives (Dataset101, Dataset102) of https://github.com/neuropoly/totalspineseg/releases "
    "into nnUNet/exports of a folder and name that folder in TOTALSPINESEG_DATA",
    citation="Warszawer 2025, doi:10.13140/RG.2.2.31318.56649",
    arguments=lambda image, out, _: [str(image), str(out), "--keep-only", "step2_output"],
    outputs=lambda image, out: (out / "step2_output" / image.name,),
    discs={*range(63, 68), *range(71, 83), *range(91, 97), 100}, sacrum={50},
)  # fmt: skip
ENGINE = DeclaredEngine(
    id=PROGRAM.command,
    title=PROGRAM.title,
    reads=(Role.T2, Role.T1, Role.STIR, Role.FS_T2, Role.CT),
    gives=(Gives.BODIES, Gives.LEVELS, Gives.CANAL, Gives.DISCS, Gives.SACRUM),
    licence="LGPL-3.0 (a program of its own, never part of ovcf; that of its weights stands with them)",
    citation=PROGRAM.citation,
    needs=f"the program in an environment of its own, on PATH or named in {PROGRAM.variable}, and its weights",
    make=lambda asked: ExternalEngine(program=PROGRAM, progress=asked.progress),
)
