"""Sentences that remember how they were made, and say themselves in another language."""

import json
import pickle

import pytest

from ovcf.language.fields import in_words
from ovcf.language.spoken import asked_for, in_language, language, speaking, tr
from ovcf.language.stored_sentences import from_data, to_data
from ovcf.language.worded import and_then, capital, joined, say
from ovcf.render.impression import Sentence

FRENCH = {
    "{level} lost {percent:.1f}% of its height": "{level} a perdu {percent:.1f} % de sa hauteur",
    "fracture": "la fracture",
    "recent": "récente",
    "{what} of {level}": "{what}, {level}",
}


def test_a_sentence_is_its_english():
    said = say("{level} lost {percent:.1f}% of its height", level="L1", percent=17.84)
    assert said == "L1 lost 17.8% of its height"
    assert {said: 1}["L1 lost 17.8% of its height"] == 1
    assert json.loads(json.dumps([said])) == ["L1 lost 17.8% of its height"]


def test_it_is_said_in_another_language_with_the_same_values():
    said = say("{level} lost {percent:.1f}% of its height", level="L1", percent=17.84)
    assert in_language(said, FRENCH) == "L1 a perdu 17.8 % de sa hauteur"


def test_values_that_are_sentences_are_said_too():
    what = joined(" ", ["recent", "fracture"])
    assert in_language(say("{what} of {level}", what=what, level="L1"), FRENCH) == "récentela fracture, L1"


def test_what_was_done_to_a_sentence_is_done_to_the_other():
    assert in_language(capital("fracture"), FRENCH) == "La fracture"
    assert in_language("a " + say("fracture").upper(), FRENCH) == "a LA FRACTURE"
    assert in_language(and_then("fracture", str.title), FRENCH) == "La Fracture"


def test_a_sentence_without_translation_stays_english_as_a_whole():
    mixed = say("{what} is unknown here", what=say("fracture"))
    assert in_language(mixed, FRENCH) is None
    with speaking("zh"):
        assert tr("no such sentence") == "no such sentence"


def test_a_template_without_words_only_puts_values_together():
    assert in_language(say("{a}: {b}.", a="fracture", b=2), FRENCH) == "la fracture：2。"
    assert in_language("T1, 12.5", {}) == "T1, 12.5"


def test_a_sentence_survives_a_child_process_and_a_row_of_the_registry():
    said = say("{what} of {level}", what=joined(" ", ["recent", "fracture"]).capitalize(), level="L1")
    for again in (pickle.loads(pickle.dumps(said)), from_data(json.loads(json.dumps(to_data(said))))):
        assert again == said == "Recent fracture of L1"
        assert in_language(again, FRENCH) == in_language(said, FRENCH) == "Récentela fracture, L1"


@pytest.mark.parametrize("kept", [None, {}, {"text": "x"}, {"text": "x", "template": "", "values": 3, "then": []}])
def test_what_is_no_kept_sentence_is_nothing(kept):
    assert from_data(kept) == ""


@pytest.mark.parametrize(
    ("header", "code"),
    [
        ("zh-CN,zh;q=0.9,en;q=0.8", "zh"),
        ("en-GB,en;q=0.9,zh;q=0.8", "en"),
        ("de-DE, zh-Hant;q=0.4", "zh"),
        ("fr", "en"),
        ("zh;q=0, en", "en"),
        ("zh;q=nonsense", "en"),
        ("", "en"),
    ],
)
def test_the_language_of_a_browser(header, code):
    assert asked_for(header) == code


def test_a_language_is_spoken_within_its_block_alone():
    with speaking("zh"):
        assert language() == "zh"
        with speaking("xx"):
            assert language() == "en"
        assert language() == "zh"
    assert language() == "en"


def test_only_fields_of_words_are_said_in_the_language():
    sentence = Sentence("fracture", "recent")
    assert in_words(sentence) is sentence
    with speaking("zh"):
        assert in_words({"impression": (sentence,)}) == {"impression": (Sentence("骨折", "新鲜"),)}
        assert in_words({"status": "draft"}) == {"status": "draft"}
