"""Test signals of artifacts: their sizes and levels let them find what they are meant to find."""

import pytest
import torch

from nnaudio2_core import CQT, STFT, GriffinLim, MelSpectrogram, iSTFT
from nnaudio2_deploy.artifacts.interface import interface_of
from nnaudio2_deploy.artifacts.seeded_signals import NAMES, signals

FORWARD = [
    STFT(64, hop_length=16),
    STFT(64, hop_length=16, center=False),
    MelSpectrogram(16000, 512, hop_length=128, n_mels=40),
    CQT(16000, hop_length=256, fmin=100, n_bins=24),
]
INVERSE = [iSTFT(256), GriffinLim(256, 4)]


def tried(module, max_time=None):
    """The signals, and how long each is."""
    interface = interface_of(module)
    inputs = signals(interface, max_time)
    return inputs, {name: x.size(interface.long_axis) for name, x in inputs.items()}


@pytest.mark.parametrize("module", FORWARD)
def test_the_shortest_clip_is_the_shortest_that_there_is(module):
    shortest = tried(module)[0]["shortest"]
    assert shortest.shape == (1, module.min_samples)
    assert module(shortest).isfinite().all()
    with pytest.raises(ValueError, match=f"at least min_samples = {module.min_samples} samples"):
        module(shortest[:, 1:])


@pytest.mark.parametrize("module", INVERSE)
def test_the_shortest_spectrogram_is_the_shortest_that_there_is(module):
    interface = interface_of(module)
    inputs, lengths = tried(module)
    assert lengths["shortest"] == interface.shortest
    assert module(inputs["shortest"], **interface.call).isfinite().all()


@pytest.mark.parametrize("module", FORWARD + INVERSE)
def test_one_is_a_batch(module):
    inputs, _ = tried(module)
    assert tuple(inputs) == NAMES
    items = {name: x.size(0) for name, x in inputs.items()}
    assert items == dict.fromkeys(inputs, 1) | {"batch": 3}
    # Items that were mixed up, or scaled by what is in another, would show.
    first, second, third = inputs["batch"].flatten(1)
    assert first.norm() > 5 * second.norm() > 25 * third.norm() > 0
    assert torch.equal(inputs["batch"][:1], inputs["noise"])


@pytest.mark.parametrize("module", FORWARD)
def test_a_long_one_ends_with_a_hop_and_the_others_amid_one(module):
    _, lengths = tried(module)
    others = lengths.keys() - {"shortest", "long"}
    assert len({lengths[name] for name in others}) == 1
    assert lengths["tone"] > 2 * lengths["shortest"]
    assert 3 * lengths["tone"] <= lengths["long"] < 3 * lengths["tone"] + module.hop_length
    assert lengths["long"] % module.hop_length == 0
    assert lengths["tone"] % module.hop_length != 0


@pytest.mark.parametrize("module", INVERSE)
def test_a_long_spectrogram_is_longer_than_the_others(module):
    _, lengths = tried(module)
    assert lengths["long"] > 2.5 * lengths["tone"] > 5 * lengths["shortest"]


@pytest.mark.parametrize("module", [FORWARD[0], INVERSE[0]])
def test_no_signal_is_longer_than_memory_was_planned_for(module):
    free, planned = tried(module)[1], tried(module, max_time=50)[1]
    assert planned == {name: min(50, length) for name, length in free.items()}
    assert planned["shortest"] < planned["long"] == 50


def test_what_the_signals_are():
    inputs, _ = tried(FORWARD[0])
    assert not inputs["silence"].any()
    assert inputs["impulse"].count_nonzero() == inputs["impulse"].sum() == 1
    (tone,) = inputs["tone"]
    assert tone.abs().max() == pytest.approx(0.5, abs=1e-3)
    # Cycles a sample; the bins of the spectrum lie 1 / len(tone) apart.
    loudest = int(torch.fft.rfft(tone).abs().argmax())
    assert loudest / len(tone) == pytest.approx(0.0437, abs=1 / len(tone))
    # No item is another one, louder: one that took another's place would not differ by a factor alone.
    assert torch.corrcoef(inputs["batch"]).triu(1).abs().max() < 0.1
    # The deviation of 4000 samples is known to about a hundredth.
    assert inputs["noise"].std() == pytest.approx(0.25, rel=0.05)


def test_the_signals_are_the_same_each_time():
    torch.manual_seed(5)
    first, _ = tried(FORWARD[0])
    torch.manual_seed(6)
    again, _ = tried(FORWARD[0])
    assert all(torch.equal(x, again[name]) for name, x in first.items())
