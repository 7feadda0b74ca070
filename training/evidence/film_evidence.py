"""How far what a film shows below the last body may be trusted: ``python -m training.evidence.film_evidence``.

Writes ``model/film_evidence.json`` and prints a reliability curve (each film judged by a fit to the others). Films are
digital patients in a pelvis (``lumbar_radiographs.py``, usual columns) and, where the folder ``shared`` is, real
anatomy of patients held back from training, shown as films (``real_films.py``). Run it when the radiograph model
changes.
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from typing import NamedTuple

import numpy as np

from ovcf.anatomy import Level
from ovcf.errors import OvcfError
from ovcf.imaging.study import Role, Series
from ovcf.imaging.volume import Calibration, ImagePlane
from ovcf.segmentation.film import radiograph
from ovcf.segmentation.film.radiograph_anchor import SacralAnchor, as_far_as_trusted
from ovcf.segmentation.levels.level_labels import Labelling
from ovcf.segmentation.network.builtin_model import RADIOGRAPH, builtin_network, model_card
from ovcf.vocabulary import Modality
from training.films.beam import Beam
from training.films.lumbar_radiographs import lumbar_radiograph
from training.films.overlay import Overlay
from training.films.projections import draw_person
from training.films.real_films import film_of
from training.mri.real_mri import DATA, PIXEL_MM, t1_exam, t1_names
from training.network.model_digests import write_digests

OUT = Path(__file__).resolve().parents[2] / "src/ovcf/segmentation/model/film_evidence.json"
FIRST, FIRST_OVER = 66_000, 68_000
NEAR_MM = 13.0
_RIDGE = 0.3
DETAILS = False
_MOST_WITHOUT = 0.8
"""Where no anchor is seen it is asked, whatever this set says."""


class Judged(NamedTuple):
    """One film: where from, what is seen below, the labellings by all else, and whether the best of them is right."""

    source: str
    anchor: SacralAnchor | None
    found: tuple[Labelling, ...]
    right: bool


def real_film(number: int) -> tuple[np.ndarray, dict[Level, np.ndarray], float]:
    """Pixels, middles of L1 to S1 (column, row) and mm per pixel of a real anatomy held back, shown as a film."""
    rng = np.random.default_rng([number, 96])
    names = t1_names(judge=True)
    exam = t1_exam(names[number % len(names)])
    patient, pelvis = draw_person(FIRST_OVER + number)
    s1 = patient.frames[Level.S1].centre
    beam = Beam.drawn(rng, s1 + rng.uniform(-20, 20, 2) - (0, 40))
    overlay = Overlay.drawn(rng, patient, beam, pelvis)
    picture, _, start = film_of(rng, exam, overlay, beam.seen_at(s1, patient.lateral_mm(Level.S1)))
    levels = (*(Level(f"L{k}") for k in range(1, 6)), Level.S1)
    places = dict(zip(levels, (exam.places - start)[:, ::-1], strict=True))
    return np.asarray(np.clip(picture, 0, 1) * 4095, np.uint16), places, PIXEL_MM


def judged(
    source: str, pixels: np.ndarray, places: dict[Level, np.ndarray], mm: float, spacing: float | None, network: object
) -> Judged | None:
    """A film read as it lies; None where no body of known level is found."""
    spacings, calibration = (None, Calibration.NONE) if spacing is None else ((spacing,) * 2, Calibration.DETECTOR)
    image = ImagePlane(pixels, spacings, calibration, oriented=True)
    try:
        seen = radiograph.look_at(Series("1", "film", image, Modality.RADIOGRAPH, Role.RADIOGRAPH), network=network)
    except OvcfError:
        return None
    found = seen.by_evidence
    away = np.linalg.norm(seen.centres_px[:, None] - np.array(list(places.values())), axis=-1) * mm
    if not found or away.min() > NEAR_MM:
        return None
    # The lowest body whose level is known: what is missed or doubled above it is found by its steps (counting).
    levels = list(places)
    last = max(k for k, row in enumerate(away) if row.min() <= NEAR_MM)
    true = levels[int(away[last].argmin())]
    if DETAILS:
        names = [str(levels[int(row.argmin())]) if row.min() <= NEAR_MM else "-" for row in away]
        print(
            source,
            *names,
            "|",
            found[0],
            f"{found[0].probability:.2f}",
            f"{found[0].usual:.2f}",
            seen.anchor,
            flush=True,
        )
    return Judged(source, seen.anchor, found, found[0].levels[last] is true)


def fitted(films: list[Judged]) -> dict[str, object]:
    """The logistic regression of being right on what is seen, its weights drawn towards a common start."""
    seen = [f for f in films if f.anchor is not None and f.anchor.seen]
    x = np.array([f.anchor.features for f in seen])
    y = np.array([f.right for f in seen], float)
    w = np.zeros(x.shape[1])
    keep = _RIDGE * np.diag([0.05, *([1.0] * (x.shape[1] - 1))])
    for _ in range(50):
        p = 1 / (1 + np.exp(-x @ w))
        w = w + np.linalg.solve(x.T @ (x * (p * (1 - p))[:, None]) + keep, x.T @ (y - p) - keep @ w)
    none = [f.right for f in films if f not in seen]
    share = min(_MOST_WITHOUT, (sum(none) + 1) / (len(none) + 2))
    return {"without_anchor": round(share, 3), "trust": [round(float(v), 3) for v in w]}


def curve(films: list[Judged]) -> None:
    """Print what was claimed against what was right, film by film judged by a fit to the rest."""
    best = []
    for k, f in enumerate(films):
        fit = fitted([other for j, other in enumerate(films) if j % 5 != k % 5])
        seen = f.anchor is not None and f.anchor.seen
        share = 1 / (1 + np.exp(-f.anchor.features @ np.array(fit["trust"]))) if seen else fit["without_anchor"]
        best.append(as_far_as_trusted(f.found, float(share))[0])
    c, s, r = np.array([x.usual for x in best]), np.array([x.sure for x in best]), np.array([f.right for f in films])
    for low, high in ((0, 0.5), (0.5, 0.8), (0.8, 0.95), (0.95, 0.98), (0.98, 1.01)):
        here = (c >= low) & (c < high)
        if here.any():
            claim = f"claimed {low:.2f} to {min(high, 1):.2f}: {c[here].mean():.3f} on average"
            print(f"{claim}, {r[here].mean():.3f} right (n {here.sum()})")
    print(f"sure {s.sum()} of {len(s)}: {r[s].sum()} right, {(~r[s]).sum()} wrong")
    before = np.array([f.found[0].sure for f in films])
    print(f"without this: sure {before.sum()}: {r[before].sum()} right, {(~r[before]).sum()} wrong")


def main() -> None:
    """Read films, fit, write."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--digital", type=int, default=52)
    parser.add_argument("--real", type=int, default=63)
    parser.add_argument("--model", type=Path, help="another model than the shipped one; nothing is written then")
    parser.add_argument("--details", action="store_true", help="print what is seen of every film")
    args = parser.parse_args()
    globals()["DETAILS"] = args.details
    network = builtin_network(args.model, model=RADIOGRAPH)
    # What is refused is not mistaken either; but here every film tells something.
    radiograph._MIN_CONFIDENCE = radiograph._MIN_CANAL = -1.0
    films = []
    for seed in range(FIRST, FIRST + args.digital):
        made = lumbar_radiograph(seed, usual=True)
        places = {v.level: v.array[: 2 if v.level is Level.S1 else 4].mean(axis=0) for v in made.landmarks}
        films.append(judged("digital", made.pixels, places, made.mm, made.spacing_mm if seed % 2 else None, network))
    for number in range(args.real if DATA.exists() else 0):
        pixels, places, mm = real_film(number)
        films.append(judged("real anatomy", pixels, places, mm, 1.2 * mm, network))
    kept = [f for f in films if f is not None]
    for source in ("digital", "real anatomy"):
        print(f"\n{source}, {sum(f.source == source for f in kept)} films")
        part = [f for f in kept if f.source == source]
        if part:
            for f in part:
                if not f.right:
                    print("wrong", f.found[0].sure, f.anchor)
    print()
    curve(kept)
    version = model_card(RADIOGRAPH)["version"]
    facts = {"made_by": "training/evidence/film_evidence.py", "model": version, "films": len(kept), **fitted(kept)}
    print(facts)
    if args.model is None:
        OUT.write_text(json.dumps(facts, indent=1) + "\n", encoding="utf-8")
        write_digests()


if __name__ == "__main__":
    main()
