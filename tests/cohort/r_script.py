"""R as an authority that is not us: tests that ask it skip, with a reason, where R or its packages are absent."""

import functools
import shutil
import subprocess

import pytest


def ask_r(code: str, packages: tuple[str, ...] = (), **tables) -> list[float]:
    """Run R code that ends in a vector of numbers; each table is a data frame of that name; give the numbers back."""
    r = shutil.which("Rscript")
    if r is None:
        pytest.skip("needs R (Rscript) to compare with")
    for package in packages:
        if not _installed(r, package):
            pytest.skip(f"needs the R package {package} to compare with")
    sent = "\n".join(f"{name} <- read.csv(text='{table.to_csv(index=False)}')" for name, table in tables.items())
    loaded = "\n".join(f"suppressMessages(library({p}))" for p in packages)
    program = f"{sent}\n{loaded}\nanswer <- {{ {code} }}\ncat('\\nANSWER', sprintf('%.15g', as.numeric(answer)))\n"
    done = subprocess.run([r, "-"], input=program, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return [float(x) for x in done.stdout.split("ANSWER")[1].split()]


@functools.cache
def _installed(r: str, package: str) -> bool:
    return subprocess.run([r, "-e", f"library({package})"], capture_output=True, check=False).returncode == 0
