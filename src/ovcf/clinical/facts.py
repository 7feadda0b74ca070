"""The facts of a case by the names of the clinical file, what is not known left out: what a registry keeps."""

from __future__ import annotations

from dataclasses import fields, is_dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from ovcf.clinical.case import ClinicalCase

NOT_KEPT = frozenset({"patient_id", "visit_date", "earlier", "notes"})
"""Whose it is and when the visit was stand in tables of their own, earlier visits too; free text may name a person."""


def facts_of(case: ClinicalCase) -> dict[str, Any]:
    """What is known of a case, as JSON holds it; :func:`ovcf.clinical.read_case.case_from_mapping` reads it back."""
    return {name: value for name, value in _plain(case).items() if name not in NOT_KEPT}


def _plain(record: Any) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for f in fields(record):
        value = getattr(record, f.name)
        if is_dataclass(value):
            value = _plain(value) or None
        elif isinstance(value, StrEnum):
            value = value.value
        elif isinstance(value, tuple):
            value = [item.value if isinstance(item, StrEnum) else item for item in value if not is_dataclass(item)]
        if value not in (None, []):
            found[f.name] = value
    return found
