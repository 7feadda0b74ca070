"""A batch on a Dask cluster: one task a shard, done by the same worker as everywhere else.

Scheduling a task costs some milliseconds, so a task is a shard, not a study. A task whose machine is lost is given to
another by Dask, which finds there what was done already.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ovcf.batch.sources.study_source import as_row, of_row
from ovcf.batch.work.progress import Counting
from ovcf.batch.work.study_result import Outcome
from ovcf.errors import MissingExtraError, OutputError

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from ovcf.batch.sources.study_source import StudySource
    from ovcf.batch.store.store import Store
    from ovcf.batch.work.run import Asked
    from ovcf.batch.work.shard import Shard

_LOST = 3
"""How often the machine of one shard may be lost."""


def run_on(
    address: str,
    store: Store,
    parts: Sequence[tuple[Shard, Sequence[StudySource]]],
    asked: Asked,
    watch: Callable[[Counting], None],
    *,
    timeout_s: float = 30.0,
) -> Counting:
    """Do all shards on the cluster whose scheduler is at ``address``; ``watch`` is told after each of them.

    Raises:
        MissingExtraError: Dask is not installed. OutputError: the cluster is not reached, or a shard failed.
    """
    try:
        from distributed import Client, as_completed
    except ImportError:
        raise MissingExtraError(
            "Dask", "needs the extra `cluster`", 'Install the extra "cluster": pip install ".[cluster]".'
        ) from None
    count = Counting(sum(len(studies) for _, studies in parts))
    try:
        client: Any = Client(address, timeout=timeout_s)  # type: ignore[no-untyped-call]  # distributed has no types
    except (OSError, ValueError) as error:
        raise OutputError(address, f"is no Dask scheduler ({error})", "Check its address, tcp://HOST:8786.") from None
    with client:
        tasks = [
            client.submit(
                shard_on_worker,
                store.url,
                shard,
                [as_row(one) for one in studies],
                asked,
                key=f"ovcf-{shard.name}",
                retries=_LOST,
                pure=False,
            )
            for shard, studies in parts
        ]
        for task in as_completed(tasks):  # type: ignore[no-untyped-call]  # distributed has no types
            if task.status != "finished":
                raise OutputError(task.key, f"failed on the cluster ({task.exception()})", "Look at its logs.")
            outcomes, computed = task.result()
            for name, number in outcomes.items():
                count.add(Outcome(name), number, computed=computed)
                computed = 0
            watch(count)
    return count


def shard_on_worker(url: str, shard: Shard, rows: Sequence[dict[str, Any]], asked: Asked) -> tuple[dict[str, int], int]:
    """One shard, on a machine of the cluster: how many of each outcome, and how many were computed now."""
    from ovcf.batch.store.store import open_store
    from ovcf.batch.work.run import Batch

    batch = Batch(open_store(url), [(shard, [of_row(row) for row in rows])], asked)
    batch.run()
    now = batch.count.now()
    return {outcome.value: number for outcome, number in now.outcomes.items()}, now.computed
