"""Osteoporotic vertebral compression fractures, from images to a cited assessment.

The names below are the whole line in Python; each is imported when first used::

    import ovcf

    assessment = ovcf.assess(["study/"], clinical="case.toml", labels=["bodies.nii.gz"], fracture="L1")
    for m in assessment.measurements:
        print(m)
"""

from __future__ import annotations

from importlib import import_module
from importlib.metadata import version
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ovcf.anatomy import Level
    from ovcf.clinical.case import ClinicalCase
    from ovcf.clinical.read_case import read_case
    from ovcf.errors import OvcfError
    from ovcf.imaging.read import read_study
    from ovcf.landmarks import SpineLandmarks, VertebraLandmarks
    from ovcf.scores.prognosis.nasovcf import nasovcf
    from ovcf.segmentation.label_map import read_bodies
    from ovcf.segmentation.points.landmark_file import read_landmarks
    from ovcf.workflow.from_files import assess

_WHERE = {
    "ClinicalCase": "clinical.case",
    "Level": "anatomy",
    "OvcfError": "errors",
    "SpineLandmarks": "landmarks",
    "VertebraLandmarks": "landmarks",
    "assess": "workflow.from_files",
    "nasovcf": "scores.prognosis.nasovcf",
    "read_bodies": "segmentation.label_map",
    "read_case": "clinical.read_case",
    "read_landmarks": "segmentation.points.landmark_file",
    "read_study": "imaging.read",
}

__all__ = [
    "ClinicalCase",
    "Level",
    "OvcfError",
    "SpineLandmarks",
    "VertebraLandmarks",
    "assess",
    "nasovcf",
    "read_bodies",
    "read_case",
    "read_landmarks",
    "read_study",
]


def __getattr__(name: str) -> object:
    if name == "__version__":
        return version("ovcf")
    if name not in _WHERE:
        raise AttributeError(f"module 'ovcf' has no attribute {name!r}")
    return getattr(import_module(f"ovcf.{_WHERE[name]}"), name)


def __dir__() -> list[str]:
    return sorted([*__all__, "__version__"])
