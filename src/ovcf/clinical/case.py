"""The clinical facts of one patient at one visit: what was said and measured outside the images.

None always means "not known", never "no". Each field carries its description and range, from which the JSON Schema of
the clinical file, its documentation and its error messages are made.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field, fields
from datetime import date
from enum import StrEnum
from functools import cache
from typing import Literal, get_args, get_type_hints

from ovcf.anatomy import Level
from ovcf.clinical.earlier import EarlierVisit
from ovcf.clinical.flags import Neurology, RedFlags, about
from ovcf.clinical.number import parse_decimal
from ovcf.clinical.sections import BeforeAugmentation, Collapse, HeightLosses, Prevention, Readers, SeveralFractures
from ovcf.errors import ClinicalDataError
from ovcf.vocabulary import Aetiology, Cleft, FractureType, OfClass, Sex, T2Pattern, Treatment

_WEEKS_OF_A_MONTH = 365.25 / 12 / 7
FEWEST_LUMBAR_LEVELS = 2
"""Of L1-L4, for a mean T-score: the project's choice."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ClinicalCase:
    """One patient, one visit.

    Raises:
        ClinicalDataError: a value outside its range; the message names the field and the range.
    """

    patient_id: str = field(default="", metadata=about("Pseudonym of the patient"))
    visit_date: str | None = field(default=None, metadata=about("Date of the visit, YYYY-MM-DD"))
    age_years: float | None = field(default=None, metadata=about("Age in years", low=0, high=120))
    sex: Sex | None = field(default=None, metadata=about("female or male"))
    after_menopause: bool | None = field(default=None, metadata=about("Whether the menopause has passed"))
    pregnancy: Literal["no", "pregnant", "lactating"] | None = field(
        default=None, metadata=about("Whether the patient is pregnant or breast-feeding")
    )
    cognitive_impairment: bool | None = field(
        default=None, metadata=about("Dementia or delirium, so that answers on pain and function may not hold")
    )

    t_score: float | None = field(
        default=None,
        metadata=about("T-score, in SD; HAN's is by DXA, mean of L1-L4 without the fractured level", low=-8, high=6),
    )
    t_score_site: str | None = field(
        default=None, metadata=about("Where the T-score was measured, e.g. L1-L4, femoral neck")
    )
    t_score_excludes_fracture: bool | None = field(
        default=None, metadata=about("Whether the fractured level was left out of the T-score (HAN does)")
    )
    t_score_l1: float | None = field(default=None, metadata=about("T-score of L1 by DXA, in SD", low=-8, high=6))
    t_score_l2: float | None = field(default=None, metadata=about("T-score of L2 by DXA, in SD", low=-8, high=6))
    t_score_l3: float | None = field(default=None, metadata=about("T-score of L3 by DXA, in SD", low=-8, high=6))
    t_score_l4: float | None = field(default=None, metadata=about("T-score of L4 by DXA, in SD", low=-8, high=6))
    qct_hu: float | None = field(
        default=None, metadata=about("Trabecular attenuation by CT, Hounsfield units", low=-200, high=600)
    )

    l1_hu: float | None = field(
        default=None,
        metadata=about(
            "Trabecular attenuation of L1 by CT, for want of a T-score, Hounsfield units", low=-200, high=600
        ),
    )
    hyperlipidaemia: bool | None = field(default=None, metadata=about("High blood lipids, which may raise VBQ"))

    index_level: Level | None = field(default=None, metadata=about("The fractured vertebra that is assessed, e.g. L1"))
    aetiology: Aetiology | None = field(
        default=None, metadata=about("Cause of the fracture, as the reader has decided")
    )
    fracture_type: FractureType | None = field(
        default=None, metadata=about("compression (anterior column) or burst (anterior and middle columns)")
    )
    other_fractures: tuple[Level, ...] = field(default=(), metadata=about("Other recent fractures"))
    old_fractures: tuple[Level, ...] = field(default=(), metadata=about("Old, healed fractures"))
    cemented_levels: tuple[Level, ...] = field(default=(), metadata=about("Levels with bone cement"))
    refractured_levels: tuple[Level, ...] = field(
        default=(), metadata=about("Cemented levels that broke again, as the reader has decided")
    )
    instrumented_levels: tuple[Level, ...] = field(default=(), metadata=about("Levels with screws or cages"))
    focal_lesions: tuple[Level, ...] = field(default=(), metadata=about("Levels with a haemangioma or metastasis"))
    weeks_since_onset: float | None = field(
        default=None, metadata=about("Weeks since the pain began", low=0, high=5200)
    )
    recent_fracture: bool | None = field(
        default=None, metadata=about("Whether the index fracture is recent, as the reader has decided (HAN: low on T1)")
    )
    t1_low: bool | None = field(default=None, metadata=about("Whether the index vertebra is low on T1, read by hand"))
    stir_high: bool | None = field(
        default=None, metadata=about("Whether the index vertebra is high on STIR or fat-suppressed T2, read by hand")
    )
    low_energy_trauma: bool | None = field(
        default=None, metadata=about("Whether the fracture followed low-energy trauma or none")
    )

    vas: float | None = field(default=None, metadata=about("Pain, VAS or NRS, 0 none to 10 unbearable", low=0, high=10))
    vas_under_analgesia: float | None = field(
        default=None, metadata=about("Pain under analgesia (WHO step II), 0 to 10", low=0, high=10)
    )
    odi: float | None = field(default=None, metadata=about("Oswestry disability index, percent", low=0, high=100))
    joabpeq_pain: float | None = field(default=None, metadata=about("JOABPEQ, pain-related disorders", low=0, high=100))
    joabpeq_lumbar: float | None = field(
        default=None, metadata=about("JOABPEQ, lumbar spine dysfunction", low=0, high=100)
    )
    joabpeq_walking: float | None = field(default=None, metadata=about("JOABPEQ, gait disturbance", low=0, high=100))
    joabpeq_social: float | None = field(
        default=None, metadata=about("JOABPEQ, social life dysfunction", low=0, high=100)
    )
    joabpeq_mental: float | None = field(
        default=None, metadata=about("JOABPEQ, psychological disorders", low=0, high=100)
    )
    analgesic_class: int | None = field(
        default=None, metadata=about("0 none, 1 non-opioid, 2 weak opioid, 3 strong opioid", low=0, high=3)
    )
    mobile_under_analgesia: bool | None = field(
        default=None, metadata=about("Whether the patient can be mobilised under analgesia")
    )
    optimal_pain_management: bool | None = field(
        default=None, metadata=about("Whether optimal pain management has been tried")
    )
    pain_at_level: bool | None = field(
        default=None, metadata=about("Whether examination confirms the pain at the level of the fracture")
    )
    intractable_pain: bool | None = field(
        default=None, metadata=about("Whether the pain is intractable, as the reader has decided")
    )
    improving: bool | None = field(default=None, metadata=about("Whether the pain is improving without intervention"))

    neurology: Neurology = field(default_factory=Neurology, metadata=about("Cord, cauda equina and roots"))
    red_flags: RedFlags = field(default_factory=RedFlags, metadata=about("Signs of malignancy or infection"))

    treatment: Treatment | None = field(
        default=None, metadata=about("none (not yet), conservative, augmentation or surgery")
    )
    augmentation_date: str | None = field(
        default=None, metadata=about("Date of the vertebral augmentation, YYYY-MM-DD")
    )
    coagulopathy: bool | None = field(default=None, metadata=about("A coagulation disorder"))
    anticoagulation: bool | None = field(default=None, metadata=about("Therapeutic anticoagulation"))
    asa_class: int | None = field(default=None, metadata=about("ASA physical status", low=1, high=6))
    mfi5: float | None = field(
        default=None, metadata=about("Five-item modified frailty index, number of deficits", low=0, high=5)
    )
    cement_allergy: bool | None = field(default=None, metadata=about("Allergy to bone cement or contrast agent"))
    life_expectancy_under_one_year: bool | None = field(
        default=None, metadata=about("Severe cardiopulmonary disease, expected to live under a year")
    )

    stable: bool | None = field(
        default=None, metadata=about("Whether the fracture is mechanically stable, as the reader has decided")
    )
    vertebra_plana: bool | None = field(default=None, metadata=about("Complete collapse of the body"))
    superior_endplate: bool | None = field(default=None, metadata=about("Whether the superior endplate is fractured"))
    inferior_endplate: bool | None = field(default=None, metadata=about("Whether the inferior endplate is fractured"))
    posterior_wall_fraction: float | None = field(
        default=None, metadata=about("Involved fraction of the posterior wall (OF: 1/5 is 0.2)", low=0, high=1)
    )
    pincer: bool | None = field(
        default=None, metadata=about("Split or pincer fracture, or loss of the vertebral frame")
    )
    tension_band_injury: bool | None = field(default=None, metadata=about("Failure of the posterior tension band"))
    translation_or_rotation: bool | None = field(default=None, metadata=about("Translation or rotation of the segment"))
    distraction: bool | None = field(default=None, metadata=about("Distraction injury"))
    deformity_progression: bool | None = field(
        default=None, metadata=about("Progression of the deformity between visits")
    )
    canal_compromise_percent: float | None = field(
        default=None,
        metadata=about(
            "Bone in the spinal canal, percent of it; whether of its diameter or area the abstracts do not say",
            low=0,
            high=100,
        ),
    )

    dynamic_angle_change_deg: float | None = field(
        default=None,
        metadata=about("Change of the body's wedge angle between dynamic lateral films, degrees", low=0, high=90),
    )

    secondary_osteoporosis: bool | None = field(
        default=None, metadata=about("Osteoporosis secondary to an endocrine or other disorder")
    )
    glucocorticoids: bool | None = field(
        default=None, metadata=about("Systemic glucocorticoids for more than three months")
    )
    prednisone_mg_per_day: float | None = field(
        default=None, metadata=about("Daily dose, prednisone equivalent, mg", low=0, high=2000)
    )
    on_osteoporosis_therapy: bool | None = field(
        default=None, metadata=about("Fracture occurred on osteoporosis therapy")
    )
    high_fall_risk: bool | None = field(default=None, metadata=about("High risk of falls"))
    frax_mof_percent: float | None = field(
        default=None, metadata=about("FRAX 10-year risk of a major osteoporotic fracture, entered", low=0, high=100)
    )
    frax_hip_percent: float | None = field(
        default=None, metadata=about("FRAX 10-year risk of hip fracture, entered", low=0, high=100)
    )

    posture_radiograph: Literal["standing", "sitting", "supine", "decubitus"] | None = field(
        default=None, metadata=about("Posture of the radiograph")
    )
    vhl_percent: float | None = field(
        default=None, metadata=about("Vertebral height loss by HAN's definition, read by hand", low=-100, high=100)
    )
    local_kyphosis_deg: float | None = field(
        default=None, metadata=about("Local kyphosis angle by HAN's definition, read by hand", low=-90, high=120)
    )
    t2_pattern: T2Pattern | None = field(
        default=None, metadata=about("T2 signal pattern of the index vertebra, read by hand")
    )
    cleft: Cleft | None = field(default=None, metadata=about("Intravertebral cleft, read by hand"))
    cleft_on: Literal["MRI", "CT", "radiograph"] | None = field(
        default=None, metadata=about("On what the cleft was read, or ruled out")
    )
    posterior_wall_on: Literal["MRI", "CT", "radiograph"] | None = field(
        default=None, metadata=about("On what the posterior wall was read")
    )
    sq_grade: int | None = field(
        default=None, metadata=about("Semiquantitative grade of the index vertebra, read by hand", low=0, high=3)
    )
    of_class: OfClass | None = field(default=None, metadata=about("OF class of the index vertebra, read by hand"))
    bme_percent: float | None = field(
        default=None, metadata=about("Bone marrow edema, percent of the body, read by hand", low=0, high=100)
    )
    vbq: float | None = field(
        default=None, metadata=about("Vertebral bone quality without the fractured level, read by hand", low=0, high=20)
    )
    contrast_enhancement: bool | None = field(
        default=None, metadata=about("Enhancement of the index vertebra on fat-suppressed T1 with contrast agent")
    )
    anterior_height_standing_mm: float | None = field(
        default=None,
        metadata=about("Anterior height on a standing lateral radiograph of this visit, mm", low=0, high=60),
    )
    anterior_height_supine_mm: float | None = field(
        default=None, metadata=about("Anterior height on a supine lateral radiograph of this visit, mm", low=0, high=60)
    )
    anterior_height_sitting_mm: float | None = field(
        default=None,
        metadata=about("Anterior height on a sitting lateral radiograph of this visit, mm", low=0, high=60),
    )
    anterior_height_decubitus_mm: float | None = field(
        default=None,
        metadata=about("Anterior height on a lateral decubitus radiograph of this visit, mm", low=0, high=60),
    )
    collapse: Collapse = field(default_factory=Collapse, metadata=about("Findings of the OVF-CTPS, not scored"))
    several_fractures: SeveralFractures = field(
        default_factory=SeveralFractures, metadata=about("What ASTLOF counts where several vertebrae are fractured")
    )
    before_augmentation: BeforeAugmentation = field(
        default_factory=BeforeAugmentation, metadata=about("What the AVA score asks before an augmentation")
    )
    height_losses: HeightLosses = field(
        default_factory=HeightLosses, metadata=about("Height loss of every vertebra on a radiograph, T4 to L5")
    )
    readers: Readers = field(default_factory=Readers, metadata=about("How far the readers of this site differ"))
    prevention: Prevention = field(
        default_factory=Prevention, metadata=about("What was done against the next fracture")
    )
    earlier: tuple[EarlierVisit, ...] = field(
        default=(), metadata=about("Earlier visits of this fracture, the first one before treatment")
    )
    notes: tuple[str, ...] = field(default=(), metadata=about("Free text"))

    def __post_init__(self) -> None:
        for f in fields(self):
            value = getattr(self, f.name)
            if (words := _words().get(f.name)) is not None and value is not None:
                value = _of_words(value, words, f.name)
                object.__setattr__(self, f.name, value)
            if value is not None and "ge" in f.metadata:
                parse_decimal(value, field=f.name, low=f.metadata["ge"], high=f.metadata["le"])
            if f.name.endswith("_date") and value is not None:
                check_date(value, f.name)
        for visit in self.earlier:
            if visit.visit_date is not None:
                check_date(visit.visit_date, "earlier: visit_date")
        if self.visit_date and (late := [v.when for v in self.earlier if (v.visit_date or "") > self.visit_date]):
            raise ClinicalDataError(
                "earlier", f"the visit of {late[0]} is not before this one ({self.visit_date})", "Correct the dates."
            )
        if sound := [level for level in self.refractured_levels if level not in self.cemented_levels]:
            raise ClinicalDataError(
                "refractured_levels",
                f"{sound[0]} is not among the cemented levels",
                "Name it in cemented_levels, too, or as a fracture.",
            )

    @property
    def weeks_since_first_visit(self) -> float | None:
        """Weeks from the earliest of the earlier visits to this one; None without one whose time is known."""
        weeks = [v.months_before * _WEEKS_OF_A_MONTH for v in self.earlier if v.months_before is not None]
        if self.visit_date is not None:
            now = date.fromisoformat(self.visit_date)
            weeks += [(now - date.fromisoformat(v.visit_date)).days / 7 for v in self.earlier if v.visit_date]
        return max(weeks, default=None)

    @property
    def fractured(self) -> tuple[Level, ...]:
        """Every level named as recently fractured, the index first, each once."""
        return tuple(dict.fromkeys((*((self.index_level,) if self.index_level else ()), *self.other_fractures)))

    @property
    def lumbar_t_scores(self) -> dict[Level, float]:
        """T-scores entered by level, without the levels that HAN leaves out or that nobody would measure."""
        entered = {
            Level.L1: self.t_score_l1,
            Level.L2: self.t_score_l2,
            Level.L3: self.t_score_l3,
            Level.L4: self.t_score_l4,
        }
        unfit = {*self.fractured, *self.old_fractures, *self.cemented_levels, *self.instrumented_levels}
        unfit |= {*self.focal_lesions}
        return {level: t for level, t in entered.items() if t is not None and level not in unfit}

    @property
    def used_t_score(self) -> float | None:
        """HAN's mean of L1-L4 where at least two fit levels are entered, else the T-score as entered."""
        fit = self.lumbar_t_scores.values()
        return sum(fit) / len(fit) if len(fit) >= FEWEST_LUMBAR_LEVELS else self.t_score


def check_date(text: str, name: str) -> None:
    """Refuse what is no day of the calendar, written YYYY-MM-DD.

    Raises:
        ClinicalDataError: says how to write it.
    """
    try:
        if not re.fullmatch(r"\d{4}-\d\d-\d\d", text):
            raise ValueError
        date.fromisoformat(text)
    except ValueError:
        raise ClinicalDataError(name, f"{text!r} is not a date", "Write it as YYYY-MM-DD, e.g. 2025-05-14.") from None


@cache
def _words() -> dict[str, type[StrEnum]]:
    """The closed list of words of each field that has one."""
    found: dict[str, type[StrEnum]] = {}
    for name, hint in get_type_hints(ClinicalCase).items():
        for kind in (x for part in (hint, *get_args(hint)) for x in (part, *get_args(part))):
            if isinstance(kind, type) and issubclass(kind, StrEnum):
                found[name] = kind
    return found


def _of_words(value: object, words: type[StrEnum], name: str) -> object:
    """A word, or several, as members of their list: rules tell them apart by identity, and a text would slip through.

    Raises:
        ClinicalDataError: it is none of them.
    """
    if isinstance(value, tuple | list):
        return tuple(_of_words(one, words, name) for one in value)
    try:
        return value if isinstance(value, words) else words(str(value))
    except ValueError:
        raise ClinicalDataError(name, f"{value!r} is not known", f"Choose: {', '.join(words)}.") from None
