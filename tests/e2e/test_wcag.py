"""What WCAG 2.2 AA asks beyond what axe looks at, on every page; and that each check finds a fault where there is one.

Pages are held to it as they open; other tests ask axe about their states (``shots``).
"""

import math
from io import BytesIO
from itertools import combinations, pairwise

import pytest
from PIL import Image
from playwright.sync_api import expect

from tests.e2e import wcag
from tests.e2e.followed import keep_all
from tests.e2e.registry import Service

pytestmark = pytest.mark.slow
PAGE = """<!doctype html><html lang="en"><head><title>A page</title><style>{css}</style></head>
<body><main><h1>A page</h1>{body}</main></body></html>"""
RIGHT = '<p><a href="#a">A link</a></p><p><button style="min-height: 24px">Press</button></p>'


def small(page):
    return [rule for rule, _ in wcag.axe(page)]


def narrow(page):
    return wcag.lost(page, 320, 600)


def spaced(page):
    return wcag.lost(page, 640, 600, spaced=True)


FAULTS = {
    "two small targets side by side": (
        small,
        '<button class="s">a</button><button class="s">b</button>',
        "target-size",
    ),
    "no ring of focus": (wcag.walked, '<button style="outline: none">Press</button>', "focus not visible"),
    "behind a bar": (wcag.walked, '<div class="bar"></div>' + RIGHT, "obscured"),
    "a trap": (wcag.walked, "<input aria-label='x' onkeydown='event.preventDefault()'>" + RIGHT, "not reached"),
    "too wide": (narrow, '<p style="width: 500px">Some words</p>', "the page scrolls sideways"),
    "a list that scrolls aside": (
        narrow,
        '<div style="overflow: auto"><p style="width: 500px">Words</p></div>',
        "scrolls sideways without need",
    ),
    "words cut off": (narrow, '<p class="cut">' + "words " * 80 + "</p>", "cut off"),
    "words cut off by spacing": (spaced, '<p class="just">Words that just fit</p>', "cut off"),
    "a motion": (wcag.moving, '<p style="transition: left 1s">Words</p>', "<p"),
    "a field without a name": (wcag.nameless, "<input>", "role 'textbox', name ''"),
    "a hand on what is no control": (wcag.nameless, '<p style="cursor: pointer">Words</p>', "a hand, but no control"),
    "a slider beyond its bounds": (
        wcag.nameless,
        '<i role="slider" aria-label="x" tabindex="0" aria-valuenow="140"></i>',
        "out of its bounds",
    ),
    "light words of a drawing on a forced ground": (
        wcag.forced,
        '<svg><text y="20" fill="#eee">Words</text></svg>',
        "<text",
    ),
    "a dialog that loses the keyboard": (
        lambda page: wcag.entered(page, page.get_by_role("button"), page.locator("dialog")),
        """<button onclick="document.querySelector('dialog').show()">Open</button><dialog><a href="#a">A</a></dialog>
        <p><a href="#b">B</a></p>""",
        "the keyboard leaves it",
    ),
}
CSS = """.s { width: 12px; height: 12px; padding: 0; font-size: 8px }
.bar { position: fixed; inset: 0; background: #fff }
.cut { height: 40px; overflow: hidden } .just { width: max-content; max-width: 140px; overflow: hidden;
white-space: nowrap }
:focus-visible { outline: 2px solid #00f } """


@pytest.fixture(scope="module")
def page(browser):
    page = browser.new_page(viewport={"width": 640, "height": 600})
    yield page
    page.close()


@pytest.mark.parametrize("fault", FAULTS)
def test_each_fault_is_found(page, fault):
    check, body, said = FAULTS[fault]
    page.set_content(PAGE.format(css=CSS, body=body))
    found = check(page)
    assert any(said in one for one in found), found


def test_a_page_that_is_right_has_none(page):
    page.set_content(PAGE.format(css=CSS, body=RIGHT))
    assert wcag.axe(page) == []
    assert wcag.walked(page) == []
    wcag.held_to(page, "right")


@pytest.fixture(scope="module")
def pages(browser, tmp_path_factory):
    """(a page that may see all, the root of the service, a patient, a reading of theirs)"""
    pytest.importorskip("sqlalchemy", reason="needs the extra `serve`")
    folder, patients, readings = keep_all(tmp_path_factory.mktemp("wcag") / "registry")
    service = Service(folder)
    page = browser.new_page(viewport={"width": 1280, "height": 800})
    page.goto(service.start())
    yield page, service.root, patients["COURSE"], readings["COURSE"][0]
    page.close()
    service.process.terminate()
    service.process.wait(timeout=30)


@pytest.mark.parametrize(
    ("at", "there"),
    [
        ("/", "tbody tr"),
        ("/patients/", "tbody tr"),
        ("/patients/{patient}/", ".course"),
        ("/readings/{reading}/", "[data-handle]"),
        ("/studies/", "h2"),
        ("/cohort/", "h2"),
        ("/calculator/", "form"),
        ("/admin/", "h2"),
        ("/admin/#audit", "tbody tr"),
    ],
)
def test_every_page_is_gone_through_by_tab_and_loses_nothing(pages, at, there):
    page, root, patient, reading = pages
    page.goto(root + at.format(patient=patient, reading=reading))
    page.locator(there).first.wait_for()
    page.wait_for_load_state("networkidle")
    assert wcag.walked(page) == []
    assert wcag.axe(page) == []
    wcag.held_to(page, at)


def test_what_opens_over_a_page_takes_the_keyboard_and_gives_it_back(pages):
    page, root, patient, reading = pages
    dialog = page.locator("dialog[open]")
    page.goto(root)
    page.locator("tbody tr").first.wait_for()
    wrong = {"keys": wcag.entered(page, page.get_by_role("button", name="Keys"), dialog)}
    page.goto(f"{root}/patients/{patient}/")
    for name in ("Keys", "Add a visit", "Enter a treatment"):
        opener = page.get_by_role("button", name=name).first
        opener.wait_for()
        wrong[name] = wcag.entered(page, opener, dialog)
    page.goto(f"{root}/readings/{reading}/")
    page.locator("[data-handle]").first.wait_for()
    wrong["keys of a reading"] = wcag.entered(page, page.get_by_role("button", name="Keys"), dialog)
    assert {what: found for what, found in wrong.items() if found} == {}
    corner = page.locator(".view").first.locator("[data-handle]").first
    for keys, name in (("n", "Name of L1"), ("Shift+F10", "L1")):  # over the picture: a dialog, a menu
        corner.focus()
        page.keyboard.press(keys)
        box = page.locator(".menu")
        expect(box).to_have_accessible_name(name)
        expect(box.locator(":focus")).to_have_count(1)
        page.keyboard.press("Escape")
        expect(box).to_have_count(0)
        expect(corner).to_be_focused()


def test_the_report_as_a_page(page, pages):
    other, root, _, reading = pages
    page.set_content(other.request.get(f"{root}/api/v1/readings/{reading}/report.html").text())
    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme=scheme)
        assert wcag.axe(page) == [], scheme
    wcag.held_to(page, "the report")
    levels = [int(tag[1]) for tag in page.locator("h1, h2, h3").evaluate_all("all => all.map(e => e.tagName)")]
    assert levels[0] == 1
    assert all(below <= above + 1 for above, below in pairwise(levels))
    headless = "all => all.filter(t => !t.querySelector('th, [role=rowheader]')).map(t => t.outerHTML.slice(0, 99))"
    assert page.locator("table").evaluate_all(headless) == []


MARKS = ("automatic", "selected", "edited", "confirmed", "urgent")
APART = 26.0
"""The least difference (CIE 1976) between any two marks that the design of the page states."""


def lab(colour):
    """CIE 1976 L*a*b* of an sRGB colour, D65."""
    line = [c / 255 / 12.92 if c / 255 <= 0.04045 else ((c / 255 + 0.055) / 1.055) ** 2.4 for c in colour]
    weights = ((0.4124, 0.3576, 0.1805), (0.2126, 0.7152, 0.0722), (0.0193, 0.1192, 0.9505))
    xyz = [sum(w * c for w, c in zip(row, line, strict=True)) for row in weights]
    x, y, z = (
        t ** (1 / 3) if t > 0.008856 else 7.787 * t + 16 / 116
        for t in (c / white for c, white in zip(xyz, (0.9505, 1.0, 1.089), strict=True))
    )
    return 116 * y - 16, 500 * (x - y), 200 * (y - z)


@pytest.mark.parametrize("theme", ["dark", "light"])
def test_marks_differ_for_colour_blind_readers(pages, page, theme):
    other, root, _, reading = pages
    if "/readings/" not in other.url:
        other.goto(f"{root}/readings/{reading}/")
    read = "([theme, marks]) => { document.documentElement.dataset.theme = theme; const s = getComputedStyle(document"
    read += ".documentElement); return marks.map(m => s.getPropertyValue(`--${m}`)) }"
    colours = other.evaluate(read, [theme, MARKS])
    swatches = "".join(f'<i style="width: 20px; height: 20px; background: {c}"></i>' for c in colours)
    page.set_content(f'<body style="margin: 0; display: flex">{swatches}')
    session = page.context.new_cdp_session(page)
    for seen in ("none", "deuteranopia", "protanopia", "tritanopia"):
        session.send("Emulation.setEmulatedVisionDeficiency", {"type": seen})
        picture = Image.open(BytesIO(page.screenshot())).convert("RGB")
        found = {mark: lab(picture.getpixel((20 * i + 10, 10))) for i, mark in enumerate(MARKS)}
        for a, b in combinations(MARKS, 2):
            assert math.dist(found[a], found[b]) >= APART, (seen, a, b)
    session.send("Emulation.setEmulatedVisionDeficiency", {"type": "none"})
