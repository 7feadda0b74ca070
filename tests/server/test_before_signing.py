"""Signing is not silent while a vertebra looks fractured and none is named: what is asked, and what answers it."""

import pytest

from ovcf.assessment.findings.kinds import SpineGrades
from ovcf.reading.file import read_reading, write_reading
from ovcf.report.of_reading import assessment_of
from tests.server.small_reading import small_reading

L1_ON_FILM, L2_ON_MR = "b3", "a4"


@pytest.fixture
def path(tmp_path):
    """The small reading, its L1 wedged, with nobody's word on which vertebra is fractured."""
    write_reading(small_reading(index_level=None, fracture_type=None, t2_pattern=None), tmp_path / "reading.ovcf")
    return tmp_path / "reading.ovcf"


def reading(client):
    return client.get("/api/reading").json()["reading"]


def test_signing_is_refused_and_the_vertebra_is_offered_by_name(client, post):
    (open_,) = reading(client)["open"]
    assert open_ == "L1 looks fractured, and no vertebra is named as the one to assess"
    refused = post("confirm")
    assert (refused.status_code, open_ in refused.text) == (422, True)
    asked = reading(client)["before_signing"]
    assert [one["label"] for one in asked["assess"]] == ["Assess L1"]
    assert asked["none"]["label"] == "No recent fracture to assess: sign as it is"


def test_naming_it_opens_the_way_and_gives_a_score(client, post):
    asked = reading(client)["before_signing"]
    view = post("edits", **asked["assess"][0]["edit"]).json()
    assert (view["index"], view["reading"]["before_signing"], view["reading"]["open"]) == ("L1", None, [])
    assert post("confirm").json()["reading"]["status"] == "confirmed"


def test_that_there_is_none_is_the_readers_word_in_history_report_and_undo(client, post):
    asked = reading(client)["before_signing"]
    view = post("edits", **asked["none"]["edit"]).json()
    assert (view["index"], view["reading"]["before_signing"], view["reading"]["open"]) == (None, None, [])
    assert (view["history"][0]["words"], view["history"][0]["reader"]) == ("No recent fracture to assess", "A. Reader")
    assert view["impression"][1]["lead"] == "No recent fracture to assess, by the reader: "
    assert post("undo").json()["reading"]["open"] != []
    post("redo")
    signed = post("confirm").json()["reading"]
    assert (signed["status"], signed["edits"]) == ("confirmed", 1)


@pytest.mark.parametrize("state", ["old fracture", "none of these"])
def test_saying_what_each_one_is_answers_it_too(client, post, state):
    assert post("edits", kind="set state", vertebra=L1_ON_FILM, state=state).json()["reading"]["open"] == []


def test_it_is_asked_again_when_another_vertebra_comes_to_look_fractured(client, post):
    post("edits", **reading(client)["before_signing"]["none"]["edit"])
    x, y = client.get("/api/reading").json()["vertebrae"]["b5"]["points"][0]
    view = post("edits", kind="move point", vertebra="b5", point="superior_anterior", to=[x, y + 40]).json()
    (open_,) = view["reading"]["open"]
    assert open_.startswith("L3 looks fractured")


def test_that_it_cannot_be_told_opens_the_way_and_names_the_vertebra_as_not_judged(client, post, path):
    """A reader who cannot tell is not trapped, and what they could not judge is nowhere counted as sound."""
    asked = reading(client)["before_signing"]
    assert asked["unknown"]["label"] == "L1: cannot tell"
    view = post("edits", **asked["unknown"]["edit"]).json()
    assert (view["index"], view["reading"]["before_signing"], view["reading"]["open"]) == (None, None, [])
    said = "".join(s["lead"] + s["rest"] for s in view["impression"])
    assert "Whether L1 is fractured could not be told, by the reader: it does not count as sound." in said
    assert "L1" not in "".join(s["lead"] for s in view["impression"] if s["lead"].startswith("No fracture"))
    assert post("confirm").json()["reading"]["status"] == "confirmed"
    assessment = assessment_of(read_reading(path))
    assert assessment.undecided == ("L1",)
    (spine,) = [f.data for f in assessment.findings if isinstance(f.data, SpineGrades)]
    assert ("L1", "the reader could not tell") in [(u.level, u.reason) for u in spine.ungraded]
    assert "L1" not in [level for level, _ in spine.graded]


def test_the_same_word_in_the_list_of_findings_answers_it_and_can_be_taken_back(client, post):
    (one,) = [j for j in client.get("/api/reading").json()["to_judge"] if j["id"] == "L1 state"]
    view = post("edits", **one["answers"][one["unknown"]]["edit"]).json()
    assert view["reading"]["open"] == []
    assert post("undo").json()["reading"]["open"] != []


def test_a_vertebra_that_cannot_be_told_leaves_the_question_for_another_that_looks_fractured(client, post):
    x, y = client.get("/api/reading").json()["vertebrae"]["b5"]["points"][0]
    post("edits", kind="move point", vertebra="b5", point="superior_anterior", to=[x, y + 40])
    (open_,) = post("edits", kind="overrule", vertebra=L1_ON_FILM, finding="sq_grade", value=None).json()["reading"][
        "open"
    ]
    assert open_.startswith("L3 looks fractured")


@pytest.mark.parametrize("before", ["none of these", "old fracture", "recent fracture"])
def test_of_what_it_is_and_that_it_cannot_be_told_the_last_word_holds(client, post, before):
    """A reader who corrects themselves is taken at their last word, on whichever image they said the first one."""
    unknown = reading(client)["before_signing"]["unknown"]["edit"]
    post("edits", kind="set state", vertebra=L1_ON_FILM, state=before)
    said = "".join(s["lead"] + s["rest"] for s in post("edits", **unknown).json()["impression"])
    assert "Whether L1 is fractured could not be told, by the reader: it does not count as sound." in said
    view = post("edits", kind="set state", vertebra=L1_ON_FILM, state="none of these").json()
    said = "".join(s["lead"] + s["rest"] for s in view["impression"])
    assert "could not be told" not in said
    assert "Not graded: L1" not in said
    assert "could not be told" in "".join(s["lead"] for s in post("undo").json()["impression"])


def test_cement_stays_where_it_cannot_be_told_whether_the_vertebra_is_fractured(client, post, path):
    unknown = reading(client)["before_signing"]["unknown"]["edit"]
    post("edits", kind="set state", vertebra=unknown["vertebra"], state="cemented")
    post("edits", **unknown)
    assert assessment_of(read_reading(path)).case.cemented_levels == ("L1",)
