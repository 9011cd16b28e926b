"""Whole models, with the weights in their wheels, give the same results with our front end."""

import pytest
import torch
from tests import tolerances
from tests.oracles.front_ends import pesto_model
from torch import nn

from nnaudio2_core import front_end


@pytest.fixture(scope="module")
def voice():
    """Two clips: gliding notes with four partials and noise 40 dB below; one fades out."""
    time = torch.arange(24000) / 16000
    phase = 2 * torch.pi * torch.cumsum(180 + 90 * time, 0) / 16000
    note = sum(torch.sin(k * phase) / k for k in range(1, 5))
    clips = torch.stack([note, note.flip(0) * torch.exp(-2 * time)])
    return 0.2 * clips + 0.002 * torch.randn(2, 24000)


class Preprocessor(nn.Module):
    """Our front end with the attributes that pesto asks for."""

    def __init__(self, theirs):
        super().__init__()
        self.front_end = front_end("pesto")
        self.hcqt_kwargs, self.hop_size = theirs.hcqt_kwargs, theirs.hop_size

    def forward(self, x, sr=None):
        return self.front_end(x)


def test_pesto(voice):
    model = pesto_model()
    theirs = model.preprocessor
    with torch.no_grad():
        expected = model(voice, sr=16000)
        model.preprocessor = Preprocessor(theirs)
        try:
            result = model(voice, sr=16000)
        finally:
            model.preprocessor = theirs
    for name, ours, original in zip(
        ("pitch", "confidence", "volume", "activations"), result, expected, strict=True
    ):
        assert ours.shape == original.shape
        assert (ours - original).abs().max() <= tolerances.MODEL_OUTPUT * original.abs().max(), name


def test_fcpe(voice):
    import torchfcpe

    model = torchfcpe.spawn_bundled_infer_model("cpu")
    front = front_end("fcpe")
    with torch.no_grad():
        expected = model(voice.unsqueeze(-1), 16000)
        mel = front(voice)
        # The model's extractor repeats the last frame, for one frame at each end.
        mel = torch.cat([mel, mel[:, -1:]], 1)
        result = model.model.infer(mel, decoder="local_argmax", threshold=0.006)
    assert result.shape == expected.shape
    assert (expected > 100).any()
    assert (result - expected).abs().max() <= tolerances.MODEL_OUTPUT * expected.max()
