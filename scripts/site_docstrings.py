"""Rewrite docstrings, which are written for ``help()``, as Markdown for the site; mkdocs.yml loads this.

``Example:`` becomes a block of code, each tensor of ``Shape:`` a paragraph, and a cross reference a name in
code.
"""

import re
from typing import Any

import griffe

EXAMPLE = re.compile(r"^( *)Example:", re.MULTILINE)
ROLE = re.compile(r":(?:class|meth|func|mod):(`[^`]+`)")
SHAPE = re.compile(r"^( *)Shape:\n((?:\1 +\S.*\n?)+)", re.MULTILINE)
AXIS = re.compile(r"^( *)(?=\w+: )", re.MULTILINE)


def for_the_site(text: str) -> str:
    """The docstring as Markdown for the site."""
    text = SHAPE.sub(lambda match: f"{match[1]}Shape:\n{AXIS.sub(_own_paragraph, match[2])}", text)
    return ROLE.sub(r"\1", EXAMPLE.sub(r"\1Examples:", text))


def _own_paragraph(match: "re.Match[str]") -> str:
    return match[1] if match.start() == 0 else f"\n{match[1]}"


class SiteDocstrings(griffe.Extension):
    """Rewrite each docstring when griffe reads it from the source."""

    def on_instance(self, *, obj: griffe.Object, **kwargs: Any) -> None:
        """Rewrite one; griffe calls this for every module, class, function and attribute."""
        if obj.docstring:
            obj.docstring.value = for_the_site(obj.docstring.value)
