"""The result of one study as one small piece, kept under its key."""

from __future__ import annotations

import base64
import gzip
import json
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from ovcf.batch.sources.study_source import StudySource


class Outcome(StrEnum):
    """What became of a study."""

    ASSESSED = "assessed"
    REFUSED = "refused"
    """The assessment says that these images cannot be used."""
    QUARANTINED = "quarantined"
    """It ended its process, or took too much time or memory: it is not tried again by itself."""
    MISSING = "missing"
    """Its files are not there."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """What is known of one study: rows of the tables where it was assessed, the reason where it was not."""

    outcome: Outcome
    problem: str = ""
    remedy: str = ""
    rows: Mapping[str, Sequence[dict[str, Any]]] = field(default_factory=dict)
    picture: bytes = b""
    picture_of: str = ""

    def of(self, table: str, source: StudySource, key: str) -> list[dict[str, Any]]:
        """The rows of a table, with the study's name and key."""
        named = {"study": source.study, "key": key}
        if table == "pictures":
            return [named | {"jpeg": self.picture, "image": self.picture_of}] if self.picture else []
        if table != "studies":
            return [named | row for row in self.rows.get(table, ())]
        (row,) = self.rows.get(table) or ({},)
        told = {"outcome": self.outcome.value, "problem": self.problem or None, "remedy": self.remedy or None}
        return [named | row | told | {"patient": source.patient or row.get("patient"), "reported": source.reported}]


def to_bytes(record: Record) -> bytes:
    """Equal records give equal bytes."""
    said = {
        "outcome": record.outcome.value,
        "problem": record.problem,
        "remedy": record.remedy,
        "rows": {name: list(rows) for name, rows in record.rows.items()},
        "picture": base64.b64encode(record.picture).decode(),
        "picture_of": record.picture_of,
    }
    return gzip.compress(json.dumps(said, sort_keys=True, allow_nan=False).encode(), mtime=0)


def from_bytes(content: bytes) -> Record:
    """What :func:`to_bytes` wrote."""
    said = json.loads(gzip.decompress(content))
    return Record(
        outcome=Outcome(said["outcome"]),
        problem=said["problem"],
        remedy=said["remedy"],
        rows=said["rows"],
        picture=base64.b64decode(said["picture"]),
        picture_of=said["picture_of"],
    )


def result_name(key: str) -> str:
    """Where the result of a key is kept."""
    return f"state/results/{key[:2]}/{key}.json.gz"


def quarantine_name(key: str) -> str:
    """Where the reason is kept why there is none."""
    return f"state/quarantine/{key}.json.gz"


def attempts_folder(key: str) -> str:
    """Where the attempts at a key are kept."""
    return f"state/attempts/{key[:2]}/{key}"
