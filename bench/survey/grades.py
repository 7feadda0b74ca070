"""Grades from landmarks against the survey's expert readers, vertebra by vertebra."""

from collections.abc import Callable

import numpy as np
from statsmodels.stats.inter_rater import cohens_kappa

from bench.measured import keep
from ovcf.anatomy import Level
from ovcf.landmarks import Source, SpineLandmarks, VertebraLandmarks
from ovcf.measures.shape.morphometry import eastell, two_criteria
from ovcf.measures.shape.semiquantitative import sq_from_measurement
from ovcf.render.worklist.entry import Measured
from ovcf.vocabulary import Modality
from scripts import nhanes

SOURCE = Source(modality=Modality.DXA, placed_by="survey", calibrated=False)
RULES = ("plain", "level-normalised")
ALGORITHMS = {"Eastell": eastell, "Two criteria": two_criteria}
WEIGHTS = ("linear", "quadratic")
RESAMPLES = 1000


def spines(survey: nhanes.Survey) -> list[SpineLandmarks]:
    """The landmarks of every person, of the vertebrae with all six points."""
    return [
        SpineLandmarks(
            vertebrae=tuple(
                VertebraLandmarks.from_array(Level(level), points, source=SOURCE)
                for level, points in zip(nhanes.LEVELS, person, strict=True)
                if np.isfinite(points).all()
            )
        )
        for person in survey.points
    ]


def by_vertebra(people: list[SpineLandmarks], judge: Callable[[int, SpineLandmarks, Level], float]) -> np.ndarray:
    """``(people, 13)`` of what ``judge`` says; NaN where there are no landmarks."""
    out = np.full((len(people), len(nhanes.LEVELS)), np.nan)
    for i, spine in enumerate(people):
        for vertebra in spine:
            out[i, nhanes.LEVELS.index(vertebra.level)] = judge(i, spine, vertebra.level)
    return out


def counts(survey: np.ndarray, ours: np.ndarray) -> np.ndarray:
    """``(people, 4, 4)`` vertebrae by survey grade (rows) and ours (columns)."""
    table = np.zeros((len(survey), 4, 4))
    known = np.isfinite(survey + ours)
    person = np.nonzero(known)[0]
    np.add.at(table, (person, survey[known].astype(int), ours[known].astype(int)), 1)
    return table


def kappa(table: np.ndarray, weight: str) -> float:
    return float(cohens_kappa(table, wt=weight, return_results=False))


def kappa_interval(table: np.ndarray, weight: str) -> tuple[float, float]:
    """95 % interval by drawing people, not vertebrae: those of one person are not independent."""
    rng = np.random.default_rng(0)
    people = len(table)
    flat = table.reshape(people, -1)
    times = rng.multinomial(people, np.full(people, 1 / people), size=RESAMPLES)
    drawn = (times @ flat).reshape(RESAMPLES, 4, 4)
    low, high = np.percentile([kappa(t, weight) for t in drawn], [2.5, 97.5])
    return float(low), float(high)


def share(part: float, whole: float) -> str:
    return f"{part:.0f}/{whole:.0f} ({100 * part / whole:.1f} %)" if whole else "-"


def print_rule(rule: str, table: np.ndarray) -> None:
    total = table.sum(axis=0)
    print(f"\n### Rule `{rule}`\n")
    for weight in WEIGHTS:
        low, high = kappa_interval(table, weight)
        print(f"- Cohen's kappa, {weight} weights: {kappa(total, weight):.3f} (95 % {low:.3f} to {high:.3f})")
    print(f"- readers' grade 1 to 3, given grade 1 to 3: {share(total[1:, 1:].sum(), total[1:].sum())}")
    print(f"- readers' grade 2 and 3, given grade 1 to 3: {share(total[2:, 1:].sum(), total[2:].sum())}")
    print(f"- readers' grade 0, given grade 0: {share(total[0, 0], total[0].sum())}\n")
    print("| Readers | 0 | 1 | 2 | 3 |\n|---|---:|---:|---:|---:|")
    for grade, row in enumerate(total):
        print(f"| {grade} | " + " | ".join(f"{n:.0f}" for n in row) + " |")


def print_levels(survey: np.ndarray, grades: dict[str, np.ndarray]) -> None:
    print("\n### By level\n")
    print("Found: readers' fractures given grade 1 to 3. Over-called: readers' grade 0 given grade 1 to 3.\n")
    heads = " | ".join(f"{rule}: found, over-called, kappa (quadratic)" for rule in grades)
    print(f"| Level | n | Readers' fractures | {heads} |")
    print("|---|---:|---:|" + "---|" * len(grades))
    for j, level in enumerate(nhanes.LEVELS):
        cells = []
        for ours in grades.values():
            total = counts(survey[:, [j]], ours[:, [j]]).sum(axis=0)
            cells.append(f"{total[1:, 1:].sum():.0f}, {total[0, 1:].sum():.0f}, {kappa(total, 'quadratic'):.2f}")
        print(f"| {level} | {total.sum():.0f} | {total[1:].sum():.0f} | {' | '.join(cells)} |")


def print_morphometry(survey: nhanes.Survey, calls: dict[str, np.ndarray]) -> None:
    print("\n### Morphometric fractures\n")
    print(
        "Against the packaged reference of the same sex and age band, derived from the shapes of the same people by\n"
        "trimming, without their readings. Undecided: no criterion met, and some type could not be judged.\n"
    )
    print("| | Vertebrae | People | Women | Men | Readers' 1-3 | Readers' 2-3 | Readers' 0, not called | Undecided |")
    print("|---|---|---|---|---|---|---|---|---:|")
    read = np.isfinite(survey.points).all(axis=(2, 3)) & np.isfinite(survey.grade)
    everyone = np.ones(len(survey.seqn), bool)
    for name, call in {"Readers": (survey.grade > 0).astype(float), **calls}.items():
        known = read & np.isfinite(call)
        called, grade = call[known] > 0, survey.grade[known]
        people = (known & (call > 0)).any(axis=1)
        cells = [
            share(called.sum(), called.size),
            *(share(people[who].sum(), who.sum()) for who in (everyone, survey.female, ~survey.female)),
            *(share(called[grade >= least].sum(), (grade >= least).sum()) for least in (1, 2)),
            share((~called[grade == 0]).sum(), (grade == 0).sum()),
            str((read & ~known).sum()),
        ]
        print(f"| {name} | {' | '.join(cells)} |")


def sensitivity(total: np.ndarray) -> list[Measured]:
    """What a worklist tells of the rule that it lists by; ``total`` ``(4, 4)`` is by grade of the readers and ours."""
    sound = {"passed": int(total[0, 0]), "of_sound": int(total[0].sum())}
    least = {"survey": (1, sound), "survey-moderate": (2, {"passed": 0, "of_sound": 0})}
    return [
        Measured(id=id_, unit="vertebrae", found=int(total[n:, 1:].sum()), of=int(total[n:].sum()), **passed)
        for id_, (n, passed) in least.items()
    ]


def main() -> None:
    print("## Grades against the survey's readers\n")
    if not nhanes.FOLDER.exists():
        print(f"Not run: the survey is not in {nhanes.FOLDER}.")
        return
    survey = nhanes.read()
    people = spines(survey)
    sex = np.where(survey.female, "female", "male")
    print(
        "NHANES 2013-2014 lateral DXA: the final grade of the survey's readers per vertebra T4-L4 (Genant SQ, read\n"
        "at UCSF with Optasia software) against `SQ_from_measurement` from the survey's own six points.\n"
        f"{len(people)} people; intervals by drawing people {RESAMPLES} times. The error of placing landmarks is not\n"
        "in these figures. Limits and normal ratios were not fitted to the readers, but the choice of the default\n"
        "rule is not blind: `level-normalised` was given up for `plain`, which takes heights as they are, after this\n"
        "comparison."
    )
    grades = {
        rule: by_vertebra(people, lambda i, s, at, r=rule: sq_from_measurement(s, at, rule=r, sex=str(sex[i])).grade)
        for rule in RULES
    }
    keep(*sensitivity(counts(survey.grade, grades["plain"]).sum(axis=0)))
    for rule, ours in grades.items():
        print_rule(rule, counts(survey.grade, ours))
    print_levels(survey.grade, grades)
    calls = {
        name: by_vertebra(
            people,
            lambda i, s, at, f=f: {True: 1, False: 0, None: np.nan}[
                f(s, at, sex=str(sex[i]), age_years=float(survey.age_years[i])).fractured
            ],
        )
        for name, f in ALGORITHMS.items()
    }
    print_morphometry(survey, calls)


if __name__ == "__main__":
    main()
