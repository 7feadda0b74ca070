"""What must not be missed, as Flags: FHIR's place for a warning that shows wherever the patient's record is opened.

The same sentences stand first in the conclusion of the report, for who reads that alone.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from ovcf.fhir.out.source import filled
from ovcf.fhir.parts import Json, coded, hl7

if TYPE_CHECKING:
    from ovcf.fhir.out.source import Of, Resources


def urgent(of: Of) -> list[str]:
    """The sentences that nobody may sign without having seen, in their order."""
    return [s.text for s in of.assessment.guidance if s.must_be_seen]


def alerts(into: Resources) -> None:
    """Keep one flag for each."""
    of = into.of
    for statement in of.assessment.guidance:
        if not statement.must_be_seen:
            continue
        text = statement.text if of.signed else f"Not signed by a reader yet: {statement.text}"
        made: Json = {
            "resourceType": "Flag",
            "status": "active",
            "category": [hl7("flag-category", "clinical")],
            "code": coded("item", "urgent", text),
            "subject": of.subject,
            "period": filled({"start": of.day or of.issued}),
            "author": of.reader[0] if of.reader else of.device,
        }
        into.add(filled(made), "flag", statement.id)
