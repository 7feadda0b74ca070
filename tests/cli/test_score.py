"""``ovcf score``: every score from the command line, its examples, its errors."""

import json
import shlex

import pytest

from ovcf.cli.score.commands import example_of
from ovcf.guidance.evidence import evidence
from ovcf.report.calculator import calculator_data
from ovcf.scores.registry import function_of, scores

FIG_5 = ["nasovcf", "--type", "compression", "--vhl", "17.8", "--ka", "19.6", "--t2", "diffuse low", "--t-score"]


@pytest.fixture
def ovcf(command):
    """Run ``ovcf score ...``."""
    return lambda *arguments: command("score", *arguments)


def examples():
    for name, score in scores().items():
        for example in score.examples:
            line = example_of(score, example)
            yield pytest.param([name, *shlex.split(line)], id=f"{name}: {line[:40]}")


def test_every_score_has_a_command_an_example_and_known_sources(ovcf):
    for name, score in scores().items():
        code, out, _ = ovcf(name, "--help")
        assert code == 0
        assert f"ovcf score {name}" in " ".join(out.split())
        assert score.examples
        assert callable(function_of(name))
        assert all(evidence(source) for source in score.evidence)
        assert all(evidence(source) for advice in score.advice for source in advice.evidence)


@pytest.mark.parametrize("arguments", list(examples()))
def test_every_example_of_the_help_works_and_cites_known_sources(ovcf, arguments):
    assert ovcf(*arguments)[0] == 0
    code, out, _ = ovcf(*arguments, "--json")
    assert code == 0
    assert all(evidence(source) for source in json.loads(out)["evidence"])


def test_without_a_name_the_scores_are_listed(ovcf):
    code, out, _ = ovcf()
    assert code == 0
    assert all(name in out for name in scores())
    assert set(json.loads(ovcf("--json")[1])) == set(scores())


def test_examples_are_typed_as_people_type_them():
    known = scores()
    assert [example_of(known["nasovcf"], e) for e in known["nasovcf"].examples[:1]] == [
        '--type compression --vhl 17.8 --ka 19.6 --t2 "diffuse low" --t-score -3.6'
    ]
    assert example_of(known["odi"], known["odi"].examples[0]) == "2 1 3 2 1 2 1 x 2 2"
    assert example_of(known["joabpeq-effect"], known["joabpeq-effect"].examples[0]) == "29 71 --domain walking"
    assert example_of(known["ava"], known["ava"].examples[0]).endswith("--cleft --no-previous-fracture")


def test_no_declaration_of_a_score_knows_the_command_line():
    for score in scores().values():
        assert all(value is None or not str(value).startswith("--") for e in score.examples for value in e.values())
        assert all(set(e) <= {"answers", *(i.id for i in score.inputs)} for e in score.examples)


def test_for_whom_alone_nasovcf_holds_is_said_before_its_total(ovcf):
    _, out, _ = ovcf(*FIG_5, "-3.6")
    condition = "Only for a recent (low on T1), untreated, osteoporotic fracture."
    assert out.startswith(condition)
    assert out.index(condition) < out.index("Total 10")
    assert calculator_data()["conditions"]["nasovcf"] == condition
    assert "Only for" not in ovcf("t-score", "-2.7")[1]


@pytest.mark.parametrize("t_score", ["-3.6", "\u22123.6"])
def test_nasovcf_of_the_published_case(ovcf, t_score):
    code, out, _ = ovcf(*FIG_5, t_score)
    assert code == 0
    assert "Total 10: high." in out
    result = json.loads(ovcf(*FIG_5, t_score, "--json")[1])
    assert (result["total"], result["group"], result["status"]) == (10, "high", "complete")


def test_the_measurement_error_gives_probabilities(ovcf):
    result = json.loads(ovcf(*FIG_5, "-3.6", "--vhl-sd", "2", "--ka-sd", "1.5", "--json")[1])
    assert sum(p for _, p in result["total_probability"]) == pytest.approx(1)
    assert "Probability" in ovcf(*FIG_5, "-3.6", "--vhl-sd", "2", "--ka-sd", "1.5")[1]


def test_what_is_not_given_is_missing_not_zero(ovcf):
    _, out, _ = ovcf("nasovcf", "--vhl", "3")
    assert "no total" in out
    assert "Missing: Fracture type" in out
    assert "0 to 10 (low, medium, high)" in out


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ([*FIG_5, "-3,6"], "--t-score: '-3,6' has a decimal comma. Write a decimal point: -3.6."),
        ([*FIG_5, "250"], "T-score: 250.0 is not possible. Give a number from -8 to 6."),
        ([*FIG_5, "nan"], "--t-score: 'nan' is not a number"),
        (["nasovcf", "--ka", "-6,5"], "--ka: '-6,5' has a decimal comma"),
        (["nasovcf", "--vhl-sd", "2"], "Give both"),
        (["nasovcf", "--level", "X3"], "is not a vertebral level"),
        (["odi", "1", "2"], "Give ten"),
        (["odi", *"111111111", "1.5"], "whole number"),
        (["genant", "L1"], "Write each level once, as L1=2."),
        (["genant", "L1=4"], "Give 0, 0.5, 1, 2 or 3."),
        (["t-score", "-2,5"], "decimal comma"),
        (["analgesics", "aspirin"], "weak opioid"),
        (["nasovcf", "--vhl", "0.178"], "Did you mean 17.8%?"),
        (["nasovcf", "--t2", "low"], "Give one of: confined high, diffuse high"),
        (["frax"], "score 'frax': is not known. It is not computed here"),
        (["nasovfc"], "Did you mean nasovcf?"),
    ],
)
def test_bad_input_ends_with_its_message_and_code_2(ovcf, arguments, said):
    code, out, err = ovcf(*arguments)
    assert code == 2
    assert said in err
    assert not out


def test_negative_numbers_are_values_not_options(ovcf):
    assert "osteoporosis" in ovcf("t-score", "-2.5")[1]
    code, out, _ = ovcf("progressive-kyphosis", "-3", "9", "--posture-before", "supine", "--posture-after", "supine")
    assert code == 0
    assert "+12.0" in out
    assert "yes" in out


@pytest.mark.parametrize("vhl", ["17.8%", "17.8 %", "0.5%", "0"])
def test_a_percentage_may_carry_its_sign(ovcf, vhl):
    items = json.loads(ovcf("nasovcf", "--vhl", vhl, "--json")[1])["items"]
    assert items[1]["points"] == (2 if vhl.startswith("17") else 0)


def test_words_are_understood_in_any_case(ovcf):
    items = json.loads(ovcf("nasovcf", "--type", "Burst", "--t2", "Diffuse-Low", "--json")[1])["items"]
    assert [items[0]["points"], items[3]["points"]] == [2, 2]


def test_the_list_as_json_is_every_declaration(ovcf):
    found = json.loads(ovcf("list", "--json")[1])
    assert found["nasovcf"]["totals"] == [0, 2, 4, 6, 8, 10, 12]
    assert found["of"]["totals"] == list(range(-3, 17))
    assert found["tlics"]["totals"] == list(range(1, 11))
    first = found["nasovcf"]["score"]["items"][1]["cases"][0]
    assert (first["points"], first["when"]["relation"], first["when"]["values"]) == (2, ">=", [15])


@pytest.mark.parametrize(
    ("words", "hint"),
    [
        (("nasovfc",), "Did you mean nasovcf?"),
        (("nasovfc", "--type", "compression"), "Did you mean nasovcf?"),
        (("frax", "--age", "70"), "frax_mof_percent"),
    ],
)
def test_an_unknown_score_names_those_there_are(command, words, hint):
    code, _, error = command("score", *words)
    assert code == 2
    assert hint in error
    assert all(name in error for name in ("nasovcf", "of-class", "tlics"))


@pytest.mark.parametrize(("answers", "said"), [("1 2 3 banana", "walking: 'banana'"), ("1 2 3", "x (in Python None)")])
def test_a_wrong_answer_of_a_questionnaire_is_named_by_its_question(ovcf, answers, said):
    code, _, error = ovcf("odi", *answers.split())
    assert code == 2
    assert said in error


def test_ten_answers_are_shown_as_answers_in_their_order(command):
    code, printed, _ = command("score", "odi", "--help")
    assert (code, "Usage: ovcf score odi ANSWER... [OPTIONS]" in printed) == (0, True)
    assert "10 answers, in this order: pain, personal care" in printed
    assert "PAIN" not in printed
