"""Text from files is harmless wherever it is shown, and otherwise as it was."""

import json
from dataclasses import dataclass

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ovcf.language.spoken import speaking, tr
from ovcf.language.worded import say
from ovcf.plain_text import clean, clean_json, cleaned, for_spreadsheet


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("\x1b[31mred\x1b[0m", "[31mred[0m"),
        ("\x1b]0;title\x07", "]0;title"),
        ("\x9b31m \x90 \x7f", "31m  "),
        ("T2\u202egas\u2066", "T2gas"),
        ("a\rb\x00c\x08", "abc"),
        ("patient\udce9", "patient\N{REPLACEMENT CHARACTER}"),
        ("a\ufeff\u2028b\ufffe", "ab"),
    ],
)
def test_what_steers_a_terminal_or_turns_the_reading_direction_is_gone(text, shown):
    assert clean(text) == shown


@pytest.mark.parametrize("text", ["Größe ± 2 °, −3", "一\u3000二", "نیم\u200cفاصله", "1\u202f234", "a\tb\nc", "עברית"])
def test_words_of_any_script_stay(text):
    assert clean(text) is text


@given(st.text(st.characters()))
def test_clean_json_means_the_same_and_is_clean(text):
    shown = clean_json(json.dumps({"text": text}, ensure_ascii=False))
    assert json.loads(shown) == {"text": text}
    assert clean(shown) == shown


@dataclass(frozen=True, slots=True)
class Named:
    name: str
    parts: tuple["Named", ...] = ()
    values: object = None


def test_all_text_in_a_value_is_cleaned_and_what_is_clean_stays_itself():
    fine = Named("fine", values=np.zeros(3))
    dirty = Named("a", (fine, Named("b\x1b", values={"k\x07": ["v\x1b", 1]})), np.ones(2))
    new = cleaned(dirty)
    assert new.parts[1] == Named("b", values={"k": ["v", 1]})
    assert new.parts[0] is fine
    assert new.values is dirty.values
    assert cleaned(fine) is fine


def test_a_sentence_is_cleaned_in_every_language():
    dirty = say("no label map covers {description}", description="T2\x1b]0;owned\x07")
    (new,) = cleaned((dirty,))
    with speaking("zh"):
        assert "T2]0;owned" in (chinese := tr(new))
    assert (new, clean(chinese)) == ("no label map covers T2]0;owned", chinese)
    assert chinese != new


@pytest.mark.parametrize(
    "text", ["=1+1|cmd", "+1+1", "-2+3", "@SUM(A1)", "＝1+1", " =1", "\t=1", "-", "-1 to 2", "1;\n=2"]
)
def test_no_spreadsheet_runs_a_cell(text):
    """An apostrophe first, as OWASP's page on CSV injection has it, also where a semicolon makes a new cell."""
    made = for_spreadsheet(text)
    assert "'" in made
    assert not set("\t\n") & set(made)
    for cell in made.split(";"):
        assert not cell.strip().startswith(("=", "+", "-", "@", "＝"))


@pytest.mark.parametrize("text", ["-2.5", "+3", "1e-5", "-.5", "L1", "T12-L1", "a=b", "", "P < 0.001", "−2.5"])
def test_numbers_and_words_stay(text):
    assert for_spreadsheet(text) == text
