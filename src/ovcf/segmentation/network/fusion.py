"""From the probabilities of single slices to vertebral bodies in three dimensions, and back to the image's own grid."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from ovcf.imaging.mid_sagittal import sagittal_volume
from ovcf.imaging.resample import at_rows_and_columns
from ovcf.imaging.volume import Volume
from ovcf.language.worded import say
from ovcf.segmentation.network.inference import CLASSES, PIXEL_MM

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from ovcf.segmentation.network.inference import SliceMaps

    Array = NDArray[np.float64]
    Image = NDArray[np.float32]
    Labels = NDArray[np.int16]

PART_OF_CLASS = {"body": 49, "disc": 100, "canal": 61, "cord": 60, "sacrum": 26, "arch": 41}
"""SPINEPS / TPTBox subregion numbers of the network's classes."""
_MIN_MM3 = 400.0
"""Less than a sliver of a body between two slices."""
_PITCH_MM = (9.0, 62.0)
"""Centre to centre of neighbours: T1-T2 of a small adult, one collapsed, to lumbar bodies with one missed between."""
_TURN_COS = 0.6
_ASIDE = 0.5
"""Share of a step to the next body that may go sideways: 30 degrees, more than one segment of a scoliosis leans."""
_DISC_BETWEEN = 0.25
_CROSS = np.array([[[0, 1, 0], [1, 1, 1], [0, 1, 0]]], bool)
_CANAL_HALF_MM, _SMOOTHED_MM = 12.0, 20.0
"""Half the width of the canal between the pedicles: 23.7 to 27.1 mm of width in the lumbar spine, less above (Panjabi
1992); and the height over which its middle is averaged."""
_TALLEST = 1.15
"""A core taller than so many depths is of several bodies, and is thinned further until they part."""


@dataclass(frozen=True, slots=True, eq=False)
class SpineMap:
    """The bodies found on the network's grid.

    ``instances`` ``(slices, rows, columns)`` counts them cranial to caudal from 1; ``centres`` ``(n, 3)`` are patient
    LPS millimetres, ``certainty`` ``(n,)`` the mean probability of body inside each, ``canal`` ``(n,)`` how much of the
    canal is seen behind each (0-1). ``sacrum_mm`` is the distance from the last centre to the sacrum, None where none
    is seen, and ``sacrum_certainty`` its mean probability there. ``left_out`` tells of what looked like a body but is
    no part of the column.
    """

    maps: SliceMaps
    instances: Labels
    centres: Array
    certainty: Array
    canal: Array
    sacrum_mm: float | None
    sacrum_certainty: float
    left_out: tuple[str, ...]

    def __len__(self) -> int:
        return len(self.centres)


def fused(maps: SliceMaps) -> SpineMap:
    """The bodies that neighbouring slices agree on and that make one column."""
    from scipy.ndimage import find_objects, mean

    p = {name: _across_slices(maps, name) for name in ("body", "disc", "canal", "cord", "sacrum")}
    instances = _instances(p["body"], p["disc"])
    voxel = maps.volume(instances).voxel_volume_mm3
    found, centres, volumes = _measured(maps, instances, voxel)
    boxes = find_objects(instances)
    behind = p["canal"] + p["cord"]
    canal = np.array([_canal_behind(instances[boxes[k - 1]] == k, behind, boxes[k - 1]) for k in found])
    # Where the canal is seen at all, what has none behind it is no vertebra.
    no_body = (canal < 0.3) & (canal.max(initial=0.0) > 0.5)
    chain = _chain(centres, np.where(no_body, -1.0, volumes / 1000 * (0.15 + 0.85 * canal)))
    number = np.zeros(instances.max() + 1, instances.dtype)
    number[[found[i] for i in chain]] = range(1, len(chain) + 1)
    out = number[instances]
    left = [
        say(
            "something like a vertebral body of {volumes:.1f} ml, off the column, is left out",
            volumes=volumes[i] / 1000,
        )
        for i in range(len(found))
        if i not in chain and volumes[i] > 3 * _MIN_MM3
    ]
    certainty = np.atleast_1d(mean(p["body"], out, range(1, len(chain) + 1)))
    centres, canal = centres[chain], canal[chain]
    distance = _sacrum_below(maps, p["sacrum"], centres)
    sure = float(p["sacrum"][p["sacrum"] > 0.5].mean()) if distance is not None else 0.0
    return SpineMap(maps, out, centres, certainty, canal, distance, sure, tuple(left))


def _across_slices(maps: SliceMaps, name: str) -> Image:
    """A class's probability with a share of the neighbouring slices, the less the farther they are."""
    p = maps.of(name)
    spacing = float(np.linalg.norm(maps.affine[:3, 0]))
    share = 0.5 * float(np.exp(-((spacing / 4.0) ** 2)))
    padded = np.pad(p, ((1, 1), (0, 0), (0, 0)), mode="edge")
    return np.asarray((p + share * (padded[:-2] + padded[2:])) / (1 + 2 * share), np.float32)


def _instances(body: Image, disc: Image) -> Labels:
    """Every body its own number: cores that stay apart when thinned, grown back along the probability."""
    from scipy.ndimage import label
    from skimage.segmentation import watershed

    mask = body > 0.5
    seeds = np.zeros(body.shape, np.int32)
    for number, (box, core) in enumerate(_cores(mask & (body - disc > 0.4), 2), 1):
        seeds[box][core] = number
    # A body collapsed to a few millimetres has no core: what no core reaches is a body of its own.
    grown = np.asarray(watershed(-body, seeds, mask=mask))  # type: ignore[no-untyped-call]  # scikit-image has no types
    lone, _ = label(mask & (grown == 0))
    everything = np.where(lone > 0, lone + grown.max(), grown)
    return _rejoined(everything.astype(np.int16), body, disc)


Box = tuple[slice, ...]


def _cores(sure: NDArray[np.bool_], pixels: int) -> list[tuple[Box, NDArray[np.bool_]]]:
    """The parts left when a mask is thinned, each with its box; those too tall for one body thinned further."""
    from scipy.ndimage import binary_erosion, find_objects, label

    parts, _ = label(binary_erosion(sure, _CROSS, iterations=pixels))
    found: list[tuple[Box, NDArray[np.bool_]]] = []
    for k, box in enumerate(find_objects(parts), 1):
        core = parts[box] == k
        inner = _cores(core, 1) if core.shape[1] > _TALLEST * core.shape[2] else []
        found += [(_within(box, small), part) for small, part in inner] or [(box, core)]
    return found


def _within(outer: Box, inner: Box) -> Box:
    return tuple(slice(o.start + i.start, o.start + i.stop) for o, i in zip(outer, inner, strict=True))


def _rejoined(instances: Labels, body: Image, disc: Image) -> Labels:
    """Pieces of one body put together again: they touch, and what they touch along is certain body and no disc."""
    out = instances
    pairs: dict[tuple[int, int], list[float]] = {}
    for axis in range(3):
        a = np.moveaxis(out, axis, 0)
        b, d = np.moveaxis(body, axis, 0), np.moveaxis(disc, axis, 0)
        where = np.nonzero((a[:-1] != a[1:]) & (a[:-1] > 0) & (a[1:] > 0))
        one, other = a[:-1][where], a[1:][where]
        firm = np.minimum(b[:-1][where], b[1:][where]) - np.maximum(d[:-1][where], d[1:][where])
        for i, j, f in zip(one.tolist(), other.tolist(), firm.tolist(), strict=True):
            pairs.setdefault((min(i, j), max(i, j)), []).append(f)
    for (i, j), firm_there in sorted(pairs.items()):
        smaller = min(int((out == i).sum()), int((out == j).sum()))
        if smaller and len(firm_there) > 0.5 * smaller ** (2 / 3) and np.median(firm_there) > 1 - _DISC_BETWEEN:
            out = np.where(out == j, out[instances == i][0], out)
    return np.asarray(out, np.int16)


def _measured(maps: SliceMaps, instances: Labels, voxel_mm3: float) -> tuple[list[int], Array, Array]:
    """The instances large enough to be bodies, cranial to caudal: numbers, centres (LPS mm), volumes (mm3)."""
    where = np.nonzero(instances)
    which = instances[where]
    counts = np.bincount(which)
    sizes = counts * voxel_mm3
    numbers = [k for k in range(1, len(sizes)) if sizes[k] >= _MIN_MM3]
    sums = [np.bincount(which, along) for along in where]
    middles = [[one[k] / counts[k] for one in sums] for k in numbers]
    centres = dict(zip(numbers, map(maps.volume(instances).to_patient, middles), strict=True))
    numbers.sort(key=lambda k: -centres[k][2])
    return numbers, np.array([centres[k] for k in numbers]).reshape(-1, 3), np.array([sizes[k] for k in numbers])


def _canal_behind(body: NDArray[np.bool_], canal: Image, box: Box) -> float:
    """The share of a body's rows with canal or cord within 30 mm behind it, in its best slice; ``body`` fills a box of
    the grid of ``canal``."""
    reach = round(30 / PIXEL_MM)
    canal = canal[box[0], box[1], box[2].start : box[2].stop + reach]
    best = 0.0
    for s in range(len(body)):
        rows = np.flatnonzero(body[s].any(axis=1))
        backs = [int(np.flatnonzero(body[s, r])[-1]) for r in rows]
        seen = [bool((canal[s, r, b : b + reach] > 0.5).any()) for r, b in zip(rows, backs, strict=True)]
        best = max(best, float(np.mean(seen)))
    return best


def _chain(centres: Array, weights: Array) -> list[int]:
    """The heaviest chain of bodies that follow each other like vertebrae, cranial to caudal."""
    n = len(centres)
    best: list[float] = [float(w) for w in weights]
    before = [-1] * n
    left = np.array([1.0, 0.0, 0.0])
    for j in range(n):
        for i in range(j):
            step = centres[j] - centres[i]
            length = float(np.linalg.norm(step))
            aside = abs(float(step @ left)) / length
            if not _PITCH_MM[0] <= length <= _PITCH_MM[1] or -step[2] / length < _TURN_COS or aside > _ASIDE:
                continue
            if before[i] >= 0:
                last = centres[i] - centres[before[i]]
                if float(step @ last) / (length * float(np.linalg.norm(last))) < _TURN_COS:
                    continue
            value = best[i] + float(weights[j]) - 0.05 * max(0.0, length - 40.0)
            if value > best[j]:
                best[j], before[j] = value, i
    chain: list[int] = []
    k = int(np.argmax(best)) if n else -1
    while k >= 0:
        chain.insert(0, k)
        k = before[k]
    return chain


def _sacrum_below(maps: SliceMaps, sacrum: Image, centres: Array) -> float | None:
    """How far the upper end of the sacrum lies from the last body's centre, or None where it is not seen."""
    where = np.argwhere(sacrum > 0.5)
    if not len(centres) or len(where) * abs(np.linalg.det(maps.affine[:3, :3])) < 3 * _MIN_MM3:
        return None
    points = maps.volume(sacrum).to_patient(where)
    away = np.linalg.norm(points - centres[-1], axis=1)
    below = points[:, 2].mean() < centres[-1][2]
    nearest = float(np.percentile(away, 2))
    return nearest if below and nearest < _PITCH_MM[1] else None


def on_grid_of(spine: SpineMap, image: Volume) -> tuple[Volume, Volume]:
    """Body numbers and subregions (SPINEPS numbers) on the grid of the image, from interpolated probabilities.

    A voxel belongs to the likeliest class, so that outlines are finer than the network's pixels.
    """
    from scipy.ndimage import binary_dilation, binary_fill_holes, distance_transform_edt, find_objects

    labels, parts = (Volume(np.zeros(image.voxels.shape, np.int16), image.affine) for _ in range(2))
    # Transposed views of the same memory: what is written there is written on the image's own grid.
    numbers, regions = (sagittal_volume(v) for v in (labels, parts))
    to_network = np.linalg.inv(spine.maps.affine) @ numbers.affine
    seen = spine.maps.classes[0] < 0.6
    if not seen.any() or not len(spine):
        return labels, parts
    owner = np.zeros_like(spine.instances)
    around = tuple(slice(max(0, s.start - 3), s.stop + 3) for s in find_objects((spine.instances > 0).view(np.int8))[0])
    bodies = spine.instances[around]
    near = binary_dilation(bodies > 0, iterations=2)
    away, nearest = distance_transform_edt(
        bodies == 0, sampling=np.linalg.norm(spine.maps.affine[:3, :3], axis=0), return_indices=True
    )
    owner[around] = np.where(near & (away < 4), bodies[tuple(nearest)], 0)
    box = _native_box(np.argwhere(seen), to_network, numbers.voxels.shape)
    codes = np.array([0, *(PART_OF_CLASS[name] for name in CLASSES[1:])], np.int16)
    scale, shift = np.diag(to_network)[:3], to_network[:3, 3]
    rows, columns = (shift[a] + scale[a] * np.arange(box[a].start, box[a].stop) for a in (1, 2))
    here = (np.rint(at).astype(int).clip(0, n - 1) for at, n in zip((rows, columns), owner.shape[1:], strict=True))
    pixels = np.ix_(*here)
    for i in range(box[0].start, box[0].stop):
        k = float(np.clip(shift[0] + scale[0] * i, 0, len(owner) - 1))
        low, share = int(k), k - int(k)
        high = min(low + 1, len(owner) - 1)
        fine = at_rows_and_columns(spine.maps.classes[:, low], rows, columns)
        if share:
            fine += share * (at_rows_and_columns(spine.maps.classes[:, high], rows, columns) - fine)
        which = np.argmax(fine, axis=0)
        mine = owner[round(k)][pixels]
        regions.voxels[i, box[1], box[2]] = codes[which]
        numbers.voxels[i, box[1], box[2]] = np.where(which == CLASSES.index("body"), mine, 0)
    for k, found in enumerate(find_objects(numbers.voxels), 1):
        if found is not None:
            for one in range(found[0].start, found[0].stop):
                sheet = numbers.voxels[one, found[1], found[2]]
                filled = binary_fill_holes(sheet == k) & (sheet == 0)
                sheet[filled] = k
                regions.voxels[one, found[1], found[2]][filled] = PART_OF_CLASS["body"]
    regions.voxels[(regions.voxels == PART_OF_CLASS["body"]) & (numbers.voxels == 0)] = 0
    _without_foramina(regions)
    return labels, parts


def _without_foramina(regions: Volume) -> None:
    """Take off what is wider than a canal: slices beside it show fat and vessels of the foramina much like it.

    The middle of the canal at a height is where it is deepest, from front to back, smoothed along the spine.
    """
    from scipy.ndimage import uniform_filter1d

    across, along, _ = regions.spacing_mm
    canal = np.isin(regions.voxels, (PART_OF_CLASS["canal"], PART_OF_CLASS["cord"]))
    weight = canal.sum(axis=2, dtype=float) ** 2
    size = round(_SMOOTHED_MM / along)
    weight = uniform_filter1d(weight, size, axis=1) if size > 1 else weight
    place = np.arange(len(weight))[:, None]
    middle = (weight * place).sum(axis=0) / np.maximum(weight.sum(axis=0), 1e-9)
    beyond = np.abs(place - middle) * across > _CANAL_HALF_MM
    regions.voxels[canal & beyond[:, :, None]] = 0


def _native_box(
    where: NDArray[np.signedinteger], to_network: Array, shape: tuple[int, ...]
) -> tuple[slice, slice, slice]:
    """The voxels of the image around what the network saw; both grids share their axes."""
    ends = np.stack([where.min(axis=0) - 2, where.max(axis=0) + 2])
    native = (ends - to_network[:3, 3]) / np.diag(to_network)[:3]
    low = np.clip(np.floor(native.min(axis=0)), 0, np.array(shape) - 1).astype(int)
    high = np.clip(np.ceil(native.max(axis=0)) + 1, 1, shape).astype(int)
    a, b, c = (slice(int(x), int(y)) for x, y in zip(low, high, strict=True))
    return a, b, c
