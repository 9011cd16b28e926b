"""Short soak test; 10 000 calls have a command of their own, ``hatch run test:soak``."""

import subprocess
import sys
from pathlib import Path

import pytest
from tests.contracts.registry import ENTRIES
from tests.contracts.soak import growth

ROOT = Path(__file__).resolve().parents[2]


@pytest.mark.skipif(sys.platform != "linux", reason="resident memory is read from /proc")
def test_calls_of_varying_length_leave_memory_flat():
    command = [sys.executable, "-W", "ignore", "-m", "tests.contracts.soak", "40"]
    result = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False, timeout=300)
    assert result.returncode == 0, result.stdout + result.stderr
    assert result.stdout.count("MB\n") == sum(len(entry.engines or (None,)) for entry in ENTRIES) + 1


@pytest.mark.skipif(sys.platform != "linux", reason="resident memory is read from /proc")
def test_a_leak_is_seen():
    class Leaking:
        name, engines, call, time = "leaking", (), {}, 100_000
        kept: list = []

        def build(self):
            return lambda x: self.kept.append(x * 2) or x

        def input(self, *lead, time):
            return ENTRIES[0].input(*lead, time=time)

    assert growth(Leaking(), None, 100) > 8
