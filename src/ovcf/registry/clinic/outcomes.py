"""What was done, answered, measured and what happened: entered, corrected with a reason, taken back with a reason."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ovcf.anatomy import Level
from ovcf.clinical.case import ClinicalCase
from ovcf.clinical.read_case import with_fact
from ovcf.errors import RegistryError
from ovcf.registry.access import found_by, within
from ovcf.registry.columns import Versioned
from ovcf.registry.store import current
from ovcf.registry.tables import Densitometry, Episode, Event, Patient, PatientReport, Treatment, Visit
from ovcf.registry.words import EventKind, EventSource, Instrument, TreatmentKind

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date
    from uuid import UUID

    from sqlalchemy.orm import Session

    from ovcf.registry.access import Principal
    from ovcf.registry.store import Writer

KINDS: dict[str, type[Versioned]] = {
    "answers": PatientReport,
    "densitometry": Densitometry,
    "treatments": Treatment,
    "events": Event,
}
"""What may be entered, corrected and taken back."""
_LIMITS = {Instrument.VAS: "vas", Instrument.ODI: "odi", Instrument.ANALGESICS: "analgesic_class"}
_DOMAINS = ("pain", "lumbar", "walking", "social", "mental")


def check(kind: str, values: Mapping[str, Any]) -> None:
    """Refuse values that could not have been entered.

    Raises:
        OvcfError: they could not.
    """
    if kind == "answers":
        check_answer(Instrument(values["instrument"]), values["value"], values["answers"])
    elif kind == "densitometry":
        with_fact(ClinicalCase(), "t_score_l1", values["t_score"])
    elif kind == "treatments" and values["ended_on"] is not None and values["ended_on"] < values["started_on"]:
        raise RegistryError("treatment", "ends before it begins", "Check both dates.")
    for level in [*(values.get("levels") or ()), *filter(None, [values.get("level")])]:
        Level.parse(level)


def answer(
    writer: Writer, visit: Visit, instrument: str, value: float | None, answers: Mapping[str, Any] | None = None
) -> PatientReport:
    """What a patient answered at a visit.

    Raises:
        RegistryError: that instrument was answered already. ClinicalDataError: out of range.
    """
    kind, given = Instrument(instrument), dict(answers or {})
    check_answer(kind, value, given)
    there = current(PatientReport).where(PatientReport.visit_id == visit.entity_id, PatientReport.instrument == kind)
    if writer.session.scalars(there).first() is not None:
        raise RegistryError(f"{kind}", "was answered at this visit already", "Correct that answer, with the reason.")
    return writer.add(
        PatientReport(
            patient_id=visit.patient_id, visit_id=visit.entity_id, instrument=kind, value=value, answers=given
        )
    )


def check_answer(instrument: Instrument, value: float | None, answers: Mapping[str, Any]) -> None:
    """Refuse an answer beyond the ends of its scale: the limits are those of the clinical file.

    Raises:
        ClinicalDataError: it is. RegistryError: nothing was answered.
    """
    if value is None and not answers:
        raise RegistryError(f"{instrument}", "has no answer", "Give its value.")
    if value is not None and instrument in _LIMITS:
        with_fact(ClinicalCase(), _LIMITS[instrument], value)
    if instrument is Instrument.JOABPEQ:
        for name, one in answers.items():
            if name not in _DOMAINS:
                raise RegistryError("JOABPEQ", f"has no domain {name!r}", f"Its domains: {', '.join(_DOMAINS)}.")
            with_fact(ClinicalCase(), f"joabpeq_{name}", one)


def densitometry(
    writer: Writer, visit: Visit, site: str, t_score: float, measured_on: date | None = None
) -> Densitometry:
    """A T-score by DXA of one level or site.

    Raises:
        ClinicalDataError: out of range.
    """
    with_fact(ClinicalCase(), "t_score_l1", t_score)
    return writer.add(
        Densitometry(
            patient_id=visit.patient_id,
            visit_id=visit.entity_id,
            site=site.strip(),
            t_score=t_score,
            measured_on=measured_on,
        )
    )


def treat(
    writer: Writer,
    episode: Episode,
    kind: str,
    started_on: date,
    *,
    ended_on: date | None = None,
    levels: tuple[str, ...] = (),
    detail: Mapping[str, Any] | None = None,
) -> Treatment:
    """A treatment with its dates.

    Raises:
        RegistryError: it ends before it begins.
    """
    if ended_on is not None and ended_on < started_on:
        raise RegistryError("treatment", "ends before it begins", "Check both dates.")
    return writer.add(
        Treatment(
            patient_id=episode.patient_id,
            episode_id=episode.entity_id,
            kind=TreatmentKind(kind),
            started_on=started_on,
            ended_on=ended_on,
            levels=[Level.parse(level).value for level in levels],
            detail=dict(detail or {}),
        )
    )


def happened(
    writer: Writer,
    episode: Episode,
    kind: str,
    on: date,
    *,
    level: str | None = None,
    source: str = EventSource.REPORTED,
) -> Event:
    """Something that happened to the fracture or the patient."""
    return writer.add(
        Event(
            patient_id=episode.patient_id,
            episode_id=episode.entity_id,
            kind=EventKind(kind),
            on=on,
            level=None if level is None else Level.parse(level).value,
            source=EventSource(source),
        )
    )


def facts(session: Session, principal: Principal, patient: Patient, kind: str) -> list[Any]:
    """All facts of a kind of a patient as they now stand, in the order they were recorded."""
    table = KINDS[kind]
    found = session.scalars(within(current(table).where(table.patient_id == patient.id), principal, table))
    return sorted(found, key=lambda row: row.recorded_at)


def fact_of(session: Session, principal: Principal, kind: str, id_: UUID) -> Any:
    """A fact as it now stands, by the id of its first row.

    Raises:
        NotThereError: there is none.
    """
    table = KINDS[kind]
    return found_by(session, current(table).where(table.entity_id == id_), principal, table, kind)


def episode_of(session: Session, principal: Principal, id_: UUID) -> Episode:
    """An episode as it now stands.

    Raises:
        NotThereError: there is none.
    """
    return found_by(session, current(Episode).where(Episode.entity_id == id_), principal, Episode, "episode")
