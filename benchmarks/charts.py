"""Charts of the results page."""

from collections.abc import Sequence
from pathlib import Path

import matplotlib as mpl
import numpy as np
from matplotlib.axes import Axes
from matplotlib.ticker import FuncFormatter, LogLocator, NullLocator

from .peers import ROY
from .row import Row

mpl.use("Agg")
import matplotlib.pyplot as plt

PLAIN = FuncFormatter(lambda value, _: f"{value:g}")
OURS = "C3"
COLOURS = {
    "nnAudio 0.3.4": "C4",
    "torch.stft": "C0",
    "torch.istft": "C9",
    "torchaudio": "C1",
    "librosa": "C2",
    ROY: "C4",
    "specux": "C5",
    "cicuetea 1.0.0": "C6",
}
USUAL = "8 clips of 10 s"
UNITS = {"s": "seconds in the clip", "hop": "hop, samples"}


def draw(rows: Sequence[Row], folder: Path) -> "dict[str, str]":
    """Draw PNG files into ``folder``; return the caption of each by its name without the ending."""
    plots = {
        "benchmarks_speed": (
            lambda rows: speed([row for row in rows if not legacy(row) and not short(row)]),
            f"How many times as fast as each peer, {USUAL} unless said; left of the line the peer is ahead",
        ),
        "benchmarks_short": (
            lambda rows: speed([row for row in rows if not legacy(row) and short(row)]),
            "The same for one short clip, and for construction",
        ),
        "benchmarks_legacy": (
            lambda rows: speed([row for row in rows if legacy(row)]),
            "Legacy code with nnaudio-compat: how many times as fast as with nnAudio 0.3.4",
        ),
        "benchmarks_growth": (growth, "Time against clips, seconds, bins and threads, ours and a peer's"),
        "benchmarks_cqt": (
            constant_q,
            "The constant-Q transform of one clip against hop and bins per octave",
        ),
    }
    drawn = {}
    for name, (plot, caption) in plots.items():
        figure = plot(rows)
        if figure is not None:
            figure.savefig(folder / f"{name}.png", dpi=100)
            plt.close(figure)
            drawn[name] = caption
    return drawn


def legacy(row: Row) -> bool:
    """True for a row of legacy code, with the legacy package as the peer."""
    return row.peer.startswith("nnAudio 0.3")


def short(row: Row) -> bool:
    return row.case in ("1 clip of 1 s", "1 clip of 1 s, 16 kHz", "construction")


def label(row: Row) -> str:
    """Transform and case, without the usual case."""
    case = row.case.removeprefix("compat installed, ")
    return row.transform if case == USUAL else f"{row.transform} · {case}"


def speed(rows: Sequence[Row]) -> "plt.Figure | None":
    """Chart of speed: for each transform and case a line of text and, below it, one mark for each peer.

    Beside the marks, the text would take half of the width, and on a phone all of it.
    """
    compared = [row for row in rows if row.rival and row.unit == "ms" and not row.axis]
    if not compared:
        return None
    name = {id(row): label(row) for row in compared}
    names = list(dict.fromkeys(name.values()))
    figure, axis = plt.subplots(figsize=(6, 1.3 + 0.36 * len(names)), layout="constrained")
    package = {id(row): row.peer.partition(",")[0] for row in compared}
    for peer in dict.fromkeys(package.values()):
        mine = [row for row in compared if package[id(row)] == peer]
        places = [names.index(name[id(row)]) + 0.2 for row in mine]
        colour = COLOURS.get(peer, "grey")
        axis.scatter([1 / (row.ratio or np.nan) for row in mine], places, label=peer, color=colour, zorder=3)
    for place, text in enumerate(names):
        axis.text(0.01, place - 0.1, text, transform=axis.get_yaxis_transform(), fontsize=8)
        axis.axhline(place + 0.2, color="black", alpha=0.12, linewidth=0.8)
    axis.axvline(1.0, color="black", linewidth=1)
    axis.set(xscale="log", xlabel="times as fast as the peer", ylim=(len(names) - 0.4, -0.6), yticks=[])
    axis.xaxis.set_major_formatter(PLAIN)
    axis.grid(axis="x", alpha=0.3)
    figure.legend(loc="outside lower center", ncols=3, fontsize=8, frameon=False)
    return figure


def grown(rows: Sequence[Row], transform: str, axis: str) -> "list[Row]":
    found = [row for row in rows if row.transform == transform and row.axis == axis and row.value is not None]
    return sorted(found, key=lambda row: row.value or 0.0)


def apart(values: Sequence["float | None"]) -> "list[float]":
    """Those that are far enough apart to be labelled on a logarithmic axis."""
    kept: list[float] = []
    for value in values:
        if value is not None and (not kept or value >= 1.6 * kept[-1]):
            kept.append(value)
    return kept


def curves(axes: Axes, rows: Sequence[Row]) -> None:
    """Ours and the peer's time against what grows."""
    values = [row.value for row in rows]
    axes.plot(values, [row.ours for row in rows], color=OURS, marker="o", markersize=3, label="ours")
    if rows[0].peer:
        theirs = [np.nan if row.theirs is None else row.theirs for row in rows]
        colour = COLOURS.get(rows[0].peer, "grey")
        axes.plot(values, theirs, color=colour, marker="s", markersize=3, label=rows[0].peer)
    axes.set(xscale="log", yscale="log", xlabel=UNITS.get(rows[0].axis, rows[0].axis))
    axes.set_xticks(apart(values), [f"{value:g}" for value in apart(values)], fontsize=7)
    axes.xaxis.set_minor_locator(NullLocator())
    axes.yaxis.set_major_locator(LogLocator(subs=(1.0, 2.0, 5.0)))
    axes.yaxis.set_major_formatter(PLAIN)
    axes.yaxis.set_minor_locator(NullLocator())
    axes.grid(alpha=0.3)


def growth(rows: Sequence[Row]) -> "plt.Figure | None":
    """A row of panels for each transform with a peer, a column for each size that grows."""
    compared = [row for row in rows if row.axis and row.peer]
    if not compared:
        return None
    transforms = list(dict.fromkeys(row.transform for row in compared))
    things = list(dict.fromkeys(row.axis for row in compared))
    figure, panels = plt.subplots(
        len(transforms),
        len(things),
        figsize=(2.7 * len(things), 2.2 * len(transforms)),
        sharey="row",
        squeeze=False,
        layout="constrained",
    )
    for line, transform in zip(panels, transforms, strict=True):
        for panel, thing in zip(line, things, strict=True):
            found = grown(compared, transform, thing)
            if found:
                curves(panel, found)
        line[0].set_ylabel(f"{transform}: time, ms")
        line[0].legend(fontsize=7)
    return figure


def constant_q(rows: Sequence[Row]) -> "plt.Figure | None":
    """Cost of the CQT of one clip, by hop and by bins."""
    panels = {axis: grown(rows, "CQT, one clip", axis) for axis in ("s", "hop", "bins", "bins an octave")}
    panels = {axis: found for axis, found in panels.items() if found}
    if not panels:
        return None
    figure, axes = plt.subplots(
        1, len(panels), figsize=(2.8 * len(panels), 2.6), sharey=True, squeeze=False, layout="constrained"
    )
    for axis, found in zip(axes[0], panels.values(), strict=True):
        curves(axis, found)
    axes[0, 0].set_ylabel("CQT of one clip: time, ms")
    return figure
