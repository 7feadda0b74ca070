"""Whose a study is: the hospital's number leads to the patient, and lies nowhere but encrypted.

The number itself, name and birth date are sealed in the identity of the patient. Beside them stands a digest of site
and number under the same key, by which the patient is found.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import secrets
from dataclasses import asdict, dataclass
from datetime import date
from typing import TYPE_CHECKING

from sqlalchemy import select

from ovcf.imaging.one_patient import text
from ovcf.plain_text import clean
from ovcf.registry.access import within
from ovcf.registry.tables import Identity, MovedStudy, PacsRecord, Patient
from ovcf.registry.words import PacsEvent
from ovcf.vocabulary import Sex

if TYPE_CHECKING:
    from collections.abc import Sequence
    from uuid import UUID

    from pydicom import Dataset
    from sqlalchemy.orm import Session

    from ovcf.registry.access import Principal
    from ovcf.registry.store import Writer

_NONCE = 12
_SEX = {"F": Sex.FEMALE, "M": Sex.MALE}


@dataclass(frozen=True, slots=True)
class Person:
    """Who a study says that it is of, as DICOM writes it; what it does not say is empty."""

    number: str
    issuer: str
    name: str
    born: str
    sex: str
    removed: bool
    """The study says that it was de-identified."""

    @classmethod
    def of(cls, ds: Dataset, issuer: str = "") -> Person:
        """From an image; ``issuer`` is who gave the number where the image does not say."""
        return cls(
            number=text(ds, "PatientID"),
            issuer=text(ds, "IssuerOfPatientID") or issuer,
            name=text(ds, "PatientName"),
            born=text(ds, "PatientBirthDate"),
            sex=text(ds, "PatientSex"),
            removed=text(ds, "PatientIdentityRemoved").upper() == "YES",
        )

    @property
    def is_nobody(self) -> bool:
        """Nothing says whose the study is, or it was taken away."""
        return self.removed or not self.number

    @property
    def known_sex(self) -> Sex | None:
        """The sex, if it is one of the two that measurements depend on."""
        return _SEX.get(self.sex)

    @property
    def birth_year(self) -> int | None:
        """The year of birth, if the date is one."""
        try:
            return date.fromisoformat(self.born).year if len(self.born) == 8 else None
        except ValueError:
            return None


def patient_of(session: Session, principal: Principal, key: bytes, person: Person) -> tuple[Patient | None, str]:
    """The patient of a hospital number, and why there is none.

    One number does not make one person where birth date or sex say otherwise. A name may change.
    """
    if person.is_nobody:
        return None, "its images do not say whose they are"
    asked = select(Identity).where(Identity.lookup == _lookup(key, principal.site, person))
    rows = [row for row in session.scalars(within(asked, principal, Identity)) if _stands(session, row)]
    patients = {row.patient_id for row in rows}
    if not patients:
        return None, "its hospital number is not known here"
    if len(patients) > 1:
        return None, "its hospital number is that of several patients here"
    for row in rows:
        kept = _opened(key, row)
        if any(a and b and a != b for a, b in ((kept.born, person.born), (kept.sex, person.sex))):
            return None, "birth date or sex are not those known of its hospital number"
    return session.get(Patient, patients.pop()), ""


def remember(writer: Writer, key: bytes, patient: Patient, person: Person) -> Identity:
    """Keep the hospital's number of a patient, sealed, unless it is kept already."""
    lookup = _lookup(key, patient.site_id, person)
    asked = select(Identity).where(Identity.lookup == lookup, Identity.patient_id == patient.id)
    there = [row for row in writer.session.scalars(asked) if _stands(writer.session, row)]
    if there:
        return there[0]
    return writer.add(Identity(patient_id=patient.id, lookup=lookup, sealed=_sealed(key, patient.id, person)))


def known_of(session: Session, key: bytes, patient: UUID) -> Sequence[Person]:
    """Who a patient is, in every hospital that is known."""
    rows = session.scalars(select(Identity).where(Identity.patient_id == patient, Identity.lookup.is_not(None)))
    return [_opened(key, row) for row in rows]


def _stands(session: Session, row: Identity) -> bool:
    """Whether a number is still that of its patient: not where every study that it became known by was moved away."""
    asked = select(PacsRecord.work_item).where(PacsRecord.identity == row.id, PacsRecord.event == PacsEvent.LINKED)
    studies = set(session.scalars(asked))
    gone = set(session.scalars(select(MovedStudy.study_id).where(MovedStudy.patient_id == row.patient_id)))
    return not studies or bool(studies - gone)


def _lookup(key: bytes, site: UUID, person: Person) -> str:
    told = "\0".join(("ovcf hospital number", str(site), clean(person.issuer), clean(person.number)))
    return hmac.new(key, told.encode(), hashlib.sha256).hexdigest()


def _sealed(key: bytes, patient: UUID, person: Person) -> bytes:
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM

    nonce = secrets.token_bytes(_NONCE)
    return nonce + AESGCM(key).encrypt(nonce, json.dumps(asdict(person)).encode(), str(patient).encode())


def _opened(key: bytes, row: Identity) -> Person:
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM

    told = AESGCM(key).decrypt(row.sealed[:_NONCE], row.sealed[_NONCE:], str(row.patient_id).encode())
    return Person(**json.loads(told))
