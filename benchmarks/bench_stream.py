"""Time of one step of a stream, one thread: constant-Q at 48 kHz, mel at 16 kHz, STFT and back.

The peers are kaldi-native-fbank and the constant-Q of pesto-pitch.
"""

import statistics
import time
import warnings
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Callable

import torch
from torch import Tensor

from nnaudio2_core import CQT, STFT, MelSpectrogram, Stream, iSTFT
from nnaudio2_deploy import load, save

from .row import Row
from .timing import failure, threads

STEPS, WARM = 300, 60
SAVED = {"AOTInductor": "aoti", "onnxruntime": "onnx"}
"""Formats of fixed blocks, by the name of what runs them."""
PITCHES: dict[str, Any] = {"sr": 48000, "hop_length": 256, "fmin": 27.5, "n_bins": 84, "pad_mode": "constant"}
BANDS: dict[str, Any] = {"n_fft": 400, "hop_length": 160, "n_mels": 80, "center": False}


def rows(quick: bool = False) -> Iterator[Row]:
    """Every row; ``quick`` takes few steps, and compiles only the STFT."""
    block = torch.randn(1, 256)
    with threads(1):
        for engine in ("fft", "real"):
            cqt = CQT(**PITCHES, engine=engine)
            case = f"256 samples of 48 kHz, 84 bins, {engine}"
            yield from _forms("CQT", case, cqt, 256, block, quick, _pesto, 0.2)
        mel = MelSpectrogram(16000, **BANDS)
        yield from _forms("mel", "10 ms of 16 kHz, 80 bands", mel, 160, block[:, :160], quick, _kaldi)
        yield from _forms("STFT", "256 samples, 1024 / 256", STFT(1024, hop_length=256), 256, block, quick)
        X = torch.randn(1, 513, 1, 2)
        yield from _forms("inverse STFT", "1 frame, 1024 / 256", iSTFT(1024, hop_length=256), 256, X, quick)


def _forms(
    name: str,
    case: str,
    transform: torch.nn.Module,
    samples: int,
    block: Tensor,
    quick: bool,
    peer: "Callable[[Tensor], Callable[[], Any]] | None" = None,
    target: "float | None" = None,
) -> Iterator[Row]:
    """Median, and 99th percentile in the note: blocks of any and of a fixed length, in each form."""
    steps = 3 if quick else STEPS
    theirs, missing = None, ""
    if peer is not None:
        try:
            theirs = statistics.median(_microseconds(peer(block), steps))
        except Exception as problem:
            missing = "; " + failure(problem)
    label = "" if peer is None else {"_pesto": "pesto-pitch", "_kaldi": "kaldi-native-fbank"}[peer.__name__]
    for kind, stream in (("any block", Stream(transform)), ("fixed block", Stream(transform, block=samples))):
        saved = SAVED if kind == "fixed block" and (name == "STFT" or not quick) else ()
        for form in ("eager", "TorchScript", *saved):
            times = _microseconds(_Step(_in_form(stream, form), block), steps)
            worst = sorted(times)[int(0.99 * (len(times) - 1))]
            yield Row(
                f"{name} stream, {form}",
                f"{case}, {kind}",
                statistics.median(times),
                label,
                theirs,
                target=target if form == "TorchScript" else None,
                unit="us",
                note=f"99th percentile {worst:.0f} us{missing}",
            )


def _in_form(stream: Stream, form: str) -> Any:
    """The stream as it is, scripted, or saved and loaded."""
    if form == "eager":
        return stream
    with warnings.catch_warnings(), TemporaryDirectory() as folder:
        warnings.simplefilter("ignore")
        if form == "TorchScript":
            return torch.jit.script(stream)
        path = Path(folder) / "stream"
        save(stream, path, SAVED[form])
        return load(path, trust=True)  # machine code, of ours


class _Step:
    """One step after the other, in one signal."""

    def __init__(self, stream: Any, block: Tensor) -> None:
        self.stream, self.block, self.state = stream, block, stream.start(block.size(0))

    def __call__(self) -> Tensor:
        with torch.no_grad():
            frames, self.state = self.stream.step(self.block, self.state)
        return frames


def _microseconds(call: Callable[[], Any], steps: int) -> list[float]:
    times = []
    for step in range(steps + min(steps, WARM)):
        begin = time.perf_counter()
        call()
        if step >= min(steps, WARM):
            times.append(1e6 * (time.perf_counter() - begin))
    return times


def _pesto(block: Tensor) -> Callable[[], Any]:
    from pesto.utils.hcqt import StreamingCQT

    cqt = StreamingCQT(48000, 256, fmin=27.5, n_bins=84, output_format="Complex").eval()

    def call() -> Any:
        with torch.no_grad():
            return cqt(block)

    return call


def _kaldi(block: Tensor) -> Callable[[], Any]:
    import kaldi_native_fbank

    options = kaldi_native_fbank.FbankOptions()
    options.frame_opts.samp_freq = 16000
    options.frame_opts.dither = 0
    options.mel_opts.num_bins = 80
    online = kaldi_native_fbank.OnlineFbank(options)
    samples = block[0].tolist()

    def call() -> Any:
        online.accept_waveform(16000, samples)
        return online.get_frame(max(0, online.num_frames_ready - 1)) if online.num_frames_ready else None

    return call
