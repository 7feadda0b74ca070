"""R as an authority that is not us: tests that ask it skip, with a reason, where R or its packages are absent."""

import functools
import json
import shutil
import subprocess
from typing import Any

import pytest


def ask_r(code: str, packages: tuple[str, ...] = (), **tables) -> Any:
    """Run R code and give back its last value: a list with names as a dict, anything else as a list of numbers.

    Each of ``tables`` is a data frame of that name in the code.
    """
    r = shutil.which("Rscript")
    if r is None:
        pytest.skip("needs R (Rscript) to compare with")
    for package in ("jsonlite", *packages):
        if not _installed(r, package):
            pytest.skip(f"needs the R package {package} to compare with")
    sent = "\n".join(f"{name} <- read.csv(text='{table.to_csv(index=False)}')" for name, table in tables.items())
    loaded = "\n".join(f"suppressMessages(library({p}))" for p in packages)
    program = f"""{sent}\n{loaded}\nanswer <- {{ {code} }}
        if (!is.list(answer)) answer <- as.numeric(answer)
        cat('\\nANSWER', jsonlite::toJSON(answer, digits=NA, auto_unbox=is.list(answer), na='null'))\n"""
    done = subprocess.run([r, "-"], input=program, capture_output=True, text=True, check=False, timeout=120)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout.split("ANSWER")[1])


@functools.cache
def _installed(r: str, package: str) -> bool:
    return subprocess.run([r, "-e", f"library({package})"], capture_output=True, check=False).returncode == 0
