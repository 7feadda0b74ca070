"""How often the built-in model's levels are right, wrong, or asked for: ``python -m bench.mri.levels [--patients N]``.

Digital patients of seeds that neither training nor the fit of the evidence draws, five middle slices of one contrast.
Three fields of view: the lumbar spine with the sacrum; the thoracolumbar junction cut off above the last lumbar body;
the thoracic spine. Each is judged with and without the region in the scanner's tags. Prints Markdown.
"""

import argparse
from dataclasses import dataclass

import numpy as np

from ovcf.anatomy import STANDARD_COLUMN, Level, VertebralColumn
from ovcf.errors import LabelSchemeError
from ovcf.imaging.field_of_view import FieldOfView
from ovcf.imaging.volume import Volume
from ovcf.phantom.recipe import Recipe
from ovcf.phantom.render import CONTRASTS, render
from ovcf.segmentation.engine import candidate_labellings
from ovcf.segmentation.levels.level_labels import NAMED, WORTH_SAYING, decided
from ovcf.segmentation.network.builtin_model import builtin_network
from ovcf.segmentation.network.fusion import fused
from ovcf.segmentation.network.inference import slice_maps

FIRST = 960_000_000
FIELDS = {
    "lumbar, with sacrum": (Level.L3, "lumbar"),
    "thoracolumbar, no sacrum": (Level.T12, "thoracolumbar"),
    "thoracic": (Level.T6, "thoracic"),
}
VARIANTS = (VertebralColumn(12, 6), VertebralColumn(13, 5), VertebralColumn(12, 4))
NEAR_MM = 12.0


@dataclass
class Answer:
    """One labelling: what it was worth, and what the levels truly are."""

    field: str
    told: bool
    usual: bool
    probability: float
    right: bool
    asked: bool
    named: bool


def seen(seed, field, column, network):
    """The bodies found in one field of view of a patient, and their true levels (None where a body is none)."""
    centre, _ = FIELDS[field]
    contrast = CONTRASTS[seed % len(CONTRASTS)]
    patient = render(
        Recipe(seed=seed, centre=centre, thoracic=column.thoracic, lumbar=column.lumbar), contrasts=(contrast,)
    )
    voxels, stack = patient.images[contrast], patient.stack
    bodies = patient.shape.bodies
    if field == "thoracolumbar, no sacrum":
        last = bodies[-2].landmarks.array
        rows = int((last[:2, 1].min() - stack.grid.y0) / stack.grid.pixel_mm)
        voxels = voxels[:, : max(rows, 120)]
    kept = slice(stack.middle - 2, stack.middle + 3)
    image = stack.volume(voxels)
    affine = image.affine.copy()
    affine[:3, 3] = image.to_patient([kept.start, 0, 0])
    spine = fused(slice_maps(Volume(voxels[kept], affine), network))
    centres = np.array([b.landmarks.array[:4].mean(axis=0) for b in bodies])
    away = np.linalg.norm(spine.centres[:, None, 1:] * (1, -1) - centres, axis=2)
    true = tuple(bodies[int(row.argmin())].level if row.min() < NEAR_MM else None for row in away)
    return spine, true


def answers(seed, column, network):
    """The labellings of every field of view of one patient."""
    out = []
    for field, (_, region) in FIELDS.items():
        spine, true = seen(seed, field, column, network)
        for told in (False, True):
            found = candidate_labellings(spine, FieldOfView(region, said=("bench",)) if told else None)
            try:
                decided(found, field)
                asked = False
            except LabelSchemeError:
                asked = True
            best = found[0] if found else None
            out.append(
                Answer(
                    field,
                    told,
                    column == STANDARD_COLUMN,
                    best.probability if best else 0.0,
                    best is not None and best.levels == true,
                    asked,
                    any(x.levels == true and x.probability >= WORTH_SAYING for x in found[1 : NAMED + 1]),
                )
            )
    return out


def rows(found):
    """Table rows by field of view, by what the tags say, by anatomy."""
    for field in FIELDS:
        for told in (False, True):
            for usual in (True, False):
                some = [a for a in found if (a.field, a.told, a.usual) == (field, told, usual)]
                if not some:
                    continue
                sure = [a for a in some if not a.asked]
                wrong = [a for a in sure if not a.right]
                stated = f"{np.mean([a.probability for a in sure]):.0%}" if sure else "-"
                yield (
                    field,
                    "yes" if told else "no",
                    "12 + 5" if usual else "variant",
                    str(len(some)),
                    str(len(sure) - len(wrong)),
                    str(sum(a.named for a in wrong)),
                    str(sum(not a.named for a in wrong)),
                    str(len(some) - len(sure)),
                    stated,
                )


def calibration(found):
    """Stated probability against how often the likeliest labelling was right, usual anatomy."""
    for low, high in ((0.0, 0.5), (0.5, 0.7), (0.7, 0.85), (0.85, 0.95), (0.95, 1.01)):
        some = [a for a in found if a.usual and low <= a.probability < high]
        if some:
            yield (
                f"{low:.0%} to {min(high, 1):.0%}",
                str(len(some)),
                f"{np.mean([a.probability for a in some]):.0%}",
                f"{np.mean([a.right for a in some]):.0%}",
            )


def table(head, body):
    """Markdown."""
    lines = [head, ["---"] * len(head), *body]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--patients", type=int, default=12)
    parser.add_argument("--model")
    args = parser.parse_args()
    network = builtin_network(args.model)
    found = []
    for i in range(args.patients):
        # Every fourth is a variant, which is far more than people have.
        column = VARIANTS[i // 4 % len(VARIANTS)] if i % 4 == 3 else STANDARD_COLUMN
        found += answers(FIRST + i, column, network)
    print("## Levels of vertebrae\n")
    print(
        f"{args.patients} digital patients, three fields of view each, every fourth patient with six or four lumbar or "
        "thirteen thoracic vertebrae (chosen, not as often as in people). Right: decided, and every level true. Wrong: "
        "decided and untrue, named as what it could also be or not. Asked: below 95 %, one level must be stated.\n"
    )
    head = ["Field of view", "region in tags", "anatomy", "n", "right", "wrong, but named", "wrong", "asked", "stated"]
    print(table(head, rows(found)))
    print("\nCalibration, usual anatomy, with and without tags:\n")
    print(table(["Stated", "n", "mean", "right"], calibration(found)))


if __name__ == "__main__":
    main()
