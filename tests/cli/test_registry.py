"""``ovcf registry`` and ``ovcf cohort`` on a registry, as a researcher uses them."""

import json

import pytest

pytest.importorskip("pandas")


@pytest.fixture
def simulated(tmp_path, monkeypatch, command):
    for name in ("OVCF_DATA", "OVCF_DATABASE_URL", "OVCF_KEY_FILE"):
        monkeypatch.delenv(name, raising=False)
    code, printed, error = command(
        "registry", "simulate", "--registry", tmp_path / "data", "--patients", 80, "--seed", 5
    )
    assert code == 0, error
    assert "no real ones" in printed
    return tmp_path / "data"


def test_out_and_in_again(simulated, tmp_path, command):
    out = tmp_path / "table"
    code, printed, _ = command("registry", "export", "--registry", simulated, "--out", out)
    assert code == 0
    assert printed.startswith("SIMULATED DATA, not patients.\n80 patients, ")
    assert json.loads((out / "about.json").read_text())["simulated"] is True
    code, printed, _ = command("registry", "import", out / "registry.csv", "--registry", simulated)
    assert code == 0
    assert "Would add nothing; would correct 0 facts" in printed
    assert "Nothing was written" in printed


def test_a_researcher_sees_no_true_dates(simulated, tmp_path, command):
    from ovcf.registry.people.accounts import add_person, site_coded
    from ovcf.registry.service import person_named
    from ovcf.registry.store import Registry
    from ovcf.registry.words import Role

    registry = Registry.open(simulated)
    with registry.reading() as session:
        admin = person_named(session, "simulation").id
    with registry.writing(admin) as writer:
        add_person(writer, site=site_coded(writer.session, "SIM-B"), code="res", name="Re Search", role=Role.RESEARCHER)
    registry.close()
    asked = ("registry", "export", "--registry", simulated, "--as", "res", "--out", tmp_path / "table")
    code, _, error = command(*asked)
    assert code == 2
    assert "see identity" in error
    assert command(*asked, "--shift-dates")[0] == 0
    rows = (tmp_path / "table" / "registry.csv").read_text()
    assert "SIM-B" in rows
    assert "SIM-A" not in rows
    assert (
        command("registry", "import", tmp_path / "table" / "registry.csv", "--registry", simulated, "--as", "res")[0]
        == 2
    )


def test_what_is_wrong_is_said_and_kept_in_a_file(simulated, tmp_path, command):
    command("registry", "export", "--registry", simulated, "--out", tmp_path / "table")
    path = tmp_path / "changed.csv"
    text = (tmp_path / "table" / "registry.csv").read_text()
    path.write_text(text.replace(",standing,", ",leaning,"))
    code, _, error = command(
        "registry", "import", path, "--registry", simulated, "--write", "--problems", tmp_path / "problems.csv"
    )
    assert code == 1
    assert "posture_radiograph: 'leaning' is not one of the choices; rows " in error
    assert "nothing was written" in error
    listed = (tmp_path / "problems.csv").read_text().splitlines()
    assert listed[0] == "row,record,column,value,problem,remedy"
    assert len(listed) - 1 == path.read_text().count(",leaning,")


def test_a_registry_is_validated(simulated, tmp_path, command):
    code, printed, error = command("cohort", "validate", simulated, "--out", tmp_path / "validation")
    assert code == 0, error
    assert printed.startswith("SIMULATED DATA")
    assert "Left out: " in printed
    report = (tmp_path / "validation" / "report.html").read_text()
    assert "SIMULATED DATA" in report
    assert "TRIPOD+AI" in report
    assert 'label = "non-union"' in (tmp_path / "validation" / "columns.toml").read_text()


@pytest.mark.parametrize(
    "question",
    [
        ("table1", "--by", "sex", "--columns", "age_years", "t_score"),
        ("roc", "--outcome", "non_union", "--by", "nasovcf"),
        ("km", "--time", "months", "--outcome", "event", "--event", "fracture"),
        ("regression", "--outcome", "progressive_kyphosis", "--by", "nasovcf"),
    ],
)
def test_a_question_to_a_registry(simulated, tmp_path, command, question):
    name, *rest = question
    code, printed, error = command("cohort", name, simulated, *rest, "--out", tmp_path / "out")
    assert code == 0, error
    assert "SIMULATED DATA" in printed
    assert "never as no" in (tmp_path / "out" / "report.html").read_text()


def test_a_table_is_validated_as_well(tmp_path, command, monkeypatch):
    from importlib.resources import files

    monkeypatch.chdir(tmp_path)
    table = tmp_path / "patients.csv"
    table.write_bytes(files("ovcf.cohort").joinpath("tables", "han_2025_reconstructed.csv").read_bytes())
    code, printed, error = command("cohort", "validate", table, "--yes", "--out", tmp_path / "out")
    assert code == 0, error
    assert "2 analyses of 208 rows" in printed
