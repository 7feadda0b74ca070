"""A reader at the terminal names one body; what is not understood is asked again."""

import pytest

from ovcf.anatomy import Level
from ovcf.assessment.result import LevelQuestion, NumberedBody
from ovcf.cli.question import ask


class Questions:
    """An assessment, as far as asking goes."""

    def __init__(self, *on_radiograph):
        bodies = tuple(NumberedBody(n, ()) for n in range(1, 8))
        likely = ((Level.T11, Level.L5, 0.6), (Level.T10, Level.L4, 0.4))
        self.questions = tuple(
            LevelQuestion(image="T2", likely=likely, asked=0.95, bodies=bodies, how="", on_radiograph=film)
            for film in on_radiograph
        )


@pytest.fixture
def answered():
    def run(*lines, film=(False,)):
        left = list(lines)
        found = ask(Questions(*film), [f"which-level-{n}.png" for n in range(1, 3)], lambda: left.pop(0))
        assert left == []
        return found

    return run


def test_a_level_is_that_of_the_lowest_body(answered, capsys):
    assert answered("L5\n") == ["7=L5"]
    asked = capsys.readouterr().err
    assert "numbered 1 to 7 in which-level-1.png" in asked
    assert "Which level is body 7? (likely: L5 60%, L4 40%;" in asked


def test_another_body_may_be_named(answered):
    assert answered("3=th12\n") == ["3=T12"]
    assert answered(" 1 = D11 \n") == ["1=T11"]


def test_the_radiograph_has_a_numbering_of_its_own(answered):
    assert answered("\n", "L4\n", film=(False, True)) == ["radiograph:7=L4"]


def test_nonsense_is_asked_again_and_silence_leaves_it_open(answered, capsys):
    assert answered("L9\n", "9=L1\n", "x=L1\n", "L5\n") == ["7=L5"]
    said = capsys.readouterr().err
    assert said.count("Which level is body 7?") == 4
    assert "There is no body 9" in said
    assert answered("\n") == []
    assert answered("") == []  # the end of the input
