"""What the scanner and the technologist wrote about the field of view, in the words departments use."""

import pytest
from pydicom.dataset import Dataset

from ovcf.anatomy import Level
from ovcf.imaging.field_of_view import FieldOfView, field_of_view_in, field_of_view_of
from ovcf.imaging.read import read_study
from tests.imaging.build_dicom import Scan


@pytest.mark.parametrize(
    ("text", "region"),
    [
        ("MR LUMBAR SPINE W/O CONTRAST", "lumbar"),
        ("LSPINE", "lumbar"),
        ("T2_TSE_SAG_L-SPINE", "lumbar"),
        ("LWS nativ", "lumbar"),
        ("MRT der Lendenwirbelsäule", "lumbar"),
        ("IRM rachis lombaire", "lumbar"),
        ("RM columna lumbosacra", "lumbar"),
        ("腰椎MRI", "lumbar"),
        ("กระดูกสันหลังส่วนเอว", "lumbar"),
        ("TSPINE", "thoracic"),
        ("t2_tse_sag_BWS", "thoracic"),
        ("RM columna dorsal", "thoracic"),
        ("胸椎 T2", "thoracic"),
        ("BWS/LWS", "thoracolumbar"),
        ("thoracic and lumbar spine", "thoracolumbar"),
        ("胸腰椎", "thoracolumbar"),
        ("HWS sag", "cervical"),
        ("頸椎", "cervical"),
        ("WHOLE SPINE", "whole"),
        ("Ganzwirbelsäule", "whole"),
        ("SPINE", None),
        ("T2 TSE SAG", None),
        ("", None),
    ],
)
def test_regions_are_read_in_the_words_of_departments(text, region):
    assert field_of_view_of({"StudyDescription": text}).region == region


@pytest.mark.parametrize(
    ("text", "levels"),
    [
        ("T2 sag L1-L5", (Level.L1, Level.L5)),
        ("T10-L2", (Level.T10, Level.L2)),
        ("Th12", (Level.T12,)),
        ("fracture D12", (Level.T12,)),
        ("L5/S1", (Level.L5,)),
        ("T1 sag", ()),
        ("T1 T2 STIR", ()),
        ("t2 l 3 mm", ()),
        ("T3 MPRAGE 1 mm", ()),
        ("L4-L2", ()),
        ("L9", ()),
    ],
)
def test_levels_are_read_where_they_are_no_contrast_and_no_thickness(text, levels):
    assert field_of_view_of({"SeriesDescription": text}).levels == levels


def test_the_text_nearest_to_the_image_goes_first_and_is_quoted():
    found = field_of_view_of({"BodyPartExamined": "LSPINE", "StudyDescription": "MR thoracic spine"})
    assert found.region == "lumbar"
    assert found.said == ("lumbar spine (BodyPartExamined: 'LSPINE')",)


def test_tags_are_read_the_anatomic_region_before_all():
    tags = Dataset()
    tags.BodyPartExamined = "SPINE"
    tags.SeriesDescription = "T2 TSE SAG"
    assert field_of_view_in(tags) == FieldOfView()
    code = Dataset()
    code.CodeValue, code.CodingSchemeDesignator, code.CodeMeaning = "122496007", "SCT", "Lumbar spine"
    tags.AnatomicRegionSequence = [code]
    assert field_of_view_in(tags).region == "lumbar"


def test_a_series_carries_what_its_files_say(tmp_path):
    Scan(tags={"SeriesDescription": "T2 SAG", "BodyPartExamined": "LSPINE", "StudyDescription": "RM LUMBAR"}).write(
        tmp_path
    )
    (series,) = read_study(tmp_path).series
    assert series.field_of_view == FieldOfView("lumbar", said=("lumbar spine (BodyPartExamined: 'LSPINE')",))
