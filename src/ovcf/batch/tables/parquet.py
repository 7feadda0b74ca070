"""Rows as Parquet and back: equal rows give equal bytes."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING, Any

from ovcf.batch.tables.columns import Kind, tables

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence


def to_parquet(table: str, rows: Sequence[dict[str, Any]]) -> bytes:
    """Rows of a table; what a row does not say is null, what is no column of the table is an error.

    Raises:
        ValueError: a row says something that the table has no column for.
    """
    import pyarrow as pa
    import pyarrow.parquet as pq

    columns = tables()[table]
    names = {column.name for column in columns}
    if unknown := {name for row in rows for name in row} - names:
        raise ValueError(f"table {table} has no column {sorted(unknown)[0]}")
    types = {
        Kind.TEXT: pa.string(),
        Kind.TEXTS: pa.list_(pa.string()),
        Kind.NUMBER: pa.float64(),
        Kind.WHOLE: pa.int64(),
        Kind.FLAG: pa.bool_(),
        Kind.BYTES: pa.binary(),
    }
    schema = pa.schema([pa.field(c.name, types[c.kind], metadata={"about": c.about}) for c in columns])
    out = io.BytesIO()
    pq.write_table(pa.Table.from_pylist(list(rows), schema=schema), out, compression="zstd")
    return out.getvalue()


def read_rows(content: bytes, columns: Iterable[str] | None = None) -> list[dict[str, Any]]:
    """The rows of a table, of some columns or of all. A column that an older version did not write is None."""
    import pyarrow.parquet as pq

    if columns is None:
        rows: list[dict[str, Any]] = pq.read_table(io.BytesIO(content)).to_pylist()
        return rows
    file = pq.ParquetFile(io.BytesIO(content))
    wanted = list(columns)
    empty = dict.fromkeys(wanted)
    return [empty | row for row in file.read(columns=[c for c in wanted if c in file.schema_arrow.names]).to_pylist()]
