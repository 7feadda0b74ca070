"""The attenuation of L1 on CT: shown, taken, moved and resized by keys and pointer, undone, and told in the report."""

import re

import pytest

from ovcf.reading.editing.edits import in_force
from ovcf.reading.file import read_reading
from ovcf.reading.observing.regions import regions_of
from ovcf.reading.session import Session
from ovcf.report.of_reading import html_of
from tests.reading.ct_phantom import BONE, ct_reading

pytestmark = pytest.mark.slow
PER_MM = 2.0
"""The bone of the CT is so many HU denser a millimetre further back."""


@pytest.fixture
def opened(reopened):
    found = reopened(ct_reading(gradient=PER_MM))
    found.page.locator(".rail").get_by_text("L1", exact=True).click()
    return found


def bar(opened):
    return opened.page.locator(".region-bar")


def read(opened):
    return float(re.search(r"(\d+) HU", bar(opened).locator("[data-read]").inner_text())[1])


def words(opened):
    return [e.kind for e in in_force(opened.saved().edits)]


def l1_hu(opened):
    (fact,) = [f for group in opened.view()["clinical"] for f in group["facts"] if f["field"] == "l1_hu"]
    return fact["value"]


def test_it_is_proposed_taken_by_enter_moved_and_resized_by_arrows_and_undone(opened, shots):
    page = opened.page
    page.keyboard.press("q")
    bar(opened).get_by_text("proposed: it counts once you take or move it").wait_for()
    (proposed,) = [r for r in regions_of(Session(ct_reading(gradient=PER_MM)).now()) if r.region == "attenuation"]
    assert read(opened) == round(proposed.signal)
    assert l1_hu(opened) is None
    page.keyboard.press("Enter")
    opened.settled()
    assert words(opened) == ["place region"]
    assert l1_hu(opened) == pytest.approx(proposed.signal, abs=2)
    bar(opened).get_by_text(re.compile("above 110 to 160 HU")).wait_for()
    shots(page, "l1-on-ct")
    taken = l1_hu(opened)
    opened.by_keys(*["Shift+ArrowRight"] * 4)  # 4 mm further back, as one edit
    assert words(opened) == ["place region"] * 2
    assert l1_hu(opened) == pytest.approx(taken + 4 * PER_MM, abs=1)
    before = bar(opened).inner_text()
    opened.by_keys("-")
    fewer = [int(re.search(r"(\d+) voxels", said)[1]) for said in (before, bar(opened).inner_text())]
    assert fewer[1] < fewer[0]
    for _ in range(3):
        page.keyboard.press("Control+z")
        opened.settled()
    assert words(opened) == []
    assert l1_hu(opened) is None


def test_it_is_dragged_with_its_number_and_stands_in_the_report(opened):
    page = opened.page
    page.keyboard.press("q")
    before = read(opened)
    page.wait_for_timeout(200)  # what is read there is told over the views, which make room
    box = page.locator('[data-grip="attenuation"]').bounding_box()
    scale = opened.camera("a")["scale"]
    opened.drag((box["x"] + 13, box["y"] + 13), (4 * scale, 0))
    bar(opened).get_by_text("placed by a reader").wait_for()
    assert read(opened) == pytest.approx(before + 4 * PER_MM, abs=2)
    page.reload()
    page.wait_for_selector("[data-handle]")
    told = f"L1 on CT has {l1_hu(opened):g} HU"
    assert l1_hu(opened) > BONE
    assert told in html_of(read_reading(opened.path)).decode()
