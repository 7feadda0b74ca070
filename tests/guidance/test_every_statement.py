"""What holds of every statement, whatever is known of the patient."""

import re

from hypothesis import given, settings
from hypothesis import strategies as st

from ovcf.anatomy import Level
from ovcf.clinical.case import ClinicalCase
from ovcf.clinical.flags import Neurology, RedFlags
from ovcf.guidance.advise import AdviceInput, advise
from ovcf.guidance.evidence import Mark, load_evidence
from ovcf.guidance.statement import Urgency
from ovcf.scores.result import Status
from ovcf.vocabulary import Aetiology, NeurologicalGrade, Treatment
from tests.guidance.speaking import ALL_SERIES, nasovcf

YES_NO = st.sampled_from([None, True, False])
MAYBE = st.none()
CASES = st.builds(
    ClinicalCase,
    age_years=MAYBE | st.floats(0, 120),
    t_score=MAYBE | st.floats(-8, 6),
    index_level=MAYBE | st.sampled_from(Level),
    aetiology=MAYBE | st.sampled_from(Aetiology),
    other_fractures=st.lists(st.sampled_from(Level), max_size=2).map(tuple),
    weeks_since_onset=MAYBE | st.floats(0, 300),
    vas=MAYBE | st.floats(0, 10),
    vas_under_analgesia=MAYBE | st.floats(0, 10),
    analgesic_class=MAYBE | st.integers(0, 3),
    optimal_pain_management=YES_NO,
    recent_fracture=YES_NO,
    cemented_levels=st.lists(st.sampled_from(Level), max_size=1).map(tuple),
    treatment=MAYBE | st.sampled_from(Treatment),
    stable=YES_NO,
    coagulopathy=YES_NO,
    glucocorticoids=YES_NO,
    frax_mof_percent=MAYBE | st.floats(0, 100),
    neurology=st.builds(
        Neurology, bladder_or_bowel=YES_NO, radiculopathy=YES_NO, n_grade=MAYBE | st.sampled_from(NeurologicalGrade)
    ),
    red_flags=st.builds(RedFlags, fever=YES_NO, abscess=YES_NO, epidural_mass=YES_NO),
)
SCORES = st.sampled_from(
    [
        {},
        nasovcf(0, "low"),
        nasovcf(4, "medium"),
        nasovcf(12, "high"),
        nasovcf(status=Status.INCOMPLETE, missing=("VHL", "T-score")),
        nasovcf(status=Status.NOT_APPLICABLE),
        nasovcf(status=Status.OUT_OF_DERIVATION_POPULATION),
    ]
)
FINDINGS = st.builds(
    AdviceInput,
    case=CASES,
    scores=SCORES,
    vbq=MAYBE | st.floats(0.5, 6),
    vbq_high=YES_NO,
    recent=YES_NO,
    bme_percent=MAYBE | st.floats(0, 100),
    t2_pattern=st.sampled_from([None, "none", "confined high", "diffuse high", "confined low", "diffuse low"]),
    cleft=st.sampled_from([None, "none", "air", "fluid", "both"]),
    sq_grade=st.sampled_from([None, 0, 1, 2, 3]),
    available=st.frozensets(st.sampled_from(sorted(ALL_SERIES))),
)


@settings(max_examples=400, deadline=None)
@given(FINDINGS)
def test_whatever_is_known_or_not_every_statement_keeps_the_rules(findings):
    made = advise(findings)
    assert len({s.id for s in made}) == len(made)
    order = [list(Urgency).index(s.urgency) for s in made]
    assert order == sorted(order)
    for s in made:
        words = " ".join((s.text, *(f"{c.text} {c.because}" for c in s.criteria)))
        assert all(id_ in load_evidence() for id_ in s.evidence), s.id
        assert all(load_evidence()[id_].mark is not Mark.UNVERIFIED for id_ in s.evidence), s.id
        assert not re.search(r"\bindicat|\bshould\b|\bmust\b|\bNone\b|\bnan\b|  ", words), words
        asks = "Now:" if s.urgency is Urgency.EMERGENCY else "onsider"
        assert s.urgency is Urgency.INFORMATION or asks in s.text, s.id
        assert "kadri-2025" not in s.evidence or not re.search(r"(?<![.\d])(85|17/20)\b", s.text)  # VBQ 1.85 may
        assert s.text.endswith(".")
        assert all(c.because for c in s.criteria), s.id
    assert bool(findings.case.neurology.urgent) == any(s.id == "urgent-neurology" for s in made)
    if not findings.applicability.holds:
        assert "nasovcf-group-outcomes" not in {s.id for s in made}
