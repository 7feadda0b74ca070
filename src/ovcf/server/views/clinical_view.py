"""The clinical form: every fact of the case that a reader enters by hand, typed, with what is known of it so far."""

from __future__ import annotations

from dataclasses import dataclass, fields
from enum import StrEnum
from functools import cache
from typing import TYPE_CHECKING, Any, Literal, get_args, get_origin, get_type_hints

from ovcf.clinical.case import ClinicalCase
from ovcf.language.worded import Words, say
from ovcf.reading.editing.edits import EnterFact

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from ovcf.assessment.result import Assessment
    from ovcf.reading.editing.edits import AnyEdit

Known = str | float | bool | None

GROUPS: dict[str, tuple[str, ...]] = {
    "Patient": ("age_years", "sex", "visit_date"),
    "This fracture": (
        "weeks_since_onset",
        "low_energy_trauma",
        "aetiology",
        "treatment",
        "augmentation_date",
        "stable",
        "deformity_progression",
        "contrast_enhancement",
    ),
    "Neurology": ("neurology.",),
    "Signs of tumour or infection": ("red_flags.",),
    "Bone density": (
        "t_score",
        "t_score_site",
        "t_score_excludes_fracture",
        "t_score_l1",
        "t_score_l2",
        "t_score_l3",
        "t_score_l4",
        "qct_hu",
        "l1_hu",
        "hyperlipidaemia",
    ),
    "Pain and function": (
        "cognitive_impairment",
        "vas",
        "vas_under_analgesia",
        "analgesic_class",
        "mobile_under_analgesia",
        "optimal_pain_management",
        "pain_at_level",
        "intractable_pain",
        "improving",
        "odi",
        "joabpeq_pain",
        "joabpeq_lumbar",
        "joabpeq_walking",
        "joabpeq_social",
        "joabpeq_mental",
    ),
    "Risk of a procedure": (
        "anticoagulation",
        "coagulopathy",
        "asa_class",
        "mfi5",
        "cement_allergy",
        "life_expectancy_under_one_year",
    ),
    "Osteoporosis": (
        "secondary_osteoporosis",
        "after_menopause",
        "pregnancy",
        "glucocorticoids",
        "prednisone_mg_per_day",
        "on_osteoporosis_therapy",
        "high_fall_risk",
        "frax_mof_percent",
        "frax_hip_percent",
    ),
    "How the images were taken": (
        "posture_radiograph",
        "cleft_on",
        "posterior_wall_on",
        "anterior_height_standing_mm",
        "anterior_height_sitting_mm",
        "anterior_height_supine_mm",
        "anterior_height_decubitus_mm",
        "dynamic_angle_change_deg",
    ),
    "Severe instability": (
        "vertebra_plana",
        "pincer",
        "tension_band_injury",
        "translation_or_rotation",
        "distraction",
        "canal_compromise_percent",
    ),
    "Collapse of the body": ("collapse.",),
    "Several fractures, for ASTLOF": ("several_fractures.",),
    "Before an augmentation, for AVA": ("before_augmentation.",),
    "Height loss on radiographs, for OVFss and the ESSR's rule": ("height_losses.",),
    "Secondary prevention": ("prevention.",),
}
"""Fields by heading; a name that ends in a point stands for every field of that section."""
ELSEWHERE = frozenset(
    {
        "patient_id",
        "index_level",
        "earlier",
        "readers",
        "notes",  # of the images, of the choice of a vertebra, of other visits
        # The state of a vertebra:
        "other_fractures",
        "old_fractures",
        "cemented_levels",
        "instrumented_levels",
        "focal_lesions",
        # The reader's word on a vertebra:
        "refractured_levels",
        "recent_fracture",
        "t1_low",
        "stir_high",
        "fracture_type",
        "superior_endplate",
        "inferior_endplate",
        "posterior_wall_fraction",
        "vhl_percent",
        "local_kyphosis_deg",
        "t2_pattern",
        "cleft",
        "sq_grade",
        "of_class",
        "bme_percent",
        "vbq",
    }
)
"""Fields that a reader enters in another place of the page."""


ASKED_FIRST = frozenset(
    f"neurology.{name}" for name in ("bladder_or_bowel", "saddle_anaesthesia", "progressive_weakness", "gait_change")
)
"""What the patient is asked of the cord and the cauda equina: each that is present calls for emergency review
(:attr:`ovcf.clinical.flags.Neurology.urgent`)."""
_LABELS = {
    "sex": "Sex",
    "treatment": "Treatment of this fracture so far",
    "visit_date": "Date of the visit",
    "augmentation_date": "Date of the vertebral augmentation",
    "n_grade": "Neurological status, AO Spine (NX unknown)",
    "analgesic_class": "Strongest analgesic (0 none, 1 non-opioid, 2 weak opioid, 3 strong opioid)",
}
"""Where the description of a field is a list of its words."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ClinicalFact:
    """One field of the form. ``field`` is its name in an edit, ``value`` what is known of it now (None: nothing).

    ``edits`` are the reader's own, in force. ``from_images`` tells that it stands in the tags of the images, ``urgent``
    that a yes is an emergency: it is asked before all else.
    """

    field: str
    label: Words
    kind: Literal["yes or no", "number", "whole number", "word", "date", "text"]
    words: tuple[str, ...] = ()
    low: float | None = None
    high: float | None = None
    value: Known = None
    edits: tuple[str, ...] = ()
    from_images: bool = False
    urgent: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class ClinicalGroup:
    """Facts under one heading."""

    title: Words
    facts: tuple[ClinicalFact, ...]


def clinical_of(assessment: Assessment, edits: Sequence[AnyEdit]) -> tuple[ClinicalGroup, ...]:
    """The form as it is filled in now; ``edits`` are those in force."""
    own: dict[str, list[str]] = {}
    for edit in edits:
        if isinstance(edit, EnterFact):
            own.setdefault(edit.field, []).append(edit.id)
    return tuple(
        ClinicalGroup(title=title, facts=tuple(_facts(names, assessment.case, own, assessment.from_header)))
        for title, names in GROUPS.items()
    )


def label_of(field_name: str) -> str:
    """What the form calls a field, by its name in an edit; the name in words where it is entered in another place."""
    section, _, name = field_name.rpartition(".")
    kind = _sections().get(section)
    about = _declared(kind).get(name) if kind is not None else None
    if about is None:
        return field_name.replace("_", " ").replace(".", ", ")
    return _LABELS.get(name, str(about[0].get("description") or name.replace("_", " ")))


@cache
def _sections() -> dict[str, Any]:
    """The record of each section of a case, and the case itself under no name."""
    case = ClinicalCase()
    inside = {
        name[:-1]: getattr(case, name[:-1]).__class__ for names in GROUPS.values() for name in names if name[-1] == "."
    }
    return {"": ClinicalCase, **inside}


def _facts(
    names: Sequence[str], case: ClinicalCase, own: dict[str, list[str]], from_header: Sequence[str]
) -> Iterator[ClinicalFact]:
    for name in names:
        record: Any = getattr(case, name[:-1]) if name.endswith(".") else case
        inside = [f.name for f in fields(record)] if name.endswith(".") else [name]
        for one in inside:
            field_name = say("{name}{one}", name=name, one=one) if name.endswith(".") else one
            yield _fact(record, one, field_name, tuple(own.get(field_name, ())), field_name in from_header)


def _fact(record: Any, name: str, field_name: str, own: tuple[str, ...], from_images: bool) -> ClinicalFact:
    about, kind, words = _declared(record.__class__)[name]
    return ClinicalFact(
        field=field_name,
        label=_LABELS.get(name, about["description"]),
        kind=kind,
        words=words,
        low=about.get("ge"),
        high=about.get("le"),
        value=getattr(record, name),
        edits=own,
        from_images=from_images and not own,
        urgent=field_name in ASKED_FIRST,
    )


@cache
def _declared(record: Any) -> dict[str, tuple[Mapping[str, Any], Any, tuple[str, ...]]]:
    """What is declared of each field of a record: its description and limits, its kind, and its words."""
    hints = get_type_hints(record)  # evaluating them takes longer than all else in a view
    return {f.name: (f.metadata, *_kind(hints[f.name], f.name)) for f in fields(record)}


def _kind(type_: Any, name: str) -> tuple[Any, tuple[str, ...]]:
    hint = next(t for t in (*get_args(type_), str) if t is not type(None))
    if get_origin(hint) is Literal:
        return "word", tuple(map(str, get_args(hint)))
    if isinstance(hint, type) and issubclass(hint, StrEnum):
        return "word", tuple(map(str, hint))
    if name.endswith("_date"):
        return "date", ()
    return {bool: "yes or no", float: "number", int: "whole number"}.get(hint, "text"), ()
