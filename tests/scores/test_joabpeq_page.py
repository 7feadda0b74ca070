"""The JOABPEQ's domain score as a page computes it: the vectors of the engine, and what cannot be."""

import pytest

from ovcf.scores.evaluate import classify
from ovcf.scores.registry import function_of, scores

JOABPEQ = scores()["joabpeq"]
PAIN = {"domain": "pain", "weight": (20, 20, 20, 10), "best": (2, 2, 2, 2)}
LUMBAR = {"domain": "lumbar", "weight": (10, 10, 20, 10, 10, 30), "best": (2, 2, 2, 2, 2, 3)}
WALKING = {"domain": "walking", "weight": (30, 20, 10, 10, 30), "best": (2, 2, 2, 3, 3)}


@pytest.mark.parametrize(
    ("domain", "answer", "expected"),
    [
        (PAIN, (2, 1, 2, 1), "57.14"),  # 100 x (20 + 20) / 70
        (PAIN, (1, 1, 1, 1), "0.00"),
        (PAIN, (2, 2, 2, 2), "100.00"),
        (LUMBAR, (2, 1, 1, 2, 1, 2), "41.67"),  # 100 x (10 + 10 + 30) / 120
        (WALKING, (1, 2, 1, 2, 3), "64.29"),  # 100 x (20 + 10 + 60) / 140
    ],
)
def test_a_domain_has_the_score_of_its_answers(domain, answer, expected):
    found = classify(JOABPEQ, **domain, answer=answer)
    assert (found.label, found.meaning) == ("domain score", f"{expected} of 100; higher is better")
    engine = function_of("joabpeq")(**domain, answer=answer)
    assert f"{engine.score:.2f}" == expected


@pytest.mark.parametrize(
    ("changed", "label"),
    [
        ({"answer": (2, 1, 2)}, "another number of items"),
        ({"answer": (2, 1, 2, 1, 1)}, "another number of items"),
        ({"weight": (20, 20, 20)}, "another number of items"),
        ({"answer": (2, 1, 3, 1)}, "no such answer"),
        ({"answer": (2, 1, 0, 1)}, "no such answer"),
        ({"answer": (2, 1, 1.5, 1)}, "no such answer"),
        ({"best": (2, 2, 2, 1)}, "no such answer"),
        ({"weight": (20, 20, 20, 0)}, "no such weight"),
    ],
)
def test_what_cannot_be_gives_no_score(changed, label):
    assert classify(JOABPEQ, **{**PAIN, "answer": (2, 1, 2, 1), **changed}).label == label


def test_an_answer_that_is_not_there_is_missing_and_never_the_worst():
    found = classify(JOABPEQ, **PAIN, answer=(2, 1, None, 1))
    assert (found.label, found.missing) == (None, ("answers",))
