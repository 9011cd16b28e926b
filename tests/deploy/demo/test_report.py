"""The page: well-formed, self-contained, and holding every row, picture and player."""

import base64
import io
import re
from collections import Counter
from html.parser import HTMLParser
from importlib.metadata import version
from math import inf, nan

import numpy as np
import pytest
import soundfile
from matplotlib.image import imread

from nnaudio2_deploy.corpus.recordings import LICENCE, read_recording
from nnaudio2_deploy.demo import report
from nnaudio2_deploy.demo.outcome import HEADINGS
from nnaudio2_deploy.demo.rows import ROWS
from nnaudio2_deploy.measures import say_decibels, say_error, say_milliseconds

VOID = {"meta", "link", "img", "br", "input", "source"}
FETCHING = {"src", "srcset", "href", "data", "action", "poster", "background", "style"}


class Page(HTMLParser):
    """Reads a page strictly: every tag closed in its turn, every id once."""

    def __init__(self, text: str) -> None:
        super().__init__(convert_charrefs=True)
        self.open: list[str] = []
        self.tags: list[tuple[str, dict[str, str]]] = []
        self.texts: list[tuple[str, str]] = []
        self.feed(text)
        self.close()
        assert self.open == []

    def handle_starttag(self, tag, attrs):
        names = [name for name, _ in attrs]
        assert len(set(names)) == len(names)
        self.tags.append((tag, {name: value or "" for name, value in attrs}))
        if tag not in VOID:
            self.open.append(tag)
        self.texts.append((tag, ""))

    def handle_endtag(self, tag):
        assert self.open
        assert self.open.pop() == tag

    def handle_data(self, data):
        if self.open and data.strip():
            self.texts.append((self.open[-1], data))

    def all(self, tag: str) -> list[dict[str, str]]:
        return [attributes for name, attributes in self.tags if name == tag]

    @property
    def text(self) -> str:
        return " ".join(data for tag, data in self.texts if data and tag != "style")


@pytest.fixture(scope="module")
def page(demo_run) -> Page:
    return Page(demo_run.page)


def decoded(uri: str, kind: str) -> bytes:
    head, _, body = uri.partition(",")
    assert head == f"data:{kind};base64"
    return base64.b64decode(body, validate=True)


def test_the_page_parses_and_says_what_it_is(page, demo_run):
    assert demo_run.page.startswith("<!doctype html>\n")
    assert page.all("html") == [{"lang": "en"}]
    assert len(page.all("h1")) == len(page.all("title")) == len(page.all("main")) == 1
    assert {"name": "viewport", "content": "width=device-width, initial-scale=1"} in page.all("meta")
    ids = [attributes["id"] for _, attributes in page.tags if "id" in attributes]
    assert max(Counter(ids).values()) == 1


def test_the_page_fetches_nothing(page, demo_run):
    for tag, attributes in page.tags:
        for name in FETCHING & attributes.keys():
            if tag == "a":
                assert attributes[name] == LICENCE  # only the reader follows a link
            else:
                assert attributes[name].startswith("data:")
    assert page.all("script") == page.all("iframe") == page.all("object") == []
    style = demo_run.page.partition("<style>")[2].partition("</style>")[0]
    assert not re.search(r"url\(|@import|image-set\(|//", style)
    text = re.sub(r"data:[^\"]+", "", demo_run.page)  # whose base64 may spell anything
    assert text.count("http") == 1 + text.count("http-equiv")


def test_the_browser_is_told_to_fetch_nothing(page):
    policies = [meta["content"] for meta in page.all("meta") if meta.get("http-equiv")]
    assert len(policies) == 1
    assert policies[0].startswith("default-src 'none';")
    assert "http" not in policies[0]


def test_every_transform_has_its_picture(page):
    pictures = {image["alt"]: decoded(image["src"], "image/png") for image in page.all("img")}
    others = {"Waveform of the recording.", "CQT as a stream, block by block."}
    assert pictures.keys() == {row.caption for row in ROWS} | others
    for png in pictures.values():
        image = imread(io.BytesIO(png), format="png")
        assert image.shape == (520, 980, 4)
        # Between the axes something is drawn: not all that is opaque there has one colour.
        inside = image[100:360, 250:680]
        assert np.ptp(inside[..., :3] * inside[..., 3:], (0, 1)).max() > 0.1


def test_every_reconstruction_can_be_heard(page, demo_run):
    players = {audio["aria-label"]: decoded(audio["src"], "audio/wav") for audio in page.all("audio")}
    recording = read_recording("sir_duke_fast")
    expected = {"The recording": recording.samples}
    for name, outcome in demo_run.outcomes.items():
        if outcome.reconstruction is not None:
            expected[f"Reconstruction by {name}"] = outcome.reconstruction.numpy()
        expected |= {label: edited.numpy() for label, edited in outcome.edits.items()}
    assert players.keys() == expected.keys()
    assert len(players) == 1 + sum((row.inverse != "none") + len(row.edits) for row in ROWS)
    assert {"Only 200 to 800 Hz", "A fifth higher"} < players.keys()
    gain = min(1.0, 1.0 / max(np.abs(samples).max() for samples in expected.values()))
    for name, wav in players.items():
        heard, sr = soundfile.read(io.BytesIO(wav))
        assert sr == recording.sr
        # one step of 16 bits
        assert np.abs(heard - gain * expected[name]).max() <= 2.0**-15


def test_the_table_holds_the_figures_of_the_run(page, demo_run):
    cells = [attributes for attributes in page.all("td") if "data-label" in attributes]
    assert [cell["data-label"] for cell in cells] == list(HEADINGS[1:]) * len(ROWS)
    rows = re.findall(r'<tr><th scope="row">(.*?)</th>(.*?)</tr>', demo_run.page)
    assert [name for name, _ in rows] == [row.name for row in ROWS]
    for name, body in rows:
        shown = tuple(re.findall(r"<td[^>]*><span>(.*?)</span></td>", body))
        plain = tuple(
            re.sub(r" × 10<sup>(−?)(\d+)</sup>", lambda m: f"e{'-' if m[1] else '+'}{int(m[2]):02d}", cell)
            for cell in shown
        )
        assert tuple(cell.replace("−", "-") for cell in plain) == demo_run.outcomes[name].cells()[1:]


def test_the_terminal_shows_the_same_table(demo_run):
    lines = [line for line in demo_run.stdout.splitlines() if line.startswith("│")]
    shown = [tuple(cell.strip() for cell in line.split("│")[1:-1]) for line in lines]
    assert shown == [outcome.cells() for outcome in demo_run.outcomes.values()]
    assert all(heading in demo_run.stdout for heading in HEADINGS)


def test_the_page_names_versions_licence_and_proof(page):
    for name in ("torch", "torchaudio", "numpy", "soundfile", "matplotlib"):
        assert f"{name} {version(name)}" in page.text
    assert f"nnaudio2 {version('nnaudio2-deploy')}" in page.text
    assert "Stefan Balke" in page.text
    assert "CC BY 4.0" in page.text
    assert "No module named 'nnaudio2_core' (blocked)" in page.text


def test_names_are_escaped():
    assert report._typeset("<b>&\"'") == "&lt;b&gt;&amp;&quot;&#x27;"


@pytest.mark.parametrize(
    ("text", "typeset"),
    [
        ("1.2e-07", "1.2 × 10<sup>−7</sup>"),
        ("3.0e+02", "3.0 × 10<sup>2</sup>"),
        ("-3.2 dB", "−3.2 dB"),
        ("fast-2 one-to-one", "fast-2 one-to-one"),
    ],
)
def test_numbers_are_typeset(text, typeset):
    assert report._typeset(text) == typeset


def test_figures_as_text():
    assert [say_decibels(value) for value in (None, nan, inf, -3.21, 138.04)] == [
        "–",
        "–",
        "exact",
        "-3.2 dB",
        "138.0 dB",
    ]
    assert [say_error(value) for value in (None, 0.0, 1.23e-7, inf)] == ["–", "0", "1.2e-07", "inf"]
    assert [say_milliseconds(value) for value in (1.234, 56.7, 2345.0)] == ["1.2 ms", "57 ms", "2.3 s"]


def test_a_report_replaces_the_one_before(tmp_path):
    report.write(tmp_path, "one")
    path = report.write(tmp_path, "two ×")
    assert path.read_text(encoding="utf-8") == "two ×"
    assert [found.name for found in tmp_path.iterdir()] == ["report.html"]
