"""Any table of patients, one row per patient or one per visit, as lines that the registry understands.

Headings, units and codes are guessed as for statistics (:mod:`ovcf.cohort.mapping`), from what the registry has a place
for. Dates are never made up: a visit without one is known by its window alone.
"""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import replace
from functools import cache
from typing import TYPE_CHECKING, Any

from ovcf.anatomy import Level
from ovcf.cohort.data.dataset import check, is_gap
from ovcf.cohort.data.dictionary import Dictionary, Role, Variable, VariableType
from ovcf.cohort.data.read import read_dictionary
from ovcf.cohort.mapping.guess import Doubt, guess_mapping
from ovcf.cohort.mapping.headings import take_apart
from ovcf.cohort.optional_import import optional_import
from ovcf.cohort.recipes.columns_of import columns_of
from ovcf.errors import CohortDataError, LevelError
from ovcf.exchange.incoming.said import Problem, Reading, Said
from ovcf.exchange.redcap.field import BadValueError, Fault, Field, Kind
from ovcf.exchange.redcap.forms import forms
from ovcf.exchange.redcap.rows import WINDOWS
from ovcf.registry.words import EventKind, EventSource, VisitStatus, Window
from ovcf.vocabulary import Posture

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    import pandas as pd

    from ovcf.cohort.mapping.guess import Guess
    from ovcf.exchange.incoming.sheet import Sheet

_VISIT = re.compile(r"_(\d+(?:\.\d+)?)mo$")
_WINDOW = {
    0.0: Window.PRETREATMENT,
    1.0: Window.MONTH_1,
    3.0: Window.MONTH_3,
    6.0: Window.MONTH_6,
    12.0: Window.MONTH_12,
}
_VISIT_HEADINGS = {
    "visit",
    "time point",
    "timepoint",
    "event",
    "visit name",
    "follow up",
    "followup",
    "window",
    "month",
    "months",
    "redcap event name",
    "event name",
}
_DATE_HEADINGS = {"date", "visit date", "date of visit", "examination date", "date of examination"}
_FRACTURED_HEADINGS = {"fracture date", "date of fracture", "fractured on", "date of injury", "injury date"}
_VISITS = f"Visits are {', '.join(WINDOWS)}."


@cache
def known_columns() -> Dictionary:
    """The columns that the registry has a place for: those of the designs, and dates."""
    found: dict[str, Variable] = {}
    for recipe in ("nasovcf", "nagao", "multicentre"):
        for v in columns_of(recipe).variables:
            if _VISIT.sub("", v.name) in _PLACES:
                found.setdefault(v.name, replace(v, required=False))
    found["level"] = replace(found["level"], type=VariableType.TEXT, levels=())  # read as people write levels
    for name, kind in (
        ("birth_year", VariableType.INTEGER),
        ("fractured_on", VariableType.DATE),
        ("visit_date_0mo", VariableType.DATE),
    ):
        found[name] = Variable(name=name, type=kind)
    return Dictionary(tuple(found.values()))


def read_plain(
    sheet: Sheet, path: Path, *, dictionary: Path | None = None, rename: Sequence[str] = (), visit: str | None = None
) -> Reading:
    """Read a table of one row per patient, or with a column that says which visit a row is of.

    Raises:
        CohortDataError: no column of patients, a heading that is not there, codes that nobody explained.
        MissingExtraError: the extra `cohort` is not installed.
    """
    found = Reading(rows=len(sheet.lines))
    frame = optional_import("pandas").DataFrame(
        [[cells.get(i, "") for i in range(len(sheet.headings))] for _, cells in sheet.lines],
        columns=list(sheet.headings),
        dtype=object,
    )
    own = read_dictionary(dictionary) if dictionary else None
    special = _special(sheet.headings, visit)
    named = _named(rename, sheet.headings)
    mapped = [h for h in sheet.headings if h not in special.values() or h in named]
    mapping = guess_mapping(frame[mapped], known_columns(), own, named)
    unsaid = [g for g in mapping.guesses if g.open_codes]
    if unsaid:
        codes = "; ".join(f"{', '.join(g.open_codes)} of {g.heading!r}" for g in unsaid)
        raise CohortDataError(path, f"nobody has said what {codes} stand for", "Explain them in a data dictionary.")
    whole = mapping.dictionary()
    if not any(v.name == "patient_id" for v in whole.variables):
        raise CohortDataError(path, "has no column of patients", "Say which one it is: rename it to patient_id.")
    cohort = check(frame[[v.source for v in whole.variables]], _without_id_role(whole))
    rows = [row for row, _ in sheet.lines]
    for m in cohort.mistakes:
        found.problems.append(
            Problem(
                row=rows[m.row - 2],
                record=_record(frame, whole, m.row - 2),
                column=m.column,
                value=m.value,
                fault=Fault.IMPOSSIBLE,
                remedy=f"It {m.problem.rstrip('.')}" + ("" if m.problem.endswith("?") else "."),
            )
        )
    found.not_used = [h for h in mapping.ignored if h and h not in special.values()]
    _tell_guesses(mapping.guesses, found)
    _Lines(frame, whole, special, found).run(cohort.frame, rows)
    return found


def _special(headings: Sequence[str], visit: str | None) -> dict[str, str]:
    """The headings that say which visit a row is of, and its dates."""
    if visit is not None and visit not in headings:
        raise CohortDataError(f"{visit!r}", "is no column of the table", f"It has {', '.join(headings)}.")
    found: dict[str, str] = {}
    for heading in headings:
        words = " ".join(re.sub(r"[^\w]+|_", " ", heading.casefold()).split())
        for key, known in (("visit", _VISIT_HEADINGS), ("date", _DATE_HEADINGS), ("fractured", _FRACTURED_HEADINGS)):
            if words in known and key not in found:
                found[key] = heading
    if visit is not None:
        found["visit"] = visit
    return found


def _named(rename: Sequence[str], headings: Sequence[str]) -> dict[str, str]:
    found = {}
    for pair in rename:
        theirs, equals, ours = pair.rpartition("=")
        if not (equals and theirs in headings and ours):
            raise CohortDataError(f"{pair!r}", "renames no column of the table", "Write it as YOURS=OURS.")
        found[theirs] = ours
    return found


def _without_id_role(whole: Dictionary) -> Dictionary:
    """Of a table with a row for each visit a patient stands in several rows."""
    kept = (replace(v, role=Role.OTHER) if v.role is Role.ID else v for v in whole.variables)
    return replace(whole, variables=tuple(kept))


def _tell_guesses(guesses: Sequence[Guess], found: Reading) -> None:
    for g in guesses:
        if not g.is_certain:
            look = "; ".join(d.value for d in g.doubts if d is not Doubt.VISIT)
            unit = f" times {g.variable.factor:.4g}" if g.variable.factor != 1 else ""
            found.notes.append(f"{g.heading!r} is taken for {g.variable.name}{unit}{f' ({look})' if look else ''}")


class _Lines:
    """The lines of each row: that of the fracture, and one for each visit that it speaks of."""

    def __init__(self, raw: pd.DataFrame, whole: Dictionary, special: dict[str, str], found: Reading) -> None:
        self._raw, self._whole, self._special, self._found = raw, whole, special, found
        self._firsts: dict[str, Said] = {}
        self._keys: dict[tuple[Any, ...], int] = {}
        self._fields = {f.name: f for form in forms() for f in form.fields}
        self._undated: Counter[str] = Counter()

    def run(self, typed: pd.DataFrame, rows: Sequence[int]) -> None:
        """Every row; what was left out is told."""
        for i, row in enumerate(rows):
            record = _record(self._raw, self._whole, i)
            if not record:
                self._refuse(row, "", "patient_id", "", Fault.NO_RECORD, "Every row names its patient.")
                continue
            said = {key: str(self._raw[heading].iloc[i] or "").strip() for key, heading in self._special.items()}
            window = _window(said.get("visit", ""))
            if "visit" in self._special and window is None:
                self._refuse(row, record, self._special["visit"], said["visit"], Fault.UNKNOWN_EVENT, _VISITS)
                continue
            self._take(self._row(row, record, typed.iloc[i], window if "visit" in self._special else None, said))
        for what, n in self._undated.items():
            self._found.notes.append(f"{n} {what}")

    def _take(self, lines: Sequence[Said]) -> None:
        for line in lines:
            first = self._firsts.get(line.record)
            if line.window is None and not line.form:
                if first is not None and "visit" in self._special:
                    self._join(first, line)
                    continue
                self._firsts.setdefault(line.record, line)
            if (earlier := self._keys.setdefault(line.key, line.row)) != line.row:
                self._refuse(line.row, line.record, "patient_id", line.record, Fault.TWICE, f"It is in row {earlier}.")
            self._found.lines.append(line)

    def _join(self, first: Said, line: Said) -> None:
        """Further rows of a patient may add to what the first says of the fracture, and must not contradict it."""
        for form, values in line.values.items():
            there = first.values.setdefault(form, {})
            for name, value in values.items():
                if there.setdefault(name, value) != value:
                    column = line.columns.get(name, name)
                    remedy = f"Row {first.row} says {there[name]}."
                    self._refuse(line.row, line.record, column, str(value), Fault.CONTRADICTS, remedy)

    def _row(
        self, row: int, record: str, typed: pd.Series[Any], window: Window | None, said: dict[str, str]
    ) -> list[Said]:
        fracture = Said(row=row, record=record, values={"patient": {}, "fracture": {}})
        visits: dict[Window, Said] = {}
        if window is not None:
            visits[window] = Said(row=row, record=record, window=window)
        verdicts: list[tuple[str, bool]] = []
        further: list[Said] = []
        for v in self._whole.variables:
            value = typed[v.name]
            if value is None or type(value).__name__ in ("NAType", "NaTType") or value != value:
                continue
            stem, month = _VISIT.sub("", v.name), _VISIT.search(v.name)
            form, name = _PLACES.get(stem, ("", ""))
            if form == "verdict":
                verdicts.append((name, bool(value)))
            elif form in ("patient", "fracture"):
                self._put(fracture, form, name, v.source, value)
            elif form:
                at = window or _WINDOW.get(float(month[1]) if month else 0.0)
                if at is None:
                    self._refuse(row, record, v.source, str(value), Fault.UNKNOWN_EVENT, _VISITS)
                    continue
                line = visits.setdefault(at, Said(row=row, record=record, window=at))
                if form == "dxa":
                    line = Said(
                        row=row, record=record, window=at, form="dxa", instance=1, values={"dxa": {"dxa_site": "L1-L4"}}
                    )
                    further.append(line)
                self._put(line, form, name, v.source, value)
        for key, where, form, name in (
            ("fractured", fracture, "fracture", "fractured_on"),
            ("date", visits.get(window or Window.PRETREATMENT), "visit", "visit_date"),
        ):
            if where is not None and not is_gap(said.get(key, ""), known_columns().missing_codes):
                self._put(where, form, name, self._special[key], said[key])
        for line in visits.values():
            line.values.setdefault("visit", {}).setdefault("visit_status", VisitStatus.HELD.value)
        further += self._events(fracture, visits, window, verdicts)
        return [fracture, *visits.values(), *further]

    def _put(self, line: Said, form: str, name: str, heading: str, value: Any) -> None:
        line.columns[name] = heading
        try:
            line.values.setdefault(form, {})[name] = _as_field(self._fields[name], value)
        except BadValueError as error:
            self._refuse(line.row, line.record, heading, str(value), error.fault, error.remedy)

    def _events(
        self, fracture: Said, visits: dict[Window, Said], window: Window | None, verdicts: Sequence[tuple[str, bool]]
    ) -> list[Said]:
        """Verdicts that the table gives, as events reported on the day of the visit; without that day there is none."""
        at = visits.get(window or Window.MONTH_6)
        on = at.values.get("visit", {}).get("visit_date") if at else None
        found: list[Said] = []
        for name, yes in verdicts:
            kind = _EVENTS.get((name, yes))
            if kind is None:
                self._undated[
                    f"times no {name.replace('_', ' ')}: not kept as such, the figures at the visits tell"
                ] += 1
            elif on is None:
                self._undated[
                    f"verdicts on {name.replace('_', ' ')} are not taken: the day of the visit is not said"
                ] += 1
            else:
                found.append(
                    Said(
                        row=fracture.row,
                        record=fracture.record,
                        form="occurrence",
                        instance=len(found) + 1,
                        values={
                            "occurrence": {
                                "event_kind": kind.value,
                                "event_on": on,
                                "event_source": EventSource.REPORTED.value,
                            }
                        },
                    )
                )
        return found

    def _refuse(self, row: int, record: str, column: str, value: str, fault: Fault, remedy: str) -> None:
        self._found.problems.append(
            Problem(row=row, record=record, column=column, value=value, fault=fault, remedy=remedy)
        )


_PLACES = {
    "patient_id": ("", ""),
    "fractured_on": ("fracture", "fractured_on"),
    "visit_date": ("visit", "visit_date"),
    "centre": ("patient", "site_code"),
    "sex": ("patient", "sex"),
    "birth_year": ("patient", "birth_year"),
    "level": ("fracture", "index_level"),
    "mechanism": ("fracture", "mechanism"),
    "age_years": ("clinical", "age_years"),
    "fracture_type": ("clinical", "fracture_type"),
    "t2_pattern": ("clinical", "t2_pattern"),
    "t_score": ("dxa", "dxa_t_score"),
    "vhl_percent": ("clinical", "vhl_percent"),
    "ka_deg": ("clinical", "local_kyphosis_deg"),
    "posture": ("clinical", "posture_radiograph"),
    "bme_percent": ("clinical", "bme_percent"),
    "sq": ("clinical", "sq_grade"),
    "cleft": ("clinical", "cleft"),
    "vbq": ("clinical", "vbq"),
    "anterior_height_standing_mm": ("clinical", "anterior_height_standing_mm"),
    "anterior_height_supine_mm": ("clinical", "anterior_height_supine_mm"),
    "vas": ("answers", "vas"),
    "odi": ("answers", "odi"),
    "analgesic_class": ("answers", "analgesic_class"),
    **{f"joabpeq_{d}": ("answers", f"joabpeq_{d}") for d in ("pain", "lumbar", "walking", "social", "mental")},
    "non_union": ("verdict", "non_union"),
    "progressive_kyphosis": ("verdict", "progressive_kyphosis"),
}


_EVENTS = {
    ("non_union", True): EventKind.NON_UNION,
    ("non_union", False): EventKind.UNION,
    ("progressive_kyphosis", True): EventKind.PROGRESSIVE_KYPHOSIS,
}


def _said(name: str) -> str:
    return {"non_union": "non-union"}.get(name, name.replace("_", " "))


def _window(text: str) -> Window | None:
    """The visit that a word or number of months stands for."""
    said = text.strip().casefold().replace("_", " ")
    said = re.sub(r" arm \d+$", "", said)
    for window in WINDOWS:
        if said == window.value:
            return window
    if re.fullmatch(r"\d+(\.0)?", said):
        return _WINDOW.get(float(said))
    month = take_apart(f"x {said}").month
    return None if month is None else _WINDOW.get(month)


def _as_field(field: Field, value: Any) -> Any:
    """A typed value of the table as the field has it."""
    if field.kind is Kind.WHOLE:
        return field.parse(f"{float(value):g}")
    if field.kind is Kind.DATE and not isinstance(value, str):
        return value.date()
    if field.name == "index_level":
        try:
            return Level.parse(str(value)).value
        except LevelError:
            raise BadValueError(Fault.NO_LEVEL, "Write it like T12 or L1.") from None
    if field.name == "posture_radiograph":
        return field.parse("decubitus" if value == Posture.LATERAL_DECUBITUS.value else str(value))
    if field.kind is Kind.NUMBER:
        return field.parse(repr(float(value)))
    return field.parse(str(value))


def _record(raw: pd.DataFrame, whole: Dictionary, place: int) -> str:
    heading = next(v.source for v in whole.variables if v.name == "patient_id")
    return str(raw[heading].iloc[place] or "").strip()
