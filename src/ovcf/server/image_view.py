"""The images of a reading as the page shows them: pictures, vertebrae with their points, and who placed them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from ovcf.landmarks import POINTS, Point

if TYPE_CHECKING:
    from ovcf.assessment.result import Assessment
    from ovcf.reading.edited import Edited, EditedSet, EditedVertebra
    from ovcf.reading.file import ReadingFile


@dataclass(frozen=True, slots=True, kw_only=True)
class PictureView:
    """One picture: its place in the file, and where it lies in the frame of its landmark set."""

    number: int
    origin: tuple[float, float]
    spacing: tuple[float, float]
    size: tuple[int, int]
    offset_mm: float


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
    names: tuple[str, ...]
    vertebrae: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class VertebraView:
    """One vertebra as it now is. ``points`` are in the order of :data:`ovcf.landmarks.POINTS`, ``sd`` beside them.

    ``stale`` says that its outline was drawn before its points were moved.
    """

    level: str
    set: str
    points: tuple[Point, ...]
    sd: tuple[float, ...]
    moved: tuple[str, ...]
    readers: tuple[str, ...]
    accepted: bool
    stale: bool
    withheld: str
    unusable: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Images:
    """What there is to see. ``point_names`` is the order of the points of every vertebra."""

    point_names: tuple[str, ...] = POINTS
    series: tuple[SeriesView, ...]
    sets: tuple[SetView, ...]
    vertebrae: dict[str, VertebraView]
    outlines: dict[str, tuple[Point, ...]]


def images_of(file: ReadingFile, now: Edited, assessment: Assessment) -> Images:
    """The images with the vertebrae as they now are."""
    unfit = {s.vertebrae[0].source.image: dict(s.unusable) for s in assessment.landmarks}
    measured_first = assessment.landmarks[0].vertebrae[0].source.image if assessment.landmarks else None
    vertebrae = {
        v.id: _vertebra(v, s, str(unfit.get(s.seen.source.image, {}).get(s.levels[v.id], "")))
        for s in now.sets
        for v in s.vertebrae.values()
    }
    return Images(
        series=_series(file, now),
        sets=tuple(_set(s, chosen=s.seen.source.image == measured_first) for s in now.sets),
        vertebrae=vertebrae,
        outlines={
            v.id: tuple((round(x, 2), round(y, 2)) for x, y in v.seen.outline)
            for s in now.sets
            for v in s.vertebrae.values()
            if v.seen.outline
        },
    )


def _series(file: ReadingFile, now: Edited) -> tuple[SeriesView, ...]:
    found = []
    for seen in now.observations.series:
        own = [(n, p) for n, p in enumerate(file.pictures) if p.series == seen.uid]
        if own:
            pictures = (
                PictureView(number=n, origin=p.origin, spacing=p.spacing, size=p.size, offset_mm=p.offset_mm)
                for n, p in sorted(own, key=lambda pair: pair[1].offset_mm)
            )
            role = now.roles.get(seen.uid, seen.role)
            found.append(
                SeriesView(
                    uid=seen.uid, role=role.value, description=seen.description, set=own[0][1].landmark_set,
                    pictures=tuple(pictures),
                )
            )  # fmt: skip
    return tuple(found)


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
        names=tuple(level.value for level in s.column.levels),
        vertebrae=tuple(sorted(s.vertebrae, key=lambda id_: s.levels[id_].rank)),
    )


def _vertebra(v: EditedVertebra, s: EditedSet, unusable: str) -> VertebraView:
    return VertebraView(
        level=s.levels[v.id].value,
        set=s.seen.id,
        points=v.seen.points,
        sd=v.seen.sd or (),
        moved=tuple(name for name in POINTS if name in v.moved),
        readers=tuple(sorted(v.readers)),
        accepted=v.accepted,
        stale=v.stale,
        withheld=v.withheld,
        unusable=unusable,
    )
