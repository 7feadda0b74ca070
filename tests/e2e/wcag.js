// What tests/e2e/wcag.py asks of a page. Each function gives the elements that are wrong, in words.
(() => {
  const CONTROL =
    "a[href], button, input, select, textarea, summary, label, option, [role=button], [role=slider], [role=tab], " +
    "[role=menuitem], [role=option], [role=row][tabindex], [aria-hidden=true]";
  const TABBED = "a[href], button:enabled, input:enabled, select:enabled, textarea:enabled, summary, [tabindex]";

  const told = (e) => e.outerHTML.slice(0, 120).replace(/\s+/g, " ");
  const style = (e) => getComputedStyle(e);
  const seen = (e) => e.checkVisibility({ opacityProperty: true, visibilityProperty: true });
  const ownText = (e) => [...e.childNodes].some((n) => n.nodeType === 3 && n.textContent.trim());
  const around = (e, test) => {
    for (let p = e.parentElement; p; p = p.parentElement) if (test(p)) return p;
    return null;
  };
  const clippedAway = (e) => style(e).clipPath === "inset(50%)";
  const forReadersOnly = (e) => clippedAway(e) || around(e, clippedAway);

  let reached, all, last;

  /** The next Tab goes to the first control of the page. */
  function begin() {
    const first = document.createElement("a"); // where it stood is where Tab goes on from
    first.tabIndex = -1;
    document.body.prepend(first);
    first.focus();
    first.remove();
    reached = new WeakMap();
    last = null;
    all = [...document.querySelectorAll(TABBED)].filter(
      (e) => e.tabIndex >= 0 && seen(e) && !(e.type === "radio" && !e.checked),
    );
  }

  /** Null where the page was left, "again" where a control has the keyboard for the second time, else what is wrong. */
  function stop() {
    const e = document.activeElement;
    if (!e || e === document.body) return null;
    const name = e.getAttribute("aria-label") ?? ""; // a point of the next vertebra takes the place of the last one's
    if (e === last && e.type === "date") return ""; // day, month and year take the keyboard one after the other
    if (reached.get(e) === name) return "again";
    reached.set(e, name);
    last = e;
    const shown = [e, ...(e.labels ?? [])].find((one) => !forReadersOnly(one)) ?? e;
    const box = shown.getBoundingClientRect();
    const hit = ([x, y]) => {
      const at = document.elementFromPoint(box.left + x * box.width, box.top + y * box.height);
      return at && (shown.contains(at) || (at.contains(shown) && style(shown).pointerEvents === "none"));
    };
    const spots = [[0.5, 0.5], [0.1, 0.5], [0.9, 0.5], [0.5, 0.1], [0.5, 0.9]];
    const ringed = [e, shown, e.parentElement].some((one) => {
      const s = style(one);
      const clear = /, 0\)$|transparent/.test(s.outlineColor);
      return s.outlineStyle === "auto" || (s.outlineStyle !== "none" && parseFloat(s.outlineWidth) >= 2 && !clear);
    });
    const wrong = [];
    if (!spots.some(hit)) wrong.push("obscured (2.4.11)");
    if (!ringed) wrong.push("focus not visible (2.4.7)");
    return wrong.length ? `${wrong.join(", ")}: ${told(e)}` : "";
  }

  /** Controls that were there at the beginning and had no turn. */
  const missed = () => all.filter((e) => e.isConnected && seen(e) && !reached.has(e)).map(told);

  const scrollsAside = (e) => /auto|scroll/.test(style(e).overflowX) && e.scrollWidth > e.clientWidth;
  const hides = (way) => /hidden|clip/.test(way);

  /** Whether more than half of a box lies beyond the edge of what clips it. */
  function clips(parent, r) {
    const [q, s] = [parent.getBoundingClientRect(), style(parent)];
    const aside = q.right < r.left + r.width / 2 || q.left > r.right - r.width / 2;
    const below = q.bottom < r.top + r.height / 2 || q.top > r.bottom - r.height / 2;
    return (hides(s.overflowX) && aside) || (hides(s.overflowY) && below);
  }

  /** Text that is cut off or over the edge; what scrolls sideways without a table or a picture in it. */
  function lost() {
    const wrong = [];
    const wide = document.documentElement.scrollWidth;
    if (wide > innerWidth) wrong.push(`the page scrolls sideways, ${wide} of ${innerWidth}`);
    for (const e of document.querySelectorAll("body *")) {
      if (!seen(e) || forReadersOnly(e) || e.closest("svg, canvas, option, [aria-hidden=true]")) continue;
      const [s, r] = [style(e), e.getBoundingClientRect()];
      if (!r.width || !r.height) continue;
      const field = /^(INPUT|TEXTAREA|SELECT)$/.test(e.tagName);
      if (scrollsAside(e) && !field && !e.querySelector("table, svg, img, pre"))
        wrong.push(`scrolls sideways without need: ${told(e)}`);
      if (!ownText(e)) continue;
      if ((r.right > innerWidth + 1 || r.left < -1) && !around(e, scrollsAside))
        wrong.push(`over the edge: ${told(e)}`);
      const cutAside = hides(s.overflowX) && e.scrollWidth > e.clientWidth + 1;
      const cutBelow = hides(s.overflowY) && e.scrollHeight > e.clientHeight + 2;
      if ((cutAside || cutBelow) && !e.title) wrong.push(`cut off: ${told(e)}`);
      if (around(e, (p) => clips(p, r))) wrong.push(`cut off by what is around it: ${told(e)}`);
    }
    return wrong;
  }

  const longer = (times) => times.split(",").some((t) => parseFloat(t) * (t.includes("ms") ? 1 : 1000) > 10);

  /** What moves by itself or takes time to change. */
  const moving = () =>
    [...document.querySelectorAll("body *")]
      .filter((e) => {
        const s = style(e);
        const turns = s.animationName !== "none" && longer(s.animationDuration);
        return longer(s.transitionDuration) || turns || s.scrollBehavior === "smooth";
      })
      .map(told);

  /** Sliders whose number lies outside their bounds: it would be said wrongly. */
  const bounds = () =>
    [...document.querySelectorAll("[role=slider]")]
      .filter((e) => {
        const [now, min, max] = ["valuenow", "valuemin", "valuemax"].map((of) => e.getAttribute(`aria-${of}`));
        return Number(now) < Number(min ?? 0) || Number(now) > Number(max ?? 100);
      })
      .map(told);

  const channels = (color) => color.match(/[\d.]+/g).map(Number);
  const light = (color) => {
    const [r, g, b] = channels(color).map((c) => (c / 255 <= 0.04045 ? c / 255 / 12.92 : ((c / 255 + 0.055) / 1.055) ** 2.4));
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };

  /** Words in a drawing that the ground around it swallows: browsers leave drawings their colours when they force others. */
  const swallowed = () =>
    [...document.querySelectorAll("svg text")]
      .filter((e) => seen(e) && !forReadersOnly(e) && !e.closest(".views")) // those of images stand on their own ground
      .filter((e) => {
        const holder = around(e.closest("svg"), (p) => (channels(style(p).backgroundColor)[3] ?? 1) > 0);
        const [a, b] = [light(style(e).fill), light(holder ? style(holder).backgroundColor : "rgb(255, 255, 255)")];
        return (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05) < 4.5;
      })
      .map(told);

  /** What a finger presses that is smaller than one size allows; words in running text are none. */
  const small = (size) =>
    [...document.querySelectorAll("button, select, summary, nav a, .acts a, input:not([type=checkbox], [type=radio])")]
      .filter((e) => seen(e) && !forReadersOnly(e) && !e.closest("p, .stage"))
      .filter((e) => e.getBoundingClientRect().height < size || e.getBoundingClientRect().width < size)
      .map(told);

  /** What shows a hand and is no control. */
  const hands = () =>
    [...document.querySelectorAll("body *")]
      .filter((e) => seen(e) && style(e).cursor === "pointer")
      .filter((e) => !e.closest(CONTROL) && !e.querySelector(CONTROL))
      .map(told);

  /** Text as far apart as 1.4.12 has it, by rules that no policy of the page forbids; "" takes them away. */
  function space(rules) {
    const sheet = new CSSStyleSheet();
    sheet.replaceSync(rules);
    document.adoptedStyleSheets = rules ? [sheet] : [];
  }

  window.wcag = { begin, stop, missed, lost, moving, hands, space, bounds, swallowed, small };
})();
