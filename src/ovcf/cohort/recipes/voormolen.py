"""The design of VOORMOLEN 2006: edema and pain in the year after vertebroplasty."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

from ovcf.cohort.groups.contingency import proportion
from ovcf.cohort.recipes.by_group import medians_by_group
from ovcf.cohort.recipes.nagao import GRADES, with_grades
from ovcf.cohort.recipes.over_visits import course, grades_over_visits, rank_correlations
from ovcf.cohort.recipes.study_report import StudyReport, Workbench, two_words
from ovcf.cohort.result import AnalysisResult, Column, Table
from ovcf.errors import CohortDataError
from ovcf.language.worded import joined, say

if TYPE_CHECKING:
    from collections.abc import Sequence

    import pandas as pd

ANALGESICS = ("none", "non-opioid", "weak opioid", "strong opioid")
_LEFT_OUT = {"new_fracture": "a new fracture", "pain_elsewhere": "pain elsewhere"}
_NO_PROOF = "No correlation found is no proof of none: the interval says what remains possible."


def voormolen_study(frame: pd.DataFrame, *, notices: Sequence[str] = ()) -> StudyReport:
    """Edema, pain and analgesics over visits, on your treated vertebrae, one per row."""
    data = with_grades(frame)
    further = data["patient_id"].duplicated() if "patient_id" in data else data.index != data.index
    bench = Workbench(data, "voormolen")
    _edema(bench)
    single = bench.frame[_one_vertebra(data)]
    _pain(bench, single)
    _edema_and_pain(bench, single)
    several = int(further.sum())
    clustered = say(
        "{several} rows are further vertebrae of a patient: tests of edema take vertebrae as independent.",
        several=several,
    )
    subgroup = _said_of_subgroup(data)
    return bench.report(
        frame,
        title="Bone marrow edema and pain after vertebroplasty",
        design="The design of VOORMOLEN 2006: MRI before and 3, 6 and 12 months after vertebroplasty; edema in percent "
        "of the vertebral body over all slices; pain and analgesics at each visit.",
        references=("Voormolen MHJ, van Rooij WJ, van der Graaf Y, et al. AJNR 2006;27:983-988",),
        notices=(*notices, *((clustered,) if several else ()), *subgroup),
    )


def _edema(bench: Workbench) -> None:
    bench.section = "Edema of the treated vertebrae"
    data = bench.frame
    percent = bench.visits("bme_percent")
    grades = bench.visits("bme_grade")
    bench.make("edema-course", lambda: course(data, percent, label="Edema, % of the body", above_zero=True))
    bench.make("edema-grades", lambda: grades_over_visits(data, grades, GRADES, title="Edema at each visit"))
    bench.make("edema-return", lambda: _returns(data, list(percent)))


def _pain(bench: Workbench, patients: pd.DataFrame) -> None:
    """Of the subgroup in whom one vertebra can be the cause, as in Fig. 4 and 5 of the source."""
    bench.section = "Pain and analgesics"
    bench.make("pain-course", lambda: course(patients, bench.visits("vas"), label="VAS"))
    bench.make(
        "analgesics",
        lambda: grades_over_visits(patients, bench.visits("analgesic"), ANALGESICS, title="Analgesics at each visit"),
    )


def _edema_and_pain(bench: Workbench, single: pd.DataFrame) -> None:
    """Pain belongs to a patient, so it is set against edema only where one vertebra can be its cause."""
    bench.section = "Is pain related to edema?"
    edema, pain = bench.visits("bme_percent"), bench.visits("vas")
    both = [(e, p, m) for e, m in edema.items() for p, k in pain.items() if m == k]
    note = say("{single} patients with one treated vertebra. {no_proof}", single=len(single), no_proof=_NO_PROOF)
    pairs = [(e, p) for e, p, _ in both]
    bench.make(
        "edema-and-pain",
        lambda: rank_correlations(single, pairs, title="Edema and pain at the same visit", notes=[note]),
    )
    changed = single.copy()
    names = []
    for e, p, months in both[1:]:
        names.append(
            (
                say("change of edema at {months:g} months", months=months),
                say("change of VAS at {months:g} months", months=months),
            )
        )
        changed[names[-1][0]], changed[names[-1][1]] = single[e] - single[both[0][0]], single[p] - single[both[0][1]]
    bench.make(
        "changes-of-edema-and-pain",
        lambda: rank_correlations(changed, names, title="Change of edema and change of pain", notes=[note]),
    )
    for e, p, months in both[1:]:
        bench.make(
            f"pain-with-edema-{months:g}mo",
            partial(_pain_with_edema, single, e, p, months),
            title=say("pain with edema at {months:g} months", months=months),
        )


def _pain_with_edema(single: pd.DataFrame, edema: str, pain: str, months: float) -> AnalysisResult:
    present = (single[edema] > 0).where(single[edema].notna())
    data = single.assign(presence=two_words(present, "no edema", "edema"))
    title = say("VAS at {months:g} months with and without edema", months=months)
    found = medians_by_group(
        data, {pain: say("VAS at {months:g} months", months=months)}, "presence", title=title, unit="VAS"
    )
    return replace(found, notes=(_NO_PROOF,))


def _one_vertebra(data: pd.DataFrame) -> pd.Series:
    """The source's subgroup A, as given or as far as its parts are: who may have what it leaves out is not in it."""
    if "pain_subgroup" in data:
        return data["pain_subgroup"].fillna(False).astype(bool)
    everyone: pd.Series = data.index == data.index
    single = ~data["patient_id"].duplicated(keep=False) if "patient_id" in data else everyone
    for column in _LEFT_OUT:
        if column in data:
            single &= ~data[column].fillna(True).astype(bool)
    return single


def _said_of_subgroup(data: pd.DataFrame) -> tuple[str, ...]:
    """What of the subgroup's definition the table does not tell."""
    unknown = [words for column, words in _LEFT_OUT.items() if column not in data]
    if "pain_subgroup" in data or not unknown:
        return ()
    remark = say(
        "Pain is that of patients with one treated vertebra: whether they had {unknown}, which the "
        "source's subgroup leaves out, is not given.",
        unknown=joined(" or ", unknown),
    )
    return (remark,)


def _returns(data: pd.DataFrame, visits: Sequence[str]) -> AnalysisResult:
    """How often edema that had gone was there again at a later visit."""
    if len(visits) < 3:
        raise CohortDataError(
            "edema", say("{visits} visits are there", visits=len(visits)), "Three are needed to see it go and return."
        )
    gone = returned = 0
    for values in data[list(visits)].to_numpy(float):
        known = values[values == values]
        first = next((i for i, v in enumerate(known) if v == 0 and (known[:i] > 0).any()), len(known))
        gone += first < len(known) - 1
        returned += bool((known[first:] > 0).any())
    if not gone:
        raise CohortDataError("edema", "in no vertebra went away before the last visit", "There is nothing to count.")
    return AnalysisResult(
        title="Edema that came back",
        method="Of the vertebrae whose edema had gone at a visit and that were seen again; Wilson's 95% interval",
        n=len(data),
        missing=tuple((v, int(data[v].isna().sum())) for v in visits),
        tables=(
            Table(
                "Edema that came back",
                (
                    Column("gone", "Gone and seen again", "d"),
                    Column("returned", "Came back", "d"),
                    Column("share", "Share (95% CI)", ".1%"),
                ),
                ((gone, returned, proportion(returned, gone)),),
            ),
        ),
    )
