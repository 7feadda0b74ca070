"""The page of all scores and rules is current, leaves nothing out, and says of each for whom and what not for."""

import ast
from pathlib import Path
from pkgutil import iter_modules

import ovcf.guidance.rules
from ovcf.guidance.advise import _RULES
from ovcf.guidance.evidence import load_evidence
from ovcf.scores.registry import scores
from scripts import evidence_page

ROOT = Path(__file__).resolve().parents[2]
PAGE = (ROOT / "docs" / "scores-and-rules.md").read_text(encoding="utf-8")


def rows(title):
    section = PAGE.split(f"## {title}\n")[1].split("\n## ")[0]
    return [line for line in section.splitlines() if line.startswith("| ") and not line.startswith("| What")]


def test_the_page_is_what_declarations_and_evidence_say():
    assert evidence_page.page() == PAGE, "run python -m scripts.evidence_page docs/scores-and-rules.md"


def test_every_score_and_every_rule_has_a_row_with_five_cells():
    made = rows("Scores")
    assert len(made) == len(scores())
    for score in scores().values():
        (row,) = [r for r in made if f"`{score.id}`:" in r]
        cells = [cell.strip() for cell in row.strip("|").split(" | ")]
        assert len(cells) == 5, score.id
        assert cells[1]
        assert cells[3]
        assert cells[4] == score.not_for
        assert score.not_for, score.id
        assert all(f"`{id_}`" in cells[3] for id_ in score.evidence)
    told = {name for name, _, _ in evidence_page.rules()}
    asked = {rule.__module__.rsplit(".", 1)[1] for rule in _RULES}
    assert told == asked
    assert len(rows("Rules of guidance")) == len(asked)


def test_the_sources_of_a_rule_are_those_that_its_file_cites():
    for name, rule, cited in evidence_page.rules():
        assert rule.what, name
        assert rule.whom, name
        assert rule.not_for, name
        assert cited, name
        tree = ast.parse((Path(ovcf.guidance.rules.__path__[0]) / f"{name}.py").read_text(encoding="utf-8"))
        said = {n.value for n in ast.walk(tree) if isinstance(n, ast.Constant) and n.value in load_evidence()}
        assert set(cited) == said


def test_files_of_rules_are_the_rules_that_speak():
    files = {m.name for m in iter_modules(ovcf.guidance.rules.__path__)} - {"wording"}
    assert files == {rule.__module__.rsplit(".", 1)[1] for rule in _RULES}


def test_every_contradiction_is_in_the_last_table():
    table = PAGE.split("## Contradictions")[1]
    for id_ in load_evidence():
        assert not id_.startswith("INC-") or f"| {id_}<br>" in table


def test_how_each_source_was_read_is_said():
    for row in (*rows("Scores"), *rows("Rules of guidance")):
        read = row.split(" | ")[3]
        marks = (
            "read (",
            "from an abstract or secondary page (",
            "not verified in a source (",
            "derived (",
            "project rule (",
        )
        assert all(any(f": {m}" in part for m in marks) for part in read.split("<br>")), row[:80]
