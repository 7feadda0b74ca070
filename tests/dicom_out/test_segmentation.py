"""The segmentation holds the bodies of the reading on the stored pixels, one coded segment each."""

import nibabel as nib
import numpy as np
import pydicom
import pytest

from ovcf.reading.session import Session


@pytest.fixture(scope="module")
def segmentation(written):
    return pydicom.dcmread(written / "vertebrae.seg.dcm")


def in_patient(segmentation, number):
    """The patient coordinates (LPS mm) of every voxel of a segment, by DICOM's own definition."""
    found = []
    shared = segmentation.SharedFunctionalGroupsSequence[0]
    down, across = (float(x) for x in shared.PixelMeasuresSequence[0].PixelSpacing)
    rows, columns = np.reshape([float(x) for x in shared.PlaneOrientationSequence[0].ImageOrientationPatient], (2, 3))
    for frame, group in zip(segmentation.pixel_array, segmentation.PerFrameFunctionalGroupsSequence, strict=True):
        if group.SegmentIdentificationSequence[0].ReferencedSegmentNumber == number:
            corner = [float(x) for x in group.PlanePositionSequence[0].ImagePositionPatient]
            for row, column in np.argwhere(frame):
                found.append(np.add(corner, column * across * rows + row * down * columns))
    return np.array(found)


def test_it_is_binary_and_lies_in_the_frame_of_its_series(segmentation, visit):
    image = pydicom.dcmread(next((visit / "study" / "T2").iterdir()), stop_before_pixels=True)
    assert segmentation.SegmentationType == "BINARY"
    assert segmentation.FrameOfReferenceUID == image.FrameOfReferenceUID
    assert segmentation.ReferencedSeriesSequence[0].SeriesInstanceUID == image.SeriesInstanceUID


def test_each_vertebra_is_a_coded_segment(segmentation):
    segments = {s.SegmentLabel: s.SegmentedPropertyTypeCodeSequence[0] for s in segmentation.SegmentSequence}
    assert (segments["L1"].CodingSchemeDesignator, segments["L1"].CodeValue) == ("SCT", "66794005")
    assert (segments["T12"].CodingSchemeDesignator, segments["T12"].CodeValue) == ("SCT", "23215003")
    assert len({s.TrackingUID for s in segmentation.SegmentSequence}) == len(segments) > 8


def test_the_voxels_are_those_of_the_label_map_that_was_drawn(segmentation, visit, reading):
    """The bodies are the vertebral-body voxels of the digital patient's own label map, which is NIfTI (RAS)."""
    number = next(s.SegmentNumber for s in segmentation.SegmentSequence if s.SegmentLabel == "L1")
    written = in_patient(segmentation, number)
    samples = next(m for m in reading.current.marrow if reading.current.get_series(m.series).role == "sagittal T2")
    (s,) = [s for s in Session(reading).now().sets if s.seen.plane is not None]
    mask = samples.masks[s.id_of("L1")]
    drawn = samples.volume.to_patient(np.argwhere(mask))
    assert len(written) == mask.sum() > 500
    order = [np.lexsort(np.round(x, 2).T) for x in (written, drawn)]
    assert written[order[0]] == pytest.approx(drawn[order[1]], abs=0.01)
    truth = nib.load(visit / "truth" / "vertebrae.nii.gz")
    index = np.rint(np.linalg.inv(truth.affine) @ np.column_stack([written * (-1, -1, 1), np.ones(len(written))]).T)
    labels = np.asarray(truth.dataobj)[tuple(index[:3].astype(int))]
    assert len(set(labels)) == 1  # nothing but L1
