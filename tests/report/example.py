"""An assessment put together by hand: the printed findings of HAN 2025, Fig. 5, on landmark vector B."""

from dataclasses import replace

import numpy as np

from ovcf.anatomy import STANDARD_COLUMN, Level
from ovcf.assessment.findings.finding import Finding
from ovcf.assessment.findings.kinds import SqGrade, T2Signal
from ovcf.assessment.result import Assessment, Provenance, Reference, SeriesSummary, Withheld
from ovcf.clinical.case import ClinicalCase
from ovcf.errors import Remedy
from ovcf.guidance.evidence import Mark
from ovcf.guidance.statement import Answer, Criterion, Statement, Urgency
from ovcf.imaging.study import Role
from ovcf.landmarks import Source, SpineLandmarks, VertebraLandmarks
from ovcf.measures.measurement import Measurement, Method
from ovcf.measures.shape.height import VERTEBRAL_HEIGHT_LOSS
from ovcf.measures.shape.kyphosis import LOCAL_KYPHOSIS_ANGLE, WEDGE_ANGLE
from ovcf.report.pictures import figures_of
from ovcf.scores.result import ScoreItem, ScoreResult, Status
from ovcf.units import Unit
from ovcf.vocabulary import FractureShape, Modality, Posture, T2Pattern
from ovcf.workflow.draft import Draft
from ovcf.workflow.slice_view import View
from tests.vectors import TV3

RADIOGRAPH = Source(
    modality=Modality.RADIOGRAPH,
    posture=Posture.STANDING,
    placed_by="reader HAN-1",
    image="lateral radiograph",
    acquired_on="2020-03-02",
)
MRI = Source(modality=Modality.MR, posture=Posture.SUPINE, placed_by="label map bodies.nii.gz", image="sagittal T2")
TRIPLE = (Level.T10, Level.T11, Level.T12)
EDEMA = Method("bme-percent", "Bone marrow edema (BME)", "100 x edema area / body area", ("nagao-2025",))


def measured(method, value, unit, u, levels, source=RADIOGRAPH, **more):
    return Measurement(
        method=method, value=value, unit=unit, standard_uncertainty=u, levels=levels, source=source, **more
    )


SPINE = SpineLandmarks(
    vertebrae=tuple(
        VertebraLandmarks.from_array(level, points, sd=0.5, source=RADIOGRAPH)
        for level, points in zip(TRIPLE, TV3["B"], strict=True)
    )
)
NASOVCF = ScoreResult(
    score="NASOVCF",
    version="Han 2025",
    status=Status.COMPLETE,
    items=(
        ScoreItem("Fracture type", "compression", 0.0, (0.0, 2.0)),
        ScoreItem("Vertebral height loss", "17.8% (at least 15%)", 2.0, (0.0, 2.0)),
        ScoreItem("Local kyphosis angle", "19.6° (at least 15°)", 2.0, (0.0, 2.0)),
        ScoreItem("T2 signal", "diffuse low", 2.0, (0.0, 2.0)),
        ScoreItem("Bone mineral density T-score", "−3.6 (at most −3.5)", 4.0, (0.0, 2.0, 4.0), "L1-L4 by DXA"),
    ),
    total=10.0,
    group="high",
    total_probability=((6.0, 0.004), (8.0, 0.127), (10.0, 0.869), (12.0, 0.0)),
    group_probability=(("low", 0.0), ("medium", 0.0), ("high", 1.0)),
    advisories=("The maximum is 12 points: the printed item maxima sum to 12.",),
    evidence=("han-2025",),
)
INCOMPLETE = replace(
    NASOVCF,
    status=Status.INCOMPLETE,
    items=(*NASOVCF.items[:3], ScoreItem("T2 signal", "not known", None, (0.0, 2.0)), NASOVCF.items[4]),
    total=None,
    group=None,
    attainable=(8.0, 10.0),
    attainable_groups=("high",),
    missing=("T2 signal",),
    total_probability=(),
    group_probability=(),
)
OF_SCORE = ScoreResult(
    score="OF score",
    version="2018",
    status=Status.INCOMPLETE,
    items=(
        ScoreItem("OF class", "OF 2", 4.0, (2.0, 4.0, 6.0, 8.0, 10.0)),
        ScoreItem("Pain", "not known", None, (-1.0, 1.0)),
    ),
    attainable=(3.0, 5.0),
    attainable_groups=("conservative",),
    missing=("Pain on a 0-10 scale",),
    evidence=("of-2018",),
)
GUIDANCE = (
    Statement(
        id="neurology",
        topic="Urgent",
        urgency=Urgency.EMERGENCY,
        text="New leg weakness: consider emergency MRI and a spine surgeon's opinion today.",
        evidence=("unc-case",),
    ),
    Statement(
        id="han-rates",
        topic="Expected course",
        urgency=Urgency.INFORMATION,
        text="In the high group, 24 of 63 patients (38.1%, 95% CI 27.1 to 50.4%) had non-union at 6 months.",
        evidence=("han-2025",),
    ),
    Statement(
        id="kyphoplasty",
        topic="Augmentation",
        urgency=Urgency.ADVICE,
        text="Consider kyphoplasty only when every criterion of the teaching case is met.",
        evidence=("unc-case",),
        criteria=(
            Criterion("Pain is severe", Answer.MET, "VAS 8 of 10"),
            Criterion("No neurological deficit", Answer.NOT_MET, "leg weakness"),
            Criterion("Failed conservative care", Answer.UNKNOWN, "duration of treatment is not given"),
        ),
    ),
    Statement(
        id="nice",
        topic="Augmentation: positions",
        urgency=Urgency.INFORMATION,
        text="NICE: consider for severe ongoing pain after a recent unhealed fracture.",
        evidence=("nice-2013",),
    ),
    Statement(
        id="aaos",
        topic="Augmentation: positions",
        urgency=Urgency.INFORMATION,
        text="AAOS: recommends against vertebroplasty in neurologically intact patients.",
        evidence=("aaos-2010",),
    ),
)
REFERENCES = (
    Reference(1, "unc-case", "Teaching case on vertebral compression fractures, slides.", "", Mark.READ),
    Reference(
        2,
        "han-2025",
        "Han W, Deng Z, Lin Z, Luo J, Xu J. A novel assessment system for osteoporotic vertebral "
        "compression fractures. Sci Rep 2025;15:16791.",
        "10.1038/s41598-025-01839-w",
        Mark.READ,
    ),
    Reference(3, "nagao-2025", "Nagao et al. 2025.", "", Mark.SECONDARY),
    Reference(4, "nice-2013", "NICE. Technology appraisal TA279. 2013.", "", Mark.READ),
    Reference(5, "aaos-2010", "AAOS. Guideline on spinal compression fractures. 2010.", "", Mark.READ),
    Reference(6, "of-2018", "OF classification and score. Global Spine J 2018.", "", Mark.DERIVED),
)
ASSESSMENT = Assessment(
    case=ClinicalCase(patient_id="HAN Fig. 5", age_years=71.0, t_score=-3.6, index_level=Level.T11),
    index_level=Level.T11,
    column=STANDARD_COLUMN,
    series=(
        SeriesSummary(Role.RADIOGRAPH, "LAT spine", ("modality DX", "view LL"), False, (2048, 1024), (0.15, 0.15)),
        SeriesSummary(Role.T2, "t2_tse", ("sagittal by geometry",), True, (15, 384, 384), (4.4, 0.78, 0.78)),
    ),
    landmarks=(SPINE,),
    measurements=(
        measured(VERTEBRAL_HEIGHT_LOSS, 17.8, Unit.PERCENT, 2.1, TRIPLE, details=(("a [mm]", 20.0), ("b [mm]", 26.4))),
        measured(LOCAL_KYPHOSIS_ANGLE, 19.6, Unit.DEGREE, 1.4, TRIPLE),
        measured(WEDGE_ANGLE, 14.04, Unit.DEGREE, None, (Level.T11,), warnings=("landmark SD unknown",)),
        measured(WEDGE_ANGLE, -0.02, Unit.DEGREE, 0.9, (Level.T10,)),
        measured(WEDGE_ANGLE, 4.3, Unit.DEGREE, 0.9, (Level.T12,)),
        measured(EDEMA, 63.2, Unit.PERCENT, 4.0, (Level.T11,), source=MRI),
    ),
    findings=(
        Finding(
            level=Level.T11,
            sources=(MRI,),
            evidence=("han-2025",),
            reasons=("low-signal area 71% of the body",),
            data=T2Signal(
                pattern=T2Pattern.DIFFUSE_LOW,
                probability=((T2Pattern.DIFFUSE_LOW, 0.94), (T2Pattern.CONFINED_LOW, 0.06)),
            ),
        ),
        Finding(
            level=Level.T11,
            evidence=("unc-case",),
            data=SqGrade(grade=2, shape=FractureShape.WEDGE, probability=((2, 0.8), (1, 0.2))),
        ),
        Finding(level=Level.T12, evidence=("unc-case",), data=SqGrade(grade=0)),
    ),
    withheld=(
        Withheld("VBQ", None, "no T1 series", Remedy("Add the sagittal T1.")),
        Withheld("Cleft", Level.T11, "no CT and no STIR"),
    ),
    scores=(NASOVCF, OF_SCORE),
    guidance=GUIDANCE,
    references=REFERENCES,
    notes=("One slice left out: no position.",),
    provenance=Provenance(
        "ovcf 0.1.0",
        "2025-05-14T09:30:00+00:00",
        "ovcf assess study --clinical case.toml --out report",
        (
            ("study/IM0001.dcm", "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"),
            ("case.toml", "60303ae22b998861bce3b28f33eec1be758a213c86c93c076dbe9f558c11c752"),
        ),
        (("edema threshold", "2 SD"),),
    ),
)


def picture():
    """Synthetic pixels around SPINE: bright bodies on a gradient, with a mask over part of the fractured one."""
    x, y = np.meshgrid(np.arange(-45, 95, 0.7), np.arange(-60, 110, 0.7))
    pixels = 200 + 60 * np.sin(x / 17) * np.cos(y / 23) + np.random.default_rng(5).normal(0, 12, x.shape)
    for vertebra in SPINE:
        sa, sp, ia, ip = vertebra.array[:4]
        along = np.clip((x - sa[0]) / (sp[0] - sa[0]), 0, 1)
        inside = (x > sa[0]) & (x < sp[0]) & (y > sa[1] + along * (sp - sa)[1]) & (y < ia[1] + along * (ip - ia)[1])
        pixels[inside] += 350
    mask = (np.hypot(x - 15, y - 20) < 9) & (pixels > 400)
    return pixels, (-45.0, -60.0), (0.7, 0.7), mask


def view(**more):
    """The synthetic pixels as a standing radiograph with its landmarks."""
    pixels, origin, spacing, _ = picture()
    of = {
        "title": "lateral radiograph",
        "caption": "",
        "pixels": pixels,
        "origin": origin,
        "spacing": spacing,
        "spine": SPINE,
        "image": RADIOGRAPH.image,
        "role": Role.RADIOGRAPH,
        "modality": Modality.RADIOGRAPH,
        "posture": Posture.STANDING,
    }
    return View(**(of | more))


def mri(role, image, **more):
    """The same pixels and landmarks as a supine MRI, with the mask over part of the fractured body."""
    of = {"role": role, "image": image, "modality": Modality.MR, "posture": Posture.SUPINE, "overlay": picture()[3]}
    return view(**(of | more))


def figures():
    """Every kind of picture: panels of page one, overviews, clean and marked copies."""
    views = (view(), mri(Role.T1, "sagittal T1", overlay=None), mri(Role.STIR, "sagittal STIR"))
    return figures_of(Draft(ASSESSMENT, None, views))
