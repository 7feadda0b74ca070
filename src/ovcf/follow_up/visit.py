"""One visit of a patient, and the values it gives, each with its error, image and posture."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import TYPE_CHECKING

from ovcf.assessment.findings.kinds import SqGrade, T2Signal
from ovcf.measures.shape.body_heights import ANTERIOR_HEIGHT, MIDDLE_HEIGHT, POSTERIOR_HEIGHT, WEDGE_RATIO
from ovcf.measures.shape.height import VERTEBRAL_HEIGHT_LOSS
from ovcf.measures.shape.kyphosis import LOCAL_KYPHOSIS_ANGLE
from ovcf.measures.signal.bone_quality import VBQ
from ovcf.measures.signal.edema import BONE_MARROW_EDEMA
from ovcf.units import Unit
from ovcf.vocabulary import Modality, Posture, T2Pattern, entered_posture

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ovcf.anatomy import Level
    from ovcf.assessment.result import Assessment
    from ovcf.measures.measurement import Measurement


class Quantity(StrEnum):
    """What is followed over visits."""

    HEIGHT_LOSS = "vertebral height loss"
    KYPHOSIS = "local kyphosis angle"
    ANTERIOR_HEIGHT = "anterior height"
    MIDDLE_HEIGHT = "middle height"
    POSTERIOR_HEIGHT = "posterior height"
    WEDGE_RATIO = "wedge ratio"
    EDEMA = "bone marrow edema"
    GRADE = "semiquantitative grade"
    VBQ = "vertebral bone quality"
    PAIN = "pain (VAS)"
    DISABILITY = "disability (ODI)"
    ANALGESICS = "analgesic class"


_BY_METHOD = {
    VERTEBRAL_HEIGHT_LOSS.id: Quantity.HEIGHT_LOSS,
    LOCAL_KYPHOSIS_ANGLE.id: Quantity.KYPHOSIS,
    ANTERIOR_HEIGHT.id: Quantity.ANTERIOR_HEIGHT,
    MIDDLE_HEIGHT.id: Quantity.MIDDLE_HEIGHT,
    POSTERIOR_HEIGHT.id: Quantity.POSTERIOR_HEIGHT,
    WEDGE_RATIO.id: Quantity.WEDGE_RATIO,
    BONE_MARROW_EDEMA.id: Quantity.EDEMA,
    VBQ.id: Quantity.VBQ,
}
SHAPE = frozenset(
    {
        Quantity.HEIGHT_LOSS,
        Quantity.KYPHOSIS,
        Quantity.ANTERIOR_HEIGHT,
        Quantity.MIDDLE_HEIGHT,
        Quantity.POSTERIOR_HEIGHT,
        Quantity.WEDGE_RATIO,
        Quantity.GRADE,
    }
)
"""What posture and projection change."""
OF_PATIENT = frozenset({Quantity.PAIN, Quantity.DISABILITY, Quantity.ANALGESICS, Quantity.VBQ})
"""What is not of one vertebra."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Value:
    """One value at one visit. ``level`` is None for what is not of one vertebra; ``sd`` where its error is known."""

    quantity: Quantity
    level: Level | None = None
    value: float
    unit: Unit
    sd: float | None = None
    posture: Posture = Posture.UNKNOWN
    modality: Modality = Modality.UNKNOWN
    by_hand: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Visit:
    """An assessment and its day. ``name`` is how the reader knows it (a file, a planned visit)."""

    name: str
    on: date | None
    assessment: Assessment
    signed: bool = False
    reported: tuple[Value, ...] = ()
    """What the patient answered at this visit, where that is kept apart from the clinical file."""

    def value(self, quantity: Quantity, level: Level | None, *, like: Value | None = None) -> Value | None:
        """The value of a quantity; of several, that of the image and posture of ``like``, else of a radiograph."""
        found = [v for v in values_of(self) if v.quantity is quantity and (quantity in OF_PATIENT or v.level == level)]
        if like is not None:
            found.sort(key=lambda v: (v.modality, v.posture) != (like.modality, like.posture))
        return found[0] if found else None

    def t2_pattern(self, level: Level | None) -> T2Pattern | None:
        """The T2 pattern of a vertebra, as read or entered."""
        seen = next(
            (f.data.pattern for f in self.assessment.findings if f.level == level and isinstance(f.data, T2Signal)),
            None,
        )
        case = self.assessment.case
        return case.t2_pattern if level == case.index_level and case.t2_pattern is not None else seen


def values_of(visit: Visit) -> Iterator[Value]:
    """Every value of a visit: what was entered by hand first, then radiographs before MRI."""
    case, index = visit.assessment.case, visit.assessment.index_level
    posture = entered_posture(case.posture_radiograph)
    yield from visit.reported
    by_hand = (
        (Quantity.HEIGHT_LOSS, case.vhl_percent, Unit.PERCENT),
        (Quantity.KYPHOSIS, case.local_kyphosis_deg, Unit.DEGREE),
        (Quantity.EDEMA, case.bme_percent, Unit.PERCENT),
    )
    for quantity, entered, unit in by_hand:
        if entered is not None:
            yield Value(
                quantity=quantity,
                level=index,
                value=entered,
                unit=unit,
                posture=posture,
                modality=Modality.RADIOGRAPH,
                by_hand=True,
            )
    for measured in sorted(visit.assessment.measurements, key=lambda m: m.source.modality is not Modality.RADIOGRAPH):
        if (known := _BY_METHOD.get(measured.method.id)) is not None:
            yield _value(known, measured)
    for finding in visit.assessment.findings:
        if isinstance(finding.data, SqGrade):
            yield Value(quantity=Quantity.GRADE, level=finding.level, value=finding.data.grade, unit=Unit.POINT)
    reported = (
        (Quantity.PAIN, case.vas, Unit.POINT),
        (Quantity.DISABILITY, case.odi, Unit.PERCENT),
        (Quantity.ANALGESICS, case.analgesic_class, Unit.POINT),
    )
    for quantity, answer, unit in reported:
        if answer is not None:
            yield Value(quantity=quantity, value=answer, unit=unit, by_hand=True)


def _value(quantity: Quantity, measured: Measurement) -> Value:
    source = measured.source
    return Value(
        quantity=quantity,
        level=None if quantity in OF_PATIENT else measured.index_level,
        value=measured.value,
        unit=measured.unit,
        sd=measured.standard_uncertainty,
        posture=source.posture,
        modality=source.modality,
    )
