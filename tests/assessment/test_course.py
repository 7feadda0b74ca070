"""A second visit: HAN's two cases of Fig. 5 and 6, Voormolen's of Fig. 2, and cemented bodies that break again."""

from dataclasses import replace

import pytest

from ovcf.assessment.findings.cemented import cemented_bodies
from ovcf.assessment.findings.course import Now, course
from ovcf.assessment.findings.finding import Finding
from ovcf.assessment.findings.kinds import RadiographShape, SqGrade
from ovcf.assessment.measured.ledger import Ledger
from ovcf.assessment.result import Provenance
from ovcf.assessment.scoring import Deformity
from ovcf.clinical.read_case import case_from_mapping
from ovcf.imaging.study import Study
from ovcf.reading.conclude import conclude
from ovcf.reading.observing.observe import Found, observe
from ovcf.vocabulary import Cleft, Modality, Posture
from ovcf.workflow.draft import draft
from tests.measures.shape.test_mobility import film

MADE = Provenance("tests", "2026-01-01T00:00:00+00:00", "", ())


def assessed(**facts):
    """The findings by name of an assessment from the clinical file alone."""
    case = case_from_mapping({"index_level": "L1", "treatment": "conservative", **facts})
    return {f.name: f for f in draft(Study(()), case, Found(), provenance=MADE).assessment.findings}


NON_UNION, KYPHOSIS, HEIGHT_LOSS = "Non-union (Han)", "Progressive kyphosis (Han)", "Height loss since"
EDEMA, PAIN, DRUGS = "Edema over visits", "Pain over visits", "Analgesics over visits"
EDEMA_BACK, CEMENTED = "Edema came back", "Cemented vertebra"
STANDING = {"posture_radiograph": "standing"}


def test_han_s_figure_5_at_6_months_has_a_cleft_and_no_progressive_kyphosis():
    found = assessed(
        vhl_percent=38.1,
        local_kyphosis_deg=26.0,
        cleft="air",
        cleft_on="CT",
        **STANDING,
        earlier=[{"months_before": 6, "vhl_percent": 17.8, "local_kyphosis_deg": 19.6, **STANDING}],
    )
    assert found[NON_UNION].value == "non-union"
    assert any("cleft read on CT" in r for r in found[NON_UNION].reasons)
    assert (found[KYPHOSIS].value, found[HEIGHT_LOSS].value) == ("no", "+20.3 percentage points since 6 months before")
    assert "+6.40°" in found[KYPHOSIS].reasons[0]


def test_han_s_figure_6_at_6_months_has_united():
    found = assessed(
        vhl_percent=5.3,
        local_kyphosis_deg=6.3,
        cleft="none",
        **STANDING,
        anterior_height_standing_mm=27.0,
        anterior_height_supine_mm=27.4,
        earlier=[{"months_before": 6, "vhl_percent": 0.5, "local_kyphosis_deg": 4.6, **STANDING}],
    )
    assert found[NON_UNION].value == "union"
    assert (found[KYPHOSIS].value, found[HEIGHT_LOSS].value) == ("no", "+4.8 percentage points since 6 months before")


@pytest.mark.parametrize(
    ("now", "then", "answer"),
    [(29.6, "standing", "no"), (29.61, "standing", "yes"), (40, "supine", "open"), (40, None, "open")],
)
def test_kyphosis_is_progressive_from_more_than_10_degrees_in_one_posture(now, then, answer):
    before = {"visit_date": "2025-05-14", "local_kyphosis_deg": 19.6} | ({"posture_radiograph": then} if then else {})
    assert assessed(local_kyphosis_deg=now, earlier=[before], **STANDING)[KYPHOSIS].value == answer


def test_a_cleft_that_no_reader_confirmed_leaves_non_union_open():
    case = case_from_mapping({"index_level": "L1", "treatment": "conservative", "earlier": [{"months_before": 6}]})
    ledger = Ledger()
    course(case, (), Now(deformity=Deformity(), posture=Posture.UNKNOWN, cleft_suggested=Cleft.FLUID), ledger)
    (found,) = ledger.findings
    assert (found.name, found.value) == (NON_UNION, "open")
    assert any("not confirmed" in r for r in found.reasons)


@pytest.mark.parametrize(
    ("supine", "cleft", "value", "likely"),
    [
        (18.0, "none", "union", "union"),
        (23.0, "none", "non-union", "non-union"),
        (19.2, None, "non-union", "non-union"),
    ],
)
def test_a_standing_and_a_supine_radiograph_of_one_visit_judge_union_with_their_uncertainty(
    supine, cleft, value, likely
):
    case = case_from_mapping({"index_level": "L1", "treatment": "conservative"} | ({"cleft": cleft} if cleft else {}))
    ledger, now = Ledger(), Now(deformity=Deformity(), posture=Posture.STANDING)
    films = (film(18.0, Posture.STANDING, sd=0.1), film(supine, Posture.SUPINE, magnification=1.2, sd=0.12))
    course(case, films, now, ledger)
    (found,) = ledger.findings
    assert found.value == value
    shares = dict(found.probability)
    assert sum(shares.values()) == pytest.approx(1)
    assert max(shares, key=shares.get) == likely
    (change,) = ledger.measurements
    assert change.method.id == "anterior-height-change"
    assert change.standard_uncertainty > 0


def test_one_posture_alone_says_nothing_of_union():
    case = case_from_mapping({"index_level": "L1", "cleft": "air"})
    ledger = Ledger()
    course(case, (film(18.0, Posture.STANDING),), Now(deformity=Deformity(), posture=Posture.STANDING), ledger)
    assert not ledger.findings


def test_voormolen_s_figure_2_stands_in_one_assessment():
    visits = [
        {"months_before": 12, "bme_percent": 75, "vas": 10, "analgesic_class": 3},
        {"months_before": 9, "bme_percent": 25, "vas": 2, "analgesic_class": 0},
        {"months_before": 6, "bme_percent": 20, "vas": 1, "analgesic_class": 0},
    ]
    found = assessed(treatment="augmentation", bme_percent=0, vas=1, analgesic_class=0, earlier=visits)
    assert found[EDEMA].value == "75%, 25%, 20%, 0%"
    assert found[PAIN].value == "10, 2, 1, 1"
    assert found[DRUGS].value == "strong opioid, none, none, none"
    assert EDEMA_BACK not in found
    assert NON_UNION not in found
    assert KYPHOSIS not in found


def test_edema_that_comes_back_asks_for_another_fracture():
    visits = [{"months_before": m, "bme_percent": p} for m, p in ((12, 60), (6, 0))]
    assert assessed(treatment="augmentation", bme_percent=30, earlier=visits)[EDEMA_BACK].value.startswith("look for")
    assert EDEMA_BACK not in assessed(treatment="augmentation", bme_percent=2, earlier=visits)


@pytest.mark.parametrize(("vhl", "broken"), [(12.0, False), (32.5, False), (32.6, True)])
def test_a_cemented_index_body_lower_than_observers_can_differ_broke_again(vhl, broken):
    """Buckens: observers differ by at most 12.53 points."""
    facts = {
        "index_level": "L1",
        "cemented_levels": ["L1"],
        "vhl_percent": vhl,
        "augmentation_date": "2025-03-01",
        "visit_date": "2026-01-01",
        "earlier": [{"visit_date": "2025-02-01", "vhl_percent": 45}, {"visit_date": "2025-04-01", "vhl_percent": 20}],
    }
    made = draft(Study(()), case_from_mapping(facts), Found(), provenance=MADE).assessment
    found, guidance = {f.name: f for f in made.findings}, made.guidance
    assert (CEMENTED in found) is broken
    if broken:
        assert found[CEMENTED].data.state == "height lost"
        assert "cement-lower" in {s.id for s in guidance}


def test_a_cemented_body_that_the_reader_calls_broken_again_is_a_finding_and_a_deformed_one_asks_to_compare():
    case = case_from_mapping({"cemented_levels": ["L1", "L3"], "refractured_levels": ["L1"]})
    shape = [Finding(level=level, data=SqGrade(grade=2)) for level in case.cemented_levels]
    found = [(f.data.state, f.level) for f in cemented_bodies(case, shape, Deformity())]
    assert found == [("broken again", "L1"), ("deformed", "L3")]


def test_two_films_of_one_visit_given_as_landmarks_end_in_non_union_with_its_probability():
    """The whole line: standing 18 mm, supine 21 mm on a film of another magnification."""
    films = (
        film(18.0, Posture.STANDING, sd=0.3, on="2025-11-20"),
        film(21.0, Posture.SUPINE, sd=0.3, magnification=1.2, on="2025-11-20"),
    )
    case = case_from_mapping({"index_level": "L1", "treatment": "conservative", "cleft": "none"})
    standing, supine = (observe(Study(()), Found(landmarks=one)) for one in films)
    made = conclude(replace(standing, landmarks=(*standing.landmarks, _lettered(supine.landmarks[0], "b"))), (), case)
    found = {f.name: f for f in made.findings}[NON_UNION]
    assert found.value == "non-union"
    assert dict(found.probability)["non-union"] > 0.95
    (change,) = (m for m in made.measurements if m.method.id == "anterior-height-change")
    assert change.value == pytest.approx(-3.0)


def _lettered(landmark_set, letter):
    """The landmark set of another image, under a letter of its own."""
    vertebrae = tuple(replace(v, id=f"{letter}{n}") for n, v in enumerate(landmark_set.vertebrae, 1))
    return replace(landmark_set, id=letter, vertebrae=vertebrae)


@pytest.mark.parametrize(("modality", "said"), [(Modality.MR, True), (Modality.CT, True), (Modality.RADIOGRAPH, False)])
def test_a_radiograph_sign_read_on_a_cross_section_says_so(modality, said):
    placed = film(18.0, Posture.SUPINE)
    source = replace(placed.vertebrae[0].source, modality=modality)
    placed = replace(placed, vertebrae=tuple(replace(v, source=source) for v in placed))
    made = draft(
        Study(()), case_from_mapping({"index_level": "L1"}), Found(landmarks=placed), provenance=MADE
    ).assessment
    signs = [f for f in made.findings if isinstance(f.data, RadiographShape)]
    assert signs
    assert all(any("on radiographs" in r for r in f.reasons) is said for f in signs)
