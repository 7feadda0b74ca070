"""What does not fit together is said: another patient, a neighbour that looks broken, a level nobody marked."""

from dataclasses import replace

import pytest

from ovcf.anatomy import STANDARD_COLUMN, Level
from ovcf.assessment.findings.doubts import doubtful_neighbours, in_the_future, old_and_recent
from ovcf.assessment.findings.finding import Finding
from ovcf.assessment.findings.kinds import DoubtfulNeighbour, SuggestedFracture
from ovcf.assessment.identity import other_patient
from ovcf.assessment.result import Provenance
from ovcf.clinical.case import ClinicalCase
from ovcf.errors import LevelError
from ovcf.imaging.study import Patient, Study
from ovcf.landmarks import Source, SpineLandmarks, VertebraLandmarks
from ovcf.reading.observing.observe import Found
from ovcf.vocabulary import Modality, Posture, Sex
from ovcf.workflow.draft import draft

ROWS = {"T12": 0, "L1": 35, "L2": 70}


def spine(**source):
    made = Source(modality=Modality.RADIOGRAPH, placed_by="reader", image="film", calibrated=False, **source)
    corners = [(0, 0), (36, 0), (0, 27), (36, 27)]
    return SpineLandmarks(
        vertebrae=tuple(
            VertebraLandmarks.from_array(Level.parse(level), [(x, y + top) for x, y in corners], sd=0.5, source=made)
            for level, top in ROWS.items()
        )
    )


def assessed(case, landmarks):
    provenance = Provenance(software="ovcf", created_at="2025-05-14T09:30:00+00:00", command="", inputs=())
    return draft(Study(()), case, Found(landmarks=landmarks), provenance=provenance).assessment


@pytest.mark.parametrize(
    ("patient", "said"),
    [
        (Patient(sex="M", age=79), ["male"]),
        (Patient(sex="F", age=60), ["60 years"]),
        (Patient(sex="F", age=78), []),
        (Patient(), []),
    ],
)
def test_images_of_another_person_than_the_clinical_file_are_noticed(patient, said):
    found = list(other_patient(ClinicalCase(sex=Sex.FEMALE, age_years=79), patient))
    assert len(found) == len(said)
    assert all(word in note for word, note in zip(said, found, strict=True))


@pytest.mark.parametrize(
    ("entered", "meant"),
    [
        ({"vhl_percent": 0.178}, ["17.8%"]),
        ({"bme_percent": 0.75}, ["75%"]),
        ({"vhl_percent": 17.8, "bme_percent": 75.0}, []),
        ({"vhl_percent": 0.0, "bme_percent": 0.0}, []),
    ],
)
def test_a_percentage_entered_as_a_fraction_of_one_is_asked_about(entered, meant):
    said = assessed(ClinicalCase(index_level=Level.L1, **entered), spine()).warnings
    assert len(said) == len(meant)
    assert all(f"if {word} was meant" in line for word, line in zip(meant, said, strict=True))


def test_a_neighbour_that_looks_fractured_and_is_not_named_is_pointed_out():
    suggested = [Finding(data=SuggestedFracture(recent=True), level=level) for level in (Level.L1, Level.T8)]
    (found,) = doubtful_neighbours(Level.T12, STANDARD_COLUMN, suggested, named=[Level.T12])
    assert (found.level, found.data) == (Level.T12, DoubtfulNeighbour(neighbour=Level.L1))
    assert not list(doubtful_neighbours(Level.T12, STANDARD_COLUMN, suggested, named=[Level.T12, Level.L1]))


def test_a_level_that_this_column_lacks_names_the_variant_to_state():
    with pytest.raises(LevelError, match="thoracic = 13"):
        STANDARD_COLUMN.above(Level.T13)


def test_an_index_vertebra_that_nobody_marked_is_not_passed_over_in_silence():
    made = assessed(ClinicalCase(index_level=Level.T5), spine())
    (entry,) = [w for w in made.withheld if w.level == Level.T5]
    assert "T12, L1, L2" in entry.reason
    assert any(w.level == Level.T13 for w in assessed(ClinicalCase(index_level=Level.T13), spine()).withheld)
    assert not [w for w in assessed(ClinicalCase(index_level=Level.L1), spine()).withheld if "marked" in w.reason]


def test_a_radiograph_takes_its_posture_from_the_clinical_file_where_its_own_does_not_say():
    case = ClinicalCase(index_level=Level.L1, posture_radiograph="decubitus")
    postures = {m.source.posture for m in assessed(case, spine()).measurements}
    assert postures == {Posture.LATERAL_DECUBITUS}
    stated = assessed(case, spine(posture=Posture.STANDING))
    assert {m.source.posture for m in stated.measurements} == {Posture.STANDING}


def test_the_posture_is_asked_for_only_where_nothing_tells_it():
    def asked(case, landmarks):
        return any(s.id == "follow-up-posture" for s in assessed(case, landmarks).guidance)

    case = ClinicalCase(index_level=Level.L1)
    assert asked(case, spine())
    assert not asked(case, spine(posture=Posture.STANDING))
    assert not asked(replace(case, posture_radiograph="standing"), spine())


def test_a_level_entered_as_recent_and_old_is_told_and_cement_in_a_recent_fracture_is_not():
    case = ClinicalCase(index_level=Level.L1, other_fractures=(Level.T12,), old_fractures=(Level.T12, Level.L3))
    (told,) = old_and_recent(case)
    assert told.startswith("T12 is entered as a recent and as an old fracture")
    assert not list(old_and_recent(ClinicalCase(index_level=Level.L1, cemented_levels=(Level.L1,))))


def test_a_visit_or_image_of_the_future_is_told_and_one_of_the_months_after_the_reading_is_not():
    (told,) = in_the_future(ClinicalCase(visit_date="2052-03-01"), ["2025-02-28"], "2025-03-01T12:00:00+00:00")
    assert told.startswith("the visit is dated 2052-03-01")
    (told,) = in_the_future(ClinicalCase(), ["2025-02-28", "2205-02-28"], "2025-03-01T12:00:00+00:00")
    assert told.startswith("an image is dated 2205-02-28")
    assert not list(in_the_future(ClinicalCase(visit_date="2025-09-01"), [], "2025-03-01T12:00:00+00:00"))
    assert not list(in_the_future(ClinicalCase(visit_date="2052-03-01"), ["2052-03-01"], ""))
