"""A reading as the page shows it: plain values and the report's own words, so that the page only draws."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import TYPE_CHECKING, Any

from ovcf.assessment.scoring import deformity_of
from ovcf.language.worded import Words, in_clauses, say
from ovcf.reading.at_signing import since_signing
from ovcf.reading.editing.edits import in_force
from ovcf.reading.version import open_questions
from ovcf.render.impression import Sentence, impression
from ovcf.render.words.wording import decimal, sentence
from ovcf.report.content import NOTICE
from ovcf.server.views.choices_view import Choices, choices_of
from ovcf.server.views.clinical_view import ClinicalGroup, clinical_of
from ovcf.server.views.findings.fact_kinds import FACT_KINDS, FactKind
from ovcf.server.views.findings.findings_view import Fact, SeenFinding, WithheldView, facts_of, findings_of, withheld_of
from ovcf.server.views.findings.to_judge import ToJudge, to_judge
from ovcf.server.views.guidance_view import GuidanceView, guidance_of
from ovcf.server.views.history_view import HistoryEntry, VersionView, history_of, versions_of
from ovcf.server.views.image_view import Images, images_of
from ovcf.server.views.marrow.area_view import AreaView, areas_view
from ovcf.server.views.marrow.region_view import RegionView, regions_view
from ovcf.server.views.measurement_view import MeasurementRow, Segments, lines_of, measurements_of
from ovcf.server.views.other_scores_view import OtherScore, other_scores_of
from ovcf.server.views.question_view import QuestionView, questions_of
from ovcf.server.views.score_view import ScoreView, score_of
from ovcf.server.views.signing_view import BeforeSigning, before_signing
from ovcf.vocabulary import ReadingStatus

if TYPE_CHECKING:
    from ovcf.assessment.result import Assessment
    from ovcf.reading.editing.edited import Edited
    from ovcf.reading.session import Session


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadingView:
    """Which reading it is. ``revision`` changes with every change, ``edits`` counts those in force.

    ``open`` is what keeps it from being signed, ``before_signing`` the answers to what it says of fractures.
    """

    id: str
    revision: str
    status: str
    addendum: bool
    reader: str
    edits: int
    undo: bool
    redo: bool
    open: tuple[Words, ...]
    before_signing: BeforeSigning | None = None
    notice: Words = NOTICE


@dataclass(frozen=True, slots=True, kw_only=True)
class PatientView:
    """Whose images these are, in words."""

    id: str
    person: Words
    visit: str
    t_score: Words


@dataclass(frozen=True, slots=True)
class Urgent:
    """A statement that must be seen before all else."""

    id: str
    topic: Words
    text: Words
    acknowledged: bool
    alert: bool = False
    """No emergency, and to be seen before all else."""


@dataclass(frozen=True, slots=True, kw_only=True)
class View(Images):
    """All that the page shows, in parts that change one by one."""

    reading: ReadingView
    choices: Choices
    versions: tuple[VersionView, ...]
    history: tuple[HistoryEntry, ...]
    patient: PatientView
    clinical: tuple[ClinicalGroup, ...]
    impression: tuple[Sentence, ...]
    index: str | None
    questions: tuple[QuestionView, ...]
    urgent: tuple[Urgent, ...]
    guidance: tuple[GuidanceView, ...]
    score: ScoreView | None
    other_scores: tuple[OtherScore, ...]
    measurements: dict[str, MeasurementRow]
    lines: dict[str, tuple[Segments, ...]]
    findings: dict[str, SeenFinding]
    to_judge: tuple[ToJudge, ...]
    kinds: tuple[FactKind, ...] = FACT_KINDS
    facts: dict[str, tuple[Fact, ...]]
    regions: dict[str, tuple[RegionView, ...]]
    areas: dict[str, tuple[AreaView, ...]]
    withheld: tuple[WithheldView, ...]
    warnings: tuple[Words, ...]


def view_of(session: Session, now: Edited, assessment: Assessment, saved: View | None = None) -> View:
    """The view of a reading as it is, or as it would be after a preview: the list of edits is that of
    ``saved``, and so are the regions of bone quality where they were not moved."""
    with session.at_hand():
        return _view_of(session, now, assessment, saved)


def _view_of(session: Session, now: Edited, assessment: Assessment, saved: View | None) -> View:
    scored = deformity_of(assessment.case, assessment.landmarks, now.chosen_image)
    edits = in_force(session.version.edits)
    images = images_of(session.file, now, assessment, scored.image, edits)
    return View(
        **{f.name: getattr(images, f.name) for f in fields(Images)},
        reading=_reading(session, now, assessment),
        choices=choices_of(now, frozenset(p.series for p in session.file.pictures)),
        versions=versions_of(session),
        history=saved.history if saved else history_of(session, now),
        patient=_patient(assessment),
        clinical=clinical_of(assessment, edits),
        impression=impression(assessment),
        index=assessment.index_level,
        questions=questions_of(now),
        urgent=tuple(
            Urgent(s.id, s.topic, s.text, s.id in now.acknowledged, s.alert)
            for s in assessment.guidance
            if s.must_be_seen
        ),
        guidance=guidance_of(assessment),
        score=score_of(assessment, scored),
        other_scores=other_scores_of(assessment),
        measurements=measurements_of(assessment),
        lines=lines_of(now, assessment),
        findings=findings_of(assessment),
        to_judge=to_judge(now, assessment, edits),
        facts=facts_of(now, assessment, edits, scored.image),
        regions=saved.regions if saved and _same_regions(session, now) else regions_view(now, edits),
        areas=areas_view(now),
        withheld=withheld_of(assessment),
        warnings=tuple(
            map(sentence, (*since_signing(session.version, assessment, session.file.at_signing), *assessment.warnings))
        ),
    )


def _same_regions(session: Session, now: Edited) -> bool:
    """Whether a preview leaves the regions of bone quality where they are."""
    was = session.now()
    return (now.regions, now.areas) == (was.regions, was.areas)


def changes(before: View, after: View) -> dict[str, Any]:
    """The parts of a view that differ; of parts by name only the entries that differ, None for one that is gone."""
    found: dict[str, Any] = {}
    for f in fields(View):
        old, new = getattr(before, f.name), getattr(after, f.name)
        if old == new:
            continue
        if isinstance(new, dict):
            new = {k: v for k, v in new.items() if old.get(k) != v} | dict.fromkeys(old.keys() - new.keys())
        found[f.name] = new
    return found


def _reading(session: Session, now: Edited, assessment: Assessment) -> ReadingView:
    version = session.version
    last = version.edits[-1].id if version.edits else "none"
    draft = version.status is ReadingStatus.DRAFT
    return ReadingView(
        id=session.file.reading.id,
        revision=say("{id}-{status}-{last}", id=version.id, status=version.status, last=last),
        status=version.status.value,
        addendum=version.addendum,
        reader=version.reader,
        edits=len(in_force(version.edits)),
        undo=draft and session.last_edit() is not None,
        redo=draft and session.last_undo() is not None,
        open=open_questions(assessment, version.edits) if draft else (),
        before_signing=before_signing(now, assessment) if draft else None,
    )


def _patient(assessment: Assessment) -> PatientView:
    case = assessment.case
    age = say("{age_years:g} years", age_years=case.age_years) if case.age_years is not None else "age unknown"
    return PatientView(
        id=case.patient_id or "patient not named",
        person=in_clauses((case.sex or "sex unknown", age)),
        visit=case.visit_date or "",
        t_score=""
        if case.used_t_score is None
        else say("T-score {used_t_score}", used_t_score=decimal(case.used_t_score, 1)),
    )
