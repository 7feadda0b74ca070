"""A reading without what tells whose it is and who read it; what is concluded from it stays the same."""

from __future__ import annotations

import re
from dataclasses import fields, is_dataclass, replace
from enum import Enum
from typing import TYPE_CHECKING, Any

from ovcf.clinical.case import ClinicalCase
from ovcf.errors import ClinicalDataError
from ovcf.imaging.study import Patient
from ovcf.reading.editing.edits import EnterFact
from ovcf.reading.file import digest, to_bytes
from ovcf.workflow.confidential.tells import Tells
from ovcf.workflow.deidentify import OLDEST_TOLD, Replacer, deidentified_case, harmless_description

if TYPE_CHECKING:
    from ovcf.reading.file import ReadingFile
    from ovcf.workflow.deidentify import Pseudonym

_INSTANTS = frozenset({"at", "begun_at", "confirmed_at", "made_at"})
_DAY = re.compile(r"(?<!\d)(\d{4}-\d{2}-\d{2})(?!\d)")
_SITES = re.compile(
    r"(lumbar )?spine|femoral neck|femur|(total )?hip|forearm|radius|[LT]\d{1,2}(\s*[-,–]\s*[LT]\d{1,2})*",
    re.IGNORECASE,
)


def deidentified_reading(file: ReadingFile, pseudonym: Pseudonym) -> ReadingFile:
    """All versions of a reading; ids of vertebrae and edits stay, so that the edits fit.

    Raises:
        ClinicalDataError: something that tells would stay.
    """
    said = _Words(file, pseudonym)
    seen = {old: said.without(one) for old, one in file.observations.items()}
    names = {old: digest(one) for old, one in seen.items()}
    versions = tuple(
        replace(said.without(v), observations=names[v.observations], reason="removed" if v.reason else "")
        for v in file.reading.versions
    )
    reading = replace(file.reading, id=pseudonym.uid(file.reading.id).rpartition(".")[2][:32], versions=versions)
    made = replace(
        file,
        reading=reading,
        observations={names[old]: one for old, one in seen.items()},
        pictures=tuple(said.without(picture) for picture in file.pictures),
    )
    if said.tells.but(pseudonym).stands_in(_plain(made)):
        raise ClinicalDataError("reading", "still holds what tells whose it is", "It is left out.")
    return made


class _Words:
    """What is replaced by what, in one reading."""

    def __init__(self, file: ReadingFile, pseudonym: Pseudonym) -> None:
        self._pseudonym = pseudonym
        self._readers: dict[str, str] = {}
        words: dict[str, str] = {}
        uids: set[str] = set()
        days: set[str] = set()
        for seen in file.observations.values():
            for one in seen.series:
                uids |= {one.uid, one.study_uid, *one.instances} - {""}
                days |= {one.acquired_on} if one.acquired_on else set()
                if one.description and not harmless_description(one.description):
                    words[one.description] = one.role.value
            for number, (name, _) in enumerate(seen.skipped, 1):
                words[name] = f"file {number}"
            for group in seen.landmarks:
                for name in (group.name, group.source.image):
                    if name and name not in uids and not harmless_description(name):
                        words.setdefault(name, "the image")
            if seen.patient.id:
                words[seen.patient.id] = pseudonym.name
        told = {v.case.patient_id for v in file.reading.versions} | {v.reader for v in file.reading.versions}
        told |= {edit.reader for v in file.reading.versions for edit in v.edits}
        days |= {day for v in file.reading.versions for day in (v.case.visit_date,) if day}
        self.tells = Tells.from_words({*words, *told, *(u for u in uids if "." in u)} - {pseudonym.name}, days)
        self._neutral = Replacer({uid: pseudonym.uid(uid) for uid in uids} | words)

    def without(self, value: Any, name: str = "") -> Any:
        """A value as it may be given away; ``name`` is that of the field it stands in."""
        if isinstance(value, ClinicalCase):
            return self._case(value)
        if isinstance(value, Patient):
            age = None if value.age is None else min(value.age, float(OLDEST_TOLD))
            return Patient(id=self._pseudonym.name, sex=value.sex, age=age)
        if isinstance(value, EnterFact):
            return self._fact(value)
        if is_dataclass(value) and not isinstance(value, type):
            changed = {f.name: self.without(getattr(value, f.name), f.name) for f in fields(value) if f.init}
            return replace(value, **changed)
        if isinstance(value, tuple):
            return tuple(self.without(one, name) for one in value)
        if isinstance(value, dict):
            return {self.without(key): self.without(one) for key, one in value.items()}
        return self._text(value, name) if isinstance(value, str) and not isinstance(value, Enum) else value

    def _text(self, text: str, name: str) -> str:
        if not text:
            return text
        if name in _INSTANTS:
            return self._pseudonym.day(text[:10]) + "T00:00:00+00:00"
        if name == "reader":
            return self._readers.setdefault(text, f"reader {len(self._readers) + 1}")
        return _DAY.sub(lambda day: self._day(day.group()), self._neutral(text))

    def _day(self, text: str) -> str:
        try:
            return self._pseudonym.day(text)
        except ValueError:
            return "a day"

    def _case(self, case: ClinicalCase) -> ClinicalCase:
        made = deidentified_case(case, self._pseudonym)
        site = made.t_score_site
        return replace(made, t_score_site=site if site and _SITES.fullmatch(site.strip()) else None)

    def _fact(self, edit: EnterFact) -> EnterFact:
        one = self.without(ClinicalCase()) if edit.field == "patient_id" else None
        value: Any = edit.value
        if one is not None:
            value = one.patient_id
        elif edit.field.endswith("_date") and isinstance(value, str):
            value = self._day(value)
        elif edit.field in ("notes", "t_score_site"):
            value = () if edit.field == "notes" else None
        return replace(edit, value=value, reader=self._text(edit.reader, "reader"), at=self._text(edit.at, "at"))


def _plain(file: ReadingFile) -> bytes:
    """What the archive holds, unpacked."""
    import io
    import zipfile

    with zipfile.ZipFile(io.BytesIO(to_bytes(file))) as archive:
        return b"\n".join(archive.read(name) for name in archive.namelist() if name.endswith(".json"))
