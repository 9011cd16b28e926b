"""A missing program skips its tests with a reason, and fails them where it is required."""

import sys
from pathlib import Path

import pytest
from tests.hosts import REQUIRED, program


def test_the_first_program_that_is_installed_is_taken(monkeypatch):
    folder = Path(sys.executable).parent
    monkeypatch.setenv("PATH", str(folder))
    assert Path(program("no-such-program", "python", "pip")).with_suffix("") == folder / "python"


@pytest.mark.parametrize(("required", "outcome"), [("0", "Skipped"), ("1", "Failed")])
def test_a_missing_program_is_told(monkeypatch, required, outcome):
    monkeypatch.setenv(REQUIRED, required)
    with pytest.raises(
        BaseException, match="no-such-program is not installed, and pip cannot bring it"
    ) as told:
        program("no-such-program")
    assert told.typename == outcome
