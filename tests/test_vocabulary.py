"""Every closed list of words stands once, and its codes are those of the standard."""

import ast
from pathlib import Path

import pytest
from pydicom.sr.codedict import codes

import ovcf
from ovcf.vocabulary import CODES, LISTS, Cleft, Posture, Sex, T2Pattern, choice

SOURCE = Path(ovcf.__file__).parent
MEANT = {
    "F": codes.cid7455.Female,
    "M": codes.cid7455.Male,
    "BMD": codes.DCM.BoneMineralDensitometry,
    "MR": codes.DCM.MagneticResonance,
    "CT": codes.DCM.ComputedTomography,
    "10904000": codes.SCT.Standing,
    "33586001": codes.SCT.Sitting,
    "40199007": codes.SCT.Supine,
    "32185000": codes.SCT.LateralDecubitus,
    "1240000": codes.SCT.Prone,
}


@pytest.mark.parametrize(("word", "code"), CODES.items())
def test_a_code_is_that_of_pydicoms_dictionary(word, code):
    found = MEANT[code[1]]
    assert (found.scheme_designator, found.value) == code


@pytest.mark.parametrize("name", ["T2Pattern", "NeurologicalGrade", "OfClass", "Aetiology", "BmeLevel", "Posture"])
def test_no_other_file_lists_the_words_again(name):
    words = set(LISTS[name])
    again = []
    for path in SOURCE.rglob("*.py"):
        if path.name == "vocabulary.py":
            continue
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Tuple | ast.List | ast.Set):
                held = {n.value for n in node.elts if isinstance(n, ast.Constant) and isinstance(n.value, str)}
                if len(held & words) >= 4:
                    again.append(f"{path.name}:{node.lineno}")
    assert again == []


@pytest.mark.parametrize("columns", sorted((SOURCE / "cohort" / "recipes" / "columns").glob("*.toml")))
def test_cohort_dictionaries_name_the_list_instead(columns):
    text = columns.read_text(encoding="utf-8")
    assert '"confined high"' not in text
    assert '"compression"' not in text


@pytest.mark.parametrize(
    ("typed", "words", "meant"),
    [
        ("F", Sex, "female"),
        ("m", Sex, "male"),
        ("Male", Sex, "male"),
        ("X", Sex, None),
        ("DIFFUSE_LOW", T2Pattern, "diffuse low"),
        ("diffuse  Low", T2Pattern, "diffuse low"),
        ("diffuse", T2Pattern, None),
        ("Decubitus", Posture, "lateral decubitus"),
        ("m", Cleft, None),
    ],
)
def test_words_are_understood_in_any_case_and_never_guessed(typed, words, meant):
    assert choice(typed, words) == meant
