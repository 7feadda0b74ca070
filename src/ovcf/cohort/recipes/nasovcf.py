"""The design of HAN 2025: does NASOVCF tell who will not unite, and whose kyphosis will grow?"""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np

from ovcf.cohort.groups.baseline import baseline
from ovcf.cohort.missing.imputation import PooledLogisticResult, impute, pooled_logistic
from ovcf.cohort.optional_import import optional_import
from ovcf.cohort.prediction.compare_scores import compare_scores
from ovcf.cohort.prediction.external_validation import validate_nasovcf
from ovcf.cohort.prediction.optimism import optimism
from ovcf.cohort.prediction.roc import compare_roc, roc
from ovcf.cohort.published.han_2025 import T_SCORE_BANDS
from ovcf.cohort.recipes.by_group import medians_by_group, outcome_by_group
from ovcf.cohort.recipes.han_outcomes import with_outcomes
from ovcf.cohort.recipes.over_visits import over_visits_by_group
from ovcf.cohort.recipes.study_report import StudyReport, Workbench, two_words
from ovcf.cohort.regression.logistic import LogisticResult, logistic, univariable
from ovcf.errors import CohortDataError
from ovcf.language.worded import joined, say
from ovcf.scores.prognosis.nasovcf import KYPHOSIS_LIMIT_DEG, VHL_LIMIT_PERCENT
from ovcf.scores.prognosis.nasovcf_array import nasovcf_array
from ovcf.scores.tally import TOLERANCE

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    import pandas as pd
    from numpy.typing import NDArray

    from ovcf.cohort.groups.group_tests import TestName

GROUPS = ("low", "medium", "high")
CUT_ITEMS = ("fracture_type", "vhl_15_or_more", "ka_15_or_more", "t2_diffuse_low", "t_score_band")
# The reference of sex and level differs between the two outcomes in the paper.
_OUTCOMES = {
    "non_union": ("Non-union", {"sex": "female", "level": "L2"}, ("nasovcf", "sex", "vas_0mo", "odi_0mo")),
    "progressive_kyphosis": (
        "Progressive kyphosis",
        {"sex": "male", "level": "L1"},
        ("nasovcf", "age_years", "sex", "vas_0mo", "odi_0mo"),
    ),
}
_ITEM_REFERENCES = {"fracture_type": "compression", "t_score_band": T_SCORE_BANDS[0]}
_PUBLISHED_TESTS: dict[str, TestName] = {
    "age_years": "kruskal",
    "sex": "chi-square",
    "level": "chi-square",
    "height_m": "kruskal",
    "weight_kg": "kruskal",
    "bmi_kg_m2": "anova",
}
_ALSO = {
    "group": "score group",
    "union": "union",
    "vhl_percent_difference": "height loss, difference (%)",
    "ka_deg_difference": "kyphosis angle, difference (deg)",
}
_APPARENT = "The model is tried on the patients it was fitted in, so its AUC flatters it; the score's does not."
_HAN = "Han W, Deng Z, Lin Z, Luo J, Xu J. Sci Rep 2025;15:16791"


def nasovcf_study(frame: pd.DataFrame, *, notices: Sequence[str] = (), reconstructed: bool = False) -> StudyReport:
    """Every table and figure of HAN 2025 on your patients, one per row; columns as `columns_of("nasovcf")` says.

    ``reconstructed`` says that the rows come from HAN itself: then there is nothing to validate the score in.
    """
    data, said = with_score(frame)
    bench = Workbench(data, "nasovcf", _ALSO)
    _patients(bench)
    for outcome, (label, references, model) in _OUTCOMES.items():
        bench.section = label
        _outcome(bench, outcome, label, references, model)
    _course(bench)
    _validation(bench, reconstructed)
    return bench.report(
        frame,
        title="NASOVCF: assessment and outcome of osteoporotic vertebral fractures",
        design="The design of HAN 2025: patients treated without operation are scored before treatment; non-union, "
        "progressive kyphosis, height loss, kyphosis angle, pain and disability are followed to 6 months.",
        references=(_HAN,),
        notices=(*notices, *said),
    )


def with_score(frame: pd.DataFrame) -> tuple[pd.DataFrame, tuple[str, ...]]:
    """The frame with what follows from it (items, total, group, differences), and remarks; nothing given is changed."""
    said = []
    cut_here = "t_score" in frame and "t_score_band" not in frame
    if cut_here and (outside := int((frame["t_score"] > -1 + TOLERANCE).sum())):
        said.append(
            say(
                "{outside} patients with a T-score above -1.0 are outside the score's population: no total.",
                outside=outside,
            )
        )
    data = as_items(frame)
    if "bmi_kg_m2" not in data and {"height_m", "weight_kg"} <= set(data):
        data["bmi_kg_m2"] = data["weight_kg"] / data["height_m"] ** 2
    for name in ("vhl_percent", "ka_deg"):
        if {f"{name}_0mo", f"{name}_6mo"} <= set(data):
            data[f"{name}_difference"] = data[f"{name}_6mo"] - data[f"{name}_0mo"]
    said += with_outcomes(data)
    if set(CUT_ITEMS) <= set(data):
        total = total_of_items(data)
        if "nasovcf" in data:
            given = data["nasovcf"].to_numpy(float)
            differ = int((given != total)[~np.isnan(given) & ~np.isnan(total)].sum())
            said += [
                say("The total given differs from that of the items in {differ} patients; it was used.", differ=differ)
            ] * bool(differ)
        else:
            data["nasovcf"] = total
            if unknown := int(np.isnan(total).sum()):
                said.append(
                    say(
                        "{unknown} patients have no total, for an item is missing or outside the population.",
                        unknown=unknown,
                    )
                )
    if "nasovcf" in data:
        data["group"] = optional_import("pandas").cut(data["nasovcf"], [-1, 1, 4, 12], labels=list(GROUPS))
    for name in ("vhl_15_or_more", "ka_15_or_more", "t2_diffuse_low"):
        if name in data:
            data[name] = two_words(data[name], "no", "yes")
    if "non_union" in data:
        data["union"] = two_words(data["non_union"], "union", "non-union")
    return data, tuple(said)


def as_items(frame: pd.DataFrame) -> pd.DataFrame:
    """The frame with its measurements as the score uses them, cut at its limits; what is there already is kept."""
    data = frame.copy()
    derived: dict[str, tuple[str, Callable[[Any], Any]]] = {
        "vhl_15_or_more": ("vhl_percent_0mo", lambda v: v >= VHL_LIMIT_PERCENT - TOLERANCE),
        "ka_15_or_more": ("ka_deg_0mo", lambda v: v >= KYPHOSIS_LIMIT_DEG - TOLERANCE),
        "t2_diffuse_low": ("t2_pattern", lambda v: v == "diffuse low"),
    }
    for name, (source, rule) in derived.items():
        if name not in data and source in data:
            data[name] = rule(data[source]).astype("boolean").where(data[source].notna())
    if "t_score" in data and "t_score_band" not in data:
        limits = [1 - TOLERANCE, 2.5 - TOLERANCE, 3.5 - TOLERANCE, np.inf]
        bands = optional_import("pandas").cut(-data["t_score"], limits, right=False, labels=list(T_SCORE_BANDS))
        data["t_score_band"] = bands
    return data


def total_of_items(data: pd.DataFrame) -> NDArray[np.float64]:
    """Totals by the score's own rule; a band or a yes stands for any value in it."""

    def flag(name: str) -> NDArray[np.float64]:
        return np.asarray(data[name].astype("boolean").to_numpy(float, na_value=np.nan))

    inside = dict(zip(T_SCORE_BANDS, (-2.0, -3.0, -4.0), strict=True))
    return nasovcf_array(
        burst=data["fracture_type"].astype("object").map({"burst": 1.0, "compression": 0.0}).to_numpy(float),
        vhl_percent=VHL_LIMIT_PERCENT * flag("vhl_15_or_more"),
        local_kyphosis_deg=KYPHOSIS_LIMIT_DEG * flag("ka_15_or_more"),
        t2_diffuse_low=flag("t2_diffuse_low"),
        t_score=data["t_score_band"].astype("object").map(inside).to_numpy(float),
    ).total


def _patients(bench: Workbench) -> None:
    bench.section = "Patients"
    there = bench.present(list(_PUBLISHED_TESTS))
    tests = {bench.printed(name): test for name, test in _PUBLISHED_TESTS.items()}
    bench.make(
        "baseline-by-group",
        lambda: baseline(bench.frame, bench.printed("group"), there, tests=tests, correction="bonferroni"),
        needs=["group"],
    )
    items = bench.present([*_PUBLISHED_TESTS, *CUT_ITEMS, "vas_0mo", "odi_0mo"])
    bench.make("baseline-by-union", lambda: baseline(bench.frame, bench.printed("union"), items), needs=["non_union"])


def _outcome(bench: Workbench, outcome: str, label: str, references: dict[str, str], model: Sequence[str]) -> None:
    frame, stem, printed = bench.frame, outcome.replace("_", "-"), bench.printed
    group, event, score = printed("group"), printed(outcome), printed("nasovcf")
    bench.make(f"{stem}-by-group", lambda: outcome_by_group(frame, event, group, label=label), needs=[outcome, "group"])
    alone = bench.present([*CUT_ITEMS, "nasovcf", "age_years", "sex", "bmi_kg_m2", "level", "vas_0mo", "odi_0mo"])
    against = {printed(k): v for k, v in {**_ITEM_REFERENCES, **references}.items()}
    bench.make(f"{stem}-each-factor", lambda: univariable(frame, event, alone, references=against), needs=[outcome])
    bench.make(f"{stem}-model", lambda: _model(bench, event, model, against), needs=[outcome, "nasovcf"])
    bench.make(
        f"{stem}-roc", lambda: roc(frame[event], frame[score], name=score, cut_offs=(1, 5)), needs=[outcome, "nasovcf"]
    )
    others = bench.present(["of_score", "genant_grade", "vbq"])
    if others:
        bench.make(
            f"{stem}-other-scores",
            lambda: compare_scores(frame, event, [score, *others], resamples=500),
            needs=[outcome, "nasovcf"],
        )
    fitted = next((i.result for i in bench.items if i.id == f"{stem}-model"), None)
    if isinstance(fitted, LogisticResult):
        bench.make(f"{stem}-model-optimism", lambda: optimism(fitted, frame))
        if frame[[c.variable for c in fitted.codings]].isna().to_numpy().any():
            bench.make(f"{stem}-model-imputed", lambda: _imputed(bench, event, fitted, against))
        scores = {score: frame[score], "model": fitted.predict(frame)}
        bench.make(f"{stem}-roc-model", lambda: replace(compare_roc(frame[event], scores), assumptions=(_APPARENT,)))


def _imputed(bench: Workbench, event: str, fitted: LogisticResult, references: dict[str, str]) -> PooledLogisticResult:
    """The same model with missing predictors imputed; patients without an outcome stay out."""
    names = [c.variable for c in fitted.codings]
    known = bench.frame[bench.frame[event].notna()]
    return pooled_logistic(impute(known, [event, *names]), event, names, references=references)


def _model(bench: Workbench, event: str, published: Sequence[str], references: dict[str, str]) -> LogisticResult:
    """The paper's multivariable model, as far as its predictors are there; it says which are not."""
    there = bench.present(published)
    absent = [bench.printed(name) for name in published if bench.printed(name) not in there]
    if len(there) < 2:
        raise CohortDataError(
            "the paper's predictors", "only the score is there", say("Add {absent}.", absent=joined(", ", absent))
        )
    fitted = logistic(bench.frame, event, there, references=references)
    lacking = (say("The paper's model has also {absent}", absent=joined(", ", absent)),) if absent else ()
    return replace(fitted, notes=(*fitted.notes, *lacking))


def _course(bench: Workbench) -> None:
    bench.section = "Height loss and kyphosis"
    group = bench.printed("group")
    for stem, unit, title in (
        ("vhl_percent", "%", "Vertebral height loss"),
        ("ka_deg", "degrees", "Local kyphosis angle"),
    ):
        short = [f"{stem}_0mo", f"{stem}_6mo", f"{stem}_difference"]
        measures = dict(zip(map(bench.printed, short), ("before", "6 months", "difference"), strict=True))
        bench.make(
            f"{stem.split('_')[0]}-by-group",
            partial(medians_by_group, bench.frame, measures, group, title=title, unit=unit),
            needs=["group", *short],
        )
    bench.section = "Pain and disability"
    for stem, label in (("vas", "VAS"), ("odi", "ODI")):
        over_visits_by_group(bench, stem, label, "group")


def _validation(bench: Workbench, reconstructed: bool) -> None:
    bench.section = "External validation"
    for outcome in _OUTCOMES:
        key = f"validation-{outcome.replace('_', '-')}"
        if reconstructed:
            bench.leave(key, "these rows come from the paper itself", "Use patients whom HAN did not have.")
            continue
        made = partial(
            validate_nasovcf, outcome=outcome, score=bench.printed("nasovcf"), outcome_column=bench.printed(outcome)
        )
        bench.make(key, partial(made, bench.frame), needs=[outcome, "nasovcf"])
