"""Studies that a stand-in assesses in no time, and the tables that come of them."""

import json
import sys
from pathlib import Path

import pytest

from ovcf.batch.sources.manifest import manifest_id
from ovcf.batch.sources.walk import studies_in
from ovcf.batch.store.store import open_store
from ovcf.batch.tables.columns import RESULTS
from ovcf.batch.tables.parquet import read_rows
from ovcf.batch.work.run import Asked, Batch
from ovcf.batch.work.shard import shards_of
from ovcf.jobs.process import Limits

CHILD = (sys.executable, str(Path(__file__).with_name("child.py")))


@pytest.fixture(scope="session")
def child(tmp_path_factory):
    """The command of the stand-in."""
    from ovcf.batch.tables.rows import rows_of
    from ovcf.reading.session import Session
    from tests.server.small_reading import small_reading

    rows = tmp_path_factory.mktemp("child") / "rows.json"
    rows.write_text(json.dumps(rows_of(Session(small_reading()).assessment())))
    return (*CHILD, str(rows))


@pytest.fixture
def studies(tmp_path):
    """``studies(3, "crash")``: so many sound studies in a folder, then one for each way to go wrong."""

    def made(count, *wrong, slow=False):
        folder = tmp_path / "studies"
        for number in range(count):
            make_study(folder / f"s{number:02}", *(["slow"] if slow else []))
        for how in wrong:
            make_study(folder / how, how)
        return folder

    return made


def make_study(folder, *names):
    """A folder with a film of its own, and files whose names tell the stand-in what to do."""
    folder.mkdir(parents=True)
    (folder / "image.txt").write_text(folder.name)
    for name in names:
        (folder / name).touch()


@pytest.fixture
def batch(tmp_path, child):
    """``batch(folder)``: run it with stand-ins; the place of results, and what was counted."""

    def run(source, out="results", *, log=None, **how):
        where = out if "://" in str(out) else tmp_path / out
        return run_batch(Path(source), where, (*child, str(log)) if log else child, **how)

    return run


def run_batch(source, out, child, *, shards=1, only=None, limits=None, **asked):
    """Run a batch with this child; the place of results, and what was counted."""
    found = tuple(studies_in([source]))
    cut = shards_of(manifest_id(found), len(found), min(shards, len(found)))
    parts = [(one, one.cut(found)) for one in cut if only is None or one.number in only]
    store = open_store(out, create=True)
    done = Batch(store, parts, Asked(limits=limits or Limits(seconds=20), child=tuple(child), **asked))
    done.run(every_s=0.05)
    return store, done.count.now()


def tables_of(store):
    """The rows of every table that must not differ between runs, shards put together in their order."""
    found = {}
    for table in RESULTS:
        names = sorted(name for name in store.names(table) if name.endswith(".parquet"))
        found[table] = [row for name in names for row in read_rows(store.get(name))]
    return found


def bytes_of(store):
    """The bytes of every such table."""
    return {n: store.get(n) for table in RESULTS for n in store.names(table) if n.endswith(".parquet")}
