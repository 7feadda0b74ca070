"""The data set of a registry: its table, a data dictionary that says how each column came about, and what to know."""

from __future__ import annotations

import gc
import re
import tomllib
from collections import Counter
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING

import numpy as np

from ovcf.anatomy import Level
from ovcf.cohort.data.dictionary import Dictionary, Role, Variable, VariableType
from ovcf.cohort.data.nasovcf_column import nasovcf_of
from ovcf.cohort.optional_import import optional_import
from ovcf.cohort.recipes.columns_of import columns_of, described
from ovcf.errors import CohortDataError
from ovcf.exchange.dataset.judge import By, Outcomes
from ovcf.exchange.dataset.row import names, row_of
from ovcf.exchange.records import records
from ovcf.registry.tables import (
    ClinicalEntry,
    Consent,
    Densitometry,
    Episode,
    Event,
    MeasuredValue,
    Patient,
    PatientReport,
    Reading,
    ScoreValue,
    Treatment,
    Visit,
)
from ovcf.registry.words import TreatmentKind
from ovcf.vocabulary import Posture

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Sequence
    from uuid import UUID

    import pandas as pd
    from sqlalchemy.orm import Session

    from ovcf.exchange.records import Only

SIMULATED = "SIMULATED DATA, not patients: made by a program for trying and teaching; no finding holds for people."
_READ: Only = {
    Patient: ("sex", "birth_year"),
    Episode: ("levels", "refracture_of"),
    Visit: ("window", "held_on"),
    Consent: ("scope", "on", "given", "recorded_at"),
    Treatment: ("kind", "started_on"),
    Event: ("kind", "on", "source"),
    Densitometry: ("site", "t_score"),
    ClinicalEntry: ("facts",),
    Reading: ("recorded_at",),
    MeasuredValue: ("method", "level", "value", "unit", "modality", "posture"),
    ScoreValue: ("score", "total"),
}
_ANSWERED: Only = {PatientReport: ("instrument", "value")}
_MONTH = re.compile(r"_(\d+)mo$")
_LABELS_OF = {"non_union": "Non-union", "progressive_kyphosis": "Progressive kyphosis"}
_YES_NO = (
    "refracture",
    "crossover",
    "non_union",
    "progressive_kyphosis",
    "severe_collapse",
    "severe_edema_3mo",
    "secondary_fracture",
    "died",
    "lost",
    "simulated",
)
_WORDS = {
    "non_union_by": tuple(By),
    "progressive_kyphosis_by": tuple(By),
    "posture_0mo": tuple(Posture),
    "posture_6mo": tuple(Posture),
    "posture_12mo": tuple(Posture),
    "event": ("none", "fracture", "death"),
    "treatment": tuple(k for k in TreatmentKind if k is not TreatmentKind.DRUG),
}
_LABELS = {
    "centre": "centre",
    "fractured_levels": "fractured levels",
    "refracture": "further fracture",
    "treatment": "first treatment",
    "crossover": "crossover",
    "non_union_by": "non-union, said by",
    "progressive_kyphosis_by": "progressive kyphosis, said by",
    "severe_collapse": "severe collapse at 1 year",
    "severe_edema_3mo": "severe edema",
    "secondary_fracture": "secondary fracture in the first year",
    "died": "death in the first year",
    "lost": "lost to follow-up",
    "months": "follow-up",
    "event": "end of follow-up",
    "simulated": "simulated",
}


@dataclass(frozen=True, slots=True)
class DataSet:
    """``frame`` has one row per fracture, in the types that statistics need; ``notices`` stand before every result."""

    frame: pd.DataFrame
    dictionary: Dictionary
    notices: tuple[str, ...]
    simulated: bool
    withdrawn: int
    unseen: int


def data_set(session: Session, sites: Collection[UUID] | None = None, *, answers: bool = True) -> DataSet:
    """Every fracture of which a visit was held; patients who withdrew their consent to research are left out.

    Raises:
        CohortDataError: there is none.
        MissingExtraError: the extra `cohort` is not installed.
    """
    pandas = optional_import("pandas")
    columns = names(answers)
    values: dict[str, list[object]] = {name: [] for name in columns}
    outcomes = Outcomes()
    withdrawn = unseen = 0
    with _uncollected():
        for record in records(session, sites, only={**_READ, **(_ANSWERED if answers else {})}):
            if record.withdrawn:
                withdrawn += 1
                continue
            for course in record.courses:
                found = row_of(record, course, answers=answers)
                if found is None:
                    unseen += 1
                    continue
                row, findings = found
                outcomes.add(findings)
                for name, x in row.items():
                    values[name].append(x)
    if not values["patient_id"]:
        raise CohortDataError("registry", "holds no fracture of which a visit was held", "Record visits first.")
    for outcome, judged in (
        ("non_union", outcomes.non_union()),
        ("progressive_kyphosis", outcomes.progressive_kyphosis()),
    ):
        values[outcome] = [answer.yes for answer in judged]
        values[f"{outcome}_by"] = [answer.by.value for answer in judged]
    levels = sorted({str(x) for x in values["level"] if x is not None}, key=lambda name: Level(name).rank)
    dictionary = _dictionary(columns, levels)
    frame = pandas.DataFrame({name: _column(values[name], dictionary[name]) for name in columns})
    own = frame["nasovcf"].to_numpy(float)
    frame["nasovcf"] = np.where(np.isnan(own), nasovcf_of(frame)[0], own)
    made_up = frame["simulated"].astype(bool)
    return DataSet(frame, dictionary, tuple(_notices(frame, withdrawn, unseen)), bool(made_up.any()), withdrawn, unseen)


@contextmanager
def _uncollected() -> Iterator[None]:
    """Without the search for objects that hold each other: rows do not, and it took half of the time to read them."""
    was = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was:
            gc.enable()


def _column(values: list[object], v: Variable) -> object:
    pandas = optional_import("pandas")
    if v.type in (VariableType.NUMBER, VariableType.INTEGER):
        return np.array([np.nan if x is None else x for x in values], float)
    if v.type is VariableType.BOOLEAN:
        return pandas.array(values, dtype="boolean")
    if v.levels:
        known = [label for _, label in v.levels]
        words = [None if x is None else str(x) for x in values]
        if strange := set(words) - {None, *known}:
            raise CohortDataError(
                v.name, f"holds {min(map(str, strange))!r}, which no column has", "Correct the entry."
            )
        return pandas.Categorical(words, known, ordered=False)
    return pandas.array(values, dtype=object)


def _notices(frame: pd.DataFrame, withdrawn: int, unseen: int) -> list[str]:
    said = [SIMULATED] if frame["simulated"].astype(bool).any() else []
    for outcome in _LABELS_OF:
        by = Counter(str(word) for word in frame[f"{outcome}_by"])
        told = ", ".join(f"{by[word]} {word}" for word in By if by[word])
        said.append(f"{_LABELS_OF[outcome]}: {told}; what is not judged counts as missing, never as no.")
    if withdrawn:
        said.append(f"{withdrawn} patients who withdrew their consent to research are left out.")
    if unseen:
        said.append(f"{unseen} fractures of which no visit was held are left out.")
    return said


def _dictionary(columns: list[str], levels: list[str]) -> Dictionary:
    """``levels`` are those that occur: a category that nobody is in would be none."""
    known: dict[str, Sequence[str]] = {**_WORDS, "level": levels}
    found = []
    for name in columns:
        variable = next((v for recipe in ("nasovcf", "nagao") if (v := described(columns_of(recipe), name))), None)
        if variable is None or name in known or name in _YES_NO:
            words = known.get(name, ())
            kind = VariableType.BOOLEAN if name in _YES_NO else VariableType.CATEGORY if words else VariableType.NUMBER
            if name == "centre":
                kind = VariableType.TEXT
            label = variable.label if variable and variable.label else _LABELS.get(name, name)
            role = variable.role if variable else Role.OTHER
            unit = "months" if name == "months" else ""
            variable = Variable(
                name=name, type=kind, label=label, unit=unit, role=role, levels=tuple((str(w), str(w)) for w in words)
            )
        found.append(replace(variable, required=False))
    return Dictionary(tuple(found))


def printed(data: DataSet) -> tuple[pd.DataFrame, Dictionary]:
    """Table and dictionary with the columns named as they are printed: label, unit and visit."""
    named = []
    for v in data.dictionary.variables:
        month = _MONTH.search(v.name)
        unit, visit = f" ({v.unit})" if v.unit else "", f", {month[1]} months" if month else ""
        named.append(v.label if month is None and not v.unit else f"{v.label}{unit}{visit}")
    frame = data.frame.set_axis(named, axis="columns")
    variables = tuple(replace(v, name=name) for v, name in zip(data.dictionary.variables, named, strict=True))
    return frame, replace(data.dictionary, variables=variables)


@cache
def derivations() -> dict[str, str]:
    """How each column came about, by its name without the month."""
    text = files("ovcf.exchange.dataset").joinpath("columns.toml").read_text(encoding="utf-8")
    return {name: table["how"] for name, table in tomllib.loads(text).items()}


def how(name: str) -> str:
    """How a column came about."""
    known = derivations()
    return known.get(name) or known[_MONTH.sub("", name)]


def dictionary_text(data: DataSet) -> str:
    """The data dictionary as TOML that ``--dictionary`` takes, each column with how it came about."""
    from ovcf.cohort.mapping.write import dictionary_lines

    lines = ["# The data set of a registry: one row per fracture. Empty: not known or not judged; never no.", ""]
    for variable in data.dictionary.variables:
        lines += [f"# {how(variable.name)}", *dictionary_lines(variable), ""]
    return "\n".join(lines)
