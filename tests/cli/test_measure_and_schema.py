"""``ovcf measure`` and ``ovcf schema``."""

import json
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

EXAMPLES = Path(__file__).resolve().parents[2] / "examples"


def test_measure_gives_the_published_values_of_tv3_b(command):
    code, printed, _ = command("measure", EXAMPLES / "landmarks.json", "--fracture", "L1", "--level", "L1", "--json")
    assert code == 0
    value = {m["method"]["id"]: m["value"] for m in json.loads(printed)["measurements"]}
    assert value["vhl-han"] == pytest.approx(13.793103, abs=1e-6)
    assert value["ka-han"] == pytest.approx(20.988398, abs=1e-6)
    assert value["wedge-angle"] == pytest.approx(14.036243, abs=1e-6)


def test_both_example_files_say_the_same(command):
    tables = [json.loads(command("measure", EXAMPLES / f"landmarks.{kind}", "--json")[1]) for kind in ("json", "csv")]
    assert [m["value"] for m in tables[0]["measurements"]] == [m["value"] for m in tables[1]["measurements"]]


def test_measure_as_a_table_says_what_was_withheld(command):
    code, printed, _ = command("measure", EXAMPLES / "landmarks.json", "--fracture", "T12", "--level", "L1")
    assert code == 0
    assert "Withheld" in printed
    assert "fractured" in printed


@pytest.mark.parametrize(
    ("arguments", "word"),
    [
        (("nowhere.json",), "nowhere.json"),
        ((EXAMPLES / "landmarks.json", "--age", "400"), "--age"),
        ((EXAMPLES / "landmarks.json", "--fracture", "L3"), "landmarks of L3"),
    ],
)
def test_measure_refuses_what_it_cannot_use(command, arguments, word):
    code, _, error = command("measure", *arguments)
    assert code == 2
    assert word in error


@pytest.mark.parametrize("of", ["assessment", "case", "landmarks"])
def test_each_schema_is_json_with_properties(command, of):
    code, printed, _ = command("schema", of)
    assert code == 0
    assert json.loads(printed)["properties"]


def test_the_schema_of_scores_describes_a_declaration(command):
    code, printed, _ = command("schema", "scores")
    assert code == 0
    assert {"inputs", "items", "groups", "classes", "checks"} <= set(
        json.loads(printed)["$defs"]["Score"]["properties"]
    )


@pytest.mark.parametrize("sex", ["F", "female", "FEMALE"])
def test_sex_may_be_a_letter(command, sex):
    assert command("measure", EXAMPLES / "landmarks.json", "--age", "70", "--sex", sex)[0] == 0


def test_no_command_shows_the_help(command):
    code, printed, _ = command()
    assert code == 0
    assert "assess" in printed


def test_an_image_instead_of_landmarks_is_sent_where_it_is_read(command, tmp_path):
    Image.fromarray(np.zeros((80, 80), np.uint8)).save(tmp_path / "film.png")
    code, _, error = command("measure", tmp_path / "film.png")
    assert code == 2
    assert "is an image, not landmarks" in error
    assert "`ovcf assess" in error
