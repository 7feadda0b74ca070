"""What the page is told of a reading, and what becomes of its edits."""

import math

import pytest

from ovcf.reading.editing.edits import MovePoint
from ovcf.reading.file import read_reading, write_reading
from tests.server.small_reading import LEVELS, body, small_reading

L1_ON_MR, T12_ON_MR, L1_ON_FILM = "a3", "a2", "b3"


def height_loss_and_kyphosis(bodies):
    """HAN's VHL in percent and KA in degrees, by hand, from the corners of three bodies, cranial to caudal."""
    heights = [(math.dist(p[0], p[2]), math.dist(p[1], p[3])) for p in bodies]
    (c, d), (a, b), (e, f) = heights
    reference = (c + d + e + f) / 4
    above, below = bodies[0], bodies[2]

    def tilt(anterior, posterior):
        return math.degrees(math.atan2(posterior[1] - anterior[1], posterior[0] - anterior[0]))

    return 100 * (reference - (a + b) / 2) / reference, tilt(below[0], below[1]) - tilt(above[2], above[3])


def measured(view, method, image):
    row = view["measurements"][method]
    (value,) = [on["value"] for on in row["on"] if on["image"] == image]
    return value


def bodies_of(view, ids):
    return [view["vertebrae"][i]["points"] for i in ids]


def merged(view, changes):
    """As the page lays a preview over what it shows."""
    named = ("vertebrae", "outlines", "lines", "measurements", "findings", "facts")
    by_name = {k: {**view[k], **v} for k, v in changes.items() if k in named}
    return {**view, **changes, **by_name}


@pytest.fixture
def view(client):
    return client.get("/api/reading").json()


def test_every_vertebra_comes_with_its_points_and_who_placed_them(view):
    assert view["vertebrae"][L1_ON_MR]["points"] == [list(p) for p in body(LEVELS[2])]
    assert view["vertebrae"][L1_ON_MR]["level"] == "L1"
    assert view["vertebrae"][L1_ON_MR]["moved"] == []
    assert [s["placed_by"] for s in view["sets"]] == ["another model", "a model"]
    assert view["vertebrae"]["b6"]["withheld"] == "cut off by the border of the image"
    assert view["vertebrae"]["b6"]["points"] == []


def test_the_error_of_a_point_is_its_radius_of_95_percent(view):
    assert view["vertebrae"][L1_ON_MR]["errors"][0] == "± 1.2 mm"
    assert view["vertebrae"][L1_ON_FILM]["errors"][0] == "± 5.9 px"


def test_a_film_without_a_scale_gives_ratios_and_angles_and_no_millimetres(view):
    film = [
        (row["id"], on["text"]) for row in view["measurements"].values() for on in row["on"] if on["image"] == "LAT"
    ]
    assert ("vhl-han", film[0][1]) in film
    assert not [text for _, text in film if "mm" in text or "px" in text]
    assert not next(s for s in view["sets"] if s["id"] == "b")["calibrated"]


@pytest.mark.parametrize(("image", "ids"), [("T2 SAG", ("a2", "a3", "a4")), ("LAT", ("b2", "b3", "b4"))])
def test_height_loss_and_kyphosis_are_those_of_the_points(view, image, ids):
    vhl, ka = height_loss_and_kyphosis(bodies_of(view, ids))
    assert measured(view, "vhl-han", image) == pytest.approx(vhl)
    assert measured(view, "ka-han", image) == pytest.approx(ka)


def test_the_score_stands_item_by_item_with_its_error_and_threshold(view):
    score = view["score"]
    vhl = next(i for i in score["items"] if i["name"] == "Vertebral height loss")
    assert [i["points"] for i in score["items"]] == [0, 2, 0, 2, 2]
    assert score["total"] == 6
    assert vhl["limits"] == [15]
    assert vhl["interval"][0] < vhl["value"] < vhl["interval"][1]
    assert sum(c["probability"] for c in score["columns"]) == pytest.approx(1)
    assert score["sentence"].endswith("sure") or "either way" in score["sentence"]


def test_a_radiograph_is_scored_first_and_another_image_where_the_reader_chooses_it(view, post):
    chosen = post("edits", kind="choose image", landmark_set="a").json()

    def scored(view):
        on = next(s["name"] for s in view["sets"] if s["chosen"])
        vhl = next(i["value"] for i in view["score"]["items"] if i["name"] == "Vertebral height loss")
        return on, vhl == measured(view, "vhl-han", on)

    assert scored(view) == ("LAT", True)
    assert scored(chosen) == ("T2 SAG", True)
    moved = post("edits", kind="move point", vertebra=L1_ON_MR, point="superior_anterior", to=[21, 91]).json()
    assert scored(moved) == ("T2 SAG", True)
    assert measured(moved, "vhl-han", "T2 SAG") != measured(moved, "vhl-han", "LAT")
    assert moved["score"]["items"][1]["value"] == measured(moved, "vhl-han", "T2 SAG")


def test_the_impression_says_the_number_of_the_image_that_is_scored(view, post):
    def said(view):
        return "".join(s["lead"] + s["rest"] for s in view["impression"])

    moved = post("edits", kind="move point", vertebra=L1_ON_MR, point="superior_anterior", to=[21, 96]).json()
    chosen = post("edits", kind="choose image", landmark_set="a").json()
    film, mr = (measured(chosen, "vhl-han", image) for image in ("LAT", "T2 SAG"))
    assert f"height loss {film:.1f}%" in said(moved)
    assert f"height loss {mr:.1f}%" in said(chosen)
    assert f"{film:.1f}" != f"{mr:.1f}"


def test_the_lines_of_kyphosis_lie_on_the_endplates_that_it_is_measured_between(view):
    ka = next(lines for lines in view["lines"]["a"] if lines["measurement"] == "ka-han")
    t12, _, l2 = bodies_of(view, ("a2", "a3", "a4"))
    assert ka["segments"] == [[t12[2], t12[3]], [l2[0], l2[1]]]


def test_pictures_come_as_png_with_their_place_in_the_frame(client, view):
    (mr,) = [s for s in view["series"] if s["role"] == "sagittal T2"]
    assert [p["offset_mm"] for p in mr["pictures"]] == [-4, 0, 4]
    answer = client.get(f"/api/pictures/{mr['pictures'][1]['number']}")
    assert answer.headers["content-type"] == "image/png"
    assert answer.content.startswith(b"\x89PNG")
    assert client.get("/api/pictures/99").status_code == 404


def test_a_preview_tells_what_would_change_and_writes_nothing(client, view, post, path):
    before = path.read_bytes()
    to = [view["vertebrae"][L1_ON_MR]["points"][0][0], view["vertebrae"][L1_ON_MR]["points"][0][1] + 3]
    changes = post("preview", kind="move point", vertebra=L1_ON_MR, point="superior_anterior", to=to).json()
    then = merged(view, changes)
    vhl, _ = height_loss_and_kyphosis(bodies_of(then, ("a2", "a3", "a4")))
    assert then["vertebrae"][L1_ON_MR]["points"][0] == to
    assert list(changes["vertebrae"]) == [L1_ON_MR]
    assert measured(then, "vhl-han", "T2 SAG") == pytest.approx(vhl)
    assert path.read_bytes() == before
    assert client.get("/api/reading").json() == view


def test_an_edit_is_in_the_file_at_once_with_reader_and_time(post, path):
    view = post("edits", kind="move point", vertebra=L1_ON_MR, point="superior_anterior", to=[21, 93]).json()
    (edit,) = read_reading(path).reading.current.edits
    assert isinstance(edit, MovePoint)
    assert (edit.reader, edit.to) == ("A. Reader", (21.0, 93.0))
    assert edit.at.endswith("+00:00")
    assert view["vertebrae"][L1_ON_MR]["moved"] == ["superior_anterior"]
    assert view["vertebrae"][L1_ON_MR]["stale"]


def test_reader_and_time_are_not_the_pages_to_say(post, path):
    asked = {"kind": "accept", "vertebra": L1_ON_MR, "reader": "somebody else", "at": "1999-01-01"}
    assert post("edits", **asked).status_code == 200
    (edit,) = read_reading(path).reading.current.edits
    assert edit.reader == "A. Reader"
    assert not edit.at.startswith("1999")


def test_undo_restores_everything_but_the_list_of_edits_and_redo_takes_it_back(client, view, post):
    moved = post("edits", kind="move point", vertebra=L1_ON_FILM, point="inferior_posterior", to=[320, 452]).json()
    undone = post("undo").json()
    redone = post("redo").json()
    listed = ("reading", "history")
    assert {k: v for k, v in undone.items() if k not in listed} == {k: v for k, v in view.items() if k not in listed}
    assert (undone["reading"]["undo"], undone["reading"]["redo"]) == (False, True)
    assert redone["vertebrae"] == moved["vertebrae"]
    assert redone["measurements"] == moved["measurements"]


def test_a_new_name_is_followed_on_every_image(post):
    view = post("edits", kind="name vertebra", vertebra=L1_ON_MR, level="L2", follow="study").json()
    assert [view["vertebrae"][f"a{n}"]["level"] for n in range(1, 6)] == ["T12", "L1", "L2", "L3", "L4"]
    assert view["vertebrae"][L1_ON_FILM]["level"] == "L2"


def fact(view, finding, vertebra=L1_ON_MR):
    return next(f for f in view["facts"][vertebra] if f["finding"] == finding)


def kind(view, finding):
    return next(k for k in view["kinds"] if k["finding"] == finding)


def test_what_the_reader_says_goes_before_what_was_given_and_can_be_taken_back(view, post):
    said = post("edits", kind="overrule", vertebra=L1_ON_MR, finding="t2_pattern", value="confined high").json()
    assert said["score"]["total"] == 4
    assert fact(view, "t2_pattern")["otherwise"] == "given: diffuse low"
    assert fact(said, "t2_pattern")["value"] == "confined high"
    (edit,) = fact(said, "t2_pattern")["edits"]
    back = post("edits", kind="revoke", edit=edit).json()
    assert back["score"] == view["score"]
    assert fact(back, "t2_pattern") == fact(view, "t2_pattern")


def test_a_reader_may_say_that_it_cannot_be_told(post):
    view = post("edits", kind="overrule", vertebra=L1_ON_MR, finding="t2_pattern", value=None).json()
    assert view["score"]["total"] is None
    assert kind(view, "t2_pattern")["options"][-1] == {"value": None, "label": "cannot tell"}
    assert fact(view, "t2_pattern")["edits"]


def test_an_edit_that_cannot_be_made_is_refused_with_its_remedy_and_changes_nothing(client, view, post, path):
    before = path.read_bytes()
    answer = post("edits", kind="move point", vertebra=L1_ON_MR, point="superior_anterior", to=[200, 300])
    assert answer.status_code == 422
    assert set(answer.json()) >= {"where", "problem", "remedy", "code"}
    assert path.read_bytes() == before
    assert client.get("/api/reading").json() == view


@pytest.mark.parametrize("body_", [{"kind": "no such edit"}, {"kind": "move point", "vertebra": "a3"}, {}])
def test_what_is_no_edit_is_refused_in_the_same_words(post, body_):
    answer = post("edits", **(body_ or {"nothing": 1}))
    assert answer.status_code == 422
    assert set(answer.json()) >= {"where", "problem", "remedy", "code"}


def test_an_edit_on_a_state_that_is_no_longer_the_newest_is_refused(view, post):
    old = view["reading"]["revision"]
    post("edits", kind="accept", vertebra=L1_ON_MR)
    answer = post("edits", old, kind="accept", vertebra=L1_ON_FILM)
    assert answer.status_code == 412
    assert "has changed" in answer.json()["problem"]


def test_an_edit_must_say_which_state_it_is_for(client):
    answer = client.post("/api/edits", json={"kind": "accept", "vertebra": L1_ON_MR})
    assert answer.status_code == 428


def test_what_another_program_writes_into_the_file_is_seen(client, view, path):
    write_reading(small_reading(t_score=-4.0), path)
    assert client.get("/api/reading").json()["patient"]["t_score"] != view["patient"]["t_score"]


def test_an_edit_that_cannot_be_saved_is_not_kept(client, view, post, path, monkeypatch):
    from ovcf.errors import OutputError
    from ovcf.server import open_reading

    def full(*_):
        raise OutputError(path, "cannot be written (No space left on device)", "Make room.")

    monkeypatch.setattr(open_reading, "write_reading", full)
    answer = post("edits", kind="accept", vertebra=L1_ON_MR)
    assert (answer.status_code, answer.json()["remedy"]) == (422, "Make room.")
    assert client.get("/api/reading").json() == view


@pytest.mark.parametrize("fact", [{"neurology__progressive_weakness": True}, {"canal_compromise_percent": 50.0}])
def test_signing_waits_until_what_is_urgent_or_an_alert_has_been_seen(serve, tmp_path, fact):
    path = tmp_path / "urgent.ovcf"
    write_reading(small_reading(**fact), path)
    client = serve(path)
    client.get("/", params={"token": "a-token-of-the-test"})

    def send(to, **body_):
        revision = client.get("/api/reading").json()["reading"]["revision"]
        return client.post(f"/api/{to}", json=body_ or None, headers={"If-Match": revision})

    urgent = client.get("/api/reading").json()["urgent"]
    assert urgent
    assert send("confirm").status_code == 422
    for statement in urgent:
        send("edits", kind="acknowledge", statement=statement["id"])
    signed = send("confirm").json()
    assert (signed["reading"]["status"], signed["reading"]["reader"]) == ("confirmed", "A. Reader")
    assert send("edits", kind="accept", vertebra=L1_ON_MR).status_code == 422
    again = send("addendum", reason="a second look").json()
    assert (again["reading"]["status"], again["reading"]["addendum"]) == ("draft", True)


def test_a_preview_that_is_overtaken_while_it_waits_is_dropped(path):
    from threading import Thread

    from ovcf.server.open_reading import OpenReading, SupersededError

    reading = OpenReading(path, "A. Reader")
    revision = reading.view().reading.revision
    asked = {"kind": "move point", "vertebra": L1_ON_MR, "point": "superior_anterior", "to": (21.0, 92.0)}
    outcome = []

    def ask():
        try:
            outcome.append(reading.preview(asked, revision))
        except SupersededError:
            outcome.append("dropped")

    with reading.opened.lock:  # as while another request concludes
        first, second = Thread(target=ask), Thread(target=ask)
        first.start()
        while reading.opened.previews.get("A. Reader", 0) < 1:
            pass
        second.start()
        while reading.opened.previews.get("A. Reader", 0) < 2:
            pass
    first.join()
    second.join()
    assert outcome.count("dropped") == 1
    assert any(isinstance(o, dict) for o in outcome)
