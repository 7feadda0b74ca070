"""The worklist of a batch on disk: ``worklist.html``, ``worklist.pdf`` and ``worklist.csv``."""

from __future__ import annotations

import csv
import io
import json
from typing import TYPE_CHECKING, Any

from ovcf.batch.tables.parquet import read_rows
from ovcf.batch.work.settings import NAME as SETTINGS
from ovcf.batch.worklist.entries import STUDIES, VERTEBRAE, with_pictures, worklist
from ovcf.batch.worklist.sensitivity import measured
from ovcf.errors import MissingFileError, UnreadableFileError
from ovcf.files.result_folder import ResultFolder
from ovcf.render.worklist.worklist_words import CSV_COLUMNS, content, csv_rows
from ovcf.report.worklist.pages import worklist_csv, worklist_html, worklist_pdf

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from ovcf.batch.store.store import Store

KIND = "worklist"


def write_worklist(
    store: Store, out: Path, *, reported: Path | None = None, inputs: Sequence[Path] = (), made_on: str = ""
) -> tuple[Path, ...]:
    """Write the worklist of the shards that are finished into the folder ``out``; an earlier one there is replaced.

    Raises:
        MissingFileError: no shard is finished. OutputError: the folder cannot be written.
    """
    folder = ResultFolder.at(out, KIND, inputs)
    studies = list(_rows(store, "studies", STUDIES))
    if not studies:
        raise MissingFileError(store.url, "holds no finished shard", "Wait for the batch, or run it.")
    said = {} if reported is None else _reported(reported)
    found = worklist(studies, _rows(store, "vertebrae", VERTEBRAE), said)
    wanted = {one.key for one in (*found.entries, *found.apart)}
    pictures = {row["key"]: row["jpeg"] for row in _rows(store, "pictures", ("key", "jpeg")) if row["key"] in wanted}
    software = str(json.loads(store.get(SETTINGS) or b"{}").get("software", ""))
    words = content(with_pictures(found, pictures), measured(), software=software, made_on=made_on)
    written = {
        "worklist.html": worklist_html(words).encode(),
        "worklist.pdf": worklist_pdf(words),
        "worklist.csv": worklist_csv(csv_rows(found), CSV_COLUMNS).encode("utf-8-sig"),
    }
    folder.write(written)
    return tuple(folder.path / name for name in written)


def _rows(store: Store, table: str, columns: Sequence[str]) -> Iterator[dict[str, Any]]:
    for name in sorted(store.names(table)):
        if name.endswith(".parquet"):
            yield from read_rows(store.get(name) or b"", columns)


def _reported(path: Path) -> dict[str, str]:
    """What the reports say, by study."""
    try:
        rows = list(csv.DictReader(io.StringIO(path.read_bytes().decode("utf-8-sig")), strict=True))
        return {str(row["study"]).strip(): str(row["reported"] or "").strip() for row in rows}
    except FileNotFoundError:
        raise MissingFileError(path, "does not exist", "Check the path.") from None
    except (UnicodeDecodeError, csv.Error, KeyError) as error:
        raise UnreadableFileError(
            path, f"is not a table of study and reported ({error})", "Save it as CSV UTF-8 with these two columns."
        ) from None
