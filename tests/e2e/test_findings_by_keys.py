"""Findings walked through and judged one by one, by the keyboard alone."""

import pytest

from ovcf.reading.editing.edits import in_force
from tests.server.small_reading import with_wedge_at_l3

pytestmark = pytest.mark.slow


@pytest.fixture
def opened(reopened):
    return reopened(with_wedge_at_l3())


def here(opened):
    """The finding that has the keyboard, and the level that is selected in the rail."""
    page = opened.page
    page.wait_for_function("() => document.activeElement.matches('fieldset[data-judge]')")
    selected = page.locator(".rail .level.on").inner_text()
    return page.evaluate("document.activeElement.dataset.judge"), selected.split()[0]


def words(opened):
    return [(e.kind, getattr(e, "state", getattr(e, "value", None))) for e in in_force(opened.saved().edits)]


def test_every_finding_is_judged_by_keys_shown_in_its_image_and_told(opened, shots):
    page = opened.page
    asked = [one["id"] for one in opened.view()["to_judge"]]
    assert asked[:2] == ["L3 state", "L4 state"]
    page.keyboard.press("j")
    assert here(opened) == ("L3 state", "L3")
    page.keyboard.press("j")
    assert here(opened) == ("L4 state", "L4")
    page.keyboard.press("k")
    assert here(opened) == ("L3 state", "L3")
    card = page.locator("fieldset[data-judge]")
    assert card.get_attribute("aria-label").startswith(f"1 of {len(asked)}: L3, Looks fractured.")
    page.keyboard.press("o")  # other answers
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    assert here(opened)[0] == "L4 state"
    page.keyboard.press("u")
    assert here(opened) == ("L1 sq_grade", "L1")
    assert (
        page.locator(".judge [role=status]").inner_text()
        == f"L4, Could not be judged: cannot tell. {len(asked) - 2} left."
    )
    assert page.locator('[data-set="a"] .measured line').count() == 6  # the walls that its height loss rests on
    shots(page, "findings")
    page.keyboard.press("Enter")
    opened.settled()
    assert words(opened) == [("set state", "old fracture"), ("overrule", None), ("overrule", 2.0)]
    page.locator('[data-judge="L1 of_class"]').click()
    page.keyboard.press("0")
    opened.settled()
    assert words(opened)[-1] == ("overrule", "none")


def test_what_was_said_is_undone_also_after_a_reload(opened):
    page = opened.page
    page.keyboard.press("j")
    here(opened)
    page.keyboard.press("0")
    opened.settled()
    assert words(opened) == [("set state", "none of these")]
    page.reload()
    page.wait_for_selector("[data-handle]")
    assert "none of these" in page.locator('[data-judge="L3 state"]').inner_text()
    page.keyboard.press("Control+z")
    opened.settled()
    assert words(opened) == []
    page.wait_for_function("() => !document.querySelector('[data-judge=\"L3 state\"]').innerText.includes('none')")


def test_the_help_sheet_names_the_keys(opened):
    page = opened.page
    page.keyboard.press("?")
    said = page.locator("dialog.help").inner_text()
    assert "next finding to confirm; Enter takes it, O other, U unknown, 0 none" in said
    page.keyboard.press("Escape")


def test_elsewhere_the_keys_keep_their_meaning(opened):
    page = opened.page
    page.keyboard.press("j")
    here(opened)
    page.keyboard.press("Escape")
    page.wait_for_function("() => document.activeElement.matches('body')")
    page.keyboard.press("o")
    page.locator(".guide").wait_for()  # the outline is drawn
    page.keyboard.press("Escape")
    assert opened.saved().edits == ()
