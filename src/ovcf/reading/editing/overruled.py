"""Findings as a reader sees them, in place of those that were measured."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ovcf.assessment.findings.finding import Finding
from ovcf.assessment.findings.kinds import BoneQuality, CleftSign, EdemaLevel, RecencySign, SqGrade, T2Signal, Ungraded
from ovcf.errors import ReadingError
from ovcf.landmarks import ENTERED, Source
from ovcf.language.worded import say
from ovcf.measures.measurement import Measurement
from ovcf.measures.shape.height import VERTEBRAL_HEIGHT_LOSS
from ovcf.measures.shape.kyphosis import LOCAL_KYPHOSIS_ANGLE
from ovcf.measures.signal.bone_quality import HIGH_FROM, VBQ
from ovcf.measures.signal.edema import BONE_MARROW_EDEMA, bme_level
from ovcf.units import Unit
from ovcf.vocabulary import Cleft, OfClass, Posture, T2Pattern, choice, entered_posture

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ovcf.anatomy import Level
    from ovcf.assessment.findings.kinds import FindingData
    from ovcf.assessment.measured.by_signal import SignalReading
    from ovcf.assessment.measured.ledger import Ledger
    from ovcf.measures.measurement import Method
    from ovcf.reading.editing.edited import Edited
    from ovcf.reading.editing.edits import Value

_SEEN = ("as the reader sees it",)
_MAX_GRADE = 3
_IN_THE_FILE = ("sq_grade", "bme_percent", "vbq", "of_class")
"""Findings that the clinical file holds, too; its T2 pattern and cleft stand beside those measured."""


def overrule_grades(now: Edited, ledger: Ledger) -> None:
    """Semiquantitative grades: the reader's goes before the one from measurement, on every image."""
    for level, value in _told(now, "sq_grade"):
        _drop(ledger, SqGrade, level)
        ledger.grades = [(at, grade) for at, grade in ledger.grades if at != level]
        if value is None:
            # Named among those that were not graded: a vertebra nobody could judge never counts as sound.
            before = [u for u in ledger.ungraded if u.level == level]
            marrow = all(u.marrow for u in before)
            ledger.ungraded = [u for u in ledger.ungraded if u.level != level]
            ledger.ungraded.append(Ungraded(level=level, reason="the reader could not tell", marrow=marrow))
            continue
        grade = int(_number(value, "sq_grade", 0, _MAX_GRADE))
        ledger.grades.append((level, grade))
        ledger.ungraded = [u for u in ledger.ungraded if u.level != level]
        ledger.findings.append(_seen(SqGrade(grade=grade), level, "genant-1993"))


def enter_figures(now: Edited, ledger: Ledger) -> None:
    """Height loss and kyphosis angle that were entered by hand stand before those measured."""
    case = now.case
    by_hand = (
        (VERTEBRAL_HEIGHT_LOSS, case.vhl_percent, Unit.PERCENT),
        (LOCAL_KYPHOSIS_ANGLE, case.local_kyphosis_deg, Unit.DEGREE),
    )
    if case.index_level is not None:
        posture = entered_posture(case.posture_radiograph)
        given = [_entered(method, v, unit, case.index_level, posture) for method, v, unit in by_hand if v is not None]
        ledger.measurements[:0] = given


def overrule_recency(now: Edited, ledger: Ledger, signal: SignalReading) -> None:
    """Whether a fracture is recent, for any vertebra."""
    for level, value in _told(now, "recent"):
        if not (value is None or isinstance(value, bool)):
            raise ReadingError("recent", say("{value!r} is neither yes nor no", value=value), "Say yes, no or unknown.")
        _drop(ledger, RecencySign, level)
        signal.of(level).recent = value
        ledger.findings.append(_seen(RecencySign(recent=value), level, "han-2025"))


def overrule_signal(now: Edited, ledger: Ledger, signal: SignalReading) -> None:
    """Edema, T2 pattern, cleft and bone quality; None says that the reader cannot tell."""
    for level, value in _told(now, "bme_percent"):
        _drop(ledger, EdemaLevel, level)
        _drop_measured(ledger, BONE_MARROW_EDEMA, level)
        signal.of(level).bme_percent = None
        if value is not None:
            percent = _number(value, "bme_percent", 0, 100)
            signal.of(level).bme_percent = percent
            ledger.measurements.append(_entered(BONE_MARROW_EDEMA, percent, Unit.PERCENT, level))
            ledger.findings.append(_seen(EdemaLevel(level=bme_level(percent)), level, "nagao-2025"))
    for level, value in _told(now, "t2_pattern"):
        _drop(ledger, T2Signal, level)
        signal.of(level).t2 = None
        if value is not None:
            pattern = T2Pattern(_word(value, T2Pattern, "t2_pattern"))
            ledger.findings.append(_seen(T2Signal(pattern=pattern), level, "han-2025"))
    for level, value in _told(now, "cleft"):
        _drop(ledger, CleftSign, level)
        signal.of(level).cleft = None
        if value is not None:
            cleft = Cleft(_word(value, Cleft, "cleft"))
            signal.of(level).cleft = cleft
            ledger.findings.append(_seen(CleftSign(cleft=cleft), level, "yu-2007"))
    for _, value in _told(now, "vbq"):
        _drop(ledger, BoneQuality, None)
        ledger.measurements = [m for m in ledger.measurements if m.method != VBQ]
        signal.vbq = signal.vbq_high = None
        if value is not None:
            signal.vbq = _number(value, "vbq", 0, 20)
            signal.vbq_high = signal.vbq >= HIGH_FROM - 1e-9
            ledger.measurements.append(_entered(VBQ, signal.vbq, Unit.RATIO, None))
            ledger.findings.append(_seen(BoneQuality(high=signal.vbq_high), None, "kadri-2025"))


def of_class_of(now: Edited) -> str | None:
    """The OF class of the index vertebra as the reader sees it."""
    value = dict(_told(now, "of_class")).get(now.case.index_level) if now.case.index_level else None
    return None if value is None else _word(value, OfClass, "of_class")


def _told(now: Edited, finding: str) -> Iterator[tuple[Level, Value]]:
    """What the reader says of a finding: in the clinical file of the index vertebra, and by edits, which go first."""
    told: dict[Level, Value] = {}
    by_hand = getattr(now.case, finding) if finding in _IN_THE_FILE else None
    if by_hand is not None and now.case.index_level is not None:
        told[now.case.index_level] = by_hand
    told |= {level: value for (level, name), value in now.overruled.items() if name == finding}
    return iter(sorted(told.items(), key=lambda item: item[0].rank))


def _seen(data: FindingData, level: Level | None, *evidence: str) -> Finding:
    return Finding(data=data, level=level, by_reader=True, reasons=_SEEN, evidence=evidence)


def _drop(ledger: Ledger, kind: type[FindingData], level: Level | None) -> None:
    ledger.findings = [f for f in ledger.findings if not (isinstance(f.data, kind) and f.level == level)]


def _drop_measured(ledger: Ledger, method: Method, level: Level) -> None:
    ledger.measurements = [m for m in ledger.measurements if not (m.method == method and m.index_level == level)]


def _entered(
    method: Method, value: float, unit: Unit, level: Level | None, posture: Posture = Posture.UNKNOWN
) -> Measurement:
    return Measurement(
        method=method,
        value=value,
        unit=unit,
        levels=() if level is None else (level,),
        source=Source(placed_by="the reader", image=ENTERED, posture=posture),
    )


def _number(value: Value, name: str, low: float, high: float) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or not low <= value <= high:
        raise ReadingError(
            name,
            say("{value!r} is no number from {low:g} to {high:g}", value=value, low=low, high=high),
            "Give it so, or unknown.",
        )
    return float(value)


def _word(value: Value, words: type[T2Pattern | Cleft | OfClass], name: str) -> str:
    found = choice(str(value), words)
    if found is None:
        raise ReadingError(
            name,
            say("{value!r} is not known", value=value),
            say("Choose: {words}, or unknown.", words=", ".join(words)),
        )
    return str(found)
