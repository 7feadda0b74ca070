"""Scores of whole cohorts say what the scores of single patients say."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ovcf.errors import ClinicalDataError, ScoreInputError
from ovcf.scores.classification.of import of_score
from ovcf.scores.classification.of_array import of_score_array
from ovcf.scores.prognosis.follow_up import (
    non_union,
    non_union_column,
    progressive_kyphosis,
    progressive_kyphosis_column,
)
from ovcf.scores.prognosis.nasovcf import nasovcf
from ovcf.scores.prognosis.nasovcf_array import nasovcf_array
from ovcf.vocabulary import Posture

edges = st.sampled_from([15.0, 14.999, 15 - 1e-12, 15 - 1e-6])
PATIENT = st.tuples(
    st.none() | st.booleans(),
    st.none() | edges | st.floats(-50, 90),
    st.none() | edges | st.floats(-50, 90),
    st.none() | st.booleans(),
    st.none() | st.sampled_from([-1.0, -2.5, -3.5, -0.9]) | st.floats(-6, 2),
    st.booleans(),
)


def same(column, scalar):
    return (math.isnan(column) and scalar is None) or column == scalar


@given(st.lists(PATIENT, min_size=1, max_size=20), st.booleans())
def test_nasovcf_of_columns_is_nasovcf_of_each_patient(patients, extrapolate):
    burst, vhl, ka, low, t, fits = (list(column) for column in zip(*patients, strict=True))
    columns = nasovcf_array(
        burst=burst,
        vhl_percent=vhl,
        local_kyphosis_deg=ka,
        t2_diffuse_low=low,
        t_score=t,
        applicable=fits,
        extrapolate=extrapolate,
    )
    for i, (b, v, k, d, tt, like) in enumerate(patients):
        one = nasovcf(
            fracture_type=None if b is None else ("burst" if b else "compression"),
            vhl_percent=v,
            local_kyphosis_deg=k,
            t2_diffuse_low=d,
            t_score=tt,
            single_level=like,
            extrapolate=extrapolate,
        )
        assert columns.statuses[columns.status[i]] is one.status
        assert same(columns.total[i], one.total)
        assert (columns.groups[columns.group[i]] if columns.group[i] >= 0 else None) == one.group
        low_high = one.attainable or (None, None)
        assert same(columns.low[i], low_high[0])
        assert same(columns.high[i], low_high[1])


@pytest.mark.parametrize("version", ["ao-card-modified"])
@given(data=st.data())
def test_of_of_columns_is_of_of_each_patient(version, data):
    flag = st.none() | st.booleans()
    rows = data.draw(
        st.lists(
            st.tuples(
                st.none() | st.integers(1, 5),
                st.none() | st.sampled_from([-3.0, -3.01, -2.0]),
                st.none() | st.sampled_from([90.0, 90.1, 60.0]),
                flag,
                st.none() | st.sampled_from([3.9, 4.0, 4.9, 5.0]),
                flag,
                flag,
                flag,
            ),
            min_size=1,
            max_size=20,
        )
    )
    of, t, hu, progression, vas, deficit, mobile, anticoagulation = (list(c) for c in zip(*rows, strict=True))
    totals = of_score_array(
        version=version,
        of=of,
        t_score=t,
        qct_hu=hu,
        deformity_progression=progression,
        vas_under_analgesia=vas,
        neurological_deficit=deficit,
        mobile_under_analgesia=mobile,
        health={"anticoagulation": anticoagulation},
    )
    for total, (o, ts, h, p, v, n, m, a) in zip(totals, rows, strict=True):
        one = of_score(
            version=version,
            of=o,
            t_score=ts,
            qct_hu=h,
            deformity_progression=p,
            vas_under_analgesia=v,
            neurology=None if n is None else ("N2" if n else "N1"),
            mobile_under_analgesia=m,
            anticoagulation=a,
        )
        assert same(total, one.total)


angles = st.none() | st.sampled_from([5.0, 15.0, 15.0 + 1e-10, 15.001]) | st.floats(-90, 120)
postures = st.none() | st.sampled_from(["standing", "decubitus", *Posture])


@settings(max_examples=30)
@given(st.lists(st.tuples(angles, angles, postures, postures), max_size=12))
def test_progressive_kyphosis_of_columns_is_that_of_each_patient(patients):
    before, after, first, later = (list(column) for column in zip(*patients, strict=True)) if patients else ([],) * 4
    column = progressive_kyphosis_column(before, after, posture_before=first, posture_after=later)
    assert len(column) == len(patients)
    for x, (b, a, one, other) in zip(column, patients, strict=True):
        known = b is not None and a is not None
        assert same(x, progressive_kyphosis(b, a, posture_before=one, posture_after=other).answer if known else None)


changes = st.none() | st.sampled_from([1.0, -1.0, 1 + 1e-10, 1.001, 0.0]) | st.floats(-50, 50)


@settings(max_examples=30)
@given(st.lists(st.tuples(st.none() | st.booleans(), changes), max_size=12))
def test_non_union_of_columns_is_that_of_each_patient(patients):
    column = non_union_column(cleft=[c for c, _ in patients], anterior_height_change_mm=[x for _, x in patients])
    assert len(column) == len(patients)
    for x, (cleft, change) in zip(column, patients, strict=True):
        assert same(x, non_union(cleft=cleft, anterior_height_change_mm=change).answer)


def test_what_no_patient_can_have_is_named_by_row():
    with pytest.raises(ClinicalDataError, match="row 1, 130"):
        progressive_kyphosis_column([5, 130], [5, 5], posture_before=[None] * 2, posture_after=[None] * 2)
    with pytest.raises(ScoreInputError, match="upright"):
        progressive_kyphosis_column([5], [5], posture_before=["upright"], posture_after=[None])
    with pytest.raises(ClinicalDataError, match="row 0, -60"):
        non_union_column(cleft=[None], anterior_height_change_mm=[-60])


def test_a_bad_cell_is_named_by_column_and_row():
    good = {"burst": [0, 1], "vhl_percent": [1, 2], "local_kyphosis_deg": [1, 2], "t2_diffuse_low": [0, 1]}
    with pytest.raises(ClinicalDataError, match="T-score: row 1, 250"):
        nasovcf_array(**good, t_score=[-2, 250])
    with pytest.raises(ClinicalDataError, match="burst: row 0, 2"):
        nasovcf_array(**{**good, "burst": [2, 1]}, t_score=-2.0)
    with pytest.raises(ClinicalDataError, match=r"VHL .*: the column holds something"):
        nasovcf_array(**{**good, "vhl_percent": ["a", "b"]}, t_score=-2.0)
    with pytest.raises(ClinicalDataError, match="row 0, inf"):
        nasovcf_array(**{**good, "vhl_percent": [np.inf, 1]}, t_score=-2.0)
    with pytest.raises(ClinicalDataError, match="not one column"):
        nasovcf_array(**{**good, "vhl_percent": [[1, 2]]}, t_score=-2.0)
    with pytest.raises(ScoreInputError, match="no item of ao-card-modified"):
        of_score_array(version="ao-card-modified", of=[1], health={"dementia": [1]})
