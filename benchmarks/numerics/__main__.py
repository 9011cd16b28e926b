"""``hatch run numerics``: measure, write docs/numerics.md and its pictures. Takes some minutes."""

import argparse
import sys
import warnings
from collections.abc import Iterator
from pathlib import Path

import torch
from rich.console import Console

from nnaudio2_deploy.artifacts.atomic import write_atomically

from ..clips import SR, recording
from ..machine import this_machine
from . import auditory, cfp, constant_q, gabor, legacy, librosa_ends, page, pictures, recovered, spectral
from .comparison import Comparison, Signals
from .signals import signals

DOCS = Path(__file__).resolve().parents[2] / "docs"
SECONDS = 3.0
PARTS = {
    "spectral": spectral,
    "auditory": auditory,
    "constant_q": constant_q,
    "gabor": gabor,
    "cfp": cfp,
    "legacy": legacy,
}


def measured(found: Signals) -> "dict[str, list[Comparison]]":
    """Every comparison, by the tables of the page."""
    return {name: list(part.comparisons(found)) for name, part in PARTS.items()}


def loud_ends() -> Signals:
    """Five seconds each: noise, a tone that is cut off, and the end of a recording that ends loudly."""
    found = signals(5.0)
    snare = recording("snare-accelerate").double().numpy()[-5 * SR :]
    return {"noise": found["noise"], "tone": found["tone"], "snare, its last 5 s": snare}


def broken(found: "dict[str, list[Comparison]]") -> Iterator[Comparison]:
    return (row for rows in found.values() for row in rows if not row.kept)


def main() -> int:
    """Exit code 1 if a bound does not hold."""
    what = "Measure every transform against its references and write the numerics page; some minutes."
    argparse.ArgumentParser(prog="hatch run numerics", description=what).parse_args()
    warnings.simplefilter("ignore")  # the peers'; not ours to mend
    torch.set_num_threads(1)  # the same sums in the same order on every machine
    console = Console()
    with console.status("comparing"):
        found = measured(signals(SECONDS))
    with console.status("librosa at the ends of a clip"):
        experiments = list(librosa_ends.experiments(loud_ends()))
    with console.status("inverting"):
        back = list(recovered.recovered(quick=False))
    with console.status("drawing"):
        pictures.draw(
            DOCS / "pictures", signals(SECONDS), experiments[-1], loud_ends()["snare, its last 5 s"]
        )
    text = page.page(
        {
            "versions": page.versions(this_machine()),
            "seconds": f"{SECONDS:g}",
            **{name: page.comparisons(rows) for name, rows in found.items()},
            "ends": page.experiments(experiments),
            "recovered": page.recovered(back),
        }
    )
    write_atomically(DOCS / "numerics.md", text.encode())
    failures = [*broken(found), *(row for row in back if row.whole < row.floor)]
    for row in failures:
        console.print(f"bound broken: {row}")
    return int(bool(failures))


if __name__ == "__main__":
    sys.exit(main())
