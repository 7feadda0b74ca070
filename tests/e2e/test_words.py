"""What a reader says in place of what was measured, and of names; what is undone, compared, signed and not done."""

import pytest
from playwright.sync_api import expect

from ovcf.anatomy import Level
from ovcf.reading.file import read_reading, write_reading
from ovcf.reading.session import Session
from tests.e2e import han
from tests.reading.words import edit as edit_of
from tests.server.small_reading import LEVELS, asked_reading, body, on_film

pytestmark = pytest.mark.slow
T12, L1, L2 = (body(level) for level in LEVELS[1:4])


@pytest.fixture
def opened(open_reading):
    return open_reading()


def levels(opened, landmark_set):
    vertebrae = opened.view()["vertebrae"]
    (found,) = [s["vertebrae"] for s in opened.view()["sets"] if s["id"] == landmark_set]
    return [vertebrae[i]["level"] for i in found]


def tab(opened, name):
    opened.page.get_by_role("tab", name=name).click()


def test_a_number_goes_before_what_was_measured_and_an_empty_field_takes_it_back(opened):
    field = opened.page.locator('[data-fact="vhl_percent"]')
    measured, total = opened.text("Vertebral height loss"), opened.total()
    field.fill("3.5")
    field.press("Enter")
    opened.settled()
    assert opened.text("Vertebral height loss") == "3.5%"
    kyphosis = float(opened.text("Local kyphosis angle").split("°")[0].replace("−", "-"))
    expected = han.total(burst=False, vhl=3.5, kyphosis=kyphosis, diffuse_low=True, t_score=-3.1)
    assert float(opened.total()) == expected != float(total)
    opened.page.locator('[data-fact="vhl_percent"]').fill("")
    opened.page.locator('[data-fact="vhl_percent"]').press("Enter")
    opened.settled()
    assert (opened.text("Vertebral height loss"), opened.total()) == (measured, total)


def test_a_number_that_cannot_be_is_refused_where_it_was_typed(opened):
    field = opened.page.locator('[data-fact="bme_percent"]')
    field.fill("140")
    field.press("Enter")
    opened.page.get_by_text("from 0 to 100").wait_for()
    assert opened.saved().edits == ()


@pytest.mark.parametrize(
    ("fact", "label", "value"),
    [
        ("recent", "not recent", False),
        ("sq_grade", "grade 2", 2.0),
        ("of_class", "OF3", "OF3"),
        ("cleft", "fluid", "fluid"),
        ("fracture_type", "burst", "burst"),
        ("superior_endplate", "fractured", True),
        ("posterior_wall_fraction", "1/5 or more", 0.2),
    ],
)
def test_each_category_can_be_overruled(opened, fact, label, value):
    opened.page.select_option(f'[data-fact="{fact}"]', label=label)
    opened.settled()
    edit = opened.saved().edits[-1]
    assert (edit.kind, edit.finding, edit.value) == ("overrule", fact, value)
    if fact == "fracture_type":
        kyphosis = han.kyphosis_deg(*([on_film(p) for p in points] for points in (T12, L2)))
        loss = han.height_loss_percent(*([on_film(p) for p in points] for points in (T12, L1, L2)))
        expected = han.total(burst=True, vhl=loss, kyphosis=kyphosis, diffuse_low=True, t_score=-3.1)
        assert float(opened.total()) == expected


def test_which_vertebra_is_which_is_answered_by_a_click(open_reading):
    opened = open_reading(asked_reading)
    opened.page.get_by_text("Which vertebra is which?").wait_for()
    opened.click("a", (37, L1[0][1] + 10))
    picker = opened.page.get_by_role("dialog", name="Name of 3?")
    picker.wait_for()
    likely = picker.get_by_role("button").all_inner_texts()
    assert [text.split() for text in likely[:2]] == [["L1", "60%"], ["L2", "40%"]]
    picker.get_by_role("button", name="L2").click()
    opened.settled()
    assert levels(opened, "a") == ["T12", "L1", "L2", "L3", "L4"]
    expect(opened.page.get_by_text("Which vertebra is which?")).to_be_hidden()
    edit = opened.saved().edits[-1]
    assert (edit.kind, edit.vertebra, edit.level) == ("name vertebra", "a3", "L2")


def test_a_body_that_may_be_s1_says_so_and_a_wrong_s1_is_corrected_by_one_name(open_reading):
    likely = ((Level.L2, Level.S1, 0.7), (Level.L1, Level.L5, 0.3))
    opened = open_reading(lambda: asked_reading(likely))
    page = opened.page
    assert page.locator('[data-set="a"] [data-name="a5"]').text_content() == "5? S1: 70%"
    opened.click("a", (37, body(LEVELS[4])[0][1] + 10))
    page.locator(".rail small", has_text="S1: 70%").wait_for()
    page.get_by_role("dialog", name="Name of 5?").get_by_role("button", name="L5").click()
    opened.settled()
    assert levels(opened, "a") == ["L1", "L2", "L3", "L4", "L5"]
    expect(page.locator(".rail")).not_to_contain_text("S1")


def test_no_point_is_moved_by_accident_while_levels_are_asked(open_reading):
    opened = open_reading(asked_reading)
    x, y = opened.on_screen("a", L1[0])
    opened.drag((x, y), (12, 12))
    assert opened.saved().edits == ()


@pytest.mark.parametrize(
    ("follow", "on_mr", "film_follows"),
    [
        ("this one alone", ["T10", "T12", "L1", "L2", "L3"], False),
        ("all on this image", None, False),
        ("all follow", None, True),
    ],
)
def test_a_name_is_given_with_all_following_or_alone(opened, follow, on_mr, film_follows):
    opened.select("a", "T11")
    opened.page.keyboard.press("n")
    picker = opened.page.get_by_role("dialog", name="Name of T11")
    name, who = picker.get_by_role("combobox").all()
    who.select_option(label=follow)
    name.select_option("T10")
    opened.settled()
    assert levels(opened, "a") == (on_mr or ["T10", "T11", "T12", "L1", "L2"])
    assert (levels(opened, "b")[0] == "T10") is film_follows


def test_transitional_anatomy_and_what_a_series_is_read_for(opened):
    tab(opened, "Study")
    opened.page.select_option('[data-column="thoracic"]', "13")
    opened.settled()
    assert "T13" in opened.view()["sets"][0]["names"]
    opened.page.select_option('[data-series-role="1.2.3"]', "sagittal T1")
    opened.settled()
    assert [e.kind for e in opened.saved().edits] == ["set column", "set role"]
    expect(opened.page.locator(".strip b", has_text="T1")).to_be_visible()


def test_any_edit_is_taken_back_and_brought_back(opened):
    opened.page.select_option('[data-fact="t2_pattern"]', label="confined high")
    opened.page.locator('[data-fact="vhl_percent"]').fill("3")
    opened.page.locator('[data-fact="vhl_percent"]').press("Enter")
    opened.settled()
    tab(opened, "History")
    words = opened.page.locator(".history li .link").all_inner_texts()
    assert words[:2] == ["L1: Height loss: 3.0%", "L1: T2 signal pattern: confined high"]
    opened.page.get_by_role("button", name="Take back: L1: T2 signal pattern").click()
    opened.settled()
    assert [e["in_force"] for e in opened.view()["history"]] == [True, False]
    total = opened.view()["score"]["total"]
    opened.page.get_by_role("button", name="Bring back: L1: T2 signal pattern").click()
    opened.settled()
    assert opened.view()["score"]["total"] == total - 2  # diffuse low gives two points, confined high none
    assert len(opened.saved().edits) == 4


def test_the_reading_stands_beside_its_draft(opened):
    opened.measured_on("MR")
    opened.drag(opened.handle("a", "superior_anterior"), (0, 20))
    now = opened.view()["vertebrae"]["a3"]["points"]
    tab(opened, "History")
    opened.page.get_by_label("Show what differs").check()
    row = opened.page.locator(".differences tr", has_text="Vertebral height loss").first
    row.wait_for()
    cells = [text.replace("−", "-") for text in row.locator("td").all_inner_texts()]
    before, after = (han.height_loss_percent(T12, points, L2) for points in (L1, now))
    assert cells == [f"{before:.1f}%", f"{after:.1f}%"]
    expect(opened.page.locator('[data-set="a"] path.draft')).to_have_count(1)


def test_urgent_statements_are_seen_before_signing(open_reading):
    opened = open_reading(neurology__progressive_weakness=True)
    sign = opened.page.get_by_role("button", name="Sign", exact=True)
    expect(sign).to_be_disabled()
    while (seen := opened.page.get_by_role("button", name="I have seen this")).count():
        seen.first.click()
        opened.settled()
    opened.page.keyboard.press("Control+Enter")
    opened.page.get_by_text("Signed by A. Reader").wait_for()
    assert opened.saved().status == "confirmed"


def test_what_somebody_else_changed_meanwhile_is_shown_and_no_edit_is_lost(opened):
    file = read_reading(opened.path)
    session = Session(file)
    session.make(edit_of("SetState", "B. Reader", vertebra="a1", state="old fracture"))
    write_reading(session.file, opened.path)
    opened.page.select_option("#state", "cemented")
    opened.page.get_by_text("Somebody else has changed this reading meanwhile").wait_for()
    assert [e.reader for e in opened.saved().edits] == ["B. Reader"]
    opened.page.get_by_role("button", name="Take mine").click()
    opened.settled()
    assert [e.reader for e in opened.saved().edits] == ["B. Reader", "A. Reader"]
    expect(opened.page.get_by_text("Somebody else")).to_be_hidden()


def test_what_is_refused_stays_in_sight_until_it_is_left(opened):
    opened.drag(opened.handle("a", "superior_anterior"), (0, 160), drop=False)
    opened.page.get_by_text("No numbers here.").wait_for()
    opened.page.mouse.up()
    opened.page.get_by_text("Not done: L1 superior anterior").wait_for()
    expect(opened.page.locator('[data-set="a"] path.refused')).to_have_count(1)
    opened.page.get_by_role("button", name="Leave it", exact=True).click()
    expect(opened.page.locator("path.refused")).to_have_count(0)
    assert opened.saved().edits == ()


def test_edits_made_without_a_line_outlive_a_reload(opened):
    opened.page.route("**/api/edits", lambda route: route.abort())
    opened.page.select_option("#state", "old fracture")
    opened.page.get_by_text("Offline, 1 edit kept here").wait_for()
    opened.page.unroute("**/api/edits")
    opened.page.reload()
    opened.page.wait_for_selector("[data-handle]")
    opened.settled()
    assert [e.kind for e in opened.saved().edits] == ["set state"]


def test_an_edit_whose_answer_was_lost_is_not_made_twice(opened):
    lost = []

    def lose(route):
        if lost:
            route.continue_()
            return
        lost.append(route.fetch())
        route.abort()

    opened.page.route("**/api/edits", lose)
    opened.page.select_option("#state", "old fracture")
    opened.page.get_by_text("Offline, 1 edit kept here").wait_for()
    opened.page.get_by_role("button", name="Try now").click()
    opened.settled()
    assert [e.kind for e in opened.saved().edits] == ["set state"]
    expect(opened.page.get_by_text("Not done")).to_be_hidden()
