"""What must be asked before any score: neurology, and the flags of malignancy and infection. None means "not known"."""

from __future__ import annotations

from dataclasses import dataclass, field

from ovcf.vocabulary import NeurologicalGrade


def about(description: str, *, low: float | None = None, high: float | None = None) -> dict[str, object]:
    """Description and range of a field, under the names that pydantic turns into a JSON Schema."""
    limits = {name: limit for name, limit in (("ge", low), ("le", high)) if limit is not None}
    return {"description": description, **limits}


@dataclass(frozen=True, slots=True, kw_only=True)
class Neurology:
    """Symptoms and signs of the cord, the cauda equina and the roots."""

    bladder_or_bowel: bool | None = field(default=None, metadata=about("New bladder or bowel dysfunction"))
    saddle_anaesthesia: bool | None = field(default=None, metadata=about("Saddle anaesthesia"))
    progressive_weakness: bool | None = field(default=None, metadata=about("New or progressive limb weakness"))
    gait_change: bool | None = field(default=None, metadata=about("New gait disturbance"))
    cord_or_cauda_compression: bool | None = field(
        default=None, metadata=about("Compression of the cord or cauda equina on imaging")
    )
    radiculopathy: bool | None = field(default=None, metadata=about("Pain or deficit of a nerve root"))
    n_grade: NeurologicalGrade | None = field(
        default=None,
        metadata=about(
            "AO Spine: N0 intact, N1 transient, N2 radicular, N3 incomplete cord or cauda, N4 complete, NX unknown"
        ),
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
        asked = (
            self.bladder_or_bowel,
            self.saddle_anaesthesia,
            self.progressive_weakness,
            self.gait_change,
            self.radiculopathy,
        )
        return False if self.n_grade is NeurologicalGrade.N0 or all(a is False for a in asked) else None


@dataclass(frozen=True, slots=True, kw_only=True)
class RedFlags:
    """What suggests that the fracture is not (only) osteoporotic: by history and on MRI."""

    fever: bool | None = field(default=None, metadata=about("Fever"))
    cancer_history: bool | None = field(default=None, metadata=about("History of cancer"))
    weight_loss: bool | None = field(default=None, metadata=about("Unexplained weight loss"))
    immune_compromise: bool | None = field(default=None, metadata=about("Immune compromise"))
    convex_posterior_border: bool | None = field(
        default=None, metadata=about("MRI: convex posterior border of the body")
    )
    pedicle_signal: bool | None = field(
        default=None, metadata=about("MRI: abnormal signal of a pedicle or the posterior elements")
    )
    epidural_mass: bool | None = field(default=None, metadata=about("MRI: epidural or encasing mass"))
    paraspinal_mass: bool | None = field(default=None, metadata=about("MRI: focal paraspinal mass"))
    other_metastases: bool | None = field(default=None, metadata=about("MRI: other metastases"))
    contiguous_levels: bool | None = field(default=None, metadata=about("MRI: contiguous levels with abnormal signal"))
    endplate_disruption: bool | None = field(
        default=None, metadata=about("MRI: erosion of the endplates, as in spondylodiscitis")
    )
    disc_involvement: bool | None = field(
        default=None, metadata=about("MRI: fluid signal or enhancement of the disc between them")
    )
    abscess: bool | None = field(default=None, metadata=about("MRI: abscess"))
    residual_marrow: bool | None = field(
        default=None, metadata=about("MRI: normal residual marrow on T1, a benign sign")
    )
    retropulsed_fragment: bool | None = field(
        default=None, metadata=about("MRI: retropulsed posterior fragment, a benign sign")
    )
    low_signal_band: bool | None = field(
        default=None, metadata=about("MRI: low-signal band in an isointense body on T2, a benign sign")
    )

    _HISTORY = ("fever", "cancer_history", "weight_loss", "immune_compromise")
    _MALIGNANCY = ("convex_posterior_border", "pedicle_signal", "epidural_mass", "paraspinal_mass", "other_metastases")
    _INFECTION = ("contiguous_levels", "endplate_disruption", "disc_involvement", "abscess")
    _BENIGN = ("residual_marrow", "retropulsed_fragment", "low_signal_band")

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

    @property
    def benign(self) -> tuple[str, ...]:
        """Imaging signs that speak for an osteoporotic fracture."""
        return self._present(self._BENIGN)

    @property
    def seen_on_mri(self) -> bool:
        """Whether a reader has recorded any sign on MRI, present or absent: an MRI has been read then."""
        names = (*self._MALIGNANCY, *self._INFECTION, *self._BENIGN)
        return any(getattr(self, name) is not None for name in names)

    @property
    def infected(self) -> bool | None:
        """Whether MRI shows any sign of infection; None unless one is present or all are ruled out."""
        answers = [getattr(self, name) for name in self._INFECTION]
        return True if any(answers) else False if all(a is False for a in answers) else None
