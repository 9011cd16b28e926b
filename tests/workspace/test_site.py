"""The docstrings that the site shows are ours, respelt for Markdown."""

from scripts.site_docstrings import for_the_site

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
