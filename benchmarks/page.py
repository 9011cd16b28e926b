"""The results page of the site, and results.md in this folder, from the results of a run."""

from collections.abc import Sequence
from pathlib import Path

from nnaudio2_deploy.artifacts.atomic import write_atomically

from . import charts
from .headlines import headlines
from .results import Results
from .row import Row
from .table import markdown, summary

TITLES = {
    "spectral": "STFT, mel, MFCC, gammatonegram, Griffin-Lim",
    "cqt": "Constant Q",
    "icqt": "Inverse constant Q",
    "cfp": "CFP",
    "gradients": "Forward and backward",
    "latency": "One short clip",
    "construction": "Construction, and what a module holds",
    "growth": "Growth",
    "gpu": "On the GPU",
    "compat": "The legacy names",
    "gabor": "Nonstationary Gabor transform",
    "layouts": "Inputs and results in other memory orders",
    "stream": "Steps of streams",
    "exports": "Exported mel spectrograms",
}
HOW = """\
Each line is a transform of ours and one peer, timed in turn in one process: the median of at least
seven rounds after a warm-up, fewer where a peer needs many seconds. `ratio` is ours by the peer's, below 1
where ours is faster or smaller; `target` is the largest ratio (or amount) that we promise. Errors are the
largest difference from a float64 reference as a share of its maximum, unless the note says otherwise. A line
without a peer shows only our cost.
"""
HEADLINES = """\
Eight clips of 10 s at 22.05 kHz unless said otherwise; time of one call, and largest error in float32 against
float64, of forward and backward that of the gradient. A dash stands for what is not measured.
"""
MORE = "[How the bench works](benchmarking.md) says more.\n"


def write(results: Results, page: Path, folder: Path) -> None:
    """Write the page, and its pictures to ``folder``."""
    rows = [row for part in sorted(results.parts, key=place) for row in results.parts[part]]
    drawn = charts.draw(rows, folder)
    write_atomically(page, ("\n".join(lines(results, folder.name, drawn)) + "\n").encode())


def lines(results: Results, folder: str, drawn: "dict[str, str]") -> "list[str]":
    """Lines of the page: headlines, comparisons in which a peer is ahead, promises, pictures, all figures."""
    text = [
        "---",
        "hide: [toc]",
        "---",
        "",
        "# Benchmarks",
        "",
        "`hatch run bench` measures and makes this page.",
        "",
    ]
    text += [*results.machine.lines(), ""]
    if results.quick or results.machine.busy:
        why = "a quick run on tiny problems" if results.quick else "the machine was busy with other work"
        text += [f'!!! warning "Preliminary"\n\n    {why.capitalize()}: times and ratios mean little.', ""]
    text += ["## Headlines", "", HEADLINES, *headlines(results.rows), ""]
    text += ["## Where a peer is ahead", "", *ahead(results.rows), ""]
    text += ["## Promises", "", *promises(results), ""]
    text += ["## Pictures", ""]
    for name, caption in drawn.items():
        text += [f"![{caption}]({folder}/{name}.png)", ""]
    return [*text, "## All figures", "", HOW, MORE, *figures(results)]


def write_figures(results: Results, path: Path) -> None:
    """Write machine, versions and every line, for readers of the repository."""
    kept = summary(results.rows, results.quick)
    head = ["# Results of the last full run", "", *results.machine.lines(), "", f"{kept}.", "", HOW]
    write_atomically(path, ("\n".join([*head, *figures(results)]) + "\n").encode())


def figures(results: Results) -> "list[str]":
    """Every line, part by part."""
    text: list[str] = []
    for part in sorted(results.parts, key=place):
        if results.parts[part]:
            text += [f"### {TITLES.get(part, part)}", "", markdown(results.parts[part]), ""]
    return text


def place(part: str) -> int:
    """Parts in the order of their titles, those without one at the end."""
    return list(TITLES).index(part) if part in TITLES else len(TITLES)


def ahead(rows: Sequence[Row]) -> "list[str]":
    """Every line in which ours is the slower or larger one, the farthest behind first."""
    behind = sorted((row for row in rows if row.behind), key=lambda row: -(row.ratio or 0.0))
    compared = [row for row in rows if row.rival]
    if not behind:
        return [f"In none of {len(compared)} comparisons."]
    return [f"In {len(behind)} of {len(compared)} comparisons:", "", markdown(behind)]


def promises(results: Results) -> "list[str]":
    """Number of promises that are kept, and those that are not."""
    missed = [row for row in results.rows if row.met is False]
    kept = f"{summary(results.rows, results.quick)}.".capitalize()
    return [f"{kept} Not met:", "", markdown(missed)] if missed else [kept]
