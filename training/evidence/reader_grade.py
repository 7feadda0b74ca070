"""How readers grade deformity, learned on NHANES 2013-2014: ``python -m training.evidence.reader_grade``.

Writes ``measures/tables/reader_grade.json``: a proportional-odds regression in which more loss never lowers a grade.
Prints how it agrees with the readers on people left out of the fit (five parts, drawn by person), beside the rule.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from scipy.optimize import minimize

ROOT = Path(__file__).resolve().parents[2]

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Array = NDArray[np.float64]

OUT = ROOT / "src/ovcf/measures/tables/reader_grade.json"
RIDGE = 1e-5
PARTS, CALLED = 5, 0.25
"""Grades are called where their probability, or that of a higher one, passes this: fractures are rare."""


def fit(rising: Array, other: Array, grade: Array) -> tuple[Array, Array, Array]:
    """Weights of either kind of regressors, those of the rising ones not negative, and the three limits."""
    x = np.concatenate([rising, other], axis=1)
    size = x.std(axis=0) + 1e-9
    x, n, k = x / size, len(x), x.shape[1]
    y = grade.astype(int)

    def loss(t: Array) -> tuple[float, Array]:
        limits = np.cumsum([t[k], *np.exp(t[k + 1 :])])
        p = 1 / (1 + np.exp(-((x @ t[:k])[:, None] - limits)))
        full = np.concatenate([np.ones((n, 1)), p, np.zeros((n, 1))], axis=1)
        steep = full * (1 - full)
        row = np.arange(n)
        chance = np.clip(full[row, y] - full[row, y + 1], 1e-12, 1)
        by_score = -(steep[row, y] - steep[row, y + 1]) / chance
        by_limit = np.array([(steep[y == j, j] / chance[y == j]).sum() for j in (1, 2, 3)])
        by_limit -= np.array([(steep[y == j, j + 1] / chance[y == j]).sum() for j in (0, 1, 2)])
        along = np.array([by_limit.sum(), *(by_limit[j:].sum() * np.exp(t[k + j]) for j in (1, 2))])
        value = -np.log(chance).sum() + RIDGE * n * (t[:k] ** 2).sum()
        return float(value), np.concatenate([x.T @ by_score + 2 * RIDGE * n * t[:k], along])

    bounds = [(0, None)] * rising.shape[1] + [(None, None)] * (other.shape[1] + 3)
    found = minimize(loss, np.r_[np.zeros(k), 4.0, 0, 0], jac=True, method="L-BFGS-B", bounds=bounds).x
    weights = found[:k] / size
    return weights[: rising.shape[1]], weights[rising.shape[1] :], np.cumsum([found[k], *np.exp(found[k + 1 :])])


def main() -> None:
    """Fit, print and write."""
    from bench.survey.grades import kappa, spines
    from ovcf.anatomy import Level
    from ovcf.errors import OvcfError
    from ovcf.measures.shape import reader_grade as grader
    from ovcf.measures.shape.semiquantitative import sq_from_measurement
    from scripts import nhanes

    OUT.write_text(json.dumps({"levels": list(nhanes.LEVELS)}))
    survey = nhanes.read()
    rows, persons, grades, rule = [], [], [], []
    for i, spine in enumerate(spines(survey)):
        sex, age = "female" if survey.female[i] else "male", float(survey.age_years[i])
        losses = {}
        for vertebra in spine:
            try:
                losses[vertebra.level] = grader.losses_of(spine, vertebra.level)
            except OvcfError:
                continue
        for level, own in losses.items():
            read = survey.grade[i, nhanes.LEVELS.index(level.value)]
            if np.isfinite(read):
                elsewhere = max([0.0, *(float(v.max()) for k, v in losses.items() if k != level)])
                rows.append(grader.regressors(own, elsewhere, age, Level(level), sex))
                persons.append(i)
                grades.append(read)
                if spine[level].has_middle:
                    rule.append(sq_from_measurement(spine, level, sex=sex).grade)
    rising, other = (np.array(part) for part in zip(*rows, strict=True))
    grade, part = np.array(grades, int), np.random.default_rng(0).integers(0, PARTS, len(survey.seqn))[persons]
    chance = np.zeros((len(grade), grader.GRADES))
    for k in range(PARTS):
        a, b, limits = fit(rising[part != k], other[part != k], grade[part != k])
        score = rising[part == k] @ a + other[part == k] @ b
        chance[part == k] = [grader.probabilities(s, limits) for s in score]
    called = (1 - chance.cumsum(axis=1)[:, :3] > CALLED).sum(axis=1)
    for name, ours in (("rule", np.array(rule)), (f"called above {CALLED:.0%}", called)):
        counts = np.zeros((4, 4))
        np.add.at(counts, (grade, ours), 1)
        print(f"{name}: kappa linear {kappa(counts, 'linear'):.3f}, quadratic {kappa(counts, 'quadratic'):.3f}")
    fractured = 1 - chance[:, 0]
    for low, high in ((0, 0.02), (0.02, 0.1), (0.1, 0.3), (0.3, 0.6), (0.6, 0.9), (0.9, 1.01)):
        k = (fractured >= low) & (fractured < high)
        said, read = fractured[k].mean(), (grade[k] > 0).mean()
        print(f"said {low:.0%} to {min(high, 1):.0%}: on average {said:.1%}, read {read:.1%} of {k.sum()}")
    a, b, limits = fit(rising, other, grade)
    fitted = {
        "made_by": "training/evidence/reader_grade.py",
        "source": "NHANES 2013-2014, readers of the lateral DXA",
        "vertebrae": len(grade),
        "people": len(set(persons)),
        "graded_1_to_3": int((grade > 0).sum()),
        "levels": list(nhanes.LEVELS),
        "losses": list(grader.LOSSES),
        "steps_percent": list(grader.STEPS_PERCENT),
        "rising": a.round(5).tolist(),
        "other": b.round(4).tolist(),
        "limits": limits.round(4).tolist(),
    }
    OUT.write_text(json.dumps(fitted, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
