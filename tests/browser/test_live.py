"""examples/web/live.html in headless Chromium: a microphone or a recording, live, has Python's numbers."""

import base64
import io

import numpy as np
import pytest
import soundfile
import torch
from playwright.sync_api import Page
from tests.hosts import run
from tests.tolerances import CHROMIUM_MICROPHONE, HOST_ONNX

from nnaudio2_core import CQT, MelSpectrogram

SR, BLOCK = 48000, 1024
MEL = MelSpectrogram(SR, n_fft=2048, hop_length=512, n_mels=96, fmax=16000.0, pad_mode="constant")
PITCHES = CQT(
    SR, hop_length=512, fmin=65.40639, n_bins=168, bins_per_octave=24, pad_mode="constant", lookahead=1024
)

LISTEN = """
window.stepsOfTest = { samples: [], cqt: [], mel: [], left: 0 };
document.addEventListener("step", ({ detail: { samples, left, ...results } }) => {
  const kept = window.stepsOfTest;
  kept.left = left;
  kept.samples.push(...samples);
  for (const [kind, { values, bins, frames }] of Object.entries(results))
    for (let frame = 0; frame < frames; frame++)
      kept[kind].push(Array.from({ length: bins }, (_, bin) => values[bin * frames + frame]));
});
"""


ENABLED = "#microphone"
"""The element that is enabled when the page is ready."""


@pytest.fixture(scope="module")
def address(server, folder):
    """The live page, with its models."""
    run("python examples/web/make_live.py examples/web", folder)
    return f"{server}live.html"


@pytest.fixture(scope="module")
def played(tmp_path_factory, recording):
    """The recording at the rate of the page, as a file that Chromium takes for a microphone."""
    waveform, sr = recording("sir_duke_fast")
    seconds = waveform[: 3 * sr]
    places = torch.arange(int(len(seconds) * SR / sr)) * sr / SR
    left = places.long().clamp(max=len(seconds) - 2)
    samples = torch.lerp(seconds[left], seconds[left + 1], (places - left).float())
    path = tmp_path_factory.mktemp("live") / "microphone.wav"
    soundfile.write(path, samples.numpy(), SR, subtype="PCM_16")
    return path


@pytest.fixture(scope="module")
def devices(played):
    """A microphone that plays the recording."""
    return [
        "--use-fake-ui-for-media-stream",
        "--use-fake-device-for-media-stream",
        f"--use-file-for-fake-audio-capture={played}",
    ]


def steps(page: Page, samples: int) -> dict[str, torch.Tensor]:
    """Samples that the page received, and its results, once there are so many samples."""
    page.wait_for_function(f"window.stepsOfTest.samples.length >= {samples}")
    page.click("#stop")
    kept = page.evaluate("window.stepsOfTest")
    assert kept.pop("left") == 0
    return {name: torch.tensor(values) for name, values in kept.items()}


def assert_numbers_of_python(kept: dict[str, torch.Tensor]) -> None:
    x = kept["samples"][None]
    assert x.size(1) % BLOCK == 0
    for name, transform, delay in (("mel", MEL, 1), ("cqt", PITCHES, 2)):
        expected = transform(x)[0]
        frames = kept[name].T[:, delay:]
        assert frames.shape[1] > 50
        assert (frames - expected[:, : frames.shape[1]]).abs().max() <= HOST_ONNX * expected.max()


def test_the_microphone_becomes_the_numbers_of_python(page, played):
    page.click("#microphone")
    kept = steps(page, 2 * SR)
    assert_numbers_of_python(kept)
    # What came is the recording: its loudest part is somewhere in the file, which Chromium repeats.
    given = torch.from_numpy(soundfile.read(played, dtype="float32")[0])
    loudest = int(kept["samples"][SR // 2 : -4096].abs().argmax()) + SR // 2
    heard = kept["samples"][loudest - 4096 : loudest + 4096]
    assert heard.abs().max() > 0.05
    loop = torch.cat([given, given[:8192]])
    spectrum = torch.fft.rfft(loop) * torch.fft.rfft(heard, n=len(loop)).conj()
    place = int(torch.fft.irfft(spectrum, n=len(loop)).argmax())
    assert (loop[place : place + 8192] - heard).abs().max() < CHROMIUM_MICROPHONE * heard.abs().max()


def test_the_page_says_how_late_it_is_and_fits(page):
    page.click("#microphone")
    page.wait_for_function("document.querySelector('#latency').textContent.startsWith('Latency')")
    said = page.text_content("#latency")
    assert "21 ms block + 21 ms (constant-Q), 21 ms (mel) look-ahead" in said
    assert page.evaluate("document.documentElement.scrollWidth") == page.viewport_size["width"]
    for name in ("cqt", "mel"):
        box = page.locator(f"#{name}").bounding_box()
        assert box["x"] >= 0
        assert box["x"] + box["width"] <= page.viewport_size["width"]


def test_a_tone_in_a_file_is_played_drawn_and_named(page):
    buffer = io.BytesIO()
    tone = 0.5 * np.sin(2 * np.pi * 440.0 * np.arange(int(1.5 * SR)) / SR)
    soundfile.write(buffer, tone, SR, format="WAV", subtype="FLOAT")
    page.set_input_files("input", {"name": "a.wav", "mimeType": "audio/wav", "buffer": buffer.getvalue()})
    page.wait_for_function("document.querySelector('#notes').textContent === 'A4'")
    page.wait_for_function("document.querySelector('#said').textContent === 'a.wav has ended.'")
    kept = page.evaluate("window.stepsOfTest")
    frames = torch.tensor(kept["cqt"]).T
    assert int(frames[:, 100].argmax()) == round(24 * np.log2(440 / 65.40639))
    # The brightest row of the picture is that of the tone.
    from matplotlib.image import imread

    png = page.evaluate("document.querySelector('#cqt').toDataURL()").partition(",")[2]
    picture = imread(io.BytesIO(base64.b64decode(png)))[..., :3]
    column = picture[:, -30].sum(1)
    row = float(np.mean(np.flatnonzero(column == column.max())))
    expected = len(column) * (1 - (int(frames[:, 100].argmax()) + 0.5) / 168)
    assert abs(row - expected) < len(column) / 100


def test_without_a_microphone_the_page_says_so(browser, address):
    page = browser.new_page()
    page.add_init_script("delete Object.getPrototypeOf(navigator).mediaDevices")
    page.goto(address)
    page.wait_for_function("!document.querySelector('#microphone').disabled")
    page.click("#microphone")
    page.wait_for_selector("output.error")
    assert "The microphone cannot be used" in page.text_content("#said")
    assert "Play a recording instead" in page.text_content("#said")
    page.close()


def test_a_restart_during_a_step_begins_anew(browser, address):
    page = browser.new_page()
    page.goto(address)
    state = page.evaluate("""async () => {
      const { Steps } = await import("./steps.mjs");
      const ort = { Tensor: class { constructor(type, data) { this.data = data; } } };
      let finish;
      const session = { run: () => new Promise((done) => { finish = done; }) };
      const first = [{ name: "s", shape: [1], initial: 0.5 }];
      const steps = Object.assign(new Steps(), { ort, session, first });
      steps.restart();
      const step = steps.next(new Float32Array(4));
      steps.restart();
      finish({ new_s: { data: [7] }, output: { dims: [1, 1, 1], data: [0] } });
      await step;
      return Array.from(steps.state.s.data);
    }""")
    assert state == [0.5]
    page.close()


def test_a_computation_that_fails_stops_the_sound_and_the_next_one_works(browser, address):
    page = browser.new_page()
    page.add_init_script(LISTEN)
    page.goto(address)
    page.wait_for_function("!document.querySelector('#microphone').disabled")
    page.evaluate("""async () => {
      const { Steps } = await import("./steps.mjs");
      const next = Steps.prototype.next;
      Steps.prototype.next = async () => { Steps.prototype.next = next; throw new Error("out of memory"); };
    }""")
    page.click("#microphone")
    page.wait_for_selector("output.error")
    assert page.text_content("#said") == "The computation failed: out of memory"
    assert page.locator("#stop").is_disabled()
    page.click("#microphone")
    assert_numbers_of_python(steps(page, SR))
    page.close()
