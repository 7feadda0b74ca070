"""From drag to number in a real browser: how long after a point moves the numbers that follow are on the screen.

A point of the fractured vertebra is dragged. From the pointer event to the frame after the score's height loss has
changed, as the browser's own clock sees it.
"""

from playwright.sync_api import Page

#: In the page: the time of the last pointer move, and of the first frame in which the number has changed since.
WATCH = """() => {
  const value = document.querySelector('[data-item="Vertebral height loss"] .value');
  window.took = [];
  let moved = 0;
  addEventListener('pointermove', () => { moved = performance.now(); }, { capture: true });
  new MutationObserver(() => {
    const from = moved;
    requestAnimationFrame(() => setTimeout(() => window.took.push(performance.now() - from)));
  }).observe(value, { characterData: true, childList: true, subtree: true });
}"""


def drags(page: Page, modality: str, moves: int) -> list[float]:
    """Milliseconds of each move of a point on an image of a modality, on an open page."""
    page.get_by_role("button", name="Radiograph" if modality == "radiograph" else modality, exact=True).click()
    page.wait_for_timeout(1500)
    view = page.request.get(page.url + "api/reading").json()
    on = next(s["id"] for s in view["sets"] if s["modality"] == modality)
    box = page.locator(f'[data-set="{on}"] [data-handle="superior_anterior"]').first.bounding_box()
    assert box is not None
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    page.evaluate(WATCH)
    page.mouse.move(x, y)
    page.mouse.down()
    for k in range(moves):
        there = page.evaluate("window.took.length")
        page.mouse.move(x + (k % 7) - 3, y - 3 - (k * 5) % 23)
        for _ in range(400):
            if page.evaluate("window.took.length") > there:
                break
            page.wait_for_timeout(5)
    page.keyboard.press("Escape")
    page.mouse.up()
    took: list[float] = page.evaluate("window.took")
    return took


def p95(values: list[float]) -> float:
    return sorted(values)[int(0.95 * (len(values) - 1))]
