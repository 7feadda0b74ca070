"""Reporting checklists, in short words, filled with what a report says; the rest is left to the authors.

TRIPOD+AI 2024 with its items for the evaluation of a model (those for development alone are left out), STARD 2015,
RECORD 2015 for data that were collected for another purpose, CONSORT 2025 for a trial of treatments, and the questions
of PROBAST 2019 on the risk of bias.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from ovcf.cohort.result import Column, Table

if TYPE_CHECKING:
    from collections.abc import Mapping

AUTHORS = "to be written by the authors"
TRIPOD_AI_REFERENCE = "Collins GS, Moons KGM, Dhiman P et al. BMJ 2024;385:e078378 (TRIPOD+AI)"
PROBAST_REFERENCE = "Wolff RF, Moons KGM, Riley RD et al. Ann Intern Med 2019;170:51-58 (PROBAST)"
STARD_REFERENCE = "Cohen JF et al. BMJ Open 2016;6:e012799 (STARD 2015)"
RECORD_REFERENCE = "Benchimol EI et al. PLoS Med 2015;12:e1001885 (RECORD)"
CONSORT_REFERENCE = "Hopewell S, Chan AW, Collins GS et al. BMJ 2025;389:e081123 (CONSORT 2025)"

TRIPOD_AI = (
    ("1", "Title: a prediction model is evaluated, in whom and for what outcome"),
    ("2", "Abstract: its own checklist"),
    ("3a", "Healthcare context, why the model is evaluated, existing models"),
    ("3b", "Target population, purpose in the care pathway, intended users"),
    ("3c", "Known health inequalities between sociodemographic groups"),
    ("4", "Objectives: development, evaluation or both"),
    ("5a", "Sources of data for development and evaluation, why these, how representative"),
    ("5b", "Dates of accrual and end of follow-up"),
    ("6a", "Setting, number and location of centres"),
    ("6b", "Eligibility"),
    ("6c", "Treatments received and how they were handled"),
    ("7", "Preparation and quality checks of the data, alike in all groups of people"),
    ("8a", "Outcome, its time horizon, how and when assessed, and why this one"),
    ("8b", "Who assessed the outcome, where that takes judgement"),
    ("8c", "Blinding of the assessment of the outcome"),
    ("9b", "Predictors, how and when measured, blinding"),
    ("9c", "Who measured the predictors, where that takes judgement"),
    ("10", "How the study size was arrived at, and that it suffices"),
    ("11", "How missing data were handled, why any were left out"),
    ("12d", "How differences between clusters, such as centres, were handled"),
    ("12e", "Measures and plots of performance, and why; comparison of models"),
    ("12f", "Updating of the model, such as recalibration"),
    ("12g", "How predictions were calculated"),
    ("13", "Class imbalance: methods and recalibration, if any"),
    ("14", "Fairness: what was done about it, and why"),
    ("16", "Differences from the development data in setting, eligibility, outcome, predictors"),
    ("17", "Ethical approval and consent"),
    ("18a", "Funding and the role of funders"),
    ("18b", "Conflicts of interest"),
    ("18c", "Where the protocol is, or that there was none"),
    ("18d", "Registration, or that there was none"),
    ("18e", "Availability of the data"),
    ("18f", "Availability of the analytical code"),
    ("19", "Involvement of patients and the public, or that there was none"),
    ("20a", "Flow of participants, with and without the outcome; follow-up"),
    ("20b", "Characteristics of participants and settings, with numbers missing"),
    ("20c", "Comparison of important predictors with the development data"),
    ("21", "Participants and events in each analysis"),
    ("23a", "Performance with intervals, also in key groups"),
    ("23b", "Differences of performance between clusters"),
    ("24", "Results of updating"),
    ("25", "Interpretation, with fairness and previous studies"),
    ("26", "Limitations and their effects"),
    ("27c", "Next steps, with a view to applicability"),
)
STARD = (
    ("1", "Title or abstract: a study of diagnostic accuracy, with a measure of it"),
    ("2", "Structured abstract"),
    ("3", "Background, intended use and role of the index test"),
    ("4", "Objectives and hypotheses"),
    ("5", "Whether data were collected before (prospective) or after the tests"),
    ("6", "Eligibility"),
    ("7", "On what basis participants were found"),
    ("8", "Where and when"),
    ("9", "Consecutive, random or convenience series"),
    ("10a", "Index test, so that it can be repeated"),
    ("10b", "Reference standard, so that it can be repeated"),
    ("11", "Why this reference standard"),
    ("12a", "Cut-offs or categories of the index test, planned or explored"),
    ("12b", "Cut-offs or categories of the reference standard, planned or explored"),
    ("13a", "What readers of the index test knew"),
    ("13b", "What assessors of the reference standard knew"),
    ("14", "Methods for estimating and comparing accuracy"),
    ("15", "How indeterminate results were handled"),
    ("16", "How missing results were handled"),
    ("17", "Analyses of variability, planned or explored"),
    ("18", "Intended sample size and how it was determined"),
    ("19", "Flow of participants, with a diagram"),
    ("20", "Baseline characteristics"),
    ("21a", "Severity in those with the condition"),
    ("21b", "Other diagnoses in those without it"),
    ("22", "Time and interventions between the tests"),
    ("23", "Cross table of index test and reference standard"),
    ("24", "Accuracy with intervals"),
    ("25", "Adverse events of the tests"),
    ("26", "Limitations: bias, uncertainty, generalisability"),
    ("27", "Implications for practice, and the role of the test"),
    ("28", "Registration"),
    ("29", "Where the protocol is"),
    ("30", "Funding and the role of funders"),
)
CONSORT = (
    ("1a", "Title: that patients were randomised"),
    ("1b", "Structured abstract"),
    ("2", "Registration: where, number, date"),
    ("3", "Where protocol and plan of the analysis are"),
    ("4", "Whether and how data, code and other material can be had"),
    ("5a", "Funding and the role of funders"),
    ("5b", "Conflicts of interest"),
    ("6", "Background, and why the trial was needed"),
    ("7", "Objectives, of benefit and of harm"),
    ("8", "Part that patients and the public took"),
    ("9", "Design: kind of trial, ratio of allocation, what is to be shown (superiority, non-inferiority)"),
    ("10", "What was changed after the start, and why"),
    ("11", "Kind of places, and where they are"),
    ("12a", "Eligibility of patients"),
    ("12b", "Eligibility of sites and of those who treat, if any"),
    ("13", "Treatment and comparator, so that they can be repeated"),
    ("14", "Outcomes planned, primary and secondary: variable, measure, summary, time"),
    ("15", "How harms were defined and looked for"),
    ("16a", "How the size was arrived at, with its assumptions"),
    ("16b", "Interim analyses and rules for stopping"),
    ("17a", "Who made the random sequence, and how"),
    ("17b", "Type of randomisation: strata, blocks"),
    ("18", "How allocation was carried out and kept hidden"),
    ("19", "Whether those who enrolled or assigned could know the sequence"),
    ("20a", "Who was blinded after allocation"),
    ("20b", "How, and how alike the treatments were"),
    ("21a", "Statistical methods for outcomes and harms"),
    ("21b", "Who is counted in each analysis, and in which group"),
    ("21c", "How missing data were handled"),
    ("21d", "Further analyses: methods, planned or not"),
    ("22a", "By group: allocated, treated as intended, analysed for the primary outcome; with a diagram"),
    ("22b", "By group: losses and exclusions after allocation, with reasons"),
    ("23a", "Dates of recruitment and follow-up"),
    ("23b", "Why the trial ended or was stopped"),
    ("24a", "Treatments as they were given: by whom, how completely"),
    ("24b", "Other care in each group"),
    ("25", "Baseline characteristics by group"),
    ("26", "By outcome and group: analysed, with data, result; effect with interval, absolute and relative if binary"),
    ("27", "Harms and unintended events by group"),
    ("28", "Results of further analyses, planned or not"),
    ("29", "Interpretation: benefits against harms, other evidence"),
    ("30", "Limitations: bias, imprecision, generalisability, multiplicity"),
)

RECORD = (
    ("1.1", "Title or abstract: the type of data, and the databases by name"),
    ("1.2", "Title or abstract: region and period"),
    ("1.3", "Title or abstract: whether databases were linked"),
    ("6.1", "How the population was selected, with codes and algorithms"),
    ("6.2", "Studies that validated these codes and algorithms"),
    ("6.3", "If data were linked: a diagram with the numbers linked at each stage"),
    ("7.1", "Every code and algorithm for exposures, outcomes, confounders and effect modifiers"),
    ("12.1", "How far the investigators had access to the population of the database"),
    ("12.2", "How the data were cleaned"),
    ("12.3", "Whether persons, institutions or other data were linked, how, and how well"),
    ("13.1", "How persons were selected by quality, availability and linkage of data, with a diagram"),
    ("19.1", "Data not collected for this question: misclassification, unmeasured confounding, missing, eligibility"),
    ("22.1", "Where protocol, raw data and code can be had"),
)
"""What RECORD adds to STROBE."""
PROBAST = (
    ("1.1", "Participants: were appropriate sources of data used?"),
    ("1.2", "Participants: were all inclusions and exclusions appropriate?"),
    ("2.1", "Predictors: defined and assessed alike in all participants?"),
    ("2.2", "Predictors: assessed without knowledge of the outcome?"),
    ("2.3", "Predictors: all available when the model is meant to be used?"),
    ("3.1", "Outcome: determined appropriately?"),
    ("3.2", "Outcome: a standard definition, or one laid down before?"),
    ("3.3", "Outcome: predictors no part of its definition?"),
    ("3.4", "Outcome: defined and determined alike in all participants?"),
    ("3.5", "Outcome: determined without knowledge of the predictors?"),
    ("3.6", "Outcome: a suitable time between predictors and outcome?"),
    ("4.1", "Analysis: enough participants with the outcome (100 at least)?"),
    ("4.2", "Analysis: predictors handled as in the model, none dichotomised anew?"),
    ("4.3", "Analysis: all enrolled participants included?"),
    ("4.4", "Analysis: missing data handled appropriately?"),
    ("4.6", "Analysis: censoring, competing risks and sampling accounted for?"),
    ("4.7", "Analysis: discrimination and calibration both given?"),
)
"""The signalling questions for the evaluation of a model; 4.5, 4.8 and 4.9 are asked of its development alone."""
_NO_INFORMATION = "no information: for the authors"


def record(filled: Mapping[str, str]) -> Table:
    """Every item that RECORD adds to STROBE, with what the report says of it."""
    return _table("RECORD", RECORD, filled)


def probast(filled: Mapping[str, str]) -> Table:
    """The signalling questions of PROBAST, answered where the analysis knows; a self-assessment, not a judgement."""
    return _table("PROBAST, risk of bias: self-assessment", PROBAST, filled, otherwise=_NO_INFORMATION)


def tripod_ai(filled: Mapping[str, str]) -> Table:
    """Every item that an evaluation answers, with what the report says of it."""
    return _table("TRIPOD+AI, evaluation of a model", TRIPOD_AI, filled)


def stard(filled: Mapping[str, str]) -> Table:
    """Every item of STARD 2015, with what the report says of it."""
    return _table("STARD 2015", STARD, filled)


def consort(filled: Mapping[str, str]) -> Table:
    """Every item of CONSORT 2025, with what the report says of it."""
    return _table("CONSORT 2025", CONSORT, filled)


def _table(
    title: str, items: tuple[tuple[str, str], ...], filled: Mapping[str, str], *, otherwise: str = AUTHORS
) -> Table:
    unknown = set(filled) - {item for item, _ in items}
    if unknown:
        raise KeyError(min(unknown))
    columns = Column("item", "Item"), Column("asks", "What it asks for"), Column("answer", "Here")
    return Table(title, columns, tuple((item, asks, filled.get(item, otherwise)) for item, asks in items))
