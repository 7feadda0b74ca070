"""The whole line for one study: images, bodies, landmarks and clinical facts in, a cited assessment out."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import PurePath
from typing import TYPE_CHECKING

from ovcf.anatomy import STANDARD_COLUMN
from ovcf.assessment.by_landmarks import measure_landmarks
from ovcf.assessment.by_outline import edema_beside_endplates, suggest_classes
from ovcf.assessment.by_signal import SignalReading, edema_map, prepare, read_signal
from ovcf.assessment.doubts import doubtful_neighbours, left_out, misplaced_on, other_patient, transitional
from ovcf.assessment.labelled import LabelledImage, label_image, labelled_for
from ovcf.assessment.ledger import Ledger
from ovcf.assessment.on_radiograph import placed_on
from ovcf.assessment.references import numbered_references
from ovcf.assessment.result import VERTEBRAL_BODIES, Assessment, Provenance, SeriesSummary
from ovcf.assessment.scoring import classify, score
from ovcf.assessment.suggest import suggested_fractures, suspicious_levels
from ovcf.assessment.view import View, view_of
from ovcf.errors import OvcfError
from ovcf.guidance.advise import advise
from ovcf.guidance.findings import Findings
from ovcf.imaging.one_time import of_one_time
from ovcf.imaging.study import Role
from ovcf.imaging.volume import Volume
from ovcf.landmarks import Modality, Posture, SpineLandmarks
from ovcf.segmentation.landmarks_from_bodies import off_plane

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from ovcf.anatomy import Level
    from ovcf.clinical.case import ClinicalCase
    from ovcf.imaging.study import Series, Study
    from ovcf.scores.result import ScoreResult
    from ovcf.segmentation.label_map import VertebralBodies
    from ovcf.segmentation.radiograph import RadiographReading

_MARROW_ROLES = (Role.T1, Role.T2, Role.STIR, Role.FS_T2)
_BY_HAND = "Where you can see it well enough, place its six points (--landmarks) or draw it (--labels)."


@dataclass(frozen=True, slots=True, eq=False)
class Draft:
    """An assessment nobody has confirmed yet, and the pictures to judge it by."""

    assessment: Assessment
    views: tuple[View, ...]


def draft(
    study: Study,
    case: ClinicalCase,
    *,
    bodies: Sequence[VertebralBodies] = (),
    landmarks: SpineLandmarks | None = None,
    unseen: OvcfError | None = None,
    doubts: Sequence[str] = (),
    radiograph: RadiographReading | OvcfError | None = None,
    provenance: Provenance,
) -> Draft:
    """Assess one study.

    ``landmarks`` come from a reader (usually on the radiograph, as HAN measured) and go before those derived from
    ``bodies``. The index vertebra is the one the case names; it is never chosen here. ``unseen`` is why an engine
    that was to find the bodies did not, ``doubts`` what it found wrong with the images.
    ``radiograph`` is what the model read there, or why it did not; it comes last, as no radiograph of a patient with
    known landmarks was at hand to verify it on.

    Raises:
        OvcfError: the label map belongs to other images. What merely cannot be measured is listed as withheld.
    """
    study = of_one_time(study)
    ledger = Ledger()
    notes: list[str] = []
    labelled = [label_image(b, study) for b in bodies]
    beside = misplaced_on(study, labelled)
    index = case.index_level
    if index is None:
        ledger.withhold(
            "scores of the index vertebra", None, "no index vertebra is named",
            "Name the fractured vertebra: --fracture L1, or index_level in the clinical file.",
        )  # fmt: skip
    spines = _spines(landmarks, labelled, radiograph, case, ledger, notes)
    if not labelled and not spines:
        ledger.withhold(
            VERTEBRAL_BODIES, None,
            f"{unseen.where}: {unseen.problem}" if unseen else "neither a label map nor landmarks were given",
            unseen.remedy if unseen else "Give --labels, or six points per vertebra with --landmarks.",
        )  # fmt: skip
    for spine in spines:
        measure_landmarks(spine, case, ledger, index)
    signal, overlay = _signal(
        study, labelled, case, ledger, {uid: found.why for uid, found in beside.items() if found.sure}
    )
    named = [level for level, _ in unfit_for_reference(case)]
    suggest_classes(labelled, suspicious_levels(ledger.findings), named, case, ledger)
    suggested = suggested_fractures(ledger.findings)
    if index is not None and spines:
        ledger.findings += doubtful_neighbours(index, spines[0].column, suggested, named)
    scores = score(case, spines, signal)
    ledger.findings += classify(case, ledger.first_grades, signal)
    statements = advise(_findings(study, case, spines, signal, scores, ledger))
    cited = [
        *(s.evidence for s in statements),
        *(s.evidence for s in scores),
        *(f.evidence for f in ledger.findings),
        *(m.method.evidence for m in ledger.measurements),
    ]
    column = spines[0].column if spines else STANDARD_COLUMN
    assessment = Assessment(
        case=case,
        index_level=index,
        column=column,
        series=tuple(_summary(s) for s in study.series),
        landmarks=tuple(spines),
        measurements=tuple(ledger.measurements),
        findings=tuple(ledger.findings),
        suggested_fractures=suggested,
        withheld=tuple(ledger.withheld),
        scores=scores,
        guidance=statements,
        references=numbered_references(cited),
        warnings=(
            *study.doubts,
            *(found.why for found in beside.values()),
            *other_patient(case, study.patient),
            *transitional(column),
            *doubts,
        ),
        notes=(*notes, *left_out(study.skipped)),
        provenance=provenance,
    )
    return Draft(assessment, _views(study, labelled, spines, overlay))


def _spines(
    landmarks: SpineLandmarks | None, labelled: Sequence[LabelledImage],
    radiograph: RadiographReading | OvcfError | None, case: ClinicalCase, ledger: Ledger, notes: list[str],
) -> list[SpineLandmarks]:  # fmt: skip
    """Every set of landmarks, the reader's first, with the vertebrae marked that must not serve as a reference."""
    spines = [] if landmarks is None else [landmarks]
    for image in labelled:
        name = PurePath(image.bodies.name).name
        notes += (f"{name}, {level}: {why}" for level, why in off_plane(image.bodies, image.plane))
        notes += (f"{name}: {note}" for note in image.bodies.notes)
        for level, why in image.withheld:
            ledger.withhold(f"landmarks on {name}", level, why, _BY_HAND)
        if image.spine is None:
            ledger.withhold(
                "landmarks", None, f"{name} shows discs, not vertebral bodies",
                "Give a label map of vertebral bodies, or landmarks.",
            )  # fmt: skip
        elif image.spine.vertebrae:
            spines.append(image.spine)
    if isinstance(radiograph, OvcfError):
        ledger.withhold(
            "landmarks on the radiograph", None, f"{radiograph.where}: {radiograph.problem}", radiograph.remedy
        )
    elif radiograph is not None:
        notes += (f"{radiograph.series.description or 'radiograph'}: {note}" for note in radiograph.notes)
        for at, why in radiograph.withheld:
            ledger.withhold("landmarks on the radiograph", at, why, _BY_HAND)
        spines += [radiograph.spine] if radiograph.spine.vertebrae else []
    index = case.index_level
    if spines and index and not any(index in s for s in spines) and index not in _named_as_withheld(labelled):
        shown = ", ".join(dict.fromkeys(v.level for spine in spines for v in spine))
        ledger.withhold(
            "measurements of the index vertebra", index, f"it is not among the vertebrae that were marked ({shown})",
            "Check --fracture, the level names of the label map (--level) or of the landmarks.",
        )  # fmt: skip
    marks = unfit_for_reference(case)
    return [_held(spine.marked([(at, why) for at, why in marks if at in spine]), case) for spine in spines]


def _named_as_withheld(labelled: Sequence[LabelledImage]) -> set[Level]:
    return {level for image in labelled for level, _ in image.withheld}


def _held(spine: SpineLandmarks, case: ClinicalCase) -> SpineLandmarks:
    """Landmarks on a radiograph whose file does not give the posture take it from the clinical file."""
    source = spine.vertebrae[0].source
    said = case.posture_radiograph
    if said is None or source.modality is not Modality.RADIOGRAPH or source.posture is not Posture.UNKNOWN:
        return spine
    held = replace(source, posture=Posture.LATERAL_DECUBITUS if said == "decubitus" else Posture(said))
    return replace(spine, vertebrae=tuple(replace(v, source=held) for v in spine))


def unfit_for_reference(case: ClinicalCase) -> list[tuple[Level, str]]:
    """Vertebrae that the case names as fractured, cemented, instrumented or diseased, with the reason."""
    named = (
        ((case.index_level,) if case.index_level else (), "the index fracture"),
        (case.other_fractures, "fractured"),
        (case.old_fractures, "fractured (old)"),
        (case.cemented_levels, "cemented"),
        (case.instrumented_levels, "instrumented"),
    )
    return [(level, why) for levels, why in named for level in levels]


def _signal(
    study: Study, labelled: Sequence[LabelledImage], case: ClinicalCase, ledger: Ledger, beside: Mapping[str, str]
) -> tuple[SignalReading, tuple[str, Volume] | None]:
    """Marrow signal of every MR series with bodies, and the edema map with the uid of its series.

    A series whose uid is in ``beside`` shows its bodies elsewhere than they are drawn: nothing is read from it.
    """
    excluded = [level for level, _ in unfit_for_reference(case)] + list(case.focal_lesions)
    prepared = {}
    for role in _MARROW_ROLES:
        series = study.get(role)
        if series is None:
            continue
        image = labelled_for(series, labelled)
        if image is None:
            ledger.withhold(
                f"marrow signal on {role.value}", None, f"no label map covers {series.description}",
                "Give --labels for it, or for another series of the same position.",
            )  # fmt: skip
            continue
        if series.uid in beside:
            ledger.withhold(
                f"marrow signal on {role.value}", None, beside[series.uid],
                "Give the label map of this patient and image, with the image's own position.",
            )  # fmt: skip
            continue
        try:
            prepared[role] = prepare(series, image, excluded)
        except OvcfError as error:
            ledger.withhold(f"marrow signal on {role.value}", None, f"{error.where}: {error.problem}", error.remedy)
    index = case.index_level
    reading = read_signal(prepared, index, excluded, case.cemented_levels, ledger)
    fluid = prepared.get(Role.STIR) or prepared.get(Role.FS_T2)
    if fluid is not None:
        ledger.findings += edema_beside_endplates(fluid, ledger.findings)
    if fluid is None or index is None or reading.bme_percent is None:
        return reading, None
    return reading, (fluid.series.uid, edema_map(fluid, index))


def _findings(
    study: Study, case: ClinicalCase, spines: Sequence[SpineLandmarks], signal: SignalReading,
    scores: Sequence[ScoreResult], ledger: Ledger,
) -> Findings:  # fmt: skip
    """What guidance looks at; the reader's own findings go before those measured."""
    radiographs = [v.source for spine in spines for v in spine if v.source.modality is Modality.RADIOGRAPH]
    postures = {*(s.posture for s in radiographs), *(s.posture for s in study.all(Role.RADIOGRAPH))}
    return Findings(
        case=case,
        index_level=case.index_level,
        scores={s.score: s for s in scores},
        vbq=signal.vbq,
        vbq_high=signal.vbq_high,
        recent=signal.recent,
        bme_percent=signal.bme_percent,
        t2_pattern=case.t2_pattern or (signal.t2.pattern.value if signal.t2 else None),
        cleft=case.cleft or signal.cleft,
        sq_grade=ledger.first_grades.get(case.index_level) if case.index_level else None,
        posture_known=bool(postures - {Posture.UNKNOWN}),
        available=frozenset(s.role.value for s in study.series if s.role is not Role.OTHER),
    )


def _summary(series: Series) -> SeriesSummary:
    image = series.image
    return SeriesSummary(
        role=series.role.value,
        description=series.description,
        reasons=series.reasons,
        overridden=series.overridden,
        size=image.voxels.shape if isinstance(image, Volume) else image.pixels.shape,
        spacing_mm=image.spacing_mm or (),
        uid=series.uid,
    )


def _views(
    study: Study, labelled: Sequence[LabelledImage], spines: Sequence[SpineLandmarks],
    overlay: tuple[str, Volume] | None,
) -> tuple[View, ...]:  # fmt: skip
    """A picture of each series that was read for something, with the landmarks that were used on it."""
    views = []
    for series in study.series:
        image = labelled_for(series, labelled) if isinstance(series.image, Volume) else None
        if series.role is Role.OTHER and image is None:
            continue
        edema = overlay[1] if overlay and overlay[0] == series.uid else None
        placed = next((spine for spine in spines if placed_on(series, spine)), None)
        views.append(view_of(series, image, edema, placed))
    return tuple(views)
