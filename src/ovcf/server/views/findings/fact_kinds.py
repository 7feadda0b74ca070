"""What a reader may say of a vertebra in place of what was measured: the names, words and limits of each finding."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from ovcf.assessment.findings.kinds import CleftSign, OfSuggestion, PosteriorWall, RecencySign, SqGrade, T2Signal
from ovcf.language.worded import Words, say
from ovcf.measures.shape.height import VERTEBRAL_HEIGHT_LOSS
from ovcf.measures.shape.kyphosis import LOCAL_KYPHOSIS_ANGLE
from ovcf.measures.signal.bone_quality import VBQ
from ovcf.measures.signal.edema import BONE_MARROW_EDEMA
from ovcf.reading.editing.edits import FindingName
from ovcf.render.words.wording import decimal
from ovcf.vocabulary import Cleft, FractureType, OfClass, T2Pattern

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

Value = str | float | bool | None


@dataclass(frozen=True, slots=True)
class Option:
    """What a reader may say, and how it reads."""

    value: Value
    label: Words


@dataclass(frozen=True, slots=True)
class Number:
    """A number that may be given: from ``low`` to ``high``, with its unit."""

    low: float
    high: float
    unit: str


@dataclass(frozen=True, slots=True, kw_only=True)
class FactKind:
    """A finding that the reader's own word goes before: chosen among ``options``, or given as a ``number``.

    ``of_index`` tells that it is judged of the assessed fracture alone.
    """

    finding: FindingName
    label: Words
    of_index: bool = True
    options: tuple[Option, ...] = ()
    number: Number | None = None


def _options(words: Iterable[str]) -> tuple[Option, ...]:
    return tuple(Option(str(word), str(word)) for word in words)


CANNOT_TELL = Option(None, "cannot tell")
_INTACT = (Option(True, "fractured"), Option(False, "intact"), CANNOT_TELL)
_WALL = (Option(0.0, "not involved"), Option(0.1, "less than 1/5"), Option(0.2, "1/5 or more"), CANNOT_TELL)
_GRADES = (*(Option(float(grade), say("grade {grade}", grade=grade)) for grade in range(4)), CANNOT_TELL)
_RECENT = (Option(True, "recent"), Option(False, "not recent"), CANNOT_TELL)

FACT_KINDS: tuple[FactKind, ...] = (
    FactKind(finding="fracture_type", label="Fracture type", options=(*_options(FractureType), CANNOT_TELL)),
    FactKind(finding="recent", label="Recent", of_index=False, options=_RECENT),
    FactKind(finding="sq_grade", label="Genant grade", of_index=False, options=_GRADES),
    FactKind(finding="of_class", label="OF class", options=(*_options(OfClass), CANNOT_TELL)),
    FactKind(finding="vhl_percent", label="Height loss", number=Number(-50, 100, "%")),
    FactKind(finding="local_kyphosis_deg", label="Local kyphosis", number=Number(-60, 90, "°")),
    FactKind(
        finding="t2_pattern", label="T2 signal pattern", of_index=False, options=(*_options(T2Pattern), CANNOT_TELL)
    ),
    FactKind(finding="bme_percent", label="Edema, share of the body", of_index=False, number=Number(0, 100, "%")),
    FactKind(finding="cleft", label="Cleft", of_index=False, options=(*_options(Cleft), CANNOT_TELL)),
    FactKind(finding="superior_endplate", label="Superior endplate", options=_INTACT),
    FactKind(finding="inferior_endplate", label="Inferior endplate", options=_INTACT),
    FactKind(finding="posterior_wall_fraction", label="Posterior wall", options=_WALL),
    FactKind(finding="vbq", label="VBQ of the spine", number=Number(0, 20, "")),
)


BESIDE: Mapping[str, type | str] = {
    "recent": RecencySign,
    "sq_grade": SqGrade,
    "of_class": OfSuggestion,
    "vhl_percent": VERTEBRAL_HEIGHT_LOSS.id,
    "local_kyphosis_deg": LOCAL_KYPHOSIS_ANGLE.id,
    "t2_pattern": T2Signal,
    "bme_percent": BONE_MARROW_EDEMA.id,
    "cleft": CleftSign,
    "superior_endplate": "superior_endplate",
    "inferior_endplate": "inferior_endplate",
    "posterior_wall_fraction": PosteriorWall,
    "vbq": VBQ.id,
}
"""What stands beside the reader's word: the kind of a finding, the method of a measurement, or one of the endplates."""


def said_words(finding: FindingName, value: Value) -> str:
    """What a reader said, in words: ``T2 signal pattern: diffuse low``."""
    kind = next(k for k in FACT_KINDS if k.finding == finding)
    if value is None:
        return say("{label}: {label_2}", label=kind.label, label_2=CANNOT_TELL.label)
    if kind.number is not None and isinstance(value, int | float):
        return say("{label}: {float}{unit}", label=kind.label, float=decimal(float(value), 1), unit=kind.number.unit)
    return say(
        "{label}: {next}", label=kind.label, next=next((o.label for o in kind.options if o.value == value), value)
    )
