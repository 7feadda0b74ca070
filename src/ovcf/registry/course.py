"""The visits of an episode as follow-up takes them, and its events since augmentation."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from ovcf.anatomy import Level
from ovcf.clinical.case import ClinicalCase
from ovcf.errors import FollowUpError
from ovcf.follow_up.timeline import Timeline, timeline
from ovcf.follow_up.visit import Quantity, Value, Visit
from ovcf.reading.conclude import conclude
from ovcf.reading.observations import Observations
from ovcf.reading.session import Session as ReadingSession
from ovcf.reading.version import ReadingStatus
from ovcf.registry.service import answers_at, newest_reading, visits_of
from ovcf.registry.words import Instrument
from ovcf.units import Unit

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import date

    from sqlalchemy.orm import Session

    from ovcf.follow_up.reliability import Reliability
    from ovcf.reading.file import ReadingFile
    from ovcf.registry.store import Registry
    from ovcf.registry.tables import Episode, Reading

_QUANTITIES = {
    Instrument.VAS: (Quantity.PAIN, Unit.POINT), Instrument.ODI: (Quantity.DISABILITY, Unit.PERCENT),
    Instrument.ANALGESICS: (Quantity.ANALGESICS, Unit.POINT),
}  # fmt: skip


def course_of(
    session: Session, registry: Registry, episode: Episode, *, today: date | None = None,
    confirmed_levels: bool = False, reliability: Mapping[Quantity, Reliability] | None = None,
) -> Timeline:  # fmt: skip
    """The timeline of an episode, from the newest reading and the answers of each visit.

    ``reliability``: errors of measurement by the site's own study of its readers.

    Raises:
        FollowUpError: fewer than two visits were held; neither the episode nor a reading names the fractured vertebra.
    """
    rows = [(row, newest_reading(session, registry, row)) for row in visits_of(session, episode)]
    level = Level.parse(episode.levels[0]) if episode.levels else _level_read([found for _, found in rows])
    visits = []
    for row, found in rows:
        if found is None:
            assessment, signed = conclude(Observations(), (), ClinicalCase(index_level=level)), True
        else:
            reading = ReadingSession(found[1])
            assessment, signed = reading.assessment(), found[0].status is ReadingStatus.CONFIRMED
        # The registry knows whose visit it is; names within readings may be anything.
        assessment = replace(assessment, case=replace(assessment.case, patient_id=""))
        reported = tuple(
            Value(quantity=quantity, value=value, unit=unit, by_hand=True)
            for instrument, value in answers_at(session, row).items()
            if instrument in _QUANTITIES
            for quantity, unit in (_QUANTITIES[instrument],)
        )
        visits.append(Visit(name=row.window.value, on=row.held_on, assessment=assessment, signed=signed,
                            reported=reported))  # fmt: skip
    return timeline(visits, level=level, today=today, confirmed_levels=confirmed_levels, reliability=reliability)


def _level_read(found: Sequence[tuple[Reading, ReadingFile] | None]) -> Level:
    """The fractured vertebra of the first reading that names one, those that are signed before drafts."""
    read = [pair for pair in found if pair is not None]
    for _, file in sorted(read, key=lambda pair: pair[0].status is not ReadingStatus.CONFIRMED):
        level = ReadingSession(file).assessment().index_level
        if level is not None:
            return level
    raise FollowUpError("this fracture", "has no vertebra yet", "Name the fractured vertebra in one of its readings.")
