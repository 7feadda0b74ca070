"""Findings that ask for a reader's word: what is asked, what is suggested, and what each answer does."""

import pytest

from ovcf.reading.file import write_reading
from tests.server.conftest import TOKEN
from tests.server.small_reading import asked_reading, with_wedge_at_l3

L3_ON_MR = "a5"


@pytest.fixture
def path(tmp_path):
    write_reading(with_wedge_at_l3(), tmp_path / "reading.ovcf")
    return tmp_path / "reading.ovcf"


def asked(view, finding):
    (found,) = [one for one in view["to_judge"] if one["id"] == finding]
    return found


def say(post, one, place):
    answer = post("edits", **one["answers"][one[place] if isinstance(place, str) else place]["edit"])
    assert answer.status_code == 200, answer.text
    return answer.json()


@pytest.fixture
def view(client):
    return client.get("/api/reading").json()


def test_a_vertebra_that_looks_fractured_comes_first_and_what_the_file_says_is_not_asked_again(view):
    first, *others = view["to_judge"]
    assert (first["level"], first["vertebra"], first["name"]) == ("L3", L3_ON_MR, "Looks fractured")
    assert any("grade 2" in reason for reason in first["reasons"])
    assert [one["level"] for one in others if one["id"].endswith(" state")] == ["L4"]  # cut off on the film
    assert {one["id"] for one in others} >= {"L1 sq_grade", "L1 of_class"}
    assert not {"L1 fracture_type", "L1 t2_pattern"} & {one["id"] for one in others}  # stand in the clinical file


def test_each_endplate_is_asked_for_itself(view):
    superior, inferior = (asked(view, f"L1 {side}_endplate") for side in ("superior", "inferior"))
    assert (superior["suggested"], inferior["suggested"]) == ("fractured", "intact")  # it has sunk by 8 mm in front


def test_what_was_suggested_is_taken_by_one_edit_and_given_back_by_its_undo(view, post):
    grade = asked(view, "L1 sq_grade")
    assert (grade["suggested"], grade["said"]) == ("grade 2, wedge", None)  # 8 of 26 mm: 31%
    assert "grade 2" in grade["sure"]
    assert grade["answers"][grade["take"]]["label"] == "grade 2"
    taken = asked(say(post, grade, "take"), "L1 sq_grade")
    assert (taken["said"], len(taken["edits"])) == (grade["take"], 1)
    assert asked(post("undo").json(), "L1 sq_grade") == grade


@pytest.mark.parametrize(("place", "value"), [("absent", 0.0), ("unknown", None)])
def test_none_and_cannot_tell_are_the_readers_word(view, post, place, value):
    told = say(post, asked(view, "L1 sq_grade"), place)
    (fact,) = [f for f in told["facts"]["a3"] if f["finding"] == "sq_grade"]
    assert (fact["value"], len(fact["edits"])) == (value, 1)


def test_a_suspicion_is_named_or_cleared_and_stays_in_the_list_with_what_was_said(view, post):
    suspect = asked(view, "L3 state")
    assert suspect["take"] is None  # how old it is nobody can tell without signal
    labels = [answer["label"] for answer in suspect["answers"]]
    old = say(post, suspect, labels.index("old fracture"))
    assert old["vertebrae"][L3_ON_MR]["state"] == "old fracture"
    assert labels[asked(old, "L3 state")["said"]] == "old fracture"
    none = say(post, suspect, "absent")
    assert labels[asked(none, "L3 state")["said"]] == "none of these"
    assert not [f for f in none["findings"].values() if f["suggested"] and f["level"] == "L3"]
    post("undo")
    back = post("undo").json()
    assert asked(back, "L3 state") == suspect
    assert next(f["level"] for f in back["findings"].values() if f["suggested"]) == "L3"


def test_without_an_index_vertebra_the_most_conspicuous_one_is_offered_for_it(serve, tmp_path):
    write_reading(with_wedge_at_l3(index_level=None), tmp_path / "other.ovcf")
    client = serve(tmp_path / "other.ovcf")
    client.get("/", params={"token": TOKEN})
    view = client.get("/api/reading").json()
    first = view["to_judge"][0]
    assert {one["level"] for one in view["to_judge"][:2]} == {"L1", "L3"}
    assert first["answers"][first["take"]]["edit"] == {"kind": "choose index", "vertebra": first["vertebra"]}


def test_nothing_is_asked_where_levels_are_guesses(serve, tmp_path):
    write_reading(asked_reading(), tmp_path / "asked.ovcf")
    client = serve(tmp_path / "asked.ovcf")
    client.get("/", params={"token": TOKEN})
    view = client.get("/api/reading").json()
    assert {v["vertebra"][0] for v in view["to_judge"]} <= {"b"}  # those of the film, whose names are sure
