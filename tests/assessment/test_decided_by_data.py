"""Words are for people: whatever they say, the assessment is the same, and no room below the report compares them."""

import ast
from dataclasses import fields
from pathlib import Path

import pytest

import ovcf
from ovcf.anatomy import Level
from ovcf.assessment.findings import finding, finding_words, kinds
from ovcf.assessment.findings.finding import Finding
from ovcf.assessment.findings.kinds import SqGrade, T2Signal, decided, identity
from ovcf.reading.conclude import conclude
from ovcf.reading.editing.changes import changes
from ovcf.vocabulary import FractureShape, T2Pattern
from tests.reading.conftest import digital  # noqa: F401  # the fixture
from tests.reading.words import edit, vertebra

SOURCE = Path(ovcf.__file__).parent
BELOW_THE_REPORT = ("assessment", "guidance", "reading", "scores", "workflow", "server")
WORDS = {"name", "value", "probability", "reasons"}
KINDS = kinds.FindingData.__origin__.__args__


def test_every_kind_has_words_of_its_own():
    assert {k.__dataclass_fields__["kind"].default for k in KINDS} == set(finding_words._WORDS)


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_says_what_it_is(kind):
    assert kind.__doc__
    assert not kind.__doc__.startswith(kind.__name__)  # the one that dataclass writes
    assert fields(kind)[0].name == "kind"


def test_words_follow_from_the_data():
    graded = SqGrade(grade=2, shape=FractureShape.WEDGE, probability=((1, 0.2), (2, 0.8)))
    measured, seen = (Finding(data=graded, level=Level.L1, by_reader=by) for by in (False, True))
    assert (measured.name, measured.value) == ("SQ_from_measurement", "grade 2, wedge")
    assert seen.name == "SQ"
    assert measured.probability == (("grade 1", 0.2), ("grade 2", 0.8))
    assert Finding(data=T2Signal(pattern=T2Pattern.NONE), level=Level.L1).value == "no abnormal pattern"


def test_renaming_every_word_changes_no_decision(digital, monkeypatch):  # noqa: F811
    seen, case = digital
    before = conclude(seen, (), case)
    at = vertebra(seen, "L1")
    said = [
        edit("Overrule", vertebra=at.id, finding=name, value=value)
        for name, value in (("sq_grade", 3.0), ("t2_pattern", "confined high"), ("recent", False))
    ]
    overruled = conclude(seen, tuple(said), case)
    differs = [(c.id, c.level) for c in changes(before, overruled)]
    monkeypatch.setattr(finding, "spoken", lambda data, *, by_reader: finding_words.Spoken("a word", "another word"))
    assert _decided(conclude(seen, (), case)) == _decided(before)
    assert _decided(conclude(seen, tuple(said), case)) == _decided(overruled)
    assert [(c.id, c.level) for c in changes(before, conclude(seen, tuple(said), case))] == differs
    assert {"SQ grade", "T2 pattern", "recency"} <= {id_ for id_, _ in differs}


def _decided(assessment):
    """All that is decided: the reasons of a suggestion quote words."""
    return (
        [(f.data, f.level, f.image, f.evidence) for f in (*assessment.findings, *assessment.suggested_fractures)],
        assessment.measurements,
        assessment.scores,
        assessment.guidance,
        assessment.references,
        assessment.withheld,
    )


def test_a_change_of_probability_alone_is_no_change_of_the_finding():
    one, other = (SqGrade(grade=2, probability=((2, p), (1, 1 - p))) for p in (0.8, 0.7))
    assert one != other
    assert decided(one) == decided(other)
    assert identity(one) == identity(other)


@pytest.mark.parametrize("path", [p for room in BELOW_THE_REPORT for p in sorted((SOURCE / room).rglob("*.py"))])
def test_no_room_below_the_report_decides_by_the_words_of_a_finding(path):
    assert _by_words(ast.parse(path.read_text(encoding="utf-8"))) == []


@pytest.mark.parametrize(
    "code",
    [
        'x = [f for f in a.findings if f.name == "T2 signal pattern"]',
        "named = {f.name: f for f in reversed(a.findings)}",
        'for finding in suggested:\n    if finding.value.startswith("grade"): pass',
        "def g(edema: Finding | None):\n    return edema.value in ('superior', 'both')",
        "low = [dict(f.probability)['diffuse low'] for f in a.findings]",
        "why = [r for f in a.suggested_fractures for r in f.reasons if r.startswith(WALL)]",
    ],
)
def test_the_walk_finds_what_it_is_made_for(code):
    assert _by_words(ast.parse(code))


def _by_words(tree):
    """Lines where the words of something that is iterated from findings, or declared a Finding, are compared."""
    mine = set()
    for node in ast.walk(tree):
        match node:
            case ast.comprehension(target=ast.Name(id=name), iter=of) | ast.For(target=ast.Name(id=name), iter=of):
                if any(word in ast.unparse(of) for word in ("finding", "suggested", "found")):
                    mine.add(name)
            case ast.arg(arg=name, annotation=of) if of is not None and "Finding" in ast.unparse(of).split(" | "):
                mine.add(name)
    quoted = {
        c.target.id
        for node in ast.walk(tree)
        if isinstance(node, ast.comprehension | ast.For)
        for c in [node]
        if isinstance(c.target, ast.Name) and _says(c.iter, mine)
    }
    found = []
    for node in ast.walk(tree):
        match node:
            case ast.Compare():
                parts = [node.left, *node.comparators]
            case ast.DictComp():
                parts = [node.key]
            case ast.Call(func=ast.Attribute(value=of, attr="startswith" | "endswith" | "split" | "removeprefix")):
                parts = [of]
            case ast.Call(func=ast.Name(id="dict"), args=parts):
                pass
            case _:
                continue
        if any(_says(p, mine) or (isinstance(p, ast.Name) and p.id in quoted) for p in parts):
            found.append(f"line {node.lineno}: {ast.unparse(node)}")
    return found


def _says(node, mine):
    match node:
        case ast.Attribute(value=ast.Name(id=name), attr=attr):
            return name in mine and attr in WORDS
    return False
