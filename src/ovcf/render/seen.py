"""What a report says first about one assessment, as data: its state, the index vertebra, grade, score and images."""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import StrEnum
from functools import cached_property
from typing import TYPE_CHECKING

from ovcf.assessment.findings.kinds import (
    PosteriorWall,
    RecencySign,
    SpineGrades,
    SqGrade,
    SuggestedFracture,
    looks_fractured,
)
from ovcf.assessment.scoring import deformity_of
from ovcf.guidance.statement import Urgency
from ovcf.language.worded import say
from ovcf.render.words.values import of_whole_spine
from ovcf.scores.applicability import applicability, recency_of
from ovcf.vocabulary import Modality, Posture, Recency

if TYPE_CHECKING:
    from ovcf.anatomy import Level
    from ovcf.assessment.findings.finding import Finding
    from ovcf.assessment.result import Assessment
    from ovcf.assessment.scoring import Deformity
    from ovcf.clinical.case import ClinicalCase
    from ovcf.landmarks import Source
    from ovcf.measures.measurement import Measurement
    from ovcf.scores.applicability import Applicability
    from ovcf.scores.result import ScoreResult
    from ovcf.vocabulary import FractureShape


class State(StrEnum):
    """What the first page is about. An emergency goes before all else, a doubted level before any vertebra."""

    EMERGENCY = "emergency"
    CAUSE = "tumour or infection"
    LEVEL_UNSURE = "level unsure"
    NOT_CHOSEN = "no vertebra chosen"
    NOTHING_FRACTURED = "nothing fractured"
    NOTHING_MEASURED = "nothing measured"
    HELD = "score withheld"
    USUAL = "usual"


SURELY_SOUND = 0.8
"""A vertebra of grade 0 that is less probable than this may have a mild fracture: it is named."""
AGE_BY_SIGNAL = {True: "recent by its signal", False: "old or none by its signal", None: "age not known"}
"""What marrow signal says of a vertebra that looks fractured."""


@dataclass(frozen=True, eq=False)
class Seen:
    """One assessment as its first page needs it."""

    assessment: Assessment

    @property
    def chosen(self) -> str | None:
        """The image that the reader wants it measured on; otherwise a radiograph goes first."""
        return self.assessment.chosen_image

    @cached_property
    def case(self) -> ClinicalCase:
        """The clinical facts, with the index vertebra of the assessment."""
        return replace(self.assessment.case, index_level=self.index)

    @property
    def index(self) -> Level | None:
        """The index vertebra."""
        return self.assessment.index_level

    @cached_property
    def score(self) -> ScoreResult | None:
        """NASOVCF."""
        return next((s for s in self.assessment.scores if s.score.upper() == "NASOVCF"), None)

    @cached_property
    def applicability(self) -> Applicability:
        """For whom the score and its rates hold, and what stands against them here."""
        return applicability(self.case, measured_recent=self._measured_recent)

    @cached_property
    def recency(self) -> Recency:
        """Whether the fracture is recent: the reader's word before the measured sign."""
        return recency_of(self.case, self._measured_recent)[0]

    @cached_property
    def _measured_recent(self) -> bool | None:
        signs = [f.data for f in self.assessment.findings if f.level == self.index and isinstance(f.data, RecencySign)]
        return signs[-1].recent if signs and self.index else None

    @cached_property
    def scored(self) -> Deformity:
        """Height loss and kyphosis that the score was given, and on which image they were measured."""
        return deformity_of(self.case, self.assessment.landmarks, self.chosen)

    @cached_property
    def state(self) -> State:
        """What the first page is about."""
        a, kinds = self.assessment, self.applicability
        if any(s.urgency is Urgency.EMERGENCY for s in a.guidance):
            return State.EMERGENCY
        if kinds.tumour_or_infection or any(s.urgency is Urgency.URGENT for s in a.guidance):
            return State.CAUSE
        graded = self.grades is not None and bool(self.grades.graded)
        if a.questions and not self.of_index and not graded:
            return State.LEVEL_UNSURE
        if self.index is None:
            return self._state_without_index()
        if kinds.against:
            return State.HELD
        return State.USUAL if self.of_index or self.entered else State.NOTHING_MEASURED

    def _state_without_index(self) -> State:
        if self.looks_fractured or self.unclear:
            return State.NOT_CHOSEN
        return State.NOTHING_FRACTURED if self.grades is not None and self.grades.graded else State.NOTHING_MEASURED

    @property
    def entered(self) -> bool:
        """Whether a reader entered anything of the index vertebra that is measured elsewhere."""
        c = self.case
        return any(v is not None for v in (c.vhl_percent, c.local_kyphosis_deg, c.t2_pattern, c.fracture_type))

    @cached_property
    def looks_fractured(self) -> tuple[Finding, ...]:
        """Suggested fractures, most conspicuous first, without those that could not be judged or are not clear."""
        return tuple(f for f in self.assessment.suggested_fractures if looks_fractured(f.data))

    @cached_property
    def unclear(self) -> tuple[Finding, ...]:
        """Vertebrae of sound shape whose marrow signal does not say whether they are fractured."""
        found = self.assessment.suggested_fractures
        return tuple(f for f in found if isinstance(f.data, SuggestedFracture) and f.data.unclear)

    @cached_property
    def grades(self) -> SpineGrades | None:
        """Which vertebrae were graded, and which were not."""
        return next((f.data for f in self.assessment.findings if isinstance(f.data, SpineGrades)), None)

    @cached_property
    def mild_not_excluded(self) -> tuple[Level, ...]:
        """Vertebrae of grade 0 whose heights are not known well enough to exclude a mild fracture."""
        graded = {level: self.grade_of(level) for level, _ in self.grades.graded} if self.grades else {}
        return tuple(
            level
            for level, g in graded.items()
            if g and g.grade == 0 and dict(g.probability).get(0, 1.0) < SURELY_SOUND
        )

    @cached_property
    def of_index(self) -> tuple[Measurement, ...]:
        """Measurements of the index vertebra, those on a radiograph first."""
        return self.of(self.index)

    def of(self, level: Level | None) -> tuple[Measurement, ...]:
        """Measurements of one vertebra, those on the chosen image or on a radiograph first."""
        if not level:
            return ()
        return tuple(sorted(self._by_level.get(level, ()), key=lambda m: self._later(m.source)))

    @cached_property
    def _by_level(self) -> dict[Level | None, list[Measurement]]:
        found: dict[Level | None, list[Measurement]] = {}
        for m in self.assessment.measurements:
            if not of_whole_spine(m):
                found.setdefault(m.index_level, []).append(m)
        return found

    def _later(self, source: Source) -> tuple[bool, bool]:
        """What stands behind the chosen image, and then behind a radiograph."""
        return self.chosen is None or source.image != self.chosen, source.modality is not Modality.RADIOGRAPH

    def measured(self, method: str, level: Level | None = None) -> Measurement | None:
        """One measurement of the index vertebra (or of ``level``), on the chosen image or a radiograph if there."""
        return next((m for m in self.of(level or self.index) if m.method.id == method), None)

    def grade_of(self, level: Level | None) -> SqGrade | None:
        """Genant's grade, by the reader, or on the chosen image or a radiograph where there is one."""
        found = [f for f in self.assessment.findings if f.level == level and isinstance(f.data, SqGrade)]
        if level is None or not found:
            return None

        def order(f: Finding) -> tuple[bool, bool, bool]:
            source = self.source_of(f.image)
            return not f.by_reader, *((True, False) if source is None else self._later(source))

        data = min(found, key=order).data
        return data if isinstance(data, SqGrade) else None

    def loss_graded(self, level: Level | None) -> tuple[FractureShape, Measurement] | None:
        """The height loss that Genant's grade of a vertebra rests on, and its shape: where the grade is greatest."""
        graded = [
            (f.data, f.image)
            for f in self.assessment.findings
            if f.level == level and isinstance(f.data, SqGrade) and f.data.shape is not None and not f.by_reader
        ]
        if level is None or not graded:
            return None
        most, image = max(graded, key=lambda one: one[0].grade)
        assert most.shape is not None
        own = (m for m in self.of(level) if m.method.id.startswith(f"sq-loss-{most.shape}"))
        found = next((m for m in own if m.source.image == image), None)
        return None if found is None else (most.shape, found)

    @cached_property
    def wall(self) -> Finding | None:
        """What the outline says of the posterior wall."""
        own = [f for f in self.assessment.findings if f.level == self.index and isinstance(f.data, PosteriorWall)]
        return own[0] if own else None

    @cached_property
    def sources(self) -> tuple[Source, ...]:
        """Each image that landmarks lie on, radiographs first."""
        sources = {s.vertebrae[0].source.image: s.vertebrae[0].source for s in self.assessment.landmarks if s.vertebrae}
        for m in self.assessment.measurements:
            sources.setdefault(m.source.image, m.source)
        return tuple(sorted(sources.values(), key=lambda s: s.modality is not Modality.RADIOGRAPH))

    def source_of(self, image: str) -> Source | None:
        """Where an image comes from, by its name."""
        return next((s for s in self.sources if s.image == image), None)


def posture_words(source: Source) -> str:
    """``standing``; what is not known is said."""
    return "posture not recorded" if source.posture is Posture.UNKNOWN else source.posture.value


def modality_words(source: Source) -> str:
    """``radiograph``, ``MRI``, ``CT``, ``entered`` by the reader; what is not known of an image is said, and
    ``landmarks`` stand where no image is told."""
    if source.entered:
        return "entered"
    return {Modality.RADIOGRAPH: "radiograph", Modality.MR: "MRI", Modality.CT: "CT", Modality.DXA: "DXA image"}.get(
        source.modality, "an image of unknown kind" if source.image else "landmarks"
    )


def image_words(source: Source) -> str:
    """``radiograph, standing``."""
    return say(
        "{modality_words}, {posture_words}", modality_words=modality_words(source), posture_words=posture_words(source)
    )
