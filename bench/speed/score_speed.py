"""How long NASOVCF takes for a million patients, as markdown."""

import time

import numpy as np

from ovcf.scores.prognosis.nasovcf_array import nasovcf_array

ROWS = 1_000_000


def main() -> None:
    rng = np.random.default_rng(0)
    columns = {
        "burst": rng.random(ROWS) < 0.23,
        "vhl_percent": rng.gamma(1.5, 6, ROWS),
        "local_kyphosis_deg": rng.gamma(1.5, 4, ROWS),
        "t2_diffuse_low": rng.random(ROWS) < 0.5,
        "t_score": np.where(rng.random(ROWS) < 0.1, np.nan, rng.normal(-2.7, 0.8, ROWS).clip(-8, 6)),
    }
    seconds = []
    for _ in range(5):
        start = time.perf_counter()
        scored = nasovcf_array(**columns)
        seconds.append(time.perf_counter() - start)
    print("## Speed of NASOVCF on columns\n")
    print(f"{ROWS:,} made-up patients, median of {len(seconds)} runs: {np.median(seconds):.2f} s.\n")
    print("| status | patients |\n|---|---:|")
    for code, status in enumerate(scored.statuses):
        print(f"| {status.value} | {int((scored.status == code).sum()):,} |")


if __name__ == "__main__":
    main()
