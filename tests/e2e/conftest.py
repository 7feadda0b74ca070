"""A reading open in a real browser. Skipped where chromium or the built page is missing: see `make test-e2e`."""

import json
import os
import re
import shutil
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

import pytest

from ovcf.phantom.recipe import read_recipe
from ovcf.reading.file import read_reading, write_reading
from ovcf.workflow.begin import begin_reading
from ovcf.workflow.from_files import draft_from_files
from tests.made import made_once, made_patient
from tests.quicker import cheap_passwords, ready_tables  # noqa: F401
from tests.server.small_reading import small_reading

CHROMIUM = shutil.which("chromium")
ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="session")
def browser():
    playwright = pytest.importorskip("playwright.sync_api", reason="needs playwright, of the group e2e")
    pytest.importorskip("fastapi", reason="needs the extra `server`")
    if CHROMIUM is None:
        pytest.skip("needs Debian's chromium: make test-e2e")
    if not (ROOT / "src/ovcf/server/page/index.html").is_file():
        pytest.skip("needs the built page: make web")
    with playwright.sync_playwright() as running:
        playwright.expect.set_options(timeout=30_000)
        browser = running.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield browser
        browser.close()


@pytest.fixture
def shots():
    """``shots(page, name)``: nothing for axe in light and dark, nothing over the edge; on a tablet and a wide screen
    too, and pictures of it, where OVCF_SCREENSHOTS names a folder."""

    def looked_at(page, name, whole=False):
        before, widths = page.viewport_size, (1280, 1920, 820) if os.environ.get("OVCF_SCREENSHOTS") else (1280,)
        for width in widths:
            for theme in ("light", "dark"):
                page.set_viewport_size({"width": width, "height": 900})
                page.evaluate("theme => { document.documentElement.dataset.theme = theme }", theme)
                page.wait_for_timeout(200)
                assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), (name, width)
                page.evaluate((ROOT / "web/node_modules/axe-core/axe.min.js").read_text() + "; null")
                found = page.evaluate("async () => (await axe.run()).violations")
                assert [(v["id"], v["nodes"][0]["html"]) for v in found] == [], (name, width, theme)
                if folder := os.environ.get("OVCF_SCREENSHOTS"):
                    page.screenshot(path=f"{folder}/{name}-{theme}-{width}.png", full_page=whole)
        page.set_viewport_size(before)

    return looked_at


@pytest.fixture(scope="session")
def digital_patient(tmp_path_factory):
    """The reading of a digital patient with T1, T2, STIR and a film, all read by the built-in models."""

    def draw_and_read(path):
        (visit, *_) = made_patient(read_recipe(ROOT / "examples" / "phantom.toml"), tmp_path_factory)
        draft = draft_from_files([visit / "study"], clinical=visit / "case.toml", anchors=["11=L5"], engine="builtin")
        write_reading(begin_reading(draft), path)

    return made_once("the reading of a digital patient", tmp_path_factory, draw_and_read)


def becomes(page, ask, expected, seconds=20.0):
    """Ask again and again until what the page draws in its own time is as expected; fail with what it was at last."""
    until = time.monotonic() + seconds
    while (found := ask()) != expected and time.monotonic() < until:
        page.wait_for_timeout(50)
    assert found == expected


DRAWN = "() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))"
"""Two frames later what was done is drawn, however busy the machine is."""


@dataclass
class Open:
    """A page, the file behind it, and every request it made."""

    page: object
    path: Path
    address: str
    asked: list

    def saved(self):
        """The newest version in the file."""
        return read_reading(self.path).reading.current

    def saved_versions(self):
        """All versions in the file, oldest first."""
        return read_reading(self.path).reading.versions

    def view(self):
        """What the server says, as the page gets it."""
        return self.page.request.get(self.address.split("?")[0] + "api/reading").json()

    def text(self, item):
        return self.page.locator(f'[data-item="{item}"] .value').inner_text()

    def in_table(self, method, image):
        """What the table shows for a measurement on an image ("Radiograph", "MR")."""
        heads = self.page.locator("table.rows thead th").all_inner_texts()
        cells = self.page.locator(f'[data-measurement="{method}"] td')
        return cells.nth(heads.index(image) - 1).inner_text().replace("−", "-")

    def total(self):
        return self.page.locator("[data-score]").get_attribute("data-score")

    def settled(self):
        """Wait until every edit is saved."""
        self.page.wait_for_timeout(100)
        self.page.evaluate(DRAWN)  # an edit that was just asked for shows
        self.page.locator(".save", has_text=re.compile(r"^\s*Saved\s*$")).wait_for()

    def by_keys(self, *keys):
        """Press keys that end in one more edit, and wait until the file holds it: presses that follow each other are
        one edit, which is sent after a pause."""
        before, until = self.count_saved(), time.monotonic() + 30
        for key in keys:
            self.page.keyboard.press(key)
        while self.count_saved() == before:
            assert time.monotonic() < until, f"no edit was saved after {keys}"
            self.page.wait_for_timeout(50)
        self.settled()

    def count_saved(self):
        return sum(len(version.edits) for version in self.saved_versions())

    def camera(self, landmark_set):
        drawn = self.page.locator(f'[data-set="{landmark_set}"][data-camera]').first  # once its size is known
        return json.loads(drawn.get_attribute("data-camera"))

    def handle(self, landmark_set, point):
        """The middle of a handle on the screen."""
        box = self.page.locator(f'[data-set="{landmark_set}"] [data-handle="{point}"]').first.bounding_box()
        return box["x"] + box["width"] / 2, box["y"] + box["height"] / 2

    def on_screen(self, landmark_set, point):
        """Where a point of a landmark set's frame lies on the screen."""
        camera = self.camera(landmark_set)
        stage = self.page.locator(f'[data-set="{landmark_set}"]').first.bounding_box()
        x, y = ((p - c) * camera["scale"] for p, c in zip(point, camera["centre"], strict=True))
        return stage["x"] + stage["width"] / 2 + x, stage["y"] + stage["height"] / 2 + y

    def click(self, landmark_set, point, button="left"):
        """Click on a point of a landmark set's frame, as a reader does: there first, then press."""
        self.page.mouse.move(*self.on_screen(landmark_set, point))
        self.page.mouse.click(*self.on_screen(landmark_set, point), button=button)

    def select(self, landmark_set, level):
        """Select a vertebra by its name in an image; its identity."""
        view = self.view()
        (identity,) = [i for i, v in view["vertebrae"].items() if (v["set"], v["level"]) == (landmark_set, level)]
        points = view["vertebrae"][identity]["points"]
        self.click(landmark_set, [sum(p[k] for p in points[:4]) / 4 for k in (0, 1)])
        return identity

    def measured_on(self, words):
        """Take height loss and kyphosis from an image."""
        self.page.get_by_role("button", name=words, exact=True).click()
        self.settled()

    def drag(self, start, by, drop=True):
        mouse = self.page.mouse
        mouse.move(*start)
        mouse.down()
        for k in range(1, 6):
            mouse.move(start[0] + by[0] * k / 5, start[1] + by[1] * k / 5)
        if drop:
            mouse.up()
            self.settled()


@pytest.fixture(scope="session")
def served(tmp_path_factory):
    """(file, address) of a server that runs for all tests of a worker, each of which puts its own reading into the
    file: a program takes longer to start than most tests take."""
    path = tmp_path_factory.mktemp("served") / "reading.ovcf"
    write_reading(small_reading(), path)
    command = [sys.executable, "-m", "ovcf", "reading", "open", path, "--no-browser", "--reader", "A. Reader"]
    server = subprocess.Popen(list(map(str, command)), stdout=subprocess.PIPE, text=True)
    yield path, server.stdout.readline().strip()
    server.terminate()
    server.wait(timeout=20)


def page_of(browser, served, width, height, **options):
    """A browser that has kept nothing, at the page of the reading that is in the file."""
    path, address = served
    page, asked = browser.new_context(viewport={"width": width, "height": height}, **options).new_page(), []
    page.on("request", lambda request: asked.append(request.url))
    page.set_default_timeout(30_000)
    page.goto(address)
    page.wait_for_selector("[data-handle]")
    return Open(page, path, address, asked)


@pytest.fixture
def open_reading(browser, served):
    """``open_reading(path or None)``: the same reading, open; the small reading where none is given."""
    opened = []

    def made(path=None, width=1440, height=900, **facts):
        if isinstance(path, Path):
            shutil.copy(path, served[0].with_suffix(".new"))
            served[0].with_suffix(".new").replace(served[0])
        else:
            write_reading(small_reading(**facts) if path is None else path(), served[0])
        opened.append(page_of(browser, served, width, height))
        return opened[-1]

    yield made
    for one in opened:
        one.page.context.close()


@pytest.fixture(scope="module")
def reopened(browser, served):
    """``reopened(file)``: the page with this reading as its file holds it, in one browser for all tests of a module."""
    opened = []

    def made(file, width=1440, height=900):
        write_reading(file, served[0])
        if not opened:
            opened.append(page_of(browser, served, width, height))
        found = opened[0]
        found.page.context.set_offline(False)
        found.page.set_viewport_size({"width": width, "height": height})
        found.page.reload()
        found.page.wait_for_selector("[data-handle]")
        return found

    yield made
    for one in opened:
        one.page.context.close()


@pytest.fixture
def newcomer(browser, context):
    """``newcomer(**options)``: a page of a browser that has kept nothing but who is signed in in ``context``."""
    opened = []

    def made(**options):
        opened.append(browser.new_context(storage_state={"cookies": context.cookies(), "origins": []}, **options))
        page = opened[-1].new_page()
        page.set_default_timeout(30_000)
        return page

    yield made
    for one in opened:
        one.close()
