"""The design of NAGAO 2025: does bone marrow edema that stays go with severe collapse?"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

import numpy as np

from ovcf.cohort.groups.baseline import baseline
from ovcf.cohort.optional_import import optional_import
from ovcf.cohort.recipes.by_group import medians_by_group, outcome_by_group
from ovcf.cohort.recipes.columns_of import visits_of
from ovcf.cohort.recipes.over_visits import grades_over_visits, over_visits_by_group
from ovcf.cohort.recipes.study_report import StudyReport, Workbench, two_words
from ovcf.cohort.regression.logistic import univariable
from ovcf.language.worded import say
from ovcf.measures.signal.edema import bme_level
from ovcf.vocabulary import BmeLevel

if TYPE_CHECKING:
    from collections.abc import Sequence

    import pandas as pd

GRADES = tuple(level.value for level in BmeLevel)
_NEEDS = ("severe_collapse",)
_JOABPEQ = ("pain", "lumbar", "walking", "social", "mental")


def nagao_study(frame: pd.DataFrame, *, notices: Sequence[str] = ()) -> StudyReport:
    """Edema over visits against severe collapse at 1 year, on your patients, one per row."""
    frame, said = eligible(frame)
    bench = Workbench(with_grades(frame), "nagao", {"collapse": "outcome at 1 year"})
    bench.section = "Patients"
    known = bench.present(("age_years", "sex", "level", "t_score", "t2_pattern"))
    bench.make("baseline-by-collapse", lambda: baseline(bench.frame, bench.printed("collapse"), known), needs=_NEEDS)
    _edema(bench)
    bench.section = "Pain, disability and JOABPEQ"
    for stem, label in (("vas", "VAS"), ("odi", "ODI")):
        over_visits_by_group(bench, stem, label, "collapse")
    for domain in _JOABPEQ:
        _medians(bench, f"joabpeq_{domain}", say("JOABPEQ, {domain}", domain=domain), "points, 100 is best")
    return bench.report(
        frame,
        title="Bone marrow edema and severe collapse of osteoporotic vertebral fractures",
        design="The design of NAGAO 2025: patients treated without operation, SQ grade 0 to 2 at first; edema on STIR "
        "graded at each visit; severe collapse is SQ grade 3 at 1 year.",
        references=("Nagao K, Maruo K, Kusukawa T, et al. J Spine Res 2025;16(2):50-57",),
        notices=(*notices, *said),
    )


def eligible(frame: pd.DataFrame) -> tuple[pd.DataFrame, tuple[str, ...]]:
    """Those with SQ grade 0 to 2 at first, and what is to be said of the others: grade 3 cannot collapse to grade 3."""
    if "sq_0mo" not in frame:
        remark = (
            "The SQ grade at first is not given (sq_0mo): a body at grade 3 already counts as collapsed here, while "
            "the source took grades 0 to 2 only."
        )
        return frame, (remark,)
    grade, said = frame["sq_0mo"], []
    if collapsed := int((grade == 3).sum()):
        said.append(
            say(
                "{collapsed} patients with SQ grade 3 at first are left out: the source took grades 0 to 2.",
                collapsed=collapsed,
            )
        )
    if unknown := int(grade.isna().sum()):
        said.append(say("Of {unknown} patients the SQ grade at first is not known; they are kept.", unknown=unknown))
    return frame[(grade != 3).fillna(True).astype(bool)].reset_index(drop=True), tuple(said)


def with_grades(frame: pd.DataFrame) -> pd.DataFrame:
    """The frame with edema grades from percentages and with the group of collapse; nothing given is changed."""
    data = frame.copy()
    for column in visits_of(data, "bme_percent"):
        name = column.replace("percent", "grade")
        if name not in data:
            grades = [None if np.isnan(v) else bme_level(float(v)).value for v in data[column].to_numpy(float)]
            data[name] = optional_import("pandas").Categorical(grades, GRADES, ordered=True)
    if "severe_collapse" not in data and "sq_12mo" in data:
        data["severe_collapse"] = (data["sq_12mo"] == 3).astype("boolean").where(data["sq_12mo"].notna())
    if "severe_collapse" in data:
        data["collapse"] = two_words(data["severe_collapse"], "no severe collapse", "severe collapse")
    return data


def _edema(bench: Workbench) -> None:
    bench.section = "Edema"
    visits = bench.visits("bme_grade")
    bench.make(
        "edema-over-visits",
        lambda: grades_over_visits(
            bench.frame, visits, GRADES, title="Edema at each visit", group=bench.printed("collapse")
        ),
        needs=_NEEDS,
    )
    _medians(bench, "bme_percent", "Edema", "% of the body")
    event = bench.printed("severe_collapse")
    for column, months in visits.items():
        bench.make(
            f"collapse-by-edema-{months:g}mo",
            partial(outcome_by_group, bench.frame, event, column, label="Severe collapse"),
            needs=_NEEDS,
            title=say("collapse by edema at {months:g} months", months=months),
        )
    predictors = [*visits, *bench.present(["t2_pattern"])]
    bench.make("collapse-each-factor", lambda: univariable(bench.frame, event, predictors), needs=_NEEDS)


def _medians(bench: Workbench, stem: str, title: str, unit: str) -> None:
    """Medians by outcome at each visit; ranks, for these scales are ordinal."""
    measures = {c: say("{m:g} months", m=m) for c, m in bench.visits(stem).items()}
    key = stem.replace("_", "-")
    if not measures:
        bench.leave(key, "no visit is there", say("Add {stem}_0mo, {stem}_3mo, ...", stem=stem))
        return
    bench.make(
        key,
        lambda: medians_by_group(bench.frame, measures, bench.printed("collapse"), title=title, unit=unit),
        needs=_NEEDS,
    )
