"""What tells vertebrae apart.

``python -m training.evidence.level_evidence [--model FILE.onnx]``, of digital and real patients. Run it again whenever
the built-in model changes (a minute or two on an idle machine; it prints what it fitted). It writes
``model/level_evidence.json``: sizes, wedging and curvature by level of intact spines of the shape model; how the
built-in model errs in them; what it says of the sacrum when the last body it found is the last lumbar vertebra, the one
above, one farther up, or the sacrum itself; and how much the shape of neighbours is worth together. Beside digital
patients it looks at real T1 images of patients learnt from, whose S1 was drawn (``real_levels.py``).
"""

from __future__ import annotations

import argparse
import json
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from scipy.ndimage import gaussian_filter

from ovcf.anatomy import STANDARD_COLUMN, Level, VertebralColumn
from ovcf.errors import PhantomError
from ovcf.imaging.volume import Volume
from ovcf.phantom.raster import Grid
from ovcf.phantom.recipe import Recipe
from ovcf.phantom.render import CONTRASTS, build
from ovcf.phantom.scanner import Scanner, Stack, draw_stack
from ovcf.phantom.shape import sample_spine
from ovcf.segmentation.levels import level_evidence
from ovcf.segmentation.levels.level_evidence import (
    BELOW_CLASSES,
    FEATURES,
    ROOMY_PITCHES,
    Below,
    ColumnSeen,
    class_of,
    column_seen,
)
from ovcf.segmentation.levels.level_labels import labellings
from ovcf.segmentation.network.builtin_model import builtin_network, model_card
from ovcf.segmentation.network.fusion import fused
from ovcf.segmentation.network.inference import slice_maps
from training.mri.real_levels import learnt_t1, levels_of, untouched_t1, volume_of
from training.network.model_digests import write_digests

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from ovcf.phantom.shape import SpineShape
    from ovcf.segmentation.network.fusion import SpineMap
    from ovcf.segmentation.network.inference import Network

    Array = NDArray[np.float64]

OUT = Path(__file__).resolve().parents[2] / "src/ovcf/segmentation/model/level_evidence.json"
SEED, FIRST = 31, 700_000_000
LEVELS = [v for v in Level if v.region in ("thoracic", "lumbar") and v not in (Level.T13, Level.L6)] + [Level.S1]
NEAR_MM, VIEWS, MISSED = 12.0, 4, 0.15
MIN_SD = (0.04, 0.04, 0.05, 2.5)
"""The shape model gives levels outside the survey one wedge for all; people differ."""
MIN_SEEN, MIN_GAP_SD, HINT, RIDGE = 4, 0.15, 0.2, 0.1
TRUST = np.array([2.5, 2.5, 1.0])
"""Towards this the trust is drawn, by a little (a choice)."""
GAP_OTHERWISE = {"last lumbar": (0.65, 0.1), "one above": (1.65, 0.2), "farther": (1.5, 0.5), "sacral": (0.5, 0.2)}
"""Distance of the sacrum in pitches where too few were seen (chosen)."""
HARM = (0.3, 0.9, 1.6)
"""How far views are spoilt; 1 is about the worst that is still reported in practice (a choice)."""
TEMPERS = (0.2, 0.3, 0.4, 0.5, 0.6, 0.8, 1.0)
MAX_WORTH = 0.5
"""Real people differ from the shape model more than its samples do: more is not believed."""
NO_WORSE = 0.01
"""Of two tempers whose mean log-probabilities differ by less than this, some 260 images cannot tell the better."""


def true_features(corners: Array) -> Array:
    """Features ``(n, 4)`` of bodies from their true corners ``(n, 4, 2)`` in the plane of the shape model."""
    centres = corners.mean(axis=1)
    depth = np.linalg.norm(corners[:, [1, 3]] - corners[:, [0, 2]], axis=2).mean(axis=1)
    heights = np.linalg.norm(corners[:, [2, 3]] - corners[:, [0, 1]], axis=2)
    patient = np.stack([0 * centres[:, 0], centres[:, 0], -centres[:, 1]], axis=1)
    return ColumnSeen(patient, depth, np.log(heights[:, 1] / heights[:, 0])).features


def shapes(people: int) -> dict[str, dict[str, list[float]]]:
    """Mean and SD over intact people of the features by level, a person's own size taken off."""
    rng = np.random.default_rng(SEED)
    spines = [sample_spine(rng).bodies for _ in range(people)]
    found = np.array([true_features(np.array([b.landmarks.array[:4] for b in spine])) for spine in spines])
    own = np.nanmean(found[:, :, :2], axis=(1, 2), keepdims=True)
    found[:, :, :2] += own.mean() - own
    # Nothing is measured below S1 nor above T1: there as at the neighbour.
    found[:, -1, 0], found[:, 0, 3], found[:, -1, 3] = found[:, -2, 0], found[:, 1, 3], found[:, -2, 3]
    mean, sd = found.mean(axis=0).round(4).tolist(), np.maximum(found.std(axis=0), MIN_SD).round(4).tolist()
    return {level.value: {"mean": m, "sd": s} for level, m, s in zip(LEVELS, mean, sd, strict=True)}


@dataclass(frozen=True, eq=False)
class Sample:
    """What the model saw of a digital patient: the column, the true level of each body, their true features."""

    seen: ColumnSeen
    levels: tuple[Level, ...]
    column: VertebralColumn
    features: Array


def samples(network: Network, patients: int) -> list[Sample]:
    """Digital patients through the model, each in a few views: whole or cut off in its lower half, clean or spoilt.

    Spoilt beyond what scanners do, so that the model errs as it may on images unlike those it was trained on.
    """
    found = []
    for seed in range(FIRST, FIRST + patients):
        rng = np.random.default_rng([seed, 41])
        centre = Level(rng.choice(["T8", "T10", "L1", "L2", "L3"], p=[0.1, 0.1, 0.2, 0.3, 0.3]))
        lumbar = int(rng.choice([4, 5, 6], p=[0.1, 0.8, 0.1]))
        try:
            shape, image = scanned(Recipe(seed=seed, centre=centre, lumbar=lumbar), str(rng.choice(CONTRASTS)))
        except PhantomError:
            continue
        for view in range(VIEWS):
            share = 1.0 if view % 2 else rng.uniform(0.55, 0.98)
            voxels = spoilt(image.voxels[:, : int(share * image.voxels.shape[1])], rng, harm=HARM[view % len(HARM)])
            spine = fused(slice_maps(Volume(voxels, image.affine), network))
            # One time in five the last body is taken away, as if the model had missed it.
            if rng.random() < MISSED and len(spine) > 3:
                spine = without_last(spine)
            if (one := sample_of(spine, shape)) is not None:
                found.append(one)
    return found


def real_samples(network: Network, images: int) -> list[Sample]:
    """Real T1 images with drawn levels through the model, each in a few views as :func:`samples` makes them."""
    found = []
    for k, name in enumerate(learnt_t1(images)):
        rng = np.random.default_rng([k, 43])
        image, polygons, pixel = untouched_t1(name)
        lowest = {level: float(polygons[level][:, 0].max()) for level in ("L3", "L4", "L5", "S1")}
        for view in range(VIEWS):
            rows = len(image)
            if view % 2 == 0:
                # Cut off at any height from the middle of L4 to below S1: there levels are mistaken.
                rows = int(min(rows, rng.uniform(0.5 * (lowest["L3"] + lowest["L4"]), lowest["S1"] + 40)))
            cropped = volume_of(spoilt(image[None, :rows], rng, harm=HARM[view % len(HARM)]), pixel)
            spine = fused(slice_maps(cropped, network))
            levels = levels_of(spine, cropped, polygons) if len(spine) >= 3 else None
            if levels is not None:
                nothing = np.full((len(levels), len(FEATURES)), np.nan)
                found.append(Sample(column_seen(spine), levels, STANDARD_COLUMN, nothing))
    return found


def scanned(recipe: Recipe, contrast: str) -> tuple[SpineShape, Volume]:
    """A patient's shape and middle slice in pixels of 1 mm, which is what the network sees anyway."""
    recipe, patient = build(recipe)
    drawn = draw_stack(recipe, patient)
    n = int(drawn.grid.rows * drawn.grid.pixel_mm)
    stack = Stack(
        grid=Grid(drawn.grid.x0, drawn.grid.y0, 1.0, n, n),
        laterals=drawn.laterals[drawn.middle : drawn.middle + 2],
        thickness_mm=drawn.thickness_mm,
    )
    patient.calibrate(Grid(drawn.grid.x0, drawn.grid.y0, 2.0, n // 2, n // 2), stack.laterals[:1])
    plane = patient.plane(stack.laterals[0], stack.grid)
    image = Scanner(recipe, patient, (contrast,)).scan(stack, 0, plane.tissue)[contrast]
    return patient.shape, stack.volume(np.asarray(image, np.float32)[None])


def spoilt(image: NDArray[Any], rng: np.random.Generator, harm: float) -> NDArray[np.float32]:
    """A slice with noise, blur, uneven coil and another tone curve, up to far more than a scanner gives."""
    top = float(np.percentile(image, 99.5))
    out = gaussian_filter(np.clip(image / top, 0, 1.5), (0, *rng.uniform(0, 3.0 * harm, 2)))
    rows, columns = np.mgrid[-1 : 1 : out.shape[1] * 1j, -1 : 1 : out.shape[2] * 1j]
    out = out ** np.exp(rng.normal(0, 0.6 * harm)) * np.exp(harm * (rng.normal() * rows + rng.normal() * columns))
    return np.abs(out + rng.uniform(0, 0.2 * harm) * rng.standard_normal(out.shape)).astype(np.float32)


def without_last(spine: SpineMap) -> SpineMap:
    """The column as if its last body had not been found; what was seen of the sacrum is farther away then."""
    step = float(np.linalg.norm(spine.centres[-1] - spine.centres[-2]))
    return replace(
        spine,
        instances=np.where(spine.instances == len(spine), 0, spine.instances),
        centres=spine.centres[:-1],
        certainty=spine.certainty[:-1],
        canal=spine.canal[:-1],
        sacrum_mm=None if spine.sacrum_mm is None else spine.sacrum_mm + step,
    )


def sample_of(spine: SpineMap, shape: SpineShape) -> Sample | None:
    """The bodies found beside the true ones; None where a body found is none, or one between is missing."""
    if len(spine) < 3:
        return None
    corners = np.array([b.landmarks.array[:4] for b in shape.bodies])
    true = corners.mean(axis=1)
    away = np.linalg.norm(spine.centres[:, None, 1:] * (1, -1) - true, axis=2)
    nearest = away.argmin(axis=1)
    if away.min(axis=1).max() > NEAR_MM or (np.diff(nearest) != 1).any():
        return None
    levels = tuple(shape.bodies[i].level for i in nearest)
    return Sample(column_seen(spine), levels, shape.column, true_features(corners)[nearest])


def drawn_errors(found: list[Sample]) -> dict[str, list[float]]:
    """Bias and robust SD of each feature as the model draws it."""
    rows = np.concatenate([one.seen.features - one.features for one in found])
    bias = np.nanmedian(rows, axis=0)
    return {
        "bias": bias.round(4).tolist(),
        "sd": (1.4826 * np.nanmedian(np.abs(rows - bias), axis=0)).round(4).tolist(),
    }


def below(found: list[Sample]) -> dict[str, Any]:
    """What is seen below the last body, by what that body is: how often a sacrum, with little and with much room below;
    at what distance; and how far to trust that.
    """
    rows = [(class_of(one.levels[-1], one.column), one.seen.below) for one in found if one.seen.below]
    seen, gap = {}, {}
    count = [sum(k == c for c, _ in rows) for k in range(len(BELOW_CLASSES))]
    for k, name in enumerate(BELOW_CLASSES):
        mine = [b for c, b in rows if c == k]
        parts = [[b for b in mine if (b.room_pitches >= ROOMY_PITCHES) == roomy] for roomy in (False, True)]
        # A little of either is added, so that nothing is impossible.
        seen[name] = [
            round((sum(b.sacrum_pitches is not None for b in part) + HINT) / (len(part) + 2 * HINT), 3)
            for part in parts
        ]
        gaps = [b.sacrum_pitches for b in mine if b.sacrum_pitches is not None]
        mean, sd = (np.mean(gaps), np.std(gaps)) if len(gaps) >= MIN_SEEN else GAP_OTHERWISE[name]
        gap[name] = [round(float(mean), 3), round(max(float(sd), MIN_GAP_SD), 3)]
    # How often the model takes S1 for a body where it might; half a time is added.
    sacral = round((count[3] + 0.5) / (count[0] + count[3] + 1), 3)
    return {"images": count, "seen": seen, "gap": gap, "trust": trust(rows, gap), "sacral_share": sacral}


def trust(rows: list[tuple[int, Below]], gap: dict[str, list[float]]) -> list[float]:
    """Logistic regression, on the certainties, of whether the distance of the sacrum tells what the last body is."""
    from scipy.optimize import minimize

    mean, sd = np.array([gap[name] for name in BELOW_CLASSES]).T
    seen = [(c, b) for c, b in rows if b.sacrum_pitches is not None]
    x = np.array([b.doubts for _, b in seen])
    said = np.array([np.argmax(-0.5 * ((b.sacrum_pitches - mean[:2]) / sd[:2]) ** 2) for _, b in seen])
    sign = np.where(said == [c for c, _ in seen], 1.0, -1.0)

    def loss(w: Array) -> float:
        return float(np.logaddexp(0, -sign * (x @ w)).sum() + RIDGE * ((w - TRUST) ** 2).sum())

    # Being unsure never makes it more to be trusted, however few errors were seen.
    found = minimize(loss, TRUST, method="L-BFGS-B", bounds=[(None, None), (0, None), (0, None)])
    return [round(float(v), 3) for v in found.x]


def worth(found: list[Sample]) -> tuple[float, dict[float, float]]:
    """The least temper under which true labellings of shape alone are as likely as under any, and the mean
    log-probability of each."""
    scores = {}
    for temper in TEMPERS:
        logs = []
        for one in found:
            ranked = labellings(replace(one.seen, below=None), temper=temper)
            logs.append(np.log(sum(x.probability for x in ranked if x.levels == one.levels) + 1e-6))
        scores[temper] = round(float(np.mean(logs)), 3)
    return min(temper for temper, score in scores.items() if score > max(scores.values()) - NO_WORSE), scores


def main() -> None:
    """Fit and write the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--model", type=Path)
    parser.add_argument("--people", type=int, default=400)
    parser.add_argument("--patients", type=int, default=80)
    parser.add_argument("--real", type=int, default=60, help="real T1 images")
    args = parser.parse_args()
    made = {
        "made_by": "training/evidence/level_evidence.py",
        "features": list(FEATURES),
        "classes": list(BELOW_CLASSES),
        "levels": shapes(args.people),
        "drawn": {"bias": [0.0] * 4, "sd": [0.0] * 4},
    }
    network = builtin_network(args.model)
    digital, real = samples(network, args.patients), real_samples(network, args.real)
    found = digital + real
    made["model"] = str(args.model.name) if args.model else model_card()["version"]
    made["images"], made["real_images"] = len(found), len(real)
    made["drawn"], made["below"] = drawn_errors(found), below(found)
    made["temper"] = MAX_WORTH
    write(made)
    best, scores = worth(found)
    made["temper"] = min(best, MAX_WORTH)
    write(made)
    print(f"{len(found)} images; last body found is {dict(zip(BELOW_CLASSES, made['below']['images'], strict=True))}")
    print("a sacrum is seen (little, much room below):", made["below"]["seen"])
    print("at so many pitches:", made["below"]["gap"])
    print("trust in that distance: constant, certainty of sacrum, of the last body:", made["below"]["trust"])
    print(
        "the model draws",
        *(f"{f} {b:+.3f} ± {s:.3f};" for f, b, s in zip(FEATURES, *made["drawn"].values(), strict=True)),
    )
    print("mean log-probability of the truth by shape alone:", scores, f"-> temper {made['temper']}")
    for name, part in (("digital", digital), ("real", real)):
        best = [labellings(one.seen)[0] for one in part]
        share = np.mean([a.levels == one.levels for a, one in zip(best, part, strict=True)])
        print(f"{name}: likeliest labelling right in {share:.0%} of {len(part)} images, mean probability")
        print(f"{np.mean([a.probability for a in best]):.0%}; the last body is S1 in", end=" ")
        print(sum(class_of(one.levels[-1], one.column) == len(BELOW_CLASSES) - 1 for one in part))


def write(made: dict[str, Any]) -> None:
    """Write the table and have it read anew."""
    OUT.write_text(json.dumps(made, indent=1) + "\n", encoding="utf-8")
    write_digests()
    level_evidence.tables.cache_clear()
    level_evidence.expected.cache_clear()


if __name__ == "__main__":
    main()
