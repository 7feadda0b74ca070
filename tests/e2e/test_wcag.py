"""What WCAG 2.2 AA asks beyond what axe looks at, on every page; and that each check finds a fault where there is one.

Pages are held to it as they open; other tests ask axe about their states (``shots``).
"""

import pytest

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
