"""The cohort engine in one place, for notebooks: ``import ovcf.cohort.api as cohort``.

Every function takes a data frame (or columns of one) and returns a result that prints itself as text, HTML (what a
notebook shows), LaTeX and Word, plots itself where a picture helps, and gives its numbers as a tidy frame::

    patients = cohort.read_cohort("patients.csv", "dictionary.toml").checked()
    cohort.baseline(patients, "non_union", ["age", "sex", "t_score"])
    cohort.roc(patients["non_union"], patients["nasovcf"], name="NASOVCF").plot()
"""

from ovcf.cohort.agreement.accuracy import diagnostic_accuracy
from ovcf.cohort.agreement.crossed import crossed_readers
from ovcf.cohort.agreement.kappa import cohen_kappa, fleiss_kappa, gwet_ac1
from ovcf.cohort.agreement.reliability import bland_altman, icc, sdc, sem
from ovcf.cohort.agreement.repeated import bland_altman_repeated
from ovcf.cohort.centres.internal_external import internal_external
from ovcf.cohort.centres.mixed_logistic import clustered_logistic, mixed_logistic
from ovcf.cohort.centres.performance import performance_by_centre, pooled_performance_by_centre
from ovcf.cohort.centres.pooling import pool_centres
from ovcf.cohort.data.dataset import check, describe_missing
from ovcf.cohort.data.read import read_cohort, read_dictionary, read_table
from ovcf.cohort.groups.baseline import baseline, groups_in_rows
from ovcf.cohort.groups.contingency import two_by_two
from ovcf.cohort.missing.imputation import impute, pooled_logistic
from ovcf.cohort.missing.patterns import missing_patterns
from ovcf.cohort.missing.pooled import (
    pool_analysis,
    pooled_auc,
    pooled_cox,
    pooled_fine_gray,
    pooled_mixed_model,
    pooled_performance,
)
from ovcf.cohort.missing.pooled_baseline import pooled_baseline
from ovcf.cohort.missing.pooled_comparison import pooled_comparison
from ovcf.cohort.missing.pooled_horizon import cumulative_hazard, pooled_at_horizon
from ovcf.cohort.missing.pooled_updating import pooled_update
from ovcf.cohort.missing.sensitivity import delta_adjusted
from ovcf.cohort.prediction.at_horizon import auc_at_horizon, risk_at_horizon
from ovcf.cohort.prediction.calibration import calibration
from ovcf.cohort.prediction.compare_scores import compare_scores, reclassification
from ovcf.cohort.prediction.decision import decision_curve
from ovcf.cohort.prediction.external_validation import validate_nasovcf
from ovcf.cohort.prediction.optimism import optimism
from ovcf.cohort.prediction.roc import compare_roc, roc
from ovcf.cohort.prediction.score_derivation import points_by_ridge, points_by_univariable
from ovcf.cohort.prediction.updating import update_model
from ovcf.cohort.published.reconstruct import reconstruct
from ovcf.cohort.published.source_check import check_sources
from ovcf.cohort.regression.e_value import e_value
from ovcf.cohort.regression.linear import linear
from ovcf.cohort.regression.logistic import logistic, univariable
from ovcf.cohort.survival.competing_risks import cumulative_incidence, fine_gray
from ovcf.cohort.survival.cox import cox
from ovcf.cohort.survival.kaplan_meier import kaplan_meier, log_rank
from ovcf.cohort.survival.landmark_analysis import from_landmark
from ovcf.cohort.survival.restricted_mean import restricted_mean
from ovcf.cohort.visits.longitudinal import mixed_anova
from ovcf.cohort.visits.mixed_model import linear_mixed_model
from ovcf.cohort.visits.posthoc import groups_at_visits, visits_within_groups

__all__ = [
    "auc_at_horizon",
    "baseline",
    "bland_altman",
    "bland_altman_repeated",
    "calibration",
    "check",
    "check_sources",
    "clustered_logistic",
    "cohen_kappa",
    "compare_roc",
    "compare_scores",
    "cox",
    "crossed_readers",
    "cumulative_hazard",
    "cumulative_incidence",
    "decision_curve",
    "delta_adjusted",
    "describe_missing",
    "diagnostic_accuracy",
    "e_value",
    "fine_gray",
    "fleiss_kappa",
    "from_landmark",
    "groups_at_visits",
    "groups_in_rows",
    "gwet_ac1",
    "icc",
    "impute",
    "internal_external",
    "kaplan_meier",
    "linear",
    "linear_mixed_model",
    "log_rank",
    "logistic",
    "missing_patterns",
    "mixed_anova",
    "mixed_logistic",
    "optimism",
    "performance_by_centre",
    "points_by_ridge",
    "points_by_univariable",
    "pool_analysis",
    "pool_centres",
    "pooled_at_horizon",
    "pooled_auc",
    "pooled_baseline",
    "pooled_comparison",
    "pooled_cox",
    "pooled_fine_gray",
    "pooled_logistic",
    "pooled_mixed_model",
    "pooled_performance",
    "pooled_performance_by_centre",
    "pooled_update",
    "read_cohort",
    "read_dictionary",
    "read_table",
    "reclassification",
    "reconstruct",
    "restricted_mean",
    "risk_at_horizon",
    "roc",
    "sdc",
    "sem",
    "two_by_two",
    "univariable",
    "update_model",
    "validate_nasovcf",
    "visits_within_groups",
]
