"""Soak test: many calls of varying length leave the memory of the process flat.

``python -m tests.contracts.soak 10000`` calls every transform that often, prints the memory that the second
half of the calls added, and fails if any added more than ``MOST_MEGABYTES``.
"""

import gc
import sys
from pathlib import Path

import torch
from tests.contracts.cases import total
from tests.contracts.registry import ENTRIES, Entry

# Allocators keep memory for later, and oneDNN caches the last 1024 shapes: both settle early.
MOST_MEGABYTES = 8.0


def resident_megabytes() -> float:
    """Resident memory of the process (Linux)."""
    gc.collect()
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * 4096 / 1e6


def growth(entry: Entry, engine: str | None, calls: int) -> float:
    """Megabytes that the second half of the calls adds, every tenth of them with gradients."""
    module = entry.build() if engine is None else entry.build(engine=engine)
    generator = torch.Generator().manual_seed(0)
    middle = 0.0
    for call in range(calls):
        if call == calls // 2:
            middle = resident_megabytes()
        time = entry.time + int(torch.randint(0, entry.time // 2, [], generator=generator))
        x = entry.input(1, time=time).requires_grad_(call % 10 == 0)
        result = module(x, **entry.call)
        if x.requires_grad:
            total(result).backward()
    return resident_megabytes() - middle


def main(calls: int) -> int:
    torch.set_num_threads(1)
    gc.freeze()  # of what was imported; collecting would go through it each time, for a tenth of a second
    worst = 0.0
    for entry in ENTRIES:
        for engine in entry.engines or (None,):
            megabytes = growth(entry, engine, calls)
            worst = max(worst, megabytes)
            print(f"{entry.name:30} {engine or '':5} {megabytes:+6.2f} MB", flush=True)
    print(f"{calls} calls each, at most {MOST_MEGABYTES} MB allowed, worst {worst:+.2f} MB")
    return int(worst > MOST_MEGABYTES)


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1])))
