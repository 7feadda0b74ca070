"""The versions of a reading: who concluded what from which observations, when, and which version it came from.

A reading is a chain. A draft grows by edits; confirming it signs it, and from then on it is never changed: a later
change begins an addendum, and the signed version stays as it was.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from ovcf.assessment.findings.kinds import SuggestedFracture, looks_fractured
from ovcf.clinical.case import ClinicalCase
from ovcf.errors import ReadingError
from ovcf.language.worded import joined, say
from ovcf.plain_text import listed
from ovcf.program import release
from ovcf.reading.editing.edits import Acknowledge, AnyEdit, in_force
from ovcf.vocabulary import ReadingStatus as ReadingStatus

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ovcf.assessment.findings.finding import Finding
    from ovcf.assessment.result import Assessment


@dataclass(frozen=True, slots=True, kw_only=True)
class Version:
    """One version: its ``edits`` are all that lead from the observations to it, those of earlier versions included.

    ``observations`` is the digest of what it was concluded from, ``case`` the clinical facts as they were given,
    ``reason`` why a signed reading was taken up again. ``software`` looked at the images; ``signed_with`` is the
    release that concluded what was signed, empty for releases that did not keep it. Instants are UTC, ISO 8601.
    """

    id: str
    parent: str | None = None
    reader: str = ""
    begun_at: str = ""
    confirmed_at: str | None = None
    status: ReadingStatus = ReadingStatus.DRAFT
    addendum: bool = False
    reason: str = ""
    observations: str
    software: str = ""
    signed_with: str = ""
    case: ClinicalCase
    edits: tuple[AnyEdit, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """All versions of one reading, oldest first."""

    id: str
    versions: tuple[Version, ...]

    @property
    def current(self) -> Version:
        """The newest version."""
        return self.versions[-1]

    def with_edit(self, edit: AnyEdit) -> Reading:
        """The reading with one edit more.

        Raises:
            ReadingError: the newest version is signed, or the edit's id is taken.
        """
        now = self.current
        if now.status is not ReadingStatus.DRAFT:
            raise ReadingError(
                say("reading {id}", id=self.id),
                say("version {id} is signed", id=now.id),
                "Begin an addendum, with its reason, to change it.",
            )
        if any(e.id == edit.id for e in now.edits):
            raise ReadingError(
                say("edit {id}", id=edit.id), "is in this reading already", "Give the edit an id of its own."
            )
        return self._now(replace(now, edits=(*now.edits, edit)))

    def confirmed(self, assessment: Assessment, *, reader: str, at: str) -> Reading:
        """The reading with its draft signed by a reader who has seen this assessment of it.

        Raises:
            ReadingError: it is signed already, or something is open: see :func:`open_questions`.
        """
        now = self.current
        if now.status is not ReadingStatus.DRAFT:
            raise ReadingError(
                say("reading {id}", id=self.id),
                say("version {id} is signed already", id=now.id),
                "There is nothing to do.",
            )
        if questions := open_questions(assessment, now.edits):
            raise ReadingError(
                say("reading {id}", id=self.id),
                "cannot be signed yet: " + joined("; ", questions),
                "Answer them first.",
            )
        signed = replace(now, status=ReadingStatus.CONFIRMED, reader=reader, confirmed_at=at, signed_with=release())
        return self._now(signed)

    def addendum(self, *, id_: str, reader: str, at: str, reason: str) -> Reading:
        """A new draft that begins where the signed version ended, which stays as it was.

        Raises:
            ReadingError: nothing is signed yet, or no reason is given.
        """
        now = self.current
        if now.status is not ReadingStatus.CONFIRMED:
            raise ReadingError(say("reading {id}", id=self.id), "is not signed", "Edit the draft itself.")
        if not reason.strip():
            raise ReadingError(
                say("reading {id}", id=self.id), "an addendum needs a reason", "Say why it is taken up again."
            )
        begun = replace(
            now,
            id=id_,
            parent=now.id,
            reader=reader,
            begun_at=at,
            confirmed_at=None,
            signed_with="",
            status=ReadingStatus.DRAFT,
            addendum=True,
            reason=reason,
        )
        superseded = replace(now, status=ReadingStatus.SUPERSEDED)
        return replace(self, versions=(*self.versions[:-1], superseded, begun))

    def _now(self, version: Version) -> Reading:
        return replace(self, versions=(*self.versions[:-1], version))


def moment_of(version: Version) -> datetime:
    """When a version became what it is, in UTC: signed, else last edited, else begun."""
    last = version.confirmed_at or (version.edits[-1].at if version.edits else "") or version.begun_at
    when = datetime.fromisoformat(last) if last else datetime(1970, 1, 1, tzinfo=UTC)
    return when.astimezone(UTC) if when.tzinfo else when.replace(tzinfo=UTC)


def open_questions(assessment: Assessment, edits: Sequence[AnyEdit]) -> tuple[str, ...]:
    """What keeps a reading from being signed: levels that are asked for, urgent statements nobody has seen, and
    vertebrae that look fractured while none is named and nobody said that there is none to assess."""
    seen = {e.statement for e in in_force(tuple(edits)) if isinstance(e, Acknowledge)}
    urgent = [s for s in assessment.guidance if s.must_be_seen and s.id not in seen]
    return (
        *(
            say("which vertebra is which on {value} has not been said", value=q.image or "an image")
            for q in assessment.questions
        ),
        *(say("an urgent statement has not been acknowledged: {topic}", topic=s.topic) for s in urgent),
        *_which_to_assess(assessment),
    )


def to_choose_from(assessment: Assessment) -> tuple[Finding, ...]:
    """Vertebrae that look fractured while no vertebra is assessed, of which nobody has said what they are, or that it
    cannot be told, most conspicuous first: signing asks for a word on them."""
    case = assessment.case
    if assessment.index_level is not None:
        return ()
    said = {*case.fractured, *case.old_fractures, *case.cemented_levels, *case.instrumented_levels}
    said |= {*case.focal_lesions, *assessment.declined, *assessment.undecided}
    return tuple(
        f for f in assessment.suggested_fractures if isinstance(f.data, SuggestedFracture) and f.level not in said
    )


def _which_to_assess(assessment: Assessment) -> tuple[str, ...]:
    open_ = [f for f in to_choose_from(assessment) if f.level is not None]
    looking = [str(f.level) for f in open_ if looks_fractured(f.data)]
    if len(looking) == 1:
        return (say("{level} looks fractured, and no vertebra is named as the one to assess", level=looking[0]),)
    if looking:
        return (say("{levels} look fractured, and none is named as the one to assess", levels=listed(looking)),)
    unclear = listed([str(f.level) for f in open_])
    return (
        (
            say(
                "the marrow signal of {levels} is not clear, and nobody has said whether it is fractured",
                levels=unclear,
            ),
        )
        if open_
        else ()
    )
