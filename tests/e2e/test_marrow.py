"""Marrow signal on the page: what counts is painted, the threshold slides, regions move, areas are left out.

The digital patient; percentages are counted again here from the pixels that are painted, means from the image.
"""

import re

import numpy as np
import pytest
from playwright.sync_api import expect

from ovcf.imaging.study import Role
from ovcf.reading.file import read_reading
from ovcf.reading.marrow import marrow_series

pytestmark = pytest.mark.slow


@pytest.fixture
def opened(open_reading, digital_patient):
    return open_reading(digital_patient)


def mri(opened):
    return next(s["id"] for s in opened.view()["sets"] if s["modality"] == "MR")


def body(opened, level):
    found = opened.view()["vertebrae"].items()
    return next(i for i, v in found if (v["set"], v["level"]) == (mri(opened), level))


def answered(opened, body_, name, sd=None):
    """What the server says of a threshold."""
    address = f"{opened.address.split('?')[0]}api/signal/{body_}/{name}"
    return opened.page.request.get(address + ("" if sd is None else f"?sd={sd}")).json()


def masks(said, name):
    """Slice by slice the masks (counted, body) of what is told in runs."""
    found = []
    for one in said["slices"]:
        runs = [one["runs"].get(name, []), one["body"]]
        size = (1 + max(r[0] for r in one["body"]), max(r[2] for r in one["body"]))
        pair = [np.zeros(size, bool) for _ in runs]
        for mask, all_ in zip(pair, runs, strict=True):
            for row, first, after in all_:
                mask[row, first:after] = True
        found.append(pair)
    return found


def by_hand(said, *, inside_mm=0.3, pixel_mm, ends=0.5):
    """Edema in percent by the rule of docs/measurements.md for an outline that a program drew: voxels at its edge stand
    for what lies beyond, the outermost slices count half."""
    counted = whole = 0.0
    pairs = masks(said, "edema")
    for n, (edema, inside) in enumerate(pairs):
        weight = inside.astype(float)
        padded = np.pad(inside, 1)
        for axis, mm in ((0, pixel_mm[0]), (1, pixel_mm[1])):
            for step in (1, -1):
                beside = np.roll(padded, step, axis)[1:-1, 1:-1]
                weight += inside * ~beside * inside_mm / mm
        weight *= ends if n in (0, len(pairs) - 1) else 1.0
        counted += weight[edema].sum()
        whole += weight.sum()
    return 100 * counted / whole


def percent(opened):
    return opened.page.locator('[data-counted-as="edema"]').inner_text()


def slid(opened, sd):
    """Put the slider somewhere as a pointer does, and hold it there."""
    opened.page.locator("[data-slider]").evaluate(
        """(slider, sd) => {
          slider.dispatchEvent(new PointerEvent('pointerdown', { bubbles: true }));
          slider.value = sd;
          slider.dispatchEvent(new Event('input', { bubbles: true }));
        }""",
        str(sd),
    )


def painted(opened):
    """The area that is painted on the STIR, in pixels of the screen."""
    return opened.page.locator('[data-painted="edema"] path.wash').first.evaluate(
        """(path) => {
          let sum = 0;
          for (const box of path.getAttribute('d').split('Z').filter(Boolean)) {
            const p = box.slice(1).split('L').map((xy) => xy.split(',').map(Number));
            p.forEach(([x, y], i) => { const [u, v] = p[(i + 1) % p.length]; sum += (x * v - u * y) / 2; });
          }
          return Math.abs(sum);
        }"""
    )


def test_the_percentage_follows_the_slider_and_one_edit_is_saved_when_it_is_let_go(opened):
    l1 = body(opened, "L1")
    opened.page.keyboard.press("t")
    opened.page.locator('[data-painted="edema"]').wait_for()
    (mm,) = [
        m.volume.spacing_mm[1:]
        for m in read_reading(opened.path).current.marrow
        if m.series == answered(opened, l1, "edema")["series"]
    ]
    at_3 = answered(opened, l1, "edema")
    assert percent(opened).startswith(f"Edema {by_hand(at_3, pixel_mm=mm):.0f}%")
    middle = next(s for s in at_3["slices"] if s["slice"] == at_3["slices"][len(at_3["slices"]) // 2]["slice"])
    pixel = opened.camera(mri(opened))["scale"] ** 2 * abs(np.linalg.det([middle["right"], middle["down"]]))
    on_screen = painted(opened) / pixel
    assert min(abs(on_screen - sum(b - a for _, a, b in s["runs"]["edema"])) for s in at_3["slices"]) < 1

    slid(opened, 18)
    opened.page.wait_for_function("() => document.querySelector('.told').innerText.includes('18.0 SD')")
    expected = f"Edema {by_hand(answered(opened, l1, 'edema', 18), pixel_mm=mm):.0f}%"
    opened.page.locator('[data-counted-as="edema"]', has_text=expected).wait_for()
    assert expected != f"Edema {by_hand(at_3, pixel_mm=mm):.0f}%"
    assert painted(opened) / pixel < on_screen
    assert opened.saved().edits == ()
    opened.page.locator("[data-slider]").dispatch_event("change")
    opened.settled()
    (edit,) = opened.saved().edits
    assert (edit.kind, edit.name, edit.sd, edit.reader) == ("set threshold", "edema", 18.0, "A. Reader")
    told = "threshold set by A. Reader: 18 SD of sound marrow, automatic 3"
    assert any(told in w for row in opened.view()["measurements"].values() for on in row["on"] for w in on["warnings"])
    opened.page.get_by_role("button", name="Automatic").click()
    opened.settled()
    opened.page.locator('[data-counted-as="edema"]', has_text=percent_words(at_3)).wait_for()
    assert opened.saved().edits[-1].sd is None


def percent_words(said):
    return said["said"].split(" (")[0]


def test_keys_move_the_threshold_and_presses_that_follow_are_one_edit(opened):
    opened.page.keyboard.press("t")
    opened.page.locator("[data-slider]").wait_for()
    opened.page.wait_for_timeout(300)
    opened.by_keys(*["ArrowRight"] * 5)
    (edit,) = opened.saved().edits
    assert edit.sd == pytest.approx(3.5)
    opened.page.keyboard.press("t")  # while the slider has the keys, too
    expect(opened.page.locator("[data-painted]")).to_have_count(0)


def test_the_share_that_counts_stands_over_its_image_and_is_painted_by_a_press(opened):
    page = opened.page
    share = page.locator(".strip .counted", has_text="edema")
    impression = "".join(s["lead"] + s["rest"] for s in opened.view()["impression"])
    assert f"edema in {share.inner_text().split()[1]} of the body" in impression
    share.click()
    page.locator('[data-painted="edema"]').wait_for()
    share.click()
    expect(page.locator("[data-painted]")).to_have_count(0)


def turns_around(outline, at):
    """Whether an outline holds a place: the angle that it turns around it."""
    a = np.asarray(outline) - at
    b = np.roll(a, -1, axis=0)
    return abs(np.arctan2(a[:, 0] * b[:, 1] - a[:, 1] * b[:, 0], (a * b).sum(1)).sum()) > np.pi


def mean_in(opened, edit):
    """The mean of the pixels whose centres lie in a region, the coil divided out: by the angle around each centre."""
    file = read_reading(opened.path)
    series = marrow_series(file.current, file.reading.current.case)
    one = next(s for s in series.values() if s.uid == edit.series)
    plane = next(s.plane for s in file.current.landmarks if s.plane is not None)
    image = one.flat(edit.slice)
    rows, columns = np.indices(image.shape)
    places = np.stack([np.full(rows.size, edit.slice), rows.ravel(), columns.ravel()], 1).astype(float)
    a = np.asarray(edit.outline)[None] - plane.from_patient(one.volume.to_patient(places))[:, None]
    b = np.roll(a, -1, axis=1)
    turned = np.arctan2(a[..., 0] * b[..., 1] - a[..., 1] * b[..., 0], (a * b).sum(-1)).sum(1)
    return image[(np.abs(turned) > np.pi).reshape(image.shape)].mean()


def on_t1(opened, region):
    uid = next(s["uid"] for s in opened.view()["series"] if s["role"] == Role.T1.value)
    return opened.page.locator(f'[data-series="{uid}"] [data-grip="{region}"]')


def test_a_region_is_dragged_resized_and_moved_by_keys_and_its_mean_is_that_of_its_pixels(opened):
    opened.page.locator(".rail").get_by_role("button", name="L3").click()  # and every view turns to it
    opened.page.wait_for_timeout(300)
    grip = on_t1(opened, "body")
    grip.wait_for()
    before = next(r for r in opened.view()["regions"][body(opened, "L3")] if r["region"] == "body")
    box = grip.bounding_box()
    start = box["x"] + 13, box["y"] + 13
    opened.drag(start, (6, -4))
    edit = opened.saved().edits[-1]
    assert (edit.kind, edit.region) == ("place region", "body")
    by = np.subtract(edit.outline, before["outline"])
    assert np.ptp(by, axis=0).max() < 1e-6  # moved as a whole
    assert by[0] == pytest.approx(np.array((6, -4)) / opened.camera(mri(opened))["scale"], abs=0.3)
    expect(opened.page.locator("[data-read]")).to_contain_text(f"signal {mean_in(opened, edit):.0f}")

    grip.focus()
    opened.by_keys("ArrowLeft", "Shift+ArrowDown", "+")
    moved = opened.saved().edits[-1]
    assert len(opened.saved().edits) == 2  # presses that follow each other are one edit
    old, new = np.array(edit.outline), np.array(moved.outline)
    middle = (new.max(0) + new.min(0)) / 2 - (old.max(0) + old.min(0)) / 2
    assert middle == pytest.approx((-0.2, 1.0), abs=1e-6)
    assert np.ptp(new, axis=0) == pytest.approx(1.05 * np.ptp(old, axis=0))
    expect(opened.page.locator("[data-read]")).to_contain_text(f"signal {mean_in(opened, moved):.0f}")
    opened.page.keyboard.press("Delete")
    opened.settled()
    assert not [r for r in opened.view()["regions"][body(opened, "L3")] if r["edits"]]


def test_csf_that_leaves_the_canal_is_warned_of_while_held_and_refused_beyond(opened):
    opened.page.locator(".rail").get_by_role("button", name="L3").click()  # and every view turns to it
    opened.page.wait_for_timeout(300)
    grip = on_t1(opened, "csf")
    grip.wait_for()
    box = grip.bounding_box()
    start = box["x"] + 13, box["y"] + 13
    scale = opened.camera(mri(opened))["scale"]
    opened.drag(start, (-4 * scale, 0), drop=False)  # over its anterior wall
    opened.page.locator(".region-bar", has_text=re.compile(r"\d+% of it lies outside of the canal")).wait_for()
    opened.page.mouse.move(start[0] - 9 * scale, start[1])
    opened.page.get_by_text("No numbers here.").wait_for()
    opened.page.mouse.up()
    opened.page.get_by_text("Not done").wait_for()
    opened.settled()
    assert opened.saved().edits == ()


def test_an_area_is_left_out_with_its_reason_and_read_again(opened):
    opened.select(mri(opened), "L1")
    stir = next(s for s in opened.view()["series"] if s["role"] == Role.STIR.value)
    opened.page.locator(f'[data-series="{stir["uid"]}"]').hover()
    l1 = body(opened, "L1")
    before = answered(opened, l1, "edema")
    opened.page.keyboard.press("l")
    opened.page.get_by_text("Draw around what is left out of L1").wait_for()
    opened.page.get_by_label("on every slice").check()
    opened.page.get_by_role("button", name="Haemangioma").click()
    opened.settled()
    (edit,) = opened.saved().edits
    assert (edit.kind, edit.vertebra, edit.series, edit.reason) == ("leave out", l1, stir["uid"], "haemangioma")
    assert (edit.through, edit.of) == ("body", "study")
    now = answered(opened, l1, "edema")
    for old, new, told in zip(masks(before, "edema"), masks(now, "edema"), now["slices"], strict=True):
        out = np.zeros(old[1].shape, bool)
        for row, column in np.argwhere(old[1]):
            centre = np.add(told["origin"], np.multiply(told["right"], column) + np.multiply(told["down"], row))
            out[row, column] = turns_around(edit.outline, centre)
        left = np.zeros_like(old[1])
        left[: new[1].shape[0], : new[1].shape[1]] = new[1]
        np.testing.assert_array_equal(left, old[1] & ~out)
    circle = np.ptp(edit.outline, axis=0)
    assert circle == pytest.approx((10.0, 10.0))  # what the tool begins with
    assert opened.page.locator("[data-area]").count() >= 3  # on T1, T2 and STIR
    reasons = [r for f in opened.view()["findings"].values() for r in f["reasons"]]
    assert any("left out of L1 by A. Reader: haemangioma" in r for r in reasons)
    opened.page.get_by_role("button", name="Read the haemangioma again").click()
    opened.settled()
    assert answered(opened, l1, "edema") == before


def test_axe_finds_nothing_while_signal_is_painted_and_a_region_is_taken(opened, shots):
    opened.page.keyboard.press("t")
    opened.page.locator("[data-slider]").wait_for()
    opened.page.locator(".rail").get_by_role("button", name="L3").click()
    opened.page.keyboard.press("q")
    opened.page.locator("[data-read]").wait_for()
    shots(opened.page, "marrow")
