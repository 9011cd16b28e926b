"""The headline figures of a run as one table, for the results page and the README."""

import math
from collections.abc import Sequence
from pathlib import Path
from typing import Optional

from nnaudio2_deploy.artifacts.atomic import write_atomically

from . import charts
from .peers import ROY, SPECUX
from .row import Row, quantity
from .table import line

TORCH = "torch, torchaudio"
COLUMNS = {
    TORCH: ("torch.stft", "torch.istft", "torchaudio"),
    ROY: (ROY, f"{ROY}, 32 steps"),
    "librosa": ("librosa",),
    SPECUX: (SPECUX,),
}
"""Peers of each column."""

EIGHT = charts.USUAL
LINES = {
    "STFT, 1025 bins": ("STFT", EIGHT),
    "inverse STFT": ("inverse STFT", EIGHT),
    "mel spectrogram, 128 bands": ("mel", EIGHT),
    "mel, forward and backward": ("mel, forward and backward", EIGHT),
    "CQT, 84 bins": ("CQT", EIGHT),
    "CQT, 84 bins, librosa's filter lengths": ("CQT, librosa's", EIGHT),
    "inverse CQT, 440 Hz, 1 s at 44.1 kHz (rms error)": ("iCQT", "440 Hz tone, 1 s at 44.1 kHz, hop 512"),
    "CFP, music at 16 kHz": ("CFP", f"{EIGHT} of music"),
}
"""Transform and case of each line."""

WITHOUT = {
    (TORCH, "CQT"): "none",
    (TORCH, "CQT, librosa's"): "none",
    (TORCH, "iCQT"): "none",
    (TORCH, "CFP"): "none",
    (ROY, "CQT, librosa's"): "none",
    ("librosa", "mel, forward and backward"): "no gradients",
    ("librosa", "CFP"): "none",
    (SPECUX, "iCQT"): "none",
    (SPECUX, "CFP"): "none",
}
"""What a peer does not have; a dash stands for what the bench does not measure."""

BEGIN, END = "<!-- made by `hatch run bench --page` -->", "<!-- end of what the bench made -->"


def headlines(rows: Sequence[Row]) -> list[str]:
    """Markdown: a line for each transform, a column for each peer; time and error in every cell."""
    text = [line(["time, largest error", "nnaudio2", *COLUMNS]), line(["---"] * (2 + len(COLUMNS)))]
    for label, (transform, case) in LINES.items():
        found = {row.peer: row for row in rows if (row.transform, row.case) == (transform, case)}
        ours = next(iter(found.values()), None)
        cells = ["–" if ours is None else cell(ours.ours, ours.error)]
        for column, peers in COLUMNS.items():
            theirs = next((found[peer] for peer in peers if peer in found), None)
            missing = WITHOUT.get((column, transform), "–")
            cells.append(missing if theirs is None else cell(theirs.theirs, theirs.peer_error))
        text.append(line([label, *cells]))
    return text


def cell(time: Optional[float], error: Optional[float]) -> str:
    if error is None:
        return quantity(time, "ms")
    return f"{quantity(time, 'ms')}, {f'{error:.1e}' if math.isfinite(error) else 'not finite'}"


def update(path: Path, rows: Sequence[Row]) -> None:
    """Replace what stands between the two marks of a Markdown file."""
    before, rest = path.read_text(encoding="utf-8").split(BEGIN)
    after = rest.split(END)[1]
    text = "\n".join([f"{before}{BEGIN}", *headlines(rows), f"{END}{after}"])
    write_atomically(path, text.encode())
