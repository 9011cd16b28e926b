"""Formulas of the site as MathML, made at build time, so that no script has to run in the reader's browser.

mkdocs.yml loads this hook. ``pymdownx.arithmatex`` finds ``$...$`` and ``$$...$$`` in the pages and marks
them; what it marked is converted here.
"""

import html
import re
from typing import Any

from latex2mathml.converter import convert

MARKED = re.compile(r'<(span|div) class="arithmatex">\\[(\[](.*?)\\[)\]]</\1>', re.DOTALL)


def on_page_content(content: str, **kwargs: Any) -> str:
    """Called by MkDocs with the HTML of each page."""
    return MARKED.sub(_as_mathml, content)


def _as_mathml(match: "re.Match[str]") -> str:
    tag, latex = match[1], html.unescape(match[2]).strip()
    mathml = convert(latex, display="block" if tag == "div" else "inline")
    return f'<{tag} class="arithmatex">{mathml}</{tag}>'
