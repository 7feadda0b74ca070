"""The shape model of the spine against people it never saw: does it describe them, do its samples look like them?"""

import numpy as np

from ovcf.anatomy import Level
from ovcf.errors import PhantomError
from ovcf.geometry import signed_angle_deg
from ovcf.measures.shape.height import posterior_height, vertebral_height_loss
from ovcf.measures.shape.kyphosis import local_kyphosis_angle, superior_endplate, wedge_angle_deg
from ovcf.measures.shape.semiquantitative import sq_from_measurement
from ovcf.phantom.shape import Fracture, sample_spine
from ovcf.phantom.shape import contour as c
from ovcf.phantom.shape import shape_model as m
from ovcf.phantom.shape.fracture import SHAPES, deformed, heights
from ovcf.vocabulary import Sex
from scripts import derive_shape_model as derive
from scripts import nhanes

MODES = (0, 1, 5, 10, 20, 50, 100)
REQUESTS = 300
T12, L1 = nhanes.LEVELS.index("T12"), nhanes.LEVELS.index("L1")


def table(head: list[str], rows: list[list[str]]) -> None:
    print("\n| " + " | ".join(head) + " |\n|" + "---|" * len(head))
    for row in rows:
        print("| " + " | ".join(row) + " |")
    print()


def rms(values: np.ndarray) -> float:
    return float(np.sqrt(np.nanmean(np.square(values))))


def point_error_mm(difference: np.ndarray) -> np.ndarray:
    """RMS distance of corresponding points of each contour that is there, of contours ``(n, 13, 28, 2)``."""
    squared = np.mean(np.sum(difference**2, axis=-1), axis=2)
    return np.sqrt(squared[np.isfinite(squared)])


def projected(model: m.ShapeModel, vectors: np.ndarray, male: np.ndarray, age: np.ndarray) -> np.ndarray:
    """Each vector as the model sees it, from the values that are there."""
    mean, known = model.expected(male, age), np.isfinite(vectors)
    out = np.empty_like(vectors)
    for people, pattern in derive.patterns(known):
        residual = np.where(pattern, vectors[people] - mean[people], 0.0)
        out[people] = mean[people] + model.posterior(residual, pattern)[0] @ model.modes.T
    return out


def generalisation(model: m.ShapeModel, people: derive.People, who: np.ndarray) -> None:
    vectors, male, age = people.vectors[who], people.male[who], people.age_years[who]
    variance = np.sum(model.modes**2, axis=0)
    total = variance.sum() + m.SIZE * model.noise**2
    actual, joints = m.unpack(vectors)
    rows = []
    for q in MODES:
        seen, seen_joints = m.unpack(projected(model.truncated(q), vectors, male, age))
        error = point_error_mm(seen - actual)
        rows.append(
            [
                str(q),
                f"{100 * variance[:q].sum() / total:.0f} %",
                f"{np.median(error):.2f}",
                f"{np.percentile(error, 95):.2f}",
                f"{np.median(error) / people.mm_per_pixel:.1f}",
                f"{rms(heights(seen) - heights(actual)):.2f}",
                f"{rms((seen_joints - joints)[..., 0]):.2f}",
                f"{rms((seen_joints - joints)[..., 2]):.2f}",
            ]
        )
    print(f"\n### Generalisation and compactness: {who.sum()} people left out, none with a graded vertebra")
    table(
        [
            "modes",
            "variance held",
            "point error, median mm",
            "95th percentile mm",
            "median px",
            "heights, RMS mm",
            "disc angle, RMS °",
            "disc height, RMS mm",
        ],
        rows,
    )


def one_missing(model: m.ShapeModel, people: derive.People, who: np.ndarray) -> None:
    rows = []
    for level in ("T8", "T12", "L1", "L3"):
        j = nhanes.LEVELS.index(level)
        there = who & np.isfinite(people.placed[:, j]).all(axis=(1, 2))
        without = np.arange(m.N_BODIES) == j
        guess = np.stack([derive.predicted(people, model, i, without)[j] for i in np.flatnonzero(there)])
        actual = m.unpack(people.vectors[there])[0][:, j]
        mean = m.unpack(model.expected(people.male[there], people.age_years[there]))[0][:, j]
        rows.append([level, str(there.sum()), *(f"{rms(heights(x) - heights(actual)):.2f}" for x in (guess, mean))])
    print("\n### A vertebra guessed from its owner's others (as one before its fracture)")
    table(["level", "n", "heights, RMS error mm", "by sex and age alone, mm"], rows)


def features(contours: np.ndarray, joints: np.ndarray) -> dict[str, np.ndarray]:
    """What a reader would look at, ``(n, levels)`` each."""
    ha, hm, hp = np.moveaxis(heights(contours), -1, 0)
    depth = np.linalg.norm(contours[:, :, c.SP] - contours[:, :, c.SA], axis=-1)
    up, down = contours[:, :, c.SP] - contours[:, :, c.SA], contours[:, :, c.IP] - contours[:, :, c.IA]
    wedge = np.degrees(np.arctan2(down[..., 1], down[..., 0]) - np.arctan2(up[..., 1], up[..., 0]))
    whole = joints[..., 0] + (wedge[:, :-1] + wedge[:, 1:]) / 2
    return {
        "Ha/Hp": ha / hp,
        "Hm/Hp": hm / hp,
        "Hp/Hp below": hp[:, :-1] / hp[:, 1:],
        "Hp, mm": hp,
        "Hp/depth": hp / depth,
        "wedge angle, °": wedge,
        "disc angle, °": joints[..., 0],
        "disc height, mm": joints[..., 2],
        "kyphosis T4-T12, °": whole[:, :T12].sum(axis=1, keepdims=True),
        "lordosis L1-L4, °": -whole[:, L1:].sum(axis=1, keepdims=True),
    }


def neighbour_correlation(values: np.ndarray) -> float:
    """Mean correlation of a feature between adjacent levels, over the people."""
    pairs = []
    for a, b in zip(values.T, values.T[1:], strict=False):
        known = np.isfinite(a) & np.isfinite(b)
        pairs.append(np.corrcoef(a[known], b[known])[0, 1])
    return float(np.mean(pairs))


def distributions(people: derive.People, who: np.ndarray, drawn: tuple[np.ndarray, np.ndarray]) -> None:
    actual, samples = features(*m.unpack(people.vectors[who])), features(*drawn)
    rows = []
    for name, real in actual.items():
        made = samples[name]
        shift = (np.mean(made, axis=0) - np.nanmean(real, axis=0)) / np.nanstd(real, axis=0)
        spread = np.std(made, axis=0) / np.nanstd(real, axis=0)
        row = [
            name,
            f"{np.nanmean(real):.2f}",
            f"{made.mean():.2f}",
            f"{np.abs(shift).max():.2f}",
            f"{spread.mean():.2f} ({spread.min():.2f}-{spread.max():.2f})",
        ]
        if real.shape[1] > 1:
            row += [f"{neighbour_correlation(real):.2f}", f"{neighbour_correlation(made):.2f}"]
        rows.append([*row, "", ""][:7])
    print(f"\n### Samples against people: {who.sum()} left out, and one sample of the sex and age of each")
    print(
        "\nThe samples leave out part of the reading error of people's points: a spread a little below 1 is expected."
    )
    table(
        [
            "",
            "people, mean",
            "samples, mean",
            "largest shift of a level, SD",
            "SD of samples / people",
            "r of neighbours, people",
            "samples",
        ],
        rows,
    )


def specificity(people: derive.People, learnt: np.ndarray, who: np.ndarray, drawn: np.ndarray) -> None:
    whole = np.isfinite(people.vectors).all(axis=1)
    known = m.unpack(people.vectors[learnt & whole])[0].reshape(-1, 2 * c.N_POINTS * m.N_BODIES)
    real = m.unpack(people.vectors[who & whole])[0].reshape(-1, known.shape[1])

    def nearest(to: np.ndarray) -> np.ndarray:
        squared = (to**2).sum(axis=1)[:, None] + (known**2).sum(axis=1) - 2 * to @ known.T
        return np.sqrt(squared.min(axis=1) / (c.N_POINTS * m.N_BODIES))

    print("\n### Specificity: RMS point distance to the most similar person the model learnt from, mm")
    table(
        ["", "n", "median", "95th percentile"],
        [
            [name, str(len(d)), f"{np.median(d):.2f}", f"{np.percentile(d, 95):.2f}"]
            for name, d in (("people left out", nearest(real)), ("samples", nearest(drawn.reshape(len(drawn), -1))))
        ],
    )


def fractures(model: m.ShapeModel, people: derive.People) -> None:
    """Graded vertebrae of people left out: their outline from their heights and their owner's other vertebrae."""
    guess, bent, loss = [], [], []
    for i in np.flatnonzero(people.held_out & ~people.normal):
        graded = people.grade[i] > 0
        intact = derive.predicted(people, model, i, graded)
        for j in np.flatnonzero(graded & np.isfinite(people.placed[i]).all(axis=(1, 2))):
            actual = c.own_frame(people.placed[i, j])
            made = c.own_frame(deformed(intact[j], heights(actual)))
            guess.append(rms(np.linalg.norm(intact[j] - actual, axis=1)))
            bent.append(rms(np.linalg.norm(made - actual, axis=1)))
            loss.append(100 * np.max(1 - heights(actual) / heights(intact[j])))
    shapes = ", ".join(f"{int(m.tables()[f'{s}_count'])} {s}" for s in SHAPES)
    print(f"\n### Graded vertebrae left out: {len(guess)}; the deformation was learnt from {shapes}")
    print(f"\nTheir greatest height loss against the guess: median {np.median(loss):.0f} %.")
    table(
        ["outline", "point error, median mm", "95th percentile mm"],
        [
            [name, f"{np.median(error):.2f}", f"{np.percentile(error, 95):.2f}"]
            for name, error in (("the intact guess", guess), ("the guess deformed to the true three heights", bent))
        ],
    )


#: Wedge angle T9 to L5 in degrees, 120 women and 120 men on CT (PMC2899959).
WEDGE = {
    Sex.FEMALE: (2.8, 2.6, 4.6, 3.5, 2.6, 0.7, -1.1, -3.1, -7.8),
    Sex.MALE: (4.8, 3.8, 5.4, 4.9, 4.1, 2.6, 1.3, -0.7, -4.6),
}
#: L5 on CT, 196 adults (Cook and Baker 2021): posterior height, superior depth in mm.
L5_MM = {Sex.FEMALE: (25.5, 33.3), Sex.MALE: (26.8, 37.1)}
N_PUBLISHED = 150


def published() -> None:
    rng, rows = np.random.default_rng(3), []
    levels = [Level(name) for name in ("T9", "T10", "T11", "T12", "L1", "L2", "L3", "L4", "L5")]
    for sex in Sex:
        spines = [sample_spine(rng, sex=sex, age_years=50).spine_landmarks for _ in range(N_PUBLISHED)]
        points = np.stack([[s[level].array for level in [*levels, Level.S1]] for s in spines])
        wedge = wedge_angle_deg(points).mean(axis=0)
        rows += [
            [f"{sex}, wedge of {level}, °", f"{w:.1f}", f"{p:.1f}"]
            for level, w, p in zip(levels, wedge, WEDGE[sex], strict=False)
        ]
        sizes = posterior_height(points[:, -2]).mean(), np.linalg.norm(superior_endplate(points[:, -2]), axis=1).mean()
        names = ("posterior height", "superior depth")
        rows += [
            [f"{sex}, {n} of L5, mm", f"{a:.1f}", f"{p}"] for n, a, p in zip(names, sizes, L5_MM[sex], strict=True)
        ]
        lordosis = -signed_angle_deg(superior_endplate(points[:, -3]), superior_endplate(points[:, -1]))
        rows.append([f"{sex}, lordosis L4-S1, °", f"{lordosis.mean():.1f} (SD {lordosis.std():.1f})", "29.8 (SD 8.0)"])
    print(f"\n### Against published figures: {N_PUBLISHED} samples of each sex, 50 years old")
    print(
        "\nThe height of L5 fixed the scale, and its wedge and the lordosis below L4 were put in; its depth, the sexes'"
    )
    print("difference and the other wedge angles were not.")
    table(["", "samples", "published"], rows)


def requests() -> None:
    rng, met, refused = np.random.default_rng(2025), [], 0
    for _ in range(REQUESTS):
        level = Level(str(rng.choice(["T7", "T11", "T12", "L1", "L2", "L4"])))
        shape = SHAPES[rng.integers(3)]
        vhl, grade = (float(rng.uniform(5, 40)), None) if rng.random() < 0.5 else (None, int(rng.integers(1, 4)))
        kyphosis = float(rng.uniform(0, 25)) if rng.random() < 0.5 else None
        fracture = Fracture(level, shape, vhl, grade, bool(rng.random() < 0.3))
        try:
            spine = sample_spine(rng, fractures=[fracture], kyphosis_deg=kyphosis).spine_landmarks
        except PhantomError:
            refused += 1
            continue
        found = sq_from_measurement(spine, level)
        met.append(
            [
                0 if vhl is None else abs(vertebral_height_loss(spine, level).value - vhl),
                0 if kyphosis is None else abs(local_kyphosis_angle(spine, level).value - kyphosis),
                0 if grade is None else found.grade != grade,
                found.grade > 0 and found.shape != shape,
            ]
        )
    worst, wrong = np.max(met, axis=0), np.sum(met, axis=0, dtype=int)
    print(f"\n### Fractures asked for: {REQUESTS} at random, measured by ovcf on the true landmarks")
    table(
        [
            "drawn",
            "refused as impossible",
            "worst VHL error, points",
            "worst KA error, °",
            "wrong grade",
            "wrong shape",
        ],
        [[str(len(met)), str(refused), f"{worst[0]:.4f}", f"{worst[1]:.4f}", str(wrong[2]), str(wrong[3])]],
    )


def main() -> None:
    print("## Shape model of the spine\n")
    if not nhanes.FOLDER.exists():
        print(f"Not run: the survey is not in {nhanes.FOLDER.name} beside the repository.")
        return
    people, model = derive.read(), m.packaged()
    learnt, who = people.normal & ~people.held_out, people.normal & people.held_out
    print(f"NHANES 2013-2014, lateral DXA, adults of 40 years and over. Learnt from {learnt.sum()} people without a")
    print(
        f"graded vertebra; a fifth (by a hash) left out. One pixel is taken as {people.mm_per_pixel:.3f} mm. T4 to L4"
    )
    print("only: T1-T3, L5, sacrum and soft tissues follow published sizes; no person's outline was there to compare.")
    rng = np.random.default_rng(0)
    draws = [model.draw(rng, male=bool(people.male[i]), age_years=people.age_years[i]) for i in np.flatnonzero(who)]
    contours, joints = (np.stack(part) for part in zip(*draws, strict=True))
    generalisation(model, people, who)
    one_missing(model, people, who)
    distributions(people, who, (contours, joints))
    specificity(people, learnt, who, contours)
    fractures(model, people)
    published()
    requests()


if __name__ == "__main__":
    main()
