"""Speed and memory of the cohort engine on made-up patients beside the bars set for them, as a Markdown table.

Run: uv run python -m bench.statistics.cohort_speed. Where R and its packages are installed, the same analyses are timed
there. Exit code 1 if a bar is missed.
"""

from __future__ import annotations

import os
import platform
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pandas as pd

DELONG_MIB = 500e6 / 2**20


def seconds(call: Callable[[], object], repeat: int = 3) -> float:
    took = []
    for _ in range(repeat):
        start = time.perf_counter()
        call()
        took.append(time.perf_counter() - start)
    return min(took)


def patients(n: int, seed: int = 0) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    y = rng.random(n) < 0.25
    return y, rng.normal(y), np.round(rng.normal(y * 1.2) * 2)


def peak_mib() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


class Row(NamedTuple):
    """What was timed; the bars are None where none is set. Memory is the peak of the process until then."""

    what: str
    size: str
    took_s: float
    peak_mib: float
    bar_s: float | None
    bar_mib: float | None

    @property
    def kept(self) -> bool:
        return (self.bar_s is None or self.took_s < self.bar_s) and (
            self.bar_mib is None or self.peak_mib < self.bar_mib
        )

    def __str__(self) -> str:
        time_bar = "" if self.bar_s is None else f" (< {self.bar_s:g})"
        memory_bar = "" if self.bar_mib is None else f" (< {self.bar_mib:.0f})"
        verdict = "" if self.bar_s is None else "yes" if self.kept else "NO"
        return (
            f"| {self.what} | {self.size} | {self.took_s:.3f}{time_bar} | {self.peak_mib:.0f}{memory_bar} | {verdict} |"
        )


def rows() -> list[Row]:
    from ovcf.cohort.prediction.delong import auc, delong_paired
    from ovcf.cohort.prediction.optimism import optimism
    from ovcf.cohort.prediction.roc import roc
    from ovcf.cohort.regression.logistic import logistic

    found = []

    def add(
        what: str,
        size: str,
        call: Callable[[], object],
        repeat: int = 3,
        bar_s: float | None = None,
        bar_mib: float | None = None,
    ) -> None:
        found.append(Row(what, size, seconds(call, repeat), peak_mib(), bar_s, bar_mib))

    y, a, b = patients(1_000_000)
    add("AUC, DeLong interval", "1,000,000 rows", lambda: auc(y, a), 3, 3, DELONG_MIB)
    add("two AUCs, DeLong's paired test", "1,000,000 rows", lambda: delong_paired(y, a, b), 3, 3, DELONG_MIB)
    y, a, b = patients(5000)
    add("ROC, Youden cut-off, 2,000 resamples", "5,000 rows", lambda: roc(y, a), 1, 20)
    frame = pd.DataFrame({"y": y, "a": a, "b": b})
    model = logistic(frame, "y", ["a", "b"])
    add("logistic model, 2 predictors", "5,000 rows", lambda: logistic(frame, "y", ["a", "b"]))
    add("optimism, 2,000 resamples", "5,000 rows", lambda: optimism(model, frame, resamples=2000), 1, 20)
    add("NASOVCF, a tenth of T-scores missing", "10,000,000 rows", nasovcf(10_000_000), 1, 10)
    return found


def nasovcf(n: int) -> Callable[[], object]:
    from ovcf.scores.prognosis.nasovcf_array import nasovcf_array

    rng = np.random.default_rng(1)
    columns = {
        "burst": rng.random(n) < 0.23,
        "vhl_percent": rng.normal(10, 6, n),
        "local_kyphosis_deg": rng.normal(8, 6, n),
        "t2_diffuse_low": rng.random(n) < 0.5,
        "t_score": np.where(rng.random(n) < 0.1, np.nan, np.clip(rng.normal(-2.8, 0.8, n), -8, -1)),
    }
    return lambda: nasovcf_array(**columns)


SIZES = (10_000, 100_000, 1_000_000)
R_CODE = {
    "AUC with DeLong's interval": ("pROC", "ci.auc(roc(d$y, d$a, direction='<', levels=c(0, 1), quiet=TRUE))"),
    "logistic model, 3 predictors": ("stats", "summary(glm(y ~ a + b + c, binomial, d))"),
    "Cox model with its check of proportional hazards": ("survival", "cox.zph(coxph(Surv(t, e) ~ a + b + c, d))"),
    "Cox model, times in whole months": ("survival", "cox.zph(coxph(Surv(months, e) ~ a + b + g, d))"),
    "mixed model of 5 visits, random slope": ("lme4", "lmer(vas ~ month + (month | id), d)"),
    "mixed model of 5 visits, two groups": ("lme4", "lmer(vas ~ factor(month) * group + (1 | id), d)"),
}


def tables(n: int) -> dict[str, pd.DataFrame]:
    """Made-up patients for each analysis; the rows of the mixed model are visits, a tenth of them missed."""
    rng = np.random.default_rng(0)
    a, b, c = rng.normal(size=(3, n))
    event, lost = rng.exponential(np.exp(0.3 * b - 0.5 * a)), rng.exponential(2, n)
    patients = pd.DataFrame(
        {
            "y": (rng.random(n) < 1 / (1 + np.exp(1 - a - 0.5 * b))).astype(int),
            "a": a,
            "b": b,
            "c": c,
            "g": np.take(["x", "y", "z"], rng.integers(0, 3, n)),
            "t": np.minimum(event, lost),
            "months": np.ceil(12 * np.minimum(event, lost)),
            "e": (event <= lost).astype(int),
        }
    )
    who, month = np.repeat(np.arange(n // 5), 5), np.tile([0.0, 1, 3, 6, 12], n // 5)
    level, slope = rng.normal(7, 0.8, n // 5), rng.normal(-0.3, 0.1, n // 5)
    visits = pd.DataFrame({"id": who, "month": month, "vas": level[who] + slope[who] * month + rng.normal(0, 0.6, n)})
    visits["group"] = np.where(who % 2, "brace", "none")
    mixed = visits[rng.random(len(visits)) > 0.1]
    return {name: mixed if name.startswith("mixed") else patients for name in R_CODE}


def ours() -> dict[str, Callable[[pd.DataFrame], object]]:
    from ovcf.cohort.prediction.delong import auc
    from ovcf.cohort.regression.logistic import logistic
    from ovcf.cohort.survival.cox import cox
    from ovcf.cohort.visits.mixed_model import linear_mixed_model

    calls: tuple[Callable[[pd.DataFrame], object], ...] = (
        lambda d: auc(d["y"], d["a"]),
        lambda d: logistic(d, "y", ["a", "b", "c"]),
        lambda d: cox(d, "t", "e", ["a", "b", "c"]),
        lambda d: cox(d, "months", "e", ["a", "b", "g"]),
        lambda d: linear_mixed_model(d, "vas", subject="id", visit="month", time="linear", random_slope=True),
        lambda d: linear_mixed_model(d, "vas", subject="id", visit="month", group="group"),
    )
    return dict(zip(R_CODE, calls, strict=True))


def cpu_seconds(call: Callable[[], object], repeat: int) -> float:
    """Least processor time, which other programs of a busy machine hardly change; of one thread, as R has by itself."""
    from threadpoolctl import threadpool_limits

    took = []
    with threadpool_limits(limits=1):
        for _ in range(repeat):
            start = time.process_time()
            call()
            took.append(time.process_time() - start)
    return min(took)


def r_cpu_seconds(package: str, code: str, path: Path, repeat: int) -> float:
    """The same in R, without start-up and reading."""
    program = f"""suppressMessages(library({package})); d <- read.csv('{path}')
    cat(min(replicate({repeat}, sum(system.time({code})[1:2]))))"""
    return float(subprocess.run(["Rscript", "-e", program], capture_output=True, text=True, check=True).stdout)


def ratios() -> None:
    """The same analyses here and in R, in turns."""
    r = subprocess.run(["Rscript", "-e", "cat(R.version.string)"], capture_output=True, text=True, check=True).stdout
    print(
        f"\nBeside {r}: processor time of one thread, the least of several runs in turns. ovcf also makes what R "
        "leaves to further calls: the search for separation and collinearity, variance inflation and Hosmer-Lemeshow "
        "(logistic), Kenward and Roger's tests (mixed model).\n"
    )
    print("| analysis | rows | ovcf, s | R, s | ratio |\n|---|---|---|---|---|")
    for name, call in ours().items():
        package, code = R_CODE[name]
        if not has(package):
            continue
        call(tables(1000)[name])  # the first call loads what it needs
        for n in SIZES:
            table, repeat, here, there = tables(n)[name], 5 if n < 1_000_000 else 1, [], []
            with tempfile.TemporaryDirectory() as folder:
                path = Path(folder) / "table.csv"
                table.to_csv(path, index=False)
                for _ in range(2):
                    here.append(cpu_seconds(lambda t=table: call(t), repeat))  # noqa: B023
                    there.append(r_cpu_seconds(package, code, path, repeat))
            ratio = min(there) / min(here)
            print(f"| {name} | {n:,} | {min(here):.3f} | {min(there):.3f} | {ratio:.1f} |", flush=True)


def has(package: str) -> bool:
    r = shutil.which("Rscript")
    found = [r or "", "-e", f"library({package})"]
    return r is not None and subprocess.run(found, capture_output=True, check=False).returncode == 0


if __name__ == "__main__":
    print("## Speed of the cohort engine\n")
    print(f"Python {platform.python_version()}, {platform.machine()}, {os.cpu_count()} cores; best of three\n")
    print("| what | patients | seconds (bar) | peak MiB (bar) | kept |\n|---|---|---|---|---|")
    timed = rows()
    print(*timed, sep="\n", flush=True)
    if has("stats"):
        ratios()
    sys.exit(not all(row.kept for row in timed))
