"""The course of one simulated patient as rows of the registry: visits, answers, facts, treatments, events."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any
from uuid import UUID

from ovcf.exchange.simulated.draw import LOST_A_VISIT, MISSED
from ovcf.registry.tables import (
    ClinicalEntry,
    Consent,
    Densitometry,
    Episode,
    Event,
    Patient,
    PatientReport,
    Treatment,
    Visit,
)
from ovcf.registry.words import (
    ConsentScope,
    EventKind,
    EventSource,
    Instrument,
    Mechanism,
    TreatmentKind,
    VisitStatus,
    Window,
)
from ovcf.vocabulary import T2Pattern

if TYPE_CHECKING:
    from collections.abc import Callable

    from ovcf.exchange.simulated.draw import Drawn
    from ovcf.registry.bulk.write import Bulk

PLAN = (
    (Window.PRETREATMENT, 0),
    (Window.MONTH_1, 30),
    (Window.MONTH_3, 91),
    (Window.MONTH_6, 183),
    (Window.MONTH_12, 365),
)
_FIRST_DAY, _DAYS = date(2015, 1, 1), 3400
_LEVELS = ("T9", "T10", "T11", "T12", "L1", "L2", "L3", "L4")
_MECHANISMS = (Mechanism.FALL, Mechanism.LIFTING, Mechanism.NONE_RECALLED, Mechanism.UNKNOWN)
_OTHER_T2 = tuple(pattern.value for pattern in T2Pattern if pattern is not T2Pattern.DIFFUSE_LOW)
_DRUGS = ("alendronate", "zoledronate", "denosumab", "teriparatide")
_OPERATIONS = (TreatmentKind.VERTEBROPLASTY, TreatmentKind.KYPHOPLASTY, TreatmentKind.SURGERY)
_EASING = (1.0, 0.58, 0.38, 0.27, 0.22)
"""What is left of the pain at each visit: HAN cites 40 to 50 % less at 1 month under conservative care."""
_EDEMA_LEFT = (1.0, 0.85, 0.5, 0.2, 0.04)
_JOABPEQ = ("pain", "lumbar", "walking", "social", "mental")


@dataclass(frozen=True, slots=True)
class First:
    """What a patient with images needs to be drawn: the first visit and the fracture."""

    patient: UUID
    visit: UUID
    on: date
    female: bool
    age: float
    level: str
    vhl: float
    t_score: float
    burst: bool
    facts: dict[str, Any]


def add_patient(many: Bulk, site: UUID, code: str, who: Drawn, i: int, u: Callable[[], float], planned: int) -> First:
    """Add patient ``i`` of those drawn, with ``planned`` visits; ``u`` gives uniform random numbers."""
    first_day = _FIRST_DAY + timedelta(days=int(u() * _DAYS))
    fractured = first_day - timedelta(days=2 + int(u() * 20))
    level, female, group = str(who.level[i]), bool(who.female[i]), int(who.group[i])
    patient = many.add(
        Patient,
        site_id=site,
        code=code,
        sex="female" if female else "male",
        birth_year=fractured.year - int(who.age[i]),
    )
    assert patient is not None
    many.add(Consent, patient_id=patient, scope=ConsentScope.RESEARCH, given=True, on=first_day)
    episode = many.add(
        Episode, patient_id=patient, levels=[level], fractured_on=fractured, mechanism=_MECHANISMS[min(int(u() * 5), 3)]
    )
    assert episode is not None
    operation = _operation(u, group)
    united_by = operation is not None
    non_union = bool(who.non_union[i]) and not united_by
    ends, lost = float(who.death[i]), False
    secondary = float(who.secondary[i])
    of_patient = {"patient_id": patient, "episode_id": episode}
    if operation is None:
        many.add(
            Treatment,
            **of_patient,
            kind=TreatmentKind.CONSERVATIVE,
            started_on=first_day,
            ended_on=first_day + timedelta(days=84),
            levels=[level],
            detail={"bed rest weeks": 4, "brace weeks": 12},
        )
    else:
        many.add(
            Treatment,
            **of_patient,
            kind=operation,
            started_on=first_day + timedelta(days=1 + int(u() * 10)),
            levels=[level],
            detail={"cement ml": round(3 + 3 * u(), 1)},
        )
    if u() < 0.65:
        begun = first_day + timedelta(days=int(u() * 60))
        many.add(
            Treatment,
            **of_patient,
            kind=TreatmentKind.DRUG,
            levels=[],
            started_on=begun,
            detail={"drug": _DRUGS[int(u() * 4)]},
        )
    crossed = operation is not None
    first_visit: UUID | None = None
    first_facts: dict[str, Any] = {}
    last = first_day
    for number in range(planned):
        window, day = PLAN[number] if number < len(PLAN) else (Window.UNSCHEDULED, 365 + 30 * (number - 4))
        day += 0 if number == 0 else int((u() - 0.5) * min(24, day / 3))
        on = first_day + timedelta(days=day)
        if day >= ends:
            break
        if number and not lost and u() < LOST_A_VISIT:
            lost = True
            many.add(Event, **of_patient, kind=EventKind.LOST, on=last, source=EventSource.REPORTED)
        missed = lost or (number > 0 and u() < MISSED)
        visit = many.add(
            Visit,
            **of_patient,
            window=window,
            planned_on=on,
            held_on=None if missed else on,
            status=VisitStatus.MISSED if missed else VisitStatus.HELD,
        )
        first_visit = first_visit or visit
        if missed:
            continue
        last = on
        step = min(number, 4)
        pain = _answers(many, {"patient_id": patient, "visit_id": visit}, who, i, step, non_union, u)
        facts = _facts(who, i, step, non_union, operation is not None, secondary <= day, u)
        first_facts = first_facts or facts
        if facts:
            many.add(ClinicalEntry, patient_id=patient, visit_id=visit, facts=facts)
        if number == 0 and u() > 0.05:
            many.add(
                Densitometry,
                patient_id=patient,
                visit_id=visit,
                site="L1-L4",
                t_score=float(who.t_score[i]),
                measured_on=on,
            )
        if not crossed and step in (1, 2) and pain > 5.0 and u() < 0.3:
            crossed = True
            many.add(
                Treatment,
                **of_patient,
                kind=TreatmentKind.KYPHOPLASTY,
                started_on=on + timedelta(days=7),
                levels=[level],
                detail={"cement ml": round(3 + 3 * u(), 1), "reason": "pain"},
            )
        if step == 3 and u() < 0.2:
            many.add(
                Event,
                **of_patient,
                kind=EventKind.NON_UNION if non_union else EventKind.UNION,
                on=on,
                level=level,
                source=EventSource.ADJUDICATED,
            )
    if secondary < ends and first_day + timedelta(days=secondary) < last:
        _refracture(many, patient, episode, level, first_day + timedelta(days=secondary), u)
    if ends < (last - first_day).days + 120 and not lost:
        many.add(
            Event,
            **of_patient,
            kind=EventKind.DEATH,
            on=first_day + timedelta(days=int(ends)),
            source=EventSource.REPORTED,
        )
    assert first_visit is not None
    return First(
        patient,
        first_visit,
        first_day,
        female,
        float(who.age[i]),
        level,
        float(who.vhl[i]),
        float(who.t_score[i]),
        bool(who.burst[i]),
        first_facts,
    )


def _operation(u: Callable[[], float], group: int) -> TreatmentKind | None:
    """What is done at once, if anything; more often where the score is high."""
    return None if u() < 0.82 - 0.08 * group else _OPERATIONS[min(int(u() * 2.4), 2)]


def _answers(
    many: Bulk, of: dict[str, Any], who: Drawn, i: int, step: int, non_union: bool, u: Callable[[], float]
) -> float:
    """Pain, disability, JOABPEQ and analgesics of a visit; the pain."""
    pain = float(who.pain[i]) * _EASING[step] + (1.6 if non_union and step else 0.0) + 1.4 * (u() - 0.5)
    pain = round(_within(pain, 10))
    disability = round(_within(8 + 7.6 * pain + 14 * (u() - 0.5), 100) / 2) * 2
    domains = {name: round(_within(100 - disability + 24 * (u() - 0.5), 100)) for name in _JOABPEQ}
    many.add(PatientReport, **of, instrument=Instrument.VAS, value=float(pain))
    many.add(PatientReport, **of, instrument=Instrument.ODI, value=float(disability))
    many.add(PatientReport, **of, instrument=Instrument.JOABPEQ, value=None, answers=domains)
    many.add(
        PatientReport,
        **of,
        instrument=Instrument.ANALGESICS,
        value=float(min(3, max(0, round((pain - 1.5) / 2.4 + u() - 0.5)))),
    )
    return pain


def _facts(
    who: Drawn, i: int, step: int, non_union: bool, operated: bool, refractured: bool, u: Callable[[], float]
) -> dict[str, Any]:
    """What was read and entered at a visit, by the names of the clinical file; some of it was not noted."""
    lasting = 1.8 if who.vhl_more[i] > 12 and step == 2 else 1.4 if non_union and step else 1.0
    edema = round(float(who.edema[i]) * min(1.0, _EDEMA_LEFT[step] * lasting))
    if step == 1:
        return {}
    if step == 2:
        return {"bme_percent": float(edema)}
    share = 0.0 if step == 0 else 1.0
    grown = 0.35 if operated else 1.0
    vhl = round(min(60.0, float(who.vhl[i]) + share * grown * float(who.vhl_more[i])), 1)
    posture = "standing" if u() > 0.05 else "supine"
    facts: dict[str, Any] = {
        "vhl_percent": vhl,
        "local_kyphosis_deg": round(float(who.ka[i]) + share * grown * float(who.ka_more[i]), 1),
        "bme_percent": float(edema),
        "sq_grade": _grade(vhl),
    }
    if u() > 0.03:
        facts["posture_radiograph"] = posture
    if step == 0:
        facts |= {
            "age_years": float(who.age[i]),
            "fracture_type": "burst" if who.burst[i] else "compression",
            "low_energy_trauma": True,
        }
        if u() > 0.04:
            facts["t2_pattern"] = T2Pattern.DIFFUSE_LOW.value if who.t2_low[i] else _OTHER_T2[int(u() * 4)]
        return facts
    facts["other_fractures"] = [_LEVELS[2]] if refractured else []
    if step == 3:
        cleft = non_union and u() < 0.75
        if u() > 0.06:
            facts |= {"cleft": ("air" if u() < 0.6 else "fluid") if cleft else "none", "cleft_on": "MRI"}
        if u() > 0.12:
            height = round(24 * (1 - min(0.85, 1.6 * vhl / 100)), 1)
            moves = 1.2 + 2 * u() if non_union else 0.9 * u()
            facts |= {"anterior_height_standing_mm": height, "anterior_height_supine_mm": round(height + moves, 1)}
    return facts


def _within(value: float, most: float) -> float:
    return min(most, max(0.0, value))


def _grade(vhl: float) -> int:
    """Genant's grade, roughly: HAN's height loss is about half the loss of the anterior height."""
    return sum(vhl >= limit for limit in (10.0, 12.5, 20.0))


def _refracture(many: Bulk, patient: UUID, episode: UUID, level: str, on: date, u: Callable[[], float]) -> None:
    """Another vertebra breaks: an event of the first fracture, and an episode of its own with its first visit."""
    place = _LEVELS.index(level) + (1 if u() < 0.5 else -1)
    other = _LEVELS[place % len(_LEVELS)]
    many.add(
        Event,
        patient_id=patient,
        episode_id=episode,
        kind=EventKind.SECONDARY_FRACTURE,
        on=on,
        level=other,
        source=EventSource.REPORTED,
    )
    again = many.add(
        Episode,
        patient_id=patient,
        levels=[other],
        fractured_on=on,
        mechanism=Mechanism.NONE_RECALLED,
        refracture_of=episode,
    )
    seen = on + timedelta(days=3 + int(u() * 12))
    visit = many.add(
        Visit,
        patient_id=patient,
        episode_id=again,
        window=Window.PRETREATMENT,
        planned_on=seen,
        held_on=seen,
        status=VisitStatus.HELD,
    )
    many.add(
        PatientReport, patient_id=patient, visit_id=visit, instrument=Instrument.VAS, value=float(4 + int(u() * 6))
    )
