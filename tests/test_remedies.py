"""What to do is data below the surfaces; the command line names its options, reports and the page name none."""

import ast
import pickle
import re
from pathlib import Path

import numpy as np
import pytest

import ovcf
from ovcf.cli import remedies as on_the_command_line
from ovcf.errors import LabelSchemeError, OvcfError, Remedy, RemedyCode
from ovcf.render.words import remedies as in_a_report
from ovcf.segmentation.schemes import recognise

SOURCE = Path(ovcf.__file__).parent
SURFACES = {"cli", "server", "report", "render"}
OPTION = re.compile(r"--[a-z]")
# The options of programs of others, which ovcf calls.
OF_OTHERS = {"spineps.py", "totalspineseg.py"}
CORE = sorted(
    p
    for p in SOURCE.rglob("*.py")
    if p.relative_to(SOURCE).parts[0] not in SURFACES | {"__main__.py"} and p.name not in OF_OTHERS
)


def _constants(tree):
    """Strings that are no docstring, and no line to type that a score gives as an example."""
    left_out = set()
    for node in ast.walk(tree):
        match node:
            case ast.Expr(value=ast.Constant()):
                left_out.add(node.value)
            case ast.keyword(arg="examples"):
                left_out.update(ast.walk(node.value))
    return [n for n in ast.walk(tree) if isinstance(n, ast.Constant) and isinstance(n.value, str) and n not in left_out]


@pytest.mark.parametrize("path", CORE, ids=lambda p: str(p.relative_to(SOURCE)))
def test_no_room_below_the_surfaces_names_an_option(path):
    found = _constants(ast.parse(path.read_text(encoding="utf-8")))
    assert [f"line {n.lineno}: {n.value}" for n in found if OPTION.search(n.value)] == []


def test_the_walk_finds_an_option_in_a_message_and_not_in_a_docstring():
    tree = ast.parse('"""Say --level."""\nraise ValueError(f"Give {x}, --labels FILE")\nS(examples=("--vas 7",))')
    assert [n.value for n in _constants(tree) if OPTION.search(n.value)] == [", --labels FILE"]


@pytest.mark.parametrize("code", RemedyCode)
def test_the_command_line_has_words_for_every_code_and_a_report_names_no_option(code):
    remedy = Remedy("Do so.", code)
    assert bool(OPTION.search(on_the_command_line.words(remedy))) is (code is not RemedyCode.AS_SAID)
    assert not OPTION.search(in_a_report.words(remedy))
    assert in_a_report.words(remedy).startswith("Do so.")


def test_a_level_that_is_asked_for_is_worded_for_its_image():
    remedy = Remedy("State the level of one.", RemedyCode.NAME_A_LEVEL).having(label=7)
    assert on_the_command_line.words(remedy) == "State the level of one: --level 7=LEVEL"
    assert on_the_command_line.words(remedy.having(image="radiograph")).endswith("--level radiograph:7=LEVEL")


def test_labels_that_fit_two_schemes_name_both_on_every_surface():
    centres = {label: np.array([0.0, 0.0, -27.0 * k]) for k, label in enumerate([21, 22, 23])}
    with pytest.raises(LabelSchemeError) as caught:
        recognise(centres, "map.nii", subregions=False)
    remedy = caught.value.remedy
    assert remedy.code is RemedyCode.NAME_SCHEME_OR_LEVEL
    assert on_the_command_line.words(remedy).endswith("--scheme verse or --scheme totalspineseg, or --level 23=L5")
    assert "verse, totalspineseg" in in_a_report.words(remedy)


def test_a_plain_sentence_is_a_remedy_too():
    error = OvcfError("case.toml", "is empty", "Give a case.")
    assert (error.remedy, str(error)) == (Remedy("Give a case."), "case.toml: is empty. Give a case.")
    assert on_the_command_line.message(error) == str(error)


def test_an_error_keeps_its_code_on_the_way_between_processes():
    error = LabelSchemeError("a", "b", Remedy("c", RemedyCode.NAME_A_LEVEL).having(label=3))
    again = pickle.loads(pickle.dumps(error))
    assert (type(again), again.remedy) == (LabelSchemeError, error.remedy)
