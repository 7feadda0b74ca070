"""WCAG 2.2 AA beyond what axe looks at by itself. Each function gives what is wrong, with the element; none is right."""

from pathlib import Path

AXE = Path(__file__).resolve().parents[2] / "web/node_modules/axe-core/axe.min.js"

ASIDE = """
const told = (e) => (e.outerHTML.slice(0, 110)).replace(/\\s+/g, " ");
const style = (e) => getComputedStyle(e);
const seen = (e) => e.checkVisibility({ opacityProperty: true, visibilityProperty: true });
const own = (e) => [...e.childNodes].some((n) => n.nodeType === 3 && n.textContent.trim());
const within = (e, test) => { for (let p = e.parentElement; p; p = p.parentElement) if (test(p)) return p; return null; };
const forReadersOnly = (e) => e.closest(".hidden") || style(e).clipPath === "inset(50%)" || within(e, (p) => style(p).clipPath === "inset(50%)");
"""


def held_to(page, name):
    """All of it but the walk by Tab: the page as it stands loses nothing at 320 pixels, at 200 %, with wide spacing; does
    not move where less motion is asked for; every control has its role and name; the language is set. The page with
    the images is not asked to fit 320 pixels: two images beside a panel need both directions."""
    viewer = page.locator(".room").count() > 0
    wrong = {
        "320 pixels (1.4.10)": [] if viewer else lost(page, 320, 800),
        "200 % (1.4.4)": lost(page, 640, 450),
        "spacing of text (1.4.12)": lost(page, page.viewport_size["width"], page.viewport_size["height"], spaced=True),
        "less motion": moving(page),
        "role and name (4.1.2)": nameless(page),
        "language (3.1.1)": [] if page.evaluate("document.documentElement.lang") in ("en", "zh-CN") else ["not set"],
    }
    assert {what: found for what, found in wrong.items() if found} == {}, name


def axe(page):
    """What axe finds, of any impact, with the rule for the size of targets (2.5.8), which it leaves out by itself."""
    page.evaluate(AXE.read_text(encoding="utf-8") + "; null")
    found = page.evaluate("async () => (await axe.run({ rules: { 'target-size': { enabled: true } } })).violations")
    return [(v["id"], [n["html"][:160] for n in v["nodes"]]) for v in found]


AT_STOP = (
    "() => {"
    + ASIDE
    + """
  const e = document.activeElement;
  if (!e || e === document.body) return null;
  const mark = e.getAttribute("aria-label") ?? ""; // a point of the next vertebra takes the place of the last one's
  if (wcag.seen.get(e) === mark) return "again";
  wcag.seen.set(e, mark);
  const wrong = [];
  const shown = [e, ...(e.labels ?? [])].find((one) => !forReadersOnly(one)) ?? e;
  const r = shown.getBoundingClientRect();
  const spots = [[.5, .5], [.1, .5], [.9, .5], [.5, .1], [.5, .9]].map(([x, y]) => [r.left + x * r.width, r.top + y * r.height]);
  const hit = ([x, y]) => { const at = document.elementFromPoint(x, y); return at && (shown.contains(at) || at.contains(shown) && style(shown).pointerEvents === "none"); };
  if (!spots.some(hit)) wrong.push("obscured (2.4.11)");
  const marks = [e, shown, e.parentElement].some((one) => {
    const s = style(one);
    return (s.outlineStyle !== "none" && parseFloat(s.outlineWidth) >= 2 && !/, 0\\)$|transparent/.test(s.outlineColor));
  });
  if (!marks) wrong.push("focus not visible (2.4.7)");
  return wrong.length ? wrong.join(", ") + ": " + told(e) : "";
}"""
)

FROM_THE_TOP = (
    "() => {"
    + ASIDE
    + """
  const first = document.createElement("a"); // where it stood is where Tab goes on from
  first.tabIndex = -1;
  document.body.prepend(first);
  first.focus();
  first.remove();
  const all = [...document.querySelectorAll("a[href], button:enabled, input:enabled, select:enabled, textarea:enabled, summary, [tabindex]")];
  window.wcag = { seen: new WeakMap(), all: all.filter((e) => e.tabIndex >= 0 && seen(e) && !(e.type === "radio" && !e.checked)) };
}"""
)

MISSED = "() => {" + ASIDE + "return wcag.all.filter((e) => e.isConnected && seen(e) && !wcag.seen.has(e)).map(told); }"


def walked(page, most=250):
    """By Tab from the top of a page until it is left: each control is reached (2.1.1), let go again (2.1.2), shows that
    it has the keyboard (2.4.7) and does not lie behind anything (2.4.11)."""
    page.evaluate(FROM_THE_TOP)
    wrong, stops = [], 0
    for stops in range(most):
        page.keyboard.press("Tab")
        said = page.evaluate(AT_STOP)
        if said is None or said == "again":
            break
        if said:
            wrong.append(said)
    else:
        wrong.append(f"no end after {most} presses of Tab (2.1.2)")
    assert stops, "nothing takes the keyboard"
    return wrong + [f"not reached by Tab (2.1.1): {one}" for one in page.evaluate(MISSED)]


LOST = (
    "() => {"
    + ASIDE
    + """
  const wide = innerWidth, wrong = [];
  if (document.documentElement.scrollWidth > wide) wrong.push("the page scrolls sideways, " + document.documentElement.scrollWidth + " of " + wide);
  for (const e of document.querySelectorAll("body *")) {
    if (!seen(e) || forReadersOnly(e) || e.closest("svg, canvas, [aria-hidden=true]")) continue;
    const s = style(e), r = e.getBoundingClientRect();
    if (!r.width || !r.height) continue;
    const scrolls = (p) => /auto|scroll/.test(style(p).overflowX) && p.scrollWidth > p.clientWidth;
    if (own(e) && (r.right > wide + 1 || r.left < -1) && !within(e, scrolls)) wrong.push("over the edge: " + told(e));
    if (scrolls(e) && !e.querySelector("table, svg, img, pre") && !/INPUT|TEXTAREA|SELECT/.test(e.tagName)) wrong.push("scrolls sideways without need: " + told(e));
    if (/hidden|clip/.test(s.overflowX + s.overflowY) && own(e) && (e.scrollWidth > e.clientWidth + 1 && s.overflowX !== "visible" || e.scrollHeight > e.clientHeight + 2 && s.overflowY !== "visible") && !e.title) wrong.push("cut off: " + told(e));
    const cut = own(e) && within(e, (p) => { const q = p.getBoundingClientRect(); const t = style(p); return (/hidden|clip/.test(t.overflowX) && (q.right < r.left + r.width / 2 || q.left > r.right)) || (/hidden|clip/.test(t.overflowY) && (q.bottom < r.top + r.height / 2 || q.top > r.bottom)); });
    if (cut) wrong.push("cut off by " + told(cut).slice(0, 50) + ": " + told(e));
  }
  return wrong;
}"""
)

SPACED = """* { line-height: 1.5 !important; letter-spacing: .12em !important; word-spacing: .16em !important }
p { margin-bottom: 2em !important }"""


def lost(page, width, height, spaced=False):
    """What is cut off, hangs over the edge or scrolls sideways without being a table or a picture, in so many pixels."""
    before = page.viewport_size
    page.set_viewport_size({"width": width, "height": height})
    if spaced:
        page.evaluate(
            "css => { const s = document.createElement('style'); s.id = 'spaced'; document.head.append(s); s.textContent = css }",
            SPACED,
        )
    page.evaluate("() => new Promise((then) => requestAnimationFrame(() => requestAnimationFrame(then)))")
    found = page.evaluate(LOST)
    if spaced:
        page.evaluate("() => document.getElementById('spaced')?.remove()")
    page.set_viewport_size(before)
    return found


MOVING = (
    "() => {"
    + ASIDE
    + """
  const long = (t) => t.split(",").some((one) => parseFloat(one) * (one.includes("ms") ? 1 : 1000) > 10);
  return [...document.querySelectorAll("body *")].filter((e) => { const s = style(e);
    return long(s.transitionDuration) || (s.animationName !== "none" && long(s.animationDuration)) || s.scrollBehavior === "smooth"; }).map(told);
}"""
)


def moving(page):
    """What still moves where somebody asked for less motion."""
    page.emulate_media(reduced_motion="reduce")
    found = page.evaluate(MOVING)
    page.emulate_media(reduced_motion="no-preference")
    return found


HANDS = (
    "() => {"
    + ASIDE
    + """
  const control = "a[href], button, input, select, textarea, summary, label, option, [role=button], [role=slider], [role=tab], [role=menuitem], [role=option], [role=row][tabindex], [aria-hidden=true]";
  return [...document.querySelectorAll("body *")].filter((e) => seen(e) && style(e).cursor === "pointer" && !e.closest(control) && !e.querySelector(control)).map(told);
}"""
)


def nameless(page):
    """What takes the keyboard without a role or a name, and what shows a hand without being a control (4.1.2)."""
    session = page.context.new_cdp_session(page)
    nodes = session.send("Accessibility.getFullAXTree")["nodes"]
    session.detach()
    wrong = []
    for node in nodes:
        facts = {p["name"]: p["value"].get("value") for p in node.get("properties", [])}
        role = node.get("role", {}).get("value", "")
        if node.get("ignored") or not facts.get("focusable") or role in ("RootWebArea", "StaticText"):
            continue
        if role in ("generic", "none", "") or not node.get("name", {}).get("value", "").strip():
            wrong.append(f"role {role!r}, name {node.get('name', {}).get('value')!r}")
    return wrong + [f"a hand, but no control: {one}" for one in page.evaluate(HANDS)]
