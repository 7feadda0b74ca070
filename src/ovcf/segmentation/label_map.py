"""Vertebral bodies from label maps: which label is which vertebra, and which voxels are its body."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from ovcf.anatomy import STANDARD_COLUMN, Level, VertebralColumn
from ovcf.budget import MAX_LABEL_RATIO
from ovcf.errors import (
    GridMismatchError,
    LabelSchemeError,
    MissingFileError,
    Remedy,
    RemedyCode,
    SeriesGeometryError,
    UnreadableFileError,
)
from ovcf.geometry import ras_from_lps
from ovcf.imaging.files.nifti_files import check_place, open_nifti, voxels_in
from ovcf.imaging.volume import Volume
from ovcf.language.worded import joined, say
from ovcf.segmentation.body_of_vertebra import body_of_vertebra, flatness, largest_piece
from ovcf.segmentation.levels.counting import FARTHEST, column_with, counted_from
from ovcf.segmentation.schemes import (
    BODY_PARTS,
    CANAL_PARTS,
    INSTANCES,
    Scheme,
    anchor_hint,
    is_subregion_map,
    not_discs,
    recognise,
    scheme_named,
)
from ovcf.text_files import kind_of

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

    from numpy.typing import NDArray

    from ovcf.segmentation.network.landmark_maps import LandmarkBias, MappedPoints

    Array = NDArray[np.float64]

_DISC_FLATNESS = 0.45
"""Mean height over depth: discs are about 0.3, bodies 0.6 to 1; a map is of discs if its median label is flatter."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class VertebralBodies:
    """Vertebral bodies on one grid.

    ``labels`` holds body voxels only, ``levels`` the vertebra of each value in it, ``canal`` cord and canal (bool)
    where the map has them. ``truncated`` names vertebrae that the border of the volume cuts off, with the reason.
    ``discs_only`` tells that the map shows discs: it has no levels and gives no landmarks. An engine that sees images
    adds ``discs`` and ``sacrum`` (bool), the landmarks it has ``mapped`` itself, those of a ``second_contrast`` and
    their weight in the mean (``second_share``), how far its landmarks lie off on average (``bias``), and with the
    reason what its quality gate ``withheld`` and what a second contrast shows ``apart``; ``engine`` names it.
    """

    name: str
    labels: Volume
    levels: Mapping[int, Level]
    column: VertebralColumn = STANDARD_COLUMN
    canal: Volume | None = None
    discs_only: bool = False
    notes: tuple[str, ...] = ()
    truncated: Mapping[Level, str]
    discs: Volume | None = None
    sacrum: Volume | None = None
    mapped: Mapping[Level, MappedPoints] = field(default_factory=dict)
    second_contrast: Mapping[Level, MappedPoints] = field(default_factory=dict)
    second_share: float = 0.5
    bias: LandmarkBias | None = None
    withheld: Mapping[Level, str] = field(default_factory=dict)
    apart: Mapping[Level, str] = field(default_factory=dict)
    engine: str = ""

    @property
    def made_by(self) -> str:
        """What drew the bodies, as reports say it: the engine that saw the image, or the file."""
        return self.engine or say("label map {name}", name=Path(self.name).name)

    @property
    def unfit(self) -> Mapping[Level, str]:
        """The vertebrae that give no landmarks and serve nobody as a reference, with the reason."""
        return {**self.apart, **self.withheld, **self.truncated}

    def mask(self, level: Level) -> NDArray[np.bool_]:
        """The voxels of one body, ``(n0, n1, n2)``; all False for a level that is not here."""
        label = next((k for k, v in self.levels.items() if v == level), None)
        return np.zeros(self.labels.voxels.shape, bool) if label is None else self.labels.voxels == label


def read_label_volume(path: Path) -> Volume:
    """Read a label map from NIfTI.

    Raises:
        MissingFileError, UnreadableFileError: not there, or not NIfTI.
        SeriesGeometryError: not one volume, or its position in the patient is not given.
        LabelSchemeError: its values are not whole numbers.
    """
    if (kind := kind_of(path)) == "nothing":
        raise MissingFileError(path, "does not exist", "Check the path of the label map.")
    if kind != "file":
        raise UnreadableFileError(path, "is not a file", "Give a label map as .nii or .nii.gz.")
    image = open_nifti(path, str(path), ratio=MAX_LABEL_RATIO)
    voxels = voxels_in(image, str(path))
    if voxels.ndim == 4 and voxels.shape[3] == 1:
        voxels = voxels[..., 0]
    if voxels.ndim != 3 or voxels.dtype.kind not in "buif":
        raise SeriesGeometryError(
            path, say("shape {shape} is not one volume of numbers", shape=voxels.shape), "Give one label map."
        )
    header = image.header
    if not (int(header["sform_code"]) or int(header["qform_code"])):
        raise SeriesGeometryError(
            path, "does not say how it lies in the patient (sform and qform code 0)", "Save it with its orientation."
        )
    if voxels.dtype.kind == "f" and not (np.isfinite(voxels).all() and (voxels == np.round(voxels)).all()):
        raise LabelSchemeError(
            path,
            "has values that are not whole numbers, so it is no label map",
            "Give the label map, resampled with nearest neighbour if at all; not the image or a probability map.",
        )
    if voxels.size and (voxels.min() < 0 or voxels.max() > 32767):
        raise LabelSchemeError(path, "has negative or very large values", "Give the label map, not the image.")
    check_place(np.asarray(image.affine, np.float64), voxels.shape, str(path))
    return Volume(voxels.astype(np.int16), ras_from_lps(image.affine))


def paired(paths: Sequence[Path]) -> list[tuple[Path, ...]]:
    """Label maps grouped as :func:`read_bodies` takes them: each subregion map goes with the map of its own grid."""
    volumes = {path: read_label_volume(path) for path in paths}
    parts = {path for path, volume in volumes.items() if is_subregion_map(_values(volume))}
    groups = {path: [path] for path in paths if path not in parts}
    for part in parts:
        owner = next((path for path in groups if volumes[path].same_grid(volumes[part])), None)
        if owner is None:
            raise GridMismatchError(
                part, "is a subregion map without a vertebra map on the same grid", "Give its vertebra map too."
            )
        groups[owner].append(part)
    return [tuple(group) for group in groups.values()]


def read_bodies(
    paths: Sequence[Path],
    *,
    scheme: str | None = None,
    anchors: Mapping[int, Level] | None = None,
    column: VertebralColumn = STANDARD_COLUMN,
) -> VertebralBodies:
    """Vertebral bodies from one label map, or from a vertebra map and its subregion map.

    The scheme is recognised unless ``scheme`` names it. ``anchors`` gives the level of one label (of one in each
    unbroken run) of a map that is in no scheme; the others are counted from it along the spine, whatever their numbers.

    Raises:
        LabelSchemeError: the meaning of the labels is unknown, ambiguous or contradicts itself.
        GridMismatchError: the two maps are not on one grid.
    """
    paths = [Path(p) for p in paths]
    volumes = [read_label_volume(path) for path in paths]
    is_part = [is_subregion_map(_values(v)) for v in volumes]
    if is_part.count(False) != 1 or len(paths) > 2:
        raise LabelSchemeError(
            joined(", ", map(str, paths)),
            "is not one vertebra map, alone or with its subregion map",
            "Give the vertebra instance map, and beside it at most the subregion map of the same image.",
        )
    index = is_part.index(False)
    parts = next((v for v, part in zip(volumes, is_part, strict=True) if part), None)
    if parts is not None and not parts.same_grid(volumes[index]):
        raise GridMismatchError(
            paths[1 - index],
            say("does not lie on the grid of {paths}", paths=paths[index].name),
            "Give two maps of one image.",
        )
    return bodies_from_labels(
        volumes[index], str(paths[index]), parts=parts, scheme=scheme, anchors=anchors, column=column
    )


def bodies_from_labels(
    labels: Volume,
    name: str,
    *,
    parts: Volume | None = None,
    scheme: str | None = None,
    anchors: Mapping[int, Level] | None = None,
    column: VertebralColumn = STANDARD_COLUMN,
    farthest: float = FARTHEST,
) -> VertebralBodies:
    """:func:`read_bodies` for maps that are in memory: ``labels`` and, on the same grid, the subregions ``parts``.

    ``farthest`` is that of :func:`ovcf.segmentation.levels.counting.unbroken`.
    """
    from scipy.ndimage import find_objects

    boxes = {k: box for k, box in enumerate(find_objects(labels.voxels), 1) if box is not None}
    if not boxes:
        raise LabelSchemeError(name, "holds no label at all", "Give the label map of this image.")
    centres = {k: _centre(labels, k, box, parts) for k, box in boxes.items()}
    with_body = set(boxes) if parts is None else set(_values_where(labels, parts, BODY_PARTS))
    placed = {k: c for k, c in centres.items() if k in with_body or k >= 100} or centres
    chosen, unknown = _scheme(placed, name, scheme, subregions=parts is not None)
    if chosen is not None and scheme is None and not set(anchors or ()) <= set(chosen.levels):
        chosen = None
    vertebrae = set(chosen.levels) & set(boxes) if chosen else not_discs(boxes)
    whole = {k for k in vertebrae if not cut_off(labels, boxes[k])}
    if scheme is None and parts is None and _are_discs(labels, {k: boxes[k] for k in whole}):
        return VertebralBodies(
            name=name,
            labels=labels,
            levels={},
            column=column,
            discs_only=True,
            truncated={},
            notes=(
                say(
                    "the labels are flat like discs: landmarks are withheld (if bodies, the scheme is {instances})",
                    instances=INSTANCES,
                ),
            ),
        )
    notes = [say("labels read as {title}", title=chosen.title)] if chosen else []
    if anchors:
        there = {k: centres[k] for k in vertebrae & with_body}
        levels, how = counted_from(anchors, there, whole, name, column, farthest)
        notes += how
    elif chosen is None:
        raise unknown
    else:
        levels = {k: chosen.levels[k] for k in vertebrae}
    notes += [
        say("label {k} is the sacrum in one piece and gives no S1", k=k) for k in boxes if chosen and k in chosen.sacrum
    ]
    column = column_with(levels, column)
    bodies, how = _only_bodies(labels, parts, levels, boxes, centres)
    extents = find_objects(bodies.voxels)
    empty = [k for k in levels if k > len(extents) or extents[k - 1] is None]
    notes += [say("label {k} ({pop}) has no voxels of a vertebral body", k=k, pop=levels.pop(k)) for k in empty]
    truncated = {level: why for k, level in levels.items() if (why := cut_off(labels, extents[k - 1]))}
    return VertebralBodies(
        name=name,
        labels=bodies,
        levels=levels,
        column=column,
        canal=_canal(labels, parts, chosen),
        notes=(*notes, *how),
        truncated=truncated,
    )


def _scheme(
    centres: Mapping[int, Array], name: str, scheme: str | None, *, subregions: bool
) -> tuple[Scheme | None, LabelSchemeError]:
    """The scheme named or recognised; or None, and the error to raise unless an anchor makes up for it."""
    unknown = LabelSchemeError(name, "numbers its vertebrae without saying which they are", anchor_hint(centres))
    if scheme is not None:
        chosen = scheme_named(scheme, name)
        if chosen and not set(centres) & set(chosen.levels):
            raise LabelSchemeError(
                name,
                say("has no vertebra of the scheme {title}", title=chosen.title),
                Remedy("Name another scheme.", RemedyCode.NAME_THE_SCHEME),
            )
        return chosen, unknown
    try:
        return recognise(centres, name, subregions=subregions), unknown
    except LabelSchemeError as error:
        return None, error


def _values(volume: Volume) -> list[int]:
    return [int(v) for v in np.unique(volume.voxels) if v]


def _values_where(labels: Volume, parts: Volume, wanted: Collection[int]) -> list[int]:
    """The labels that share voxels with these subregions."""
    return [int(v) for v in np.unique(labels.voxels[np.isin(parts.voxels, list(wanted))]) if v]


def _centre(labels: Volume, label: int, box: tuple[slice, ...], parts: Volume | None) -> Array:
    """The centre of a label: of its body where subregions tell, for a spinous process hangs one level lower."""
    cropped = _cropped(labels, label, box)
    body = cropped.voxels.astype(bool)
    if parts is not None:
        body &= np.isin(parts.voxels[box], list(BODY_PARTS))
    return cropped.to_patient(np.argwhere(body if body.any() else cropped.voxels).mean(axis=0))


def _are_discs(labels: Volume, boxes: Mapping[int, tuple[slice, ...]]) -> bool:
    flat = [flatness(_cropped(labels, k, box)) for k, box in boxes.items()]
    return bool(flat) and float(np.median(flat)) < _DISC_FLATNESS


def _cropped(labels: Volume, label: int, box: tuple[slice, ...]) -> Volume:
    """One label as a binary volume of its own."""
    affine = labels.affine.copy()
    affine[:3, 3] = labels.to_patient([s.start for s in box])
    return Volume(labels.voxels[box] == label, affine)


def _only_bodies(
    labels: Volume,
    parts: Volume | None,
    levels: Mapping[int, Level],
    boxes: Mapping[int, tuple[slice, ...]],
    centres: Mapping[int, Array],
) -> tuple[Volume, list[str]]:
    """The map with everything but the vertebral bodies of ``levels`` set to 0, and notes on how."""
    bodies = np.zeros_like(labels.voxels)
    cut: list[str] = []
    order = sorted(levels, key=lambda k: -centres[k][2])
    for i, k in enumerate(order):
        vertebra = _cropped(labels, k, boxes[k])
        if parts is not None:
            body = vertebra.voxels.astype(bool) & np.isin(parts.voxels[boxes[k]], list(BODY_PARTS))
        else:
            beside = order[max(0, i - 1)], order[min(len(order) - 1, i + 1)]
            caudal = centres[beside[1]] - centres[beside[0]] if len(order) > 1 else np.array([0.0, 0.0, -1.0])
            body, was_cut = body_of_vertebra(vertebra, caudal)
            cut += [levels[k]] if was_cut else []
        bodies[boxes[k]][largest_piece(body)] = k
    how = "posterior elements were cut off along the posterior wall, as the map has whole vertebrae: "
    return Volume(bodies, labels.affine), [how + joined(", ", cut)] if cut else []


def _canal(labels: Volume, parts: Volume | None, scheme: Scheme | None) -> Volume | None:
    source, values = (parts, CANAL_PARTS) if parts is not None else (labels, scheme.canal if scheme else frozenset())
    canal = np.isin(source.voxels, list(values))
    return Volume(canal, labels.affine) if canal.any() else None


def cut_off(labels: Volume, box: tuple[slice, ...]) -> str | None:
    """Why the field of view cuts a vertebra off; a border to the left or right does not count."""
    across, _ = labels.axis_towards((1.0, 0.0, 0.0))
    for axis, (side, size) in enumerate(zip(box, labels.voxels.shape, strict=True)):
        if axis != across and (side.start == 0 or side.stop == size):
            return "cut off by the border of the label map"
    return None
