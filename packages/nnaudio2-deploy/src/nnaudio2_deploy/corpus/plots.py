"""Plots of spectrograms and waveforms as PNG bytes, made by matplotlib without its global state."""

import io
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
from matplotlib.axes import Axes
from matplotlib.colors import LinearSegmentedColormap
from matplotlib.figure import Figure

Array = npt.NDArray[np.floating]

INK = "#7b8088"
"""Grey of axes and text: the background is transparent, and this reads on white and on near-black."""

ACCENT = "#4c86c6"
SIZE = (4.9, 2.6)
"""Inches; at 10 points the text is still legible when a phone shrinks the picture to its width."""

DPI = 200
FLOOR_DB = 80.0

SIGNED = LinearSegmentedColormap.from_list("signed", ["#a8d4ff", "#2f6fb0", "#0a0b0f", "#a8502a", "#ffc08f"])
"""Colours for values with a sign: zero is as dark as silence is in the other pictures."""


def decibels(magnitude: Array, floor: float = FLOOR_DB) -> npt.NDArray[np.float64]:
    """Magnitudes in dB below their maximum, at least ``-floor``; silence is all floor."""
    values = np.asarray(magnitude, dtype=np.float64)
    peak = values.max()
    if peak <= 0:
        return np.full(values.shape, -floor)
    return np.asarray(20 * np.log10(np.maximum(values / peak, 10 ** (-floor / 20))))


def octave_ticks(centres: Array) -> list[tuple[float, str]]:
    """Round frequencies (1, 2, 5 times powers of ten) and the fractional rows where they lie.

    Shape:
        centres: ``(rows,)``, rising, Hz
    """
    candidates = [factor * 10.0**power for power in range(1, 6) for factor in (1, 2, 5)]
    rows = np.arange(len(centres), dtype=np.float64)
    ticks: list[tuple[float, str]] = []
    for hz in candidates:
        row = float(np.interp(hz, centres, rows))
        # low frequencies crowd: leave room for a line of text between labels
        if centres[0] <= hz <= centres[-1] and (not ticks or row - ticks[-1][0] > 0.07 * len(centres)):
            ticks.append((row, f"{hz:g}"))
    return ticks


def linear_ticks(centres: Array) -> list[tuple[float, str]]:
    """About five evenly spaced round frequencies and the rows where they lie.

    Shape:
        centres: ``(rows,)``, evenly spaced from 0, Hz
    """
    top = float(centres[-1])
    step = next(s for s in (500, 1000, 2000, 5000, 10000, 20000, 50000, top) if top / s <= 6)
    rows = np.arange(len(centres), dtype=np.float64)
    return [(float(np.interp(hz, centres, rows)), f"{hz:g}") for hz in np.arange(0, top + 1, step)]


def _axes() -> tuple[Figure, Axes]:
    figure = Figure(figsize=SIZE, dpi=DPI, layout="constrained")
    axes = figure.add_subplot()
    axes.tick_params(colors=INK, labelsize=9)
    axes.set_facecolor("none")
    for spine in axes.spines.values():
        spine.set_color(INK)
        spine.set_linewidth(0.6)
    return figure, axes


def _png(figure: Figure) -> bytes:
    buffer = io.BytesIO()
    figure.savefig(buffer, format="png", transparent=True)
    return buffer.getvalue()


def heatmap(
    values: Array,
    step: float,
    ticks: Sequence[tuple[float, str]],
    ylabel: str,
    unit: str,
    symmetric: bool = False,
) -> bytes:
    """A spectrogram, time to the right and rows upward.

    Args:
        values: what to colour.
        step: time between frames, s; the first frame is centred on 0.
        ticks: where to label the vertical axis, in rows, and how.
        ylabel: what the rows are, with its unit.
        unit: what the colours are, with its unit.
        symmetric: colours of a quantity with a sign, zero in the middle.

    Shape:
        values: ``(rows, frames)``
    """
    figure, axes = _axes()
    # the odd extreme value would leave the rest without colour
    limit = float(np.percentile(np.abs(values), 99)) or 1.0
    rows, frames = values.shape
    image = axes.imshow(
        values,
        origin="lower",
        aspect="auto",
        cmap=SIGNED if symmetric else "magma",
        vmin=-limit if symmetric else None,
        vmax=limit if symmetric else None,
        extent=(-0.5 * step, (frames - 0.5) * step, -0.5, rows - 0.5),
    )
    if frames > 1:
        axes.set_xlim(0.0, (frames - 1) * step)
    axes.set_yticks([position for position, _ in ticks], [label for _, label in ticks])
    axes.set_xlabel("time (s)", color=INK)
    axes.set_ylabel(ylabel, color=INK)
    bar = figure.colorbar(image, ax=axes, pad=0.02, aspect=25, extend="both" if symmetric else "neither")
    bar.set_label(unit, color=INK)
    bar.ax.tick_params(colors=INK, labelsize=9)
    bar.outline.set_visible(False)
    return _png(figure)


def waveform(samples: Array, sr: int, ylabel: str = "amplitude") -> bytes:
    """A waveform, drawn as the range between its extremes in each column of pixels.

    Shape:
        samples: ``(time,)``
    """
    figure, axes = _axes()
    columns = min(len(samples), 1200)
    edges = np.linspace(0, len(samples), columns, endpoint=False).astype(int)
    low, high = np.minimum.reduceat(samples, edges), np.maximum.reduceat(samples, edges)
    # a line of zero height would vanish: silence stays visible
    hair = (float(np.abs(samples).max()) or 1.0) / 300
    axes.fill_between(edges / sr, low - hair, high + hair, color=ACCENT, linewidth=0)
    axes.axhline(0.0, color=INK, linewidth=0.4)
    axes.margins(x=0)
    axes.set_xlabel("time (s)", color=INK)
    axes.set_ylabel(ylabel, color=INK)
    axes.yaxis.get_offset_text().set_color(INK)
    return _png(figure)
