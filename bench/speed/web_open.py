"""In the browser: the first image of a case, a stack of slices turned by the wheel, and what the page weighs."""

import gzip
from dataclasses import dataclass

from playwright.sync_api import Page, Response

WAIT_MS = 120_000
#: In the page, from its very beginning: the first frame in which a picture is on the screen (not only a black ground).
FIRST = """() => {
  const look = () => {
    for (const canvas of document.querySelectorAll('canvas.image')) {
      const { width, height } = canvas;
      if (!width || !height) continue;
      const seen = canvas.getContext('2d').getImageData(width >> 2, height >> 1, width >> 1, 1).data;
      for (let k = 0; k < seen.length; k += 4) if (seen[k] > 8) {
        requestAnimationFrame(() => { window.firstImage = performance.now(); });
        return;
      }
    }
    requestAnimationFrame(look);
  };
  requestAnimationFrame(look);
}"""
#: In the page: one turn of the wheel at each frame, back and forth; frames that showed another slice, and how long.
TURN = """async ([uid, turns]) => {
  const stage = document.querySelector(`.stage[data-series="${uid}"]`);
  const strip = stage.closest('.view');
  const shown = () => /(\\d+)\\/(\\d+)/.exec(strip.innerText);
  const slices = Number(shown()[2]);
  const canvas = stage.querySelector('canvas.image');
  const frame = () => new Promise((go) => requestAnimationFrame(go));
  let way = 1, before = Number(shown()[1]), changed = 0;
  const begun = performance.now();
  for (let k = 0; k < turns; k++) {
    if (before >= slices) way = -1;
    if (before <= 1) way = 1;
    stage.dispatchEvent(new WheelEvent('wheel', { deltaY: 100 * way, bubbles: true, cancelable: true }));
    await frame();
    const now = Number(shown()[1]);
    if (now !== before) changed += 1;
    before = now;
  }
  const drawn = canvas.width > 0;
  return { slices, changed, drawn, seconds: (performance.now() - begun) / 1000 };
}"""
STATIC = (".html", ".js", ".css", ".woff2", ".svg", "/")


@dataclass(frozen=True, slots=True)
class Turned:
    """A stack that was turned: its slices, and how many of them a second were shown."""

    slices: int
    fps: float


def first_image_ms(page: Page, address: str) -> float:
    """From the beginning of the navigation to the frame with the first picture."""
    page.goto("about:blank")
    page.add_init_script(f"({FIRST})()")
    page.goto(address, wait_until="commit")
    page.wait_for_function("() => window.firstImage !== undefined", timeout=WAIT_MS)
    return float(page.evaluate("window.firstImage"))


def stack_fps(page: Page, turns: int) -> Turned:
    """Turn the series with the most slices through once, so that they are there, and then measure."""
    view = page.request.get(page.url + "api/reading").json()
    shown = page.evaluate("[...document.querySelectorAll('.stage')].map((s) => s.dataset.series)")
    stack = max((s for s in view["series"] if s["uid"] in shown), key=lambda s: len(s["pictures"]))
    count = len(stack["pictures"])
    page.evaluate(TURN, [stack["uid"], 2 * count])
    page.wait_for_load_state("networkidle")
    found = page.evaluate(TURN, [stack["uid"], turns])
    assert found["drawn"]
    return Turned(found["slices"], found["changed"] / found["seconds"])


def loaded_bytes(page: Page, address: str) -> int:
    """What the page itself loads: its file, scripts, styles and font, each compressed; the case is not counted."""
    found: dict[str, bytes] = {}
    answers: list[Response] = []
    page.on("response", lambda answer: answers.append(answer))
    page.goto(address)
    page.wait_for_selector("[data-handle]", timeout=WAIT_MS)
    for answer in answers:
        path = answer.url.split("?")[0]
        if "/api/" not in path and path.endswith(STATIC):
            found[path] = answer.body()
    return sum(len(body) if path.endswith(".woff2") else len(gzip.compress(body, 9)) for path, body in found.items())
