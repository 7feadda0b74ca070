"""The small parts of FHIR resources: code systems, codes, quantities, identifiers, reasons for what is absent."""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING, Any

from ovcf.coded.codes import SCHEME, SCHEME_UID, concepts
from ovcf.reading.uids import uid_of
from ovcf.units import Unit

if TYPE_CHECKING:
    from ovcf.anatomy import Level

Json = dict[str, Any]

OWN = f"urn:oid:{SCHEME_UID}"
"""Our own code system: that of our DICOM objects."""
SYSTEMS = {
    "SCT": "http://snomed.info/sct",
    "LN": "http://loinc.org",
    "DCM": "http://dicom.nema.org/resources/ontology/DCM",
    "UCUM": "http://unitsofmeasure.org",
    "ATC": "http://www.whocc.no/atc",
    "I10": "http://hl7.org/fhir/sid/icd-10",
    SCHEME: OWN,
}
"""The URI of a code system by the designator that DICOM gives it."""
DICOM_UID = "urn:dicom:uid"
URI = "urn:ietf:rfc:3986"
PSEUDONYM = f"urn:oid:{uid_of('fhir', 'pseudonym')}"
"""Of pseudonyms in files, which no registry has given."""
HOSPITAL_NUMBER = f"urn:oid:{uid_of('fhir', 'hospital number')}"
"""Of patient numbers whose issuer nobody has named."""
CLINICAL_FORM = f"urn:oid:{uid_of('fhir', 'clinical form')}"
"""The Questionnaire that the fields of the clinical file make."""
_HL7 = "http://terminology.hl7.org/CodeSystem"
_DECIMALS = 6
_SPACE = uuid.UUID("7c1f6f3a-3d0e-5b52-9a56-0d2f4f1f8c11")
_UNIT_WORDS = {Unit.RATIO: "", Unit.STANDARD_DEVIATION: "SD", Unit.DEGREE: "°"}


def urn(*what: str) -> str:
    """The address of a resource within a bundle and its identifier: the same whenever ``what`` is."""
    return f"urn:uuid:{uuid.uuid5(_SPACE, chr(0).join(what))}"


def reference(to: str, kind: str) -> Json:
    """A reference to a resource of the same bundle."""
    return {"reference": to, "type": kind}


def identifier(value: str, system: str = URI, **more: Any) -> Json:
    """What a server knows a resource by, whatever address it gives it."""
    return {**more, "system": system, "value": value}


def own_identifier(address: str) -> Json:
    """The identifier of a resource of ours. It is no address: some servers rewrite an address wherever it stands."""
    return identifier(f"urn:uuid:{uuid.uuid5(_SPACE, address)}")


def dicom_identifier(uid: str, **more: Any) -> Json:
    """A DICOM UID as FHIR writes it."""
    return identifier(f"urn:oid:{uid}", DICOM_UID, **more)


def coding(section: str, id_: str) -> Json:
    """A concept of the dictionary."""
    one = concepts()[section][id_]
    return {"system": SYSTEMS[one.scheme], "code": one.value, "display": one.meaning}


def coded(section: str, id_: str, text: str = "") -> Json:
    """The same as a CodeableConcept."""
    return {"coding": [coding(section, id_)], **({"text": text} if text else {})}


def hl7(system: str, code: str, text: str = "") -> Json:
    """A code of HL7's own terminology as a CodeableConcept."""
    return {"coding": [{"system": f"{_HL7}/{system}", "code": code}], **({"text": text} if text else {})}


def dcm(code: str, display: str, text: str = "", scheme: str = "DCM") -> Json:
    """A code of DICOM's own terminology, or of another, as a CodeableConcept."""
    found: Json = {"coding": [{"system": SYSTEMS[scheme], "code": code, "display": display}]}
    return found | ({"text": text} if text else {})


def absent(code: str, why: str = "") -> Json:
    """Why there is no value."""
    return {"dataAbsentReason": hl7("data-absent-reason", code, why)}


def number(value: float) -> float | int:
    """A number as JSON shall hold it, to a millionth."""
    return value if isinstance(value, int) else round(float(value), _DECIMALS)


def quantity(value: float, unit: Unit, standard_uncertainty: float | None = None) -> Json:
    """A number with its UCUM unit; its standard uncertainty stands in HL7's extension for just that."""
    made: Json = {}
    if standard_uncertainty is not None:
        url = "http://hl7.org/fhir/StructureDefinition/iso21090-uncertainty"
        made["extension"] = [{"url": url, "valueDecimal": number(standard_uncertainty)}]
    made["value"] = number(value)
    if word := _UNIT_WORDS.get(unit, unit.symbol.strip()):
        made["unit"] = word
    return made | {"system": SYSTEMS["UCUM"], "code": unit.value}


def body_site(level: Level | None) -> Json:
    """A vertebra, or the spine as a whole."""
    return coded("item", "spine") if level is None else coded("level", level, str(level))
