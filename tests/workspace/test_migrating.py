"""The page "From torchaudio" names every transform of torchaudio, and every argument of those it covers."""

import inspect
import re
from pathlib import Path

import pytest
import torchaudio.transforms

import nnaudio2_core

PAGE = (Path(__file__).resolve().parents[2] / "docs" / "from_torchaudio.md").read_text(encoding="utf-8")
SECTIONS = dict(re.findall(r"^## (\w+): (.*?)(?=^## )", PAGE, flags=re.MULTILINE | re.DOTALL))


def rows(section: str) -> list[tuple[list[str], str]]:
    """Names in the first column of a table, and the text of the second, row by row."""
    lines = [line.split("|")[1:3] for line in section.splitlines() if line.startswith("| `")]
    return [(re.findall(r"`(\w+)`", theirs), ours.strip()) for theirs, ours in lines]


@pytest.mark.parametrize("name", SECTIONS)
def test_every_argument_is_named_once(name):
    named = [argument for theirs, _ in rows(SECTIONS[name]) for argument in theirs]
    assert sorted(named) == sorted(inspect.signature(getattr(torchaudio.transforms, name)).parameters)


@pytest.mark.parametrize("name", SECTIONS)
def test_the_counterparts_exist(name):
    made = [getattr(nnaudio2_core, each) for each in re.findall(r"`(\w+)`", SECTIONS[name].splitlines()[0])]
    assert made
    arguments = {argument for each in made for argument in inspect.signature(each).parameters}
    for theirs, ours in rows(SECTIONS[name]):
        # The names that the text begins with, alone or with a value.
        (named,) = re.findall(r"^(?:`[a-z_]+(?:=[^`]*)?`(?:, )?)*", ours)
        needed = theirs if ours.startswith("the same") else re.findall(r"`([a-z_]+)", named)
        assert set(needed) <= arguments, ours


def test_every_transform_is_named():
    (without,) = re.findall(r"^## Without a counterpart\n\n(.*?)\. Of ", PAGE, flags=re.MULTILINE | re.DOTALL)
    named = [*SECTIONS, *without.replace("\n", " ").split(", ")]
    assert sorted(named) == sorted(torchaudio.transforms.__all__)
