"""The columns of the tables follow from the declarations, and rows go to Parquet and back."""

import math

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ovcf.batch.tables.columns import RESULTS, Kind, slug, tables
from ovcf.batch.tables.parquet import read_rows, to_parquet
from ovcf.batch.tables.rows import rows_of
from ovcf.batch.work.study_result import Outcome, Record, from_bytes, to_bytes
from ovcf.measures.declare import Of
from ovcf.measures.registry import measurements
from ovcf.reading.session import Session
from ovcf.scores.registry import scores
from tests.server.small_reading import small_reading


def named(table):
    return {column.name: column for column in tables()[table]}


def test_every_declared_measurement_has_its_columns_in_its_unit():
    for one in measurements().values():
        table = "studies" if one.of is Of.SPINE else "vertebrae"
        column = named(table)[slug(one.id)]
        assert column.kind is Kind.NUMBER
        assert one.method.name in column.about
        if one.unit is not None:
            assert column.about.startswith(one.unit.value)
        assert named(table)[f"{slug(one.id)}_sd"].kind is Kind.NUMBER


def test_every_declared_score_has_its_columns():
    for one in scores().values():
        wanted = ("class",) if one.classes else ("status", "total", "least", "most", "group")
        assert all(f"{slug(one.id)}_{part}" in named("studies") for part in wanted)


def test_no_column_stands_twice():
    for name, columns in tables().items():
        assert len(named(name)) == len(columns), name


def test_a_table_without_rows_has_its_typed_columns(tmp_path):
    (tmp_path / "t.parquet").write_bytes(to_parquet("vertebrae", []))
    schema = pq.read_schema(tmp_path / "t.parquet")
    assert schema.field("vhl_han").type == pa.float64()
    assert schema.field("sq_grade").type == pa.int64()
    assert schema.field("recent").type == pa.bool_()
    assert schema.field("vhl_han").metadata[b"about"].startswith(b"%;")


def test_a_row_with_an_unknown_column_is_an_error():
    with pytest.raises(ValueError, match="no column pelvis"):
        to_parquet("vertebrae", [{"study": "a", "pelvis": 1.0}])


@given(
    st.lists(
        st.fixed_dictionaries(
            {"study": st.text(st.characters(codec="utf-8")), "level": st.none() | st.sampled_from(["T12", "L1"])},
            optional={"vhl_han": st.floats(allow_nan=False), "sq_grade": st.integers(0, 3), "recent": st.booleans()},
        ),
        max_size=5,
    )
)
def test_what_is_written_is_read_back(rows):
    content = to_parquet("vertebrae", rows)
    assert content == to_parquet("vertebrae", rows)
    read = read_rows(content)
    assert [{name: row[name] for name in given} for row, given in zip(read, rows, strict=True)] == rows


def test_a_record_is_read_back_and_equal_ones_are_equal_bytes():
    record = Record(outcome=Outcome.ASSESSED, rows=rows_of(Session(small_reading()).assessment()), picture=b"\xff\x00")
    assert from_bytes(to_bytes(record)) == record
    assert to_bytes(from_bytes(to_bytes(record))) == to_bytes(record)


def test_every_row_of_an_assessment_fits_its_table():
    rows = rows_of(Session(small_reading()).assessment())
    assert rows["vertebrae"]
    for table in RESULTS[:-1]:
        read = read_rows(to_parquet(table, [{"study": "s", "key": "k"} | row for row in rows[table]]))
        for row, said in zip(read, rows[table], strict=True):
            assert all(row[name] == value or (value is None and row[name] is None) for name, value in said.items())
    assert all(math.isfinite(row["value"]) for row in rows["measurements"])
