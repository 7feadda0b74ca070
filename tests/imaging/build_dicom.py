"""DICOM files with known truth: the value of every pixel is a function of where it lies in the patient."""

from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from pydicom.dataset import Dataset, FileDataset, FileMetaDataset
from pydicom.sequence import Sequence
from pydicom.uid import CTImageStorage, EnhancedMRImageStorage, ExplicitVRLittleEndian, MRImageStorage, generate_uid

SAGITTAL = ((0, 1, 0), (0, 0, -1))  # along a row: posterior; along a column: caudal
CORONAL = ((1, 0, 0), (0, 0, -1))
AXIAL = ((1, 0, 0), (0, 1, 0))
ELSEWHERE = generate_uid()


def signal(points):
    """What the scanner measures at LPS points ``(..., 3)``: different along every axis, below 2000."""
    x, y, z = np.moveaxis(np.asarray(points, float), -1, 0)
    return 700 + 5 * x + 3 * y - 2 * z


@dataclass
class Scan:
    """A stack of slices; ``tags`` go into every file, ``turned`` is a further rotation matrix of the whole stack."""

    plane: tuple = SAGITTAL
    shape: tuple = (7, 12, 10)  # slices, rows, columns
    spacing: tuple = (4.0, 1.5, 1.25)  # slice, row, column, mm
    centre: tuple = (3.0, -20.0, 40.0)
    turned: np.ndarray = field(default_factory=lambda: np.eye(3))
    modality: str = "MR"
    tags: dict = field(default_factory=dict)
    uid: str = field(default_factory=generate_uid)
    slope: float = 1.0
    intercept: float = 0.0

    @property
    def axes(self):
        along_row, along_column = (self.turned @ np.array(v, float) for v in self.plane)
        return np.cross(along_row, along_column), along_column, along_row

    def corner(self, number):
        """LPS mm of the first pixel of one slice."""
        normal, down, along = (a * mm for a, mm in zip(self.axes, self.spacing, strict=True))
        n, rows, columns = self.shape
        middle = (number - (n - 1) / 2) * normal - (rows - 1) / 2 * down - (columns - 1) / 2 * along
        return np.array(self.centre) + middle

    def pixels(self, number):
        """The measured values of one slice, ``(rows, columns)``, before storage."""
        _, down, along = (a * mm for a, mm in zip(self.axes, self.spacing, strict=True))
        i, j = np.indices(self.shape[1:])
        return signal(self.corner(number) + i[..., None] * down + j[..., None] * along)

    def stored(self, number):
        return np.round((self.pixels(number) - self.intercept) / self.slope).astype(np.uint16)

    def position(self, number):
        return [round(float(v), 6) for v in self.corner(number)]

    @property
    def orientation(self):
        return [round(float(v), 8) for v in (*self.axes[2], *self.axes[1])]

    def slice(self, number, **tags):
        """One single-frame file."""
        ds = blank(CTImageStorage if self.modality == "CT" else MRImageStorage, self.modality, self.uid)
        ds.ImagePositionPatient, ds.ImageOrientationPatient = self.position(number), self.orientation
        ds.PixelSpacing, ds.SliceThickness = list(self.spacing[1:]), self.spacing[0]
        ds.InstanceNumber = number + 1
        ds.RescaleSlope, ds.RescaleIntercept = self.slope, self.intercept
        with_pixels(ds, self.stored(number))
        for keyword, value in {**self.tags, **tags}.items():
            setattr(ds, keyword, value)
        return ds

    def slices(self):
        return [self.slice(number) for number in range(self.shape[0])]

    def write(self, folder, order=None):
        """All slices as files, named in the given order of slice numbers."""
        numbers = range(self.shape[0]) if order is None else order
        return write(folder, [self.slice(number) for number in numbers])


def blank(sop_class, modality, series_uid=None):
    """A data set with everything but geometry and pixels."""
    meta = FileMetaDataset()
    meta.TransferSyntaxUID = ExplicitVRLittleEndian
    meta.MediaStorageSOPClassUID = sop_class
    meta.MediaStorageSOPInstanceUID = generate_uid()
    ds = FileDataset("", {}, file_meta=meta, preamble=b"\0" * 128)
    ds.SOPClassUID, ds.SOPInstanceUID = sop_class, meta.MediaStorageSOPInstanceUID
    ds.SeriesInstanceUID, ds.StudyInstanceUID = series_uid or generate_uid(), ELSEWHERE
    ds.Modality, ds.PatientID, ds.PatientSex, ds.PatientAge = modality, "P1", "F", "072Y"
    ds.AcquisitionDate, ds.StudyDate = "20240131", "20240131"
    return ds


def with_pixels(ds, pixels, photometric="MONOCHROME2"):
    """The same data set holding ``(rows, columns)`` or ``(frames, rows, columns)`` 16-bit pixels."""
    ds.Rows, ds.Columns = pixels.shape[-2:]
    ds.SamplesPerPixel, ds.PhotometricInterpretation = 1, photometric
    ds.BitsAllocated, ds.BitsStored, ds.HighBit, ds.PixelRepresentation = 16, 16, 15, 0
    ds.PixelData = np.ascontiguousarray(pixels, "<u2").tobytes()
    return ds


def write(folder, datasets, prefix="IM"):
    folder = Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    paths = [folder / f"{prefix}{i:04d}.dcm" for i in range(len(datasets))]
    for path, ds in zip(paths, datasets, strict=True):
        ds.save_as(path, enforce_file_format=True)
    return paths


def item(**tags):
    ds = Dataset()
    for keyword, value in tags.items():
        setattr(ds, keyword, value)
    return ds


def group(**macros):
    """A functional group: each macro a sequence of one item."""
    return item(**{keyword: Sequence([item(**tags)]) for keyword, tags in macros.items()})


def enhanced(scan, order, *, echoes=(80.0,), **tags):
    """One enhanced multi-frame object with frames in the given order of slice numbers, for each echo time."""
    ds = blank(EnhancedMRImageStorage, scan.modality, scan.uid)
    frames = [(number, te) for te in echoes for number in order]
    with_pixels(ds, np.stack([scan.stored(number) for number, _ in frames]))
    ds.NumberOfFrames = len(frames)
    ds.SharedFunctionalGroupsSequence = Sequence(
        [
            group(
                PlaneOrientationSequence={"ImageOrientationPatient": scan.orientation},
                PixelMeasuresSequence={"PixelSpacing": list(scan.spacing[1:]), "SliceThickness": scan.spacing[0]},
                PixelValueTransformationSequence={"RescaleSlope": scan.slope, "RescaleIntercept": scan.intercept},
                MRTimingAndRelatedParametersSequence={"RepetitionTime": 3000.0},
            )
        ]
    )
    ds.PerFrameFunctionalGroupsSequence = Sequence(
        [
            group(
                PlanePositionSequence={"ImagePositionPatient": scan.position(number)},
                MREchoSequence={"EffectiveEchoTime": te},
            )
            for number, te in frames
        ]
    )
    for keyword, value in {**scan.tags, **tags}.items():
        setattr(ds, keyword, value)
    return ds


def shows_the_patient(volume, tolerance=0.51):
    """Whether every voxel holds what the scanner measured at the place the volume says it lies."""
    index = np.moveaxis(np.indices(volume.voxels.shape), 0, -1)
    return bool(np.abs(volume.voxels.astype(float) - signal(volume.to_patient(index))).max() <= tolerance)
