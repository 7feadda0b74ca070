"""WCAG 2.2 AA beyond what axe looks at by itself. Each function gives what is wrong, with the element: nothing, where
all is right. What they ask of a page stands in ``wcag.js``."""

from pathlib import Path

try:
    from playwright.sync_api import TimeoutError  # noqa: A004
except ImportError:  # the tests that ask are skipped without it
    TimeoutError = OSError  # noqa: A001

ROOT = Path(__file__).resolve().parents[2]
AXE = ROOT / "web/node_modules/axe-core/axe.min.js"
ASKED = Path(__file__).with_suffix(".js")
SPACED = """
* { line-height: 1.5 !important; letter-spacing: .12em !important; word-spacing: .16em !important }
p { margin-bottom: 2em !important }
"""
LANGUAGES = ("en", "zh-CN")
NAME = """box => box.getAttribute('aria-label')
    || document.getElementById(box.getAttribute('aria-labelledby'))?.textContent || ''"""


def held_to(page, name):
    """All of it but the walk by Tab, and the words that are cut off where a title holds them (strips above images)."""
    width, height = page.viewport_size.values()
    language = page.evaluate("document.documentElement.lang")
    wrong = {
        "320 pixels (1.4.10)": lost(page, 320, 800),
        "200 % (1.4.4)": lost(page, 640, 450),
        "spacing of text (1.4.12)": lost(page, width, height, spaced=True),
        "forced colors (1.4.3)": forced(page),
        "less motion (prefers-reduced-motion)": moving(page),
        "role and name (4.1.2)": nameless(page),
        "language (3.1.1)": [] if language in LANGUAGES else [f"{language!r}"],
    }
    wrong = {what: found for what, found in wrong.items() if found}
    assert wrong == {}, (name, wrong)


def axe(page):
    """What axe finds, of any impact, with the rule for the size of targets (2.5.8), which it leaves out by itself."""
    page.evaluate(AXE.read_text(encoding="utf-8") + "; null")
    found = page.evaluate("async () => (await axe.run({ rules: { 'target-size': { enabled: true } } })).violations")
    return [(v["id"], [n["html"][:160] for n in v["nodes"]]) for v in found]


def walked(page, most=250):
    """By Tab from the top of a page until it is left: each control is reached (2.1.1), let go again (2.1.2), shows that
    it has the keyboard (2.4.7) and does not lie behind anything (2.4.11)."""
    ask(page, "begin")
    wrong = []
    for presses in range(most):
        page.keyboard.press("Tab")
        said = page.evaluate("wcag.stop()")
        if said is None or said == "again":
            assert presses, "nothing takes the keyboard"
            break
        if said:
            wrong.append(said)
    else:
        wrong.append(f"no end after {most} presses of Tab (2.1.2)")
    return wrong + [f"not reached by Tab (2.1.1): {one}" for one in page.evaluate("wcag.missed()")]


def lost(page, width, height, spaced=False):
    """What is cut off, hangs over the edge or scrolls sideways without being a table or a picture."""
    before = page.viewport_size
    page.set_viewport_size({"width": width, "height": height})
    ask(page, "space", SPACED if spaced else "")
    page.evaluate("() => new Promise((then) => requestAnimationFrame(() => requestAnimationFrame(then)))")
    found = ask(page, "lost")
    ask(page, "space", "")
    page.set_viewport_size(before)
    return found


def moving(page):
    """What still moves where somebody asked for less motion."""
    page.emulate_media(reduced_motion="reduce")
    found = ask(page, "moving")
    page.emulate_media(reduced_motion="no-preference")
    return found


def forced(page):
    """Words in drawings that cannot be read where the system forces its own colours."""
    page.emulate_media(forced_colors="active")
    found = ask(page, "swallowed")
    page.emulate_media(forced_colors="none")
    return found


def entered(page, opener, opened):
    """What is wrong with a dialog or a menu that ``opener`` opens by Enter: it has a name (4.1.2), takes the keyboard
    and keeps it (2.4.3), closes by Escape and gives the keyboard back."""
    opener.focus()
    page.keyboard.press("Enter")
    opened.wait_for()
    box, wrong = opened.element_handle(), []
    if not box.evaluate(NAME).strip():
        wrong.append("no name (4.1.2)")
    page.wait_for_function("box => box.contains(document.activeElement)", arg=box)
    for _ in range(box.evaluate("box => box.querySelectorAll('button, input, select').length") + 2):
        page.keyboard.press("Tab")
        if not box.evaluate("box => box.contains(document.activeElement) || document.activeElement === document.body"):
            wrong.append("the keyboard leaves it (2.4.3)")
            break
    page.keyboard.press("Escape")
    try:
        opened.wait_for(state="hidden", timeout=2000)
    except TimeoutError:
        return [*wrong, "Escape does not close it"]
    if not opener.evaluate("one => one === document.activeElement"):
        wrong.append("the keyboard does not come back (2.4.3)")
    return wrong


def nameless(page):
    """What takes the keyboard without a role or a name, and what shows a hand without being a control (4.1.2)."""
    session = page.context.new_cdp_session(page)
    nodes = session.send("Accessibility.getFullAXTree")["nodes"]
    session.detach()
    wrong = []
    for node in nodes:
        facts = {p["name"]: p["value"].get("value") for p in node.get("properties", [])}
        role, name = (node.get(of, {}).get("value", "") for of in ("role", "name"))
        if node.get("ignored") or not facts.get("focusable") or role in ("RootWebArea", "StaticText"):
            continue
        if role in ("generic", "none", "") or not name.strip():
            wrong.append(f"role {role!r}, name {name!r}")
    wrong += [f"a number out of its bounds: {one}" for one in ask(page, "bounds")]
    return wrong + [f"a hand, but no control: {one}" for one in ask(page, "hands")]


def ask(page, what, *given):
    page.evaluate(ASKED.read_text(encoding="utf-8"))
    return page.evaluate(f"given => wcag.{what}(...given)", list(given))
