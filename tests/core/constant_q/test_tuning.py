"""The estimate of tuning: chords of known tuning, librosa, batches, TorchScript."""

import librosa
import pytest
import torch

from nnaudio2_core import estimate_tuning

CLASS = 0.01
"""Width of a class of votes: neither side can be nearer."""


def chord(deviation, sr=22050, bins_per_octave=12, dtype=torch.float64):
    """Four notes of six partials with a bit of noise, all ``deviation`` bins from A440."""
    generator = torch.Generator().manual_seed(0)
    t = torch.arange(2 * sr, dtype=dtype) / sr
    notes = [220 * 2 ** ((k + deviation) / bins_per_octave) for k in (0, 4, 7, 12)]
    tones = sum(torch.sin(2 * torch.pi * f * octave * t) / octave for f in notes for octave in (1, 2, 4))
    return tones + 0.01 * torch.randn(t.numel(), generator=generator, dtype=dtype)


@pytest.mark.parametrize("bins_per_octave", [12, 36])
@pytest.mark.parametrize("deviation", [-0.45, -0.2, -0.033, 0.0, 0.117, 0.3, 0.49])
def test_chords_of_known_tuning(deviation, bins_per_octave):
    x = chord(deviation, bins_per_octave=bins_per_octave)
    found = float(estimate_tuning(x, 22050, n_fft=4096, bins_per_octave=bins_per_octave))
    # Half a class, and a parabola in place of the main lobe of the window.
    distance = abs(found - deviation)
    assert min(distance, 1 - distance) <= 0.006 + 0.004 * bins_per_octave / 12


@pytest.mark.parametrize("bins_per_octave", [12, 24])
def test_librosa_on_a_melody(recording, bins_per_octave):
    waveform, sr = recording("sir_duke_fast")
    x = waveform[: 8 * sr]
    theirs = librosa.estimate_tuning(y=x.numpy(), sr=sr, bins_per_octave=bins_per_octave)
    ours = float(estimate_tuning(x, sr, bins_per_octave=bins_per_octave))
    assert abs(ours - theirs) < 2 * CLASS


@pytest.mark.parametrize("deviation", [-0.45, -0.2, 0.117, 0.3])
def test_nearer_than_librosa_on_chords(deviation):
    """At most as far as librosa, but for half a class."""
    x = chord(deviation)
    theirs = abs(librosa.estimate_tuning(y=x.numpy(), sr=22050) - deviation)
    assert abs(float(estimate_tuning(x)) - deviation) <= theirs + CLASS / 2


def test_shapes_silence_and_types():
    x = torch.stack([chord(0.2), chord(-0.3), torch.zeros(44100, dtype=torch.float64)]).reshape(3, 1, -1)
    batch = estimate_tuning(x)
    assert batch.shape == (3, 1)
    assert batch.dtype == torch.float64
    assert batch[2, 0] == 0
    for item, one in zip(x[:, 0], batch[:, 0], strict=True):
        assert estimate_tuning(item) == one
    assert estimate_tuning(x.float()).dtype == torch.float32
    assert estimate_tuning(torch.zeros(0, 1000)).shape == (0,)
    assert estimate_tuning(torch.ones(1)).shape == ()


def test_scripted():
    scripted = torch.jit.script(estimate_tuning)
    x = torch.stack([chord(0.2), chord(-0.3)])
    assert torch.equal(scripted(x), estimate_tuning(x))
    assert torch.equal(scripted(x, 22050.0, 1024, 24), estimate_tuning(x, 22050, 1024, 24))


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"sr": 0}, "sr must be > 0"),
        ({"n_fft": 8}, "n_fft must be >= 16"),
        ({"bins_per_octave": 1.5}, "bins_per_octave must be an integer"),
        ({"resolution": 0}, "resolution must be >= 0.0001"),
        ({"fmin": 500.0, "fmax": 400.0}, "fmax must be > 500"),
    ],
)
def test_errors(arguments, message):
    with pytest.raises((ValueError, TypeError), match=message):
        estimate_tuning(torch.zeros(1000), **arguments)


def test_integer_audio_is_refused():
    with pytest.raises(TypeError, match="x must be a float tensor"):
        estimate_tuning(torch.zeros(1000, dtype=torch.int16))
