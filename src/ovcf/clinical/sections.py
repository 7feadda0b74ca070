"""Parts of the clinical file around the fracture: how far readers differ, secondary prevention, suspicion, collapse.

None always means "not known". Times are weeks from the fracture, so that no date is kept.
"""

from __future__ import annotations

from dataclasses import dataclass, field, fields
from typing import Any, Literal

from ovcf.clinical.flags import about
from ovcf.clinical.number import parse_decimal


def _checked(section: Any, name: str) -> None:
    for f in fields(section):
        value = getattr(section, f.name)
        if value is not None and "ge" in f.metadata:
            parse_decimal(value, field=f"{name}, {f.name}", low=f.metadata["ge"], high=f.metadata["le"])


@dataclass(frozen=True, slots=True, kw_only=True)
class Readers:
    """How far the readers of this site differ, from its own reliability study; it stands in place of published errors.

    Raises:
        ClinicalDataError: a value outside its range.
    """

    vhl_sem_percent: float | None = field(
        default=None,
        metadata=about("Standard error of one height loss (HAN) between your readers, percent", low=0, high=100),
    )
    kyphosis_sem_deg: float | None = field(
        default=None,
        metadata=about(
            "Standard error of one local kyphosis angle (HAN) between your readers, degrees", low=0, high=90
        ),
    )
    study: str | None = field(default=None, metadata=about("Which reliability study these are from"))

    def __post_init__(self) -> None:
        _checked(self, "readers")


@dataclass(frozen=True, slots=True, kw_only=True)
class Prevention:
    """What was done against the next fracture, in weeks after this one, as the IOF's patient indicators ask.

    Raises:
        ClinicalDataError: a value outside its range.
    """

    risk_assessed_weeks: float | None = field(
        default=None, metadata=about("Weeks from the fracture to the assessment of fracture risk", low=0, high=520)
    )
    dxa_weeks: float | None = field(default=None, metadata=about("Weeks from the fracture to the DXA", low=0, high=520))
    falls_assessed: bool | None = field(default=None, metadata=about("Whether the risk of falls was assessed"))
    drug_recommended: bool | None = field(default=None, metadata=about("Whether an osteoporosis drug was recommended"))
    exercise_weeks: float | None = field(
        default=None, metadata=about("Weeks from the fracture to strength and balance exercise", low=0, high=520)
    )
    monitored_weeks: float | None = field(
        default=None, metadata=about("Weeks from the fracture to the first follow-up of its treatment", low=0, high=520)
    )
    drug_started_weeks: float | None = field(
        default=None,
        metadata=about("Weeks from the fracture to the first dose of an osteoporosis drug", low=0, high=520),
    )
    on_drug_at_52_weeks: bool | None = field(
        default=None, metadata=about("Whether an osteoporosis drug is prescribed 52 weeks after the fracture")
    )
    t_score_lumbar_spine: float | None = field(
        default=None, metadata=about("T-score of the lumbar spine for NOGG's adjustment of FRAX", low=-8, high=6)
    )
    t_score_femoral_neck: float | None = field(
        default=None, metadata=about("T-score of the femoral neck, as FRAX was given it", low=-8, high=6)
    )

    def __post_init__(self) -> None:
        _checked(self, "prevention")


@dataclass(frozen=True, slots=True, kw_only=True)
class Collapse:
    """Findings of the OVF-CTPS, which are recorded and not scored: its points are not public."""

    sugita_shape: Literal["swelled-front", "bow-shaped", "projecting", "concave", "dented"] | None = field(
        default=None, metadata=about("Sugita's shape on the first lateral radiograph")
    )
    collapse_on_standing: bool | None = field(
        default=None, metadata=about("Whether the body collapses further on a standing radiograph")
    )
    posterior_wall_injury: bool | None = field(default=None, metadata=about("Whether the posterior wall is injured"))
    stir_line: bool | None = field(default=None, metadata=about("Whether STIR shows a line in the body"))
    basivertebral_foramen: bool | None = field(
        default=None, metadata=about("Whether the fracture reaches the basivertebral foramen")
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class SeveralFractures:
    """What ASTLOF counts where several vertebrae are fractured.

    Raises:
        ClinicalDataError: a count outside its range.
    """

    compression: int | None = field(
        default=None, metadata=about("How many vertebrae have a compression fracture", low=0, high=8)
    )
    burst: int | None = field(default=None, metadata=about("How many have a burst fracture", low=0, high=8))
    long_signal: int | None = field(
        default=None, metadata=about("How many have long T1 and T2 signal (low on T1, high on T2)", low=0, high=8)
    )
    cleft: int | None = field(
        default=None,
        metadata=about("How many hold a vacuum or an effusion; each counts here, not above", low=0, high=8),
    )
    pain: Literal["no obvious pain", "back or low back pain", "sustained pain or cord injury"] | None = field(
        default=None, metadata=about("Pain, in the words of ASTLOF")
    )

    def __post_init__(self) -> None:
        _checked(self, "several_fractures")


@dataclass(frozen=True, slots=True, kw_only=True)
class BeforeAugmentation:
    """What the AVA score asks before a vertebral augmentation.

    Raises:
        ClinicalDataError: a value outside its range.
    """

    instability_mm: float | None = field(
        default=None,
        metadata=about(
            "Intravertebral instability, mm; the abstract of AVA does not say how to measure it", low=0, high=50
        ),
    )
    focal_kyphosis_deg: float | None = field(
        default=None, metadata=about("Focal kyphosis, degrees; not HAN's local kyphosis angle", low=-90, high=120)
    )
    previous_fracture: bool | None = field(
        default=None, metadata=about("Whether there was a vertebral fracture before this one")
    )
    single_level: bool | None = field(default=None, metadata=about("Whether one level alone is to be augmented"))

    def __post_init__(self) -> None:
        _checked(self, "before_augmentation")


def _loss(level: str) -> Any:
    return field(
        default=None,
        metadata=about(f"Height loss of {level} on a radiograph, percent; 0 without a fracture", low=0, high=100),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class HeightLosses:
    """Height loss of every vertebra from T4 to L5 as the reader sees it, for OVFss, OLVFss and the ESSR's rule.

    Raises:
        ClinicalDataError: a value outside 0 to 100.
    """

    t4: float | None = _loss("T4")
    t5: float | None = _loss("T5")
    t6: float | None = _loss("T6")
    t7: float | None = _loss("T7")
    t8: float | None = _loss("T8")
    t9: float | None = _loss("T9")
    t10: float | None = _loss("T10")
    t11: float | None = _loss("T11")
    t12: float | None = _loss("T12")
    l1: float | None = _loss("L1")
    l2: float | None = _loss("L2")
    l3: float | None = _loss("L3")
    l4: float | None = _loss("L4")
    l5: float | None = _loss("L5")
    others_sound: bool | None = field(
        default=None,
        metadata=about("Whether every vertebra from T4 to L5 that is not entered was seen and is not fractured"),
    )

    def __post_init__(self) -> None:
        _checked(self, "height_losses")
