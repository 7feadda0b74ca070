"""How well a site's own readers agree: the error that its changes over visits are judged against.

A small TOML file, one ``[[measure]]`` each, written by ``ovcf cohort agreement`` or by hand from a reliability study.
"""

from __future__ import annotations

import json
import math
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from ovcf.clinical.sections import Readers
from ovcf.errors import FollowUpError
from ovcf.follow_up.visit import Quantity
from ovcf.language.worded import joined, say
from ovcf.text_files import parse_toml, read_text
from ovcf.units import Unit

if TYPE_CHECKING:
    from pathlib import Path

    from ovcf.clinical.case import ClinicalCase

FORMAT = "ovcf reliability 1"
_SDC = 1.959964 * math.sqrt(2)
_SAME = 0.02
"""SEM and SDC of one measure, both rounded for print, may differ so far."""
UNITS = {
    Quantity.HEIGHT_LOSS: Unit.PERCENT,
    Quantity.KYPHOSIS: Unit.DEGREE,
    Quantity.ANTERIOR_HEIGHT: Unit.MM,
    Quantity.MIDDLE_HEIGHT: Unit.MM,
    Quantity.POSTERIOR_HEIGHT: Unit.MM,
    Quantity.WEDGE_RATIO: Unit.RATIO,
    Quantity.EDEMA: Unit.PERCENT,
    Quantity.VBQ: Unit.RATIO,
    Quantity.PAIN: Unit.POINT,
    Quantity.DISABILITY: Unit.PERCENT,
}
"""What can have an error of measurement, in its unit."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reliability:
    """One measure at one site: ``sem`` is the standard error of a single measurement, in ``unit``."""

    quantity: Quantity
    sem: float
    source: str
    icc: float | None = None
    subjects: int | None = None
    readers: int | None = None

    @property
    def unit(self) -> Unit:
        """The unit of the error."""
        return UNITS[self.quantity]

    @property
    def sdc(self) -> float:
        """The smallest detectable change of one patient, 1.96 sqrt(2) SEM (de Vet 2006)."""
        return _SDC * self.sem


Reliabilities = dict[Quantity, Reliability]


def read_reliability(path: Path) -> Reliabilities:
    """Every measure of a file.

    Raises:
        OvcfError: it cannot be read; names the measure and what to write.
    """
    found = parse_toml(read_text(path), path)
    if found.get("format") != FORMAT:
        raise FollowUpError(
            path,
            "is no reliability file",
            say('Begin it with format = "{format}"; `ovcf cohort agreement` writes one.', format=FORMAT),
        )
    entries = found.get("measure")
    if not isinstance(entries, list) or not entries:
        raise FollowUpError(path, "names no measure", "Add a [[measure]] with quantity, unit, sem and source.")
    made = [_measure(path, number, entry) for number, entry in enumerate(entries, 1)]
    for one in made:
        if sum(other.quantity is one.quantity for other in made) > 1:
            raise FollowUpError(
                path, say("gives {quantity} more than once", quantity=one.quantity), "Leave one of them."
            )
    return {one.quantity: one for one in made}


def said_in_case(case: ClinicalCase) -> Reliabilities:
    """What a clinical file says of the readers of its site (``[readers]``)."""
    readers = case.readers
    given = {Quantity.HEIGHT_LOSS: readers.vhl_sem_percent, Quantity.KYPHOSIS: readers.kyphosis_sem_deg}
    source = readers.study or "the clinical file"
    return {q: Reliability(quantity=q, sem=sem, source=source) for q, sem in given.items() if sem}


def case_with(case: ClinicalCase, measures: Reliabilities) -> ClinicalCase:
    """The case with these errors of height loss and of the angle, in place of its own."""
    told = {**said_in_case(case), **measures}
    loss, angle = told.get(Quantity.HEIGHT_LOSS), told.get(Quantity.KYPHOSIS)
    studies = dict.fromkeys(one.source for one in (loss, angle) if one is not None)
    return replace(
        case,
        readers=Readers(
            vhl_sem_percent=None if loss is None else loss.sem,
            kyphosis_sem_deg=None if angle is None else angle.sem,
            study=joined("; ", studies) or case.readers.study,
        ),
    )


def _measure(path: Path, number: int, entry: Any) -> Reliability:
    where = say("{path}, measure {number}", path=path, number=number)
    if not isinstance(entry, dict):
        raise FollowUpError(where, "is no table", "Write it as [[measure]].")
    quantity = measured_quantity(str(entry.get("quantity", "")), where)
    known = {"quantity", "unit", "sem", "sdc", "source", "icc", "subjects", "readers"}
    if extra := set(entry) - known:
        raise FollowUpError(
            where,
            f"has {sorted(extra)[0]!r}, which means nothing here",
            say("Known: {join}.", join=joined(", ", sorted(known))),
        )
    if entry.get("unit") != UNITS[quantity].value:
        raise FollowUpError(
            where,
            f"is in {entry.get('unit')!r}",
            say('{quantity} is in unit = "{units}".', quantity=quantity, units=UNITS[quantity].value),
        )
    sem, sdc = (_positive(where, entry, name) for name in ("sem", "sdc"))
    if sem is None and sdc is None:
        raise FollowUpError(where, "has neither sem nor sdc", "Give the standard error of one measurement, or the SDC.")
    if sem is not None and sdc is not None and abs(sdc - _SDC * sem) > _SAME * sdc:
        raise FollowUpError(
            where,
            say(
                "has an SDC of {sdc:g}, but 1.96 sqrt(2) times its SEM of {sem:g} is {sdc_2:.3g}",
                sdc=sdc,
                sem=sem,
                sdc_2=_SDC * sem,
            ),
            "Correct one of them.",
        )
    source = str(entry.get("source", "")).strip()
    if not source:
        raise FollowUpError(where, "has no source", "Say which study of readers it comes from.")
    return Reliability(
        quantity=quantity,
        sem=sem if sem is not None else (sdc or 0.0) / _SDC,
        source=source,
        icc=_number(where, entry, "icc"),
        subjects=_count(where, entry, "subjects"),
        readers=_count(where, entry, "readers"),
    )


def measured_quantity(word: str, where: object) -> Quantity:
    """The quantity of a name.

    Raises:
        FollowUpError: there is none, with those that there are.
    """
    found = next((q for q in UNITS if word in (q.value, q.name.lower())), None)
    if found is None:
        known = joined(", ", (q.value for q in UNITS))
        raise FollowUpError(where, f"the quantity {word!r} is not known", say("Choose: {known}.", known=known))
    return found


def reliability_text(measures: Reliabilities) -> str:
    """The file, as :func:`read_reliability` reads it."""
    lines = [say('format = "{format}"', format=FORMAT)]
    for one in measures.values():
        lines += [
            "",
            "[[measure]]",
            say('quantity = "{quantity}"', quantity=one.quantity.value),
            say('unit = "{unit}"', unit=one.unit.value),
        ]
        lines += [
            say("sem = {sem:.6g}", sem=one.sem),
            say("sdc = {sdc:.6g}", sdc=one.sdc),
            say("source = {dumps}", dumps=json.dumps(one.source, ensure_ascii=False)),
        ]
        for name in ("icc", "subjects", "readers"):
            if (value := getattr(one, name)) is not None:
                lines.append(
                    say("{name} = {value:.6g}", name=name, value=value)
                    if isinstance(value, float)
                    else say("{name} = {value}", name=name, value=value)
                )
    return "\n".join(lines) + "\n"


def together(measures: Reliabilities, more: Reliability) -> Reliabilities:
    """The measures with one more; one of the same quantity gives way."""
    return {**measures, more.quantity: replace(more)}


def _number(where: str, entry: dict[str, Any], name: str) -> float | None:
    value = entry.get(name)
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        raise FollowUpError(where, f"has {name} = {value!r}", "Write a number.")
    return float(value)


def _positive(where: str, entry: dict[str, Any], name: str) -> float | None:
    value = _number(where, entry, name)
    if value is not None and value <= 0:
        raise FollowUpError(
            where, say("has {name} = {value:g}", name=name, value=value), "An error of measurement is more than 0."
        )
    return value


def _count(where: str, entry: dict[str, Any], name: str) -> int | None:
    value = _number(where, entry, name)
    return None if value is None else int(value)
