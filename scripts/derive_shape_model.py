"""Derive the packaged shape model of T4 to L4 from the survey's outlines.

Pixels become millimetres by one factor for everyone: the survey gives none, but its scale does not vary between people
(spinal length follows standing height) nor between axes. The factor makes the mean posterior height of L5, which is
0.95 of that of L4 (Panjabi 1992), the 26.3 mm of 196 adults on CT (Cook and Baker 2021, Int J Spine Surg 15:1072).

A fifth of the people, chosen by a hash of their number, is left out for ``bench/survey/shape_model.py``.

python -m scripts.derive_shape_model
"""

from __future__ import annotations

import argparse
import zlib
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from ovcf.phantom.shape import contour as c
from ovcf.phantom.shape import shape_model as m
from ovcf.phantom.shape.fracture import SHAPES, deciding_loss, heights
from scripts import nhanes

TABLE = Path(__file__).resolve().parents[1] / "src/ovcf/phantom/shape/tables" / m.TABLE
L5_POSTERIOR_MM, L5_OVER_L4 = 26.3, 22.9 / 24.1
MODES = 100
#: Modes to guess a vertebra from its owner's others: more would follow the reading error of the others.
GUESSING_MODES = 20
DEFORMATION_MODES = 3
_L4 = nhanes.LEVELS.index("L4")


@dataclass(frozen=True)
class People:
    """Contours ``(n, 13, 28, 2)`` as placed in the image (mm), vectors of the model, and who they are."""

    placed: np.ndarray
    vectors: np.ndarray
    male: np.ndarray
    age_years: np.ndarray
    grade: np.ndarray
    held_out: np.ndarray
    mm_per_pixel: float

    @property
    def normal(self) -> np.ndarray:
        """Nobody with a vertebra graded 1 to 3."""
        return ~(self.grade > 0).any(axis=1)


def _at_shares(line: np.ndarray, first: np.ndarray, last: np.ndarray, n: int) -> np.ndarray:
    """``n`` points of each line ``(v, k, 2)`` between two corners ``(v, 2)``, at equal shares of their chord."""
    chord = (last - first)[:, None]
    share = np.sum((line - first[:, None]) * chord, axis=2) / np.sum(chord**2, axis=2)
    points = np.concatenate([first[:, None], line, last[:, None]], axis=1)
    share = np.concatenate([np.zeros_like(share[:, :1]), share, np.ones_like(share[:, :1])], axis=1)
    # What lies beyond a corner (a lip, the rounding of the rim) is no part of the side.
    points = np.where(share[..., None] <= 0, first[:, None], np.where(share[..., None] >= 1, last[:, None], points))
    share = np.maximum.accumulate(np.clip(share, 0, 1), axis=1)
    rows, found = np.arange(len(line)), []
    for wanted in np.arange(1, n + 1) / (n + 1):
        after = np.sum(share <= wanted, axis=1)
        a, b = share[rows, after - 1], share[rows, after]
        t = ((wanted - a) / (b - a))[:, None]
        found.append((1 - t) * points[rows, after - 1] + t * points[rows, after])
    return np.stack(found, axis=1)


def contours_of(points: np.ndarray, outlines: np.ndarray) -> np.ndarray:
    """Contours ``(v, 28, 2)`` from the six landmarks ``(v, 6, 2)`` and the survey's outlines ``(v, 99, 2)``."""
    sa, sp, ia, ip, sm, im = np.moveaxis(points, 1, 0)
    side = {name: outlines[:, rows] for name, rows in nhanes.OUTLINE.items()}
    superior = _at_shares(side["superior"], sa, sp, c.N_ENDPLATE)
    inferior = _at_shares(side["inferior"], ia, ip, c.N_ENDPLATE)
    # The survey's middle points lie a fraction of a pixel off its outline, which is bowed to pass through them.
    share = np.linspace(0, 1, c.N_ENDPLATE + 2)[1:-1, None]
    for endplate, middle in ((superior, sm), (inferior, im)):
        endplate += 4 * share * (1 - share) * (middle - endplate[:, c.N_ENDPLATE // 2])[:, None]
    posterior = _at_shares((side["posterior"] + side["posterior, second"]) / 2, sp, ip, c.N_WALL)
    anterior = _at_shares(side["anterior"], sa, ia, c.N_WALL)
    return np.stack(
        [
            c.contour_from_sides(np.stack(corners), (s, i), (p, a))
            for *corners, s, i, p, a in zip(sa, sp, ip, ia, superior, inferior, posterior, anterior, strict=True)
        ]
    )


def read(folder: Path = nhanes.FOLDER) -> People:
    """The survey as contours and model vectors."""
    survey = nhanes.read(folder)
    outlines = nhanes.outlines(survey, folder)
    posterior = np.linalg.norm(survey.points[:, _L4, 1] - survey.points[:, _L4, 3], axis=-1)
    scale = L5_POSTERIOR_MM / (L5_OVER_L4 * float(np.nanmean(posterior)))
    known = np.isfinite(survey.points).all(axis=(2, 3)) & np.isfinite(outlines).all(axis=(2, 3))
    placed = np.full((*known.shape, c.N_POINTS, 2), np.nan)
    local, joints = placed.copy(), np.full((len(known), m.N_JOINTS, 3), np.nan)
    placed[known] = scale * contours_of(survey.points[known], outlines[known])
    for i, j in np.argwhere(known):
        local[i, j] = c.own_frame(placed[i, j])
        if j and known[i, j - 1]:
            joints[i, j - 1] = c.joint_between(placed[i, j - 1], placed[i, j])
    return People(
        placed=placed,
        vectors=m.pack(local, joints, nhanes.standing_height_cm(survey, folder)),
        male=~survey.female,
        age_years=survey.age_years,
        grade=survey.grade,
        held_out=np.array([zlib.crc32(str(s).encode()) % 5 == 0 for s in survey.seqn]),
        mm_per_pixel=scale,
    )


def patterns(known: np.ndarray) -> list[tuple[np.ndarray, np.ndarray]]:
    """People who miss the same, and what they have."""
    patterns, of = np.unique(known, axis=0, return_inverse=True)
    return [(np.flatnonzero(of.ravel() == k), pattern) for k, pattern in enumerate(patterns)]


def fit(
    vectors: np.ndarray, male: np.ndarray, age_years: np.ndarray, modes: int = MODES, steps: int = 60
) -> m.ShapeModel:
    """Mean by least squares, modes and noise by expectation-maximisation over the values that are there."""
    known, design = np.isfinite(vectors), m.covariates(male, age_years)
    # Features that are always missing together share their regression and their second moments.
    features, feature_of = np.unique(known.T, axis=0, return_inverse=True)
    feature_of = feature_of.ravel()
    mean = np.empty((design.shape[1], vectors.shape[1]))
    for g, there in enumerate(features):
        mean[:, feature_of == g] = np.linalg.lstsq(design[there], vectors[there][:, feature_of == g], rcond=None)[0]
    residual = np.where(known, vectors - design @ mean, 0.0)
    _, spread, directions = np.linalg.svd(residual, full_matrices=False)
    start = directions[:modes].T * spread[:modes] / np.sqrt(len(vectors))
    model = m.ShapeModel(mean=mean, modes=start, noise=0.5)
    groups, n_known = patterns(known), known.sum()
    for _ in range(steps):
        z = np.zeros((len(vectors), modes))
        second = np.zeros((len(features), modes, modes))
        for people, pattern in groups:
            z[people], covariance = model.posterior(residual[people], pattern)
            moment = z[people].T @ z[people] + len(people) * covariance
            second[features[:, people[0]]] += moment
        cross = residual.T @ z
        w = np.empty_like(cross)
        for g, moment in enumerate(second):
            w[feature_of == g] = np.linalg.solve(moment, cross[feature_of == g].T).T
        explained = np.einsum("dq,dq->", cross, w)
        noise = np.sqrt(max(1e-6, (np.sum(residual**2) - explained) / n_known))
        model = m.ShapeModel(mean=mean, modes=w, noise=float(noise))
    basis = np.linalg.svd(model.modes, full_matrices=False)
    signs = np.sign(basis[0][np.abs(basis[0]).argmax(axis=0), range(modes)])
    return m.ShapeModel(mean=mean, modes=basis[0] * basis[1] * signs, noise=model.noise)


def predicted(people: People, model: m.ShapeModel, who: int, without: np.ndarray) -> np.ndarray:
    """The contours one would expect of a person, from sex, age, stature and the vertebrae not ``without``."""
    contours = np.repeat(~without, c.N_POINTS * 2)
    joints = np.repeat(~(without[1:] | without[:-1]), 3)
    known = np.isfinite(people.vectors[who]) & np.concatenate([contours, joints, [True]])
    mean = model.expected(people.male[[who]], people.age_years[[who]])
    residual = np.where(known, people.vectors[[who]] - mean, 0.0)
    few = model.truncated(GUESSING_MODES)
    z, _ = few.posterior(residual, known)
    return m.unpack(mean + z @ few.modes.T)[0][0]


def deformation(people: People, model: m.ShapeModel, who: np.ndarray) -> dict[str, np.ndarray]:
    """How graded vertebrae differ from what their owners' other vertebrae predict, by their losses of Ha, Hm, Hp."""
    losses, fields, shapes = [], [], []
    for i in np.flatnonzero(who & ~people.normal):
        graded = people.grade[i] > 0
        intact = predicted(people, model, i, graded)
        for j in np.flatnonzero(graded & np.isfinite(people.placed[i]).all(axis=(1, 2))):
            actual = c.own_frame(people.placed[i, j])
            before, after = heights(intact[j]), heights(actual)
            beside = [k for k in (j - 1, j + 1) if 0 <= k < m.N_BODIES]
            loss = deciding_loss(after, heights(intact[beside])[:, 2].mean())
            losses.append(1 - after / before)
            fields.append((actual - intact[j]).ravel() / before[2])
            shapes.append(int(np.argmax(loss)) if loss.max() > 0.1 else -1)
    loss, field, shape = np.array(losses), np.array(fields), np.array(shapes)
    response = np.linalg.solve(loss.T @ loss + 0.05 * np.eye(3), loss.T @ field)
    left = field - loss @ response
    _, s, directions = np.linalg.svd(left - left.mean(axis=0), full_matrices=False)
    table = {
        "response": response,
        "left_over": directions[:DEFORMATION_MODES] * s[:DEFORMATION_MODES, None] / np.sqrt(len(left)),
    }
    for k, name in enumerate(SHAPES):
        mine = loss[(shape == k) & (loss[:, k] > 0.1)]
        severity = mine[:, k]
        share = severity @ mine / (severity @ severity)
        spread = np.sqrt(np.mean((mine - severity[:, None] * share) ** 2, axis=0))
        table[f"{name}_losses"] = np.array([share, spread])
        table[f"{name}_count"] = np.array(len(mine))
    return table


def derive(folder: Path = nhanes.FOLDER) -> dict[str, np.ndarray]:
    """Every array of the packaged table."""
    people = read(folder)
    learn = people.normal & ~people.held_out
    model = fit(people.vectors[learn], people.male[learn], people.age_years[learn])
    return {
        "mean": model.mean,
        "modes": model.modes,
        "noise": np.array(model.noise),
        "people": np.array([learn.sum(), (learn & ~people.male).sum()]),
        "mm_per_pixel": np.array(people.mm_per_pixel),
        **deformation(people, model, ~people.held_out),
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("table", type=Path, nargs="?", default=TABLE)
    table = parser.parse_args().table
    table.parent.mkdir(parents=True, exist_ok=True)
    small = {name: value.astype(np.float16 if name == "modes" else np.float32) for name, value in derive().items()}
    np.savez_compressed(table, **small)
    print(f"{table}: {table.stat().st_size / 1000:.0f} kB")


if __name__ == "__main__":
    main()
