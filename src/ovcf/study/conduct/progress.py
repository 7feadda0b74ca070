"""How a study stands: how many, what is open, what was read by other software or models than the protocol pins."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from ovcf.language.worded import say
from ovcf.registry.clinic.readings import load_reading
from ovcf.registry.store import current
from ovcf.registry.tables import Screening
from ovcf.registry.words import LockState
from ovcf.study.conduct.form_values import newest_row, visit_of
from ovcf.study.conduct.queries import queries_of
from ovcf.study.conduct.studies import enrolments_of, in_force
from ovcf.study.data.database_lock import state
from ovcf.study.data.moved import models_of
from ovcf.study.readers.adjudicate import Stage, judgements

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlalchemy.orm import Session

    from ovcf.registry.store import Registry
    from ovcf.registry.tables import Study


def standing(session: Session, registry: Registry, study: Study) -> Iterator[str]:
    """Sentences, the most important ones last."""
    _, protocol = in_force(session, study)
    decided = Counter(
        s.decision.value for s in session.scalars(current(Screening).where(Screening.study_id == study.id))
    )
    enrolled = enrolments_of(session, study)
    planned = "" if protocol.sample_size is None else say(" of {sample_size} planned", sample_size=protocol.sample_size)
    told = ", ".join(f"{n} {word}" for word, n in decided.most_common())
    yield say(
        "Screened: {sum} ({told}); enrolled: {enrolled}{planned}.",
        sum=sum(decided.values()),
        told=told or "nobody yet",
        enrolled=len(enrolled),
        planned=planned,
    )
    states = Counter(q.state for q in queries_of(session, study))
    yield say(
        "Queries: {states} open, {states_2} answered and to be closed, {states_3} closed.",
        states=states["open"],
        states_2=states["answered"],
        states_3=states["closed"],
    )
    stages = Counter(j.stage for j in judgements(session, study))
    yield (
        say(
            "Adjudication: {stages} settled, {stages_2} waiting for readers, {stages_3} for a third reader.",
            stages=stages[Stage.SETTLED],
            stages_2=stages[Stage.WAITING],
            stages_3=stages[Stage.DIFFER],
        )
    )
    last = state(session, study)
    if last is None or last.state is LockState.OPEN:
        yield "The data are open."
    else:
        yield say(
            "The data are locked since {date} (digest {digest}).", date=last.recorded_at.date(), digest=last.digest[:16]
        )
    yield from unpinned(session, registry, study)


def unpinned(session: Session, registry: Registry, study: Study) -> Iterator[str]:
    """Readings that other software or other models made than the protocol pins, in words."""
    _, protocol = in_force(session, study)
    pins = protocol.pins
    if not pins.software and not pins.models:
        return
    for enrolment in enrolments_of(session, study):
        for planned in protocol.visits:
            visit = visit_of(session, enrolment, planned.window)
            row = None if visit is None else newest_row(session, visit)
            if row is None:
                continue
            where = f"{enrolment.number}, {planned.window}"
            if pins.software and not f"{row.software}.".startswith(f"{pins.software}."):
                yield say(
                    "{where}: was read by {software}, not by {software_2}.",
                    where=where,
                    software=row.software or "unknown software",
                    software_2=pins.software,
                )
            if pins.models:
                file = load_reading(registry, row)
                other = [name for name in models_of(file) if not any(name.startswith(pin) for pin in pins.models)]
                if other:
                    yield say(
                        "{where}: was drafted with {other}, which the protocol does not pin.",
                        where=where,
                        other=", ".join(other),
                    )
