"""One picture for each transform of the demo."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import numpy.typing as npt
from torch import Tensor

from nnaudio2_core.bands.design_scales import erb_frequencies, fft_frequencies, mel_frequencies

from ..corpus import plots
from ..crosschecks import torch_peers
from ..one_of_each import Sizes, one

GAMMATONE_FMIN = 20.0

Results = Mapping[str, Tensor]
"""Results of the rows so far, by name; ``'waveform'`` is the recording."""


def cfp_arguments(sizes: Sizes) -> dict[str, Any]:
    """A long FFT (bins of 2 to 3 Hz) and, as pitch changes slowly, twice the hop."""
    return {
        "fr": sizes.sr / (8 * sizes.n_fft),
        "hop_length": 2 * sizes.hop_length,
        "window_size": 2 * sizes.n_fft + 1,
    }


def nsgt_arguments(sizes: Sizes) -> dict[str, Any]:
    """Whole clips, and channels narrow enough to shift single partials."""
    return {"slice_length": None, "bins_per_octave": 24}


def _numpy(x: Tensor) -> npt.NDArray[np.floating]:
    array: npt.NDArray[np.floating] = x.double().numpy()
    return array


def stft(complex_spectrum: Tensor, sizes: Sizes) -> bytes:
    """Magnitude of a complex STFT over frequency."""
    ticks = plots.linear_ticks(fft_frequencies(sizes.sr, sizes.n_fft))
    level = plots.decibels(_numpy(complex_spectrum.norm(dim=-1)))
    return plots.heatmap(level, sizes.step, ticks, "frequency (Hz)", "level (dB)")


def mel(sizes: Sizes, results: Results) -> bytes:
    """Mel spectrogram in decibels."""
    centres = mel_frequencies(sizes.n_mels + 2, 0.0, sizes.sr / 2)[1:-1]
    level = plots.decibels(_numpy(results["MelSpectrogram"].sqrt()))
    ticks = plots.octave_ticks(centres)
    return plots.heatmap(level, sizes.step, ticks, "frequency (Hz), mel bands", "level (dB)")


def mfcc(sizes: Sizes, results: Results) -> bytes:
    """MFCC without the first coefficient."""
    # coefficient 0 is the loudness, so large that all others would look alike
    values = _numpy(results["MFCC"][1:])
    ticks = [(float(k - 1), str(k)) for k in (1, 5, 10, 15, sizes.n_mfcc - 1)]
    return plots.heatmap(values, sizes.step, ticks, "coefficient", "value (dB)", symmetric=True)


def gammatone(sizes: Sizes, results: Results) -> bytes:
    """Gammatonegram in decibels."""
    centres = erb_frequencies(sizes.n_gammatone, GAMMATONE_FMIN, sizes.sr / 2)
    level = plots.decibels(_numpy(results["Gammatonegram"].sqrt()))
    ticks = plots.octave_ticks(centres)
    return plots.heatmap(level, sizes.step, ticks, "frequency (Hz), ERB bands", "level (dB)")


def constant_q(name: str, sizes: Sizes, results: Results) -> bytes:
    """Magnitude of a CQT or VQT."""
    level = plots.decibels(_numpy(results[name].norm(dim=-1)))
    centres = sizes.fmin * 2 ** (np.arange(len(level)) / 12)
    step = sizes.pitch_hop / sizes.sr
    ticks = plots.octave_ticks(centres)
    return plots.heatmap(level, step, ticks, "frequency (Hz), semitones", "level (dB)")


def nsgt(sizes: Sizes, results: Results) -> bytes:
    """Magnitude of an NSGT, without the channels around 0 Hz and at Nyquist and the zeros after the clip."""
    module: Any = one("NSGT", sizes, **nsgt_arguments(sizes))
    frames = 1 + len(results["waveform"]) // module.hop_length
    level = plots.decibels(_numpy(results["NSGT"][1:-1, :frames].norm(dim=-1)))
    step = module.hop_length / sizes.sr
    centres = module.frequencies[1:-1].numpy()
    return plots.heatmap(level, step, plots.octave_ticks(centres), "frequency (Hz)", "level (dB)")


def cfp(sizes: Sizes, results: Results) -> bytes:
    """Salience of pitches in decibels."""
    module: Any = one("CFP", sizes, **cfp_arguments(sizes))
    ticks = plots.octave_ticks(module.frequencies.numpy())
    level = plots.decibels(_numpy(results["CFP"].sqrt()), floor=40.0)
    return plots.heatmap(level, 2 * sizes.step, ticks, "pitch (Hz)", "salience (dB)")


def difference(name: str, sizes: Sizes, results: Results) -> bytes:
    """The waveform that a row returned, minus the recording."""
    error = _numpy(results[name]) - _numpy(results["waveform"])
    return plots.waveform(error, sizes.sr, "difference")


def griffin_lim(sizes: Sizes, results: Results) -> bytes:
    """Magnitude of the STFT of what ``GriffinLim`` returned."""
    return stft(torch_peers.stft(results["GriffinLim"], **sizes.frames), sizes)
