"""Text from anywhere: one meaning or none, and never more of the machine than a page of text needs."""

import json
import time
from pathlib import Path

import pytest

from ovcf.clinical.read_case import read_case
from ovcf.cohort.data.dictionary import parse_dictionary
from ovcf.errors import ClinicalDataError, CohortDataError, MissingFileError, OvcfError, UnreadableFileError
from ovcf.phantom.recipe import read_recipe
from ovcf.plain_text import clean
from ovcf.report.serialise import from_json
from ovcf.segmentation.points.landmark_file import read_landmarks
from ovcf.text_files import parse_json, parse_toml, read_bytes

READERS = [read_case, read_landmarks, read_recipe]


@pytest.mark.parametrize(
    "text", ["vas = 1_0", "vas = 1_0.0", "a = [1, 1_0]", "a = [\n  1_0,\n]", "x = {a = 1, b = 2}\ny=1_0"]
)
def test_digits_with_an_underscore_which_toml_reads_as_ten_are_refused(text):
    with pytest.raises(UnreadableFileError, match=r"has the number 1_0.*without an underscore"):
        parse_toml(text, "case.toml")


def test_an_underscore_in_names_and_words_is_none_in_a_number():
    text = 'index_1_0 = "1_0" # = 1_0\n[a_1]\nb = \'= 1_0\'\nc = """\n= 1_0,\n"""\n'
    assert parse_toml(text, "case.toml")["index_1_0"] == "1_0"


@pytest.mark.parametrize("value", ["1_0", "1e999", "nan", "inf", "\N{FULLWIDTH DIGIT ONE}", "0x10", "1,5"])
def test_what_is_no_plain_number_is_no_vas(tmp_path, value):
    for name, text in (("case.toml", f'vas = "{value}"'), ("case.json", json.dumps({"vas": value}))):
        (tmp_path / name).write_text(text, encoding="utf-8")
        with pytest.raises(ClinicalDataError, match="vas"):
            read_case(tmp_path / name)


@pytest.mark.parametrize("number", ["1e999", "-1e999", "NaN", "Infinity", "9" * 39])
def test_no_endless_number_in_json_is_a_vas(tmp_path, number):
    (tmp_path / "case.json").write_text(f'{{"vas": {number}}}')
    with pytest.raises(OvcfError, match="vas"):
        read_case(tmp_path / "case.json")


def test_a_field_given_twice_is_refused_in_every_json():
    for read in (lambda text: parse_json(text, "a.json"), from_json):
        with pytest.raises(UnreadableFileError, match="unit: is given twice"):
            read('{"unit": "mm", "b": 1, "unit": "px"}')


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("a.json", "[" * 100_000),
        ("a.json", '{"a":' * 100_000),
        ("a.json", "[" * 200 + "]" * 200),
        ("a.json", '{"vas": ' + "9" * 5000 + "}"),
        ("a.toml", "vas = " + "9" * 5000),
        ("a.toml", "vas = 0x" + "F" * 9000),
        ("a.toml", "a = " + "[" * 100_000),
        ("a.toml", ".".join("a" * 100_000) + " = 1"),
        ("a.toml", '"a,".' * 100_000 + "a = 1"),
    ],
)
def test_depth_and_digits_beyond_any_file_end_in_a_message_at_once(tmp_path, name, text):
    path = tmp_path / name
    path.write_text(text)
    started = time.process_time()
    for read in READERS:
        with pytest.raises(OvcfError):
            read(path)
    with pytest.raises(CohortDataError):
        parse_dictionary(text)
    assert time.process_time() - started < 5


@pytest.mark.skipif(not Path("/dev/zero").exists(), reason="needs /dev/zero")
@pytest.mark.parametrize("read", READERS)
def test_a_device_without_end_is_refused(read):
    with pytest.raises(UnreadableFileError, match="is a device, not a file"):
        read(Path("/dev/zero"))


@pytest.mark.parametrize("read", READERS)
def test_a_name_that_no_file_can_have_is_missing(read):
    for name in ("x" * 300, "a\0b"):
        with pytest.raises(MissingFileError):
            read(Path(name))


@pytest.mark.parametrize("read", READERS)
def test_a_file_that_may_not_be_read_is_named_with_the_reason(tmp_path, monkeypatch, read):
    (tmp_path / "secret.json").write_text("{}")

    def refuse(self, *_how, **_more):
        raise PermissionError(13, "Permission denied", str(self))

    monkeypatch.setattr(Path, "open", refuse)
    with pytest.raises(UnreadableFileError, match=r"secret\.json: cannot be read \(Permission denied\)"):
        read(tmp_path / "secret.json")


def test_more_bytes_than_a_page_of_text_are_not_read(tmp_path):
    (tmp_path / "a").write_bytes(b"x" * 1001)
    with pytest.raises(UnreadableFileError, match="more than 1,000 bytes"):
        read_bytes(tmp_path / "a", limit=1000)


def test_control_characters_and_halves_of_characters_are_marked():
    assert clean("a\x1b[31mb\x00\udcff\x85c\td\n") == "a[31mb\ufffdc\td\n"
    label = parse_dictionary('[a]\ntype = "number"\nlabel = "x\\u001by"\n').variables[0].label
    assert label == "xy"
