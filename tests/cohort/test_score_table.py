"""Any declared score of a table of patients: of each the same as of one patient, by hand for AVA and ESSR."""

import json

import pandas
import pytest

from ovcf.cohort.data.score_table import scored
from ovcf.errors import CohortDataError
from ovcf.scores.evaluate import classify, evaluate
from ovcf.scores.registry import scores
from tests.cli.conftest import command  # noqa: F401  # the fixture

ADDED = [
    "astlof",
    "ava",
    "ovfss",
    "olvfss",
    "essr",
    "ovf-ctps",
    "mobility",
    "neurological-risk",
    "l1-hu",
    "vbq",
    "close-call",
    "nogg-ls-fn",
    "rand-ucla",
    "acr-variant",
]


def test_ava_of_three_patients():
    table = pandas.DataFrame(
        {
            "patient": ["A", "B", "C"],
            "Instability": ["5", "4.9", ""],
            "focal kyphosis (degrees)": [10, 9.9, 20],
            "Days of symptoms": [30, 29, 40],
            "CLEFT": ["yes", "no", "yes"],
            "previous_fracture": [1, 0, 1],
        }
    )
    found = scored(table, scores()["ava"])
    assert list(found["ava group"]) == ["high", "low", None]
    assert list(found["ava total"].iloc[:2]) == [5, 0]
    assert list(found["ava status"]) == ["complete", "complete", "incomplete"]
    assert (found["ava lowest"].iloc[2], found["ava highest"].iloc[2]) == (4, 5)
    assert found["ava missing"].iloc[2] == "Intravertebral instability"
    assert list(found["patient"]) == ["A", "B", "C"]


def test_a_class_and_headings_of_your_own():
    table = pandas.DataFrame(
        {"Gender": ["female", "male"], "n25": [1, 1], "worst": [30, 39], "n20": [0, 0], "n0": [0, 0]}
    )
    named = {"sex": "Gender", "from_25": "n25", "largest": "worst", "from_20": "n20", "below_20": "n0"}
    found = scored(table, scores()["essr"], named)
    assert list(found["essr class"]) == ["meets the diagnosis of osteoporosis", "may not be enough"]


@pytest.mark.parametrize("id_", ADDED)
def test_every_added_score_is_known_by_its_declaration_alone(id_):
    """Its first example as a row of a table gives what it gives for one patient."""
    score = scores()[id_]
    values = dict(score.examples[0])
    found = scored(pandas.DataFrame([{k: str(v) for k, v in values.items()}]), score).iloc[0]
    if score.items:
        one = evaluate(score, **values)
        assert found[f"{id_} status"] == one.status.value
        assert found[f"{id_} total"] == one.total or (one.total is None and pandas.isna(found[f"{id_} total"]))
    else:
        assert found[f"{id_} class"] == classify(score, **values).label


def test_a_row_without_what_is_required_stays_open():
    found = scored(pandas.DataFrame({"t_score": ["-2.5", ""], "Sex": ["F", "F"]}), scores()["t-score"])
    assert found["t-score class"].iloc[0] == "osteoporosis"
    assert pandas.isna(found["t-score class"].iloc[1])
    assert found["t-score missing"].iloc[1] == "T-score"


def test_cells_that_cannot_be_are_named_with_their_row_and_nothing_is_guessed():
    table = pandas.DataFrame({"cleft": ["yes", "perhaps"], "days": ["30", "-3"]})
    with pytest.raises(CohortDataError, match="row 2: cleft: 'perhaps' is neither yes nor no"):
        scored(table, scores()["ava"])
    with pytest.raises(CohortDataError, match="no column is one of its inputs"):
        scored(pandas.DataFrame({"weight": [60]}), scores()["ava"])
    with pytest.raises(CohortDataError, match="has no input 'dayz'"):
        scored(table, scores()["ava"], {"dayz": "days"})


def test_the_command_line_calculator_docs_and_clinical_file_know_every_added_score(command, tmp_path):  # noqa: F811
    from pathlib import Path

    from ovcf.report.calculator import calculator_data

    listed = json.loads(command("score", "list", "--json")[1])
    page, root = calculator_data()["scores"], Path(__file__).resolve().parents[2]
    by_score, by_rule = ((root / "docs" / f).read_text(encoding="utf-8") for f in ("scores.md", "scores-and-rules.md"))
    for id_ in ADDED:
        assert id_ in listed
        assert id_ in page
        assert f"`ovcf score {id_}`" in by_score
        assert f"`{id_}`" in by_rule
    (tmp_path / "patients.csv").write_text("signs\n3\n7\n")
    said = command("cohort", "score", "rand-ucla", tmp_path / "patients.csv", "--out", tmp_path / "scored.csv")[1]
    assert "1 low" in said
    assert "1 high" in said
    assert list(pandas.read_csv(tmp_path / "scored.csv")["rand-ucla class"]) == ["low", "high"]
