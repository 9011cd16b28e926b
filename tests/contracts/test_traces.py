"""Traces of round trips follow the length of the clip; graphs take a named range of lengths."""

import io
import warnings

import numpy as np
import onnxruntime
import pytest
import torch
from tests import tolerances
from torch import nn

from nnaudio2_core import CQT, STFT, VQT, GriffinLim, Inverse, MelSpectrogram, iCQT, iSTFT, iVQT

PITCHES = {"sr": 8000, "hop_length": 64, "fmin": 300.0, "n_bins": 20}
FRAMES = {"n_fft": 256, "hop_length": 64}
LOG = STFT(128, hop_length=32, freq_scale="log", freq_bins=60, sr=8000, fmax=3000)


class RoundTrip(nn.Module):
    """Forth and back, by a module of its own or by methods of the same one."""

    def __init__(self, forth, back=None, method="inverse"):
        super().__init__()
        self.forth, self.back, self.method = forth, back, method

    def forward(self, x):
        X = self.forth(x)
        back = getattr(self.forth, self.method) if self.back is None else self.back
        return back(X, length=x.shape[-1])


def round_trips(engine):
    return {
        "STFT.inverse": RoundTrip(STFT(**FRAMES, engine=engine)),
        "STFT.inverse, long frames": RoundTrip(STFT(512, engine=engine)),
        "STFT.adjoint": RoundTrip(STFT(**FRAMES, engine=engine), method="adjoint"),
        "CQT.adjoint": RoundTrip(CQT(**PITCHES, output_format="Complex", engine=engine), method="adjoint"),
        "iSTFT": RoundTrip(STFT(**FRAMES), iSTFT(**FRAMES, engine=engine)),
        "GriffinLim": RoundTrip(
            STFT(**FRAMES, output_format="Magnitude"), GriffinLim(**FRAMES, n_iter=1, engine=engine)
        ),
        **{
            f"iCQT {solver}": RoundTrip(
                CQT(**PITCHES, output_format="Complex"),
                iCQT(**PITCHES, solver=solver, n_iter=1, engine=engine),
            )
            for solver in ("direct", "cg", "landweber")
        },
        "iVQT": RoundTrip(VQT(**PITCHES, output_format="Complex"), iVQT(**PITCHES, engine=engine)),
        "Inverse": RoundTrip(LOG, Inverse(LOG)),
    }


def traced(module, x):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # torch.jit.trace is deprecated, and names sizes that are constants
        return torch.jit.trace(module, x, check_trace=False)


@pytest.mark.parametrize("engine", ["fft", "real"])
@pytest.mark.parametrize("name", round_trips("fft"))
@torch.no_grad()
def test_a_trace_follows_the_length_of_the_clip(name, engine):
    module = round_trips(engine)[name].eval()
    trace = traced(module, torch.randn(1, 4000))
    for batch, time in ((1, 4000), (2, 3000), (3, 5111)):
        x = torch.randn(batch, time)
        expected = module(x)
        assert expected.shape == (batch, time)
        assert (trace(x) - expected).abs().max() <= tolerances.ENGINES * expected.abs().max()


@pytest.mark.parametrize(
    "module",
    [
        STFT(**FRAMES, engine="real"),
        STFT(512, engine="real"),
        MelSpectrogram(8000, 512, n_mels=20, engine="real"),
        CQT(**PITCHES, engine="real"),
    ],
    ids=["STFT", "STFT, long frames", "MelSpectrogram", "CQT"],
)
@torch.no_grad()
def test_onnx_made_from_a_trace_takes_other_lengths(module):
    file = io.BytesIO()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        torch.onnx.export(
            module.eval(),
            (torch.randn(1, 8000),),
            file,
            dynamo=False,
            opset_version=18,
            input_names=["x"],
            output_names=["y"],
            dynamic_axes={"x": {0: "batch", 1: "time"}, "y": {0: "batch"}},
        )
    session = onnxruntime.InferenceSession(file.getvalue(), providers=["CPUExecutionProvider"])
    for batch, time in ((1, 8000), (1, 6001), (3, 12345)):
        x = torch.randn(batch, time)
        (y,) = session.run(None, {"x": x.numpy()})
        expected = module(x).numpy()
        assert y.shape == expected.shape
        assert np.abs(y - expected).max() <= tolerances.HOST_ONNX * np.abs(expected).max()
