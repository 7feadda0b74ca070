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


def _text(name: str, label: str, **more: Any) -> Field:
    return Field(name=name, label=label, kind=Kind.TEXT, **more)


def _date(name: str, label: str, **more: Any) -> Field:
    return Field(name=name, label=label, kind=Kind.DATE, **more)


def _number(name: str, label: str, low: float | None = None, high: float | None = None, **more: Any) -> Field:
    return Field(name=name, label=label, kind=Kind.NUMBER, low=low, high=high, **more)


def _choice(name: str, label: str, words: type[StrEnum], **more: Any) -> Field:
    return Field(name=name, label=label, kind=Kind.CHOICE, choices=_words(words), **more)


_LEVELS = tuple((level.value, level.value) for level in Level)


@cache
def forms() -> tuple[Form, ...]:
    """Every form, in the order of its columns."""
    return (
        Form(
            name="patient",
            label="Patient",
            where=Where.PATIENT,
            fields=(
                _text("site_code", "Site"),
                _choice("sex", "Sex", Sex),
                Field(name="birth_year", label="Year of birth", kind=Kind.WHOLE, low=1880, high=2100),
                Field(name="simulated", label="Simulated, not a patient", kind=Kind.YES_NO, read_only=True),
                Field(name="dates_shifted", label="Dates of this export are shifted", kind=Kind.YES_NO, read_only=True),
            ),
        ),
        Form(
            name="fracture",
            label="Fracture",
            where=Where.EPISODE,
            fields=(
                Field(
                    name="index_level", label="Fractured vertebra that is assessed", kind=Kind.CHOICE, choices=_LEVELS
                ),
                Field(name="fractured_levels", label="Vertebrae that broke", kind=Kind.CHECKBOX, choices=_LEVELS),
                _date("fractured_on", "Date of the fracture"),
                _choice("mechanism", "How it came about", Mechanism),
                Field(name="refracture_of", label="Number of the earlier fracture", kind=Kind.WHOLE, low=1, high=99),
            ),
        ),
        Form(
            name="consent",
            label="Consent",
            where=Where.PATIENT,
            repeating=True,
            fields=(
                _choice("consent_scope", "Consent to", ConsentScope, required=True),
                Field(name="consent_given", label="Given (no: withdrawn)", kind=Kind.YES_NO, required=True),
                _date("consent_on", "Date of the consent", required=True),
            ),
        ),
        Form(
            name="therapy",
            label="Treatment",
            where=Where.EPISODE,
            repeating=True,
            fields=(
                _choice("therapy_kind", "Treatment", TreatmentKind, required=True),
                _date("therapy_start", "Begun on", required=True),
                _date("therapy_end", "Ended on"),
                Field(name="therapy_levels", label="Treated levels", kind=Kind.LEVELS),
                Field(name="therapy_detail", label="Details of the treatment", kind=Kind.JSON),
            ),
        ),
        Form(
            name="occurrence",
            label="Event",
            where=Where.EPISODE,
            repeating=True,
            fields=(
                _choice("event_kind", "What happened", EventKind, required=True),
                _date("event_on", "Date of the event", required=True),
                Field(name="event_level", label="Level of the event", kind=Kind.CHOICE, choices=_LEVELS),
                _choice("event_source", "Who says so", EventSource, required=True),
            ),
        ),
        Form(
            name="visit",
            label="Visit",
            where=Where.VISIT,
            fields=(
                _choice("visit_window", "Planned visit", Window),
                _choice("visit_status", "What became of the visit", VisitStatus),
                _date("visit_planned", "Planned for"),
                _date("visit_date", "Held on"),
            ),
        ),
        Form(name="clinical", label="Clinical facts", where=Where.VISIT, fields=tuple(_clinical())),
        Form(
            name="answers",
            label="Answers of the patient",
            where=Where.VISIT,
            fields=(
                _number("vas", "Pain, VAS, 0 none to 10 unbearable", 0, 10),
                _number("odi", "Oswestry disability index, percent", 0, 100),
                *(_number(f"joabpeq_{name}", f"JOABPEQ, {name}", 0, 100) for name in JOABPEQ),
                Field(
                    name="analgesic_class",
                    label="Analgesics: 0 none, 1 non-opioid, 2 weak opioid, 3 strong opioid",
                    kind=Kind.WHOLE,
                    low=0,
                    high=3,
                ),
                Field(name="answers_detail", label="Single answers", kind=Kind.JSON),
            ),
        ),
        Form(
            name="dxa",
            label="Densitometry",
            where=Where.VISIT,
            repeating=True,
            fields=(
                _text("dxa_site", "Site of the T-score", required=True),
                _number("dxa_t_score", "T-score by DXA", -8, 6, required=True),
                _date("dxa_on", "Date of the densitometry"),
            ),
        ),
        Form(
            name="reading",
            label="Reading",
            where=Where.VISIT,
            read_only=True,
            fields=_read_only(
                _text("reading_name", "Id of the reading"),
                _text("reading_revision", "State of the reading"),
                _text("reading_status", "Draft or confirmed"),
                _text("reading_software", "Software of the reading"),
                Field(name="reading_facts", label="Clinical facts of the reading", kind=Kind.JSON),
            ),
        ),
        Form(
            name="measurement",
            label="Measurement of a reading",
            where=Where.VISIT,
            repeating=True,
            read_only=True,
            fields=_read_only(
                _text("meas_method", "Measurement"),
                _text("meas_level", "Measured level"),
                _number("meas_value", "Value"),
                _text("meas_unit", "Unit of the value (UCUM)"),
                _number("meas_sd", "Standard uncertainty"),
                _text("meas_modality", "Kind of image"),
                _text("meas_posture", "Posture on the image"),
            ),
        ),
        Form(
            name="score",
            label="Score of a reading",
            where=Where.VISIT,
            repeating=True,
            read_only=True,
            fields=_read_only(
                _text("score_name", "Score"),
                _text("score_version", "Version of the score"),
                _text("score_status", "Whether it could be computed"),
                _number("score_total", "Total"),
                _number("score_lowest", "Lowest attainable total"),
                _number("score_highest", "Highest attainable total"),
                _text("score_group", "Group of the score"),
            ),
        ),
        Form(
            name="images",
            label="Imaging study",
            where=Where.VISIT,
            repeating=True,
            read_only=True,
            fields=_read_only(_date("images_on", "Date of the images"), _number("images_files", "Number of files")),
        ),
    )


@cache
def form_named(name: str) -> Form | None:
    """A form by its name or its label."""
    return next((f for f in forms() if name in (f.name, f.label)), None)


def _read_only(*given: Field) -> tuple[Field, ...]:
    return tuple(replace(f, read_only=True) for f in given)


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
        return Field(name=name, label=label, kind=Kind.LEVELS)
    if get_origin(hint) is Literal:
        return Field(name=name, label=label, kind=Kind.CHOICE, choices=tuple((w, w) for w in get_args(hint)))
    if hint is bool:
        return Field(name=name, label=label, kind=Kind.YES_NO)
    if hint in (int, float):
        return Field(name=name, label=label, kind=Kind.WHOLE if hint is int else Kind.NUMBER, low=low, high=high)
    if isinstance(hint, type) and issubclass(hint, StrEnum):
        return Field(name=name, label=label, kind=Kind.CHOICE, choices=_words(hint))
    return Field(name=name, label=label, kind=Kind.DATE if name.endswith("_date") else Kind.TEXT)


INSTRUMENTS = {"vas": Instrument.VAS, "odi": Instrument.ODI, "analgesic_class": Instrument.ANALGESICS}
"""Fields of the answers that are the value of an instrument; the domains of the JOABPEQ are answers of one."""
