"""The cohort engine in one place, for notebooks: ``import ovcf.cohort.api as cohort``.

Every function takes a data frame (or columns of one) and returns a result that prints itself as text, HTML (what a
notebook shows), LaTeX and Word, plots itself where a picture helps, and gives its numbers as a tidy frame::

    patients = cohort.read_cohort("patients.csv", "dictionary.toml").checked()
    cohort.baseline(patients, "non_union", ["age", "sex", "t_score"])
    cohort.roc(patients["non_union"], patients["nasovcf"], name="NASOVCF").plot()
"""

from ovcf.cohort.agreement import cohen_kappa, fleiss_kappa, gwet_ac1
from ovcf.cohort.baseline import baseline
from ovcf.cohort.calibration import calibration, decision_curve
from ovcf.cohort.compare_scores import compare_scores, reclassification
from ovcf.cohort.competing_risks import cumulative_incidence, fine_gray
from ovcf.cohort.contingency import two_by_two
from ovcf.cohort.cox import cox
from ovcf.cohort.dataset import check, describe_missing
from ovcf.cohort.external_validation import validate_nasovcf
from ovcf.cohort.landmark_analysis import from_landmark
from ovcf.cohort.logistic import logistic, univariable
from ovcf.cohort.longitudinal import mixed_anova
from ovcf.cohort.missing import impute, pooled_logistic
from ovcf.cohort.mixed_model import linear_mixed_model
from ovcf.cohort.optimism import optimism
from ovcf.cohort.posthoc import groups_at_visits, visits_within_groups
from ovcf.cohort.read import read_cohort, read_dictionary, read_table
from ovcf.cohort.reconstruct import reconstruct
from ovcf.cohort.reliability import bland_altman, icc, sdc, sem
from ovcf.cohort.roc import compare_roc, roc
from ovcf.cohort.source_check import check_sources
from ovcf.cohort.survival import kaplan_meier, log_rank
from ovcf.cohort.workshop import points_by_ridge, points_by_univariable

__all__ = [
    "baseline",
    "bland_altman",
    "calibration",
    "check",
    "check_sources",
    "cohen_kappa",
    "compare_roc",
    "compare_scores",
    "cox",
    "cumulative_incidence",
    "decision_curve",
    "describe_missing",
    "fine_gray",
    "fleiss_kappa",
    "from_landmark",
    "groups_at_visits",
    "gwet_ac1",
    "icc",
    "impute",
    "kaplan_meier",
    "linear_mixed_model",
    "log_rank",
    "logistic",
    "mixed_anova",
    "optimism",
    "points_by_ridge",
    "points_by_univariable",
    "pooled_logistic",
    "read_cohort",
    "read_dictionary",
    "read_table",
    "reclassification",
    "reconstruct",
    "roc",
    "sdc",
    "sem",
    "two_by_two",
    "univariable",
    "validate_nasovcf",
    "visits_within_groups",
]
