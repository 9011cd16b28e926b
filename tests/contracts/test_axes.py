"""Every transform has axes of frequency and time, and returns copies of them."""

import numpy as np
import pytest
import torch
from tests.contracts.cases import entries, tensors

import nnaudio2_core as core

# Without a sampling rate there are no hertz. Cepstral coefficients and pitch classes have no frequency.
WITHOUT_RATE = (core.iSTFT, core.GriffinLim, core.AmplitudeToDB, core.Deltas, core.PCEN)


@entries
def test_frequencies_rise_and_are_copies(entry):
    module = entry.build()
    if isinstance(module, (*WITHOUT_RATE, core.MFCC, core.LFCC, core.Chroma, core.ChromaCQT)):
        assert not hasattr(module, "frequencies")
        return
    frequencies = module.frequencies
    assert frequencies.dtype == torch.float64
    assert bool((frequencies.diff() > 0).all())
    if isinstance(module, core.NSGT):
        assert sum(part.size(-3) for part in tensors(module(entry.input(1)))) == len(frequencies)
    elif entry.kind == "waveform":
        complex_result = entry.arguments.get("output_format", "") == "Complex" or entry.name[:4] == "STFT"
        axis = -3 if complex_result and entry.name != "STFT magnitude" else -2
        assert tensors(module(entry.input(1), **entry.call))[0].size(axis) == len(frequencies)
    frequencies.zero_()
    assert bool((module.frequencies > 0).any())
    if hasattr(module, "lengths"):
        module.lengths.zero_()
        assert bool((module.lengths > 0).all())


@entries
def test_frame_times_are_evenly_spaced(entry):
    module = entry.build()
    if isinstance(module, WITHOUT_RATE):
        with pytest.raises(TypeError, match="transform must have sr, got"):
            core.frame_times(module, 3)
        return
    if isinstance(module, core.NSGT) and (module.layout != "matrix" or module.sliced):
        with pytest.raises(TypeError, match=r"transform must have (hop_length|first_centre), got NSGT"):
            core.frame_times(module, 3)
        return
    times = core.frame_times(module, 5)
    step = module.hop_length / module.sr
    assert np.allclose(times.diff(), step, rtol=1e-12)
    assert 0 <= times[0] < 10 * step
    assert core.frame_times(module, 0).shape == (0,)


CENTRED = [
    core.STFT(512, hop_length=64, sr=8000, center=False, output_format="Magnitude"),
    core.STFT(512, hop_length=64, sr=8000, output_format="Magnitude"),
    core.MelSpectrogram(8000, 512, hop_length=64, n_mels=20, center=False),
    core.MelSpectrogram(8000, 512, hop_length=64, n_mels=20),
    core.CQT(sr=8000, hop_length=64, fmin=400, n_bins=36, center=False),
    core.CQT(sr=8000, hop_length=64, fmin=400, n_bins=36),
    core.CQT2010v2(sr=8000, hop_length=64, fmin=400, n_bins=36, earlydownsample=False),
    core.CFP(fr=8, fs=8000, hop_length=64, window_size=513),
    core.CombinedFrequencyPeriodicity(fr=8, fs=8000, hop_length=64, window_size=513),
]


@pytest.mark.parametrize("module", CENTRED, ids=lambda module: type(module).__name__)
def test_a_burst_is_at_its_frame_time(module):
    """A tone with a bell-shaped envelope is loudest, over all bins, in the frame at the time of its peak."""
    time = torch.arange(8000, dtype=torch.float64) / 8000
    bell = torch.exp(-((time - 0.5) ** 2) / (2 * 0.03**2))
    tone = sum(torch.sin(2 * torch.pi * 500 * k * time) for k in range(1, 5))
    result = tensors(module(bell * tone))[0].sum(0)
    times = core.frame_times(module, result.size(0))
    assert abs(float(times[result.argmax()]) - 0.5) <= 2 * module.hop_length / 8000


def test_frame_times_refuses_other_modules():
    with pytest.raises(TypeError, match="transform must have sr, got Linear"):
        core.frame_times(torch.nn.Linear(2, 2), 3)
    with pytest.raises(ValueError, match="n_frames must be >= 0, got -1"):
        core.frame_times(core.CFP(), -1)
