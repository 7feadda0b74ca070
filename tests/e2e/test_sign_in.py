"""Signing in with a real browser: the link, the password, the page, and out again."""

import os
import socket
import subprocess
import sys
import time

import pytest

from ovcf.registry.people import accounts
from tests.e2e import wcag
from tests.e2e.pictures import pictured
from tests.people.conftest import PASSWORD, Place

OTHER = "seven quiet rivers meet"


@pytest.fixture
def service(tmp_path):
    """(the place, its address) of a service of several people."""
    place = Place(tmp_path / "data")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    with subprocess.Popen(
        [sys.executable, "-m", "ovcf", "serve", "--people", "--port", str(port), "--workers", "0"],
        env={**os.environ, "OVCF_DATA": str(tmp_path / "data")},
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
    ) as process:
        try:
            process.stdout.readline()
            for _ in range(100):
                with socket.socket() as tried:
                    if tried.connect_ex(("127.0.0.1", port)) == 0:
                        break
                time.sleep(0.1)
            yield place, f"http://127.0.0.1:{port}"
        finally:
            process.terminate()
            process.wait(20)
            place.registry.close()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_from_the_link_into_the_page(browser, service, scheme):
    place, address = service
    with place.registry.writing(place.admin.id) as writer:
        link = accounts.new_link(writer, place.people["reader-A"])
    page = browser.new_context(color_scheme=scheme, viewport={"width": 380, "height": 700}).new_page()
    refused = []
    page.on("console", lambda said: refused.append(said.text) if "Content Security" in said.text else None)
    asked = []
    page.on("request", lambda request: asked.append(request.url))

    page.goto(f"{address}/set-password#{link}")
    pictured(page, "set-password", schemes=True)
    page.get_by_label("New password").fill("passwordpassword")
    page.get_by_label("The same again").fill("passwordpassword")
    page.get_by_role("button").click()
    page.get_by_role("alert").filter(has_text="Password is easily guessed").wait_for()
    page.get_by_label("New password").fill(PASSWORD)
    page.get_by_label("The same again").fill(PASSWORD)
    page.get_by_role("button").click()

    page.wait_for_url("**/sign-in")
    pictured(page, "sign-in", schemes=True)
    assert wcag.walked(page) + wcag.axe(page) == []
    wcag.held_to(page, "sign-in")
    page.get_by_label("Code").fill("reader-A")
    page.get_by_label("Password").fill("a wrong one")
    page.get_by_role("button").click()
    page.get_by_role("alert").filter(has_text="Code or password is not right").wait_for()
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button").click()
    page.wait_for_url(f"{address}/")
    assert page.evaluate("document.cookie") == ""  # no script sees the session
    assert page.evaluate("fetch('/api/v1/session').then(a => a.json()).then(a => a.code)") == "reader-A"
    page.goto(f"{address}/account")
    page.get_by_text("Signed in as reader").wait_for()
    pictured(page, "account", schemes=True)
    assert wcag.walked(page) + wcag.axe(page) == []
    wcag.held_to(page, "account")
    page.get_by_role("link", name="Change your password").click()
    page.get_by_label("Your password until now").fill(PASSWORD)
    page.get_by_label("New password").fill(OTHER)
    page.get_by_label("The same again").fill(OTHER)
    page.get_by_role("button").click()
    page.wait_for_url("**/account")
    page.get_by_role("button", name="Sign out").click()
    page.wait_for_url("**/sign-in")
    assert page.evaluate("fetch('/api/v1/session').then(a => a.status)") == 401
    assert accounts.proven(place.registry, "reader-A", OTHER) is not None
    assert refused == []
    assert not any(link in url or PASSWORD in url for url in asked)
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
