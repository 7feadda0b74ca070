"""Which vertebra looks fractured, its endplates and posterior wall.

``python -m bench.patients.suggestions [--each N]``. Digital patients of known recipes with their true label maps, so
nothing here is the built-in model's. Truth of shape is the same person's own body before the fracture: an endplate is
involved where it lies a tenth of the posterior height deeper below its posterior corner; the posterior wall where the
recipe says burst, or a fifth of its height is lost. Prints Markdown.
"""

import argparse
from collections import Counter
from dataclasses import replace

import numpy as np

from ovcf.anatomy import Level
from ovcf.assessment.findings.kinds import Endplates, OfSuggestion, PosteriorWall, SuggestedFracture
from ovcf.assessment.result import Provenance
from ovcf.clinical.case import ClinicalCase
from ovcf.errors import PhantomError
from ovcf.geometry import distance
from ovcf.imaging.study import Role, Series, Study
from ovcf.measures.outline.endplates_and_wall import OutlinedBody, profiles
from ovcf.phantom.recipe import FractureRecipe, Recipe, completed
from ovcf.phantom.render import build, render
from ovcf.reading.observing.observe import Found
from ovcf.segmentation.label_map import bodies_from_labels
from ovcf.vocabulary import Modality
from ovcf.workflow.draft import draft

FIRST = 970_000_000
LEVELS = (Level.T11, Level.T12, Level.L1, Level.L2)
KINDS = {
    "none": None,
    "edema only": None,
    "wedge": {"shape": "wedge", "grade": 2},
    "biconcave": {"shape": "biconcave", "grade": 2},
    "crush": {"shape": "crush", "grade": 2},
    "burst": {"shape": "wedge", "grade": 2, "burst": True},
    "old wedge": {"shape": "wedge", "grade": 2, "edema_percent": 0.0, "t2_pattern": "none"},
}
ROLES = {"T1": Role.T1, "T2": Role.T2, "STIR": Role.STIR}


def recipe_of(kind, number):
    """A patient of this kind."""
    level = LEVELS[number % len(LEVELS)]
    common = {"seed": FIRST + number, "schmorl_nodes": (), "haemangiomas": (), "centre": level}
    if kind == "none":
        return Recipe(fractures=(), **common), level
    if kind == "edema only":
        # The least deformity that can be drawn: a wedge of 1 % by HAN's height loss.
        facts = {"shape": "wedge", "vhl_percent": 1.0, "edema_percent": 40.0}
    else:
        facts = {"edema_percent": 45.0} | KINDS[kind]
    return Recipe(fractures=(FractureRecipe(level=level, **facts),), **common), level


def study_of(phantom):
    """The stacks as a study, and the true label maps."""
    series = []
    for contrast, role in ROLES.items():
        series.append(
            Series(
                uid=contrast,
                description=contrast,
                image=phantom.stack.volume(phantom.images[contrast]),
                modality=Modality.MR,
                role=role,
                contrast_agent=False,
            )
        )
    bodies = bodies_from_labels(
        phantom.stack.volume(phantom.vertebra.astype(np.int16)),
        "truth.nii.gz",
        parts=phantom.stack.volume(phantom.part.astype(np.int16)),
        column=phantom.shape.column,
    )
    return Study(tuple(series)), bodies


def truth_of(recipe, level):
    """Endplates and posterior wall of the drawn body against the same body before."""
    whole = completed(recipe)
    (_, after), (_, before) = build(whole), build(replace(whole, fractures=()))
    a, b = (next(x for x in p.shape.bodies if x.level == level) for p in (after, before))
    (sup, inf, _), (sup0, inf0, _) = (profiles(OutlinedBody(x.outline, x.landmarks.array[:4])) for x in (a, b))
    heights = [float(distance(x.landmarks.array[1], x.landmarks.array[3])) for x in (a, b)]
    deep = [float(np.sort(new - old)[-3:].mean()) / heights[1] >= 0.10 for new, old in ((sup, sup0), (inf, inf0))]
    burst = bool(whole.fractures and whole.fractures[0].burst)
    names = {(True, True): "both", (True, False): "superior", (False, True): "inferior", (False, False): "none"}
    return names[tuple(deep)], burst or heights[0] <= 0.8 * heights[1]


def table(head, body):
    """Markdown."""
    return "\n".join("| " + " | ".join(map(str, line)) + " |" for line in [head, ["---"] * len(head), *body])


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--each", type=int, default=3)
    args = parser.parse_args()
    rows, plates, walls, far, bodies_seen = [], Counter(), Counter(), 0, 0
    for kind in KINDS:
        found = first = recent = others = 0
        classes, done = Counter(), 0
        for i in range(args.each):
            recipe, level = recipe_of(kind, 100 * list(KINDS).index(kind) + i)
            try:
                phantom = render(recipe, contrasts=tuple(ROLES))
            except PhantomError:
                continue
            done += 1
            study, bodies = study_of(phantom)
            sex = phantom.recipe.sex
            case = ClinicalCase(sex=None if sex is None else sex.value, age_years=phantom.recipe.age_years)
            made = draft(study, case, Found(bodies=[bodies]), provenance=Provenance("bench", "", "", ())).assessment
            said = [f.level for f in made.suggested_fractures if isinstance(f.data, SuggestedFracture)]
            bodies_seen += len(bodies.levels)
            others += sum(v != level or kind == "none" for v in said)
            if kind == "none":
                continue
            found, first = found + (level in said), first + (said[:1] == [level])
            recent += any(
                f.level == level and isinstance(f.data, SuggestedFracture) and f.data.recent
                for f in made.suggested_fractures
            )
            of = {type(f.data): f.value for f in made.findings if f.level == level}
            classes[of.get(OfSuggestion, "no class")] += 1
            sides, wall = truth_of(recipe, level)
            if PosteriorWall in of:
                plates[sides, of[Endplates]] += 1
                walls["yes" if wall else "no", of[PosteriorWall]] += 1
        far += others
        said = ", ".join(f"{name} {n}" for name, n in sorted(classes.items()))
        none = kind == "none"
        rows.append((kind, done, *(["-"] * 3 if none else [found, first, recent]), others, said or "-"))
    print("## Suggested fractures on digital patients\n")
    print(
        f"True label maps, T1, T2 and STIR, {args.each} patients of each kind, fracture at T11 to L2 (grade 2, edema "
        f"45 % unless old). {far} other vertebrae of {bodies_seen} bodies were suggested.\n"
    )
    print(table(["Drawn", "n", "suggested", "first", "recent", "others suggested", "OF class suggested"], rows))
    print("\nEndplates, drawn against suggested:\n")
    columns = ["none", "superior", "inferior", "both", "cannot be told"]
    kinds = [k for k in columns[:4] if any(a == k for a, _ in plates)]
    print(table(["Drawn", *columns], [(k, *(plates[k, c] for c in columns)) for k in kinds]))
    print("\nPosterior wall, drawn against suggested:\n")
    columns = ["involved", "not or hardly involved"]
    print(table(["Drawn", *columns], [(k, *(walls[k, c] for c in columns)) for k in ("yes", "no")]))


if __name__ == "__main__":
    main()
