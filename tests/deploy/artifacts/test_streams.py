"""Streams in every format: state in and out, and the steps are the transform of the whole clip."""

import subprocess
import sys
from dataclasses import replace
from typing import Tuple

import pytest
import torch
from tests import tolerances
from tests.contracts.cases import assert_close
from torch import Tensor, nn
from typer.testing import CliRunner

from nnaudio2_core import CQT, LFCC, MFCC, NSGT, STFT, VQT, Inverse, MelSpectrogram, Stream, front_end, iSTFT
from nnaudio2_core.streaming.frame_stream import BlockState
from nnaudio2_deploy import ArtifactError, StreamArtifact, inspect, load, save, verify
from nnaudio2_deploy.artifacts.carriers import ZIP
from nnaudio2_deploy.artifacts.formats.format import OpenedSteps
from nnaudio2_deploy.artifacts.loading import read
from nnaudio2_deploy.artifacts.steps import steps_of
from nnaudio2_deploy.commands.cli import app
from nnaudio2_deploy.measures import relative_error

FRAMES = {"n_fft": 256, "hop_length": 64}
PITCHES = {"sr": 8000, "hop_length": 64, "fmin": 200.0, "n_bins": 20, "pad_mode": "constant"}


def bound(format: str) -> float:
    return tolerances.STREAM_ARTIFACT if format in ("torchscript", "export") else tolerances.HOST_ONNX


def streamed(stream: StreamArtifact, blocks: tuple[Tensor, ...]) -> Tensor:
    """All results of the steps, from the first one of the clip on."""
    state, pieces = stream.start(), []
    for block in blocks:
        result, state = stream.step(block, state)
        pieces.append(result)
    pieces.append(stream.finish(state))
    axis = stream.description.time_axis
    joined = torch.cat(pieces, axis)
    return joined.narrow(axis, stream.description.delay, joined.size(axis) - stream.description.delay)


def assert_same_steps(saved: StreamArtifact, eager: Stream, format: str) -> None:
    """A file returns what eager mode returns, in pieces of the same sizes; the last, for blocks of zeros."""
    about = saved.description
    (axes,) = about.input.values()
    blocks = torch.randn(12, *(1 if size is None else size for size in axes.values()))
    state, expected = eager.start(1), []
    for block in (*blocks, *torch.zeros_like(blocks)):
        piece, state = eager.step(block, state)
        expected.append(piece)
    state, pieces = saved.start(), []
    for block in blocks:
        piece, state = saved.step(block, state)
        pieces.append(piece)
    assert [piece.shape for piece in pieces] == [piece.shape for piece in expected[:12]]
    result = torch.cat([*pieces, saved.finish(state)], about.time_axis)
    kept = result.size(about.time_axis) - about.delay
    whole = torch.cat(expected, about.time_axis).narrow(about.time_axis, about.delay, kept)
    assert_close(result.narrow(about.time_axis, about.delay, kept), whole, bound(format))


@pytest.mark.parametrize("format", ["torchscript", "export", "onnx"])
def test_a_stream_is_the_transform_of_the_whole_clip(format, tmp_path, recording):
    mel = MelSpectrogram(8000, **FRAMES, n_mels=24, pad_mode="constant")
    description = save(Stream(mel, block=128), tmp_path / "mel", format)
    assert description.block == 128
    assert description.latency == Stream(mel).latency
    assert [each["shape"] for each in description.state] == [[1, 192]]
    stream = load(tmp_path / "mel", trust=True)
    x = recording("snare-accelerate")[0][None, : 128 * 80]
    frames = streamed(stream, x.split(128, 1))
    assert relative_error(frames, mel(x)) <= bound(format)
    assert torch.equal(stream(x), frames)
    assert verify(tmp_path / "mel", trust=format != "onnx").passed  # once in a process of its own


TRANSFORMS = {
    "CQT": (CQT(**PITCHES), 64, "onnx executorch"),
    "CQT lookahead": (CQT(**PITCHES, lookahead=100), 128, "export"),
    "STFT": (STFT(**FRAMES), 64, "aoti"),
    "VQT Complex": (VQT(**PITCHES, gamma=10.0, output_format="Complex"), 64, "torchscript"),
    "STFT Phase": (STFT(**FRAMES, output_format="Phase"), 64, "onnx"),
    # Frames that do not overlap: there is nothing to hold.
    "STFT center=False": (
        STFT(64, hop_length=64, center=False, output_format="Magnitude"),
        128,
        "export onnx",
    ),
    "STFT trainable": (STFT(**FRAMES, trainable=True), 64, "torchscript"),
    "MFCC": (MFCC(sr=8000, n_mfcc=10, top_db=None, **FRAMES, n_mels=24), 64, "export"),
    # It always reflects its ends.
    "LFCC": (LFCC(sr=8000, n_lfcc=13, n_bands=20, top_db=None, **FRAMES), 64, "torchscript"),
    "iSTFT": (iSTFT(**FRAMES), 128, "torchscript export onnx"),
    "Inverse": (Inverse(CQT(**PITCHES, output_format="Complex")), 128, "torchscript onnx"),
}
PAIRS = [(name, format) for name, (_, _, formats) in TRANSFORMS.items() for format in formats.split()]


@pytest.mark.parametrize(("name", "format"), PAIRS)
def test_every_kind_of_stream(name, format, tmp_path):
    transform, block, _ = TRANSFORMS[name]
    eager = Stream(transform, block=block)
    description = save(eager, tmp_path / "stream", format)
    assert max(description.parity.values()) <= bound(format)
    assert_same_steps(load(tmp_path / "stream", trust=True), eager, format)
    report = verify(tmp_path / "stream", trust=True)
    assert report.passed
    assert report.compared_with == ("results kept in the file" if "trainable" in name else "eager mode")
    assert set(report.errors) == {"tone", "noise", "impulse", "silence", "long"}


def test_blocks_of_any_length_in_torchscript(tmp_path):
    stft = STFT(**FRAMES)
    description = save(Stream(stft), tmp_path / "stft.pt", "torchscript")
    assert (description.block, description.delay) == (None, 0)
    stream, x = load(tmp_path / "stft.pt"), torch.randn(3, 3000)
    state, pieces = stream.start(3), []
    for block in x.split([0, 1, 700, 299, 2000], 1):
        frames, state = stream.step(block, state)
        pieces.append(frames)
    pieces.append(stream.finish(state))
    assert relative_error(torch.cat(pieces, 2), stft(x)) <= tolerances.STREAM_FLOAT32
    assert verify(tmp_path / "stft.pt", trust=True).passed
    with pytest.raises(ArtifactError, match="block must be given for onnx"):
        save(Stream(stft), tmp_path / "stft.onnx", "onnx")


@pytest.mark.parametrize(("block", "format"), [(None, "torchscript"), (320, "onnx")])
def test_a_front_end_whose_frames_come_first(block, format, tmp_path):
    kaldi = front_end("kaldi-fbank")
    description = save(Stream(kaldi, block=block), tmp_path / "fbank", format)
    assert (description.time_axis, list(description.output[0])) == (1, ["batch", "frames", "bins"])
    stream, x = load(tmp_path / "fbank", trust=True), torch.randn(1, 320 * 20)
    expected = kaldi(x)
    frames = stream(x)[:, : expected.size(1)]  # in fixed blocks, zeros after the clip give some more
    assert relative_error(frames, expected) <= bound(format)
    assert verify(tmp_path / "fbank", trust=True).passed


@pytest.mark.parametrize(
    "transform", [STFT(64, hop_length=16, pad_mode="constant"), iSTFT(64, hop_length=16)]
)
def test_a_block_may_be_longer_than_the_clips_that_are_tried_otherwise(transform, tmp_path):
    save(Stream(transform, block=2**13), tmp_path / "stream", "torchscript")
    assert verify(tmp_path / "stream", trust=True).passed


class Recurrent(nn.Module):
    """Level of each mel band, smoothed by a network with a memory."""

    block = 128

    def __init__(self) -> None:
        super().__init__()
        torch.manual_seed(0)
        self.mel = Stream(MelSpectrogram(8000, **FRAMES, n_mels=24, pad_mode="constant"), block=self.block)
        self.cell = nn.GRUCell(24, 16)
        self.delay: int = self.mel.delay

    @torch.jit.export
    def start(self, batch_size: int = 1) -> Tuple[BlockState, Tensor]:
        return self.mel.start(batch_size), torch.full((batch_size, 16), 0.25)

    @torch.jit.export
    def step(
        self, block: Tensor, state: Tuple[BlockState, Tensor]
    ) -> Tuple[Tensor, Tuple[BlockState, Tensor]]:
        frames, front = self.mel.step(block, state[0])
        first = self.cell(frames[:, :, 0], state[1])
        second = self.cell(frames[:, :, 1], first)
        return torch.stack([first, second], 2), (front, second)


@pytest.mark.parametrize("format", ["torchscript", "export", "onnx", "executorch"])
def test_a_model_with_steps_of_its_own(format, tmp_path):
    model = Recurrent()
    description = save(model, tmp_path / "model", format, batch_size=2)
    assert [(each["name"], each["shape"], each["initial"]) for each in description.state] == [
        ("state_0_samples", [2, 192], 0.0),
        ("state_1", [2, 16], 0.25),
    ]
    assert description.sr == 8000
    stream, blocks = load(tmp_path / "model", trust=True), torch.randn(8, 2, 128)
    ours, theirs = model.start(2), stream.start()
    for block in blocks:
        with torch.no_grad():
            expected, ours = model.step(block, ours)
        result, theirs = stream.step(block, theirs)
        assert relative_error(result, expected) <= bound(format)
    for module in (None, model):
        assert verify(tmp_path / "model", module=module, trust=True).passed
    with torch.no_grad():
        model.cell.weight_ih.mul_(1.5)
    assert not verify(tmp_path / "model", module=model, trust=True).passed


ELSEWHERE = """
import json, sys
import numpy as np, onnx, onnxruntime
session = onnxruntime.InferenceSession(sys.argv[1])
text = {each.key: each.value for each in onnx.load(sys.argv[1]).metadata_props}["nnaudio2"]
described = json.loads(text)["description"]
state = {s["name"]: np.full(s["shape"], s["initial"], s["dtype"]) for s in described["state"]}
for _ in range(9):
    block = np.ones((1, described["block"]), "float32")
    output, *after = session.run(None, {"block": block, **state})
    state = dict(zip(state, after))
print([each.name for each in session.get_outputs()], float(output[0, 0, 0]))
"""


def test_onnxruntime_runs_a_stream_from_its_description_alone(tmp_path):
    stft = STFT(**FRAMES, output_format="Magnitude", pad_mode="constant")
    save(Stream(stft, block=64), tmp_path / "stft.onnx", "onnx")
    done = subprocess.run(
        [sys.executable, "-I", "-W", "ignore", "-c", ELSEWHERE, str(tmp_path / "stft.onnx")],
        capture_output=True,
        text=True,
        check=True,
    )
    names, value = done.stdout.rsplit(" ", 1)
    assert names == "['output', 'new_samples']"
    assert abs(float(value) - 128.0) < 1e-3  # the sum of the window


def test_the_state_that_goes_in_stays_and_streams_do_not_touch(tmp_path):
    save(Stream(STFT(**FRAMES), block=64), tmp_path / "stft.onnx", "onnx")
    stream, blocks = load(tmp_path / "stft.onnx"), torch.randn(20, 2, 1, 64)
    alone = [[], []]
    for item in range(2):
        state = stream.start()
        for block in blocks:
            before = [tensor.clone() for tensor in state]
            result, after = stream.step(block[item], state)
            assert all(torch.equal(old, new) for old, new in zip(before, state, strict=True))
            alone[item].append(result)
            state = after
    states = [stream.start(), stream.start()]
    for k, block in enumerate(blocks):
        for item in range(2):
            result, states[item] = stream.step(block[item], states[item])
            assert torch.equal(result, alone[item][k])


def test_bad_blocks_and_states_get_one_error(tmp_path):
    save(Stream(STFT(**FRAMES), block=64), tmp_path / "stft.onnx", "onnx")
    stream = load(tmp_path / "stft.onnx")
    block, state = torch.zeros(1, 64), stream.start()
    for error, message, *call in (
        (
            ValueError,
            r"block must have the shape \(batch=1, time=64\), got \(2, 64\)",
            torch.zeros(2, 64),
            state,
        ),
        (ValueError, "block must have the shape", torch.zeros(1, 63), state),
        (TypeError, "block must have the dtype torch.float32, got torch.float64", block.double(), state),
        (TypeError, "state must be the tuple of tensors", block, None),
        (ValueError, "state must have 1 tensors, got 2", block, (*state, state[0])),
        (
            ValueError,
            r"state must have samples of shape \(1, 192\), got \(1, 5\)",
            block,
            (torch.zeros(1, 5),),
        ),
        (TypeError, "state must have samples of torch.float32", block, (state[0].double(),)),
    ):
        with pytest.raises(error, match=message):
            stream.step(*call)
    with pytest.raises(ValueError, match="batch_size must be 1, as the file was saved, got 2"):
        stream.start(2)


class Growing(nn.Module):
    block = 8

    def start(self, batch_size: int = 1):
        return torch.zeros(batch_size, 0)

    def step(self, block, state):
        return block, torch.cat([state, block], 1)


class Strange(Growing):
    def start(self, batch_size: int = 1):
        return (torch.zeros(batch_size, 3), 7)


class Undecorated(Growing):
    def step(self, block: Tensor, state: Tensor) -> Tuple[Tensor, Tensor]:
        return block, state + 0


class SameNames(Growing):
    def start(self, batch_size: int = 1):
        return {"a-b": torch.zeros(batch_size), "a_b": torch.zeros(batch_size)}

    def step(self, block, state):
        return block, state


@pytest.mark.parametrize(
    ("module", "arguments", "message"),
    [
        (SameNames(), {}, "start must return tensors of different names, got a_b, a_b"),
        (Growing(), {}, "step must keep the shapes and dtypes of its state"),
        (Strange(), {}, "start must return tensors"),
        (Undecorated(), {"format": "torchscript"}, "start must be decorated with @torch.jit.export"),
        (Undecorated(), {"call": {"a": 1}}, "call must be None"),
        (Undecorated(), {"max_time": 9}, "max_time must be None"),
        (Undecorated(), {"batch_size": 0}, "batch_size must be a whole number >= 1, got 0"),
        (Undecorated(), {"example": torch.zeros(8)}, "example must have the shape"),
        (
            Stream(NSGT(sr=8000, fmin=300.0, bins_per_octave=5, slice_length=960)),
            {},
            "a stream of NSGT cannot",
        ),
        (Stream(STFT(**FRAMES), block=64), {"example": torch.zeros(1, 64)}, "example is for models"),
        (Stream(STFT(**FRAMES, return_complex=True), block=64), {}, "return_complex must be False"),
    ],
)
def test_what_cannot_be_saved_is_an_error_that_says_why(module, arguments, message, tmp_path):
    with pytest.raises(ArtifactError, match=message):
        save(module, tmp_path / "no", **{"format": "onnx", **arguments})
    assert not (tmp_path / "no").exists()


@pytest.mark.parametrize(
    "change",
    [
        {"name": "os.system"},
        {"name": "a", "shape": [2**40]},
        {"shape": [1, -1]},
        {"dtype": "object"},
        {"initial": [1.0]},
        {"initial": "x"},
        {"more": 1},
    ],
)
def test_a_description_with_another_state_is_refused(change, tmp_path, monkeypatch):
    path = tmp_path / "stft.pt"
    save(Stream(STFT(**FRAMES), block=64), path, "torchscript")
    description, payload = read(path)
    (state,) = description.state
    for forged, opens in ((state, True), ({**state, **change}, False)):
        with monkeypatch.context() as patch:  # what to_text would not write
            patch.setattr("nnaudio2_deploy.artifacts.description.find_description", lambda text: None)
            text = replace(description, state=[forged]).to_text()
        path.write_bytes(ZIP.attach(payload, text))
        if opens:
            assert load(path).description == description
            continue
        with pytest.raises(ArtifactError, match="its description has state = "):
            load(path)


def test_a_state_of_more_numbers_than_may_be_read_is_refused():
    from nnaudio2_deploy.artifacts.description import _RULES

    (holds,) = [rule for name, _, rule in _RULES if name == "state"]
    half = {"name": "a", "shape": [2**23], "dtype": "float32", "initial": 0.0}
    assert holds([half, half])
    assert not holds([half, half, {**half, "shape": [1]}])


@pytest.mark.executorch
def test_a_program_of_integers_is_tried_on_audio_at_full_scale():
    from nnaudio2_deploy.artifacts.formats.executorch import Executorch

    class Delayed(Growing):
        def start(self, batch_size: int = 1):
            return torch.zeros(batch_size, 8, dtype=torch.int16)

        def step(self, block, state):
            return state + 0, block + 0

    tried = []

    class Recorded(Executorch):
        def open_steps(self, payload, results):
            def step(block, state):
                tried.append(block)
                return state[0] + 0, (block + 0,)

            return OpenedSteps(None, None, step, None)

    Recorded()._try_steps(b"", steps_of(Delayed(), torch.zeros(2, 8, dtype=torch.int16), 8000.0, 2))
    assert len(tried) == 4
    assert torch.cat(tried).double().std() > 1000


def test_the_results_of_a_step_are_computed_once(monkeypatch):
    model, calls = Recurrent(), []
    monkeypatch.setattr(Recurrent, "step", counted(Recurrent.step, calls))
    steps = steps_of(model, None, None, 1)
    del calls[:]
    assert steps.results is steps.results
    assert len(calls) == 1


def counted(function, calls):
    def call(*arguments):
        calls.append(arguments)
        return function(*arguments)

    return call


def test_the_command_saves_a_stream(tmp_path):
    line = ["export", "STFT", str(tmp_path / "stft.pt2"), "--format", "export", "--set", "hop_length=256"]
    result = CliRunner().invoke(app, [*line, "--stream", "--block", "256"])
    assert result.exit_code == 0
    assert "STFT as export, in blocks of 256, " in result.output
    assert CliRunner().invoke(app, ["verify", str(tmp_path / "stft.pt2")]).exit_code == 0
    assert inspect(tmp_path / "stft.pt2").state[0]["name"] == "samples"
    for extra, message in (
        (["--block", "256"], "--block and --batch-size are for --stream"),
        (["--stream", "--block", "100"], "block must be a multiple of hop_length = 256, got 100"),
        (["--stream"], "block must be given for export"),
    ):
        result = CliRunner().invoke(app, [*line, *extra])
        assert result.exit_code == 2
        assert message in result.output
