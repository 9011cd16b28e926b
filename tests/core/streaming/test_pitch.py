"""A pitch estimator trained on whole clips, pesto-pitch, on a stream: its own weights, its offline pitch."""

import math

import pesto
import pytest
import torch
from tests import tolerances
from torch import Tensor, nn

from nnaudio2_core import VQT, Stream


class Streamed(nn.Module):
    """In the place of the estimator's own constant-Q: the frames of a stream."""

    def __init__(self, stream: Stream) -> None:
        super().__init__()
        self.stream, self.state = stream, stream.start(1)

    def forward(self, block: Tensor) -> Tensor:
        if block.size(-1) == 0:
            return self.stream.finish(self.state).unsqueeze(1)
        frames, self.state = self.stream.step(block, self.state)
        return frames.unsqueeze(1)


def glide(sr: int) -> Tensor:
    """Two octaves up from A2, with four harmonics."""
    t = torch.arange(2 * sr, dtype=torch.float64) / sr
    phase = 2 * math.pi * 110 * (2**t - 1) / math.log(2)
    return sum(torch.sin(n * phase) / n for n in range(1, 5)).float() * 0.2


@pytest.mark.parametrize("sound", ["glide", "sir_duke_fast"])
def test_a_pitch_estimator_streams_its_offline_pitch(sound, recording):
    sr = 22050
    if sound == "glide":
        x = glide(sr)
    else:
        x, sr = recording(sound)
    x = x[None, : 3 * sr]
    model = pesto.load_model("mir-1k_g7", step_size=10.0, sampling_rate=sr).eval()
    with torch.no_grad():
        offline, confidence, *_ = model(x, sr=sr)
        own = model.preprocessor.hcqt_kernels.cqt_kernels[0]
        arguments = model.preprocessor.hcqt_kwargs
        vqt = VQT(
            sr=sr,
            hop_length=own.hop_length,
            fmin=float(own.frequencies[0]),
            n_bins=own.n_bins,
            bins_per_octave=12 * arguments["bins_per_semitone"],
            gamma=arguments["gamma"],
            output_format="Complex",
        )
        model.preprocessor.hcqt_kernels = Streamed(Stream(vqt))
        pieces = [model(block)[0] for block in (*x.split(3 * own.hop_length + 7, 1), x[:, :0])]
    streamed = torch.cat(pieces, 1)
    assert streamed.shape == offline.shape
    voiced = confidence > 0.5
    assert voiced.sum() > 100
    assert (streamed - offline)[voiced].abs().max() <= tolerances.PITCH
