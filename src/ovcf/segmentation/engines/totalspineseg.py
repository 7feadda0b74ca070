"""TotalSpineSeg, whose command line, file names and labels are those of its version 20260807."""

from __future__ import annotations

from ovcf.segmentation.engines.program import Program, declared

PROGRAM = Program(
    command="totalspineseg",
    title="TotalSpineSeg",
    variable="OVCF_TOTALSPINESEG",
    package="totalspineseg[nnunetv2]",
    weights="put both archives (Dataset101, Dataset102) of https://github.com/neuropoly/totalspineseg/releases "
    "into nnUNet/exports of a folder and name that folder in TOTALSPINESEG_DATA",
    citation="Warszawer 2025, doi:10.13140/RG.2.2.31318.56649",
    arguments=lambda image, out, _: [str(image), str(out), "--keep-only", "step2_output"],
    outputs=lambda image, out: (out / "step2_output" / image.name,),
    discs={*range(63, 68), *range(71, 83), *range(91, 97), 100},
    sacrum={50},
)
ENGINE = declared(PROGRAM, "LGPL-3.0 (a program of its own, never part of ovcf; that of its weights stands with them)")
