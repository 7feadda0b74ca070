"""The report as an encapsulated PDF, and the key images, beside the images."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pydicom.dataset import Dataset, FileDataset, FileMetaDataset
from pydicom.uid import UID, EncapsulatedPDFStorage, ExplicitVRLittleEndian

from ovcf.dicom_out.coded.items import person_name
from ovcf.dicom_out.sr.report import MANUFACTURER, SERIES_NUMBERS, finished
from ovcf.reading.uids import instance_uid, series_uid
from ovcf.vocabulary import ReadingStatus

if TYPE_CHECKING:
    from highdicom.ko import KeyObjectSelectionDocument

    from ovcf.anatomy import Level
    from ovcf.dicom_out.sr.groups import Written

_OF_PATIENT_AND_STUDY = (
    "PatientName",
    "PatientID",
    "IssuerOfPatientID",
    "PatientBirthDate",
    "PatientSex",
    "PatientAge",
    "PatientSize",
    "PatientWeight",
    "OtherPatientIDsSequence",
    "PatientComments",
    "QualityControlSubject",
    "PatientIdentityRemoved",
    "DeidentificationMethod",
    "DeidentificationMethodCodeSequence",
    "StudyInstanceUID",
    "StudyID",
    "StudyDate",
    "StudyTime",
    "AccessionNumber",
    "IssuerOfAccessionNumberSequence",
    "ReferringPhysicianName",
    "StudyDescription",
)


def encapsulated_pdf(what: Written, pdf: bytes) -> FileDataset:
    """A PDF as a DICOM object of the study."""
    version, first = what.reading.current, what.sources.first
    uid = UID(instance_uid(what.reading, version, "PDF"))
    meta = FileMetaDataset()
    meta.MediaStorageSOPClassUID, meta.MediaStorageSOPInstanceUID = EncapsulatedPDFStorage, uid
    meta.TransferSyntaxUID = ExplicitVRLittleEndian
    made = FileDataset("", {}, file_meta=meta, preamble=b"\0" * 128)
    for keyword in _OF_PATIENT_AND_STUDY:
        if keyword in first:
            made[keyword] = first[keyword]
    made.SOPClassUID, made.SOPInstanceUID = EncapsulatedPDFStorage, uid
    made.Modality, made.ConversionType = "DOC", "WSD"
    made.SeriesInstanceUID, made.SeriesNumber = series_uid(what.reading, version, "PDF"), SERIES_NUMBERS["PDF"]
    made.SeriesDescription, made.InstanceNumber = "ovcf: report", 1
    made.Manufacturer = MANUFACTURER
    made.AcquisitionDateTime, made.BurnedInAnnotation = "", "YES"
    signed = version.status is not ReadingStatus.DRAFT
    made.VerificationFlag = "VERIFIED" if signed else "UNVERIFIED"
    made.DocumentTitle = "Vertebral fracture report" + ("" if signed else " (draft)")
    made.ConceptNameCodeSequence = [_title()]
    made.MIMETypeOfEncapsulatedDocument = "application/pdf"
    made.EncapsulatedDocument, made.EncapsulatedDocumentLength = pdf + b"\0" * (len(pdf) % 2), len(pdf)
    made.SourceInstanceSequence = []
    for ds in what.sources.images.values():
        item = Dataset()
        item.ReferencedSOPClassUID, item.ReferencedSOPInstanceUID = ds.SOPClassUID, ds.SOPInstanceUID
        made.SourceInstanceSequence.append(item)
    finished(made, what)
    return made


def _title() -> Dataset:
    """ "Imaging report" has no code in DICOM's own dictionary; LOINC's is the one that PS3.16 CID 7000 names."""
    item = Dataset()
    item.CodeValue, item.CodingSchemeDesignator, item.CodeMeaning = "18748-4", "LN", "Diagnostic imaging report"
    return item


def key_images(what: Written) -> KeyObjectSelectionDocument | None:
    """The images that show the index vertebra, or every vertebra that is to be looked at; None where there are none."""
    from highdicom.ko import KeyObjectSelection, KeyObjectSelectionDocument
    from highdicom.sr import ObserverContext, PersonObserverIdentifyingAttributes
    from pydicom.sr.codedict import codes

    version, assessment = what.reading.current, what.assessment
    levels = list(dict.fromkeys(f.level for f in assessment.suggested_fractures if f.level))
    if assessment.index_level is not None:
        levels = [assessment.index_level]
    images = list(dict.fromkeys(uid for level in levels for uid in _showing(what, level)))
    if not images:
        return None
    person = None
    if version.reader:
        attributes = PersonObserverIdentifyingAttributes(name=person_name(version.reader))
        person = ObserverContext(codes.DCM.Person, attributes)
    chosen = [what.sources.images[uid] for uid in images]
    made = KeyObjectSelectionDocument(
        evidence=chosen,
        content=KeyObjectSelection(
            document_title=codes.DCM.OfInterest,
            referenced_objects=chosen,
            observer_person_context=person,
            description=f"Images that show {', '.join(levels)}",
        ),
        series_instance_uid=series_uid(what.reading, version, "KO"),
        series_number=SERIES_NUMBERS["KO"],
        sop_instance_uid=instance_uid(what.reading, version, "KO"),
        instance_number=1,
        manufacturer=MANUFACTURER,
    )
    finished(made, what)
    made.SeriesDescription = "ovcf: key images"
    return made


def _showing(what: Written, level: Level) -> list[str]:
    """The image of each set that the landmarks of a level lie nearest to."""
    found = []
    for s in what.now.sets:
        place, id_ = what.sources.places.get(s.seen.id), s.id_of(level)
        if place is not None and id_ is not None and s.vertebrae[id_].seen.points:
            found.append(place.onto(s.vertebrae[id_].seen.points).instance)
    return found
