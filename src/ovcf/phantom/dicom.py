"""Digital patients as DICOM: complete, valid, deterministic, and marked as phantoms in every name a reader sees."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING

import numpy as np
from pydicom.dataset import Dataset, FileDataset, FileMetaDataset
from pydicom.uid import UID, ExplicitVRLittleEndian

from ovcf.imaging.files.chemical_shift import PROTON_MHZ_PER_TESLA
from ovcf.vocabulary import Sex

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from ovcf.phantom.radiograph import Radiograph
    from ovcf.phantom.recipe import Recipe
    from ovcf.phantom.render import Phantom

MR_IMAGE, ENHANCED_MR_IMAGE = "1.2.840.10008.5.1.4.1.1.4", "1.2.840.10008.5.1.4.1.1.4.1"
DX_IMAGE = "1.2.840.10008.5.1.4.1.1.1.1"
PATIENT_NAME = "PHANTOM^OVCF"
_FIRST_DAY = date(2020, 1, 6)
SERIES_NAMES = {"T1": "T1 TSE SAG", "T2": "T2 TSE SAG", "STIR": "STIR SAG", "FS T2": "T2 TSE FS SAG"}


@dataclass(frozen=True, slots=True)
class Identity:
    """Who and when: everything that must be the same in all files of a visit. ``key`` seeds the UIDs."""

    key: str
    recipe: Recipe
    weeks: float

    def uid(self, *what: object) -> UID:
        """A UID that depends on nothing but the patient and what it is for (2.25, ITU X.667)."""
        digest = hashlib.sha256("/".join([self.key, *map(str, what)]).encode()).digest()
        return UID(f"2.25.{int.from_bytes(digest[:16])}")

    @property
    def day(self) -> date:
        """The day of the visit."""
        return _FIRST_DAY + timedelta(days=round(7 * self.weeks))


def code(value: str, scheme: str, meaning: str) -> Dataset:
    """A coded concept."""
    item = Dataset()
    item.CodeValue, item.CodingSchemeDesignator, item.CodeMeaning = value, scheme, meaning
    return item


def base(identity: Identity, sop_class: str, series: str, number: int, instance: int) -> FileDataset:
    """Patient, study, series, equipment and SOP common modules."""
    uid = identity.uid("instance", series, instance)
    meta = FileMetaDataset()
    meta.MediaStorageSOPClassUID, meta.MediaStorageSOPInstanceUID = UID(sop_class), uid
    meta.TransferSyntaxUID = ExplicitVRLittleEndian
    meta.ImplementationClassUID, meta.ImplementationVersionName = (
        Identity("ovcf", identity.recipe, 0).uid("implementation"),
        "OVCF_PHANTOM",
    )
    ds = FileDataset("", {}, file_meta=meta, preamble=b"\0" * 128)
    day = identity.day.strftime("%Y%m%d")
    recipe = identity.recipe
    ds.SpecificCharacterSet = "ISO_IR 192"
    ds.SOPClassUID, ds.SOPInstanceUID = UID(sop_class), uid
    ds.StudyDate = ds.SeriesDate = ds.AcquisitionDate = ds.ContentDate = ds.InstanceCreationDate = day
    ds.StudyTime = "090000"
    ds.SeriesTime = ds.AcquisitionTime = ds.ContentTime = ds.InstanceCreationTime = f"09{number:02d}00"
    ds.AccessionNumber = ""
    ds.Manufacturer, ds.ManufacturerModelName, ds.SoftwareVersions = "ovcf", "Digital phantom", "1"
    ds.DeviceSerialNumber = "0"
    ds.ReferringPhysicianName = ""
    ds.StudyDescription = "PHANTOM spine (not a patient)"
    ds.PatientName, ds.PatientID = PATIENT_NAME, f"PHANTOM-{recipe.seed}"
    age = int(recipe.age_years or 70)
    ds.PatientBirthDate = date(_FIRST_DAY.year - age, 1, 1).strftime("%Y%m%d")
    ds.PatientSex = "F" if recipe.sex is Sex.FEMALE else "M"
    ds.PatientAge = f"{(identity.day - date(_FIRST_DAY.year - age, 1, 1)).days // 365.2425:03.0f}Y"
    ds.PatientComments = "Digital phantom made by ovcf. Not a patient."
    ds.QualityControlSubject = "YES"
    ds.StudyInstanceUID, ds.SeriesInstanceUID = identity.uid("study"), identity.uid("series", series)
    ds.StudyID, ds.SeriesNumber, ds.InstanceNumber = "1", number, instance
    ds.BurnedInAnnotation = "NO"
    return ds


def put_pixels(ds: Dataset, pixels: NDArray[np.uint16], bits: int) -> None:
    """Pixels ``(rows, columns)`` or ``(frames, rows, columns)`` and the attributes that describe them."""
    ds.SamplesPerPixel, ds.PhotometricInterpretation = 1, "MONOCHROME2"
    ds.Rows, ds.Columns = pixels.shape[-2:]
    ds.BitsAllocated, ds.BitsStored, ds.HighBit, ds.PixelRepresentation = 16, bits, bits - 1, 0
    ds.set_pixel_data(np.ascontiguousarray(pixels), "MONOCHROME2", bits, generate_instance_uid=False)


def numbers(*values: float) -> list[str]:
    """Decimal strings, short enough for their 16 bytes."""
    return [f"{v:.6g}" for v in values]


def window_of(phantom: Phantom, contrast: str) -> tuple[str, str]:
    """Centre and width of the display window of a stack."""
    bright = float(np.quantile(phantom.images[contrast][:, ::8, ::8], 0.985))
    centre, width = numbers(round(bright / 2), max(1, round(bright)))
    return centre, width


def mr_slice(identity: Identity, phantom: Phantom, contrast: str, number: int, index: int) -> FileDataset:
    """One slice as MR Image Storage."""
    stack, protocol = phantom.stack, phantom.protocols[contrast]
    description = f"PHANTOM {SERIES_NAMES[contrast]}"
    ds = base(identity, MR_IMAGE, description, number, index + 1)
    ds.Modality, ds.SeriesDescription, ds.ProtocolName = "MR", description, description
    ds.ImageType = ["ORIGINAL", "PRIMARY", "OTHER"]
    ds.BodyPartExamined, ds.PatientPosition = "SPINE", "HFS"
    ds.FrameOfReferenceUID, ds.PositionReferenceIndicator = identity.uid("frame"), ""
    inversion = protocol.ti_ms is not None
    ds.ScanningSequence = ["SE", "IR"] if inversion else "SE"
    ds.SequenceVariant, ds.MRAcquisitionType = ["SK", "OSP"], "2D"
    ds.ScanOptions = "FS" if protocol.is_fat_saturated else ""
    ds.SequenceName = "*tir2d1_15" if inversion else f"*tse2d1_{protocol.echo_train}"
    ds.RepetitionTime, ds.EchoTime = numbers(protocol.tr_ms)[0], numbers(protocol.te_ms)[0]
    if protocol.ti_ms is not None:
        ds.InversionTime = numbers(protocol.ti_ms)[0]
    ds.NumberOfAverages, ds.EchoNumbers, ds.EchoTrainLength = 2, 1, protocol.echo_train
    ds.ImagingFrequency = f"{PROTON_MHZ_PER_TESLA * protocol.tesla:.4f}"
    ds.ImagedNucleus, ds.MagneticFieldStrength = "1H", numbers(protocol.tesla)[0]
    ds.SpacingBetweenSlices, ds.SliceThickness = numbers(stack.spacing_mm, stack.thickness_mm)
    ds.NumberOfPhaseEncodingSteps = round(stack.grid.rows * protocol.acquired)  # pixels are as many either way
    ds.PercentSampling, ds.PercentPhaseFieldOfView = numbers(100 * protocol.acquired, 100)
    ds.PixelBandwidth, ds.InPlanePhaseEncodingDirection = (
        numbers(protocol.bandwidth_hz)[0],
        "COL" if protocol.reads_along_rows else "ROW",
    )
    ds.ReceiveCoilName, ds.FlipAngle = "SPINE", "90"
    ds.AcquisitionNumber = 1
    grid = stack.grid
    ds.ImagePositionPatient = numbers(stack.laterals[index], grid.x0, -grid.y0)
    ds.ImageOrientationPatient = numbers(0, 1, 0, 0, 0, -1)
    ds.PixelSpacing = numbers(grid.pixel_mm, grid.pixel_mm)
    ds.SliceLocation = numbers(stack.laterals[index])[0]
    pixels = phantom.images[contrast][index]
    ds.SmallestImagePixelValue, ds.LargestImagePixelValue = int(pixels.min()), int(pixels.max())
    ds.WindowCenter, ds.WindowWidth = window_of(phantom, contrast)
    put_pixels(ds, pixels, 16)
    return ds


def radiograph(identity: Identity, image: Radiograph, number: int) -> FileDataset:
    """The lateral radiograph as Digital X-Ray Image Storage, for presentation."""
    description = "PHANTOM LUMBAR SPINE LAT STANDING"
    ds = base(identity, DX_IMAGE, description, number, 1)
    ds.Modality, ds.SeriesDescription, ds.PresentationIntentType = "DX", description, "FOR PRESENTATION"
    ds.ImageType = ["ORIGINAL", "PRIMARY"]
    ds.BodyPartExamined = "SPINE"
    ds.AnatomicRegionSequence = [code("421060004", "SCT", "Vertebral column")]
    ds.ImageLaterality, ds.ViewPosition = "U", "LL"
    view = code("399198007", "SCT", "left lateral")
    view.ViewModifierCodeSequence = []
    ds.ViewCodeSequence = [view]
    ds.PatientOrientation = ["P", "F"]
    ds.PatientOrientationCodeSequence = [code("10904000", "SCT", "erect")]
    ds.KVP, ds.ExposureTime, ds.XRayTubeCurrent = "85", 200, 250
    ds.DistanceSourceToDetector, ds.DistanceSourceToPatient = numbers(
        image.source_to_detector_mm, image.source_to_patient_mm
    )
    ds.EstimatedRadiographicMagnificationFactor = numbers(image.magnification)[0]
    ds.PositionerType, ds.Grid = "NONE", "FIXED"
    ds.DetectorType, ds.DetectorConfiguration, ds.DetectorID = "SCINTILLATOR", "AREA", "1"
    ds.DateOfLastDetectorCalibration, ds.TimeOfLastDetectorCalibration = "20200101", "000000"
    ds.DetectorTemperature = "25"
    ds.ImagerPixelSpacing = numbers(image.spacing_mm, image.spacing_mm)
    ds.PixelIntensityRelationship, ds.PixelIntensityRelationshipSign = "LOG", 1
    ds.RescaleIntercept, ds.RescaleSlope, ds.RescaleType = "0", "1", "US"
    ds.PresentationLUTShape, ds.LossyImageCompression = "IDENTITY", "00"
    ds.WindowCenter, ds.WindowWidth = "2000", "3600"
    ds.AcquisitionContextSequence = []
    ds.AcquisitionNumber = 1
    put_pixels(ds, image.pixels, 12)
    return ds
