"""What the page needs to edit: questions with the names that may be, history, the draft beside the reading, choices."""

import uuid

import pytest

from ovcf.reading.file import read_reading, write_reading
from tests.server.conftest import TOKEN
from tests.server.small_reading import LEVELS, asked_reading, body

L1_ON_MR = "a3"


@pytest.fixture
def view(client):
    return client.get("/api/reading").json()


def test_each_body_that_is_asked_for_comes_with_the_names_it_may_bear_likeliest_first(serve, tmp_path):
    write_reading(asked_reading(), tmp_path / "asked.ovcf")
    client = serve(tmp_path / "asked.ovcf")
    client.get("/", params={"token": TOKEN})
    (question,) = client.get("/api/reading").json()["questions"]
    assert question["set"] == "a"
    assert question["labellings"] == ["T11 to L3, 60%", "T12 to L4, 40%"]
    assert question["names"]["a3"] == [{"level": "L1", "share": "60%"}, {"level": "L2", "share": "40%"}]
    assert [names[0]["level"] for names in question["names"].values()] == [level.value for level in LEVELS]


def test_every_edit_is_told_with_what_takes_it_back_and_what_brings_it_back(post):
    post("edits", kind="set state", vertebra="a1", state="old fracture")
    moved = post("edits", kind="move point", vertebra=L1_ON_MR, point="superior_anterior", to=[21, 92]).json()
    assert [h["words"] for h in moved["history"]] == ["L1: superior anterior moved", "T11: old fracture"]
    assert all(h["in_force"] and h["revoke"] == h["id"] for h in moved["history"])
    back = post("edits", kind="revoke", edit=moved["history"][1]["id"]).json()
    assert [h["in_force"] for h in back["history"]] == [True, False]
    assert back["vertebrae"]["a1"]["state"] == "none of these"
    again = post("edits", kind="revoke", edit=back["history"][1]["revoke"]).json()
    assert [h["in_force"] for h in again["history"]] == [True, True]
    assert again["vertebrae"]["a1"]["state"] == "old fracture"


def test_the_draft_stands_beside_the_reading_with_its_points(client, post):
    assert client.get("/api/draft").json()["differences"] == []
    post("edits", kind="move point", vertebra=L1_ON_MR, point="superior_anterior", to=[21, 96])
    draft = client.get("/api/draft").json()
    assert draft["points"][L1_ON_MR] == [list(p) for p in body(LEVELS[2])]
    changed = {(d["what"], d["image"]) for d in draft["differences"]}
    assert ("Vertebral height loss (HAN)", "T2 SAG") in changed
    assert not [image for _, image in changed if image == "LAT"]


def test_an_edit_sent_twice_under_one_id_is_made_once(client, post, path):
    revision = client.get("/api/reading").json()["reading"]["revision"]
    asked = {"kind": "accept", "vertebra": L1_ON_MR, "id": uuid.uuid4().hex}
    first = post("edits", revision, **asked)
    second = post("edits", revision, **asked)  # its answer was lost, and the revision is an old one
    assert (first.status_code, second.status_code) == (200, 200)
    assert second.json() == first.json()
    assert len(read_reading(path).reading.current.edits) == 1


@pytest.mark.parametrize("id_", ["mine", "A" * 32, "../" * 8])
def test_an_id_that_is_none_is_refused(post, id_):
    answer = post("edits", kind="accept", vertebra=L1_ON_MR, id=id_)
    assert answer.status_code == 422
    assert answer.json()["where"] == "edit, id"


def test_series_roles_and_the_column_are_there_to_be_chosen(view, post):
    assert [(s["uid"], s["role"], s["seen"]) for s in view["choices"]["studied"]] == [
        ("1.2.4", "lateral radiograph", True),
        ("1.2.3", "sagittal T2", True),
    ]
    changed = post("edits", kind="set role", series="1.2.3", role="sagittal T1").json()
    assert [(s["role"], s["changed"]) for s in changed["choices"]["studied"]][1] == ("sagittal T1", True)
    more = post("edits", kind="set column", thoracic=12, lumbar=6).json()
    assert (more["sets"][0]["lumbar"], "L6" in more["sets"][0]["names"]) == (6, True)


def test_other_vertebrae_than_the_assessed_one_can_be_spoken_of(post):
    view = post("edits", kind="overrule", vertebra="a4", finding="sq_grade", value=1.0).json()
    said = {fact["finding"]: fact for fact in view["facts"]["a4"]}
    assert said["sq_grade"]["value"] == 1.0
    assert view["facts"]["b4"] == view["facts"]["a4"]  # L2 on the other image is the same vertebra
    assert {k["finding"] for k in view["kinds"] if not k["of_index"]} >= {"recent", "sq_grade", "bme_percent"}


def test_a_body_left_out_of_the_marrow_names_the_edit_that_did_it(post):
    view = post("edits", kind="exclude", vertebra="a4").json()
    (edit,) = view["vertebrae"]["a4"]["excluded"]
    assert post("edits", kind="revoke", edit=edit).json()["vertebrae"]["a4"]["excluded"] == []
