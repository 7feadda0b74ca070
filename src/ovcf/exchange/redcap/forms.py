"""The forms: one for each kind of thing that the registry keeps, with its fields.

The clinical form has one field for each fact of the clinical file, made from its declaration.
"""

from __future__ import annotations

from dataclasses import dataclass, fields, replace
from enum import StrEnum
from functools import cache
from types import NoneType
from typing import Any, Literal, get_args, get_origin, get_type_hints

from ovcf.anatomy import Level
from ovcf.clinical.case import ClinicalCase
from ovcf.clinical.facts import NOT_KEPT
from ovcf.clinical.flags import Neurology, RedFlags
from ovcf.exchange.redcap.field import Field, Kind
from ovcf.registry.words import (
    ConsentScope,
    EventKind,
    EventSource,
    Instrument,
    Mechanism,
    TreatmentKind,
    VisitStatus,
    Window,
)
from ovcf.vocabulary import Sex


class Where(StrEnum):
    """In which rows a form stands."""

    PATIENT = "the patient's first row"
    EPISODE = "the row of a fracture"
    VISIT = "the row of a visit"


@dataclass(frozen=True, slots=True, kw_only=True)
class Form:
    """An instrument of REDCap. A ``repeating`` one has rows of its own; a ``read_only`` one is written, never read."""

    name: str
    label: str
    where: Where
    fields: tuple[Field, ...]
    repeating: bool = False
    read_only: bool = False

    @property
    def complete(self) -> str:
        """The column in which REDCap keeps whether the form is complete."""
        return f"{self.name}_complete"

    @property
    def columns(self) -> tuple[str, ...]:
        """All its columns, in REDCap's order."""
        return (*(column for f in self.fields for column in f.columns), self.complete)


JOABPEQ = ("pain", "lumbar", "walking", "social", "mental")
ANSWERED = frozenset({"vas", "odi", "analgesic_class", *(f"joabpeq_{name}" for name in JOABPEQ)})
"""Facts of the clinical file that the registry keeps as answers of the patient."""
OF_TABLES = frozenset({"index_level", "sex"})
"""Facts of the clinical file that the registry keeps once, of the fracture and of the patient."""
SECTIONS = {"neuro": "neurology", "flag": "red_flags"}
"""How fields of the sections of the clinical file begin here."""


def _words(kind: type[StrEnum]) -> tuple[tuple[Any, str], ...]:
    return tuple((word.value, word.value) for word in kind)


def _field(name: str, label: str, kind: Kind, **more: Any) -> Field:
    return Field(name=name, label=label, kind=kind, **more)


def _text(name: str, label: str, **more: Any) -> Field:
    return _field(name, label, Kind.TEXT, **more)


def _date(name: str, label: str, **more: Any) -> Field:
    return _field(name, label, Kind.DATE, **more)


def _number(name: str, label: str, low: float | None = None, high: float | None = None, **more: Any) -> Field:
    return _field(name, label, Kind.NUMBER, low=low, high=high, **more)


def _choice(name: str, label: str, words: type[StrEnum], **more: Any) -> Field:
    return _field(name, label, Kind.CHOICE, choices=_words(words), **more)


def _form(name: str, label: str, where: Where, *held: Field, repeating: bool = False, read_only: bool = False) -> Form:
    """A form; the fields of a read-only one are read-only."""
    own = tuple(replace(f, read_only=True) for f in held) if read_only else held
    return Form(name=name, label=label, where=where, fields=own, repeating=repeating, read_only=read_only)


_LEVELS = tuple((level.value, level.value) for level in Level)


@cache
def forms() -> tuple[Form, ...]:
    """Every form, in the order of its columns."""
    return (
        _form(
            "patient",
            "Patient",
            Where.PATIENT,
            _text("site_code", "Site"),
            _choice("sex", "Sex", Sex),
            _field("birth_year", "Year of birth", Kind.WHOLE, low=1880, high=2100),
            _field("simulated", "Simulated, not a patient", Kind.YES_NO, read_only=True),
            _field("dates_shifted", "Dates of this export are shifted", Kind.YES_NO, read_only=True),
        ),
        _form(
            "fracture",
            "Fracture",
            Where.EPISODE,
            _field("index_level", "Fractured vertebra that is assessed", Kind.CHOICE, choices=_LEVELS),
            _field("fractured_levels", "Vertebrae that broke", Kind.CHECKBOX, choices=_LEVELS),
            _date("fractured_on", "Date of the fracture"),
            _choice("mechanism", "How it came about", Mechanism),
            _field("refracture_of", "Number of the earlier fracture", Kind.WHOLE, low=1, high=99),
        ),
        _form(
            "consent",
            "Consent",
            Where.PATIENT,
            _choice("consent_scope", "Consent to", ConsentScope, required=True),
            _field("consent_given", "Given (no: withdrawn)", Kind.YES_NO, required=True),
            _date("consent_on", "Date of the consent", required=True),
            repeating=True,
        ),
        _form(
            "therapy",
            "Treatment",
            Where.EPISODE,
            _choice("therapy_kind", "Treatment", TreatmentKind, required=True),
            _date("therapy_start", "Begun on", required=True),
            _date("therapy_end", "Ended on"),
            _field("therapy_levels", "Treated levels", Kind.LEVELS),
            _field("therapy_detail", "Details of the treatment", Kind.JSON),
            repeating=True,
        ),
        _form(
            "occurrence",
            "Event",
            Where.EPISODE,
            _choice("event_kind", "What happened", EventKind, required=True),
            _date("event_on", "Date of the event", required=True),
            _field("event_level", "Level of the event", Kind.CHOICE, choices=_LEVELS),
            _choice("event_source", "Who says so", EventSource, required=True),
            repeating=True,
        ),
        _form(
            "visit",
            "Visit",
            Where.VISIT,
            _choice("visit_window", "Planned visit", Window),
            _choice("visit_status", "What became of the visit", VisitStatus),
            _date("visit_planned", "Planned for"),
            _date("visit_date", "Held on"),
        ),
        _form("clinical", "Clinical facts", Where.VISIT, *_clinical()),
        _form(
            "answers",
            "Answers of the patient",
            Where.VISIT,
            _number("vas", "Pain, VAS, 0 none to 10 unbearable", 0, 10),
            _number("odi", "Oswestry disability index, percent", 0, 100),
            *(_number(f"joabpeq_{name}", f"JOABPEQ, {name}", 0, 100) for name in JOABPEQ),
            _field(
                "analgesic_class",
                "Analgesics: 0 none, 1 non-opioid, 2 weak opioid, 3 strong opioid",
                Kind.WHOLE,
                low=0,
                high=3,
            ),
            _field("answers_detail", "Single answers", Kind.JSON),
        ),
        _form(
            "dxa",
            "Densitometry",
            Where.VISIT,
            _text("dxa_site", "Site of the T-score", required=True),
            _number("dxa_t_score", "T-score by DXA", -8, 6, required=True),
            _date("dxa_on", "Date of the densitometry"),
            repeating=True,
        ),
        _form(
            "reading",
            "Reading",
            Where.VISIT,
            _text("reading_name", "Id of the reading"),
            _text("reading_revision", "State of the reading"),
            _text("reading_status", "Draft or confirmed"),
            _text("reading_software", "Software of the reading"),
            _field("reading_facts", "Clinical facts of the reading", Kind.JSON),
            read_only=True,
        ),
        _form(
            "measurement",
            "Measurement of a reading",
            Where.VISIT,
            _text("meas_method", "Measurement"),
            _text("meas_level", "Measured level"),
            _number("meas_value", "Value"),
            _text("meas_unit", "Unit of the value (UCUM)"),
            _number("meas_sd", "Standard uncertainty"),
            _text("meas_modality", "Kind of image"),
            _text("meas_posture", "Posture on the image"),
            repeating=True,
            read_only=True,
        ),
        _form(
            "score",
            "Score of a reading",
            Where.VISIT,
            _text("score_name", "Score"),
            _text("score_version", "Version of the score"),
            _text("score_status", "Whether it could be computed"),
            _number("score_total", "Total"),
            _number("score_lowest", "Lowest attainable total"),
            _number("score_highest", "Highest attainable total"),
            _text("score_group", "Group of the score"),
            repeating=True,
            read_only=True,
        ),
        _form(
            "images",
            "Imaging study",
            Where.VISIT,
            _date("images_on", "Date of the images"),
            _number("images_files", "Number of files"),
            repeating=True,
            read_only=True,
        ),
    )


@cache
def form_named(name: str) -> Form | None:
    """A form by its name or its label."""
    return next((f for f in forms() if name in (f.name, f.label)), None)


def _clinical() -> list[Field]:
    found: list[Field] = []
    for kind, prefix in ((ClinicalCase, ""), (Neurology, "neuro_"), (RedFlags, "flag_")):
        hints = get_type_hints(kind)
        for f in fields(kind):
            own = kind is ClinicalCase and f.name in NOT_KEPT | ANSWERED | OF_TABLES
            if own or hints[f.name] in (Neurology, RedFlags):
                continue
            found.append(_fact(prefix + f.name, hints[f.name], dict(f.metadata)))
    return found


def _fact(name: str, hint: Any, about: dict[str, Any]) -> Field:
    """The field of a fact, from its type and what is said of it."""
    label = about["description"]
    hint = next((t for t in get_args(hint) if t is not NoneType), hint) if NoneType in get_args(hint) else hint
    low, high = about.get("ge"), about.get("le")
    if get_origin(hint) is tuple:
        return _field(name, label, Kind.LEVELS)
    if get_origin(hint) is Literal:
        return _field(name, label, Kind.CHOICE, choices=tuple((w, w) for w in get_args(hint)))
    if hint is bool:
        return _field(name, label, Kind.YES_NO)
    if hint in (int, float):
        return _field(name, label, Kind.WHOLE if hint is int else Kind.NUMBER, low=low, high=high)
    if isinstance(hint, type) and issubclass(hint, StrEnum):
        return _field(name, label, Kind.CHOICE, choices=_words(hint))
    return _field(name, label, Kind.DATE if name.endswith("_date") else Kind.TEXT)


INSTRUMENTS = {"vas": Instrument.VAS, "odi": Instrument.ODI, "analgesic_class": Instrument.ANALGESICS}
"""Fields of the answers that are the value of an instrument; the domains of the JOABPEQ are answers of one."""
