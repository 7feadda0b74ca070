"""A shard: a part of a manifest that becomes one Parquet file of each table."""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from ovcf.batch.tables.columns import RESULTS
from ovcf.batch.tables.parquet import to_parquet
from ovcf.batch.work.one import attempts_at
from ovcf.batch.work.study_result import Outcome, Record, from_bytes, quarantine_name, result_name
from ovcf.errors import ClinicalDataError, OutputError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ovcf.batch.sources.study_source import StudySource
    from ovcf.batch.store.store import Store
    from ovcf.batch.work.one import Done

MAX_STUDIES = 1000
"""Studies of a shard at most: its tables are put together in memory, and a lost one is done again."""
USUAL = 200


@dataclass(frozen=True, slots=True)
class Shard:
    """Shard ``number`` of ``of`` (from 1) of the manifest that is called ``manifest``."""

    manifest: str
    number: int
    of: int

    @property
    def name(self) -> str:
        """What its files are called."""
        return f"{self.manifest}-{self.number:05}-of-{self.of:05}"

    def cut(self, studies: Sequence[StudySource]) -> Sequence[StudySource]:
        """Its part of all studies: neighbours in the manifest, parts as equal as can be."""
        n = len(studies)
        return studies[(self.number - 1) * n // self.of : self.number * n // self.of]


def shards_of(manifest: str, studies: int, of: int | None = None) -> list[Shard]:
    """The shards of a manifest; ``of`` is how many, otherwise as many as make some 200 studies each.

    Raises:
        ClinicalDataError: a shard would hold too many studies, or none.
    """
    count = of or -(-studies // USUAL)
    fewest = -(-studies // MAX_STUDIES)
    if count < fewest or count > studies:
        problem = f"would hold more than {MAX_STUDIES} studies" if count < fewest else "would hold no study"
        raise ClinicalDataError(
            "shards", f"one of {count} {problem}", f"Cut {studies} studies into {fewest} to {studies} shards."
        )
    return [Shard(manifest, number, count) for number in range(1, count + 1)]


def agree_on_shards(store: Store, shard: Shard) -> None:
    """See that everybody cuts a manifest into the same number of shards.

    Raises:
        OutputError: it was cut in another number before.
    """
    name = f"state/manifests/{shard.manifest}.json"
    if not store.put_new(name, json.dumps({"shards": shard.of}).encode()):
        there = json.loads(store.get(name) or b"{}").get("shards")
        if there != shard.of:
            raise OutputError(
                store.url,
                f"holds this manifest cut into {there} shards, not {shard.of}",
                f"Take {there} shards, or another place.",
            )


def fingerprint(shard: Shard, studies: Sequence[StudySource]) -> str:
    """Changes with any file of the ``studies`` of a shard, by name, size and time; empty where some are not on disk."""
    from ovcf.batch.sources.fetch import stamps

    total = hashlib.sha256(shard.name.encode())
    for one in studies:
        for path in (*one.paths, *([one.clinical] if one.clinical else [])):
            found = stamps(path)
            if not found:
                return ""
            total.update(json.dumps(found).encode())
    return total.hexdigest()


def finished(store: Store, shard: Shard) -> dict[str, Any] | None:
    """What is told of a shard whose tables are written; None where they are not."""
    content = store.get(f"state/shards/{shard.name}.json")
    return None if content is None else dict(json.loads(content))


def write_tables(store: Store, shard: Shard, done: Sequence[tuple[StudySource, Done]], stamp: str) -> None:
    """Write the tables of a shard from the results of its studies, then say that it is finished.

    The rows stand in the order of the manifest, whoever computed them, and when.
    """
    found = [(source, one, _record(store, one)) for source, one in done]
    for table in RESULTS:
        rows = [row for source, one, record in found for row in record.of(table, source, one.key)]
        store.put(f"{table}/{shard.name}.parquet", to_parquet(table, rows))
    attempts = [
        {"study": source.study, "key": one.key} | row for source, one in done for row in attempts_at(store, one.key)
    ]
    store.put(f"attempts/{shard.name}.parquet", to_parquet("attempts", attempts))
    told = {
        "studies": len(done),
        "outcomes": dict(sorted(Counter(one.outcome.value for _, one in done).items())),
        "keys": hashlib.sha256("".join(f"{one.key} {one.outcome}\n" for _, one in done).encode()).hexdigest(),
        "stamp": stamp,
    }
    store.put(f"state/shards/{shard.name}.json", json.dumps(told, indent=1).encode())


def _record(store: Store, one: Done) -> Record:
    set_aside = one.outcome in (Outcome.QUARANTINED, Outcome.MISSING)
    content = store.get(quarantine_name(one.key) if set_aside else result_name(one.key))
    if content is None:
        raise OutputError(store.url, f"has lost the result {one.key}", "Run the batch again: it is computed anew.")
    return from_bytes(content)
