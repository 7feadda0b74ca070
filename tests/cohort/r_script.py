"""R as an authority that is not us: tests that ask it skip, with a reason, where R or its packages are absent."""

import functools
import json
import shutil
import subprocess
from typing import Any

import pytest

LMER = """
    # lme4's optimisers see the deviance alone, which says nothing beyond the square root of rounding. From where they
    # stop, Newton's steps on differences of the deviance go on to its very minimum.
    lmer_to_the_end <- function(formula, data) {
      parts <- lFormula(formula, data, REML=TRUE)
      deviance <- do.call(mkLmerDevfun, parts)
      theta <- optimizeLmer(deviance, optimizer='bobyqa', control=list(rhoend=1e-12, maxfun=1e5))$par
      unit <- diag(c(abs(theta[1]), rep(sqrt(sum(theta[-1]^2)), 2))[seq_along(theta)], length(theta)) / 100
      slope <- function(at) apply(unit, 2, function(h) 8 * (deviance(at + h) - deviance(at - h)) -
                                                       deviance(at + 2 * h) + deviance(at - 2 * h)) / 12
      for (i in 1:4) {
        curve <- apply(unit, 2, function(h) (slope(theta + h) - slope(theta - h)) / 2)
        theta <- theta - drop(unit %*% qr.solve((curve + t(curve)) / 2, slope(theta)))
      }
      mkMerMod(environment(deviance), list(par=theta, fval=deviance(theta), conv=0, message=''), parts$reTrms,
               fr=parts$fr)
    }
"""


def ask_r(code: str, packages: tuple[str, ...] = (), **tables) -> Any:
    """Run R code and give back its last value: a list with names as a dict, anything else as a list of numbers.

    Each of ``tables`` is a data frame of that name in the code.
    """
    r = shutil.which("Rscript")
    if r is None:
        pytest.skip("needs R (Rscript) to compare with")
    for package in ("jsonlite", *packages):
        if package not in _installed(r):
            pytest.skip(f"needs the R package {package} to compare with")
    sent = "\n".join(f"{name} <- read.csv(text='{table.to_csv(index=False)}')" for name, table in tables.items())
    loaded = "\n".join(f"suppressMessages(library({p}))" for p in packages)
    program = f"""{sent}\n{loaded}\nanswer <- {{ {code} }}
        if (!is.list(answer)) answer <- as.numeric(answer)
        cat('\\nANSWER', jsonlite::toJSON(answer, digits=NA, auto_unbox=is.list(answer), na='null'))\n"""
    done = subprocess.run([r, "-"], input=program, capture_output=True, text=True, check=False, timeout=600)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout.split("ANSWER")[1])


@functools.cache
def _installed(r: str) -> set[str]:
    listed = subprocess.run(
        [r, "-e", "cat(rownames(installed.packages()))"], capture_output=True, text=True, check=False
    )
    return set(listed.stdout.split())
