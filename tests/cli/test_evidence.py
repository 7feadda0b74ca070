"""``ovcf evidence``: what is listed, shown, and refused."""

import json

import pytest

from ovcf.cli.about.evidence import app
from ovcf.errors import EvidenceError


@pytest.fixture(autouse=True)
def wide(monkeypatch):
    monkeypatch.setenv("COLUMNS", "200")


def run(capsys, *words):
    app(words, exit_on_error=False, result_action="return_value")
    return capsys.readouterr().out


def test_list_shows_every_entry_with_its_mark(capsys):
    out = run(capsys, "list")
    assert "INC-38" in out
    assert "han-2025" in out
    assert "not verified in a source" in out


def test_list_can_be_narrowed_by_text_and_theme(capsys):
    assert {e["id"] for e in json.loads(run(capsys, "list", "1/46", "--json"))} == {"han-2025-outcomes", "INC-05"}
    found = json.loads(run(capsys, "list", "--theme", "bone_quality", "--json"))
    assert {e["theme"] for e in found} == {"bone_quality"}


def test_show_prints_source_population_and_figures(capsys):
    out = run(capsys, "show", "han-2025-outcomes")
    assert "10.1038/s41598-025-01839-w" in out
    assert "208 conservatively treated patients" in out
    assert "39, 63" in out
    assert "derived" in out


def test_show_json_holds_the_same(capsys):
    entry = json.loads(run(capsys, "show", "kadri-2025", "--json"))
    assert entry["mark"] == "read"
    assert {"name": "vbq_high", "value": 3.0, "mark": "read"} in entry["figures"]


def test_unknown_names_are_refused_with_the_nearest(capsys):
    with pytest.raises(EvidenceError, match="kadri-2025"):
        run(capsys, "show", "kadri")
    with pytest.raises(EvidenceError, match="bone_quality"):
        run(capsys, "list", "--theme", "bones")
