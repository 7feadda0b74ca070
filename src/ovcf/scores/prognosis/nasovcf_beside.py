"""What stands beside Han's table: what goes before his score, and what happened to his groups within 6 months."""

from __future__ import annotations

from ovcf.language.worded import say
from ovcf.scores.declare import Advice, Outcome, flag

_GROUPS = ("low", "medium", "high")
_NOTE = (
    "Han 2025, 208 patients, 95% intervals. Care: {care}. Rates of groups of one centre, tested only on the patients "
    "they came from."
)

ALERTS = (
    Advice(
        "Neurological symptoms go before every score: with new bladder or bowel dysfunction, saddle anaesthesia, "
        "weakness or change of gait, emergency MRI and spine-surgical review.",
        flag("neurological_symptoms"),
        ("rule-neurology",),
    ),
    Advice(
        "A suspected tumour or infection goes before every score: its own work-up first.",
        flag("malignancy_or_infection"),
        ("rule-red-flags",),
    ),
)
OUTCOMES = tuple(
    Outcome(
        title=say("{title} at 6 months", title=title),
        evidence="han-2025-outcomes",
        counts=tuple((group, say("{key}_{group}", key=key, group=group)) for group in _GROUPS),
        note=_NOTE,
        care=("han-2025", "conservative_treatment"),
    )
    for title, key in (("No bony union", "non_union"), ("Kyphosis worse by more than 10°", "progressive_kyphosis"))
)
