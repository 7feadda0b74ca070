"""A running registry in a browser: studies are dropped, given to a patient, and followed."""

import re
import shutil
import subprocess
import sys
from base64 import b64encode
from dataclasses import dataclass, replace
from pathlib import Path

from ovcf.phantom.patient import make_patient
from ovcf.phantom.recipe import Visit, read_recipe

ROOT = Path(__file__).resolve().parents[2]
AXE = ROOT / "web/node_modules/axe-core/axe.min.js"
SECOND = 240_000
"""Long enough for an assessment on a busy machine (ms)."""


@dataclass
class Service:
    """A running ``ovcf serve``, and how to start it again."""

    folder: Path
    process: subprocess.Popen | None = None
    address: str = ""

    def start(self, port=0):
        command = [sys.executable, "-m", "ovcf", "serve", "--folder", str(self.folder), "--port", str(port)]
        self.process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
        self.address = self.process.stdout.readline().strip()
        return self.address

    @property
    def port(self):
        return int(re.search(r":(\d+)/", self.address).group(1))

    @property
    def root(self):
        return f"http://127.0.0.1:{self.port}"

    def kill(self):
        self.process.kill()
        self.process.wait(timeout=30)


def two_visits(folder):
    """The studies of a digital patient at two visits, half a year apart, as zip files."""
    recipe = replace(read_recipe(ROOT / "examples" / "phantom.toml"), visits=(Visit(weeks=26.0),))
    made = make_patient(recipe, folder / "patient")
    return [Path(shutil.make_archive(str(folder / visit.name), "zip", visit / "study")) for visit in made]


def drop(page, path):
    """Let go of a file over the page, as from the desktop."""
    data = page.evaluate_handle(
        """async ([bytes, name]) => {
          const data = new DataTransfer();
          const raw = Uint8Array.from(atob(bytes), (c) => c.charCodeAt(0));
          data.items.add(new File([raw], name, { type: "application/zip" }));
          return data;
        }""",
        [b64encode(path.read_bytes()).decode(), path.name],
    )
    page.dispatch_event("main", "dragover", {"dataTransfer": data})
    page.dispatch_event("main", "drop", {"dataTransfer": data})


def api(page, path):
    """What a door of the service answers to the page."""
    scheme, _, host, *_ = page.url.split("/")
    answer = page.request.get(f"{scheme}//{host}/api/v1{path}")
    assert answer.ok, answer.text()
    return answer.json()


def belongs(page, patient=None):
    """Give the chosen study its patient: a new one, or one who is here."""
    page.locator("tr[aria-selected=true] .next", has_text="Whose is it?").wait_for(timeout=SECOND)
    page.keyboard.press("Enter")
    dialog = page.get_by_role("dialog", name="Whose is this study?")
    dialog.wait_for()
    if patient is None:
        dialog.get_by_role("button", name="A new patient").click()
    else:
        dialog.locator("select").select_option("6 months")
        dialog.locator(".known button", has_text=patient).click()
    page.wait_for_url("**/readings/**", timeout=SECOND)
    page.wait_for_selector("[data-handle], .view", timeout=SECOND)


def saved(page):
    """Wait until every edit of a reading is saved."""
    page.wait_for_timeout(150)
    page.locator(".save", has_text=re.compile(r"^\s*Saved\s*$")).wait_for()


def view(page):
    """The reading that is open, as the server has it."""
    return page.request.get(page.url + "api/reading").json()


def violations(page):
    """What axe finds, of any impact."""
    page.evaluate(AXE.read_text() + "; null")
    found = page.evaluate("async () => (await axe.run()).violations")
    return [(v["id"], v["nodes"][0]["html"][:160]) for v in found]
