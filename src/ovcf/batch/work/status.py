"""How far a batch is, from what lies in the place of its results."""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import TYPE_CHECKING

from ovcf.batch.work.settings import NAME
from ovcf.batch.work.study_result import Outcome, from_bytes, result_name

if TYPE_CHECKING:
    from collections.abc import Mapping

    from ovcf.batch.store.store import Store


@dataclass(frozen=True, slots=True)
class SetAside:
    """Studies that could not be assessed, or whose files are missing."""

    key: str
    outcome: Outcome
    problem: str
    remedy: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Status:
    """``shards`` of ``of_shards`` are finished, with ``outcomes`` of their studies; ``results`` counts all results,
    those of unfinished shards too.
    """

    software: str
    shards: int
    of_shards: int
    outcomes: Mapping[Outcome, int]
    results: int
    set_aside: tuple[SetAside, ...]


def status_of(store: Store) -> Status:
    """Read it; the cost is a list of all results, and one small piece for each shard."""
    outcomes: Counter[Outcome] = Counter()
    shards = planned = 0
    for name in store.names("state/manifests"):
        if name.endswith(".json"):
            planned += int(json.loads(store.get(name) or b"{}").get("shards", 0))
    for name in store.names("state/shards"):
        told = json.loads(store.get(name) or b"{}")
        outcomes.update({Outcome(word): count for word, count in told.get("outcomes", {}).items()})
        shards += 1
    aside = []
    for name in sorted(store.names("state/quarantine")):
        key, content = PurePosixPath(name).name.partition(".")[0], store.get(name)
        if content is not None and store.get(result_name(key)) is None:
            record = from_bytes(content)
            aside.append(SetAside(key, record.outcome, record.problem, record.remedy))
    return Status(
        software=str(json.loads(store.get(NAME) or b"{}").get("software", "")),
        shards=shards,
        of_shards=planned,
        outcomes=dict(outcomes),
        results=sum(1 for _ in store.names("state/results")),
        set_aside=tuple(aside),
    )
