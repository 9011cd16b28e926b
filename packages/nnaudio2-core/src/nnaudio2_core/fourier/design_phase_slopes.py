"""Constants that turn slopes of log magnitudes into phases; float64."""

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]


def phase_slopes(centres: Floats, spreads: Floats, widths: Floats, hop_length: int) -> Floats:
    """The rows that ``phases.PhaseSlopes`` names, for the bins of a bank of windowed tones.

    A tone ``d`` cycles per sample above the centre of a bin has a log magnitude of ``-(2 pi d)**2 * spread``
    there, so the slope over the bins gives ``d``. A click ``t`` samples after the centre of a frame has
    ``-t**2 / (4 * spread)``, so the slope over the frames gives ``t``. Both are exact for Gaussian windows,
    the first if the neighbouring bins have windows of the same length, at equal distances: those of a
    constant-Q transform nearly do.

    Args:
        centres: frequencies, cycles per sample, increasing.
        spreads: variance of each squared window in time, samples squared.
        widths: length of each window, samples.
        hop_length: samples between frames.

    Shape:
        centres, spreads, widths: ``(bins,)``
        returns: ``(5, bins)``

    Source: Průša & Søndergaard (2016), "Real-time spectrogram inversion using phase gradient heap
    integration", eq. 9 to 11, with another window for each bin.
    """
    turns = centres * hop_length % 1
    advances = np.zeros_like(centres)
    advances[1:-1] = hop_length / (8 * np.pi**2 * spreads[1:-1] * (centres[2:] - centres[:-2]))
    halves = widths / 2
    delays = spreads / (hop_length * halves)
    spacings = np.diff(centres, prepend=0.0)
    return np.stack([turns, advances, delays, halves, spacings])
