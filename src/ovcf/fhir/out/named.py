"""A reading whose patient goes by another name: what stands in the report stands in the bundle, and no more."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from ovcf.reading.editing.edits import EnterFact

if TYPE_CHECKING:
    from ovcf.reading.editing.edits import AnyEdit
    from ovcf.reading.file import ReadingFile
    from ovcf.reading.version import Version


def named(file: ReadingFile, code: str, *, notes: bool) -> ReadingFile:
    """The reading with ``code`` in place of whatever its images and its clinical facts call the patient.

    Without ``notes`` the free text of the clinical facts is left out: it may name a person.
    """
    seen = {
        name: replace(one, patient=replace(one.patient, id=code if one.patient.id else None))
        for name, one in file.observations.items()
    }
    versions = tuple(_version(v, code, notes=notes) for v in file.reading.versions)
    return replace(file, reading=replace(file.reading, versions=versions), observations=seen)


def _version(version: Version, code: str, *, notes: bool) -> Version:
    case = replace(version.case, patient_id=code)
    case = case if notes else replace(case, notes=())
    return replace(version, case=case, edits=tuple(_edit(e, code, notes=notes) for e in version.edits))


def _edit(edit: AnyEdit, code: str, *, notes: bool) -> AnyEdit:
    if isinstance(edit, EnterFact) and edit.field == "patient_id":
        return replace(edit, value=code)
    if isinstance(edit, EnterFact) and edit.field == "notes" and not notes:
        return replace(edit, value=())
    return edit
