"""Mel spectrograms in onnxruntime, one thread: files of ours, of onnx-asr, and torchaudio's exported."""

import contextlib
import io
import warnings
from collections.abc import Iterator
from importlib.resources import files
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import torch
from torch import Tensor, nn

from nnaudio2_core import MelSpectrogram, front_end
from nnaudio2_deploy import save

from .row import Row
from .timing import Call, Peer, compare, relative_error, threads

RATE = 16000
MODELS = {"whisper": "whisper80", "nemo-128": "nemo128"}
"""Front ends of ours, and the files of onnx-asr."""
BANDS = {"n_fft": 400, "hop_length": 160, "n_mels": 80}


def rows(quick: bool = False) -> Iterator[Row]:
    """Every row; ``quick`` takes a second of audio."""
    x = 0.1 * torch.randn(1, RATE if quick else 30 * RATE)
    case = f"{x.size(1) // RATE} s of 16 kHz"
    with threads(1):
        for name, file in MODELS.items():
            module = front_end(name)
            theirs = Peer("onnx-asr", lambda file=file, x=x: _of_onnx_asr(file, x), 1.0)
            error = relative_error(module(x.double()))
            label, ours = f"{name} in onnxruntime", _saved(module, x)
            yield from compare(label, case, ours, [theirs], error, quick=quick)
        mel = MelSpectrogram(RATE, **BANDS, htk=True, norm=None, pad_mode="reflect")
        theirs = Peer("torchaudio", lambda: _of_torchaudio(x), 1.0)
        error = relative_error(mel(x.double()))
        yield from compare("mel in onnxruntime", case, _saved(mel, x), [theirs], error, quick=quick)


def _saved(module: nn.Module, x: Tensor) -> Call:
    with TemporaryDirectory() as folder:
        path = Path(folder) / "module.onnx"
        save(module, path, "onnx")
        return _session(path.read_bytes(), {"x": x.numpy()})


def _of_onnx_asr(name: str, x: Tensor) -> Call:
    data = files("onnx_asr.preprocessors").joinpath("data", f"{name}.onnx").read_bytes()
    return _session(data, {"waveforms": x.numpy(), "waveforms_lens": np.asarray([x.size(1)], np.int64)})


def _of_torchaudio(x: Tensor) -> Call:
    from torchaudio import transforms

    module = transforms.MelSpectrogram(RATE, **BANDS).eval()
    shapes = {"waveform": {1: torch.export.Dim.DYNAMIC}}
    with warnings.catch_warnings(), contextlib.redirect_stdout(io.StringIO()):
        warnings.simplefilter("ignore")
        program = torch.onnx.export(module, (x,), dynamo=True, dynamic_shapes=shapes)
    held = io.BytesIO()
    program.save(held)
    return _session(held.getvalue(), {"waveform": x.numpy()})


def _session(data: bytes, inputs: "dict[str, np.ndarray]") -> Call:
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads, options.log_severity_level = 1, 3
    session = onnxruntime.InferenceSession(data, options, providers=["CPUExecutionProvider"])
    return lambda: torch.from_numpy(session.run(None, inputs)[0])
