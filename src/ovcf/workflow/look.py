"""What the models see on a study: bodies on MRI or CT, landmarks on the radiograph, and one set of names for both."""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from ovcf.anatomy import Level
from ovcf.budget import beside
from ovcf.errors import EngineError, LabelSchemeError, OvcfError, Remedy, RemedyCode, SeriesChoiceError
from ovcf.imaging.mid_sagittal import COARSEST_REFORMAT_MM, can_be_reformatted, is_sagittal
from ovcf.imaging.study import Role, Study
from ovcf.imaging.volume import ImagePlane, Volume
from ovcf.language.worded import joined, say
from ovcf.segmentation.levels.level_labels import LevelsUncertainError
from ovcf.segmentation.quality_gate import LARGEST_PIXEL_MM
from ovcf.vocabulary import Modality
from ovcf.workflow.contrasts import SecondContrastCheck, second_contrast_check
from ovcf.workflow.on_radiograph import RADIOGRAPH, read_in, with_series
from ovcf.workflow.one_numbering import film_answered, named_differently, volume_answered

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from ovcf.segmentation.film.radiograph_held import Flip
    from ovcf.segmentation.film.radiograph_reading import RadiographReading
    from ovcf.segmentation.label_map import VertebralBodies

_SEEN_BEST_ON = (Role.T2, Role.T1, Role.STIR, Role.FS_T2, Role.CT, Role.OTHER)

_FURTHER_FILM = re.compile(re.escape(RADIOGRAPH) + r" ([2-9]|[1-9][0-9])")

Anchor = tuple[str | None, int, Level]
"""The image it is for (None: the MRI, or the only one), the number of a body there, and its level."""


@dataclass(frozen=True, slots=True, eq=False)
class Seen:
    """The study as it was read, and what was found there.

    ``engine_error`` is why no bodies were found on MRI or CT, or the question which is which; ``radiograph`` what was
    read there, or why nothing was. ``doubts`` stand at the top of the report.
    """

    study: Study
    bodies: Sequence[VertebralBodies] = ()
    engine_error: OvcfError | None = None
    radiograph: RadiographReading | OvcfError | None = None
    doubts: tuple[str, ...] = field(default=())


def look(
    study: Study,
    engine: str,
    anchors: Sequence[Anchor] = (),
    flip: Flip | None = None,
    progress: Callable[[str], None] | None = None,
) -> Seen:
    """Let an engine look at every image; the built-in one reads the radiograph too.

    Levels that are sure on one image answer the question of the other where the shapes of the bodies leave no doubt.

    Raises:
        EngineError: a program of others that was asked for does not run. What else fails is told in the result.
    """
    for_volumes = {n: level for name, n, level in anchors if name != RADIOGRAPH and not _further_film(name)}
    if engine != "builtin":
        return _on_volumes(Seen(study), engine, for_volumes, progress)
    # An anchor that names no image is for the radiograph only where there is nothing else to number.
    alone = not any(isinstance(s.image, Volume) for s in study.series)
    for_film = {n: level for name, n, level in anchors if name == RADIOGRAPH or alone}
    with beside(partial(read_in, study, for_film, flip)) as film:
        seen = _on_volumes(Seen(study), engine, for_volumes, progress)
        turned, reading = film()
    for series, before in zip(turned.series, study.series, strict=True):
        if series is not before:  # the film as it was turned
            seen = replace(seen, study=with_series(seen.study, series))
    seen = replace(seen, radiograph=reading)
    seen = _one_numbering(seen, engine, flip, progress)
    if isinstance(seen.radiograph, OvcfError) and not seen.bodies and seen.engine_error is None:
        return replace(seen, engine_error=seen.radiograph, radiograph=None)
    return seen


def film_anchors(anchors: Sequence[Anchor]) -> dict[int, dict[int, Level]]:
    """What was said of further films, by their number: ``radiograph 2:5=L3``."""
    found: dict[int, dict[int, Level]] = {}
    for name, n, level in anchors:
        if number := _further_film(name):
            found.setdefault(number, {})[n] = level
    return found


def _further_film(name: str | None) -> int | None:
    match = _FURTHER_FILM.fullmatch(name or "")
    return int(match[1]) if match else None


def anchor_of(text: str) -> Anchor:
    """``[FILE:]LABEL=LEVEL``.

    Raises:
        LabelSchemeError, LevelError: it is written in another way.
    """
    where, _, level = text.rpartition("=")
    name, _, label = where.rpartition(":")
    if not re.fullmatch(r"\s*[0-9]{1,6}\s*", label):
        raise LabelSchemeError(
            say("level {text}", text=text),
            "is not LABEL=LEVEL",
            Remedy("Write the label's number, e.g. 6=L3.", RemedyCode.NAME_A_LEVEL),
        )
    return Path(name).name or None, int(label), Level.parse(level)


def _on_volumes(seen: Seen, engine: str, anchors: Mapping[int, Level], progress: Callable[[str], None] | None) -> Seen:
    try:
        found = _seen_by(engine, seen.study, anchors, progress)
    except EngineError:  # who asks for a program of others wants to know that it does not run
        raise
    except OvcfError as error:  # what a person entered is worth a report all the same
        return replace(seen, engine_error=error)
    if found is None:
        return seen
    return replace(
        seen, study=found.study, bodies=(found.bodies,), engine_error=None, doubts=(*seen.doubts, *found.doubts)
    )


def _on_film(seen: Seen, anchors: Mapping[int, Level], flip: Flip | None) -> Seen:
    study, reading = read_in(seen.study, anchors, flip)
    return replace(seen, study=study, radiograph=reading)


def _one_numbering(seen: Seen, engine: str, flip: Flip | None, progress: Callable[[str], None] | None) -> Seen:
    """One image's question answered by the other's levels; where both are named, whether by the same names."""
    film, volume = seen.radiograph, seen.engine_error
    if isinstance(film, LevelsUncertainError) and seen.bodies:
        answer = film_answered(film, seen.bodies, seen.study)
        again = None if answer is None else _on_film(seen, {answer.number: answer.level}, flip)
        if answer is not None and again is not None and not isinstance(again.radiograph, OvcfError | None):
            noted = replace(again.radiograph, notes=(answer.note, *again.radiograph.notes))
            return replace(again, radiograph=noted)
    elif film is not None and not isinstance(film, OvcfError):
        if isinstance(volume, LevelsUncertainError):
            answer = volume_answered(volume, film, seen.study)
            again = seen if answer is None else _on_volumes(seen, engine, {answer.number: answer.level}, progress)
            if answer is not None and again.bodies:
                (bodies,) = again.bodies
                return replace(again, bodies=(replace(bodies, notes=(answer.note, *bodies.notes)),))
        elif seen.bodies and (doubt := named_differently(seen.bodies, film, seen.study)) is not None:
            return replace(seen, doubts=(*seen.doubts, doubt))
    return seen


def _seen_by(
    engine: str, study: Study, anchors: Mapping[int, Level], progress: Callable[[str], None] | None
) -> SecondContrastCheck | None:
    """The bodies that an engine sees in the series it reads best; others take them over through patient coordinates.

    The built-in model compares them with what a second contrast shows; None where there is no series to look at.
    """
    from ovcf.segmentation.engine import BuiltinEngine, engine_named
    from ovcf.segmentation.network.builtin_model import builtin_network

    candidates = [s for role in _SEEN_BEST_ON for s in study.all(role)]
    volumes = [(s, s.image) for s in candidates if isinstance(s.image, Volume)]
    series = next((s for s, image in volumes if is_sagittal(image)), None) or next(
        (s for s, image in volumes if s.role is Role.CT and can_be_reformatted(image)), None
    )
    if series is None:
        _refuse_without_sagittal(study)
        return None
    assert isinstance(series.image, Volume)
    chosen = engine_named(engine, progress=progress)
    found = chosen.segment(
        series.image, series.role, name=series.description, anchors=anchors or None, field=series.field_of_view
    )
    if not is_sagittal(series.image):
        cut = say(
            "sagittal planes are cut through its slices, which lie {mm:.1f} mm apart and across the spine: heights err "
            "by more than on sagittal slices",
            mm=max(series.image.spacing_mm),
        )
        found = replace(found, notes=(cut, *found.notes))
    return (
        second_contrast_check(found, series, study, builtin_network())
        if isinstance(chosen, BuiltinEngine)
        else SecondContrastCheck(found, study)
    )


def _refuse_without_sagittal(study: Study) -> None:
    """Say of volumes that none is sagittal.

    Raises:
        SeriesChoiceError: names the first three.
    """
    names = [s.description or s.uid for s in study.series if isinstance(s.image, Volume)]
    coarse = [s.image for s in study.all(Role.CT) if isinstance(s.image, Volume)]
    if names and coarse:
        raise SeriesChoiceError(
            "study",
            say(
                "holds no sagittal series, and the slices of its CT lie {mm:.1f} mm apart: sagittal planes are cut "
                "up to {most:g} mm, and heights are measured up to {measured:g}",
                mm=min(max(image.spacing_mm) for image in coarse),
                most=COARSEST_REFORMAT_MM,
                measured=LARGEST_PIXEL_MM,
            ),
            "Have the CT reconstructed with thinner slices (1 mm or less is best), or export its sagittal reformats.",
        )
    if names:
        shown = joined(", ", names[:3]) + (say(" and {names} more", names=len(names) - 3) if len(names) > 3 else "")
        raise SeriesChoiceError(
            "study",
            say(
                "holds no sagittal series ({shown}), and vertebral bodies are measured on sagittal slices", shown=shown
            ),
            "Export the sagittal series of this visit (of a CT its sagittal reformats), and give them too.",
        )
    unsure = [s for s in study.series if isinstance(s.image, ImagePlane) and s.modality is Modality.UNKNOWN]
    if unsure and study.get(Role.RADIOGRAPH) is None:
        raise SeriesChoiceError(
            unsure[0].description,
            "looks like a slice of MRI, not like a radiograph, and is not measured",
            Remedy(
                "Give the MRI itself, as DICOM or NIfTI; if this is a lateral radiograph all the same, say so.",
                RemedyCode.NAME_THE_ROLE,
            ).having(series=unsure[0].description, role=Role.RADIOGRAPH),
        )
    films = [s.description or s.uid for s in study.series if isinstance(s.image, ImagePlane)]
    if films and study.get(Role.RADIOGRAPH) is None:
        raise SeriesChoiceError(
            "study",
            say(
                "holds no lateral view ({shown}), and vertebral bodies are measured on lateral views",
                shown=joined(", ", films[:3]),
            ),
            "Give the lateral radiograph, too.",
        )
