"""The pages about scores are current, and the code they show is the code there is."""

import json
import re
import shlex
from pathlib import Path

import pytest

from scripts import score_page

ROOT = Path(__file__).resolve().parents[2]
HOW_TO = (ROOT / "docs" / "how-to" / "add-a-score.md").read_text(encoding="utf-8")


def blocks(language):
    return re.findall(rf"```{language}\n(.*?)```", HOW_TO, re.DOTALL)


def test_the_table_of_scores_is_what_the_declarations_say():
    page = score_page.page()
    assert (ROOT / "docs" / "scores.md").read_text(encoding="utf-8") == page, (
        "run python -m scripts.score_page docs/scores.md"
    )


@pytest.mark.parametrize("block", [*blocks("toml"), *blocks("python")])
def test_every_block_of_the_how_to_is_part_of_the_repository(block):
    files = (
        "src/ovcf/scores/prognosis/ava.py",
        "src/ovcf/guidance/evidence/augmentation.toml",
        "tests/scores/test_ava.py",
    )
    assert any(block in (ROOT / file).read_text(encoding="utf-8") for file in files)


@pytest.mark.parametrize("line", blocks("sh")[0].splitlines())
def test_every_command_of_the_how_to_works(command, line):
    code, printed, _ = command(*shlex.split(line)[1:])
    assert code == 0
    assert json.loads(printed) if printed.startswith("{") else "AVA score" in printed
