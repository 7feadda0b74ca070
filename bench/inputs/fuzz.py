"""Damaged inputs of every kind: no traceback, no hang, no memory, no impossible number. ``make fuzz``.

Each case is made from its number, so that a finding can be made again:
``python -m bench.inputs.fuzz --first N --cases 1 --whole 0``. Readers run in a child with limits; one that dies names
the case it died on, and the next goes on behind it.
"""

from __future__ import annotations

import argparse
import faulthandler
import random
import signal
import subprocess
import sys
import tempfile
import traceback
import warnings
from collections.abc import Callable
from pathlib import Path

from bench.inputs.damaged_files import SOUND, spoilt, written
from bench.inputs.damaged_studies import study_case

ROOT = Path(__file__).resolve().parents[2]
SECONDS, STUDY_SECONDS = 10, 30
"""Of work, whatever else the machine does. A study is measured, too."""
_PATIENCE = 20
"""Times its work: how long a case may take that waits instead of working."""
MEMORY_BYTES = 2**30
"""Resident, the libraries included."""


def readers() -> dict[str, Callable[[Path], object]]:
    """What reads each kind of file."""
    from ovcf.clinical.read_case import read_case
    from ovcf.cohort.data.dataset import check
    from ovcf.cohort.data.infer import describable, inferred
    from ovcf.cohort.data.read import read_dictionary, read_table
    from ovcf.cohort.mapping.guess import guess_mapping
    from ovcf.cohort.mapping.write import mapping_text
    from ovcf.cohort.recipes.columns_of import columns_of
    from ovcf.imaging.read import read_study
    from ovcf.phantom.recipe import read_recipe
    from ovcf.segmentation.label_map import read_bodies
    from ovcf.segmentation.points.landmark_file import read_landmarks

    def possible(path: Path) -> None:
        for vertebra in read_landmarks(path):
            size = max(abs(vertebra.array.max(axis=0) - vertebra.array.min(axis=0)))
            assert not vertebra.source.calibrated or 1 < size < 160, f"a vertebra of {size} mm"

    def images(path: Path) -> None:
        for series in read_study(path).series:
            spacing = series.image.spacing_mm or ()
            assert all(0.01 < mm < 50 for mm in spacing), f"voxels of {spacing} mm"

    def understood(path: Path) -> None:
        raw = read_table(path)
        mapping = guess_mapping(raw, columns_of("nasovcf"))
        mapping_text(mapping)
        check(raw, mapping.dictionary())
        check(raw, inferred(raw, describable(raw)))

    return {
        "case": read_case,
        "landmarks": possible,
        "table": understood,
        "workbook": understood,
        "dictionary": read_dictionary,
        "redcap": read_dictionary,
        "recipe": read_recipe,
        "labels": lambda path: read_bodies([path], scheme="verse"),
        **dict.fromkeys(("plain", "rle", "jpegls", "deflated", "image", "film", "study", "lzma"), images),
    }


def one_case(number: int, folder: Path, read: dict[str, Callable[[Path], object]]) -> str | None:
    """What went wrong with a case, or None."""
    from ovcf.errors import OvcfError

    rng = random.Random(number)
    name = list(SOUND)[number % len(SOUND)]
    path = written(folder, name, spoilt(name, rng))
    try:
        read[name.partition(".")[0]](path)
    except OvcfError as error:
        str(error).encode("utf-8", "replace")
    except Exception:
        return f"{name}\n{traceback.format_exc(limit=-6)}"
    return None


def child(first: int, last: int, studies: bool) -> None:
    """Run the cases of one range, telling each before it begins."""
    import logging
    import resource

    warnings.simplefilter("ignore")
    logging.disable()
    read, limit = readers(), STUDY_SECONDS if studies else SECONDS
    faulthandler.register(signal.SIGPROF, chain=True)
    with tempfile.TemporaryDirectory(prefix="ovcf-fuzz-") as made:
        for number in range(first, last):
            print(f"case {number}", flush=True)
            if number == first and studies:
                study_case(number, Path(made))  # the patient is made before the clock runs
            signal.setitimer(signal.ITIMER_PROF, limit)
            faulthandler.dump_traceback_later(_PATIENCE * limit, exit=True)
            wrong = study_case(number, Path(made)) if studies else one_case(number, Path(made), read)
            signal.setitimer(signal.ITIMER_PROF, 0)
            faulthandler.cancel_dump_traceback_later()
            if wrong:
                print("wrong " + wrong.replace("\n", "\\n"), flush=True)
            peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * (1 if sys.platform == "darwin" else 1024)
            if peak > MEMORY_BYTES:
                print(f"wrong {peak / 2**20:.0f} MiB of memory", flush=True)
                return


def run(first: int, cases: int, *, studies: bool = False) -> list[str]:
    """Every finding of a range of cases, each with its number."""
    found, at, last = [], first, first + cases
    while at < last:
        command = [sys.executable, "-m", "bench.inputs.fuzz", "--child", str(at), str(last)] + ["--studies"] * studies
        done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, errors="replace", check=False)
        now = at
        for line in done.stdout.splitlines():
            word, _, rest = line.partition(" ")
            now = int(rest) if word == "case" else now
            found += [f"case {now}: {rest}".replace("\\n", "\n")] if word == "wrong" else []
        if done.returncode:
            limit = STUDY_SECONDS if studies else SECONDS
            found.append(f"case {now}: the reader died, or took over {limit} s\n{done.stderr[-1500:]}")
        at = now + 1
    return found


def main() -> None:
    """Run, print every finding, and fail where there is one."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--cases", type=int, default=20_000)
    parser.add_argument("--whole", type=int, default=200, help="whole studies")
    parser.add_argument("--first", type=int, default=0)
    parser.add_argument("--child", type=int, nargs=2)
    parser.add_argument("--studies", action="store_true")
    given = parser.parse_args()
    if given.child:
        child(*given.child, given.studies)
        return
    found = run(given.first, given.cases) + run(given.first, given.whole, studies=True)
    print("\n\n".join(found))
    print(f"{given.cases} files and {given.whole} studies: {len(found)} findings")
    sys.exit(bool(found))


if __name__ == "__main__":
    main()
