"""A manifest: the studies of a batch as a table, CSV or Parquet, in the order in which shards are cut."""

from __future__ import annotations

import csv
import hashlib
import io
import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ovcf.batch.sources.study_source import NAMES, SEVERAL, StudySource, as_row, of_row
from ovcf.errors import ClinicalDataError, MissingFileError, UnreadableFileError

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

SUFFIXES = (".csv", ".parquet")
_ALSO = {"path": "paths", "level": "levels", "role": "roles"}


def is_manifest(path: str | Path) -> bool:
    """Whether a path is called as a manifest."""
    return Path(str(path)).suffix.lower() in SUFFIXES


def read_manifest(content: bytes, name: str, *, beside: Path | None = None) -> tuple[StudySource, ...]:
    """The studies of a manifest; its relative paths start at the folder ``beside``.

    Raises:
        UnreadableFileError: it is neither CSV nor Parquet. ClinicalDataError: a row or a column cannot be used, or two
            studies have one name.
    """
    rows = _parquet(content, name) if name.lower().endswith(".parquet") else _csv(content, name)
    known = {*NAMES, *_ALSO}
    if unknown := sorted({str(column) for row in rows[:1] for column in row} - known):
        raise ClinicalDataError(name, f"has a column {unknown[0]!r}", f"Columns are: {', '.join(NAMES)}.")
    found = [of_row({_ALSO.get(column, column): value for column, value in row.items()}) for row in rows]
    if not found:
        raise MissingFileError(name, "names no study", "Give a manifest with a row for each study.")
    names: set[str] = set()
    for one in found:
        if one.study in names:
            raise ClinicalDataError(name, f"names the study {one.study!r} twice", "Give each study a name of its own.")
        names.add(one.study)
    return tuple(found if beside is None else [_from(beside, one) for one in found])


def to_parquet(studies: Sequence[StudySource]) -> bytes:
    """The manifest as Parquet: equal studies give equal bytes."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    types = {name: pa.list_(pa.string()) if name in SEVERAL else pa.string() for name in NAMES}
    table = pa.Table.from_pylist([as_row(one) for one in studies], schema=pa.schema(list(types.items())))
    out = io.BytesIO()
    pq.write_table(table, out, compression="zstd")
    return out.getvalue()


def to_csv(studies: Sequence[StudySource]) -> bytes:
    """The manifest as CSV, to be looked over and added to."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(NAMES)
    for one in studies:
        row = as_row(one)
        writer.writerow(["; ".join(row[name]) if name in SEVERAL else row[name] for name in NAMES])
    return out.getvalue().encode("utf-8-sig")


def manifest_id(studies: Iterable[StudySource]) -> str:
    """Ten letters that name a manifest by what it says."""
    total = hashlib.sha256()
    for one in studies:
        total.update(json.dumps(as_row(one), sort_keys=True).encode() + b"\n")
    return total.hexdigest()[:10]


def _from(folder: Path, one: StudySource) -> StudySource:
    def full(path: str) -> str:
        return path if not path or "://" in path or Path(path).is_absolute() else str(folder / path)

    row = as_row(one)
    return of_row({**row, "paths": [full(path) for path in one.paths], "clinical": full(one.clinical)})


def _csv(content: bytes, name: str) -> list[dict[str, Any]]:
    try:
        text = content.decode("utf-8-sig")
        return list(csv.DictReader(io.StringIO(text), strict=True, restkey="more than the heading has"))
    except (UnicodeDecodeError, csv.Error) as error:
        raise UnreadableFileError(name, f"is not CSV in UTF-8 ({error})", "Save it as CSV UTF-8, or Parquet.") from None


def _parquet(content: bytes, name: str) -> list[dict[str, Any]]:
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        rows: list[dict[str, Any]] = pq.read_table(io.BytesIO(content)).to_pylist()
    except (pa.ArrowInvalid, OSError) as error:
        raise UnreadableFileError(name, f"is not Parquet ({error})", "Save it as Parquet or CSV.") from None
    return rows
