"""The clinical facts of one patient at one visit: what was said and measured outside the images.

None always means "not known", never "no". Each field carries its description and range, from which the JSON Schema of
the clinical file, its documentation and its error messages are made.
"""

from __future__ import annotations

import re
from dataclasses import Field, dataclass, field, fields
from datetime import date
from enum import StrEnum
from typing import Any, Literal

from ovcf.anatomy import Level
from ovcf.clinical.number import parse_decimal
from ovcf.errors import ClinicalDataError


class Sex(StrEnum):
    """Sex as the reference tables use it."""

    FEMALE = "female"
    MALE = "male"


class FractureType(StrEnum):
    """HAN: compression is the anterior column alone, burst the anterior and middle columns."""

    COMPRESSION = "compression"
    BURST = "burst"


class Treatment(StrEnum):
    """How the index fracture is, or was, treated."""

    CONSERVATIVE = "conservative"
    AUGMENTATION = "augmentation"
    SURGERY = "surgery"


class Aetiology(StrEnum):
    """What broke the vertebra, as far as the reader has decided."""

    OSTEOPOROSIS = "osteoporosis"
    MYELOMA = "myeloma"
    METASTASIS = "metastasis"
    ANGIOMA = "vertebral angioma"
    INFECTION = "infection"
    TRAUMA = "high-energy trauma"


class NeurologicalGrade(StrEnum):
    """AO Spine neurological status."""

    N0 = "N0"
    N1 = "N1"
    N2 = "N2"
    N3 = "N3"
    N4 = "N4"
    NX = "NX"


def _fact(help_text: str, *, low: float | None = None, high: float | None = None, default: Any = None) -> Any:
    """A field with its description and range, under the names that pydantic turns into a JSON Schema."""
    limits = {name: limit for name, limit in (("ge", low), ("le", high)) if limit is not None}
    return field(default=default, metadata={"description": help_text, **limits})


@dataclass(frozen=True, slots=True, kw_only=True)
class Neurology:
    """Symptoms and signs of the cord, the cauda equina and the roots."""

    bladder_or_bowel: bool | None = _fact("New bladder or bowel dysfunction")
    saddle_anaesthesia: bool | None = _fact("Saddle anaesthesia")
    progressive_weakness: bool | None = _fact("New or progressive limb weakness")
    gait_change: bool | None = _fact("New gait disturbance")
    cord_or_cauda_compression: bool | None = _fact("Compression of the cord or cauda equina on imaging")
    radiculopathy: bool | None = _fact("Pain or deficit of a nerve root")
    n_grade: NeurologicalGrade | None = _fact(
        "AO Spine status: N0 intact, N1 transient, N2 radicular, N3 incomplete cord or cauda, N4 complete, NX unknown"
    )

    @property
    def urgent(self) -> tuple[str, ...]:
        """What is present and calls for emergency review."""
        present = {
            "new bladder or bowel dysfunction": self.bladder_or_bowel,
            "saddle anaesthesia": self.saddle_anaesthesia,
            "progressive weakness": self.progressive_weakness,
            "gait change": self.gait_change,
            "compression of the cord or cauda equina on imaging": self.cord_or_cauda_compression,
            f"neurological status {self.n_grade}": self.n_grade in (NeurologicalGrade.N3, NeurologicalGrade.N4),
        }
        return tuple(name for name, here in present.items() if here)

    @property
    def symptomatic(self) -> bool | None:
        """Whether there are neurological symptoms of any kind; None unless they are ruled out or present."""
        if self.urgent or self.radiculopathy or self.n_grade in (NeurologicalGrade.N1, NeurologicalGrade.N2):
            return True
        asked = (self.bladder_or_bowel, self.saddle_anaesthesia, self.progressive_weakness, self.radiculopathy)
        if self.n_grade is NeurologicalGrade.N0 or all(answer is False for answer in asked):
            return False
        return None


@dataclass(frozen=True, slots=True, kw_only=True)
class RedFlags:
    """What suggests that the fracture is not (only) osteoporotic: by history and on MRI."""

    fever: bool | None = _fact("Fever")
    cancer_history: bool | None = _fact("History of cancer")
    weight_loss: bool | None = _fact("Unexplained weight loss")
    immune_compromise: bool | None = _fact("Immune compromise")
    convex_posterior_border: bool | None = _fact("MRI: convex posterior border of the body")
    pedicle_signal: bool | None = _fact("MRI: abnormal signal of a pedicle or the posterior elements")
    epidural_mass: bool | None = _fact("MRI: epidural or encasing mass")
    paraspinal_mass: bool | None = _fact("MRI: focal paraspinal mass")
    other_metastases: bool | None = _fact("MRI: other metastases")
    contiguous_levels: bool | None = _fact("MRI: contiguous levels with abnormal signal")
    endplate_disruption: bool | None = _fact("MRI: erosion of the endplates, as in spondylodiscitis")
    disc_involvement: bool | None = _fact("MRI: fluid signal or enhancement of the disc between them")
    abscess: bool | None = _fact("MRI: abscess")

    _HISTORY = ("fever", "cancer_history", "weight_loss", "immune_compromise")
    _MALIGNANCY = ("convex_posterior_border", "pedicle_signal", "epidural_mass", "paraspinal_mass", "other_metastases")
    _INFECTION = ("contiguous_levels", "endplate_disruption", "disc_involvement", "abscess")

    def _present(self, names: tuple[str, ...]) -> tuple[str, ...]:
        return tuple(name.replace("_", " ") for name in names if getattr(self, name))

    @property
    def history(self) -> tuple[str, ...]:
        """Flags of the history that are present."""
        return self._present(self._HISTORY)

    @property
    def malignancy(self) -> tuple[str, ...]:
        """Imaging signs of malignancy that are present."""
        return self._present(self._MALIGNANCY)

    @property
    def infection(self) -> tuple[str, ...]:
        """Imaging signs of infection that are present."""
        return self._present(self._INFECTION)


@dataclass(frozen=True, slots=True, kw_only=True)
class ClinicalCase:
    """One patient, one visit.

    Raises:
        ClinicalDataError: a value outside its range; the message names the field and the range.
    """

    patient_id: str = _fact("Pseudonym of the patient", default="")
    visit_date: str | None = _fact("Date of the visit, YYYY-MM-DD")
    age_years: float | None = _fact("Age in years", low=0, high=120)
    sex: Sex | None = _fact("female or male")

    t_score: float | None = _fact("Lowest relevant T-score by DXA, in SD", low=-8, high=6)
    t_score_site: str | None = _fact("Where the T-score was measured, e.g. L1-L4, femoral neck")
    t_score_excludes_fracture: bool | None = _fact("Whether the fractured level was left out of the T-score (HAN does)")
    qct_hu: float | None = _fact("Trabecular attenuation by CT, Hounsfield units", low=-200, high=600)

    index_level: Level | None = _fact("The fractured vertebra that is assessed, e.g. L1")
    aetiology: Aetiology | None = _fact("Cause of the fracture, as the reader has decided")
    fracture_type: FractureType | None = _fact("compression (anterior column) or burst (anterior and middle columns)")
    other_fractures: tuple[Level, ...] = _fact("Other recent fractures", default=())
    old_fractures: tuple[Level, ...] = _fact("Old, healed fractures", default=())
    cemented_levels: tuple[Level, ...] = _fact("Levels with bone cement", default=())
    instrumented_levels: tuple[Level, ...] = _fact("Levels with screws or cages", default=())
    focal_lesions: tuple[Level, ...] = _fact("Levels with a haemangioma or metastasis", default=())
    weeks_since_onset: float | None = _fact("Weeks since the pain began", low=0, high=5200)
    low_energy_trauma: bool | None = _fact("Whether the fracture followed low-energy trauma or none")

    vas: float | None = _fact("Pain, VAS or NRS, 0 none to 10 unbearable", low=0, high=10)
    vas_under_analgesia: float | None = _fact("Pain under analgesia (WHO step II), 0 to 10", low=0, high=10)
    odi: float | None = _fact("Oswestry disability index, percent", low=0, high=100)
    analgesic_class: int | None = _fact("0 none, 1 non-opioid, 2 weak opioid, 3 strong opioid", low=0, high=3)
    mobile_under_analgesia: bool | None = _fact("Whether the patient can be mobilised under analgesia")
    optimal_pain_management: bool | None = _fact("Whether optimal pain management has been tried")
    pain_at_level: bool | None = _fact("Whether examination confirms the pain at the level of the fracture")
    improving: bool | None = _fact("Whether the pain is improving without intervention")

    neurology: Neurology = _fact("Cord, cauda equina and roots", default=Neurology())
    red_flags: RedFlags = _fact("Signs of malignancy or infection", default=RedFlags())

    treatment: Treatment | None = _fact("conservative, augmentation or surgery")
    augmentation_date: str | None = _fact("Date of the vertebral augmentation, YYYY-MM-DD")
    coagulopathy: bool | None = _fact("A coagulation disorder that cannot be corrected")
    anticoagulation: bool | None = _fact("Therapeutic anticoagulation")
    asa_class: int | None = _fact("ASA physical status", low=1, high=6)
    mfi5: float | None = _fact("Five-item modified frailty index, number of deficits", low=0, high=5)
    cement_allergy: bool | None = _fact("Allergy to bone cement or contrast agent")
    life_expectancy_under_one_year: bool | None = _fact("Severe cardiopulmonary disease, expected to live under a year")

    stable: bool | None = _fact("Whether the fracture is mechanically stable, as the reader has decided")
    vertebra_plana: bool | None = _fact("Complete collapse of the body")
    superior_endplate: bool | None = _fact("Whether the superior endplate is fractured")
    inferior_endplate: bool | None = _fact("Whether the inferior endplate is fractured")
    posterior_wall_fraction: float | None = _fact("Involved fraction of the posterior wall (OF: 1/5 is 0.2)", low=0, high=1)
    pincer: bool | None = _fact("Split or pincer fracture, or loss of the vertebral frame")
    tension_band_injury: bool | None = _fact("Failure of the posterior tension band")
    translation_or_rotation: bool | None = _fact("Translation or rotation of the segment")
    distraction: bool | None = _fact("Distraction injury")
    deformity_progression: bool | None = _fact("Progression of the deformity between visits")
    canal_compromise_percent: float | None = _fact("Narrowing of the spinal canal, percent", low=0, high=100)

    secondary_osteoporosis: bool | None = _fact("Osteoporosis secondary to an endocrine or other disorder")
    glucocorticoids: bool | None = _fact("Systemic glucocorticoids for more than three months")
    prednisone_mg_per_day: float | None = _fact("Daily dose, prednisone equivalent, mg", low=0, high=2000)
    on_osteoporosis_therapy: bool | None = _fact("Fracture occurred on osteoporosis therapy")
    high_fall_risk: bool | None = _fact("High risk of falls")
    frax_mof_percent: float | None = _fact("FRAX 10-year risk of a major osteoporotic fracture, entered", low=0, high=100)
    frax_hip_percent: float | None = _fact("FRAX 10-year risk of hip fracture, entered", low=0, high=100)

    posture_radiograph: Literal["standing", "sitting", "supine", "decubitus"] | None = _fact("Posture of the radiograph")
    vhl_percent: float | None = _fact("Vertebral height loss by HAN's definition, read by hand", low=-100, high=100)
    local_kyphosis_deg: float | None = _fact("Local kyphosis angle by HAN's definition, read by hand", low=-90, high=120)
    t2_pattern: Literal["none", "confined high", "diffuse high", "confined low", "diffuse low"] | None = _fact(
        "T2 signal pattern of the index vertebra, read by hand"
    )
    cleft: Literal["none", "air", "fluid", "both"] | None = _fact("Intravertebral cleft, read by hand")
    notes: tuple[str, ...] = _fact("Free text", default=())

    def __post_init__(self) -> None:
        for f in fields(self):
            value = getattr(self, f.name)
            check_range(value, f)
            if f.name.endswith("_date") and value is not None:
                _check_date(value, f.name)

    @property
    def fractured(self) -> tuple[Level, ...]:
        """Every level named as recently fractured, the index first, each once."""
        return tuple(dict.fromkeys((*((self.index_level,) if self.index_level else ()), *self.other_fractures)))


def check_range(value: object, f: Field[Any]) -> None:
    """Refuse a number outside the range that its field declares."""
    low, high = f.metadata.get("ge"), f.metadata.get("le")
    if value is not None and low is not None:
        parse_decimal(value, field=f.name, low=low, high=high)


def _check_date(text: str, name: str) -> None:
    try:
        if not re.fullmatch(r"\d{4}-\d\d-\d\d", text):
            raise ValueError
        date.fromisoformat(text)
    except ValueError:
        raise ClinicalDataError(name, f"{text!r} is not a date", "Write it as YYYY-MM-DD, e.g. 2025-05-14.") from None
