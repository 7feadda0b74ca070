"""From observations, a reader's edits and the clinical case to an assessment: pure, and fast enough to follow a drag.

Nothing here sees an image or a file. Equal input gives an equal assessment, whether or not results are kept between
two calls (:class:`ovcf.kept.Kept`).
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from ovcf.anatomy import STANDARD_COLUMN
from ovcf.assessment.findings.cemented import cemented_bodies
from ovcf.assessment.findings.course import Now, course, posture_of
from ovcf.assessment.findings.doubts import (
    doubtful_neighbours,
    fractions_of_one,
    in_the_future,
    left_out,
    old_and_recent,
    transitional,
)
from ovcf.assessment.findings.finding_over_time import CementedBody
from ovcf.assessment.findings.kinds import Ungraded, looks_fractured
from ovcf.assessment.findings.suggest import suggested_fractures, suspicious_levels
from ovcf.assessment.findings.ungraded import beside_graded, not_graded
from ovcf.assessment.identity import other_patient, with_header
from ovcf.assessment.measured.by_landmarks import measure_landmarks
from ovcf.assessment.measured.by_outline import edema_beside_endplates, suggest_classes
from ovcf.assessment.measured.by_reader import tell_what_the_reader_set
from ovcf.assessment.measured.by_signal import SignalReading, edema_map, read_fractures, read_signs
from ovcf.assessment.measured.ledger import Ledger
from ovcf.assessment.measured.marrow_series import MarrowSeries, fluid_of
from ovcf.assessment.references import numbered_references
from ovcf.assessment.result import Assessment, Provenance, SeriesSummary
from ovcf.assessment.scoring import classify, deformity_of, score
from ovcf.errors import OvcfError, Remedy, RemedyCode
from ovcf.guidance.advice_input import AdviceInput
from ovcf.guidance.advise import advise
from ovcf.imaging.study import Role
from ovcf.kept import Kept, keeping, kept
from ovcf.landmarks import SpineLandmarks
from ovcf.language.worded import joined, say
from ovcf.reading.editing.edited import Edited
from ovcf.reading.editing.lay_over import edited
from ovcf.reading.editing.overruled import (
    enter_figures,
    of_class_of,
    overrule_grades,
    overrule_recency,
    overrule_signal,
)
from ovcf.reading.l1_on_ct import elsewhere, said, with_l1
from ovcf.reading.marrow import affected_levels, lesions_of, prepared_marrow, told_stale, unfit_for_reference
from ovcf.reading.observing.observe import BY_HAND
from ovcf.vocabulary import Modality, Posture

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

    from numpy.typing import NDArray

    from ovcf.anatomy import Level
    from ovcf.clinical.case import ClinicalCase
    from ovcf.imaging.volume import Volume
    from ovcf.reading.editing.edited import EditedSet
    from ovcf.reading.editing.edits import AnyEdit
    from ovcf.reading.l1_on_ct import L1Region
    from ovcf.reading.observations import Observations, ObservedSeries, ObservedVertebra
    from ovcf.scores.result import ScoreResult

    Array = NDArray[np.float64]
    Mask = NDArray[np.bool_]

NOBODY = Provenance(software="", created_at="", command="", inputs=())


def conclude(
    observations: Observations,
    edits: Sequence[AnyEdit],
    case: ClinicalCase,
    *,
    provenance: Provenance = NOBODY,
    results: Kept | None = None,
) -> Assessment:
    """Every measurement, finding, score and statement that follows.

    ``results`` are those kept from earlier calls for the same reading; they make a call faster and change nothing.

    Raises:
        ReadingError: an edit names something that is not there.
        OvcfError: points that cannot be those of a vertebra, levels out of order, or a fact that cannot be.
    """
    with keeping(results):
        return conclude_from(edited(observations, edits, case), provenance)


def counted_as_edema(
    observations: Observations, edits: Sequence[AnyEdit], case: ClinicalCase, *, results: Kept | None = None
) -> tuple[str, Volume] | None:
    """The voxels of the index vertebra that were counted as edema, and the uid of their series; None without any."""
    with keeping(results):
        now = edited(observations, edits, case)
        index = now.case.index_level
        fluid = fluid_of(prepared_marrow(now, affected_levels(now.case), Ledger()))
        if fluid is None or index is None or index not in fluid.bodies or index in fluid.apart:
            return None
        try:
            return fluid.uid, edema_map(fluid, index)
        except OvcfError:
            return None


def conclude_from(now: Edited, provenance: Provenance = NOBODY) -> Assessment:
    """The same from observations over which the edits are laid already.

    Raises:
        OvcfError: points that cannot be those of a vertebra, levels out of order, or a fact that cannot be.
    """
    now, drawn = with_l1(now)
    days = tuple(s.acquired_on for s in now.observations.series if s.acquired_on)
    entered = now.case
    known, from_header = with_header(entered, now.observations.patient, days)
    now = replace(now, case=known)
    case, ledger = now.case, Ledger()
    index = case.index_level
    if index is None:
        ledger.withhold(
            "scores of the index vertebra",
            None,
            "a reader found no recent fracture to assess" if now.declined else "no index vertebra is named",
            Remedy(
                "Name the fractured vertebra, on the page or in the clinical file.", RemedyCode.NAME_THE_INDEX_VERTEBRA
            ),
        )
    for what, why, remedy in now.observations.withheld:
        ledger.withhold(what, None, why, remedy)
    spines = _spines(now, ledger)
    for spine, _ in spines:
        measure_landmarks(spine, case, ledger, index)
    overrule_grades(now, ledger)
    enter_figures(now, ledger)
    named = [level for level, _ in unfit_for_reference(case)]
    prepared = prepared_marrow(now, affected_levels(case), ledger)
    signal = _signal(prepared, now, ledger)
    of_entered = of_class_of(now)
    landmarks = [spine for spine, _ in spines]
    column = landmarks[0].column if landmarks else STANDARD_COLUMN
    ungraded = not_graded(ledger.ungraded, ledger.first_grades, column)
    unread = {u.level for u in ledger.ungraded if not u.marrow}
    outlines = [(spine, _outlines(s)) for spine, s in spines]
    # Cement and a declared lesion change shape and signal: neither is suggested as a fracture nor classed as one.
    apart = {*case.cemented_levels, *lesions_of(case)}
    others = [f for f in ledger.findings if f.level not in apart]
    suggest_classes(outlines, suspicious_levels(others, unread), named, _outside(case, apart), ledger)
    beside = beside_graded(ungraded, ledger.first_grades, column) if landmarks else ()
    suspected = suggested_fractures(ledger.findings, ungraded, [at for at in beside if at not in named], unread)
    suspected = tuple(f for f in suspected if f.level not in now.cleared)
    suggested = tuple(f for f in suspected if f.level not in apart)
    if index is not None and landmarks:
        looking = [f for f in suspected if looks_fractured(f.data)]
        ledger.findings += doubtful_neighbours(index, landmarks[0].column, looking, named)
    scores = score(case, landmarks, signal, of_entered, now.chosen_image)
    ledger.findings += classify(case, ledger.first_grades, signal, ungraded, of_entered)
    _since(now, landmarks, signal, ledger)
    statements = advise(_findings(now, landmarks, signal, scores, ledger))
    cited = [
        *(s.evidence for s in statements),
        *(s.evidence for s in scores),
        *(f.evidence for f in ledger.findings),
        *(m.method.evidence for m in ledger.measurements),
    ]
    seen = now.observations
    return Assessment(
        case=case,
        from_header=from_header,
        chosen_image=now.chosen_image,
        index_level=index,
        column=column,
        series=tuple(_summary(s, now.roles, drawn) for s in seen.series),
        landmarks=tuple(landmarks),
        measurements=tuple(ledger.measurements),
        findings=tuple(ledger.findings),
        suggested_fractures=suggested,
        declined=tuple(sorted(now.declined, key=lambda level: level.rank)) if index is None else (),
        undecided=now.undecided if index is None else (),
        questions=tuple(s.seen.question for s in now.sets if s.asked and s.seen.question is not None),
        withheld=tuple(ledger.withheld),
        scores=scores,
        guidance=statements,
        references=numbered_references(cited),
        warnings=(
            *other_patient(entered, seen.patient, days),
            *now.warnings,
            *seen.warnings,
            *transitional(column),
            *fractions_of_one(entered),
            *old_and_recent(entered),
            *in_the_future(entered, days, provenance.created_at),
            *(say("L1 on CT: {doubt}", doubt=doubt) for doubt in (drawn.doubts if drawn else ())),
            *elsewhere(now),
        ),
        notes=(*(note for s in seen.landmarks for note in s.notes), *left_out(seen.skipped)),
        provenance=provenance,
    )


def _spines(now: Edited, ledger: Ledger) -> list[tuple[SpineLandmarks, EditedSet]]:
    """The landmarks of every image, with the vertebrae marked that must not serve as a reference.

    Those of the image that the reader chose go first.
    """
    case = now.case
    index, found = case.index_level, []
    for s in sorted(now.sets, key=lambda s: s.seen.id != now.image):
        if s.asked:
            continue
        on = "the radiograph" if s.seen.source.modality is Modality.RADIOGRAPH else s.seen.name
        for vertebra in sorted(s.vertebrae.values(), key=lambda v: s.levels[v.id].rank):
            if vertebra.withheld:
                level = s.levels[vertebra.id]
                ledger.withhold(say("landmarks on {on}", on=on), level, vertebra.withheld, BY_HAND)
                ledger.ungraded.append(
                    Ungraded(
                        level=level, reason=vertebra.withheld, image=s.seen.source.image, marrow=vertebra.seen.vague
                    )
                )
        for what, why, remedy in s.seen.withheld:
            ledger.withhold(what, None, why, remedy)
            if s.seen.source.modality is Modality.RADIOGRAPH:
                ledger.ungraded.append(Ungraded(level=None, reason=why, image=s.seen.source.image, marrow=True))
        spine = s.spine()
        if spine is not None:
            found.append((spine, s))
    told = {s.levels[v.id] for s in now.sets if not s.asked for v in s.vertebrae.values() if v.withheld}
    if found and index and index not in told and not any(index in spine for spine, _ in found):
        shown = joined(", ", dict.fromkeys(v.level for spine, _ in found for v in spine))
        ledger.withhold(
            "measurements of the index vertebra",
            index,
            say("it is not among the vertebrae that were marked ({shown})", shown=shown),
            Remedy(
                "Check which vertebra was named as fractured, and the level names of the label map or the landmarks.",
                RemedyCode.CHECK_THE_LEVELS,
            ),
        )
    marks = unfit_for_reference(case)
    return [
        (_with_posture(spine.marked([(at, why) for at, why in marks if at in spine]), case), s) for spine, s in found
    ]


def _with_posture(spine: SpineLandmarks, case: ClinicalCase) -> SpineLandmarks:
    """Landmarks on a radiograph whose file does not give the posture take it from the clinical file."""
    source = spine.vertebrae[0].source
    said = case.posture_radiograph
    if said is None or source.modality is not Modality.RADIOGRAPH or source.posture is not Posture.UNKNOWN:
        return spine
    held = replace(source, posture=Posture.LATERAL_DECUBITUS if said == "decubitus" else Posture(said))
    return replace(spine, vertebrae=tuple(replace(v, source=held) for v in spine))


def _outlines(s: EditedSet) -> dict[Level, Array]:
    return {s.levels[v.id]: _ring(v.seen) for v in s.vertebrae.values() if v.seen.outline and not v.withheld}


@kept
def _ring(vertebra: ObservedVertebra) -> Array:
    return np.asarray(vertebra.outline)


def _outside(case: ClinicalCase, apart: Collection[Level]) -> ClinicalCase:
    """The case without its index vertebra where that one is not to be classed."""
    return replace(case, index_level=None) if case.index_level in apart else case


def _signal(prepared: Mapping[Role, MarrowSeries], now: Edited, ledger: Ledger) -> SignalReading:
    """The signs of the whole spine, then edema, T2 pattern and cleft of every vertebra fractured or suspected."""
    case = now.case
    excluded = affected_levels(case)
    lesions = lesions_of(case)
    reading = read_signs(prepared, excluded, ledger, case.cemented_levels, lesions)
    overrule_recency(now, ledger, reading)
    wanted = dict.fromkeys((*case.fractured, *suspicious_levels(ledger.findings)))
    read_fractures(prepared, wanted, excluded, case.cemented_levels, ledger, reading)
    told_stale(now, ledger)
    tell_what_the_reader_set(prepared, ledger)
    overrule_signal(now, ledger, reading)
    fluid = fluid_of(prepared)
    if fluid is not None:
        ledger.findings += edema_beside_endplates(fluid, ledger.findings)
    return reading


def _since(now: Edited, spines: Sequence[SpineLandmarks], signal: SignalReading, ledger: Ledger) -> None:
    """What has changed since earlier visits, and what is told of cemented vertebrae."""
    case = now.case
    deformity, here = deformity_of(case, spines, now.chosen_image), signal.of(case.index_level)
    visit = Now(
        deformity=deformity,
        posture=posture_of(case, spines, deformity),
        bme_percent=here.bme_percent,
        cleft_suggested=here.cleft,
    )
    course(case, spines, visit, ledger)
    ledger.findings += tuple(cemented_bodies(case, ledger.findings, deformity))


def _findings(
    now: Edited, spines: Sequence[SpineLandmarks], signal: SignalReading, scores: Sequence[ScoreResult], ledger: Ledger
) -> AdviceInput:
    """What guidance looks at; the reader's own findings go before those measured."""
    case, seen = now.case, now.observations.series
    radiographs = [v.source for spine in spines for v in spine if v.source.modality is Modality.RADIOGRAPH]
    roles = [now.roles.get(s.uid, s.role) for s in seen]
    shown = [s.posture for s, role in zip(seen, roles, strict=True) if role is Role.RADIOGRAPH]
    postures = {*(s.posture for s in radiographs), *shown}
    here, deformity = signal.of(case.index_level), deformity_of(case, spines, now.chosen_image)
    return AdviceInput(
        case=case,
        index_level=case.index_level,
        scores={s.score: s for s in scores},
        vbq=signal.vbq,
        vbq_high=signal.vbq_high,
        recent=here.recent,
        bme_percent=here.bme_percent,
        vhl_percent=deformity.vhl_percent,
        vhl_sd=deformity.sd[0],
        local_kyphosis_deg=deformity.local_kyphosis_deg,
        kyphosis_sd=deformity.sd[1],
        t2_pattern=case.t2_pattern or (here.t2.told if here.t2 else None),
        cleft=case.cleft or here.cleft,
        sq_grade=ledger.first_grades.get(case.index_level) if case.index_level else None,
        posture_known=bool(postures - {Posture.UNKNOWN}),
        cemented_lower=any(isinstance(f.data, CementedBody) and f.data.state == "height lost" for f in ledger.findings),
        available=frozenset(role.value for role in roles if role is not Role.OTHER),
    )


def _summary(series: ObservedSeries, roles: Mapping[str, Role], drawn: L1Region | None) -> SeriesSummary:
    measured = (said(drawn),) if drawn is not None and drawn.samples.series == series.uid else ()
    return SeriesSummary(
        role=roles.get(series.uid, series.role),
        description=series.description,
        reasons=(*series.reasons, *measured),
        overridden=series.overridden or series.uid in roles,
        size=series.size,
        spacing_mm=series.spacing_mm,
        uid=series.uid,
        study_uid=series.study_uid,
        instances=series.instances,
        modality=series.modality,
        posture=series.posture,
        acquired_on=series.acquired_on,
    )
