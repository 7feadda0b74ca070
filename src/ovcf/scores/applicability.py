"""For whom a prognostic score and advice on treatment hold: what withholds them, and what is not recorded.

Han's patients had a recent fracture (low T1 signal) that was scored before treatment. Neurology and any doubt about the
cause go before every score. Pure: the case and the measured sign of recency in, typed reasons out.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from ovcf.kept import kept
from ovcf.language.worded import joined, say
from ovcf.scores.result import Condition, Status, Withholding
from ovcf.vocabulary import Aetiology, Recency, Treatment

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ovcf.clinical.case import ClinicalCase
    from ovcf.scores.result import ScoreResult

WEEKS_TOO_LATE = 26.0
"""Project rule, no published limit: Han judged union at 6 months, so that a baseline score comes too late then."""

_URGENT = frozenset({Withholding.NEUROLOGY, Withholding.TUMOUR, Withholding.INFECTION})
_CAUSE = frozenset({Withholding.TUMOUR, Withholding.INFECTION, Withholding.OTHER_CAUSE, Withholding.CAUSE_OPEN})


@dataclass(frozen=True, slots=True)
class Reason:
    """One reason to withhold a score: its kind, to decide on, and its words, to print."""

    kind: Withholding
    text: str


@dataclass(frozen=True, slots=True)
class Applicability:
    """What stands against a score (urgent first), and which of its conditions are not recorded."""

    against: tuple[Reason, ...] = ()
    not_recorded: tuple[Condition, ...] = ()

    @property
    def kinds(self) -> frozenset[Withholding]:
        """The kinds of reasons against it."""
        return frozenset(reason.kind for reason in self.against)

    @property
    def holds(self) -> bool:
        """Whether nothing stands against it and every condition is known to be met: rates and advice may follow."""
        return not self.against and not self.not_recorded

    @property
    def urgent(self) -> bool:
        """Whether cord, cauda equina, a tumour or an infection comes first."""
        return bool(self.kinds & _URGENT)

    @property
    def tumour_or_infection(self) -> bool:
        """Whether a tumour or an infection is suspected or recorded."""
        return bool(self.kinds & {Withholding.TUMOUR, Withholding.INFECTION})

    @property
    def cause_in_doubt(self) -> bool:
        """Whether the fracture is not, or perhaps not, osteoporotic."""
        return bool(self.kinds & _CAUSE)

    @property
    def treated(self) -> bool:
        """Whether the fracture has been augmented or operated on."""
        return Withholding.TREATED in self.kinds

    @property
    def why(self) -> str:
        """All reasons, in one line."""
        return joined("; ", (reason.text for reason in self.against))


@kept
def applicability(case: ClinicalCase, *, measured_recent: bool | None = None) -> Applicability:
    """For whom NASOVCF, the OF score, their rates and augmentation are spoken of: recent, untreated, osteoporotic.

    ``measured_recent`` is what the marrow signal says of the index vertebra; what the reader entered goes before it.
    """
    recency, why = recency_of(case, measured_recent)
    done, how = treated(case)
    against = [*_neurology(case), *_cause(case)]
    if done:
        against.append(Reason(Withholding.TREATED, how))
    if recency is Recency.NOT_RECENT and not done:
        against.append(Reason(Withholding.NOT_RECENT, say("the fracture is not recent: {why}", why=why)))
    not_recorded = [] if recency is not Recency.UNKNOWN else [Condition.RECENT]
    not_recorded += [Condition.UNTREATED] if done is None else []
    return Applicability(tuple(against), tuple(not_recorded))


def recency_of(case: ClinicalCase, measured_recent: bool | None = None) -> tuple[Recency, str]:
    """Whether the index fracture is recent, and why: the reader's word, the reader's signs, the measured sign."""
    weeks, first = case.weeks_since_onset, case.weeks_since_first_visit
    if case.index_level is not None and case.index_level in case.old_fractures:
        return Recency.NOT_RECENT, say("{index_level} is named among the old fractures", index_level=case.index_level)
    if case.recent_fracture is False:
        return Recency.NOT_RECENT, _read_so(measured_recent is True)
    if weeks is not None and weeks >= WEEKS_TOO_LATE:
        rule = say(
            "from {weeks_too_late:g} weeks on, when Han judged union, none is called recent (project rule)",
            weeks_too_late=WEEKS_TOO_LATE,
        )
        return Recency.NOT_RECENT, say("the pain began {weeks:g} weeks ago; {rule}", weeks=weeks, rule=rule)
    if weeks is None and first is not None and first >= WEEKS_TOO_LATE:
        rule = say(
            "from {weeks_too_late:g} weeks on none is called recent (project rule)", weeks_too_late=WEEKS_TOO_LATE
        )
        return Recency.NOT_RECENT, say(
            "the fracture was first seen {first:.0f} weeks ago; {rule}", first=first, rule=rule
        )
    if case.recent_fracture:
        return Recency.RECENT, _read_so(measured_recent is False)
    by_reader = _by_signs(case.t1_low, case.stir_high)
    if by_reader is not Recency.UNKNOWN:
        return by_reader, "by T1 and STIR as the reader saw them"
    entered = case.t1_low is not None or case.stir_high is not None
    if measured_recent is None or (entered and not measured_recent):
        return Recency.UNKNOWN, "no reading decides it"
    return (Recency.RECENT if measured_recent else Recency.NOT_RECENT), "by the measured marrow signal"


def _read_so(otherwise_measured: bool) -> str:
    return "read so by the reader" + (", though the measured signal says otherwise" if otherwise_measured else "")


def _by_signs(t1_low: bool | None, stir_high: bool | None) -> Recency:
    """Low T1 is Han's sign; a fluid-sensitive series that is not high speaks against it, and decides against."""
    if stir_high is False or (t1_low is False and not stir_high):
        return Recency.NOT_RECENT
    return Recency.RECENT if t1_low else Recency.UNKNOWN


def treated(case: ClinicalCase) -> tuple[bool | None, str]:
    """Whether the index fracture has been augmented or operated on, and how that is known; None if not recorded."""
    level = case.index_level
    if level is not None and level in case.cemented_levels:
        return True, say("{level} holds bone cement", level=level)
    if level is not None and level in case.instrumented_levels:
        return True, say("{level} is instrumented", level=level)
    if case.treatment in (Treatment.AUGMENTATION, Treatment.SURGERY):
        return True, say("it has been treated by {treatment}", treatment=case.treatment)
    date = case.augmentation_date
    if date is not None and not case.cemented_levels and (case.visit_date is None or date <= case.visit_date):
        return True, say("it was augmented on {date}", date=date)
    return (None, "") if case.treatment is None else (False, say("treatment: {treatment}", treatment=case.treatment))


def _neurology(case: ClinicalCase) -> Iterator[Reason]:
    if case.neurology.urgent:
        present = joined(", ", case.neurology.urgent)
        yield Reason(Withholding.NEUROLOGY, say("neurology goes before every score: {present}", present=present))


def _cause(case: ClinicalCase) -> Iterator[Reason]:
    """Flags of the history count until the reader has named osteoporosis as the cause; fever and MRI always do."""
    flags, decided = case.red_flags, case.aetiology
    if flags.infection:
        yield Reason(
            Withholding.INFECTION, say("signs of infection on MRI: {join}", join=joined(", ", flags.infection))
        )
    if decided is Aetiology.INFECTION:
        yield Reason(Withholding.INFECTION, "the recorded cause is infection")
    if flags.malignancy:
        yield Reason(Withholding.TUMOUR, say("signs of malignancy on MRI: {join}", join=joined(", ", flags.malignancy)))
    if lesion_in_index(case):
        yield Reason(
            Withholding.TUMOUR, say("{index_level} is named among the focal lesions", index_level=case.index_level)
        )
    if decided in (Aetiology.METASTASIS, Aetiology.MYELOMA):
        yield Reason(Withholding.TUMOUR, say("the recorded cause is {decided}", decided=decided))
    if decided in (Aetiology.ANGIOMA, Aetiology.TRAUMA):
        yield Reason(Withholding.OTHER_CAUSE, say("the recorded cause is {decided}, not osteoporosis", decided=decided))
    if flags.fever:
        yield Reason(Withholding.CAUSE_OPEN, "fever is recorded: infection is to be excluded first")
    others = [flag for flag in flags.history if flag != "fever"]
    if others and decided is None:
        yield Reason(
            Withholding.CAUSE_OPEN, say("the cause is not decided; in the history: {join}", join=joined(", ", others))
        )


def lesion_in_index(case: ClinicalCase) -> bool:
    """Whether the index vertebra has a focal lesion that the reader has not named a vertebral angioma."""
    named = case.index_level is not None and case.index_level in case.focal_lesions
    return named and case.aetiology is not Aetiology.ANGIOMA


def gated(result: ScoreResult, found: Applicability) -> ScoreResult:
    """The score as it may be shown: withheld with its reasons and without any points, or under its open conditions."""
    if found.against:
        return replace(
            result,
            status=Status.NOT_APPLICABLE,
            items=(),
            total=None,
            group=None,
            attainable=None,
            attainable_groups=(),
            missing=(),
            advisories=(),
            total_probability=(),
            group_probability=(),
            reasons=(*(reason.text for reason in found.against), *result.reasons),
            withheld=tuple(dict.fromkeys(reason.kind for reason in found.against)),
        )
    if result.status not in (Status.COMPLETE, Status.INCOMPLETE):  # without a total, points would only be added up
        return replace(result, items=(), missing=(), advisories=())
    return replace(result, conditions=found.not_recorded)
