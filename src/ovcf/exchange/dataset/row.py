"""One fracture of the registry as one row of the data set."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ovcf.anatomy import Level
from ovcf.clinical.case import FEWEST_LUMBAR_LEVELS
from ovcf.exchange.dataset.judge import (
    Findings,
    Held,
    collapse,
    findings_of,
    first_event,
    first_visit,
    later_visits,
    severe_edema,
    visit_at,
)
from ovcf.registry.words import EventKind, Instrument, TreatmentKind

if TYPE_CHECKING:
    from ovcf.exchange.records import Course, Record, Row

MONTHS = (0, 1, 3, 6, 12)
YEAR_DAYS = 365
_FIRST_TREATMENT_DAYS = 30
_DAYS_OF_A_MONTH = 30.44
_BY_MONTH = {
    "vhl_percent": (0, 6, 12),
    "ka_deg": (0, 6, 12),
    "posture": (0, 6, 12),
    "bme_percent": MONTHS,
    "sq": (0, 12),
}
_ANSWERS = {"vas": Instrument.VAS, "odi": Instrument.ODI}
_FACT = {"vhl_percent": "vhl_percent", "ka_deg": "local_kyphosis_deg", "bme_percent": "bme_percent"}
_AT_6 = ("cleft", "anterior_height_standing_mm", "anterior_height_supine_mm")
_LUMBAR = (Level.L1, Level.L2, Level.L3, Level.L4)


def names(answers: bool) -> list[str]:
    """Every column, in order."""
    by_month = [f"{stem}_{m}mo" for stem, months in _BY_MONTH.items() for m in months]
    asked = [f"{stem}_{m}mo" for stem in _ANSWERS for m in MONTHS] if answers else []
    return [
        "patient_id",
        "centre",
        "age_years",
        "sex",
        "level",
        "fractured_levels",
        "refracture",
        "fracture_type",
        "t2_pattern",
        "t_score",
        *by_month,
        *(f"{name}_6mo" for name in _AT_6),
        *asked,
        "treatment",
        "crossover",
        "non_union",
        "non_union_by",
        "progressive_kyphosis",
        "progressive_kyphosis_by",
        "severe_collapse",
        "severe_edema_3mo",
        "secondary_fracture",
        "died",
        "lost",
        "months",
        "event",
        "nasovcf",
        "simulated",
    ]


def row_of(record: Record, course: Course, *, answers: bool) -> tuple[Row, Findings] | None:
    """The row, but for HAN's outcomes, and what these are judged by; None for a fracture of which no visit was held."""
    first = first_visit(course)
    if first is None:
        return None
    later = later_visits(course, first)
    at: dict[int, Held | None] = {0: first, **{m: visit_at(later, m) for m in MONTHS[1:]}}
    level = course.row["levels"][0] if course.row["levels"] else None
    facts = first.facts
    start = first.seen.row["held_on"]
    found: Row = {
        "patient_id": record.row["code"] + (f"/{course.number}" if course.number > 1 else ""),
        "centre": record.site,
        "age_years": _age(record, facts, start),
        "sex": record.row["sex"],
        "level": level,
        "fractured_levels": float(len(course.row["levels"])),
        "refracture": course.number > 1 or course.row["refracture_of"] is not None,
        "fracture_type": facts.get("fracture_type"),
        "t2_pattern": facts.get("t2_pattern"),
        "t_score": _t_score(first, course.row["levels"]),
        "severe_collapse": collapse(first, at[12], course).yes,
        "severe_edema_3mo": severe_edema(at[3], level).yes,
        "nasovcf": first.total,
        "simulated": record.simulated,
    }
    for stem, months in _BY_MONTH.items():
        for month in months:
            found[f"{stem}_{month}mo"] = _at(stem, at[month], level)
    at_6 = at[6].facts if at[6] else {}
    found |= {f"{name}_6mo": at_6.get(name) for name in _AT_6}
    if answers:
        for month in MONTHS:
            held = at[month]
            said = {r["instrument"]: r["value"] for _, r in held.seen.reports} if held else {}
            found |= {f"{stem}_{month}mo": said.get(instrument) for stem, instrument in _ANSWERS.items()}
    found |= _treated(course, start)
    found |= _ended(course, later, at[12], start)
    return found, findings_of(first, at[6], course, level)


def _at(stem: str, held: Held | None, level: str | None) -> Any:
    if held is None:
        return None
    if stem == "sq":
        return held.facts.get("sq_grade")
    if stem == "posture":
        figure = held.figure("local_kyphosis_deg", level)
        return None if figure is None else figure.posture.value
    figure = held.figure(_FACT[stem], level)
    return None if figure is None else figure.value


def _age(record: Record, facts: Row, start: Any) -> float | None:
    if "age_years" in facts:
        return float(facts["age_years"])
    born = record.row["birth_year"]
    return None if born is None or start is None else float(start.year - born)


def _t_score(first: Held, fractured: list[str]) -> float | None:
    by_site = {row["site"].strip().upper(): row["t_score"] for _, row in first.seen.bone}
    for name in ("L1-L4", "L1-4"):
        if name in by_site:
            return float(by_site[name])
    fit = [by_site[x.value] for x in _LUMBAR if x.value in by_site and x.value not in fractured]
    if len(fit) >= FEWEST_LUMBAR_LEVELS:
        return float(sum(fit)) / len(fit)
    return first.facts.get("t_score")


def _treated(course: Course, start: Any) -> Row:
    """The treatment that was chosen first, and whether another followed."""
    done = sorted(
        (row for _, row in course.treatments if row["kind"] is not TreatmentKind.DRUG),
        key=lambda row: row["started_on"],
    )
    if not done:
        return {"treatment": None, "crossover": None}
    begun = done[0]
    late = start is not None and (begun["started_on"] - start).days > _FIRST_TREATMENT_DAYS
    return {
        "treatment": None if late else begun["kind"].value,
        "crossover": any(row["kind"] is not begun["kind"] for row in done[1:]),
    }


def _ended(course: Course, later: list[Held], at_year: Held | None, start: Any) -> Row:
    """What ended follow-up and when; no where the visit at 1 year says so, else not judged."""
    fracture, death = first_event(course, EventKind.SECONDARY_FRACTURE), first_event(course, EventKind.DEATH)
    lost = first_event(course, EventKind.LOST)
    no_other = at_year is not None and at_year.facts.get("other_fractures") == []
    found: Row = {
        "secondary_fracture": _within_year(fracture, start, no_other),
        "died": _within_year(death, start, at_year is not None),
        "lost": True if lost is not None else False if at_year is not None else None,
        "months": None,
        "event": None,
    }
    if start is None:
        return found
    ends = [(day, word) for day, word in ((fracture, "fracture"), (death, "death")) if day is not None]
    last = max((v.days for v in later if v.days is not None), default=0)
    day, word = min(((day - start).days, word) for day, word in ends) if ends else (last, "none")
    found |= {"months": round(max(day, 0) / _DAYS_OF_A_MONTH, 2), "event": word}
    return found


def _within_year(day: Any, start: Any, ruled_out: bool) -> bool | None:
    if day is not None and start is not None and (day - start).days <= YEAR_DAYS:
        return True
    return False if ruled_out else None
