"""The design of NAGAO 2025: does bone marrow edema that stays go with severe collapse?"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from ovcf.cohort.baseline import baseline
from ovcf.cohort.extra import extra
from ovcf.cohort.logistic import univariable
from ovcf.cohort.longitudinal import mixed_anova, visits_as_rows
from ovcf.cohort.posthoc import groups_at_visits, visits_within_groups
from ovcf.cohort.recipes.by_group import medians_by_group, outcome_by_group
from ovcf.cohort.recipes.columns_of import columns_of
from ovcf.cohort.recipes.over_visits import grades_over_visits, visits_of
from ovcf.cohort.recipes.study_report import StudyReport, Workbench
from ovcf.measures.edema import BmeLevel, bme_level

if TYPE_CHECKING:
    from collections.abc import Sequence

    import pandas as pd

GRADES = tuple(level.value for level in BmeLevel)
GROUPS = ("no severe collapse", "severe collapse")
_JOABPEQ = ("pain", "lumbar", "walking", "social", "mental")


def nagao_study(frame: pd.DataFrame, *, notices: Sequence[str] = ()) -> StudyReport:
    """Edema over visits against severe collapse at 1 year, on your patients, one per row."""
    data = with_grades(frame)
    bench = Workbench(data, {v.name: v.label for v in columns_of("nagao").variables})
    bench.section = "Patients"
    known = bench.present(("age_years", "sex", "level", "t_score", "t2_pattern"))
    bench.make("baseline-by-collapse", lambda: baseline(data, "collapse", known), needs=["collapse", *known[:1]])
    _edema(bench)
    _outcomes(bench)
    return bench.report(
        recipe="nagao",
        title="Bone marrow edema and severe collapse of osteoporotic vertebral fractures",
        design="The design of NAGAO 2025: patients treated without operation, SQ grade 0 to 2 at first; edema on STIR "
        "graded at each visit; severe collapse is SQ grade 3 at 1 year.",
        references=("Nagao K, Maruo K, Kusukawa T, et al. J Spine Res 2025;16(2):50-57",),
        notices=notices,
    )


def with_grades(frame: pd.DataFrame) -> pd.DataFrame:
    """The frame with edema grades from percentages and with the group of collapse; nothing given is changed."""
    data, pandas = frame.copy(), extra("pandas")
    for column in visits_of(data, "bme_percent"):
        name = column.replace("percent", "grade")
        if name not in data:
            grades = [None if np.isnan(v) else bme_level(float(v)).value for v in data[column].to_numpy(float)]
            data[name] = pandas.Categorical(grades, GRADES, ordered=True)
    if "severe_collapse" not in data and "sq_12mo" in data:
        data["severe_collapse"] = (data["sq_12mo"] == 3).astype("boolean").where(data["sq_12mo"].notna())
    if "severe_collapse" in data:
        words = data["severe_collapse"].astype("object").map({True: GROUPS[1], False: GROUPS[0]})
        data["collapse"] = pandas.Categorical(words, GROUPS)
    return data


def _edema(bench: Workbench) -> None:
    bench.section = "Edema"
    data = bench.frame
    visits = visits_of(data, "bme_grade")
    bench.make(
        "edema-over-visits",
        lambda: grades_over_visits(data, visits, GRADES, title="Edema at each visit", group="collapse"),
        needs=["collapse"],
    )
    measures = {c: f"{m:g} months" for c, m in visits_of(data, "bme_percent").items()}
    if measures:
        bench.make(
            "edema-percent",
            lambda: medians_by_group(data, measures, "collapse", title="Edema, % of the body", unit="%"),
            needs=["collapse"],
        )
    for column, months in visits.items():
        grade = f"edema at {months:g} months"
        bench.make(
            f"collapse-by-edema-{months:g}mo",
            lambda c=column, g=grade: outcome_by_group(
                data.rename(columns={c: g}), "severe_collapse", g, label="Severe collapse"
            ),
            needs=["severe_collapse"],
        )
    predictors = bench.present([*visits, "t2_pattern"])
    if predictors:
        bench.make(
            "collapse-each-factor",
            lambda: univariable(data, "severe_collapse", predictors),
            needs=["severe_collapse"],
        )


def _outcomes(bench: Workbench) -> None:
    bench.section = "Pain, disability and JOABPEQ"
    data = bench.frame.assign(patient=np.arange(len(bench.frame)))
    for stem, label in (("vas", "VAS"), ("odi", "ODI")):
        visits = visits_of(data, stem)
        if len(visits) < 2 or "collapse" not in data:
            bench.leave(f"{stem}-over-visits", f"fewer than two visits of {label}, or no outcome", f"Add {stem}_0mo, {stem}_3mo, ...")
            continue
        rows = visits_as_rows(data, visits, label, "patient", "collapse")
        by = {"subject": "patient", "visit": "visit", "group": "collapse"}
        bench.make(f"{stem}-over-visits", lambda r=rows, name=label, b=by: mixed_anova(r, name, **b))
        bench.make(f"{stem}-groups", lambda r=rows, name=label, b=by: groups_at_visits(r, name, **b))
        bench.make(f"{stem}-visits", lambda r=rows, name=label, b=by: visits_within_groups(r, name, **b))
    for domain in _JOABPEQ:
        measures = {c: f"{m:g} months" for c, m in visits_of(data, f"joabpeq_{domain}").items()}
        title = f"JOABPEQ, {domain}"
        if not measures:
            bench.leave(f"joabpeq-{domain}", "no visit is there", f"Add joabpeq_{domain}_0mo, joabpeq_{domain}_3mo, ...")
            continue
        bench.make(
            f"joabpeq-{domain}",
            lambda m=measures, t=title: medians_by_group(data, m, "collapse", title=t, unit="points, 100 is best"),
            needs=["collapse"],
        )
