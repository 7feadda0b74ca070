"""``ovcf study``: every command of its page, one after the other, as a coordinator would; and what is said if wrong."""

import re

import pytest

from ovcf.registry.store import Registry
from ovcf.registry.tables import Person, Site
from ovcf.registry.words import Role
from ovcf.workflow.begin import begin_reading
from tests.documents import ROOT, commands
from tests.reading.conftest import made, patient  # noqa: F401

PAGE = (ROOT / "docs" / "how-to" / "study.md").read_text("utf-8")


@pytest.fixture
def here(tmp_path, monkeypatch):
    monkeypatch.setenv("OVCF_DATA", str(tmp_path / "data"))
    monkeypatch.delenv("OVCF_DATABASE_URL", raising=False)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def add_readers(here, *codes):
    registry = Registry.open(here / "data")
    with registry.reading() as session:
        admin, site = session.query(Person).one(), session.query(Site).one()
    with registry.writing(admin.id) as writer:
        for code in codes:
            writer.add(Person(site_id=site.id, code=code, name=code, role=Role.READER))
    registry.close()


def acting(words):
    """Once there are readers, the coordinator says who acts."""
    needs = (
        words[0] in ("study", "patient", "person")
        and "--as" not in words
        and words[1] not in ("example", "new", "train", "mark")
    )
    return [*words, "--as", "mm"] if needs and not (words[1] == "check" and len(words) > 2) else words


def test_the_commands_of_the_page(command, here):
    said = {}
    for words in commands(PAGE):
        if words[:2] == ["reading", "open"]:  # it serves a page until it is stopped (tests/server): signed without it
            words = ["reading", "confirm", words[2], "--reader", "r1"]
        code, printed, error = command(*acting(words))
        assert code == 0, f"ovcf {' '.join(words)}: {error}"
        said[" ".join(words[:2])] = printed
        said[" ".join(words[:4])] = printed
    assert "P-007: eligible" in said["study screen"]
    assert "AKH-001, arm conservative" in said["study enrol"]
    assert (
        "AKH-001/Q1 [open] pretreatment, images.vhl_percent: Vertebral height loss (Han) is 178 %"
        in (said["study queries"])
    )
    assert "two differ" not in said["study adjudicate"]
    assert "AKH-001, non-union: settled (judged by r1, r2, r3)" in said["study adjudicate"]
    assert re.search(r"1  outcome yes", said["study flow"])
    assert (here / "flow.svg").read_text().startswith("<svg")
    assert "1 screened" in (here / "stard.csv").read_text("utf-8-sig")
    head, row = (here / "patients.csv").read_text().splitlines()
    told = dict(zip(head.split(","), row.split(","), strict=True))
    assert (told["nasovcf"], told["non_union"], told["vhl_percent_0mo"]) == ("10", "yes", "17.8")
    assert "as it was when the data were locked" in said["study verify"]
    assert "The data are locked since" in said["study check"]


SCREEN = ("study", "screen", "P-1", "--fact", "age_years=74")


@pytest.fixture
def begun(command, here):
    assert command("db", "upgrade", "--site", "AKH=Hospital", "--person", "mm=Maria")[0] == 0
    assert command("study", "example", "--out", "protocol.toml")[0] == 0
    assert command("study", "new", "protocol.toml")[0] == 0
    return here


def test_a_candidate_of_whom_something_is_not_known(command, begun):
    _, printed, _ = command(*SCREEN)
    assert "ok  inclusion: Aged 60 years or older: met" in printed
    assert "?   inclusion: Low-energy trauma or none: unknown (fact low_energy_trauma)" in printed
    assert "P-1: pending" in printed
    code, _, error = command("study", "enrol", "P-1", "--consent-on", "2026-01-01")
    assert code == 2
    assert "is pending" in error


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["study", "new", "protocol.toml"], "is in this registry already"),
        (["study", "check", "none.toml"], "none.toml"),
        (["study", "example", "--out", "protocol.toml"], "exists already"),
        (["study", "screen", "P-1", "--fact", "age"], "Write it like --fact age_years=74"),
        (["study", "screen", "P-1", "--fact", "age_years=old"], "is no number"),
        (["study", "screen", "P-1", "--fact", "age_years=1", "age_years=2"], "given twice"),
        (["study", "screen", "P-1", "--on", "9.1.2026"], "YYYY-MM-DD"),
        (["study", "enrol", "P-9"], "not in this registry"),
        (["study", "form", "AKH-001", "pretreatment", "baseline"], "is not enrolled"),
        (["study", "form", "AKH-001", "soon", "baseline"], "Choose: pretreatment"),
        (["study", "withdraw", "AKH-001", "bored", "--on", "2026-01-01"], "is not enrolled"),
        (["study", "answer", "AKH-001/Q1", "yes"], "`ovcf study queries` lists them"),
        (["study", "assign", "main", "--reader", "a", "b", "--seed", "1"], "reader a"),
        (["study", "progress"], "none; assign cases first"),
        (["study", "read", "x-1"], "one of the two"),
        (["study", "verify"], "is not locked"),
        (["study", "unlock", "--because", "x"], "is not locked"),
        (["study", "bundle", "b.zip", "--key", "none"], "none"),
        (["study", "merge", "protocol.toml"], "no whole bundle"),
        (["study", "trust", "protocol.toml"], "no public key"),
        (["study", "flow", "--study", "OTHER"], "Name one of: HAN-VAL"),
        (["study", "moved", "--drafts", "."], "NUMBER/VISIT/reading.ovcf"),
    ],
)
def test_what_cannot_be_done_says_what_to_do(command, begun, words, said):
    code, _, error = command(*words)
    assert code == 2
    assert said in error
    assert "Traceback" not in error


def test_a_round_and_a_new_model_from_the_command_line(command, begun, made):  # noqa: F811
    from ovcf.reading.file import write_reading

    add_readers(begun, "r1", "r2")
    lines = list(commands(PAGE))
    for words in lines:
        if words[:2] in (["study", "screen"], ["study", "enrol"]):
            assert command(*acting(words))[0] == 0
    write_reading(begin_reading(made), begun / "reading.ovcf")
    assert (
        command(
            "patient",
            "visit",
            "P-007",
            "--window",
            "pretreatment",
            "--on",
            "2026-01-12",
            "--reading",
            "reading.ovcf",
            "--as",
            "mm",
        )[0]
        == 0
    )
    for words in (
        ["study", "assign", "main", "--reader", "r1", "r2", "--seed", "7", "--as", "mm"],
        ["study", "case", "main-1001", "--out", "case.ovcf", "--as", "r1"],
    ):
        code, _, error = command(*words)
        assert code == 0, error
    code, _, error = command("study", "read", "main-1001", "case.ovcf", "--as", "r1")
    assert code == 2
    assert "is not signed" in error
    code, printed, error = command(
        "study", "read", "main-2001", "--value", "vhl-han=20", "--minutes", "2", "--as", "r2"
    )
    assert "not given: ka-han, fracture_type, t2_pattern" in printed
    code, printed, _ = command("study", "progress", "--as", "mm")
    assert "r2: 1 of 1 cases, 0 of 1 repeats; the next repeat may be read on" in printed
    code, _, error = command("study", "agreement", "--as", "mm")
    assert "still open" in error
    assert command("study", "close", "--because", "enough", "--as", "mm")[0] == 0
    code, printed, error = command("study", "agreement", "--as", "mm")
    assert "not made: vhl-han, between readers" in printed
    # The same images by a "new model": a draft of its own, in which nothing moved.
    folder = begun / "new" / "AKH-001" / "pretreatment"
    folder.mkdir(parents=True)
    write_reading(begin_reading(made), folder / "reading.ovcf")
    code, printed, error = command("study", "moved", "--drafts", "new", "--out", "moved.csv", "--as", "mm")
    assert code == 0, error
    assert "1 readings compared, 0 figures moved; 1 new drafts are kept beside them" in printed


MAY = {
    "reader": {"see", "facts", "sign"},
    "researcher": {"see", "export"},
    "coordinator": {"see", "facts", "export", "ask", "manage"},
    "monitor": {"see", "ask"},
    "admin": {"see", "facts", "export", "ask", "manage", "sign"},
}
"""As docs/how-to/accounts.md has it."""
NEEDS = {
    "check": "see",
    "queries": "see",
    "flow": "see",
    "progress": "see",
    "verify": "see",
    "agreement": "see",
    "adjudicate": "see",
    "screen P-1 --fact age_years=74": "facts",
    "enrol P-1": "facts",
    "treat S1-001 conservative --on 2026-01-10": "facts",
    "withdraw S1-001 death --on 2026-01-10": "facts",
    "form S1-001 pretreatment baseline": "facts",
    "answer S1-001/Q1 checked": "facts",
    "queries --raise": "ask",
    "ask S1-001 pretreatment baseline.t_score why": "ask",
    "close-query S1-001/Q1 done": "ask",
    "checklist stard --out stard.csv": "see",
    "table --out table.csv": "export",
    "new protocol.toml": "manage",
    "assign first --reader r1 r2 --seed 1": "manage",
    "close": "manage",
    "consensus --out consensus": "manage",
    "lock": "manage",
    "unlock --because x": "manage",
    "moved --drafts drafts": "manage",
    "key site.key": "manage",
    "merge bundle.ovcf": "manage",
    "case first-1001 --out case.ovcf": "sign",
    "read first-1001 --value t2_pattern=none": "sign",
    "adjudicate S1-001 non-union yes": "sign",
}
"""What each command needs, with arguments that are right in form; of a study that is not there."""


def test_every_command_asks_who_acts(command, here):
    assert command("study", "example", "--out", "protocol.toml")[0] == 0
    assert command("db", "upgrade", "--site", "S1=One", "--person", "admin=Ada Min")[0] == 0
    registry = Registry.open(here / "data")
    with registry.reading() as session:
        admin, site = session.query(Person).one(), session.query(Site).one()
    with registry.writing(admin.id) as writer:
        for role in Role:
            if role is not Role.ADMIN:
                writer.add(Person(site_id=site.id, code=role.value, name=role.value, role=role))
    registry.close()
    (here / "bundle.ovcf").write_bytes(b"none")
    for words, act in NEEDS.items():
        for role, acts in MAY.items():
            code, _, error = command("study", *words.split(), "--as", role)
            refused = "is not for a" in error
            assert refused == (act not in acts), (words, role, error)
            assert not (refused and code == 0)
            for name in ("site.key", "site.key.pub"):
                (here / name).unlink(missing_ok=True)
