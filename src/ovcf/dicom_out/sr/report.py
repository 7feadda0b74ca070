"""The structured report: Comprehensive SR of TID 1500 with everything of a reading that such a report can hold."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple, cast

from highdicom import UID
from highdicom.sr import (
    CodedConcept,
    ComprehensiveSR,
    ContainerContentItem,
    ContentSequence,
    DeviceObserverIdentifyingAttributes,
    MeasurementReport,
    ObservationContext,
    ObserverContext,
    PersonObserverIdentifyingAttributes,
)
from pydicom import Dataset
from pydicom.sr.codedict import codes

from ovcf.coded.codes import SCHEME, SCHEME_NAME, SCHEME_UID
from ovcf.dicom_out.coded.items import CONTAINS, item_concept, person_name, text
from ovcf.dicom_out.coded.moment import dated
from ovcf.dicom_out.sr.editable import editable_groups
from ovcf.dicom_out.sr.groups import image_groups, landmark_groups, score_groups
from ovcf.errors import ReadingError
from ovcf.guidance.statement import Urgency
from ovcf.reading.uids import instance_uid, series_uid, uid_of
from ovcf.reading.version import moment_of
from ovcf.vocabulary import Modality, ReadingStatus

if TYPE_CHECKING:
    from collections.abc import Iterator

    from highdicom.sr import ContentItem

    from ovcf.dicom_out.sr.groups import Group, Written
    from ovcf.reading.version import Version

SERIES_NUMBERS = {"SR": 9501, "SEG": 9502, "PDF": 9503, "KO": 9504}
"""High, so that they stand behind the images; a segmentation of another series counts on from its own."""
MANUFACTURER = "ovcf project"
_OBSERVER = {"person": CodedConcept("121006", "DCM", "Person"), "device": CodedConcept("121007", "DCM", "Device")}


def structured_report(what: Written, *, organization: str = "") -> ComprehensiveSR:
    """The report of the newest version, verified by its reader if it is signed.

    ``organization`` is whose reader verifies it; without it that of the images is named.

    Raises:
        ReadingError: there is nothing that could be reported.
    """
    version = what.reading.current
    parts = _Parts(list(editable_groups(what)), list(landmark_groups(what)), [*image_groups(what), *score_groups(what)])
    if not any(parts):
        raise ReadingError(f"reading {what.reading.id}", "holds nothing to report", "Place landmarks first.")
    images = list(what.sources.images.values())
    report = MeasurementReport(
        observation_context=_observers(version),
        procedure_reported=_procedures(what),
        imaging_measurements=parts.lines or parts.landmarks or parts.derived,
        title=codes.DCM.ImagingMeasurementReport,
        referenced_images=_shown(what),
    )
    report[0].ContentSequence.extend(_beside(parts))
    report[0].ContentSequence.append(_evaluations(what))
    signed = version.status is not ReadingStatus.DRAFT
    made = ComprehensiveSR(
        evidence=images,
        content=report[0],
        series_instance_uid=series_uid(what.reading, version, "SR"),
        series_number=SERIES_NUMBERS["SR"],
        sop_instance_uid=instance_uid(what.reading, version, "SR"),
        instance_number=1,
        manufacturer=MANUFACTURER,
        is_complete=signed,
        is_final=signed,
        is_verified=signed,
        verifying_observer_name=person_name(version.reader) if signed else None,
        verifying_organization=(organization or str(what.sources.first.get("InstitutionName", "")) or "not stated")
        if signed
        else None,
        series_description="ovcf: vertebral fracture" if signed else "ovcf: vertebral fracture (draft, not verified)",
    )
    finished(made, what)
    _preceded(made, what)
    scheme = Dataset()
    scheme.CodingSchemeDesignator, scheme.CodingSchemeUID = SCHEME, SCHEME_UID
    scheme.CodingSchemeName, scheme.CodingSchemeResponsibleOrganization = SCHEME_NAME, MANUFACTURER
    made.CodingSchemeIdentificationSequence = [scheme]
    return made


class _Parts(NamedTuple):
    """The groups of a report: lines that can be dragged, landmarks, and what follows from them.

    OHIF (3.13) draws every group of the container Imaging Measurements, the first one first, and draws none of them
    where one has no place on an image. So this holds the lines alone, and the others stand in containers of their own.
    """

    lines: list[Group]
    landmarks: list[Group]
    derived: list[Group]


def _beside(parts: _Parts) -> Iterator[ContainerContentItem]:
    """The containers beside the measurements; one that took the place of lines that are not there is not repeated.

    Derived Imaging Measurements is row 10 of TID 1500, which is extensible; highdicom writes neither.
    """
    derived = CodedConcept("126011", "DCM", "Derived Imaging Measurements")
    taken = parts.lines or parts.landmarks or parts.derived
    for name, groups in ((item_concept("landmarks"), parts.landmarks), (derived, parts.derived)):
        if groups and groups is not taken:
            container = ContainerContentItem(name, relationship_type=CONTAINS)
            container.ContentSequence = ContentSequence([cast("ContentItem", one[0]) for one in groups])
            yield container


def _made_by(made: Dataset, what: Written) -> None:
    """Each model that looked at the images, as IHE's AI Results profile asks (6.5.3.1). Its device UID follows from its
    weights, so that a model that was trained again is another one."""
    every = list(made.get("ContributingEquipmentSequence") or ())
    for name, digest in what.assessment.provenance.models:
        item, purpose = Dataset(), Dataset()
        purpose.CodeValue, purpose.CodingSchemeDesignator = "109102", "DCM"
        purpose.CodeMeaning = "Processing Equipment"
        item.PurposeOfReferenceCodeSequence = [purpose]
        item.Manufacturer, item.ManufacturerModelName = MANUFACTURER, name[:64]
        item.SoftwareVersions = (what.assessment.provenance.software or "ovcf")[:64]
        item.DeviceUID = uid_of("model", digest)
        item.ContributionDescription = f"Neural network, SHA-256 of its weights {digest}"
        every.append(item)
    if every:
        made.ContributingEquipmentSequence = every


def finished(made: Dataset, what: Written) -> None:
    """Dates, character set and equipment, the same in every object of a version."""
    made.SpecificCharacterSet = "ISO_IR 192"
    made.ManufacturerModelName = "ovcf"
    made.SoftwareVersions = what.assessment.provenance.software or "ovcf"
    made.DeviceSerialNumber = "0"
    _made_by(made, what)
    dated(made, moment_of(what.reading.current))


def _observers(version: Version) -> ObservationContext:
    """The reader, where one is named, and the program."""
    device = ObserverContext(
        _OBSERVER["device"],
        DeviceObserverIdentifyingAttributes(
            uid=UID(uid_of("device", version.software)),
            name="ovcf",
            manufacturer_name=MANUFACTURER,
            model_name=version.software or "ovcf",
        ),
    )
    if not version.reader:
        return ObservationContext(observer_device_context=device)
    reader = ObserverContext(_OBSERVER["person"], PersonObserverIdentifyingAttributes(name=person_name(version.reader)))
    return ObservationContext(observer_person_context=reader, observer_device_context=device)


def _procedures(what: Written) -> list[CodedConcept]:
    """What was done with the patient, as far as public dictionaries have a code for it."""
    known = {
        Modality.MR: codes.LN.MRIUnspecifiedBodyRegion,
        Modality.CT: codes.LN.CTUnspecifiedBodyRegion,
        Modality.RADIOGRAPH: codes.LN.XRUnspecifiedBodyRegion,
    }
    there = {s.modality for s in what.now.observations.series if s.uid in what.sources.series}
    return [CodedConcept.from_code(code) for modality, code in known.items() if modality in there] or [
        CodedConcept.from_code(codes.SCT.ImagingProcedure)
    ]


def _shown(what: Written) -> list[Dataset]:
    """The images that landmarks are shown on, in the order of the reading, for the library of images.

    highdicom describes no image there whose geometry stands in functional groups: multi-frame images are left out, and
    referred to by the landmarks all the same.
    """
    wanted = {
        place.onto((point,)).instance
        for s in what.now.sets
        if (place := what.sources.places.get(s.seen.id)) is not None
        for v in s.vertebrae.values()
        for point in v.seen.points
    }
    return [
        ds for uid, ds in what.sources.images.items() if uid in wanted and "PerFrameFunctionalGroupsSequence" not in ds
    ]


def _evaluations(what: Written) -> ContainerContentItem:
    """What is said of the whole: which reading it is, warnings, what was not measured and why (TID 1500, row 12)."""
    container = ContainerContentItem(
        CodedConcept("C0034375", "UMLS", "Qualitative Evaluations"), relationship_type=CONTAINS
    )
    container.ContentSequence = ContentSequence(list(_said(what)))
    return container


def _said(what: Written) -> Iterator[ContentItem]:
    version, assessment = what.reading.current, what.assessment
    yield text(item_concept("reading"), what.reading.id)
    yield text(item_concept("version"), version.id)
    if version.addendum:
        yield text(item_concept("addendum"), version.reason)
    for name, digest in assessment.provenance.models:
        yield text(item_concept("model"), f"{name} {digest}")
    for question in assessment.questions:
        yield text(item_concept("question"), f"{question.image}: which vertebra is which")
    for statement in assessment.guidance:
        if statement.urgency in (Urgency.EMERGENCY, Urgency.URGENT):
            yield text(item_concept("urgent"), statement.text)
    for warning in assessment.warnings:
        yield text(item_concept("warning"), warning)
    for one in assessment.withheld:
        where = "" if one.level is None else f"{one.level}, "
        yield text(item_concept("withheld"), f"{where}{one.name}: {one.reason}")
    for name, why in what.sources.elsewhere:
        yield text(item_concept("withheld"), f"{name}: not beside these images: {why}")
    for note in assessment.notes:
        yield text(item_concept("note"), note)


def _preceded(made: Dataset, what: Written) -> None:
    """Name the signed version that this one follows, by the UIDs that it has wherever it is written."""
    version = what.reading.current
    earlier = next((v for v in what.reading.versions if v.id == version.parent), None)
    if earlier is None or earlier.status is ReadingStatus.DRAFT:
        return
    document, series, study = Dataset(), Dataset(), Dataset()
    document.ReferencedSOPClassUID = made.SOPClassUID
    document.ReferencedSOPInstanceUID = instance_uid(what.reading, earlier, "SR")
    series.SeriesInstanceUID, series.ReferencedSOPSequence = series_uid(what.reading, earlier, "SR"), [document]
    study.StudyInstanceUID, study.ReferencedSeriesSequence = made.StudyInstanceUID, [series]
    made.PredecessorDocumentsSequence = [study]
