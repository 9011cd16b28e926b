"""One picture for each transform of the demo."""

import numpy as np
import numpy.typing as npt
from torch import Tensor

from nnaudio2_core.bands.design_scales import erb_frequencies, fft_frequencies, mel_frequencies

from ..corpus import plots
from ..crosschecks import torch_peers
from .setting import CQT_FMIN, GAMMATONE_FMIN, N_GAMMATONE, N_MELS, N_MFCC, Results, Setting, cfp_for


def _numpy(x: Tensor) -> npt.NDArray[np.floating]:
    array: npt.NDArray[np.floating] = x.double().numpy()
    return array


def stft(complex_spectrum: Tensor, setting: Setting) -> bytes:
    """Magnitude of a complex STFT over frequency."""
    ticks = plots.linear_ticks(fft_frequencies(setting.sr, setting.n_fft))
    level = plots.decibels(_numpy(complex_spectrum.norm(dim=-1)))
    return plots.heatmap(level, setting.step, ticks, "frequency (Hz)", "level (dB)")


def mel(setting: Setting, results: Results) -> bytes:
    """Mel spectrogram in decibels."""
    centres = mel_frequencies(N_MELS + 2, 0.0, setting.sr / 2)[1:-1]
    level = plots.decibels(_numpy(results["MelSpectrogram"].sqrt()))
    ticks = plots.octave_ticks(centres)
    return plots.heatmap(level, setting.step, ticks, "frequency (Hz), mel bands", "level (dB)")


def mfcc(setting: Setting, results: Results) -> bytes:
    """MFCC without the first coefficient."""
    # coefficient 0 is the loudness, and so large that the others would all look alike beside it
    values = _numpy(results["MFCC"][1:])
    ticks = [(float(k - 1), str(k)) for k in (1, 5, 10, 15, N_MFCC - 1)]
    return plots.heatmap(values, setting.step, ticks, "coefficient", "value (dB)", symmetric=True)


def gammatone(setting: Setting, results: Results) -> bytes:
    """Gammatonegram in decibels."""
    centres = erb_frequencies(N_GAMMATONE, GAMMATONE_FMIN, setting.sr / 2)
    level = plots.decibels(_numpy(results["Gammatonegram"].sqrt()))
    ticks = plots.octave_ticks(centres)
    return plots.heatmap(level, setting.step, ticks, "frequency (Hz), ERB bands", "level (dB)")


def constant_q(name: str, setting: Setting, results: Results) -> bytes:
    """Magnitude of a CQT or VQT."""
    level = plots.decibels(_numpy(results[name].norm(dim=-1)))
    centres = CQT_FMIN * 2 ** (np.arange(len(level)) / 12)
    step = setting.constant_q["hop_length"] / setting.sr
    ticks = plots.octave_ticks(centres)
    return plots.heatmap(level, step, ticks, "frequency (Hz), semitones", "level (dB)")


def cfp(setting: Setting, results: Results) -> bytes:
    """Salience of pitches in decibels."""
    ticks = plots.octave_ticks(cfp_for(setting).frequencies.numpy())
    level = plots.decibels(_numpy(results["CFP"].sqrt()), floor=40.0)
    return plots.heatmap(level, 2 * setting.step, ticks, "pitch (Hz)", "salience (dB)")


def difference(name: str, setting: Setting, results: Results) -> bytes:
    """The waveform that a row returned, minus the recording."""
    error = _numpy(results[name]) - _numpy(results["waveform"])
    return plots.waveform(error, setting.sr, "difference")


def griffin_lim(setting: Setting, results: Results) -> bytes:
    """Magnitude of the STFT of what ``GriffinLim`` returned."""
    return stft(torch_peers.stft(results["GriffinLim"], **setting.frames), setting)
