"""Chromium, the server of the page, and pages that must ask this server alone."""

import re
import subprocess

import pytest
from playwright.sync_api import sync_playwright
from tests.hosts import arguments, page_commands, program, web_example


@pytest.fixture(scope="session")
def folder():
    """A copy of the example with its packages and its model."""
    return web_example()


@pytest.fixture(scope="session")
def server(folder):
    """The address of the server of docs/deploying.md; the system chooses the port."""
    line = f"{page_commands('Node and the browser')[3]} --bind 127.0.0.1 0"
    command = [*arguments(line)[:1], "-u", *arguments(line)[1:]]  # its first line comes at once
    with subprocess.Popen(command, cwd=folder, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL) as server:
        port = re.search(r"port (\d+)", server.stdout.readline().decode()).group(1)
        yield f"http://127.0.0.1:{port}/"
        server.terminate()


@pytest.fixture(scope="module")
def devices():
    """Arguments of Chromium for its devices."""
    return []


@pytest.fixture(scope="module")
def browser(devices):
    chromium = program("chromium", "chromium-browser", "google-chrome")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox", *devices])
        yield browser
        browser.close()


@pytest.fixture(params=[1200, 390], ids=["desktop", "phone"])
def page(request, browser, server, address):
    """The page, ready, at the width of a desktop and of a phone, with LISTEN of the test's module in it."""
    page = browser.new_page(viewport={"width": request.param, "height": 800})
    asked, errors = [], []
    page.on("request", lambda each: asked.append(each.url))
    page.on("pageerror", lambda error: errors.append(str(error)))
    page.add_init_script(request.module.LISTEN)
    page.goto(address)
    page.wait_for_function(f"!document.querySelector({request.module.ENABLED!r}).disabled")
    yield page
    page.close()
    assert errors == []
    assert [url for url in asked if not url.startswith((server, "blob:", "data:"))] == []
