"""Tables: uploaded, looked at, understood; or the data of the registry as one."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

from fastapi import APIRouter, Body, Query

from ovcf.cohort.data.dataset import is_gap
from ovcf.cohort.data.dates import are_dates
from ovcf.cohort.data.infer import MISSING, inferred
from ovcf.cohort.data.patient_rows import is_patient_id, repeated, row_number
from ovcf.cohort.data.time_between import ambiguous
from ovcf.cohort.recipes.columns_of import columns_of
from ovcf.errors import CohortDataError
from ovcf.language.spoken import tr
from ovcf.registry.access import Act, require
from ovcf.server.api.cohort.shapes import (
    CodeShape,
    ColumnShape,
    GuessShape,
    Id,
    KeptAnalysis,
    KeptShape,
    KeptTable,
    MappingAsked,
    MappingShape,
    RepeatsShape,
    RowsShape,
    TableShape,
    UnfitShape,
)
from ovcf.server.api.here import Here, Who
from ovcf.server.cohort.analysis_process import read_named
from ovcf.server.cohort.mapped import columns_for, understood

if TYPE_CHECKING:
    import pandas as pd

    from ovcf.exchange.dataset.build import DataSet
    from ovcf.registry.access import Principal
    from ovcf.server.api.here import Service
    from ovcf.server.cohort.desk import Kept

router = APIRouter(tags=["cohorts"])
Sheet = Annotated[str | None, Query(max_length=100)]
_SHOWN = 3
_LEVELS = 30


@router.post("/cohort/tables", status_code=201)
def upload(
    here: Here,
    who: Who,
    content: Annotated[bytes, Body(media_type="application/octet-stream")],
    name: Annotated[str, Query(max_length=200)] = "table.csv",
) -> TableShape:
    """Send a table: CSV, Excel (.xlsx) or Parquet, one row per patient. It stays on this server, is seen by who sent
    it alone, and goes after a week."""
    require(who, Act.EXPORT)
    table = here.cohorts.keep_table(who.person, name, content)
    try:
        return _shape(table, None)
    except Exception:
        here.cohorts.forget(who.person, "tables", table.id)
        raise


@router.get("/cohort/kept")
def kept(here: Here, who: Who) -> KeptShape:
    """The tables and analyses of one's own that are here still. Each goes after a week."""
    require(who, Act.EXPORT)
    return KeptShape(
        tables=[KeptTable(table=x.id, name=x.name, at=x.at) for x in here.cohorts.of(who.person, "tables")],
        analyses=[
            KeptAnalysis(analysis=x.id, name=x.name, asked=x.asked, at=x.at, state=x.state)
            for x in here.cohorts.of(who.person, "analyses")
            if x.state is not None
        ],
    )


@router.get("/cohort/tables/{table}")
def show(here: Here, who: Who, table: Id, sheet: Sheet = None) -> TableShape:
    """A table that one has sent: its columns, and what their values are taken for."""
    require(who, Act.EXPORT)
    return _shape(here.cohorts.table(who.person, table), sheet)


@router.delete("/cohort/tables/{table}", status_code=204)
def forget(here: Here, who: Who, table: Id) -> None:
    """Let a table go at once."""
    require(who, Act.EXPORT)
    here.cohorts.forget(who.person, "tables", table)


@router.post("/cohort/tables/{table}/mapping")
def mapping(here: Here, who: Who, table: Id, asked: MappingAsked) -> MappingShape:
    """How a published design understands the headings, codes and units of a table; what was said before is kept to."""
    require(who, Act.EXPORT)
    sent = here.cohorts.table(who.person, table)
    raw = read_named(sent.path, sent.name, asked.sheet)
    found = understood(raw, asked.design, asked.named, asked.answers)
    return MappingShape(
        guesses=[
            GuessShape(
                heading=g.heading,
                column=g.variable.name,
                label=tr(g.variable.label),
                unit=tr(g.variable.unit),
                factor=g.variable.factor,
                examples=list(g.examples),
                certain=g.is_certain,
                doubts=[tr(d.value) for d in g.doubts],
                codes=[CodeShape(code=code, label=label) for code, label in g.variable.levels],
                allowed=list(g.variable.allowed),
            )
            for g in found.guesses
        ],
        unused=[h for h in found.ignored if h],
        unfit=[UnfitShape(heading=u.heading, column=u.name, examples=list(u.examples)) for u in found.unfit],
        unknown_values=list(found.gaps),
        decimal_comma=found.decimal_comma,
        open=sum(len(g.open_codes) for g in found.guesses),
        known=[CodeShape(code=v.name, label=tr(v.label)) for v in columns_of(columns_for(asked.design)).variables],
    )


@router.get("/cohort/registry")
def registry(here: Here, who: Who) -> TableShape:
    """The data set of the registry as a table: one row for each fracture, of one's own site or, for who sees all
    sites, of all. Patients who withdrew their consent are left out."""
    require(who, Act.EXPORT)
    from ovcf.exchange.dataset.build import printed

    found = data_of(here, who)
    frame, dictionary = printed(found)
    columns = [
        ColumnShape(
            heading=v.name,
            kind=v.type.value,
            examples=[str(x) for x in frame[v.name].dropna().unique()[:_SHOWN]],
            missing=int(frame[v.name].isna().sum()),
            levels=[label for _, label in v.levels][:_LEVELS],
        )
        for v in dictionary.variables
        if frame[v.name].notna().any()
    ]
    return TableShape(
        table="", name="the registry", rows=len(frame), columns=columns, sheets=[], notes=list(found.notices)
    )


def data_of(here: Service, who: Principal) -> DataSet:
    """The data set that somebody may analyse.

    Raises:
        CohortDataError: it holds nothing yet.
    """
    from ovcf.exchange.dataset.build import data_set

    with here.registry.reading() as session:
        return data_set(session, None if who.all_sites else [who.site])


def _shape(kept: Kept, sheet: str | None) -> TableShape:
    raw = read_named(kept.path, kept.name, sheet)
    notes = []
    if len(raw) == 0:
        raise CohortDataError(kept.name, "holds no row", "Give a table with one row per patient.")
    if wrong := raw.attrs.get("cells_in_error"):
        notes.append(f"The spreadsheet shows an error instead of a value in {', '.join(wrong[:8])}.")
    sheets = [raw.attrs["sheet"], *raw.attrs["other_sheets"]] if "sheet" in raw.attrs else []
    columns = [_column(raw, str(heading)) for heading in raw.columns if str(heading)]
    there = dict.fromkeys(text for heading in raw.columns for text in _texts(raw[heading]) if is_gap(text, MISSING))
    return TableShape(
        table=kept.id,
        name=kept.name,
        rows=len(raw),
        columns=columns,
        sheets=sheets,
        notes=notes,
        unknown=[text for text in there if text][:_LEVELS],
        repeats=_repeats(raw),
    )


def _repeats(raw: pd.DataFrame) -> RepeatsShape | None:
    found = repeated(raw)
    if found is None:
        return None
    shown = list(found.rows.items())[:_SHOWN]
    return RepeatsShape(
        heading=found.heading,
        patients=len(found.rows),
        rows=sum(map(len, found.rows.values())),
        alike=found.alike,
        examples=[RowsShape(patient=who, rows=[row_number(raw, i) for i in lines[:_LEVELS]]) for who, lines in shown],
    )


def _texts(column: pd.Series) -> list[str]:
    return ["" if v is None or v != v else str(v).strip() for v in column]


def _column(raw: pd.DataFrame, heading: str) -> ColumnShape:
    column = raw[heading]
    if getattr(column, "ndim", 1) > 1:
        raise CohortDataError(heading, "is the heading of two columns", "Give each column a heading of its own.")
    texts = _texts(column)
    known = [t for t in texts if not is_gap(t, MISSING)]
    kind, levels = "empty", []
    if is_patient_id(heading):
        kind = "id"
    elif are_dates(known, compact=False):
        kind = "date"
    elif known:
        try:
            (variable,) = inferred(raw, [heading]).variables
            kind, levels = variable.type.value, list(dict.fromkeys(label for _, label in variable.levels))
        except CohortDataError:
            kind = "text"
    return ColumnShape(
        heading=heading,
        kind=kind,
        examples=list(dict.fromkeys(known))[:_SHOWN],
        missing=len(texts) - len(known),
        levels=levels[:_LEVELS],
        ambiguous=ambiguous(known) if kind == "date" else "",
    )
