"""What stands above a prognostic score: neurology, and any doubt that the fracture is osteoporotic."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ovcf.guidance.rules.wording import listed
from ovcf.vocabulary import Aetiology

if TYPE_CHECKING:
    from ovcf.clinical.case import ClinicalCase


def suppressions(case: ClinicalCase) -> tuple[str, ...]:
    """Why the NASOVCF group is not to be shown for this case; empty if nothing is known against it.

    Flags of the history (cancer, fever, ...) no longer count once the reader has named osteoporosis as the cause;
    signs on MRI and neurological symptoms always do.
    """
    flags, decided = case.red_flags, case.aetiology
    reasons = []
    if case.neurology.urgent:
        reasons.append(f"neurology goes before every score: {listed(case.neurology.urgent)}")
    if flags.malignancy:
        reasons.append(f"signs of malignancy on MRI: {listed(flags.malignancy)}")
    if flags.infection:
        reasons.append(f"signs of infection on MRI: {listed(flags.infection)}")
    if decided not in (None, Aetiology.OSTEOPOROSIS):
        reasons.append(f"the cause is {decided}, not osteoporosis")
    if flags.history and decided is None:
        reasons.append(f"the cause is not decided, and the history has {listed(flags.history)}")
    return tuple(reasons)
