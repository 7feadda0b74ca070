"""Speed and memory of the cohort engine on made-up patients beside the bars set for them, as a Markdown table.

Run: uv run python bench/cohort_speed.py. Where R and its pROC are installed, the same DeLong interval is timed there.
Exit code 1 if a bar is missed.
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
    import pandas as pd

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
    from ovcf.scores.nasovcf_array import nasovcf_array

    rng = np.random.default_rng(1)
    columns = {
        "burst": rng.random(n) < 0.23,
        "vhl_percent": rng.normal(10, 6, n),
        "local_kyphosis_deg": rng.normal(8, 6, n),
        "t2_diffuse_low": rng.random(n) < 0.5,
        "t_score": np.where(rng.random(n) < 0.1, np.nan, np.clip(rng.normal(-2.8, 0.8, n), -8, -1)),
    }
    return lambda: nasovcf_array(**columns)


def proc_seconds(n: int) -> float:
    """Seconds of ci.auc in pROC on the same patients, without start-up and reading."""
    y, a, _ = patients(n)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "patients.csv"
        np.savetxt(path, np.column_stack([y, a]), delimiter=",", fmt="%.10g")
        code = f"""suppressMessages(library(pROC)); d <- read.csv('{path}', header=FALSE)
        took <- min(replicate(3, system.time(
          ci.auc(roc(d$V1, d$V2, direction='<', levels=c(0, 1), quiet=TRUE)))[['elapsed']])); cat(took)"""
        return float(subprocess.run(["Rscript", "-e", code], capture_output=True, text=True, check=True).stdout)


def ratios() -> None:
    """The DeLong interval here and in pROC, side by side."""
    from ovcf.cohort.prediction.delong import auc

    print("\n| DeLong interval of one AUC | ovcf, s | pROC, s | ratio |\n|---|---|---|---|")
    for n in (10_000, 100_000, 1_000_000):
        y, a, _ = patients(n)
        ours, theirs = seconds(lambda y=y, a=a: auc(y, a)), proc_seconds(n)
        print(f"| {n:,} rows | {ours:.3f} | {theirs:.3f} | {theirs / ours:.1f} |", flush=True)


def has_proc() -> bool:
    r = shutil.which("Rscript")
    return (
        r is not None and subprocess.run([r, "-e", "library(pROC)"], capture_output=True, check=False).returncode == 0
    )


if __name__ == "__main__":
    print("## Speed of the cohort engine\n")
    print(f"Python {platform.python_version()}, {platform.machine()}, {os.cpu_count()} cores; best of three\n")
    print("| what | patients | seconds (bar) | peak MiB (bar) | kept |\n|---|---|---|---|---|")
    timed = rows()
    print(*timed, sep="\n", flush=True)
    if has_proc():
        ratios()
    sys.exit(not all(row.kept for row in timed))
