"""From the first look at a candidate to leaving the study: every step stays, none is taken for granted."""

from datetime import date, timedelta

import pytest
from sqlalchemy import select

from ovcf.errors import ConflictError, RegistryError, StudyError
from ovcf.registry import service
from ovcf.registry.store import current
from ovcf.registry.tables import Consent, Enrolment, FormEntry, Screening
from ovcf.registry.words import Decision, TreatmentKind, Window, WithdrawalKind
from ovcf.study.conduct import form_values, screening, studies
from ovcf.study.protocol.read import parse_protocol, shipped
from tests.study.conftest import DAY, FIT, enrol, hold


def screened(registry, study, code="P-1", reason="", **facts):
    with registry.writing(registry.admin.id) as writer:
        _, judged = screening.screen(writer, study, registry.admin, code, facts, on=DAY, reason=reason)
        return judged


def take_in(registry, study, consent):
    with registry.writing(registry.admin.id) as writer:
        patient = service.patient_named(writer.session, "P-1", site=registry.admin.site_id)
        screening.enrol(writer, study, patient, on=DAY, consent_on=consent)


def test_a_candidate_is_judged_and_later_judged_again(registry, study):
    assert screened(registry, study, **{**FIT, "t_score": "unknown"}).decision is Decision.PENDING
    with pytest.raises(StudyError, match="reason"):
        screened(registry, study, t_score=-2.8)
    assert screened(registry, study, reason="DXA came", t_score=-2.8).decision is Decision.ELIGIBLE
    with registry.reading() as session:
        rows = list(session.scalars(select(Screening)))
        (now,) = session.scalars(current(Screening))
    assert len(rows) == 2
    assert (now.decision, now.reason, now.criteria["bone-density"]) == (Decision.ELIGIBLE, "DXA came", "met")
    assert registry.faults() == []


def test_only_the_eligible_are_enrolled_and_once(registry, study):
    screened(registry, study, **{**FIT, "age_years": 50.0})
    with registry.writing(registry.admin.id) as writer:
        patient = service.patient_named(writer.session, "P-1", site=registry.admin.site_id)
        with pytest.raises(StudyError, match="not eligible: Aged 60 years or older"):
            screening.enrol(writer, study, patient, on=DAY, consent_on=DAY)
    with registry.writing(registry.admin.id) as writer:
        assert enrol(writer, study, registry.admin, "P-2").number == "S1-001"
        assert enrol(writer, study, registry.admin, "P-3").number == "S1-002"
        patient = service.patient_named(writer.session, "P-2", site=registry.admin.site_id)
        with pytest.raises(StudyError, match="already, as S1-001"):
            screening.enrol(writer, study, patient, on=DAY)
        with pytest.raises(StudyError, match="enrolled already"):
            screening.screen(writer, study, registry.admin, "P-2", FIT, on=DAY)
    with registry.reading() as session:
        (episode,) = service.episodes_of(session, service.patient_named(session, "P-2", site=registry.admin.site_id))
    assert episode.levels == ["L1"]


@pytest.mark.parametrize(("consent", "said"), [(None, "has not consented"), (DAY + timedelta(days=1), "after")])
def test_nobody_is_enrolled_without_consent(registry, study, consent, said):
    screened(registry, study, **FIT)
    with pytest.raises(StudyError, match=said):
        take_in(registry, study, consent)
    with registry.reading() as session:
        assert list(session.scalars(select(Enrolment))) == []
        assert list(session.scalars(select(Consent))) == []


def test_an_amendment_is_a_version_of_its_own(registry, study, protocol):
    older = shipped("han-validation").replace("at_least = 60", "at_least = 65")
    amended = parse_protocol(older.replace('version = "1.0"', 'version = "1.1"'), "x")
    screened(registry, study, "P-1", **{**FIT, "age_years": 62.0})
    with registry.writing(registry.admin.id) as writer:
        with pytest.raises(StudyError, match=r"says the same as version 1\.0"):
            studies.amend(writer, study, protocol, "why not")
        with pytest.raises(StudyError, match=r"version 1\.0 is there, and says something else"):
            studies.amend(writer, study, parse_protocol(older, "x"), "older patients")
        with pytest.raises(StudyError, match="needs a reason"):
            studies.amend(writer, study, amended, " ")
    with registry.writing(registry.admin.id) as writer:
        studies.amend(writer, study, amended, "the ethics committee asked")
    with registry.reading() as session:
        assert [v.version for v in studies.versions_of(session, study)] == ["1.0", "1.1"]
        assert studies.in_force(session, study)[1].digest == amended.digest
    # Who was screened under other criteria is screened again.
    with pytest.raises(StudyError, match=r"under protocol 1\.0"):
        take_in(registry, study, DAY)
    assert screened(registry, study, "P-1", reason="amendment").decision is Decision.NOT_ELIGIBLE


def test_a_crossover_leaves_the_arm_as_it_was(registry, study):
    with registry.writing(registry.admin.id) as writer:
        one, two = (enrol(writer, study, registry.admin, code) for code in ("P-1", "P-2"))
        screening.treat(writer, one, TreatmentKind.CONSERVATIVE, on=DAY)
        screening.treat(writer, one, TreatmentKind.DRUG, on=DAY)
        screening.treat(writer, one, TreatmentKind.KYPHOPLASTY, on=DAY + timedelta(days=40), levels=("L1",))
        screening.treat(writer, two, TreatmentKind.CONSERVATIVE, on=DAY)
    with registry.reading() as session:
        (crossed,) = screening.crossovers(session, study, studies.enrolments_of(session, study))
    assert (crossed.enrolment.number, crossed.enrolment.arm) == ("S1-001", "conservative")
    assert crossed.treatment.kind is TreatmentKind.KYPHOPLASTY


def test_who_leaves_leaves_once(registry, study):
    with registry.writing(registry.admin.id) as writer:
        one = enrol(writer, study, registry.admin, "P-1")
        with pytest.raises(StudyError, match="was enrolled on"):
            screening.withdraw(writer, one, WithdrawalKind.LOST, on=DAY - timedelta(days=1))
        screening.withdraw(writer, one, WithdrawalKind.CONSENT, on=DAY, keep_data=False)
        with pytest.raises(StudyError, match="left on"):
            screening.withdraw(writer, one, WithdrawalKind.LOST, on=DAY)


def test_a_form_is_filled_in_and_corrected(registry, study, protocol):
    baseline = {"age_years": "74", "sex": "Female", "t_score": "-2.8", "fracture_type": "burst"}
    with registry.writing(registry.admin.id) as writer:
        one = enrol(writer, study, registry.admin, "P-1")
        entry = form_values.enter(writer, study, one, Window.PRETREATMENT, "baseline", baseline)
        assert entry.values == {"age_years": 74.0, "sex": "female", "t_score": -2.8, "fracture_type": "burst"}
        with pytest.raises(StudyError, match="reason"):
            form_values.enter(writer, study, one, Window.PRETREATMENT, "baseline", {"age_years": 75})
        form_values.enter(writer, study, one, Window.PRETREATMENT, "baseline", {"age_years": 75}, reason="misread")
        hold(writer, one, "pretreatment", 0, VAS=8)
    with registry.reading() as session:
        (one,) = studies.enrolments_of(session, study)
        read = form_values.values_of(session, one, Window.PRETREATMENT, protocol.form("baseline"))
        said = form_values.values_of(session, one, Window.PRETREATMENT, protocol.form("complaints"))
        assert len(list(session.scalars(select(FormEntry)))) == 2
    assert read == {"age_years": 75.0, "sex": "female", "t_score": -2.8, "fracture_type": "burst"}
    assert said == {"vas": 8.0}  # where it stands already, and nothing in the place of what does not


@pytest.mark.parametrize(
    ("window", "form", "given", "said"),
    [
        (Window.MONTH_1, "baseline", {}, "is not asked for. Asked for: complaints"),
        (Window.PRETREATMENT, "baseline", {"agee": 1}, "Did you mean 'age_years'?"),
        (Window.PRETREATMENT, "baseline", {"age_years": "old"}, "is not a number"),
        (Window.PRETREATMENT, "baseline", {"age_years": "7,4"}, "decimal comma"),
        (Window.PRETREATMENT, "baseline", {"sex": "f"}, "Choose: female, male"),
        (Window.PRETREATMENT, "complaints", {"vas": 3}, "it comes from VAS"),
        (Window.MONTH_6, "union", {"cleft": "maybe"}, "neither yes nor no"),
    ],
)
def test_what_a_form_does_not_take_is_said(registry, study, window, form, given, said):
    with registry.writing(registry.admin.id) as writer:
        one = enrol(writer, study, registry.admin, "P-1")
        with pytest.raises(StudyError) as met:
            form_values.enter(writer, study, one, window, form, given)
    assert said in str(met.value)


def test_two_coordinators_cannot_correct_the_same_form_at_once(registry, study):
    with registry.writing(registry.admin.id) as writer:
        one = enrol(writer, study, registry.admin, "P-1")
        first = form_values.enter(writer, study, one, Window.PRETREATMENT, "baseline", {"age_years": 74})
        writer.session.flush()
        writer.session.expunge(first)
    with registry.writing(registry.admin.id) as writer:
        writer.replace(first, "one", values={"age_years": 75})
    with pytest.raises(ConflictError), registry.writing(registry.admin.id) as writer:
        writer.replace(first, "two", values={"age_years": 76})


def test_an_erased_patient_leaves_the_study_too(registry, study):
    with registry.writing(registry.admin.id) as writer:
        one = enrol(writer, study, registry.admin, "P-1")
        form_values.enter(writer, study, one, Window.PRETREATMENT, "baseline", {"age_years": 74})
        patient = one.patient_id
    with registry.writing(registry.admin.id) as writer:
        writer.erase(patient, "asked by letter")
    with registry.reading() as session:
        for kind in (Screening, Enrolment, FormEntry):
            assert list(session.scalars(select(kind))) == []
    assert registry.faults() == []


def test_a_study_is_begun_once(registry, study, protocol):
    with pytest.raises(StudyError, match="already"), registry.writing(registry.admin.id) as writer:
        studies.begin(writer, protocol)
    with registry.reading() as session:
        assert studies.study_named(session).code == "HAN-VAL"
        with pytest.raises(StudyError, match="Name one of: HAN-VAL"):
            studies.study_named(session, "OTHER")


def test_no_row_of_a_study_is_changed_past_the_registry(registry, study):
    from sqlalchemy import update
    from sqlalchemy.exc import DBAPIError

    with registry.writing(registry.admin.id) as writer:
        enrol(writer, study, registry.admin, "P-1")
    with pytest.raises((DBAPIError, RegistryError)), registry.engine.begin() as connection:
        connection.execute(update(Enrolment).values(on=date(2020, 1, 1)))
