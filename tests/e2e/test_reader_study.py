"""A reader study in the browser: assigned, read blinded by two people in browsers of their own, compared."""

import re

import numpy as np
import pytest
from playwright.sync_api import expect

from ovcf.registry.tables import ReadingTask, TaskReading
from tests.e2e import han, wcag
from tests.e2e.spoken import english_left, in_chinese
from tests.study.served import CODE, StudyPlace, serving, signed_in

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def place(tmp_path_factory):
    made = StudyPlace(
        tmp_path_factory.mktemp("readers") / "data", depths=(4.0, 7.0, 11.0), washout_days=0, repeats_percent=30
    )
    yield made
    made.registry.close()


@pytest.fixture(scope="module")
def address(place, tmp_path_factory):
    with serving(place, place.registry.files.folder.parent, "coordinator-A", "r1", "r2") as found:
        yield found


def icc_agreement(table):
    """ICC(2,1) by Shrout and Fleiss 1979 from its mean squares."""
    x = np.array(table)
    n, k = x.shape
    rows = k * ((x.mean(1) - x.mean()) ** 2).sum() / (n - 1)
    columns = n * ((x.mean(0) - x.mean()) ** 2).sum() / (k - 1)
    rest = ((x - x.mean(1, keepdims=True) - x.mean(0) + x.mean()) ** 2).sum() / ((n - 1) * (k - 1))
    return (rows - rest) / (rows + (k - 1) * rest + k * (columns - rest) / n)


def saved(page):
    page.wait_for_timeout(150)
    page.locator(".save", has_text=re.compile(r"^\s*Saved\s*$")).wait_for()


def drag_corner(page, level, by):
    """Choose a vertebra in the rail, and drag its superior anterior corner on the film down by so many pixels."""
    page.locator(".rail .level", has_text=level).click()
    corner = page.locator('[data-set="b"] [data-handle="superior_anterior"]').first
    corner.wait_for()
    page.wait_for_timeout(150)
    box = corner.bounding_box()
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    page.mouse.move(x, y)
    page.mouse.down()
    for k in range(1, 4):
        page.mouse.move(x, y + by * k / 3)
    page.mouse.up()
    saved(page)


RATED = {"r1": ("compression", "burst", "burst", "burst"), "r2": ("compression", "burst", "compression", "burst")}
"""The type of fracture that each reader says, case by case in their own order."""


def rate(page, kind):
    """Say the type of the fracture of L1, as one sees it."""
    page.locator(".rail .level", has_text="L1").click()
    page.locator('[data-fact="fracture_type"]').select_option(label=kind)
    saved(page)


def kappa(first, second):
    """Cohen's kappa with its 95% interval (Fleiss, Cohen and Everitt 1969) as statsmodels has it."""
    from statsmodels.stats.inter_rater import cohens_kappa

    words = sorted({*first, *second})
    table = np.zeros((len(words), len(words)))
    for one, other in zip(first, second, strict=True):
        table[words.index(one), words.index(other)] += 1
    found = cohens_kappa(table)
    return found.kappa, max(found.kappa_low, -1), min(found.kappa_upp, 1)


def read_case(page, by, kind):
    """Correct two corners, say the type and sign; (label, height loss by hand, kyphosis by hand)."""
    page.wait_for_selector('[data-set="b"] [data-handle]')
    rate(page, kind)
    drag_corner(page, "L1", by)
    drag_corner(page, "L2", by / 2)
    view = page.request.get(page.url + "api/reading").json()
    bodies = {v["level"]: v["points"] for v in view["vertebrae"].values() if v["set"] == "b"}
    page.keyboard.press("Control+Enter")
    page.get_by_text("Given back.").wait_for()
    return (
        view["reading"]["id"],
        han.height_loss_percent(bodies["T12"], bodies["L1"], bodies["L2"]),
        han.kyphosis_deg(bodies["T12"], bodies["L2"]),
    )


def read_all(browser, address, code, shift):
    """Open the cases from the list and read one after the other; what each label gave."""
    page, found = signed_in(browser, address, code), {}
    page.get_by_role("link", name="Studies").click()
    page.get_by_role("link", name=CODE).click()
    page.get_by_role("link", name="main").click()
    page.get_by_role("link", name=re.compile("^Read main-")).click()
    while True:
        shown = page.locator("body").inner_text()
        for word in ("P-1", "AKH", "A-001", "2026", "74", "coordinator"):
            assert word not in shown, word
        kind = RATED[code][len(found)]
        label, loss, angle = read_case(page, shift + 3 * (len(found) % 3), kind)
        found[label] = (loss, angle, kind)
        following = page.get_by_role("link", name=re.compile("^Next: main-"))
        page.locator(".foot a").first.wait_for()
        if following.count() == 0:
            return page, found
        following.click()
        page.wait_for_url("**/blinded/**")
        page.wait_for_function("label => !document.body.innerText.includes(label)", arg=label)


def test_from_assignment_to_icc(browser, place, address, shots):
    boss = signed_in(browser, address, "coordinator-A")
    boss.goto(f"{address}/studies/#/{CODE}/readings")
    boss.get_by_label("Reader 1").check()
    boss.get_by_label("Reader 2").check()
    boss.get_by_label("Seed, written down before").fill("20260110")
    boss.get_by_role("button", name="Assign the cases").click()
    boss.get_by_text("Round main").wait_for()
    shots(boss, "round-open")
    wcag.held_to(boss, "a round of readings")
    assert wcag.walked(boss) == []

    pages, given = {}, {}
    for code, shift in (("r1", 0), ("r2", 5)):
        pages[code], given[code] = read_all(browser, address, code, shift)
    assert [len(found) for found in given.values()] == [4, 4]  # three cases, one of them twice

    # Nobody sees results while the round is open, and what was given back is not opened again.
    boss.reload()
    boss.get_by_text("Everything is read.").wait_for()
    refused = boss.request.get(f"{address}/api/v1/clinical-studies/{CODE}/rounds/main/results")
    assert refused.status == 422
    assert "still open" in refused.text()
    with place.registry.reading() as session:
        tasks = {t.label: t for t in session.query(ReadingTask)}
        timed = [t.minutes for t in session.query(TaskReading)]
    again = pages["r1"].request.get(f"{address}/blinded/{tasks['main-1001'].id}/api/reading")
    assert again.status == 422
    assert all(minutes is not None and 0 < minutes < 5 for minutes in timed)

    boss.get_by_role("button", name="End the round").click()
    boss.locator(".report").wait_for()
    cases = sorted({str(t.patient_id) for t in tasks.values()})

    def first_readings(of):
        """By case, what each reader read the first time."""
        for case in cases:
            row = []
            for found in given.values():
                (value,) = [
                    v[of]
                    for label, v in found.items()
                    if str(tasks[label].patient_id) == case and not tasks[label].repeat
                ]
                row.append(value)
            yield row

    for name, of in (("vertebral height loss", 0), ("local kyphosis angle", 1)):
        table = list(first_readings(of))
        said = boss.locator(".said li", has_text=name).inner_text()
        assert f"ICC(2,1) {icc_agreement(table):.3f} between readers" in said
    value, low, high = kappa(*zip(*first_readings(2), strict=True))
    assert 0 < value < 1  # they agree on some
    said = boss.locator(".said li", has_text="kappa").filter(has_text="between readers")
    assert f"kappa {value:.3f} (95% CI {low:.3f} to {high:.3f}), 3 cases" in said.inner_text()
    rated = boss.locator("figure.analysis", has_text="kappa").filter(has_text="between readers").locator("table").first
    assert f"{value:.3f}" in rated.inner_text()
    expect(boss.locator(".said li", has_text="a case (4 cases timed)")).to_have_count(2)
    boss.get_by_role("heading", name=re.compile("Bland-Altman|Limits of agreement")).first.wait_for()
    assert boss.locator(".plot").first.evaluate("i => i.naturalWidth") > 100
    shots(boss, "round-results", whole=True)
    with in_chinese(boss):
        boss.locator(".plot").first.wait_for()
        people = "Bland Altman Cohen Fleiss Shapiro Shrout Wilk"
        left = english_left(
            boss, f"{CODE} main r1 r2 kappa", people, "numpy scipy pandas statsmodels lifelines firthmodels"
        )
        assert left == [], "\n".join(left)
    boss.locator(".plot").first.wait_for()
    with boss.expect_download() as download:
        boss.get_by_role("link", name="PDF").click()
    assert download.value.path().read_bytes().startswith(b"%PDF")

    # The consensus of a case is a draft like any other, and can be opened.
    boss.get_by_role("button", name="Make the consensus readings").click()
    boss.get_by_role("link", name="Open the reading").first.click()
    boss.wait_for_url("**/readings/**")
    boss.wait_for_selector("[data-handle]")
    saved(boss)
