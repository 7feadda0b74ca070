"""A registry as a data set: each outcome by its definition, and what nobody judged is missing, never no."""

import gc
from datetime import date, timedelta

import numpy as np
import pandas
import pytest
from sqlalchemy import select

from ovcf.errors import CohortDataError
from ovcf.exchange.dataset.build import SIMULATED, data_set, derivations, dictionary_text, how, printed
from ovcf.exchange.dataset.validation import like_hans, registry_validation
from ovcf.follow_up.outcomes import HAN_DAYS, OutcomeKind
from ovcf.reading.version import ReadingStatus
from ovcf.registry import service
from ovcf.registry.course import course_of
from ovcf.registry.tables import (
    ClinicalEntry,
    Consent,
    Episode,
    Event,
    MeasuredValue,
    Patient,
    Reading,
    StoredFile,
    Treatment,
    Visit,
)
from ovcf.registry.words import ConsentScope, EventKind, EventSource, TreatmentKind, VisitStatus, Window

START = date(2024, 1, 3)
STANDING = {"posture_radiograph": "standing"}
WINDOWS = {0: Window.PRETREATMENT, 91: Window.MONTH_3, 183: Window.MONTH_6, 365: Window.MONTH_12}


@pytest.fixture
def registry(on_sqlite):
    """What is judged does not depend on the database."""
    return on_sqlite


@pytest.fixture
def fracture(registry):
    """``fracture({day: facts}, *events)``: the one row of the data set of a patient with these visits and events."""

    def make(visits, *events, treatment=TreatmentKind.CONSERVATIVE, first=START, code="P-1"):
        with registry.writing(registry.admin.id) as writer:
            patient = writer.add(Patient(site_id=registry.admin.site_id, code=code, sex="female", birth_year=1950))
            of = {"patient_id": patient.id}
            episode = writer.add(Episode(**of, levels=["L1"], fractured_on=first))
            for day, facts in visits.items():
                near = min(WINDOWS, key=lambda known: abs(known - day))
                visit = writer.add(
                    Visit(**of, episode_id=episode.id, window=WINDOWS[near], held_on=first + timedelta(days=day))
                )
                if facts:
                    writer.add(ClinicalEntry(**of, visit_id=visit.id, facts=facts))
            for kind, day, source in events:
                writer.add(Event(**of, episode_id=episode.id, kind=kind, on=first + timedelta(days=day), source=source))
            if treatment is not None:
                writer.add(Treatment(**of, episode_id=episode.id, kind=treatment, started_on=first, levels=["L1"]))
        return rows(registry).set_index("patient_id").loc[code]

    return make


def rows(registry, **options):
    with registry.reading() as session:
        return data_set(session, **options).frame


def kyphosis(before, after, **changed):
    return {0: {"local_kyphosis_deg": before, **STANDING}, 183: {"local_kyphosis_deg": after, **STANDING, **changed}}


ADJUDICATED, REPORTED = EventSource.ADJUDICATED, EventSource.REPORTED
HEIGHTS = {"anterior_height_standing_mm": 20.0, "anterior_height_supine_mm": 20.8}


# HAN: more than 10 degrees more at 6 months, in one posture.
@pytest.mark.parametrize(
    ("visits", "answer"),
    [
        (kyphosis(10, 20.1), True),
        (kyphosis(10, 20), False),
        (kyphosis(10, 5), False),
        (kyphosis(10, 30, posture_radiograph="supine"), None),
        ({0: {"local_kyphosis_deg": 10}, 183: {"local_kyphosis_deg": 30}}, None),
        ({0: STANDING | {"local_kyphosis_deg": 10}, HAN_DAYS[1] + 1: STANDING | {"local_kyphosis_deg": 30}}, None),
        ({0: STANDING | {"local_kyphosis_deg": 10}, 183: {}}, None),
    ],
)
def test_progressive_kyphosis(fracture, visits, answer):
    assert same(fracture(visits)["progressive_kyphosis"], answer)


# HAN: a cleft, or an anterior height that moves; union needs both ruled out.
@pytest.mark.parametrize(
    ("facts", "answer"),
    [
        ({"cleft": "air"}, True),
        ({"cleft": "none"}, None),
        ({"cleft": "none", **HEIGHTS}, False),
        ({**HEIGHTS, "anterior_height_supine_mm": 21.1}, True),
        (HEIGHTS, None),
        ({}, None),
    ],
)
def test_non_union(fracture, facts, answer):
    assert same(fracture({0: {}, 183: facts})["non_union"], answer)


def test_who_adjudicated_is_believed_before_the_findings_and_findings_before_who_reported(fracture):
    united = {0: {}, 183: {"cleft": "none", **HEIGHTS}}
    told = fracture(united, (EventKind.NON_UNION, 183, ADJUDICATED), (EventKind.UNION, 200, REPORTED))
    assert (told["non_union"], told["non_union_by"]) == (True, "adjudicated")
    told = fracture(united, (EventKind.NON_UNION, 183, REPORTED), code="P-2")
    assert (told["non_union"], told["non_union_by"]) == (False, "measured")
    told = fracture({0: {}, 183: {}}, (EventKind.NON_UNION, 183, REPORTED), code="P-3")
    assert (told["non_union"], told["non_union_by"]) == (True, "reported")


def test_two_who_disagree_leave_it_open(fracture):
    told = fracture({0: {}}, (EventKind.NON_UNION, 183, ADJUDICATED), (EventKind.UNION, 190, ADJUDICATED))
    assert same(told["non_union"], None)
    assert told["non_union_by"] == "contradictory"


# Nagao: grade 3 at 1 year of a vertebra that was not; edema of 75 % and more at 3 months is severe.
@pytest.mark.parametrize(("first", "later", "answer"), [(1, 3, True), (1, 2, False), (3, 3, None), (1, None, None)])
def test_severe_collapse(fracture, first, later, answer):
    found = fracture({0: {"sq_grade": first}, 365: {} if later is None else {"sq_grade": later}})
    assert same(found["severe_collapse"], answer)


@pytest.mark.parametrize(("percent", "answer"), [(75, True), (74, False), (0, False), (None, None)])
def test_severe_edema(fracture, percent, answer):
    found = fracture({0: {}, 91: {} if percent is None else {"bme_percent": percent}})
    assert same(found["severe_edema_3mo"], answer)


def test_nobody_is_alive_sound_or_followed_unless_somebody_says_so(fracture):
    silent = fracture({0: {}, 183: {}})
    assert all(same(silent[name], None) for name in ("died", "secondary_fracture", "lost"))
    seen = fracture({0: {}, 365: {"other_fractures": []}}, code="P-2")
    assert all(same(seen[name], False) for name in ("died", "secondary_fracture", "lost"))
    asked_no_more = fracture({0: {}, 365: {}}, code="P-3")
    assert same(asked_no_more["secondary_fracture"], None)
    ended = fracture(
        {0: {}}, (EventKind.SECONDARY_FRACTURE, 61, REPORTED), (EventKind.DEATH, 200, REPORTED), code="P-4"
    )
    assert (ended["secondary_fracture"], ended["died"], ended["event"]) == (True, True, "fracture")
    assert ended["months"] == pytest.approx(61 / 30.44, abs=0.01)


def same(value, answer):
    return pandas.isna(value) if answer is None else bool(value == answer)


def test_outcomes_are_those_of_the_follow_up(simulated):
    """The same patients, judged by the course that a reader sees."""
    frame = rows(simulated).set_index("patient_id")
    judged = 0
    with simulated.reading() as session:
        for patient in session.scalars(select(Patient)):
            episode = service.episodes_of(session, patient)[0]
            if len(service.visits_of(session, episode)) < 2:
                continue
            course = course_of(session, simulated, episode)
            told = {
                o.kind: o.answer
                for o in course.outcomes
                if o.visit == {OutcomeKind.SEVERE_COLLAPSE: "12 months"}.get(o.kind, "6 months")
            }
            row = frame.loc[patient.code]
            if row["progressive_kyphosis_by"] != "adjudicated":
                assert same(row["progressive_kyphosis"], told.get(OutcomeKind.PROGRESSIVE_KYPHOSIS)), patient.code
                judged += told.get(OutcomeKind.PROGRESSIVE_KYPHOSIS) is not None
            assert same(row["severe_collapse"], told.get(OutcomeKind.SEVERE_COLLAPSE)), patient.code
    assert judged > 15


def read(registry, status, **measured):
    """A reading of the one visit, with height losses measured on L1 by modality."""
    with registry.writing(registry.admin.id) as writer:
        visit = writer.session.scalars(select(Visit)).one()
        name = f"{len(measured)}{status.value[0]}".encode().hex().ljust(64, "0")
        writer.session.add(StoredFile(sha256=name, size=1))
        writer.session.flush()
        of = {"patient_id": visit.patient_id}
        row = writer.add(
            Reading(
                **of,
                visit_id=visit.entity_id,
                reading=f"R-{status}-{len(measured)}",
                revision=1,
                version="v",
                status=status,
                observations="0" * 64,
                file=name,
            )
        )
        for modality, value in measured.items():
            writer.add(
                MeasuredValue(
                    **of,
                    reading_id=row.id,
                    method="vhl-han",
                    level="L1",
                    value=value,
                    unit="%",
                    modality=modality,
                    posture="standing",
                )
            )
            writer.add(
                MeasuredValue(
                    **of,
                    reading_id=row.id,
                    method="vhl-han",
                    level="L4",
                    value=1.0,
                    unit="%",
                    modality=modality,
                    posture="standing",
                )
            )


def test_a_signed_reading_goes_before_what_was_entered_and_a_draft_says_nothing(registry, fracture):
    entered = fracture({0: {"vhl_percent": 10.0, "t2_pattern": "none"}})
    assert entered["vhl_percent_0mo"] == 10
    read(registry, ReadingStatus.DRAFT, radiograph=30.0)
    assert rows(registry)["vhl_percent_0mo"].iloc[0] == 10
    read(registry, ReadingStatus.CONFIRMED, MR=25.0, radiograph=22.0)
    signed = rows(registry).iloc[0]
    assert signed["vhl_percent_0mo"] == 22
    assert signed["t2_pattern"] == "none"


def test_the_total_is_that_of_the_score(fracture):
    # HAN, Fig. 5: compression, 17.8 %, 19.6 degrees, diffuse low, -3.6: 10 points.
    facts = {
        "fracture_type": "compression",
        "vhl_percent": 17.8,
        "local_kyphosis_deg": 19.6,
        "t2_pattern": "diffuse low",
        "t_score": -3.6,
        **STANDING,
    }
    assert fracture({0: facts})["nasovcf"] == 10
    assert np.isnan(fracture({0: {**facts, "t_score": -0.5}}, code="P-2")["nasovcf"])


def test_a_patient_who_withdrew_is_not_in_the_data_set(registry, fracture):
    fracture({0: {}})
    fracture({0: {}}, code="P-2")
    with registry.writing(registry.admin.id) as writer:
        patient = writer.session.scalars(select(Patient).where(Patient.code == "P-1")).one()
        writer.add(Consent(patient_id=patient.id, scope=ConsentScope.RESEARCH, given=False, on=START))
    assert list(rows(registry)["patient_id"]) == ["P-2"]


def test_a_visit_that_was_missed_says_nothing(registry, fracture):
    fracture({0: {}})
    with registry.writing(registry.admin.id) as writer:
        episode = writer.session.scalars(select(Episode)).one()
        visit = writer.add(
            Visit(
                patient_id=episode.patient_id,
                episode_id=episode.id,
                window=Window.MONTH_6,
                status=VisitStatus.MISSED,
                planned_on=START + timedelta(days=183),
            )
        )
        writer.add(ClinicalEntry(patient_id=episode.patient_id, visit_id=visit.id, facts={"cleft": "air"}))
    assert same(rows(registry)["non_union"].iloc[0], None)


def test_an_empty_registry_is_said_to_be_empty(registry):
    with registry.reading() as session, pytest.raises(CohortDataError, match="no fracture"):
        data_set(session)


def test_the_dictionary_says_how_every_column_came_about(simulated):
    with simulated.reading() as session:
        data = data_set(session)
    assert all(how(name) for name in data.frame.columns)
    stems = {
        name.rsplit("_", 1)[0] if name.endswith("mo") and name not in derivations() else name for name in data.frame
    }
    assert set(derivations()) == stems
    text = dictionary_text(data)
    assert text.count('type = "') == len(data.frame.columns)
    frame, dictionary = printed(data)
    assert list(frame.columns) == [v.name for v in dictionary.variables]
    assert frame.columns.is_unique


def test_a_validation_takes_patients_like_hans_and_counts_the_others(fracture, registry):
    fracture({0: {"age_years": 70}})
    fracture({0: {"age_years": 59}}, code="young")
    fracture({0: {"age_years": 70}}, code="operated", treatment=TreatmentKind.SURGERY)
    fracture({0: {"age_years": 70}}, code="untold", treatment=None)
    kept, left = like_hans(rows(registry))
    assert list(kept["patient_id"]) == ["P-1"]
    assert dict(left)["younger than 60 years or of unknown age"] == 1
    assert sum(n for _, n in left) == 3


def test_a_validation_of_simulated_patients_says_so_and_fills_the_checklist(simulated):
    with simulated.reading() as session:
        study = registry_validation(data_set(session))
    assert study.notices[0] == SIMULATED
    result = study["validation-non-union"]
    (checklist,) = (t for t in result.tables if t.title.startswith("TRIPOD+AI"))
    answers = {item: answer for item, _, answer in checklist.rows}
    assert "SIMULATED" in answers["5a"]
    assert "judged by rule or person" in answers["8b"]
    flow = dict(next(t for t in result.tables if t.title == "Patients").rows)
    assert flow["analysed"] == result.n < flow["in the table"]


def test_unused_objects_are_collected_again_after_reading_and_after_a_failure(registry, fracture):
    with registry.reading() as session, pytest.raises(CohortDataError):
        data_set(session)
    assert gc.isenabled()
    fracture({0: STANDING})
    assert gc.isenabled()
