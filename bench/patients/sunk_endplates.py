"""Digital patients with a sunk endplate, without mask and without history: is the grade right, is a fracture missed?

``python -m bench.patients.sunk_endplates [--patients 40] [--jobs 1]``. Every patient has one fracture at T11 to L2, two
of three biconcave and the third a wedge, of grade 1, 2 and 3 in turn, and whatever its seed draws beside it. The
program is given T1, T2 and STIR and nothing else; where it asks for a level, the true one is given. The true grade is
Genant's of the drawn landmarks. What came out is kept in a file of JSON lines, so that a long run goes on where it
stopped.
"""

import argparse
import json
import multiprocessing
import sys
import tempfile
from pathlib import Path

import numpy as np

from bench.patients.digital_patients import _anchor, keep_to_one_core, kept_rows, version
from bench.patients.kinds import SITES
from ovcf.anatomy import Level
from ovcf.assessment.findings.kinds import SpineGrades, SqGrade, SuggestedFracture
from ovcf.errors import OvcfError
from ovcf.imaging.read import read_study
from ovcf.landmarks import POINTS
from ovcf.phantom.patient import make_patient
from ovcf.phantom.recipe import FractureRecipe, Recipe, completed
from ovcf.segmentation.network.landmark_maps import mri_bias
from ovcf.segmentation.network.model_files import model_file
from ovcf.workflow.from_files import draft_from_files

FIRST = 53_000
KEPT = Path(__file__).resolve().parents[2] / "build" / "sunk_endplates.jsonl"
LOSS = "sq-loss-"
SHAPES = ("biconcave", "biconcave", "wedge")
PLAUSIBLE = 0.05
"""From this probability on the report names another grade beside the likeliest."""


def recipe_of(seed):
    """A patient whose only fracture has a sunk endplate."""
    level = SITES[int(np.random.default_rng([seed, 53]).integers(len(SITES)))]
    number = seed - FIRST
    fracture = FractureRecipe(level=level, shape=SHAPES[number % 3], grade=1 + number // 3 % 3)
    return completed(Recipe(seed=seed, fractures=(fracture,), schmorl_nodes=()))


def word_on(level, assessment):
    """What the program says of a vertebra beside its grade: not graded, suggested, or None."""
    for finding in assessment.findings:
        if isinstance(finding.data, SpineGrades) and any(u.level in (level, None) for u in finding.data.ungraded):
            mine = [u for u in finding.data.ungraded if u.level == level] or finding.data.ungraded
            return ["not graded", mine[0].reason]
    if any(f.level == level and isinstance(f.data, SuggestedFracture) for f in assessment.suggested_fractures):
        return ["suggested", ""]
    return None


def examined(seed):
    """A row for every vertebra that lies wholly in the images."""
    row = {"seed": seed, "route": "model"}
    with tempfile.TemporaryDirectory() as folder:
        try:
            (visit,) = make_patient(recipe_of(seed), Path(folder, "patient"), radiograph=False)
        except OvcfError as error:
            return [row | {"broken": f"not drawn: {error}"}]
        truth = json.loads((visit / "truth" / "truth.json").read_text())
        assessment, asked = draft_from_files([visit / "study"]).assessment, False
        if assessment.questions:
            anchor, asked = _anchor(visit, read_study([visit / "study"])), True
            if anchor is not None:
                assessment = draft_from_files([visit / "study"], anchors=[anchor]).assessment
    (drawn,) = truth["drawn"]["fractures"]
    bodies = []
    for name, facts in truth["levels"].items():
        level = Level(name)
        graded = [f.data for f in assessment.findings if f.level == level and isinstance(f.data, SqGrade)]
        losses = {m.method.id: round(m.value, 2) for m in assessment.measurements if m.index_level == level}
        bodies.append(
            {
                "level": name,
                "true": facts["sq-grade"],
                "true loss": {
                    shape: round(100 * (1 - facts[ratio]), 2)
                    for shape, ratio in (("wedge", "wedge-ratio"), ("biconcave", "biconcave-ratio"))
                },
                "grade": graded[0].grade if graded else None,
                "probability": dict(graded[0].probability) if graded else {},
                "loss": {k.removeprefix(LOSS): v for k, v in losses.items() if k.startswith(LOSS)},
                "word": word_on(level, assessment),
            }
        )
    return [row | {"asked": asked, "index": drawn["level"], "shape": drawn["shape"], "bodies": bodies}]


def judged(body):
    """What became of a vertebra: right, or in which way not."""
    if body["grade"] is None:
        return "not graded" if body["word"] and body["word"][0] == "not graded" else "without a word"
    if body["grade"] == body["true"]:
        return "right"
    if body["probability"].get(str(body["true"]), 0) >= PLAUSIBLE:
        return "true grade named beside"
    if body["true"] and not body["grade"]:
        return "called sound, but suggested" if body["word"] else "without a word"
    return "wrong"


OUTCOMES = ("right", "true grade named beside", "wrong", "not graded", "called sound, but suggested", "without a word")


def too_low_mm():
    """How much lower than drawn the heights of digital patients come out on average: Ha, Hm, Hp.

    What is taken off is the mean of what these patients and traced people say (``mri_bias``).
    """
    drawn = np.array([json.loads(model_file("landmark_bias.json"))["bias_mm"][name] for name in POINTS])[:, 1]
    (sa, sp, ia, ip, sm, im) = drawn - mri_bias().mean_mm[:, 1]
    return sa - ia, sm - im, sp - ip


def line(name, bodies):
    """One row of the table."""
    found = [judged(b) for b in bodies]
    graded = [b for b in bodies if b["grade"] is not None]
    right = sum(b["grade"] == b["true"] for b in graded)
    return (
        f"| {name} | {len(bodies)} | "
        + " | ".join(str(found.count(o)) for o in OUTCOMES)
        + (f" | {right} of {len(graded)}, {right / len(graded):.0%} |" if graded else " | - |")
    )


def page(rows):
    """The section in Markdown."""
    told = [r for r in rows if "broken" not in r]
    index = [(r, b) for r in told for b in r["bodies"] if b["level"] == r["index"]]
    sound = [b for r in told for b in r["bodies"] if b["level"] != r["index"] and b["true"] == 0]
    yield "## Sunk endplates on digital patients\n"
    first, last = min(r["seed"] for r in rows), max(r["seed"] for r in rows)
    yield (
        f"{len(told)} digital patients (seeds {first} to {last}, {len(rows) - len(told)} of them could not be drawn), "
        "who set nothing. Each has one fracture at T11 to L2 with a sunk endplate. The program was given T1, T2 and "
        f"STIR without mask, history or index level; it asked for a level in {sum(r['asked'] for r in told)}, and was "
        "given it. A grade is right where it is Genant's of the drawn landmarks. Grade 1 is 5 points of height loss "
        f"wide. Another grade is named in the report from a probability of {PLAUSIBLE:.0%}. Without a word: called "
        "sound or left out, and nothing in the report says that it may be fractured or was not graded.\n"
    )
    yield "| Vertebrae | n | " + " | ".join(OUTCOMES) + " | right of those graded |"
    yield "|---|" + "---:|" * (len(OUTCOMES) + 2)
    for grade in (1, 2, 3):
        yield line(f"fractured, grade {grade}", [b for _, b in index if b["true"] == grade])
    for shape in dict.fromkeys(SHAPES):
        yield line(f"fractured, {shape}", [b for r, b in index if r["shape"] == shape])
    yield line("fractured, all", [b for _, b in index])
    yield line("sound by the same rule", sound)
    low = [b["loss"][k] - b["true loss"][k] for _, b in index if b["loss"] for k in ("biconcave",)]
    ha, hm, hp = too_low_mm()
    yield (
        "\nWhere landmarks lie on MRI is the mean of what digital patients and people traced by hand say "
        "([decision 6](decisions/006-where-landmarks-lie.md)). On digital patients alone anterior, middle and "
        f"posterior heights therefore come out {ha:.1f}, {hm:.1f} and {hp:.1f} mm too low: a posterior height that is "
        "too low by more than the middle one hides a part of a biconcave loss. Measured less drawn loss of the middle "
        f"height: {np.mean(low):+.1f} points on average, SD {np.std(low):.1f}."
    )
    amiss = [(r, b) for r, b in index if judged(b) != "right"]
    if amiss:
        yield "\n| Patient | vertebra | true grade (losses) | grade (losses) | what is said |\n|---|---|---|---|---|"
    for r, b in amiss:
        losses = [", ".join(f"{k} {v:.1f}" for k, v in b[n].items()) for n in ("true loss", "loss")]
        chances = ", ".join(f"grade {g}: {p:.0%}" for g, p in b["probability"].items() if p >= 0.005)
        said = ": ".join(filter(None, b["word"] or ["nothing more"]))
        yield (
            f"| {r['seed']} | {b['level']} {r['shape']} | {b['true']} ({losses[0]}) | "
            f"{'-' if b['grade'] is None else b['grade']} ({losses[1] or '-'}) | "
            f"{'; '.join(filter(None, (chances, said)))} |"
        )


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--patients", type=int, default=40)
    parser.add_argument("--jobs", type=int, choices=(1, 2), default=1)
    parser.add_argument("--kept", type=Path, default=KEPT, help="file of JSON lines")
    args = parser.parse_args()
    key, seeds = version(), range(FIRST, FIRST + args.patients)
    done = {r["seed"] for r in kept_rows(args.kept, key)}
    args.kept.parent.mkdir(exist_ok=True)
    missing = [seed for seed in seeds if seed not in done]
    with multiprocessing.get_context("spawn").Pool(args.jobs, keep_to_one_core) as pool, args.kept.open("a") as file:
        for n, rows in enumerate(pool.imap_unordered(examined, missing), 1):
            file.writelines(json.dumps({"version": key, **row}) + "\n" for row in rows)
            file.flush()
            print(f"seed {rows[0]['seed']}: {n} of {len(missing)}", file=sys.stderr, flush=True)
    print("\n".join(page([r for r in kept_rows(args.kept, key) if r["seed"] in seeds])))


if __name__ == "__main__":
    main()
