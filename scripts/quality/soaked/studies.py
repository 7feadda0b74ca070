"""Digital patients' studies that are sent, each like no other, with what an assessment sees that nobody interrupted."""

import hashlib
import io
import os
import zipfile
from dataclasses import dataclass, replace
from pathlib import Path

from ovcf.anatomy import Level
from ovcf.phantom.patient import make_patient
from ovcf.phantom.recipe import FractureRecipe, Recipe
from ovcf.phantom.render import CONTRASTS
from ovcf.workflow.begin import begin_reading
from ovcf.workflow.from_files import draft_from_files

NOTE = "note.txt"
"""A file beside the images that no other study has: the same images are not taken twice."""
_SEED = 980_100_000
"""Of patients that no network was trained on."""
_KINDS = ((Level.L1, 2, ()), (Level.T12, 1, ()), (Level.L2, 2, ()), (Level.L1, 2, CONTRASTS))
"""Level and grade of the fracture, and the contrasts beside a film: mostly none, for an assessment of a second."""


@dataclass(frozen=True)
class Model:
    """A study to be sent again and again. ``files`` are its images by name; ``seen`` is what an assessment sees."""

    name: str
    files: dict[str, bytes]
    seen: object


@dataclass(frozen=True)
class Sent:
    """One study: its name, the zip, and the digests of the files inside."""

    name: str
    model: str
    content: bytes
    digests: frozenset[str]


def models(folder):
    """Every model, assessed here."""
    found, before = [], Path.cwd()
    for number, (level, grade, contrasts) in enumerate(_KINDS):
        fracture = FractureRecipe(level=level, shape="wedge", grade=grade, edema_percent=45.0)
        recipe = Recipe(seed=_SEED + number, centre=level, fractures=(fracture,))
        (visit,) = make_patient(recipe, folder / f"model-{number}", contrasts=contrasts)
        images = visit / "study"
        files = {path.relative_to(images).as_posix(): path.read_bytes() for path in images.rglob("*") if path.is_file()}
        (images / NOTE).write_text("Study 0")
        os.chdir(images)  # as the worker does: images are called as they were sent
        try:
            seen = bare(begin_reading(draft_from_files([Path()])).current)
        finally:
            os.chdir(before)
        found.append(Model(f"model-{number}", files, seen))
    return found


def bare(observations):
    """What was seen, without when and of whom."""
    return replace(observations, made_at="", patient=replace(observations.patient, id=""))


def study_of(model, number):
    """One more study of a model."""
    files = {**model.files, NOTE: f"Study {number}".encode()}
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    digests = frozenset(hashlib.sha256(content).hexdigest() for content in files.values())
    return Sent(f"soak-{number}.zip", model.name, out.getvalue(), digests)
