"""Functions shared by the scripts that make the pictures."""

import os
import re
import tempfile
from importlib.resources import files
from pathlib import Path
from typing import Any

import matplotlib as mpl
import numpy as np
import soundfile
import torch
from matplotlib.axes import Axes
from PIL import Image

mpl.use("Agg")
import matplotlib.pyplot as plt

HERE = Path(__file__).parent
TICKS = [50, 100, 200, 500, 1000, 2000, 4000, 8000]


def recording(start: float, seconds: float) -> tuple[torch.Tensor, int]:
    """Part of a shipped recording, a trumpet melody, and its sampling rate."""
    path = files("nnaudio2_deploy").joinpath("audio", "sir_duke_fast.ogg")
    with path.open("rb") as stream:
        samples, sr = soundfile.read(stream, dtype="float32")
    return torch.from_numpy(samples[int(start * sr) : int((start + seconds) * sr)]), sr


def run_page(page: str, number: int) -> dict[str, Any]:
    """Run a Python block of a page and return its global variables by name."""
    text = (HERE.parent / page).read_text(encoding="utf-8")
    block = re.findall(r"^```python\n(.*?)^```$", text, flags=re.MULTILINE | re.DOTALL)[number]
    variables: dict[str, Any] = {"__name__": page}
    here = Path.cwd()
    with tempfile.TemporaryDirectory() as folder:  # for the files that the block writes
        os.chdir(folder)
        try:
            exec(block, variables)
        finally:
            os.chdir(here)
    return variables


def decibels(magnitude: torch.Tensor) -> np.ndarray:
    """Decibels below the maximum."""
    return 20 * torch.log10(magnitude / magnitude.max() + 1e-9).numpy()


def spectrogram(
    axis: Axes, magnitude: torch.Tensor, frequencies: np.ndarray, hop: float, title: str, down: float = 70
) -> None:
    """Draw the top ``down`` decibels over a logarithmic frequency axis; ``hop`` in seconds."""
    values = decibels(magnitude)
    times = np.arange(values.shape[1]) * hop
    axis.pcolormesh(times, frequencies, values, cmap="magma", vmin=-down, vmax=0, rasterized=True)
    axis.set(title=title, xlabel="time, s", yscale="log", ylim=(40, 9000))
    axis.set_yticks(TICKS, [str(tick) for tick in TICKS])
    axis.minorticks_off()


def save(figure: plt.Figure, name: str, colours: int = 64, dpi: int = 100) -> None:
    """Write a PNG with a palette of few colours, which is enough for these pictures and keeps files small."""
    path = HERE / f"{name}.png"
    figure.savefig(path, dpi=dpi)
    plt.close(figure)
    with Image.open(path) as image:
        image.convert("RGB").quantize(colours).save(path, optimize=True)
