"""Peak memory of one call, measured in a process of its own.

``python -m benchmarks.memory MODULE:FUNCTION SAMPLES THREADS`` prints one JSON object. The function builds a
transform and returns it; it is called with a waveform ``(1, SAMPLES)`` under ``torch.inference_mode()``.
"""

import importlib
import json
import os
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

import torch

from .row import Row

ROOT = Path(__file__).resolve().parents[1]


@dataclass(frozen=True)
class Peak:
    """Cost of one call: memory above input and output, MB (1e6 bytes), and seconds."""

    megabytes: float
    seconds: float


def resident_bytes(peak: bool) -> int:
    """Memory of this process now, or its maximum so far; outside Linux always the latter."""
    status = Path("/proc/self/status")
    if status.exists():
        # Not ru_maxrss: on Linux it starts from the memory of the process that started this one.
        wanted = "VmHWM:" if peak else "VmRSS:"
        (line,) = [line for line in status.read_text().splitlines() if line.startswith(wanted)]
        return int(line.split()[1]) * 1024
    import resource  # not on Windows

    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * (1 if sys.platform == "darwin" else 1024)


def stop_at_half_the_memory() -> None:
    """Limit this process to half the memory, so that the system ends no other program (Linux)."""
    import resource

    half = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") // 2
    resource.setrlimit(resource.RLIMIT_DATA, (half, resource.getrlimit(resource.RLIMIT_DATA)[1]))


def measure(builder: str, samples: int) -> Peak:
    """Run the call once in this process, after a warm-up on a second of audio."""
    module, function = builder.split(":")
    call = getattr(importlib.import_module(module), function)()
    with torch.inference_mode():
        call(torch.rand(1, 22050))
        x = torch.rand(1, samples)
        before = resident_bytes(peak=False)
        start = time.perf_counter()
        y = call(x)
        seconds = time.perf_counter() - start
        after = resident_bytes(peak=True)
    above = after - before - y.numel() * y.element_size()
    return Peak(max(0.0, above / 1e6), seconds)  # the system's counts are a little late


def peak_in_new_process(builder: str, samples: int) -> Peak:
    """The same in a fresh process, with as many threads as here."""
    threads = str(torch.get_num_threads())
    command = [sys.executable, "-W", "ignore", "-m", "benchmarks.memory", builder, str(samples), threads]
    result = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    if result.returncode != 0:
        last = (result.stderr.strip().splitlines() or ["killed, for want of memory perhaps"])[-1]
        raise RuntimeError(f"exit code {result.returncode}, {last}")
    return Peak(**json.loads(result.stdout.splitlines()[-1]))


def memory_row(
    transform: str, case: str, ours: str, peer: str, theirs: str, samples: int, limit: float
) -> Row:
    """A row in MB above input and output; ``ours`` and ``theirs`` are ``"module:function"``."""
    mine = peak_in_new_process(ours, samples)
    try:
        other = peak_in_new_process(theirs, samples)
    except RuntimeError as problem:
        return Row(transform, case, mine.megabytes, peer, limit=limit, unit="MB", note=str(problem))
    note = f"peak memory above input and output; {mine.seconds:.1f} s and {other.seconds:.1f} s"
    return Row(transform, case, mine.megabytes, peer, other.megabytes, limit=limit, unit="MB", note=note)


if __name__ == "__main__":
    stop_at_half_the_memory()
    torch.set_num_threads(int(sys.argv[3]))
    peak = measure(sys.argv[1], int(sys.argv[2]))
    print(json.dumps(vars(peak)))
