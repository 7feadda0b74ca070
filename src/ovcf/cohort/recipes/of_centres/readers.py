"""Two readers of the same patients: what they read, and the score and group that follow from it."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np

from ovcf.cohort.agreement.kappa import AgreementResult, cohen_kappa, gwet_ac1
from ovcf.cohort.agreement.reliability import bland_altman, icc
from ovcf.cohort.data.nasovcf_column import nasovcf_of
from ovcf.cohort.result import AnalysisResult, Column, Table
from ovcf.language.worded import say
from ovcf.scores.prognosis.nasovcf import GROUPS

if TYPE_CHECKING:
    import pandas as pd

    from ovcf.cohort.recipes.study_report import Workbench

SECOND = {
    "fracture_type": "fracture_type_reader2",
    "vhl_percent_0mo": "vhl_percent_reader2",
    "ka_deg_0mo": "ka_deg_reader2",
    "t2_pattern": "t2_pattern_reader2",
}
"""Columns of the first reader, and of the second."""
_MEASURED = {"vhl_percent_0mo": ("height-loss", "%"), "ka_deg_0mo": ("kyphosis", "degrees")}
_READERS = ("reader 1", "reader 2")


def two_readers(bench: Workbench, data: pd.DataFrame) -> None:
    """Agreement on the group of the score, on its signs, and on its measurements."""
    bench.section = "Two readers"
    bench.make("agreement-group", lambda: _group(data), needs=[*SECOND, *SECOND.values(), "t_score"])
    for name in ("fracture_type", "t2_pattern"):

        def signs(name: str = name) -> AnalysisResult:
            both = data[[name, SECOND[name]]].dropna().astype(str).to_numpy()
            found = cohen_kappa(both[:, 0], both[:, 1])
            return _with_ac1(
                found, both, say("{printed}: agreement of two readers", printed=bench.printed(name).capitalize())
            )

        bench.make(f"agreement-{name.replace('_', '-')}", signs, needs=[name, SECOND[name]])
    for name, (key, unit) in _MEASURED.items():
        said = bench.printed(name).split(" (")[0].capitalize()

        def limits(name: str = name, said: str = said, unit: str = unit) -> AnalysisResult:
            found = bland_altman(data[name], data[SECOND[name]], names=_READERS, unit=unit)
            return replace(found, title=say("{said}: limits of agreement of two readers", said=said))

        def coefficients(name: str = name, said: str = said, unit: str = unit) -> AnalysisResult:
            return _reliability(data[[name, SECOND[name]]].to_numpy(float), said, unit)

        bench.make(f"limits-of-agreement-{key}", limits, needs=[name, SECOND[name]])
        bench.make(f"icc-{key}", coefficients, needs=[name, SECOND[name]])


def _group(data: pd.DataFrame) -> AnalysisResult:
    """The group of the score from each reader's items; the T-score is the same for both."""
    second = data.drop(columns=list(SECOND)).rename(columns={theirs: name for name, theirs in SECOND.items()})
    totals = np.column_stack([nasovcf_of(data)[0], nasovcf_of(second)[0]])
    totals = totals[np.isfinite(totals).all(axis=1)]
    index = (totals >= 2).astype(int) + (totals > 4)
    words = np.array(GROUPS)[index]
    found = cohen_kappa(words[:, 0], words[:, 1], weights="linear", categories=GROUPS)
    counts = [[int(((index[:, 0] == i) & (index[:, 1] == j)).sum()) for j in range(3)] for i in range(3)]
    cross = Table(
        "Patients by the group of each reader",
        (Column("first", "Reader 1"), *(Column(g, say("Reader 2: {g}", g=g), "d") for g in GROUPS)),
        tuple((g, *row) for g, row in zip(GROUPS, counts, strict=True)),
    )
    made = _with_ac1(found, words, "Group of the score: agreement of two readers")
    apart = int((np.abs(totals[:, 0] - totals[:, 1]) > 0).sum())
    note = say("The total differs in {apart} of {totals} patients.", apart=apart, totals=len(totals))
    return replace(made, tables=(*made.tables, cross), notes=(*made.notes, note))


def _with_ac1(found: AgreementResult, both: Any, title: str) -> AgreementResult:
    """Kappa with AC1 below it, which does not fall where nearly all are alike."""
    second = gwet_ac1(both.astype(object))
    return replace(
        found,
        title=title,
        method=say(
            "{method}; Gwet's AC1, unweighted, which does not collapse where nearly all patients are alike",
            method=found.method,
        ),
        references=(*found.references, *second.references),
        missing=(),
        tables=(Table("Agreement", found.tables[0].columns, (*found.tables[0].rows, *second.tables[0].rows)),),
    )


def _reliability(scores: Any, said: str, unit: str) -> AnalysisResult:
    found = icc(scores)
    rows = (
        ("ICC(2,1): one reading, absolute agreement", found["ICC(2,1)"]),
        ("ICC(3,1): one reading, consistency", found["ICC(3,1)"]),
        (say("Standard error of one reading ({unit})", unit=unit), found.sem),
        (say("Smallest detectable change ({unit})", unit=unit), found.sdc),
    )
    return replace(
        found,
        title=say("{said}: reliability of one reading", said=said),
        method="Intraclass correlation of two readers drawn from many (2,1) and of these two (3,1), intervals from the "
        "F distribution; standard error of agreement, smallest detectable change 1.96 √2 of it",
        missing=(),
        notes=(),
        tables=(Table("Reliability", (Column("form", "Figure"), Column("value", "Value (interval)", ".3f")), rows),),
    )
