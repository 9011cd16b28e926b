"""Make deploying_page.png: hatch run python -m docs.pictures.make_deploying

It shows examples/web in headless Chromium and needs the same programs as ``hatch run test:browser``.
"""

import re
import subprocess
from importlib.resources import files
from pathlib import Path

from playwright.sync_api import sync_playwright
from tests.hosts import arguments, page_commands, program, web_example

PICTURE = Path(__file__).with_name("deploying_page.png")
RECORDING = files("nnaudio2_deploy") / "audio" / "sir_duke_fast.ogg"

if __name__ == "__main__":
    serve, *rest = arguments(f"{page_commands('Node and the browser')[3]} --bind 127.0.0.1 0")
    with subprocess.Popen([serve, "-u", *rest], cwd=web_example(), stdout=subprocess.PIPE) as server:
        port = re.search(rb"port (\d+)", server.stdout.readline()).group(1).decode()
        with sync_playwright() as playwright:
            browser = playwright.chromium.launch(executable_path=program("chromium"), args=["--no-sandbox"])
            page = browser.new_page(viewport={"width": 900, "height": 600})
            page.goto(f"http://127.0.0.1:{port}/")
            page.set_input_files("input:enabled", str(RECORDING))
            page.wait_for_selector("canvas:not([hidden])")
            page.wait_for_timeout(500)  # until the player has loaded
            page.screenshot(path=PICTURE)
        server.terminate()
