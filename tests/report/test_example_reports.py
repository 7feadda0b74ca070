"""The docs show every state of a report, and the script that makes them says what must be true of each."""

from pathlib import Path

from scripts import example_reports

ROOT = Path(__file__).resolve().parents[2]
FOLDER = ROOT / "docs" / "reports"


def test_every_state_has_an_example_that_checks_itself():
    assert {e.name for e in example_reports.EXAMPLES} == {
        "recent-l1-fracture",
        "two-fractures",
        "old-fracture",
        "cemented-vertebra",
        "tumour-suspected",
        "cord-emergency",
        "nothing-fractured",
        "level-unsure",
        "radiograph-only",
        "mri-only",
        "everything-missing",
    }
    assert all(e.claims for e in example_reports.EXAMPLES)


def test_the_page_of_the_docs_shows_them_all_and_stays_small():
    assert (FOLDER / "index.md").read_text(encoding="utf-8") == example_reports.index_page()
    pictures = {path.stem: path.stat().st_size for path in FOLDER.glob("*.png")}
    assert set(pictures) == {e.name for e in example_reports.EXAMPLES}
    assert sum(pictures.values()) < 1_500_000
    assert '"reports/index.md"' in (ROOT / "zensical.toml").read_text(encoding="utf-8")


def test_the_claims_of_one_example_do_not_hold_for_another(tmp_path):
    """Nothing was given at all: of every other state something that must be true is not true of this."""
    by_name = {e.name: e for e in example_reports.EXAMPLES}
    report, _, _ = example_reports.made(by_name["everything-missing"], tmp_path)
    assert all(holds(report) for holds in by_name["everything-missing"].claims.values())
    for other in example_reports.EXAMPLES:
        if other.name != "everything-missing":
            assert not all(holds_for(claim, report) for claim in other.claims.values()), other.name


def holds_for(claim, report):
    """Whether a claim holds; one that looks at a picture that is not there does not."""
    try:
        return claim(report)
    except IndexError:
        return False
