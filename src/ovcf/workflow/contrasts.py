"""Two contrasts of one patient: bodies that they place apart are withheld, a series of another spine is left out."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from ovcf.errors import OvcfError
from ovcf.imaging.mid_sagittal import is_sagittal
from ovcf.imaging.study import Role, Series, Study
from ovcf.imaging.volume import Volume
from ovcf.landmarks import POINTS
from ovcf.language.worded import joined, say
from ovcf.reading.observing.labelled import share_inside

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ovcf.segmentation.label_map import VertebralBodies
    from ovcf.segmentation.network.inference import Network
    from ovcf.segmentation.quality_gate import Agreement
    from ovcf.segmentation.second_look import SecondLook

_MAX_DIFFERENT = {
    Role.T2: (Role.T1, Role.STIR, Role.FS_T2),
    Role.T1: (Role.STIR, Role.FS_T2, Role.T2),
    Role.STIR: (Role.T1, Role.T2),
    Role.FS_T2: (Role.T1, Role.T2),
}
MOVED_MM = 2.0
"""A smaller motion between two series is not worth a word: chemical shift alone moves fat by a pixel."""
MAX_MOVED_MM = 12.0
"""Farther nobody slips on the table without being noticed; half way to the next vertebra names become guesses."""
_MIN_SHARED = 0.5
"""Of the bodies' voxels."""
_WITHOUT_FAT = (Role.STIR, Role.FS_T2)
MIN_FAT_SHIFT_MM = 0.3
"""Along the spine (chosen). Edema replaces fat: the endplate beside it moves less than the other, so that heights
change."""
_SHARE_WITHOUT_FAT = 0.6
"""Weight of such a contrast's landmarks there, at which height loss errs least (docs/decisions/006)."""


@dataclass(frozen=True, slots=True, eq=False)
class SecondContrastCheck:
    """What is left of bodies and study after the second look, and what stands at the top of the report about it."""

    bodies: VertebralBodies
    study: Study
    doubts: tuple[str, ...] = ()


def second_contrasts(series: Series, study: Study, labels: Volume) -> Iterator[Series]:
    """Sagittal MRI of the same day and part of the spine, that whose contrast differs most from this one first.

    Where fat is shifted along the spine, one without fat goes first. ``labels`` are the bodies found in ``series``:
    another station of the spine shows less than half of them.
    """
    roles = _MAX_DIFFERENT.get(series.role, ())
    if fat_shift_along_spine_mm(series) >= MIN_FAT_SHIFT_MM:
        roles = tuple(sorted(roles, key=lambda role: role not in _WITHOUT_FAT))
    for role in roles:
        for other in study.all(role):
            image = other.image
            if not isinstance(image, Volume) or not is_sagittal(image) or other.acquired_on != series.acquired_on:
                continue
            if share_inside(labels, image) >= _MIN_SHARED:
                yield other


def fat_shift_along_spine_mm(series: Series) -> float:
    """How far from head to feet, or back, fat lies off in an image; 0 where it gives no signal, or tags do not say."""
    if series.role in _WITHOUT_FAT or series.fat_shift_mm is None:
        return 0.0
    return abs(float(series.fat_shift_mm[2]))


def second_contrast_check(
    bodies: VertebralBodies, series: Series, study: Study, network: Network
) -> SecondContrastCheck:
    """Compare the bodies found in a series with what a second contrast shows: the first that can be compared."""
    if (shift_mm := fat_shift_along_spine_mm(series)) >= MIN_FAT_SHIFT_MM:
        bodies = _noted(
            bodies,
            say(
                "chemical shift moves fat by {shift_mm:.1f} mm along the spine in {name}: heights err "
                "more than with a read-out from front to back",
                shift_mm=shift_mm,
                name=_name(series),
            ),
        )
    for other in second_contrasts(series, study, bodies.labels):
        look = _compared(bodies, series, other, network)
        if not isinstance(look, str):
            return _check_of(bodies, series, other, study, look)
        bodies = _noted(bodies, say("{names} could not be compared: {look}", names=_names(series, other), look=look))
    return SecondContrastCheck(bodies, study)


def _compared(bodies: VertebralBodies, series: Series, other: Series, network: Network) -> SecondLook | str:
    """What the other series shows of the bodies, or why it cannot be told."""
    from ovcf.segmentation.second_look import second_look

    assert isinstance(series.image, Volume)
    assert isinstance(other.image, Volume)
    try:
        look = second_look(bodies, series.image, other.image, network)
    except OvcfError as error:
        return error.problem
    return look or "too few bodies are surely seen on both"


def _check_of(
    bodies: VertebralBodies, series: Series, other: Series, study: Study, look: SecondLook
) -> SecondContrastCheck:
    """Bodies and study after the comparison: what lies apart is withheld, another spine is left out."""
    names, found, shift_mm = _names(series, other), look.agreement, fat_shift_along_spine_mm(series)
    why = another_spine(found)
    if why is not None:
        doubt = say(
            "{names} do not show one spine in one place ({why}): another patient or position", names=names, why=why
        )
        rest = tuple(s for s in study.series if s is not other)
        left = replace(study, series=rest, skipped=(*study.skipped, (other.description, doubt)))
        return SecondContrastCheck(
            bodies,
            left,
            (
                say(
                    "{doubt}; {description} is left out. Check whose images these are.",
                    doubt=doubt,
                    description=other.description,
                ),
            ),
        )
    doubts = []
    note = say(
        "{names} agree within {median_mm:.1f} mm (median of {compared} landmarks)",
        names=names,
        median_mm=found.median_mm,
        compared=found.compared * len(POINTS),
    )
    if found.moved_mm >= MOVED_MM:
        note += say(" once a motion of {moved_mm:.1f} mm is taken off", moved_mm=found.moved_mm)
        doubts.append(
            say(
                "the patient moved by {moved_mm:.1f} mm between {names}: signal is read at places displaced by that",
                moved_mm=found.moved_mm,
                names=names,
            )
        )
    if found.apart:
        named = joined(", ", found.apart)
        doubts.append(
            say(
                "{apart} of {compared} bodies withheld, as {names} place them apart: {named}",
                apart=len(found.apart),
                compared=found.compared,
                names=names,
                named=named,
            )
        )
    apart = {level: say("{why} ({names})", why=why, names=names) for level, why in found.apart.items()}
    note, share = say("{note}; landmarks are the mean of both", note=note), 0.5
    if shift_mm >= MIN_FAT_SHIFT_MM and other.role in _WITHOUT_FAT:
        share = _SHARE_WITHOUT_FAT
        note += say(", {name} counting {share:.0%}, as no fat is shifted there", name=_name(other), share=share)
    bodies = replace(bodies, apart=apart, second_contrast=look.landmarks, second_share=share)
    return SecondContrastCheck(_noted(bodies, note), study, tuple(doubts))


def another_spine(found: Agreement) -> str | None:
    """Why the second contrast must be of another spine, or None."""
    strange, seen = len(found.apart) + found.elsewhere, found.compared + found.elsewhere
    if not seen:
        return "no body of one lies near a body of the other"
    if found.moved_mm > MAX_MOVED_MM:
        return say("they lie {moved_mm:.0f} mm apart", moved_mm=found.moved_mm)
    return say("{strange} of {seen} bodies lie elsewhere", strange=strange, seen=seen) if 2 * strange > seen else None


def _names(one: Series, other: Series) -> str:
    return say("{name} and {name_2}", name=_name(one), name_2=_name(other))


def _name(series: Series) -> str:
    return series.description or series.role.value


def _noted(bodies: VertebralBodies, note: str) -> VertebralBodies:
    return replace(bodies, notes=(*bodies.notes, note))
