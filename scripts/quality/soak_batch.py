"""A batch of many digital studies: throughput, memory, two workers against one, and whatever may be killed.

Makes digital patients with known fractures, assesses them in a batch of two workers, some of them by one worker alone,
some again with the whole killed (kill -9) in the middle, and some on a Dask cluster of two workers one of which is
killed. Every table must come out the same. Tells how many of the drawn fractures are on the worklist; ``--measured``
writes that where the worklist takes its printed sensitivity from.
"""

import argparse
import os
import signal
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from pathlib import Path

from bench.measured import keep
from ovcf.anatomy import Level
from ovcf.batch.sources.manifest import manifest_id
from ovcf.batch.sources.walk import studies_in
from ovcf.batch.store.store import open_store
from ovcf.batch.tables.columns import RESULTS
from ovcf.batch.tables.parquet import read_rows
from ovcf.batch.work.cluster import run_on
from ovcf.batch.work.run import Asked, Batch
from ovcf.batch.work.shard import shards_of
from ovcf.batch.worklist.entries import worklist
from ovcf.errors import PhantomError
from ovcf.jobs.process import Limits
from ovcf.phantom.patient import make_patient
from ovcf.phantom.recipe import FractureRecipe, Recipe
from ovcf.phantom.render import CONTRASTS
from ovcf.render.worklist.entry import Measured

FIRST = 980_000_000
"""Seeds of these patients: no network was trained on them, and nothing was chosen by them."""
LEVELS = ("T11", "T12", "L1", "L2")
KINDS = (
    None,
    {"shape": "wedge", "grade": 1, "edema_percent": 45.0},
    {"shape": "wedge", "grade": 2, "edema_percent": 45.0},
    {"shape": "biconcave", "grade": 2, "edema_percent": 0.0, "t2_pattern": "none"},
    {"shape": "crush", "grade": 2, "edema_percent": 45.0},
    {"shape": "wedge", "grade": 2, "edema_percent": 0.0, "t2_pattern": "none"},
)
"""None, or the fracture that is drawn; those without edema are old."""
MOST_BYTES, LEAST_SCALING = 1.2 * 2**30, 0.9
DASK = """
import asyncio
from distributed import Scheduler
async def main():
    async with Scheduler(host="127.0.0.1", port=0, dashboard=False) as one:
        print(one.address, flush=True)
        await one.finished()
asyncio.run(main())
"""


def make(number, *, folder, small):
    """One digital patient's study in a folder of its own; where the drawn fracture is, None without one."""
    kind = KINDS[number % len(KINDS)]
    level = LEVELS[number // len(KINDS) % len(LEVELS)]
    study = folder / "studies" / f"p{number:05}"
    if not study.exists():
        fractures = () if kind is None else (FractureRecipe(level=Level(level), **kind),)
        made = folder / "making" / study.name
        recipe = Recipe(seed=FIRST + number, centre=Level(level), fractures=fractures)
        try:
            (visit,) = make_patient(recipe, made, contrasts=() if small else CONTRASTS, replace=True)
        except PhantomError:  # this shape cannot be drawn so
            return study.name, "not drawn"
        study.parent.mkdir(parents=True, exist_ok=True)
        (visit / "study").rename(study)
    return study.name, None if kind is None else level


def parts_of(studies, shards):
    """The shards of studies."""
    return [(s, s.cut(studies)) for s in shards_of(manifest_id(studies), len(studies), min(shards, len(studies)))]


def run(studies, out, workers, shards):
    """A batch; seconds, and what was counted."""
    store = open_store(out, create=True)
    batch = Batch(store, parts_of(studies, shards), Asked(limits=Limits(), workers=workers))
    began = time.monotonic()
    batch.run(lambda: told(batch.count.now()), every_s=20.0)
    return store, time.monotonic() - began, batch.count.now()


def told(now):
    """A line about how far it is."""
    sys.stderr.write(f"{now.done} of {now.total}, {now.per_hour or 0:.0f} an hour\n")


def same(one, other, studies):
    """Whether the rows of some studies are equal in two places."""
    names = {study.study for study in studies}
    return all(_rows(one, table, names) == _rows(other, table, names) for table in RESULTS)


def spent(store, studies):
    """Seconds from the beginning of a study to its end, the mean of some."""
    names = {study.study for study in studies}
    rows = [r for n in store.names("attempts") for r in read_rows(store.get(n))]
    return statistics.mean(r["seconds"] for r in rows if r["study"] in names)


def _rows(store, table, names):
    paths = sorted(n for n in store.names(table) if n.endswith(".parquet"))
    return [row for path in paths for row in read_rows(store.get(path)) if row["study"] in names]


def killed(studies_folder, out, shards):
    """Run the command, kill it and all it started once a study is done, and run it again to the end."""
    command = [sys.executable, "-m", "ovcf", "batch", "run", str(studies_folder), "--out", str(out), "--workers", "2"]
    command += ["--shards", str(shards), "--quiet"]
    first = subprocess.Popen(command)
    while first.poll() is None and not any(out.glob("state/results/*/*")):
        time.sleep(0.05)
    first.send_signal(signal.SIGKILL)
    first.wait()
    subprocess.run(command, check=True)
    return open_store(out)


def on_dask(studies, out, shards):
    """Two workers of a cluster over loopback, one killed while it works."""
    store = open_store(out, create=True)
    command = [sys.executable, "-c", DASK]
    scheduler = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
    address = scheduler.stdout.readline().strip()
    command = [sys.executable, "-m", "distributed.cli.dask_worker", address, "--nthreads", "1", "--no-nanny"]
    command += ["--no-dashboard", "--memory-limit", "0"]
    workers = [subprocess.Popen(command, stderr=subprocess.DEVNULL) for _ in range(2)]

    def kill_one():
        while not any(store.names("state/results")):
            time.sleep(0.05)
        workers[0].kill()

    threading.Thread(target=kill_one, daemon=True).start()
    try:
        run_on(address, store, parts_of(studies, shards), Asked(limits=Limits()), lambda _: None)
    finally:
        for process in (*workers, scheduler):
            process.kill()
            process.wait()
    return store


def sensitivity(store, truth):
    """(found, of, passed, of sound): patients whose drawn fracture is shown, and sound ones who are not on the list.

    It is shown by its level, or, where levels are not sure, as a body that looks deformed.
    """
    studies = [r for n in store.names("studies") for r in read_rows(store.get(n))]
    vertebrae = [r for n in store.names("vertebrae") for r in read_rows(store.get(n))]
    made = worklist(studies, vertebrae)
    named = (*made.entries, *(e for e in made.apart if e.marrow_unclear))
    listed = {e.study: {*(v.level for v in e.vertebrae), *e.marrow_unclear} for e in named}
    deformed = {e.study for e in made.apart if e.deformed}
    drawn = {name: level for name, level in truth.items() if level is not None}
    found = sum(level in listed.get(name, ()) or name in deformed for name, level in drawn.items())
    sound = [name for name, level in truth.items() if level is None]
    return found, len(drawn), sum(name not in listed and name not in deformed for name in sound), len(sound)


def main():
    """All of it; ends with 1 where something is not as it must be."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--studies", type=int, default=300)
    parser.add_argument("--again", type=int, default=12, help="how many are done again: alone, killed, on a cluster")
    parser.add_argument("--small", action="store_true", help="radiographs alone: quick, for a look at the machinery")
    parser.add_argument("--keep", type=Path, help="a folder for studies and results, which a later run takes up")
    parser.add_argument("--measured", action="store_true", help="write the sensitivity for the worklist to print")
    args = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="soak-") as made:
        folder = (args.keep or Path(made)).absolute()
        with ProcessPoolExecutor(2) as pool:
            names = list(pool.map(partial(make, folder=folder, small=args.small), range(args.studies)))
        truth = {name: level for name, level in names if level != "not drawn"}
        faults = soak(folder, truth, args)
    for fault in faults:
        print(f"FAULT {fault}")
    sys.exit(1 if faults else 0)


def soak(folder, truth, args):
    """What is not as it must be."""
    faults, all_of = [], tuple(studies_in([folder / "studies"]))
    shards = max(2, len(all_of) // 100)
    store, seconds, count = run(all_of, folder / "two-workers", 2, shards)
    print(f"{len(all_of)} studies, two workers on {os.cpu_count()} cores: {count.done} done")
    if count.computed == count.done:
        each = seconds * 2 / count.done
        print(f"throughput: {3600 * count.done / seconds:.0f} an hour, {each:.2f} s a study and worker")
    if wrong := {outcome: n for outcome, n in count.outcomes.items() if outcome != "assessed"}:
        faults.append(f"not assessed: {wrong}")
    faults += memory(store)
    some = all_of[: args.again]
    alone, _, one = run(some, folder / "one-worker", 1, 1)
    if one.computed == one.done and count.computed == count.done:
        by_one, by_two = spent(alone, some), spent(store, some)  # on the same studies: some are larger than others
        scaling = by_one / by_two
        told_as = f"{by_one:.2f} s each by one worker, {by_two:.2f} s by each of two"
        print(f"two workers against twice one: {scaling:.2f} (the same {len(some)} studies: {told_as})")
        if scaling < LEAST_SCALING and len(all_of) >= 100:
            faults.append(f"two workers do {scaling:.2f} of twice what one does, less than {LEAST_SCALING}")
    if not same(store, alone, some):
        faults.append("one worker alone gives other tables than two")
    few = folder / "some"
    few.mkdir(exist_ok=True)
    for study in some:
        if not (few / study.study).exists():
            (few / study.study).symlink_to(study.paths[0])
    if not same(store, killed(few, folder / "killed", 2), some):
        faults.append("killed and taken up again it gives other tables")
    if not same(store, on_dask(some, folder / "dask", 4), some):
        faults.append("a cluster that lost a worker gives other tables")
    print(f"{len(some)} of them again by one worker, killed in the middle, on a cluster that loses a worker")
    found, of, passed, of_sound = sensitivity(store, truth)
    print(f"worklist: {found} of {of} drawn fractures listed, {passed} of {of_sound} sound patients not listed")
    if args.measured:
        keep(Measured(id="digital", unit="patients", found=found, of=of, passed=passed, of_sound=of_sound))
    return faults


def memory(store):
    """The most memory of a child, and whether later studies take more than earlier ones."""
    rows = [r for n in store.names("attempts") for r in read_rows(store.get(n)) if r["peak_bytes"]]
    peaks = [r["peak_bytes"] for r in sorted(rows, key=lambda r: r["begun_at"])]
    fifth = max(1, len(peaks) // 5)
    first, last = statistics.median(peaks[:fifth]), statistics.median(peaks[-fifth:])
    most = max(peaks)
    print(
        f"memory of a child: at most {most / 2**20:.0f} MiB; first fifth {first / 2**20:.0f}, last {last / 2**20:.0f}"
    )
    faults = [f"a child took {most / 2**30:.2f} GiB"] if most > MOST_BYTES else []
    return faults + (["memory grows"] if len(peaks) >= 50 and last > 1.15 * first else [])


if __name__ == "__main__":
    main()
