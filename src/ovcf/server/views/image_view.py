"""The images of a reading as the page shows them: pictures, vertebrae with their points, and who placed them."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING, get_args

from ovcf.kept import kept
from ovcf.landmarks import POINTS, Point
from ovcf.language.worded import Words, say
from ovcf.reading.editing.edits import Exclude, State
from ovcf.reading.editing.states import STATE_FIELDS
from ovcf.render.words.wording import quantity
from ovcf.vocabulary import Modality

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from ovcf.anatomy import Level
    from ovcf.assessment.result import Assessment
    from ovcf.clinical.case import ClinicalCase
    from ovcf.geometry import SagittalPlane
    from ovcf.reading.editing.edited import Edited, EditedSet, EditedVertebra
    from ovcf.reading.editing.edits import AnyEdit
    from ovcf.reading.file import ReadingFile
    from ovcf.reading.observations import MarrowSamples
    from ovcf.reading.observing.pictures import Picture

_SAME_SLICE = 0.51
"""How far a picture may lie from the middle of the slice it shows, in slice distances."""
_RADII = 1.96
"""SD to either side that hold 95 % of one coordinate."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PictureView:
    """One picture: its place in the file, and where it lies in the frame of its landmark set.

    ``slice`` is the slice of marrow signal that it shows, counted from 0 at the patient's right; None where none does.
    """

    number: int
    origin: tuple[float, float]
    spacing: tuple[float, float]
    size: tuple[int, int]
    offset_mm: float
    slice: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class SliceOut:
    """One slice of a series that is left out of a body's marrow, and the edits that say so."""

    series: str
    slice: int
    edits: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class SeriesView:
    """One series that can be looked at; its slices run from one side of the patient to the other."""

    uid: str
    role: str
    description: str
    set: str
    pictures: tuple[PictureView, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class SetView:
    """One landmark set. ``vertebrae`` are its identities, cranial to caudal; ``unit`` that of its points."""

    id: str
    name: str
    series: str
    modality: str
    posture: str
    calibrated: bool
    unit: str
    placed_by: str
    chosen: bool
    thoracic: int
    lumbar: int
    names: tuple[str, ...]
    vertebrae: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class VertebraView:
    """One vertebra as it now is. ``label`` is its level, or a number while which is which is still asked.

    ``points`` are in the order of :data:`ovcf.landmarks.POINTS`; ``hands`` names the reader who placed each one that
    is not automatic.
    ``excluded`` are the edits that leave its marrow out, ``slices_out`` the slices of it that are. ``radius`` is that
    of 95 % of each point in the unit of the set, ``errors`` the same in words; empty where nobody knows it. ``stale``
    says that its outline was drawn before its
    points were moved, ``redrawn`` that a reader drew it.
    """

    level: str
    label: str
    set: str
    points: tuple[Point, ...]
    radius: tuple[float, ...]
    errors: tuple[str, ...]
    moved: tuple[str, ...]
    readers: tuple[str, ...]
    hands: dict[str, str]
    accepted: bool
    stale: bool
    redrawn: bool
    withheld: Words
    unusable: Words
    state: str
    excluded: tuple[str, ...]
    slices_out: tuple[SliceOut, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Images:
    """What there is to see. ``point_names`` is the order of all points, ``states`` what a vertebra may be."""

    point_names: tuple[str, ...] = POINTS
    states: tuple[str, ...] = get_args(State)
    series: tuple[SeriesView, ...]
    sets: tuple[SetView, ...]
    vertebrae: dict[str, VertebraView]
    outlines: dict[str, tuple[Point, ...]]


def images_of(file: ReadingFile, now: Edited, assessment: Assessment, scored: str, edits: Sequence[AnyEdit]) -> Images:
    """The images with the vertebrae as they now are; ``scored`` names the one that the score is taken from, ``edits``
    are those in force."""
    films_first = sorted(now.sets, key=lambda s: s.seen.source.modality is not Modality.RADIOGRAPH)
    unfit = {s.vertebrae[0].source.image: dict(s.unusable) for s in assessment.landmarks}
    left_out: dict[str, list[str]] = defaultdict(list)
    slices: dict[str, dict[tuple[str, int], list[str]]] = defaultdict(lambda: defaultdict(list))
    for edit in edits:
        if isinstance(edit, Exclude) and edit.slice is None and not edit.series:
            left_out[edit.vertebra].append(edit.id)
        elif isinstance(edit, Exclude) and edit.slice is not None:
            slices[edit.vertebra][edit.series, edit.slice].append(edit.id)
    vertebrae = {
        v.id: _vertebra(
            v,
            s,
            unfit.get(s.seen.source.image, {}),
            now.case,
            tuple(left_out.get(v.id, ())),
            tuple(SliceOut(series=x, slice=k, edits=tuple(ids)) for (x, k), ids in slices.get(v.id, {}).items()),
        )
        for s in now.sets
        for v in s.vertebrae.values()
    }
    return Images(
        series=_series(file, now),
        sets=tuple(_set(s, chosen=s.seen.source.image == scored) for s in films_first),
        vertebrae=vertebrae,
        outlines={v.id: v.seen.outline for s in now.sets for v in s.vertebrae.values() if v.seen.outline},
    )


def _series(file: ReadingFile, now: Edited) -> tuple[SeriesView, ...]:
    found = []
    for seen in now.observations.series:
        own = [(n, p) for n, p in enumerate(file.pictures) if p.series == seen.uid]
        if own:
            pictures = (
                PictureView(
                    number=n,
                    origin=p.origin,
                    spacing=p.spacing,
                    size=p.size,
                    offset_mm=p.offset_mm,
                    slice=_slice_of(p, now),
                )
                for n, p in sorted(own, key=lambda pair: pair[1].offset_mm)
            )
            role = now.roles.get(seen.uid, seen.role)
            found.append(
                SeriesView(
                    uid=seen.uid,
                    role=role.value,
                    description=seen.description,
                    set=own[0][1].landmark_set,
                    pictures=tuple(pictures),
                )
            )
    return tuple(found)


def _slice_of(picture: Picture, now: Edited) -> int | None:
    samples = next((m for m in now.observations.marrow if m.series == picture.series), None)
    plane = next((s.seen.plane for s in now.sets if s.seen.id == picture.landmark_set), None)
    if samples is None or plane is None:
        return None
    return _nearest(samples, plane, picture.origin, picture.spacing, picture.size, picture.offset_mm)


@kept
def _nearest(
    samples: MarrowSamples,
    plane: SagittalPlane,
    origin: tuple[float, float],
    spacing: tuple[float, float],
    size: tuple[int, int],
    offset_mm: float,
) -> int | None:
    """The slice of marrow signal at the middle of a picture."""
    (down, across), (rows, columns) = spacing, size
    middle = plane.to_patient([origin[0] + columns * across / 2, origin[1] + rows * down / 2])
    at = float(samples.volume.to_index(middle + offset_mm * plane.normal)[0])
    nearest = round(at)
    return nearest if 0 <= nearest < len(samples.voxels) and abs(at - nearest) <= _SAME_SLICE else None


def _set(s: EditedSet, *, chosen: bool) -> SetView:
    source = s.seen.source
    return SetView(
        id=s.seen.id,
        name=s.seen.name,
        series=s.seen.series,
        modality=source.modality.value,
        posture=source.posture.value,
        calibrated=source.calibrated,
        unit=source.length_unit.symbol.strip(),
        placed_by=source.placed_by,
        chosen=chosen,
        thoracic=s.column.thoracic,
        lumbar=s.column.lumbar,
        names=tuple(level.value for level in s.column.levels),
        vertebrae=tuple(sorted(s.vertebrae, key=lambda id_: s.levels[id_].rank)),
    )


def _state(level: Level, case: ClinicalCase) -> str:
    """What a vertebra is said to be, in the words of an edit."""
    return next((said for said, name in STATE_FIELDS.items() if level in getattr(case, name)), "none of these")


def _vertebra(
    v: EditedVertebra,
    s: EditedSet,
    unfit: Mapping[Level, str],
    case: ClinicalCase,
    excluded: tuple[str, ...],
    slices_out: tuple[SliceOut, ...],
) -> VertebraView:
    level = s.levels[v.id]
    radius = tuple(_RADII * sd for sd in v.seen.sd or ())
    unit = s.seen.source.length_unit
    return VertebraView(
        level=level.value,
        label=say("{index}?", index=list(s.vertebrae).index(v.id) + 1) if s.asked else level.value,
        set=s.seen.id,
        points=v.seen.points,
        radius=radius,
        errors=tuple(say("± {r}", r=quantity(r, unit)) for r in radius),
        moved=tuple(name for name in POINTS if name in v.moved),
        readers=tuple(sorted(v.readers)),
        hands=dict(v.hands),
        accepted=v.accepted,
        stale=v.stale,
        redrawn=v.redrawn,
        withheld=v.withheld,
        unusable=unfit.get(level, ""),
        state=_state(level, case),
        excluded=excluded,
        slices_out=slices_out,
    )
