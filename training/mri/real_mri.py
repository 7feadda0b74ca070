"""Real MRI to learn from, as views like those of digital patients: images, and the classes each pixel may have.

Three collections under CC BY 4.0 (NOTICE): T1 with polygons of L1-L5 and S1, T2 SPACE with masks, and images without.
They are read where they lie; no image is copied. Patients are parted by a fixed hash: those held back for validation
are never trained on.
"""

from __future__ import annotations

import csv
import hashlib
import json
from contextlib import suppress
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from PIL import Image as Picture
from scipy.ndimage import binary_dilation, gaussian_filter, label, map_coordinates, median_filter
from skimage.measure import find_contours

from ovcf.errors import LandmarkError
from ovcf.segmentation.points.corners import six_points
from training.mri.partial_labels import LUMBAR, VERTEBRA, canal_front, middle_slices, of_mask, of_polygons, one_of

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Array = NDArray[np.float64]
    Image = NDArray[np.float32]
    Sets = NDArray[np.uint8]

DATA = Path(__file__).resolve().parents[3] / "shared" / "data"
PIXEL_MM = 0.9
"""Images are brought to these pixels before they are turned and scaled into views."""
T1_PIXEL_MM = 0.57
"""The T1 collection has lost its pixel size: an L3 body of 53 pixels is about 30 mm."""
FARTHEST_MM = 1.0
"""Polygons that lie farther beside the image than this are left out."""
REACH_T1_MM, REACH_T2_MM = 1.6, 0.6
"""How far from a drawn border nothing is asked: coarse polygons, fine masks."""
ROUNDED_MM = 0.35
"""So far inside the corners of masks lie: where model 0.11 draws anterior ones, which digital and real patients agree
on, less where the masks do (training patients)."""
CORNERS_MM = 10.0
"""How far from the middle of the canal corners are taken from masks."""
MIN_BODY_MM2 = 300.0
JUDGE_T1, JUDGE_T2 = 50, 33
"""Percent of patients held back: of those with an untouched T1 image, and of those with masks or none."""


def held_back(patient: str, percent: int) -> bool:
    """Whether a patient only judges: by a hash of the name, so that it is always the same."""
    return int(hashlib.sha256(patient.encode()).hexdigest(), 16) % 100 < percent


@dataclass(frozen=True, slots=True, eq=False)
class Exam:
    """Slices ``(n, rows, columns)`` of ``PIXEL_MM``, what each pixel may be, and where bodies lie (row, column).

    ``middle`` are the slices in which the canal is drawn; slices of a volume lie 1 mm apart. ``corners`` ``(bodies, 4,
    2)`` are those of the bodies drawn in each slice (row, column). ``points`` are the landmarks ``(bodies, 6, 2)`` that
    fine masks tell, NaN where unknown: posterior corners and middles.
    """

    name: str
    slices: Image
    sets: Sets
    places: Array
    middle: NDArray[np.bool_]
    corners: tuple[Array, ...]
    points: tuple[Array, ...]


@cache
def polygon_file() -> dict[str, dict[str, object]]:
    """The T1 collection's list: name, polygons, and what its publisher did to the image."""
    found: dict[str, dict[str, object]] = json.loads((DATA / "mri-t1-polygons/polygons.json").read_text())
    return found


def t1_names(*, judge: bool) -> list[str]:
    """Images to judge by (untouched ones of patients held back), or to learn from."""
    listed = polygon_file().items()
    untouched = {name for name, entry in listed if entry["split_of_publisher"] != "train"}
    back = {name[:7] for name in untouched if held_back(name[:7], JUDGE_T1)}
    if judge:
        return sorted(name for name in untouched if name[:7] in back)
    return sorted(name for name, e in listed if name[:7] not in back and float(str(e["beside_mm"])) <= FARTHEST_MM)


def t1_exam(name: str) -> Exam:
    """A T1 image with the anterior side on the left (lordosis tells it) and salt taken out."""
    entry = polygon_file()[name]
    image = grey(DATA / "mri-t1-polygons/images" / name)
    if entry["split_of_publisher"] == "train":
        image = without_salt(image)
    polygons = {level: np.array(p)[:, ::-1] for level, p in dict(entry["polygons"]).items()}  # type: ignore[call-overload]
    if bows_backwards(polygons):
        image = image[:, ::-1]
        polygons = {level: np.stack([p[:, 0], image.shape[1] - p[:, 1]], axis=1) for level, p in polygons.items()}
    factor = T1_PIXEL_MM / PIXEL_MM
    small = resized(image, factor)
    scaled = {level: p * factor - 0.5 for level, p in polygons.items()}
    sets = of_polygons(scaled, small.shape, REACH_T1_MM / PIXEL_MM)
    places = np.array([scaled[level].mean(axis=0) for level in (*LUMBAR, "S1")])
    corners = np.array([polygon_corners(scaled[level], places[i + 1] - places[i]) for i, level in enumerate(LUMBAR)])
    return Exam(name, small[None], sets[None], places, np.ones(1, bool), (corners,), (NO_POINTS,))


def bows_backwards(polygons: dict[str, Array]) -> bool:
    """Whether L2 to L5 lie to the right of the line from L1 to S1: then anterior is on the right."""
    centres = np.array([polygons[level].mean(axis=0) for level in (*LUMBAR, "S1")])
    rows, columns = (centres - centres[0]).T
    return bool((columns[1:5] - rows[1:5] * columns[5] / rows[5]).mean() > 0)


def without_salt(image: Image) -> Image:
    """White specks, which the publisher added, replaced by the median around them."""
    median = median_filter(image, 5)
    speck = binary_dilation(image - median > 0.2, np.ones((3, 3)))
    return np.where(speck, median, image).astype(np.float32)


def resized(image: Image, factor: float) -> Image:
    """An image with ``factor`` times as many pixels, blurred first as a larger pixel does."""
    if factor < 1:
        image = gaussian_filter(image, np.sqrt(factor**-2 - 1) / np.sqrt(12))
    rows, columns = (int(n * factor) for n in image.shape)
    at = np.mgrid[:rows, :columns] / factor + 0.5 / factor - 0.5
    return map_coordinates(image, at, order=1, mode="nearest").astype(np.float32)


def grey(path: Path) -> Image:
    """An image as numbers from 0 to 1."""
    return np.asarray(Picture.open(path).convert("L"), np.float32) / 255


@cache
def _t2_files() -> dict[str, dict[int, Path]]:
    found: dict[str, dict[int, Path]] = {}
    for path in sorted((DATA / "mri-t2-space/masks").iterdir()):
        patient, number = path.stem.split("_t2_SPACE_slice")
        found.setdefault(patient, {})[int(number)] = path
    return found


def t2_patients(*, judge: bool) -> list[str]:
    """Patients of the T2 SPACE collection to judge by, or to learn from."""
    return [patient for patient in sorted(_t2_files()) if held_back(patient, JUDGE_T2) is judge]


@cache
def _t2_pixels() -> dict[str, float]:
    with (DATA / "mri-t2-space/patients.csv").open() as file:
        return {
            row["patient"]: float(json.loads(row["PixelSpacing"].replace("[.", "[0.").replace(" .", " 0."))[0])
            for row in csv.DictReader(file)
        }


def t2_volume(patient: str) -> tuple[Image, Sets, float]:
    """Slices 1 mm apart, their masks, and the pixel in mm, of the longest run without a gap."""
    files = _t2_files()[patient]
    numbers = np.array(sorted(files))
    run = max(np.split(numbers, np.flatnonzero(np.diff(numbers) > 1) + 1), key=len)
    masks = np.stack([np.asarray(Picture.open(files[n])) for n in run])
    folder = DATA / "mri-t2-space/images"
    images = np.stack([grey(folder / f"{files[n].stem}.jpg") for n in run])
    return images, masks, _t2_pixels()[patient]


def t2_exam(patient: str) -> Exam:
    """The slices of a T2 SPACE patient, three averaged, as routine exams are thicker."""
    images, masks, pixel = t2_volume(patient)
    factor = pixel / PIXEL_MM
    thick = (images[:-2] + images[1:-1] + images[2:]) / 3
    small = np.stack([resized(one, factor) for one in thick])
    at = ((np.arange(n) + 0.5) / factor for n in small.shape[1:])
    rows, columns = (a.astype(int) for a in at)
    drawn = masks[:, rows][:, :, columns]
    middle = middle_slices(drawn, 1.0)
    front = canal_front(drawn, middle)
    sets = np.stack(
        [
            of_mask(m, front, middle=bool(near), pixel_mm=PIXEL_MM, reach_px=REACH_T2_MM / PIXEL_MM)
            for m, near in zip(drawn, middle, strict=True)
        ]
    )
    # Where the three slices differ, either may be right.
    sets = sets[:-2] | sets[1:-1] | sets[2:]
    body = (sets == one_of("body")).any(axis=0)
    edges = np.flatnonzero(body.any(axis=1))
    places = np.array([[r, front[r] - 15 / PIXEL_MM] for r in np.linspace(edges[0], edges[-1], 7).astype(int)[1:]])
    canal = np.flatnonzero(middle).mean()
    found = [six_of_bodies(m, front, pixel) for m in masks[1:-1]]
    points = tuple(learnt_points(six) if abs(k - canal) <= CORNERS_MM else NO_POINTS for k, six in enumerate(found, 1))
    return Exam(patient, small, sets, places, middle[1:-1], tuple(six[:, :4] for six in found), points)


NO_POINTS = np.zeros((0, 6, 2))


def polygon_corners(polygon: Array, down: Array) -> Array:
    """SA, SP, IA, IP of a polygon (row, column), anterior on the left, by the direction of the spine."""
    v = down / np.linalg.norm(down)
    u = np.array([-v[1], v[0]])
    away = polygon - polygon.mean(axis=0)
    return polygon[[int(np.argmax(a * (away @ u) + b * (away @ v))) for a, b in ((-1, -1), (1, -1), (-1, 1), (1, 1))]]


def six_of_bodies(mask: Sets, front: Array, pixel_mm: float) -> Array:
    """Landmarks ``(bodies, 6, 2)`` of the masked bodies in a slice, on pixels of ``PIXEL_MM``.

    ``front`` is the canal's anterior border by row of the exam's pixels.
    """
    rows = (np.arange(mask.shape[0]) + 0.5) * pixel_mm / PIXEL_MM - 0.5
    border = (np.interp(rows, np.arange(len(front)), front) + 0.5) * PIXEL_MM / pixel_mm - 0.5
    parts, n = label((mask == VERTEBRA) & (np.arange(mask.shape[1]) < border[:, None]))
    found = []
    for k in range(1, n + 1):
        if (parts == k).sum() * pixel_mm**2 < MIN_BODY_MM2:
            continue
        filled = np.pad(parts == k, 2).astype(np.float32)
        ring = max(find_contours(gaussian_filter(filled, 0.5), 0.5), key=len)[:, ::-1] - 2
        with suppress(LandmarkError):
            six = six_points(ring * pixel_mm, pixel_mm).points
            found.append((six[:, ::-1] + 0.5 * pixel_mm) / PIXEL_MM - 0.5)
    return np.array(found).reshape(-1, 6, 2)


def learnt_points(six: Array) -> Array:
    """Of landmarks ``(bodies, 6, 2)`` of masks those that are learnt from: posterior corners, set out where masks are
    rounded, and middles. Anterior ones are left to digital patients.
    """
    points = six.copy()
    points[:, [0, 2]] = np.nan
    wall = six[:, 3] - six[:, 1]
    out = wall / np.linalg.norm(wall, axis=1, keepdims=True) * ROUNDED_MM / PIXEL_MM
    points[:, 1] -= out
    points[:, 3] += out
    return points


def remapped(rng: np.random.Generator, images: Image, sets: Sets) -> Image:
    """The same anatomy in other greys: fat-suppressed, water alone, or by chance; half of the time as it is.

    Greys are told by those of the marrow. ``images`` are the slice and its neighbours, ``sets`` those of the slice.
    """
    marrow = sets == one_of("body")
    unit = float(np.median(images[0][marrow])) if marrow.any() else float(images[0].mean() * 2)
    v, kind = images / max(unit, 1e-3), rng.random()
    if kind < 0.5:
        return v
    if kind < 0.62:
        # Marrow and arches darker, as without fat: known only where they are drawn.
        drawn = gaussian_filter(np.isin(sets, [one_of("body"), one_of("arch"), one_of("sacrum")]).astype(float), 1.0)
        return (v * (1 - rng.uniform(0.4, 0.85) * drawn)).astype(np.float32)
    knots = np.array([0, 0.12, 0.3, 0.5, 0.75, 1.0, 1.5, 3.0])
    if kind < 0.85:
        tones = np.array([0, 0.06, 0.8, 0.6, 0.35, 0.2, 0.12, 0.04]) * np.exp(rng.normal(0, 0.3, 8))
    else:
        tones = np.concatenate([[0, rng.uniform(0, 0.3)], rng.uniform(0.05, 1, 6)])
    return np.interp(v, knots, tones).astype(np.float32)


def around(exam: Exam, slices: Image, sets: Sets, place: Array, canvas: int) -> tuple[Image, Sets, Array]:
    """Slices and sets on a square canvas whose middle is ``place``, and its first pixel; outside the image is air."""
    out = np.zeros((len(slices), canvas, canvas), np.float32)
    allowed = np.full((canvas, canvas), one_of("background"), np.uint8)
    start = np.round(place).astype(int) - canvas // 2
    low = np.maximum(start, 0)
    high = np.minimum(start + canvas, exam.slices.shape[1:])
    there = tuple(slice(a, b) for a, b in zip(low, high, strict=True))
    here = tuple(slice(a, b) for a, b in zip(low - start, high - start, strict=True))
    out[(slice(None), *here)] = slices[(slice(None), *there)]
    allowed[here] = sets[there]
    return out, allowed, start


def counted_names(*, judge: bool) -> list[str]:
    """Series without masks (``ID_t1``, ``ID_t2``) whose visible vertebrae a reader counted; SPACE lies elsewhere."""
    with (DATA / "mri-lumbar-unlabelled/series.csv").open() as file:
        names = [row["series"] for row in csv.DictReader(file) if row["num_vertebrae"]]
    mine = [n for n in names if not n.endswith("SPACE") and held_back(n.split("_")[0], JUDGE_T2) is judge]
    return sorted(mine)


def counted_series(name: str) -> tuple[Image, float, int]:
    """The image of such a series, its pixel in mm, and how many vertebrae its reader counted."""
    with (DATA / "mri-lumbar-unlabelled/series.csv").open() as file:
        row = next(row for row in csv.DictReader(file) if row["series"] == name)
    pixel = float(row["PixelSpacing"].strip("[]").split(",")[0])
    return grey(DATA / f"mri-lumbar-unlabelled/images/{name}.jpg"), pixel, int(row["num_vertebrae"])
