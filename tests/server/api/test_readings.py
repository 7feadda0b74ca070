"""A reading of the registry: previewed, edited on the state that was seen, undone, signed, taken up again."""

import threading

import pytest

EDIT = {"kind": "move point", "vertebra": "a3", "point": "superior_anterior", "to": [21.0, 92.0]}
ACCEPT = {"kind": "accept", "vertebra": "a3"}


@pytest.fixture
def reading(api, kept):
    """``reading("GET")``: the answer; ``reading.state()``: the entity tag of its newest state."""
    address = f"readings/{kept[2]}"

    def ask(method, door="", state=None, **options):
        headers = {} if state is None else {"If-Match": state}
        return api(method, f"{address}/{door}".rstrip("/"), headers=headers, **options)

    ask.state = lambda: ask("GET").headers["etag"]
    return ask


def test_a_reading_is_told_again_only_when_it_changed(api, kept, reading):
    tag = reading.state()
    again = api("GET", f"readings/{kept[2]}", headers={"If-None-Match": f'W/"x", {tag}'})
    assert (again.status_code, again.content) == (304, b"")
    reading("PATCH", state=tag, json=ACCEPT)
    assert api("GET", f"readings/{kept[2]}", headers={"If-None-Match": tag}).status_code == 200


def test_a_preview_says_what_would_change_and_writes_nothing(reading):
    tag = reading.state()
    before = reading("GET").json()
    told = reading("POST", "preview", tag, json=EDIT).json()
    assert "a3" in told["vertebrae"]
    assert "a1" not in told["vertebrae"]
    assert reading("GET").json() == before
    saved = reading("PATCH", state=tag, json=EDIT).json()
    assert saved["vertebrae"]["a3"]["points"] == told["vertebrae"]["a3"]["points"]
    assert saved["measurements"].items() >= {k: v for k, v in told.get("measurements", {}).items() if v}.items()


def test_an_edit_must_say_which_state_it_is_for(reading):
    assert reading("PATCH", json=EDIT).status_code == 428
    assert reading("PATCH", state="*", json=EDIT).status_code == 428
    assert reading("PATCH", state='"of yesterday"', json=EDIT).status_code == 412
    assert reading("PATCH", state=reading.state(), json=EDIT).status_code == 200


def test_several_edits_are_made_together_or_not_at_all(reading):
    tag = reading.state()
    wrong = reading("PATCH", state=tag, json=[EDIT, {"kind": "accept", "vertebra": "nobody"}])
    assert wrong.status_code == 422
    assert reading.state() == tag
    assert reading("PATCH", state=tag, json=[EDIT, ACCEPT]).json()["reading"]["edits"] == 2


def test_an_edit_whose_answer_was_lost_is_not_made_twice(reading):
    tag = reading.state()
    first = reading("PATCH", state=tag, json={**EDIT, "id": "a" * 32})
    again = reading("PATCH", state=tag, json={**EDIT, "id": "a" * 32})
    assert (again.status_code, again.json()) == (200, first.json())


def test_of_two_edits_of_one_state_one_is_refused(reading):
    tag, answers = reading.state(), []
    edits = [EDIT, {**EDIT, "point": "inferior_anterior", "to": [21.0, 112.0]}]
    threads = [threading.Thread(target=lambda e=e: answers.append(reading("PATCH", state=tag, json=e))) for e in edits]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(a.status_code for a in answers) == [200, 412]
    assert reading("GET").json()["reading"]["edits"] == 1


def test_what_another_process_saved_is_seen_and_not_overwritten(reading, kept, serve, browser):
    tag = reading.state()
    other = serve()  # as a second process on the same registry
    other.cookies = browser.cookies
    done = other.patch(f"/api/v1/readings/{kept[2]}", json=ACCEPT, headers={"If-Match": tag})
    assert done.status_code == 200
    assert reading("PATCH", state=tag, json=EDIT).status_code == 412
    assert reading.state() == done.headers["etag"]


def test_an_edit_can_be_undone_and_done_again(reading):
    first = reading("GET").json()
    edited = reading("PATCH", state=reading.state(), json=EDIT).json()
    undone = reading("POST", "undo", reading.state()).json()
    assert undone["vertebrae"] == first["vertebrae"]
    assert reading("POST", "redo", reading.state()).json()["vertebrae"] == edited["vertebrae"]
    assert reading("POST", "redo", reading.state()).status_code == 422


def test_who_edited_is_said_by_the_service_not_by_the_page(reading):
    told = {**EDIT, "reader": "Somebody Else", "at": "1999-01-01T00:00:00Z"}
    (entry,) = reading("PATCH", state=reading.state(), json=told).json()["history"]
    assert entry["reader"] == "Ada Min"
    assert not entry["at"].startswith("1999")


def test_a_signed_reading_is_changed_by_an_addendum_with_its_reason(api, kept, reading):
    view = reading("GET").json()
    for urgent in view["urgent"]:
        reading("PATCH", state=reading.state(), json={"kind": "acknowledge", "statement": urgent["id"]})
    signed = reading("POST", "confirm", reading.state())
    assert (signed.status_code, signed.json()["reading"]["status"]) == (200, "confirmed")
    assert reading("PATCH", state=reading.state(), json=EDIT).status_code == 422
    assert reading("POST", "addendum", reading.state(), json={"reason": " "}).status_code == 422
    again = reading("POST", "addendum", reading.state(), json={"reason": "A corner lay wrong"}).json()
    assert (again["reading"]["status"], again["reading"]["addendum"]) == ("draft", True)
    (line,) = api("GET", f"patients/{kept[0]}/readings").json()
    assert (line["id"], line["status"]) == (kept[2], "draft")


def test_every_state_is_kept_and_what_was_seen_is_stored_once(reading, registry):
    from ovcf.reading.file import base_of
    from ovcf.registry.tables import Reading

    for x in (20.0, 21.0, 22.0):
        reading("PATCH", state=reading.state(), json={**EDIT, "to": [x, 92.0]})
    with registry.reading() as session:
        rows = session.query(Reading).order_by(Reading.revision).all()
    assert [row.revision for row in rows] == [1, 2, 3, 4]
    first = rows[0].file
    assert [base_of(registry.files.get(row.file)) for row in rows] == [None, first, first, first]
    assert registry.faults() == []


def test_the_page_finds_the_reading_at_its_own_address(browser, kept):
    root = f"/readings/{kept[2]}"
    assert browser.get(f"{root}/").text.startswith("<!doctype html>")
    view = browser.get(f"{root}/api/reading").json()
    assert view == browser.get(f"/api/v1/readings/{kept[2]}").json()
    edited = browser.post(f"{root}/api/edits", json=EDIT, headers={"If-Match": view["reading"]["revision"]})
    assert edited.json()["reading"]["edits"] == 1
    assert browser.get(f"{root}/api/pictures/0").headers["content-type"] == "image/png"


def test_the_report_comes_as_page_print_and_data(api, kept):
    page = api("GET", f"readings/{kept[2]}/report.html")
    assert "script-src" not in page.headers["content-security-policy"]
    assert "sandbox" in page.headers["content-security-policy"]
    assert "P-0007" in page.text
    assert "<img" in page.text  # the pictures of the reading are drawn on
    assert api("GET", f"readings/{kept[2]}/report.pdf").content.startswith(b"%PDF")
    assert api("GET", f"readings/{kept[2]}/report.json").json()["reading"]["id"] == kept[2]


def test_the_outlines_and_pictures_of_a_reading(api, kept, reading):
    told = {o["vertebra"]: o for o in api("GET", f"readings/{kept[2]}/outlines").json()}
    assert told["a3"]["label"] == "L1"
    assert len(told["a3"]["points"]) == 6
    assert told["a3"]["unit"] == "mm"
    assert len(told["a3"]["outline"]) >= 4
    assert reading("GET", "pictures/0").content.startswith(b"\x89PNG")
    assert reading("GET", "pictures/999").status_code == 404
    assert reading("GET", "draft").json()["differences"] == []


@pytest.mark.parametrize("name", ["nobody", "0" * 32])
def test_a_reading_that_is_not_there(api, name):
    answer = api("GET", f"readings/{name}")
    assert (answer.status_code, answer.json()["status"]) == (404, 404)


def test_a_report_and_a_reading_are_in_the_language_that_is_asked_for(api, kept):
    """The page sends a cookie, another program Accept-Language: words follow it, data do not."""
    chinese = {"accept-language": "zh-CN,zh;q=0.9"}
    page = api("GET", f"readings/{kept[2]}/report.html", headers=chinese).text
    assert '<html lang="zh-CN">' in page
    assert "椎体骨折评估" in page
    english = [api("GET", f"readings/{kept[2]}/report.{kind}").content for kind in ("json", "html")]
    assert api("GET", f"readings/{kept[2]}/report.json", headers=chinese).content == english[0]
    assert b'<html lang="en">' in english[1]
    view = api("GET", f"readings/{kept[2]}", headers=chinese).json()
    assert view["clinical"][1]["title"] == "本次骨折"
    assert view["clinical"][1]["facts"][0]["field"] == "weeks_since_onset"
    assert api("GET", f"readings/{kept[2]}").json()["clinical"][1]["title"] == "This fracture"
