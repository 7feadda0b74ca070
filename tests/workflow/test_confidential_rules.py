"""What becomes of an attribute, as DICOM PS3.15 Table E.1-1 prints it."""

import pytest
from pydicom.datadict import dictionary_VR, tag_for_keyword

pytest.importorskip("dicomanonymizer", reason="dicom-anonymizer is not installed: it is in the extra `dicom`")
from ovcf.workflow.confidential.attribute_rules import Do, rule


@pytest.mark.parametrize(
    ("keyword", "printed", "do"),
    [
        ("AccessionNumber", "Z", Do.EMPTY),
        ("ReferringPhysicianName", "Z", Do.EMPTY),
        ("StudyID", "Z", Do.EMPTY),
        ("OtherPatientIDs", "X", Do.REMOVE),
        ("PatientComments", "X", Do.REMOVE),
        ("IconImageSequence", "X", Do.REMOVE),
        ("RequestAttributesSequence", "X", Do.REMOVE),
        ("DerivationDescription", "X", Do.REMOVE),
        ("StationName", "X/Z/D", Do.DUMMY),
        ("InstitutionName", "X/Z/D", Do.DUMMY),
        ("OperatorsName", "X/Z/D", Do.DUMMY),
        ("ReferencedImageSequence", "X/Z/U*", Do.INSIDE),
        ("AcquisitionContextSequence", "X/Z", Do.EMPTY),
        # not in the table: kept where it is a word or number of the scanner, gone where anybody may write anything
        ("RepetitionTime", "", Do.KEEP),
        ("PixelData", "", Do.KEEP),
        ("BodyPartExamined", "", Do.KEEP),
        ("SharedFunctionalGroupsSequence", "", Do.INSIDE),
        ("PerformedProcedureStepDescription", "X", Do.REMOVE),
        ("VerifyingObserverName", "D", Do.DUMMY),
        ("InterventionDescription", "X", Do.REMOVE),
    ],
)
def test_as_the_standard_says(keyword, printed, do):
    tag = tag_for_keyword(keyword)
    assert rule(tag, dictionary_VR(tag)) is do, printed


def test_free_text_that_no_table_names_goes():
    tag = tag_for_keyword("PixelDataProviderURL")
    assert rule(0x00181020, "LO") is Do.KEEP  # the version of the scanner's software
    assert rule(tag, "UT") is rule(tag, "LT") is rule(0x00189999, "UN") is Do.REMOVE
