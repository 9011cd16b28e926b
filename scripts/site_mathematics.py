"""Convert formulas to MathML when the site is built, so that no script runs in the reader's browser.

mkdocs.yml loads this hook. ``pymdownx.arithmatex`` marks ``$...$`` and ``$$...$$`` in the pages; the hook
converts what it marked.
"""

import html
import re
from typing import Any

from latex2mathml.converter import convert

MARKED = re.compile(r'<(span|div) class="arithmatex">\\[(\[](.*?)\\[)\]]</\1>', re.DOTALL)


def on_page_content(content: str, **kwargs: Any) -> str:
    """Convert the formulas of one page; MkDocs calls this with its HTML."""
    return MARKED.sub(_as_mathml, content)


def _as_mathml(match: "re.Match[str]") -> str:
    tag, latex = match[1], html.unescape(match[2]).strip()
    mathml = convert(latex, display="block" if tag == "div" else "inline")
    return f'<{tag} class="arithmatex">{mathml}</{tag}>'
