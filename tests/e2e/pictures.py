"""Pictures of pages, for people to look at: each in light and dark at three sizes, where OVCF_SCREENSHOTS names a
folder (`make screenshots`); else nothing is done."""

import os

SIZES = {1280: 800, 1920: 1080, 820: 1180}
THEMES = ("light", "dark")


def pictured(page, name, whole=False, schemes=False):
    """Keep pictures of a page as it stands. ``schemes``: it follows the system's light and dark, as pages without a
    switch of their own do."""
    folder, before = os.environ.get("OVCF_SCREENSHOTS"), page.viewport_size
    if not folder:
        return
    for width, height in SIZES.items():
        for theme in THEMES:
            page.set_viewport_size({"width": width, "height": height})
            if schemes:
                page.emulate_media(color_scheme=theme)
            else:
                page.evaluate("theme => { document.documentElement.dataset.theme = theme }", theme)
            page.evaluate("scrollTo(0, 0)")
            page.wait_for_timeout(300)
            page.screenshot(path=f"{folder}/{name}-{theme}-{width}.png", full_page=whole)
    if not schemes:
        page.evaluate("document.documentElement.dataset.theme = localStorage.getItem('ovcf-theme') ?? 'dark'")
    page.set_viewport_size(before)
