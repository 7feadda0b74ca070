"""The checklists have the items of the published statements, and no answer goes astray."""

import pytest

from ovcf.cohort.agreement.accuracy import diagnostic_accuracy
from ovcf.cohort.checklists import (
    AUTHORS,
    CONSORT,
    PROBAST,
    RECORD,
    STARD,
    TRIPOD_AI,
    probast,
    record,
    stard,
    tripod_ai,
)

OF_DEVELOPMENT_ALONE = {"9a", "12a", "12b", "12c", "15", "22", "27a", "27b"}
TRIPOD_2024 = (
    "1 2 3a 3b 3c 4 5a 5b 6a 6b 6c 7 8a 8b 8c 9a 9b 9c 10 11 12a 12b 12c 12d 12e 12f 12g 13 14 15 16 17 18a 18b 18c "
    "18d 18e 18f 19 20a 20b 20c 21 22 23a 23b 24 25 26 27a 27b 27c"
)
"""Collins GS et al. BMJ 2024;385:e078378, Table 2: 52 items with their parts."""
STARD_2015 = "1 2 3 4 5 6 7 8 9 10a 10b 11 12a 12b 13a 13b 14 15 16 17 18 19 20 21a 21b 22 23 24 25 26 27 28 29 30"
"""Cohen JF et al. BMJ Open 2016;6:e012799, Table 2."""
CONSORT_2025 = (
    "1a 1b 2 3 4 5a 5b 6 7 8 9 10 11 12a 12b 13 14 15 16a 16b 17a 17b 18 19 20a 20b 21a 21b 21c 21d 22a 22b 23a 23b "
    "24a 24b 25 26 27 28 29 30"
)
"""Hopewell S et al. BMJ 2025;389:e081123, Table 1: 30 items with their parts."""
RECORD_2015 = "1.1 1.2 1.3 6.1 6.2 6.3 7.1 12.1 12.2 12.3 13.1 19.1 22.1"
"""Benchimol EI et al. PLoS Med 2015;12:e1001885, Table 1: the items beside those of STROBE."""
PROBAST_2019 = "1.1 1.2 2.1 2.2 2.3 3.1 3.2 3.3 3.4 3.5 3.6 4.1 4.2 4.3 4.4 4.5 4.6 4.7 4.8 4.9"
"""Wolff RF et al. Ann Intern Med 2019;170:51-58, Table 2: twenty signalling questions."""
ASKED_OF_DEVELOPMENT = {"4.5", "4.8", "4.9"}


def test_the_items_are_those_of_the_statements():
    assert [i for i, _ in TRIPOD_AI] == [i for i in TRIPOD_2024.split() if i not in OF_DEVELOPMENT_ALONE]
    assert [i for i, _ in STARD] == STARD_2015.split()
    assert [i for i, _ in CONSORT] == CONSORT_2025.split()
    assert [i for i, _ in RECORD] == RECORD_2015.split()
    assert [i for i, _ in PROBAST] == [i for i in PROBAST_2019.split() if i not in ASKED_OF_DEVELOPMENT]


def test_what_is_not_known_is_said():
    assert {row[2] for row in record({}).rows} == {AUTHORS}
    answers = {row[0]: row[2] for row in probast({"4.1": "yes: 120 with the outcome, 240 without"}).rows}
    assert answers["4.1"].startswith("yes: 120")
    assert answers["1.1"] == "no information: for the authors"


def test_an_answer_to_an_item_that_does_not_exist_is_an_error():
    with pytest.raises(KeyError):
        tripod_ai({"99": "x"})
    with pytest.raises(KeyError):
        stard({"10": "x"})


def test_diagnostic_accuracy_fills_stard_with_its_own_figures():
    result = diagnostic_accuracy([1] * 10 + [0] * 20, [1] * 8 + [0] * 2 + [1] * 5 + [0] * 15)
    answers = {row[0]: row[2] for row in result.tables[-1].rows}
    assert answers["23"] == "table Readings: 8 true and 5 false positive, 2 false and 15 true negative"
    assert f"sensitivity {result.sensitivity:.3f}" in answers["24"]
    assert "Wilson" in answers["14"]
    assert answers["30"] == AUTHORS
