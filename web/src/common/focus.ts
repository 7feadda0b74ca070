// Where the keyboard is after something has gone: back in the page, not at its very top.

/** After a dialog whose opener is no more (a line taken back, a query closed): the heading of the page. */
export function focusBack(): void {
  requestAnimationFrame(() =>
    requestAnimationFrame(() => {
      const lost = document.activeElement === null || document.activeElement === document.body;
      if (lost) document.querySelector<HTMLElement>("main h1")?.focus({ preventScroll: true });
    }),
  );
}
