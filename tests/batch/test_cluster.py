"""On a Dask cluster of two workers over loopback, one of which is killed: the same tables."""

import subprocess
import sys
import threading
import time

import pytest

from ovcf.batch.sources.manifest import manifest_id
from ovcf.batch.sources.walk import studies_in
from ovcf.batch.store.store import open_store
from ovcf.batch.work.cluster import run_on
from ovcf.batch.work.run import Asked
from ovcf.batch.work.shard import shards_of
from ovcf.errors import OutputError
from ovcf.jobs.process import Limits
from tests.batch.conftest import bytes_of

pytest.importorskip("distributed", reason="needs the extra `cluster`")
SCHEDULER = """
import asyncio
from distributed import Scheduler
async def main():
    async with Scheduler(host="127.0.0.1", port=0, dashboard=False) as one:
        print(one.address, flush=True)
        await one.finished()
asyncio.run(main())
"""
WORKER = [sys.executable, "-m", "distributed.cli.dask_worker"]


def worker_of(address):
    options = ["--nthreads", "1", "--no-nanny", "--no-dashboard", "--memory-limit", "0"]
    return subprocess.Popen([*WORKER, address, *options], stderr=subprocess.DEVNULL)


def test_one_of_two_workers_is_killed_and_the_tables_are_the_same(studies, batch, child, tmp_path):
    folder = studies(6, "refuse", slow=True)
    found = tuple(studies_in([folder]))
    cut = shards_of(manifest_id(found), len(found), 3)
    parts = [(one, one.cut(found)) for one in cut]
    store = open_store(tmp_path / "cluster", create=True)
    scheduler = subprocess.Popen([sys.executable, "-c", SCHEDULER], stdout=subprocess.PIPE, text=True)
    workers, seen = [], []

    def kill_one_at_work():
        while not any(store.names("state/results")):
            time.sleep(0.02)
        workers[0].kill()

    killer = threading.Thread(target=kill_one_at_work, daemon=True)
    try:
        address = scheduler.stdout.readline().strip()
        workers = [worker_of(address) for _ in range(2)]
        killer.start()
        asked = Asked(limits=Limits(seconds=20), child=child)
        count = run_on(address, store, parts, asked, lambda now: seen.append(now.now().done))
        assert workers[0].wait(10) != 0
    finally:
        for process in (*workers, scheduler):
            process.kill()
            process.wait()
    assert count.now().done == seen[-1] == 7
    alone, _ = batch(folder, "alone", shards=3)
    assert bytes_of(store) == bytes_of(alone)


def test_a_cluster_that_is_not_there_is_named(tmp_path):
    store = open_store(tmp_path / "out", create=True)
    with pytest.raises(OutputError, match="is no Dask scheduler"):
        run_on("tcp://127.0.0.1:1", store, [], Asked(limits=Limits()), lambda _: None, timeout_s=1.0)
