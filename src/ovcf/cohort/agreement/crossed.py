"""Agreement within and between readers where every reader read every subject more than once."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from ovcf.cohort.data.columns import numbers
from ovcf.cohort.data.design import need_columns
from ovcf.cohort.result import COLOURS, Column, Estimate, PlottedResult, Table, new_axes
from ovcf.errors import CohortDataError
from ovcf.language.spoken import tr
from ovcf.language.worded import say

if TYPE_CHECKING:
    import pandas as pd
    from numpy.typing import NDArray

    Array = NDArray[np.float64]

Z = 1.959964


@dataclass(frozen=True, slots=True)
class Components:
    """Variances in the square of the unit measured: of subjects, of readers, of how readers differ from subject to
    subject, and of one reader's repeats."""

    subject: float
    reader: float
    interaction: float
    repeat: float


@dataclass(frozen=True, slots=True)
class OneReader:
    """How well one reader agrees with himself: SD within a subject, smallest detectable change, ICC(1,1)."""

    reader: str
    sd: Estimate
    sdc: Estimate
    icc: Estimate


@dataclass(frozen=True, slots=True, kw_only=True)
class CrossedResult(PlottedResult):
    """ICC within and between readers; SEM and smallest detectable change (SDC) in the unit measured.

    ``within`` one reader: two readings of the same person by the same reader. ``between``: by two readers, each of whom
    stands for many.
    """

    icc_within: Estimate
    icc_between: Estimate
    sem_within: Estimate
    sem_between: Estimate
    sdc_within: Estimate
    sdc_between: Estimate
    components: Components
    readers: tuple[OneReader, ...]

    def plot(self, ax: Any = None) -> Any:
        """The SDC of each reader alone, of any one reader, and between readers."""
        rows = [
            *((r.reader, r.sdc) for r in self.readers),
            ("any reader", self.sdc_within),
            ("between readers", self.sdc_between),
        ]
        axes = new_axes(ax, size=(5.0, 0.9 + 0.34 * len(rows)))
        for i, (_, e) in enumerate(rows):
            axes.plot([e.low, e.high], [i, i], color=COLOURS[0], linewidth=1.4)
            axes.plot([e.value], [i], "s", color=COLOURS[0], markersize=5)
            axes.annotate(tr(format(e, ".2f")), (1.02, i), xycoords=("axes fraction", "data"), va="center", fontsize=8)
        axes.set(
            yticks=range(len(rows)),
            yticklabels=[tr(name) for name, _ in rows],
            ylim=(len(rows) - 0.4, -0.6),
            xlabel=tr("Smallest detectable change (95% CI)"),
        )
        axes.set_xlim(left=0)
        return axes


def crossed_readers(
    frame: pd.DataFrame,
    subject: str,
    reader: str,
    value: str,
    *,
    coverage: float = 0.95,
    draws: int = 20_000,
    seed: int = 0,
) -> CrossedResult:
    """Intra- and inter-reader reliability of a fully crossed design, every cell with the same number of repeats.

    The model is y = mean + subject + reader + subject x reader + repeat, all random (Eliasziw). ICC between readers is
    subject / total, within a reader (subject + reader + interaction) / total. Intervals are generalised confidence
    intervals: each mean square is divided by draws of its chi-square over degrees of freedom (Burdick). Subjects
    without all readings are left out and counted.

    Args:
        frame: one reading per row.
        subject, reader, value: columns; the rows of one subject and reader are his repeats.
        coverage: of all intervals.
        draws: of each mean square.
        seed: of the draws.

    Raises:
        CohortDataError: an absent column, fewer than two readers, repeats or complete subjects, no spread.
    """
    cube, names, left = _cube(frame, subject, reader, value)
    n, k, m = cube.shape
    squares, free = _mean_squares(cube)
    point = _figures(_components(squares[:, None], n, k, m))
    rng = np.random.default_rng(seed)
    drawn = squares[:, None] * free[:, None] / rng.chisquare(free[:, None], (4, draws))
    spread = _figures(_components(drawn, n, k, m))
    tails = [0.5 - coverage / 2, 0.5 + coverage / 2]
    found = {}
    for key, v in point.items():
        low, high = map(float, np.quantile(spread[key], tails))
        found[key] = Estimate(float(v[0]), low, high, None, coverage)
    found["sem_within"] = _root(_exact(squares[3], free[3], coverage), 1.0)
    found["sdc_within"] = _root(_exact(squares[3], free[3], coverage), Z * np.sqrt(2))
    single = tuple(_one_reader(cube[:, j], name, coverage) for j, name in enumerate(names))
    parts = _components(squares[:, None], n, k, m)[:, 0]
    total = float(parts.sum())
    labels = ("subjects", "readers", "subjects x readers", "repeats")
    return CrossedResult(
        title="Agreement within and between readers",
        method=say(
            "Two-way random model with repeats, {n} subjects x {k} readers x {m} repeats; generalised "
            "confidence intervals ({coverage:g}%, {draws} draws, seed {seed}), exact within one reader",
            n=n,
            k=k,
            m=m,
            coverage=100 * coverage,
            draws=draws,
            seed=seed,
        ),
        references=(
            "Eliasziw M et al. Phys Ther 1994;74:777-788 (ICC within and between readers)",
            "Burdick RK, Borror CM, Montgomery DC. J Qual Technol 2003;35:342-354 (intervals)",
            "de Vet HCW et al. J Clin Epidemiol 2006;59:1033-1039 (SEM, SDC)",
        ),
        n=n,
        missing=((value, left),) if left else (),
        notes=(
            *((say("{left} subjects lack a reading and are left out", left=left),) if left else ()),
            *(("readers stand for others like them, and these are few: the interval between them is wide",) * (k < 5)),
        ),
        tables=(
            Table(
                "Reliability",
                (
                    Column("what", "Two readings of one person"),
                    Column("icc", "ICC (interval)", ".3f"),
                    Column("sem", "SEM (interval)", ".3g"),
                    Column("sdc", "SDC (interval)", ".3g"),
                ),
                (
                    ("by the same reader", found["icc_within"], found["sem_within"], found["sdc_within"]),
                    ("by two readers", found["icc_between"], found["sem_between"], found["sdc_between"]),
                ),
            ),
            Table(
                "Each reader with himself",
                (
                    Column("reader", "Reader"),
                    Column("icc", "ICC(1,1) (interval)", ".3f"),
                    Column("sd", "SD within a subject (interval)", ".3g"),
                    Column("sdc", "SDC (interval)", ".3g"),
                ),
                tuple((r.reader, r.icc, r.sd, r.sdc) for r in single),
            ),
            Table(
                "Components of variance",
                (Column("source", "Source"), Column("variance", "Variance", ".4g"), Column("share", "Share", ".1%")),
                tuple((name, float(v), float(v) / total) for name, v in zip(labels, parts, strict=True)),
            ),
        ),
        icc_within=found["icc_within"],
        icc_between=found["icc_between"],
        sem_within=found["sem_within"],
        sem_between=found["sem_between"],
        sdc_within=found["sdc_within"],
        sdc_between=found["sdc_between"],
        components=Components(*map(float, parts)),
        readers=single,
    )


def _cube(frame: pd.DataFrame, subject: str, reader: str, value: str) -> tuple[Array, tuple[str, ...], int]:
    """Readings ``(subjects, readers, repeats)``, names of the readers, and how many subjects are incomplete."""
    need_columns(frame, [subject, reader, value])
    known = frame[[subject, reader, value]].dropna()
    readings = numbers(known[value], value)
    names = sorted(map(str, known[reader].unique()))
    cells: dict[Any, dict[str, list[float]]] = {}
    for person, who, x in zip(known[subject], known[reader].astype(str), readings, strict=True):
        cells.setdefault(person, {}).setdefault(who, []).append(float(x))
    repeats = max((len(v) for c in cells.values() for v in c.values()), default=0)
    whole = [c for c in cells.values() if set(c) == set(names) and {len(v) for v in c.values()} == {repeats}]
    if len(names) < 2 or repeats < 2 or len(whole) < 2:
        raise CohortDataError(
            value,
            say(
                "has {names} readers, {repeats} repeats and {whole} complete subjects",
                names=len(names),
                repeats=repeats,
                whole=len(whole),
            ),
            "It takes two of each; with one reading per reader use the plain ICC.",
        )
    cube = np.array([[c[name] for name in names] for c in whole])
    if np.ptp(cube) == 0:
        raise CohortDataError(value, say("is always {flat:g}", flat=cube.flat[0]), "Give readings that differ.")
    return cube, tuple(names), frame[subject].nunique() - len(whole)


def _mean_squares(cube: Array) -> tuple[Array, Array]:
    """Of subjects, readers, their interaction and repeats, with degrees of freedom."""
    n, k, m = cube.shape
    cell, grand = cube.mean(axis=2), cube.mean()
    persons, who = cell.mean(axis=1), cell.mean(axis=0)
    free = np.array([n - 1, k - 1, (n - 1) * (k - 1), n * k * (m - 1)], float)
    sums = np.array(
        [
            k * m * ((persons - grand) ** 2).sum(),
            n * m * ((who - grand) ** 2).sum(),
            m * ((cell - persons[:, None] - who + grand) ** 2).sum(),
            ((cube - cell[:, :, None]) ** 2).sum(),
        ]
    )
    return sums / free, free


def _components(squares: Array, n: int, k: int, m: int) -> Array:
    """Variances ``(4, d)`` of subjects, readers, interaction and repeats; what comes out negative is none."""
    person, who, both, repeat = squares
    found = np.stack([(person - both) / (k * m), (who - both) / (n * m), (both - repeat) / m, repeat])
    return np.asarray(np.maximum(found, 0))


def _figures(parts: Array) -> dict[str, Array]:
    subject, reader, both, repeat = parts
    total = parts.sum(axis=0)
    between = np.sqrt(reader + both + repeat)
    return {
        "icc_within": (subject + reader + both) / total,
        "icc_between": subject / total,
        "sem_between": between,
        "sdc_between": Z * np.sqrt(2) * between,
    }


def _exact(square: float, free: float, coverage: float) -> Estimate:
    """A variance with the interval of chi-square."""
    from scipy.stats import chi2

    low, high = (float(square * free / chi2.ppf(q, free)) for q in (0.5 + coverage / 2, 0.5 - coverage / 2))
    return Estimate(float(square), low, high, None, coverage)


def _root(variance: Estimate, times: float) -> Estimate:
    value, low, high = (float(times * np.sqrt(v)) for v in (variance.value, variance.low, variance.high))
    return Estimate(value, low, high, None, variance.coverage)


def _one_reader(readings: Array, name: str, coverage: float) -> OneReader:
    """``(subjects, repeats)`` of one reader: the one-way model."""
    from ovcf.cohort.agreement.reliability import icc

    n, m = readings.shape
    square = float(((readings - readings.mean(axis=1, keepdims=True)) ** 2).sum()) / (n * (m - 1))
    variance = _exact(square, n * (m - 1), coverage)
    same = Estimate(1.0, 1.0, 1.0, None, coverage)
    agreed = icc(readings, coverage=coverage)["ICC(1,1)"] if square > 0 else same
    return OneReader(name, _root(variance, 1.0), _root(variance, Z * np.sqrt(2)), agreed)
