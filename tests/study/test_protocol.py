"""A protocol says what it means, or what is wrong with it and what to write instead."""

import re

import pytest

from ovcf.errors import OvcfError, StudyError
from ovcf.registry.words import Window
from ovcf.study.protocol.read import parse_protocol, read_protocol, shipped

HAN = shipped("han-validation")


def test_the_shipped_protocol_is_hans(protocol):
    """Age >= 60, T11-L2, one recent fracture of low energy, T <= -1.0, conservative treatment, followed to 6 months."""
    told = {c.id: (c.exclusion, c.test.value, c.limit) for c in protocol.criteria}
    assert told["age"] == (False, "at_least", 60)
    assert told["level"] == (False, "one_of", ("T11", "T12", "L1", "L2"))
    assert told["bone-density"] == (False, "at_most", -1.0)
    assert told["secondary"] == (True, "is", True)
    assert protocol.primary.id == "non-union"
    assert protocol.primary.window is Window.MONTH_6
    assert [v.window.value for v in protocol.visits] == ["pretreatment", "1 month", "3 months", "6 months"]
    assert protocol.readers.measures == ("vhl-han", "ka-han")


def test_layout_does_not_change_the_digest_and_what_is_said_does(protocol):
    moved = "\n".join(line for line in HAN.splitlines() if not line.startswith("#")).replace(" = ", "  =  ")
    assert parse_protocol(moved, "x").digest == protocol.digest
    assert parse_protocol(HAN.replace("at_least = 60", "at_least = 65"), "x").digest != protocol.digest


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ('format = "ovcf protocol 1"', "", "is no protocol"),
        ('id = "HAN-VAL"', 'id = "HAN VAL"', "short name"),
        ("at_least = 60", "at_leest = 60", "has 0 conditions. Give exactly one of: at_least"),
        ("at_least = 60", "at_least = 60\nbelow = 70", "has 2 conditions"),
        ("at_least = 60", 'at_least = "60"', "Write a number"),
        ('window = "pretreatment"', 'window = "pretreatmnt"', "Did you mean 'pretreatment'?"),
        ("from_day = 21", "from_day = 200", "begins on day 200, after its end on day 45"),
        ("from_day = 60", "from_day = 40", "begins on day 40, before 1 month ends"),
        ('forms = ["baseline", "complaints", "images"]', 'forms = ["basline"]', "Did you mean 'baseline'?"),
        ('from = "VAS"', 'from = "VSA"', "an instrument"),
        ('from = "VAS"', 'from = "measure:vhl-hann"', "Did you mean 'vhl-han'?"),
        ('type = "choice"', 'type = "choise"', "Did you mean 'choice'?"),
        ("primary = true\n", "", "has 0 primary outcomes"),
        ("adjudicators = 2", "adjudicators = 1", "a third joins where they differ"),
        ("readers = 2", "readers = 1", "from 2 to 20"),
        ('measures = ["vhl-han", "ka-han"]', 'measures = ["vhl"]', "no measurement is called 'vhl'"),
        ('ratings = ["fracture_type", "t2_pattern"]', 'ratings = ["mood"]', "readers do not rate 'mood'"),
        ("washout_days = 28", "washout_day = 28", "washout_days"),
        ("consent_required = true", "consent_requird = true", "Did you mean 'consent_required'?"),
        ("low = 60\nhigh = 105", "low = 105\nhigh = 60", "low = 105 is not below high = 60"),
        ('id = "secondary"', 'id = "age"', "two criteria called 'age'"),
        ("patients = 425", "patients = 0", "from 1 to"),
        ('format = "ovcf protocol 1"', "format = ", "is not TOML"),
    ],
)
def test_what_is_wrong_says_what_to_write(old, new, said):
    assert old in HAN
    with pytest.raises(OvcfError, match=re.escape(said)) as met:
        parse_protocol(HAN.replace(old, new, 1), "protocol.toml")
    assert met.value.where.startswith("protocol.toml")
    assert met.value.remedy


def test_no_other_protocol_is_shipped(tmp_path):
    with pytest.raises(StudyError, match="han-validation"):
        shipped("../secrets")
    with pytest.raises(OvcfError):
        read_protocol(tmp_path / "none.toml")
