"""A waveform with its channels last gets a hint; a short one does not."""

import pytest
import torch

from nnaudio2_core import STFT


@pytest.mark.parametrize("scripted", [False, True])
def test_channels_last_get_a_hint(scripted):
    stft = torch.jit.script(STFT(512)) if scripted else STFT(512)
    kind = torch.jit.Error if scripted else ValueError
    said = r"got 2; time must be the last axis: if x, \[4000, 2\], is \(time, channels\), pass x.transpose"
    with pytest.raises(kind, match=said):
        stft(torch.randn(4000, 2))


def test_a_short_clip_gets_none():
    with pytest.raises(ValueError, match=r"min_samples = 257 samples, got 20$"):
        STFT(512)(torch.randn(2, 20))
