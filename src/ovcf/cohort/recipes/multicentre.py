"""A validation of NASOVCF in several centres: all together, each centre, missing data, death, readers."""

from __future__ import annotations

import math
from dataclasses import replace
from functools import cache
from typing import TYPE_CHECKING, Any

from ovcf.cohort.centres.performance import pooled_performance_by_centre
from ovcf.cohort.checklists import RECORD_REFERENCE, record
from ovcf.cohort.data.nasovcf_column import ITEMS, nasovcf_of
from ovcf.cohort.groups.baseline import baseline, groups_in_rows
from ovcf.cohort.missing.imputation import impute
from ovcf.cohort.missing.patterns import missing_patterns
from ovcf.cohort.missing.pooled import pooled_performance
from ovcf.cohort.missing.pooled_comparison import pooled_comparison
from ovcf.cohort.missing.pooled_updating import pooled_update
from ovcf.cohort.missing.sensitivity import delta_adjusted
from ovcf.cohort.optional_import import optional_import
from ovcf.cohort.prediction.external_validation import published_risk, validate_nasovcf
from ovcf.cohort.prediction.validation_checklists import FEW_EVENTS, validation_checklists
from ovcf.cohort.recipes.nasovcf import CUT_ITEMS, as_items, total_of_items
from ovcf.cohort.recipes.of_centres.estimands import Patients, estimands
from ovcf.cohort.recipes.of_centres.main_findings import main_findings
from ovcf.cohort.recipes.of_centres.methods import methods_of
from ovcf.cohort.recipes.of_centres.notes import CUT, IN_KEY_GROUPS, OF_THE_TEST, OF_TOTAL, OVER_CENTRES, said
from ovcf.cohort.recipes.of_centres.rates import rates_of_groups
from ovcf.cohort.recipes.of_centres.readers import two_readers
from ovcf.cohort.recipes.of_centres.subgroups import performance_in_groups
from ovcf.cohort.recipes.of_centres.with_death import with_both_errors, with_death
from ovcf.cohort.recipes.study_report import Item, StudyReport, Workbench
from ovcf.cohort.result import AnalysisResult
from ovcf.language.worded import say
from ovcf.scores.prognosis.nasovcf import GROUPS

if TYPE_CHECKING:
    from collections.abc import Sequence

    import pandas as pd

    from ovcf.cohort.missing.imputation import Imputed

THRESHOLD = 0.2
"""Of risk, between HAN's medium (9 %) and high group (62 %): acting on it is acting on the high group."""
IMPUTATIONS, CYCLES = 20, 5
SHIFTED_IMPUTATIONS = 10
ODDS = (0.5, 1.0, 2.0, 3.0)
"""By which the odds of non-union of those without a known outcome are multiplied in the sensitivity analysis."""
_ALSO = {
    "nasovcf": "NASOVCF",
    "risk": "HAN's rate of the group",
    "group": "group of the score",
    "vhl_percent_0mo": "height loss (%)",
    "ka_deg_0mo": "kyphosis angle (deg)",
    "outcome": "non-union at 6 months",
    "vhl_15_or_more": "height loss of 15% or more",
    "ka_15_or_more": "kyphosis of 15 degrees or more",
    "t2_diffuse_low": "diffuse low T2",
    "t_score_band": "band of the T-score",
}
OTHER_SCORES = ("of_score", "genant_grade", "vbq")
"""Compared with NASOVCF where they are there; more means more risk."""
_OBSERVED = [*CUT_ITEMS, *OTHER_SCORES, "age_years", "sex", "centre", "non_union"]
_KEY_GROUPS = {
    "Women": lambda f: f["sex"] == "female",
    "Men": lambda f: f["sex"] == "male",
    "Below 75 years": lambda f: f["age_years"] < 75,
    "75 years or more": lambda f: f["age_years"] >= 75,
}


def multicentre_study(frame: pd.DataFrame, *, notices: Sequence[str] = ()) -> StudyReport:
    """NASOVCF against non-union in several centres, one patient per row; columns as its dictionary says."""
    data = _derived(frame)
    bench, who = Workbench(data, "multicentre", _ALSO), Patients.of(data)
    needs = ["non_union", *ITEMS]

    @cache
    def completed() -> Imputed:
        return impute(data[who.judged], _known(data), imputations=IMPUTATIONS, cycles=CYCLES)

    bench.section = "Patients"
    bench.make("estimands", lambda: estimands(who, IMPUTATIONS), needs=["non_union"])
    _patients(bench)
    bench.section = "All patients"
    bench.make(
        "performance-imputed",
        lambda: said(
            bench,
            with_both_errors(
                pooled_performance(completed(), "non_union", _risk, score=total_of_items, thresholds=[THRESHOLD]),
                completed(),
            ),
            "NASOVCF in all patients",
        ),
        needs=needs,
    )
    bench.make(
        "rates-by-group",
        lambda: said(bench, rates_of_groups(completed(), "non_union", total_of_items), notes=(CUT,)),
        needs=needs,
    )
    bench.make(
        "key-groups",
        lambda: said(
            bench,
            performance_in_groups(completed(), "non_union", _risk, total_of_items, _KEY_GROUPS),
            notes=(IN_KEY_GROUPS, OF_TOTAL, CUT),
        ),
        needs=[*needs, "age_years", "sex"],
    )
    if others := [n for n in OTHER_SCORES if n in data and data[n].nunique() > 1]:
        scores: dict[str, Any] = {"NASOVCF": total_of_items, **{bench.printed(n): n for n in others}}
        bench.make(
            "other-scores",
            lambda: said(bench, pooled_comparison(completed(), "non_union", scores), notes=(CUT,)),
            needs=needs,
        )
    bench.section = "Centres"
    bench.make(
        "performance-by-centre",
        lambda: said(
            bench,
            pooled_performance_by_centre(
                completed(), "non_union", _risk, "centre", score=total_of_items, threshold=THRESHOLD
            ),
            "NASOVCF by centre",
            (OVER_CENTRES, OF_TOTAL, CUT),
        ),
        needs=["centre", *needs],
    )
    if (by_centre := bench.made("performance-by-centre")) is not None:
        for i, forests in enumerate(by_centre.further(), start=2):
            bench.items.append(Item(f"performance-by-centre-{i}", bench.section, forests))
    with_death(bench, data, who, imputations=IMPUTATIONS, cycles=CYCLES)
    _sensitivity(bench, frame, data, who)
    bench.section = "Adapting the score's rates"
    bench.make(
        "updating",
        lambda: said(
            bench,
            pooled_update(completed(), "non_union", _risk, _groups, name=bench.printed("risk")),
            notes=(OF_THE_TEST, CUT),
        ),
        needs=needs,
    )
    two_readers(bench, data)
    _checklists(bench, data, who)
    if (found := main_findings(bench, THRESHOLD)) is not None:
        bench.items.insert(0, Item("main-findings", "Main findings", found))
    return bench.report(
        frame,
        title="NASOVCF and non-union in several centres",
        design="External validation in several centres: the score as HAN 2025 published it, its groups' rates as "
        "predictions; missing values imputed, each centre by itself and pooled by random effects, death as a competing "
        "event, two readers.",
        references=("Han W, Deng Z, Lin Z, Luo J, Xu J. Sci Rep 2025;15:16791", "Debray TPA et al. BMJ 2017;356:i6460"),
        notices=notices,
        methods=methods_of(bench, who, imputations=IMPUTATIONS, cycles=CYCLES, threshold=THRESHOLD, odds=ODDS),
    )


def _derived(frame: pd.DataFrame) -> pd.DataFrame:
    """The table with total, risk, group and the outcome in words, as far as it allows."""
    data = as_items(frame)
    if all(name in data for name in ITEMS):
        data["nasovcf"] = nasovcf_of(data)[0]
        data["risk"] = _risk(data)
        data["group"] = _group_of(data["nasovcf"])
    if "non_union" in data:
        pandas = optional_import("pandas")
        words = {True: "non-union", False: "union"}
        said = ["not known" if pandas.isna(v) else words[bool(v)] for v in data["non_union"]]
        data["outcome"] = pandas.Categorical(said, ["union", "non-union", "not known"])
    return data


def _known(data: pd.DataFrame) -> list[str]:
    """What is imputed, and from: columns that hold two values at least."""
    return [name for name in _OBSERVED if name in data and data[name].nunique() > 1]


def _risk(frame: pd.DataFrame) -> Any:
    return published_risk(total_of_items(frame), "non_union")


def _groups(frame: pd.DataFrame) -> pd.DataFrame:
    """The group of the score, as the one predictor of its rates."""
    pandas = optional_import("pandas")
    return pandas.DataFrame({"group": _group_of(total_of_items(frame))})


def _group_of(total: Any) -> Any:
    return optional_import("pandas").cut(total, [-1, 1, 4, 12], labels=list(GROUPS))


def _patients(bench: Workbench) -> None:
    printed = bench.printed
    centre = printed("centre")
    known = bench.present(("age_years", "sex", *ITEMS, "nasovcf"))
    outcome = bench.present(["non_union"])
    bench.make(
        "baseline-by-outcome",
        lambda: replace(
            baseline(bench.frame, printed("outcome"), known, tested=False), title="Patients by non-union at 6 months"
        ),
        needs=["non_union"],
    )
    bench.make(
        "baseline-by-centre",
        lambda: groups_in_rows(baseline(bench.frame, centre, [*known, *outcome], tested=False), "Centre"),
        needs=["centre"],
    )
    bench.make(
        "missing-by-centre",
        lambda: missing_patterns(bench.frame, [n for n in (*known, *outcome) if n != "NASOVCF"], group=centre),
        needs=["centre"],
    )


def _sensitivity(bench: Workbench, frame: pd.DataFrame, data: pd.DataFrame, who: Patients) -> None:
    bench.section = "Sensitivity analyses"

    def complete_cases() -> AnalysisResult:
        found = validate_nasovcf(frame, "non_union", checklists=False)
        missing = tuple((bench.printed(name), count) for name, count in found.missing)
        return replace(found, title="Complete cases: NASOVCF beside HAN 2025", missing=missing)

    def shifted() -> AnalysisResult:
        found = delta_adjusted(
            data[who.judged],
            _known(data),
            "non_union",
            [math.log(o) for o in ODDS],
            lambda made: pooled_performance(made, "non_union", _risk, score=total_of_items),
            "Observed / expected",
            imputations=SHIFTED_IMPUTATIONS,
            cycles=CYCLES,
        )
        return replace(
            found,
            title="Outcome missing not at random: observed / expected",
            method=found.method.replace("non_union", "non-union"),
            missing=tuple((bench.printed(name), count) for name, count in found.missing),
            column="non-union (log odds)",
        )

    bench.make("validation", complete_cases, needs=["non_union", *ITEMS])
    bench.make("not-at-random", shifted, needs=["non_union", *ITEMS])


def _checklists(bench: Workbench, data: pd.DataFrame, who: Patients) -> None:
    """TRIPOD+AI, PROBAST and RECORD, filled from all sections."""
    bench.section = "Reporting checklists"
    if (validation := bench.made("validation")) is None:
        return
    whole = bench.made("performance-imputed")
    judged, died = int(who.judged.sum()), int(who.died.sum())
    tripod: dict[str, str] = {}
    bias: dict[str, str] = {}
    seen, unseen = (int((data.loc[who.judged, "non_union"] == v).sum()) for v in (True, False))
    if whole is not None:
        area, ratio = whole["AUC"].estimate, whole["Observed / expected"].estimate
        tripod = {
            "11": say(
                "{imputations} imputations by chained equations, under All patients; counts and patterns by "
                "centre under Patients; complete cases and missing not at random under Sensitivity analyses",
                imputations=IMPUTATIONS,
            ),
            "20a": say(
                "{judged} analysed, {died} died before, {lost} with imputed outcome: table Patients",
                judged=judged,
                died=died,
                lost=int(who.lost.sum()),
            ),
            "20c": "tables of features beside HAN 2025, under Sensitivity analyses; rates by group, under All patients",
            "20b": "tables by outcome and by centre, numbers missing among them, under Patients",
            "21": say(
                "{judged} participants, {seen} with the outcome known; in each analysis: n below it",
                judged=judged,
                seen=seen,
            ),
            "23a": say(
                "AUC {area:.2f}; observed / expected {ratio:.2f}; under All patients, there with the sampling error of "
                "HAN's rates, and in key groups",
                area=area,
                ratio=ratio,
            ),
        }
        few = min(seen, unseen)
        bias = {
            "4.1": say(
                "{value}: {seen} with the outcome known, {unseen} without it",
                value="yes" if few >= FEW_EVENTS else "no",
                seen=seen,
                unseen=unseen,
            ),
            "4.3": say(
                "yes: {judged} of {outside}; the others are outside the score's population or died before union "
                "could be judged",
                judged=judged,
                outside=len(who.outside),
            ),
            "4.4": "yes: multiple imputation; sensitivity analyses in complete cases and not at random",
        }
        if bench.made("key-groups") is not None:
            tripod["14"] = "AUC and observed / expected by sex and age, under All patients; others: for the authors"
    if bench.made("performance-by-centre") is not None:
        tripod["12d"] = "each centre by itself, pooled by random effects: under Centres"
        tripod["23b"] = "forests, spread and prediction interval of a new centre: under Centres"
    if bench.made("risk-by-six-months-imputed") is not None:
        bias["4.6"] = "yes: death as a competing event, loss to follow-up weighted for"
    if bench.made("updating") is not None:
        tripod |= {"12f": "recalibration and refitting over imputations: under Adapting the score's rates"}
        tripod |= {"24": "new rates of each group, under Adapting the score's rates"}

    def filled() -> AnalysisResult:
        risk_of_bias, items = validation_checklists(validation, tripod, bias)
        return AnalysisResult(
            title="TRIPOD+AI, PROBAST and RECORD",
            method="Items of TRIPOD+AI 2024 for the evaluation of a model, PROBAST 2019 as a self-assessment, and what "
            "RECORD 2015 adds where data were collected for another purpose, such as routine care",
            references=(*(r for r in validation.references if "TRIPOD" in r or "PROBAST" in r), RECORD_REFERENCE),
            n=len(who.outside),
            tables=(items, risk_of_bias, record(_of_records(who, judged, died))),
        )

    bench.make("checklists", filled)


def _of_records(who: Patients, judged: int, died: int) -> dict[str, str]:
    """What this analysis knows of the items that RECORD adds."""
    outside = int(who.outside.sum())
    return {
        "7.1": "columns and codes as they were read: columns.toml of this report; limits of the score as published",
        "12.2": "values outside the ranges of the columns stop the analysis, or are listed under The data and taken as "
        "missing; nothing else is changed",
        "12.3": "none by this software: one table, a row per patient",
        "13.1": say(
            "{outside} in the table, {outside_2} outside the score's population, {died} died "
            "before, {judged} analysed: table Patients",
            outside=len(who.outside),
            outside_2=outside,
            died=died,
            judged=judged,
        ),
        "19.1": "missing values: under Patients and Sensitivity analyses; the others: for the authors",
        "22.1": "code: this software, with the command under Provenance; protocol and data: for the authors",
    }
