"""examples/web in headless Chromium: the page draws what a visitor picks, with Python's numbers."""

import base64
import io

import numpy as np
import pytest
import soundfile
import torch
from matplotlib.image import imread
from playwright.sync_api import Page
from tests.tolerances import HOST_ONNX

from nnaudio2_core import MelSpectrogram

SR = 22050

LISTEN = """
document.addEventListener("mel", ({ detail: { values, bands, frames } }) => {
  const bytes = new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
  let text = "";
  for (let i = 0; i < bytes.length; i += 4096) text += String.fromCharCode(...bytes.subarray(i, i + 4096));
  window.melOfTest = { base64: btoa(text), bands, frames };
});
"""


ENABLED = "input"
"""The element that is enabled when the page is ready."""


@pytest.fixture(scope="module")
def address(server):
    return server


def pick(page: Page, samples: np.ndarray) -> None:
    buffer = io.BytesIO()
    soundfile.write(buffer, samples, SR, format="WAV", subtype="FLOAT")
    page.set_input_files("input", {"name": "a.wav", "mimeType": "audio/wav", "buffer": buffer.getvalue()})
    page.wait_for_function("window.melOfTest")


def canvas(page: Page) -> np.ndarray:
    """Red, green and blue of the canvas, ``(height, width, 3)``."""
    png = page.evaluate("document.querySelector('canvas').toDataURL()").partition(",")[2]
    return imread(io.BytesIO(base64.b64decode(png)))[..., :3]


def test_the_page_has_the_numbers_of_python(page, recording):
    waveform = recording("snare-accelerate")[0][:40000]
    pick(page, waveform.numpy())
    result = page.evaluate("window.melOfTest")
    values = np.frombuffer(base64.b64decode(result["base64"]), dtype="<f4")
    mel = torch.from_numpy(values.copy()).reshape(result["bands"], result["frames"])
    expected = MelSpectrogram(SR, 1024, hop_length=256, n_mels=96)(waveform)
    assert mel.shape == expected.shape
    assert (mel - expected).abs().max() <= HOST_ONNX * expected.max()
    said = page.text_content("output")
    assert said.startswith("a.wav: 1.81 s, 157 frames of 96 bands in ")


def test_the_page_says_when_it_cuts(page):
    buffer = io.BytesIO()
    soundfile.write(buffer, np.zeros(61 * 8000), 8000, format="WAV", subtype="PCM_16")
    page.set_input_files("input", {"name": "long.wav", "mimeType": "audio/wav", "buffer": buffer.getvalue()})
    page.wait_for_function("window.melOfTest")
    assert page.text_content("output").startswith(
        "long.wav: the first 60 s of 61.00 s, 5168 frames of 96 bands"
    )


def test_a_tone_is_a_bright_line_at_its_height(page):
    frequencies = page.evaluate("fetch('mel.json').then((answer) => answer.json())")["frequencies"]
    band = 60
    pick(page, 0.5 * np.sin(2 * np.pi * frequencies[band] * np.arange(SR) / SR))
    picture = canvas(page)
    column = picture[8:-40, picture.shape[1] // 2].sum(1)  # without the margins that hold the labels
    centre = float(np.mean(np.flatnonzero(column == column.max())))
    expected = len(column) * (1 - (band + 0.5) / 96)
    assert abs(centre - expected) < len(column) / 96


def test_the_picture_fits_the_page(page, recording):
    pick(page, recording("snare-accelerate")[0][:40000].numpy())
    width = page.viewport_size["width"]
    assert page.evaluate("document.documentElement.scrollWidth") == width
    box = page.locator("canvas").bounding_box()
    assert box["x"] >= 0
    assert box["x"] + box["width"] <= width
    assert len(np.unique(canvas(page).reshape(-1, 3), axis=0)) > 100
    assert page.locator("audio").is_visible()


def test_what_is_no_audio_is_refused_and_the_next_file_works(page):
    page.set_input_files("input", {"name": "b.txt", "mimeType": "text/plain", "buffer": b"no audio"})
    page.wait_for_selector("output.error")
    assert page.text_content("output").startswith("b.txt cannot be shown: ")
    assert not page.locator("canvas").is_visible()
    pick(page, np.zeros(4000, dtype=np.float32))
    assert page.locator("canvas").is_visible()
    assert page.locator("output.error").count() == 0


def test_a_clip_that_is_too_short_says_how_much_is_needed(page):
    buffer = io.BytesIO()
    soundfile.write(buffer, np.zeros(100), SR, format="WAV", subtype="FLOAT")
    page.set_input_files("input", {"name": "c.wav", "mimeType": "audio/wav", "buffer": buffer.getvalue()})
    page.wait_for_selector("output.error")
    assert "100 samples are too few, 513 are needed" in page.text_content("output")


def test_without_its_model_the_page_says_what_to_run(browser, address):
    page = browser.new_page()
    page.route("**/mel.onnx", lambda route: route.fulfill(status=404))
    page.goto(address)
    page.wait_for_selector("output.error")
    assert page.text_content("output") == "mel.onnx is missing: run make_mel.py first"
    assert page.locator("input").is_disabled()
    page.close()
