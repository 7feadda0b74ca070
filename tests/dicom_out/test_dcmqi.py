"""Our objects in the hands of dcmqi, with which 3D Slicer's QuantitativeReporting reads them (`make try-dcmqi`)."""

import json
import os
import subprocess
from pathlib import Path

import nibabel as nib
import numpy as np
import pydicom
import pytest

PROGRAMS = Path(os.environ.get("OVCF_DCMQI", "build/dcmqi/bin"))
pytestmark = pytest.mark.skipif(
    not (PROGRAMS / "segimage2itkimage").is_file(), reason="dcmqi is not there (make try-dcmqi)"
)


def told(program, *arguments):
    done = subprocess.run([PROGRAMS / program, *map(str, arguments)], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done


def test_each_body_of_the_segmentation_has_its_name_and_as_many_voxels_at_the_same_place(written, tmp_path):
    file = written / "vertebrae.seg.dcm"
    told("segimage2itkimage", "--inputDICOM", file, "--outputDirectory", tmp_path, "--outputType", "nii")
    seg = pydicom.dcmread(file)
    frames = seg.pixel_array
    numbers = [
        int(f.SegmentIdentificationSequence[0].ReferencedSegmentNumber) for f in seg.PerFrameFunctionalGroupsSequence
    ]
    names = {
        a["labelID"]: a["SegmentLabel"]
        for group in json.loads((tmp_path / "meta.json").read_text("utf-8"))["segmentAttributes"]
        for a in group
    }
    for segment in seg.SegmentSequence:
        number = int(segment.SegmentNumber)
        ours = sum(int(frames[k].sum()) for k, of in enumerate(numbers) if of == number)
        image = nib.load(tmp_path / f"{number}.nii.gz")
        voxels = np.asarray(image.dataobj) > 0
        assert int(voxels.sum()) == ours > 0
        assert names[number] == segment.SegmentLabel
        # The middle of the frames that hold it, in the patient: NIfTI has the signs of x and y the other way round.
        middle = image.affine @ np.append(np.argwhere(voxels).mean(axis=0), 1)
        assert (middle[:3] * (-1, -1, 1)) == pytest.approx(_middle(seg, frames, numbers, number), abs=0.01)


def test_each_measurement_of_the_report_has_its_number_unit_and_vertebra(written, tmp_path):
    told("tid1500reader", "--inputDICOM", written / "report.sr.dcm", "--outputMetadata", tmp_path / "sr.json")
    read = json.loads((tmp_path / "sr.json").read_text("utf-8"))
    report = pydicom.dcmread(written / "report.sr.dcm")
    (container,) = [c for c in report.ContentSequence if _code(c) == "126010"]
    ours = []
    for group in container.ContentSequence:
        (number,) = [i for i in group.ContentSequence if i.ValueType == "NUM"]
        (site,) = [i for i in group.ContentSequence if _code(i) == "363698007"][:1]
        value = number.MeasuredValueSequence[0]
        ours.append(
            (
                _code(number),
                float(value.NumericValue),
                value.MeasurementUnitsCodeSequence[0].CodeValue,
                site.ConceptCodeSequence[0].CodeValue,
            )
        )
    theirs = [
        (
            one["quantity"]["CodeValue"],
            float(one["value"]),
            one["units"]["CodeValue"],
            group["FindingSite"]["CodeValue"],
        )
        for group in read["Measurements"]
        for one in group["measurementItems"]
    ]
    assert theirs == ours
    assert ours


def _code(item):
    return item.ConceptNameCodeSequence[0].CodeValue if "ConceptNameCodeSequence" in item else ""


def _middle(seg, frames, numbers, number):
    shared = seg.SharedFunctionalGroupsSequence[0]
    along = np.array(shared.PlaneOrientationSequence[0].ImageOrientationPatient, float).reshape(2, 3)
    down, right = map(float, shared.PixelMeasuresSequence[0].PixelSpacing)
    total, count = np.zeros(3), 0
    for k, of in enumerate(numbers):
        if of != number:
            continue
        corner = seg.PerFrameFunctionalGroupsSequence[k].PlanePositionSequence[0].ImagePositionPatient
        rows, columns = np.nonzero(frames[k])
        points = np.array(corner, float) + np.outer(columns * right, along[0]) + np.outer(rows * down, along[1])
        total, count = total + points.sum(axis=0), count + len(rows)
    return total / count
