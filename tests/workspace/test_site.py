"""The site builds, sends no request to other servers, and shows docstrings and formulas."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from scripts.site_docstrings import for_the_site
from scripts.site_mathematics import on_page_content

ROOT = Path(__file__).resolve().parents[2]

OURS = """What it is; see :meth:`inverse`.

    Shape:
        x: ``(..., time)``
        returns: ``(..., bins, frames)``,
        ``frames = 1 + time // hop_length``

    Example:
        >>> 1 + 1
        2
"""

SITE = """What it is; see `inverse`.

    Shape:
        x: ``(..., time)``

        returns: ``(..., bins, frames)``,
        ``frames = 1 + time // hop_length``

    Examples:
        >>> 1 + 1
        2
"""


def test_shape_example_and_references():
    assert for_the_site(OURS) == SITE


def test_other_text_stays_as_it_is():
    text = "Args:\n    x: one\n    y: two\n\nRaises:\n    ValueError: for example: this\n"
    assert for_the_site(text) == text


def test_formulas_become_mathml():
    marked = (
        '<p>Bin <span class="arithmatex">\\(f_k &lt; 1\\)</span></p><div class="arithmatex">\\[\nx\n\\]</div>'
    )
    page = on_page_content(marked)
    assert page.count("<math") == 2
    assert 'display="inline"' in page
    assert 'display="block"' in page
    assert "<msub><mi>f</mi><mi>k</mi></msub><mo>&#x0003C;</mo>" in page
    assert "\\" not in page


def test_text_without_formulas_stays_as_it_is():
    assert on_page_content("<p>5 $ and <code>\\(x\\)</code></p>") == "<p>5 $ and <code>\\(x\\)</code></p>"


@pytest.fixture(scope="module")
def site(tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("site")
    command = [sys.executable, "-m", "mkdocs", "build", "--strict", "--quiet", "--site-dir", folder]
    environment = {**os.environ, "NO_MKDOCS_2_WARNING": "1"}
    subprocess.run(command, cwd=ROOT, env=environment, check=True)
    return folder


def test_no_request_leaves_the_readers_browser(site):
    pages = list(site.glob("**/*.html"))
    assert len(pages) > 5
    for path in pages:
        tags = re.findall(r"<(?:script|img|source|iframe|link)\b[^>]*>", path.read_text(encoding="utf-8"))
        elsewhere = [tag for tag in tags if re.search(r'(?:src|href)="(?:https?:)?//', tag)]
        assert elsewhere == [], path
    for path in site.glob("assets/*.css"):
        assert "url(http" not in path.read_text(encoding="utf-8")


def test_the_reference_shows_inherited_methods_that_users_call_and_no_others(site):
    text = (site / "reference" / "index.html").read_text(encoding="utf-8")
    shown = set(re.findall(r'id="nnaudio2_core\.(\w+\.\w+)"', text))
    assert {f"iCQT.{name}" for name in ("forward", "solve", "adjoint", "highest_frequency")} <= shown
    assert {f"CQT.{name}" for name in ("forward", "analysis", "adjoint", "n_frames")} <= shown
    assert {name for name in shown if name.startswith("Transform.")} == {"Transform.config"}


def test_every_formula_was_converted(site):
    text = (site / "constant_q" / "index.html").read_text(encoding="utf-8")
    assert text.count("<math") > 5
    assert "\\(" not in text
    assert "$$" not in text


def test_every_picture_is_shown_and_has_a_script():
    pages = "".join(path.read_text(encoding="utf-8") for path in (ROOT / "docs").glob("*.md"))
    scripts = [
        *ROOT.glob("docs/pictures/make_*.py"),
        *ROOT.glob("benchmarks/charts.py"),
        *ROOT.glob("benchmarks/numerics/pictures.py"),
    ]
    code = "".join(path.read_text(encoding="utf-8") for path in scripts)
    pictures = sorted(path.stem for path in (ROOT / "docs" / "pictures").glob("*.png"))
    assert len(pictures) > 10
    assert [name for name in pictures if f"pictures/{name}.png)" not in pages] == []
    # Some scripts prepend the name of the family to that of the picture.
    assert [
        name for name in pictures if not {name, name.split("_", 1)[-1]} & set(re.findall(r"\w+", code))
    ] == []
