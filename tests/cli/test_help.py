"""What `--help` says: the list stays short, each command shows its own text with its examples."""

import pytest

COMMANDS = ("assess", "measure", "measurements", "engines", "score", "cohort", "phantom", "evidence", "schema")


def test_the_list_names_every_command(command):
    code, out, _ = command("--help")
    assert code == 0
    assert all(name in out for name in COMMANDS)
    assert "Images and clinical facts in" in out


@pytest.mark.parametrize(
    ("name", "example"),
    [
        ("assess", "ovcf assess --landmarks landmarks.json --clinical case.toml"),
        ("measure", "ovcf measure examples/landmarks.json --fracture L1"),
        ("phantom", "ovcf phantom --seed 7 --out phantom"),
    ],
)
def test_a_command_shows_its_examples(command, name, example):
    code, out, _ = command(name, "--help")
    assert code == 0
    assert example in " ".join(out.split())
