"""Every concept has a code of its own that DICOM can hold, and the page that explains them is made from them."""

from dataclasses import fields, replace
from typing import get_args

import pytest
from pydicom.sr import _concepts_dict

from ovcf.anatomy import Level
from ovcf.assessment.findings.kinds import FindingData
from ovcf.coded import codes
from ovcf.coded.codes import SCHEME, concepts
from ovcf.coded.page import page
from ovcf.follow_up.outcomes import OutcomeKind
from ovcf.landmarks import POINTS
from ovcf.measures.registry import measurements
from ovcf.registry.words import Instrument
from ovcf.scores.registry import scores
from ovcf.scores.result import Status
from tests.documents import ROOT

KINDS = [next(f.default for f in fields(kind) if f.name == "kind") for kind in get_args(get_args(FindingData)[0])]
ALL = [c for section in concepts().values() for c in section.values()]


@pytest.mark.parametrize(
    ("section", "needed"),
    [
        ("measurement", set(measurements())),
        ("score", {s.name for s in scores().values()}),
        ("finding", set(KINDS)),
        ("landmark", set(POINTS)),
        ("level", set(Level)),
        ("word", set(Status)),
        ("outcome", set(OutcomeKind)),
        ("instrument", set(Instrument)),
        (
            "field",
            {f.name for kind in get_args(get_args(FindingData)[0]) for f in fields(kind)} - {"kind", "probability"},
        ),
    ],
)
def test_everything_that_is_written_has_a_code(section, needed):
    assert needed <= {c.id for c in concepts()[section].values() if not c.value.startswith("X-")}, "see codes.toml"


def test_a_new_score_has_its_id_for_a_code_and_an_old_one_keeps_its_own(monkeypatch):
    ava, who = scores()["ava"], scores()["t-score"]
    new = replace(ava, id="osta", name="OSTA"), replace(ava, id="far-too-long-for-dicom", name="Long")
    monkeypatch.setattr(codes, "scores", lambda: {s.id: s for s in (who, *new)})
    found = codes.concepts.__wrapped__()["score"]
    assert found["OSTA"].value == "S-OSTA"
    assert found["WHO class of the T-score"].value == "S-WHO-T"
    assert found["Long"].value.startswith("X-")


def test_codes_are_unique_and_short_enough():
    private = [c for c in ALL if c.scheme == SCHEME]
    assert len({c.value for c in private}) == len(private)
    assert all(1 <= len(c.value) <= 16 for c in ALL)  # SH
    assert all(1 <= len(c.meaning) <= 64 for c in ALL)  # LO
    assert not any(c.value.startswith("B-") for c in private)  # those stand for vertebrae of a reading


@pytest.mark.parametrize("concept", [c for c in ALL if c.scheme != SCHEME], ids=lambda c: c.value)
def test_a_standard_code_is_in_pydicoms_dictionary(concept):
    known = {code for entry in _concepts_dict.concepts[concept.scheme].values() for code in entry}
    assert concept.value in known


def test_the_page_is_made_from_the_codes():
    assert (ROOT / "docs" / "dicom-codes.md").read_text("utf-8") == page(), "ovcf dicom codes > docs/dicom-codes.md"
