"""UIDs of a reading: the same wherever it is written, another for whatever is another object."""

import re
import uuid
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from ovcf.anatomy import Level
from ovcf.clinical.case import ClinicalCase
from ovcf.reading.uids import body_key, instance_uid, series_uid, tracking_uid, uid_of
from ovcf.reading.version import Reading, Version, moment_of
from ovcf.vocabulary import ReadingStatus
from tests.reading.words import edit

DRAFT = Version(id="v1", observations="seen", case=ClinicalCase(index_level=Level.L1))
READING = Reading(id="r1", versions=(DRAFT,))
SIGNED = replace(DRAFT, status=ReadingStatus.CONFIRMED, confirmed_at="2026-01-02T10:00:00+01:00")


def test_a_uid_is_that_of_a_random_uuid_of_at_most_64_characters():
    """DICOM PS3.5 B.2: 2.25 and the UUID as one decimal number; RFC 9562: version 4, variant 10."""
    found = uid_of("a", "b")
    assert len(found) <= 64
    assert re.fullmatch(r"2\.25\.[1-9]\d*", found)
    of = uuid.UUID(int=int(found.removeprefix("2.25.")))
    assert (of.version, of.variant) == (4, uuid.RFC_4122)


def test_parts_do_not_run_into_each_other():
    assert len({uid_of("ab", "c"), uid_of("a", "bc"), uid_of("abc"), uid_of("a", "b", "c")}) == 4


def test_what_is_measured_keeps_its_uid_through_the_versions_and_is_another_in_another_reading():
    later = replace(READING, versions=(DRAFT, replace(DRAFT, id="v2")))
    assert tracking_uid(READING, "t2", "1") == tracking_uid(later, "t2", "1")
    assert tracking_uid(READING, "t2", "1") != tracking_uid(READING, "t2", "2")
    assert tracking_uid(replace(READING, id="r2"), "t2", "1") != tracking_uid(READING, "t2", "1")


def test_a_body_has_twelve_digits_of_its_own():
    keys = {body_key(READING, "1"), body_key(READING, "2"), body_key(replace(READING, id="r2"), "1")}
    assert len(keys) == 3
    assert all(re.fullmatch("[0-9A-F]{12}", key) for key in keys)


@pytest.mark.parametrize("of", [instance_uid, series_uid])
def test_a_draft_is_another_object_after_an_edit_and_a_signed_version_one_for_ever(of):
    edited = replace(DRAFT, edits=(edit("SetThreshold", name="edema", sd=3.5),))
    other_case = replace(DRAFT, case=ClinicalCase(index_level=Level.L2))
    drafts = {of(READING, version, "SR") for version in (DRAFT, edited, other_case)}
    assert len(drafts) == 3
    assert of(READING, SIGNED, "SR") not in drafts
    assert of(READING, replace(SIGNED, edits=edited.edits), "SR") == of(READING, SIGNED, "SR")
    assert of(READING, SIGNED, "SR") != of(READING, SIGNED, "SEG")
    assert instance_uid(READING, SIGNED, "SR") != series_uid(READING, SIGNED, "SR")


def test_the_moment_of_a_version_is_its_signature_else_its_last_edit_else_its_beginning():
    begun = replace(DRAFT, begun_at="2026-01-01T08:00:00")
    edited = replace(begun, edits=(edit("SetThreshold", name="edema", sd=3.5),))
    assert moment_of(SIGNED) == datetime(2026, 1, 2, 9, tzinfo=UTC)
    assert moment_of(edited) == datetime(2026, 1, 5, 8, tzinfo=UTC)
    assert moment_of(begun) == datetime(2026, 1, 1, 8, tzinfo=UTC)
    assert moment_of(DRAFT) == datetime(1970, 1, 1, tzinfo=UTC)
