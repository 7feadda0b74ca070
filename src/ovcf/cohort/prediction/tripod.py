"""The TRIPOD statement's items for a validation study, and which of them a validation report fills in.

Collins GS, Reitsma JB, Altman DG, Moons KGM. Ann Intern Med 2015;162:55-63; only items that concern validation.
"""

from __future__ import annotations

from ovcf.cohort.result import Column, Table

REFERENCE = "Collins GS, Reitsma JB, Altman DG, Moons KGM. Ann Intern Med 2015;162:55-63 (TRIPOD)"
AUTHORS = "to be written by the authors"
_ITEMS = (
    ("1", "Title says that a prediction model is validated, whom and what it predicts"),
    ("2", "Abstract: objectives, design, setting, participants, sample size, predictors, outcome, results"),
    ("3a", "Medical context and why the model is validated; references to existing models"),
    ("3b", "Objectives, and that this is a validation"),
    ("4a", "Study design or source of data"),
    ("4b", "Dates of accrual and of the end of follow-up"),
    ("5a", "Setting, number and location of centres"),
    ("5b", "Eligibility of participants"),
    ("5c", "Treatments received"),
    ("6a", "Outcome, how and when it was assessed"),
    ("6b", "Blinding of the assessment of the outcome"),
    ("7a", "Predictors, how and when they were measured"),
    ("7b", "Blinding of the assessment of predictors"),
    ("8", "How the study size was arrived at"),
    ("9", "How missing data were handled"),
    ("10c", "How predictions were calculated"),
    ("10d", "Measures of performance"),
    ("10e", "Updating of the model, such as recalibration"),
    ("11", "How risk groups were created"),
    ("12", "Differences from the development data in setting, eligibility, outcome, predictors"),
    ("13a", "Flow of participants, with and without the outcome"),
    ("13b", "Characteristics of participants, with numbers missing"),
    ("13c", "Comparison with the development data"),
    ("16", "Performance, with confidence intervals"),
    ("17", "Results of updating"),
    ("18", "Limitations"),
    ("19a", "Results with reference to those of the development data"),
    ("19b", "Overall interpretation"),
    ("20", "Clinical use and implications for research"),
    ("21", "Supplementary resources"),
    ("22", "Funding and the role of funders"),
)


def checklist(filled: dict[str, str]) -> Table:
    """Every item, with where the report answers it; what it cannot know is left to the authors."""
    columns = Column("item", "Item"), Column("asks", "TRIPOD asks for"), Column("answer", "Here")
    return Table("TRIPOD, validation", columns, tuple((item, asks, filled.get(item, AUTHORS)) for item, asks in _ITEMS))
