"""How well the built-in model reads whole lumbar films, whose levels are the worst thing to get wrong.

``python -m bench.films.lumbar_films [--model FILE.onnx] [--patients N] [--turned N] [--real]`` prints Markdown: films
of digital patients in a pelvis (``training/films/lumbar_radiographs.py``), a half of them as they are sent on; the same
held upside down, mirrored, on their sides and inverted. ``--real`` reads the real films of the folder ``shared`` as
well: they only judge, once for each model that is to be shipped (the model card counts).
"""

import argparse
import json
from contextlib import suppress
from pathlib import Path

import numpy as np
from PIL import Image

from bench.films.tally import HEAD, Tally, series_of, take
from ovcf.anatomy import Level
from ovcf.errors import OvcfError
from ovcf.segmentation.film.radiograph import look_at
from ovcf.segmentation.film.radiograph_held import HeldUncertainError
from ovcf.segmentation.network.builtin_model import RADIOGRAPH, builtin_network
from training.films.lumbar_radiographs import lumbar_radiograph

ROOT = Path(__file__).resolve().parents[2]
REAL = ROOT.parent / "shared" / "data" / "lateral-films"
FIRST, FIRST_TURNED, FIRST_ANY = 73_000, 74_500, 73_800
L5_SPAN = 0.5
"""The body seen nearest to a reader's centre of L5 is that one if within so much of the step to its neighbour."""


def films(count, network):
    """Right, asked or wrong on films with and without spacing, of usual columns and of columns as people have them."""
    tallies = {
        "in a pelvis, spacing of the detector": Tally(),
        "in a pelvis, no spacing": Tally(),
        "in a pelvis, any column": Tally(),
    }
    for number in range(count):
        made = lumbar_radiograph(FIRST + number, usual=True)
        first, second, third = tallies.values()
        take(first, series_of(made.pixels, made.spacing_mm), made.landmarks, made.mm, network, made.hidden)
        if number % 2 == 0:
            take(second, series_of(made.pixels, None), made.landmarks, made.mm, network, made.hidden)
            made = lumbar_radiograph(FIRST_ANY + number)
            take(third, series_of(made.pixels, made.spacing_mm), made.landmarks, made.mm, network, made.hidden)
    return tallies


def turned(count, network):
    """What becomes of films held in other ways: a Markdown table."""
    lines = [
        "| in a pelvis, held | films | the right way | asked, or check | the wrong way, no word | not read |",
        "|---|---:|---:|---:|---:|---:|",
    ]
    ways = {
        "upright": (np.asarray, (), max(1, count // 4)),
        "mirrored": (np.fliplr, ("anterior is at the right",), max(1, count // 4)),
        "upside down": (np.flipud, ("the head is at the bottom",), count // 2),
        "upside down, as by half a turn": (
            lambda x: np.flipud(np.fliplr(x)),
            ("the head is at the bottom", "anterior is at the right"),
            count // 2,
        ),
        "on its side, head at the left": (np.rot90, ("turned by 90 degrees",), max(1, count // 8)),
        "on its side, head at the right": (lambda x: np.rot90(x, -1), ("turned by 90 degrees",), max(1, count // 8)),
        "black for white": (lambda x: x.max() - x, (), max(1, count // 4)),
    }
    said = {what for _, needed, _ in ways.values() for what in needed}
    for name, (turn, needed, n) in ways.items():
        became = {"right": 0, "asked": 0, "wrong": 0, "unread": 0}
        for number in range(n):
            made = lumbar_radiograph(FIRST_TURNED + number, usual=True)
            try:
                seen = look_at(series_of(turn(made.pixels), made.spacing_mm), network=network)
            except HeldUncertainError:
                became["asked"] += 1
                continue
            except OvcfError:
                became["unread"] += 1
                continue
            notes = " ".join(seen.notes)
            right = {what for what in said if what in notes} == set(needed)
            became["asked" if "check that the head" in notes else "right" if right else "wrong"] += 1
        lines.append("| " + " | ".join(map(str, (name, n, *became.values()))) + " |")
    return lines


def real_films(network):
    """The six real films: what the program says of each, against the L5 of one reader."""
    counts = {"right": 0, "asked": 0, "wrong": 0, "not read": 0}
    lines = ["| film | levels | held |", "|---|---|---|"]
    for name, facts in sorted(json.loads((REAL / "levels.json").read_text()).items()):
        pixels = np.asarray(Image.open(REAL / name).convert("L"), np.uint16)
        became, held = "not read", "asked"
        with suppress(OvcfError):
            seen = look_at(series_of(pixels, None), network=network)
            held = "; ".join(seen.notes) or "upright, nothing said"
            became = level_of(seen, np.array(facts["L5_centre"], float), pixels.shape)
        counts[became] += 1
        lines.append(f"| {name} | {became} | {held} |")
    return [*lines, "", "Levels: " + ", ".join(f"{n} {what}" for what, n in counts.items()) + "."]


def level_of(seen, l5, shape):
    """Whether the body at a reader's L5 is named so, or asked about; ``l5`` is in the picture as it is stored."""
    notes = " ".join(seen.notes)
    if "the head is at the bottom" in notes:
        l5 = np.array([l5[0], shape[0] - 1 - l5[1]])
    if "anterior is at the right" in notes:
        l5 = np.array([shape[1] - 1 - l5[0], l5[1]])
    if not seen.labellings[0].sure:
        return "asked"
    centres = seen.centres_px
    step = float(np.median(np.linalg.norm(np.diff(centres, axis=0), axis=1)))
    away = np.linalg.norm(centres - l5, axis=1)
    k = int(away.argmin())
    if away[k] > L5_SPAN * step:  # L5 itself is not among the bodies: the nearest one has another name
        return "wrong" if Level.L5 in seen.labellings[0].levels else "right"
    return "right" if seen.labellings[0].levels[k] is Level.L5 else "wrong"


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--model", type=Path)
    parser.add_argument("--patients", type=int, default=60)
    parser.add_argument("--turned", type=int, default=200)
    parser.add_argument("--real", action="store_true")
    args = parser.parse_args()
    network = builtin_network(args.model, model=RADIOGRAPH)
    print("## The built-in model on lumbar films\n")
    print(
        f"Films of {args.patients} digital patients in a pelvis (no training, fit or choice has "
        "seen them): crests, sacrum of five segments that slopes as people's do, hips, bowel gas, shutters, side "
        "markers, a half of them as screenshots or prints. The last row has columns as often as people have them; of a "
        "sixth lumbar vertebra no film of the lumbar spine tells.\n"
    )
    print(HEAD)
    for name, tally in films(args.patients, network).items():
        print(tally.row(name))
    if args.turned:
        print()
        print("\n".join(turned(args.turned, network)))
    if args.real and REAL.exists():
        print("\nReal films (lateral, lumbar, 8-bit, no spacing), read once by each model that was to be shipped:\n")
        print("\n".join(real_films(network)))


if __name__ == "__main__":
    main()
