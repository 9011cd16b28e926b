"""Subclasses of transforms: their config rebuilds them."""

import pytest
import torch

from nnaudio2_core import CQT, Inverse, MelSpectrogram


class Floored(MelSpectrogram):
    def __init__(self, eps=1e-6, **arguments):
        super().__init__(**arguments)
        self.eps = eps


class Twice(MelSpectrogram):
    def __init__(self, n_mels=20):
        super().__init__(sr=16000, n_fft=512, n_mels=2 * n_mels)


class HandedOn(MelSpectrogram):
    def __init__(self, *positional, **named):
        super().__init__(*positional, **named)


def test_config_has_the_arguments_of_the_outermost_constructor():
    assert Floored(eps=1e-3, sr=16000).config == {"eps": 1e-3, "sr": 16000}
    assert Twice(30).config == {"n_mels": 30}
    assert HandedOn(16000, 512).config == MelSpectrogram(16000, 512).config


def test_config_rebuilds():
    x = torch.randn(1, 8000)
    for module in (Floored(sr=16000, n_fft=512), Twice(30), HandedOn(16000, 512, n_mels=40)):
        assert torch.equal(type(module)(**module.config)(x), module(x))
        with torch.device("meta"):
            empty = type(module)(**module.config)
        assert torch.equal(empty.to_empty(device="cpu")(x), module(x))


def test_repr_shows_what_is_not_default():
    assert Floored(sr=16000).extra_repr() == "sr=16000"
    assert repr(CQT(sr=16000, n_bins=60)).startswith("CQT(\n  sr=16000, n_bins=60\n")


class MyCQT(CQT):
    pass


class Fixed(CQT):
    def __init__(self):
        super().__init__(sr=16000, fmin=200.0, n_bins=24)


def test_inverse_of_a_subclass_with_another_constructor_is_refused():
    with pytest.raises(TypeError, match="transform must have the constructor of CQT, got Fixed"):
        Inverse(Fixed())


def test_inverse_of_a_subclass():
    transform = MyCQT(sr=16000, fmin=200.0, n_bins=24)
    inverse = Inverse(transform)
    X = transform(torch.randn(1, 8000), "Complex")
    assert torch.equal(Inverse(**inverse.config)(X), inverse(X))
