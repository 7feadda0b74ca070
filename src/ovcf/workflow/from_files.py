"""``assess`` for paths: read everything, check the options against it, record what was read."""

from __future__ import annotations

import hashlib
import re
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from ovcf.anatomy import Level
from ovcf.assessment.result import Provenance
from ovcf.clinical.case import ClinicalCase
from ovcf.clinical.read_case import read_case
from ovcf.errors import LabelSchemeError, MissingFileError, Remedy, RemedyCode, SeriesChoiceError, UnreadableFileError
from ovcf.follow_up.reliability import case_with, read_reliability
from ovcf.imaging.one_time import of_one_time
from ovcf.imaging.study import Role, Study
from ovcf.language.worded import joined, say
from ovcf.plain_text import clean
from ovcf.reading.observing.observe import Found
from ovcf.segmentation.points.l1_region import with_l1
from ovcf.text_files import kind_of
from ovcf.workflow.deidentify import deidentified_bodies, deidentified_case, deidentified_landmarks, deidentified_study
from ovcf.workflow.draft import Draft, draft
from ovcf.workflow.film_scale import scaled
from ovcf.workflow.look import Seen, anchor_of, film_anchors, look
from ovcf.workflow.software import model, software, software_sha256

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from ovcf.assessment.result import Assessment
    from ovcf.landmarks import SpineLandmarks
    from ovcf.segmentation.film.radiograph_held import Flip
    from ovcf.segmentation.label_map import VertebralBodies
    from ovcf.workflow.deidentify import Pseudonym


def draft_from_files(
    study: Sequence[Path | str] = (),
    *,
    clinical: Path | str | None = None,
    labels: Sequence[Path | str] = (),
    landmarks: Path | str | None = None,
    fracture: str | None = None,
    roles: Sequence[str] = (),
    anchors: Sequence[str] = (),
    scheme: str | None = None,
    engine: str | None = "builtin",
    flip: str | None = None,
    pixel_mm: str | float | None = None,
    ruler: str | Sequence[float] | None = None,
    l1_region: Path | str | None = None,
    reliability: Path | str | None = None,
    pseudonym: Pseudonym | None = None,
    command: str = "",
    progress: Callable[[str], None] | None = None,
    images: Study | None = None,
    pictured: bool = True,
) -> Draft:
    """Read what is given and assess it; arguments as on the command line (``ovcf assess --help``).

    Without ``labels`` and ``landmarks`` the ``engine`` looks for the vertebral bodies itself; None leaves that.
    ``pixel_mm`` or ``ruler`` give a radiograph its scale (:func:`ovcf.workflow.film_scale.scaled`), ``l1_region`` is
    one drawn in L1 on CT (:func:`ovcf.segmentation.points.l1_region.with_l1`). ``reliability`` holds the errors of
    measurement of the site's own readers (:mod:`ovcf.follow_up.reliability`), in place of those of the clinical file.
    ``progress`` is told what goes on where an engine takes minutes. With a ``pseudonym`` nothing that tells whose
    study it is reaches the result (:mod:`ovcf.workflow.deidentify`). ``images`` are those of ``study`` where they were
    read already (:func:`read_images`). Unless it is ``pictured`` the draft bears no pictures for a reading.

    Raises:
        OvcfError: an input cannot be used; the message names it and says what to do.
    """
    if engine:
        _refuse_unknown(engine)
    if not (study or labels or landmarks or clinical):
        raise MissingFileError("assess", "nothing was given", "Give a study, a label map, landmarks or a case.")
    _refuse_streams([*map(Path, labels), *(Path(p) for p in (clinical, landmarks, l1_region, reliability) if p)])
    images = scaled(read_images([Path(p) for p in study], roles) if images is None else images, pixel_mm, ruler)
    case = read_case(Path(clinical)) if clinical else ClinicalCase()
    if reliability is not None:
        case = case_with(case, read_reliability(Path(reliability)))
    if l1_region is not None:
        images, case = with_l1(images, case, Path(l1_region))
    if pseudonym is not None:
        images, case = deidentified_study(images, pseudonym), deidentified_case(case, pseudonym)
    images = of_one_time(images)
    if fracture is not None:
        case = replace(case, index_level=Level.parse(fracture))
    files = [*map(Path, study), *map(Path, labels), *(Path(p) for p in (clinical, l1_region, reliability) if p)]
    bodies = _read_labels([Path(p) for p in labels], anchors, scheme)
    spine = _read_landmarks(str(landmarks)) if landmarks else None
    files += [Path(str(landmarks).partition(":")[0])] if landmarks else []
    if pseudonym is not None:
        bodies = [deidentified_bodies(one, k) for k, one in enumerate(bodies, 1)]
        spine = None if spine is None else deidentified_landmarks(spine, pseudonym)
    seen, said = Seen(images, bodies), []
    if engine and not bodies and spine is None:
        said = [anchor_of(text) for text in anchors]
        seen = look(images, engine, said, _flip(flip), progress)
    models = _models(engine, seen)
    provenance = replace(_provenance(command, files), models=models)
    if pseudonym is not None:
        numbered = tuple((say("input {k}", k=k), found) for k, (_, found) in enumerate(provenance.inputs, 1))
        provenance = replace(provenance, command="", inputs=numbered)
    found = Found(
        bodies=seen.bodies,
        landmarks=spine,
        radiograph=seen.radiograph,
        engine_error=seen.engine_error,
        doubts=seen.doubts,
        models=models,
        film_anchors=film_anchors(said),
    )
    return draft(seen.study, case, found, provenance=provenance, pictured=pictured)


def assess(
    study: Path | str | Sequence[Path | str] = (),
    *,
    clinical: Path | str | None = None,
    labels: Path | str | Sequence[Path | str] = (),
    landmarks: Path | str | None = None,
    fracture: str | None = None,
    roles: Mapping[str, str] | None = None,
    anchors: Sequence[str] = (),
    scheme: str | None = None,
    engine: str | None = "builtin",
    flip: str | None = None,
    pixel_mm: float | None = None,
    ruler: Sequence[float] | None = None,
    l1_region: Path | str | None = None,
    reliability: Path | str | None = None,
) -> Assessment:
    """Assess one study from files as a draft that a reader confirms; see :func:`draft_from_files`."""
    made = draft_from_files(
        _several(study),
        clinical=clinical,
        labels=_several(labels),
        landmarks=landmarks,
        fracture=fracture,
        roles=[say("{name}={role}", name=name, role=role) for name, role in (roles or {}).items()],
        anchors=anchors,
        scheme=scheme,
        engine=engine,
        flip=flip,
        pixel_mm=pixel_mm,
        ruler=ruler,
        l1_region=l1_region,
        reliability=reliability,
        pictured=False,
    )
    return made.assessment


def _flip(text: str | None) -> Flip | None:
    from ovcf.segmentation.film.radiograph_held import Flip

    try:
        return None if text is None else Flip(text)
    except ValueError:
        raise SeriesChoiceError(
            "flip", say("{what!r} is not known", what=text), say("Choose: {join}.", join=joined(", ", Flip))
        ) from None


def _role(text: str) -> Remedy:
    return Remedy(text, RemedyCode.NAME_THE_ROLE)


def _level(text: str) -> Remedy:
    return Remedy(text, RemedyCode.NAME_A_LEVEL)


def _several(paths: Path | str | Sequence[Path | str]) -> Sequence[Path | str]:
    return [paths] if isinstance(paths, Path | str) else paths


def _refuse_unknown(engine: str) -> None:
    """A name that no engine has is a mistake of whoever typed it, not something the images lack."""
    from ovcf.segmentation.engine import declared

    declared(engine)


def _refuse_streams(paths: Sequence[Path]) -> None:
    """A pipe or device would be waited for without end, and has no digest."""
    for path in paths:
        if kind_of(path) == "device":
            raise UnreadableFileError(path, "is neither a file nor a folder", "Save it as a file and give that.")


def read_images(paths: Sequence[Path], roles: Sequence[str] = ()) -> Study:
    """The images as :func:`draft_from_files` reads them; ``roles`` are texts ``NAME=ROLE``.

    Raises:
        OvcfError: they cannot be read, or have no such role.
    """
    if not paths:
        return Study(series=())
    from ovcf.imaging.read import read_study

    _refuse_streams(paths)
    named = {}
    for text in roles:
        name, found, role = text.rpartition("=")
        if not found:
            raise SeriesChoiceError(
                say("role {text}", text=text),
                "is not NAME=ROLE",
                _role(say("Write NAME={value!r}, for example.", value=Role.T2.value)),
            )
        try:
            named[name] = Role(role.strip())
        except ValueError:
            choices = joined(", ", (r.value for r in Role))
            raise SeriesChoiceError(
                say("role {text}", text=text),
                say("there is no role {role!r}", role=role),
                _role(say("Choose: {choices}.", choices=choices)),
            ) from None
    return read_study(paths, roles=named)


def _read_labels(paths: list[Path], anchors: Sequence[str], scheme: str | None) -> list[VertebralBodies]:
    if not paths:
        return []
    from ovcf.segmentation.label_map import paired, read_bodies

    groups = paired(paths)
    by_file: dict[str, dict[int, Level]] = {}
    for text in anchors:
        name, label, level = anchor_of(text)
        if name is None and len(groups) > 1:
            raise LabelSchemeError(
                say("level {text}", text=text),
                "does not say which of the label maps it is for",
                _level(say("Write {paths}:{text}.", paths=paths[0].name, text=text)),
            )
        by_file.setdefault(name or groups[0][0].name, {})[label] = level
    known = {p.name for group in groups for p in group}
    if strangers := by_file.keys() - known:
        raise LabelSchemeError(
            say("level of {strangers}", strangers=sorted(strangers)[0]),
            "names no label map",
            _level(say("Label maps given: {join}.", join=joined(", ", sorted(known)))),
        )
    return [
        read_bodies(group, scheme=scheme, anchors=next((by_file[p.name] for p in group if p.name in by_file), None))
        for group in groups
    ]


def _read_landmarks(text: str) -> SpineLandmarks:
    """A landmark file, or FOLDER:SEQN for one person of the NHANES 2013-2014 spine morphometry."""
    from ovcf.segmentation.points.landmark_file import read_landmarks, read_survey_person

    folder, _, person = text.rpartition(":")
    if folder and re.fullmatch(r"[0-9]{1,9}", person) and kind_of(Path(folder)) == "folder":
        return read_survey_person(Path(folder), int(person))
    return read_landmarks(Path(text))


def _models(engine: str | None, seen: Seen) -> tuple[tuple[str, str], ...]:
    """Name, version and SHA-256 of every model that looked at the images; no digest of a program of others."""
    by_engine = [one.made_by for one in seen.bodies if one.engine]
    if engine != "builtin":
        return tuple((name, "") for name in by_engine)
    from ovcf.segmentation.film.radiograph_reading import RadiographReading
    from ovcf.segmentation.levels.level_labels import LevelsUncertainError
    from ovcf.segmentation.network.builtin_model import MODEL
    from ovcf.segmentation.network.builtin_model import RADIOGRAPH as ON_FILMS

    tried = (seen.engine_error, seen.radiograph)
    asked = [one.seen for one in tried if isinstance(one, LevelsUncertainError)]
    on_films = any(isinstance(one, RadiographReading) for one in (*tried, *asked))
    on_stacks = bool(by_engine) or any(one is not None and not isinstance(one, RadiographReading) for one in asked)
    return tuple(model(name) for name, looked in ((MODEL, on_stacks), (ON_FILMS, on_films)) if looked)


def _provenance(command: str, paths: Sequence[Path]) -> Provenance:
    return Provenance(
        software=software(),
        software_sha256=software_sha256(),
        created_at=datetime.now(UTC).isoformat(timespec="seconds"),
        command=command,
        inputs=tuple((clean(str(path)), digest(path)) for path in paths),
    )


def digest(path: Path) -> str:
    """SHA-256 of a file; of a folder, of the names and digests of all files in it. What may not be read has none."""
    total = hashlib.sha256()
    if path.is_file():
        try:
            with path.open("rb") as file:
                for block in iter(lambda: file.read(1 << 20), b""):
                    total.update(block)
        except OSError:
            return "unreadable"
    else:
        for child in sorted(p for p in path.rglob("*") if p.is_file()):
            total.update(
                say("{as_posix} {digest}\n", as_posix=child.relative_to(path).as_posix(), digest=digest(child)).encode(
                    "utf-8", "surrogateescape"
                )
            )
    return total.hexdigest()
