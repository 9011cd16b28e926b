"""Front ends of known models on the command line."""

import numpy as np
import pytest
import soundfile
import torch
from typer.testing import CliRunner

import nnaudio2_core as core
import nnaudio2_deploy
from nnaudio2_deploy.commands.cli import app


def run(*arguments):
    return CliRunner().invoke(app, list(map(str, arguments)))


def test_the_list_has_every_name():
    listed = run("front-ends")
    assert listed.exit_code == 0
    assert all(name in listed.output for name in core.front_ends())


def test_features_of_a_front_end(tmp_path):
    x = (0.1 * np.random.default_rng(0).standard_normal(16_000)).astype(np.float32)
    soundfile.write(tmp_path / "clip.wav", x, 16_000, subtype="FLOAT")
    made = run("features", tmp_path / "clip.wav", "--front-end", "kaldi-fbank", "--out", tmp_path / "out")
    assert made.exit_code == 0, made.output
    (file,) = (tmp_path / "out").rglob("*.npz")
    with np.load(file) as stored:
        features = next(stored[name] for name in stored if stored[name].ndim >= 2)
    expected = core.front_end("kaldi-fbank")(torch.from_numpy(x)).numpy()
    assert np.abs(features.reshape(expected.shape) - expected).max() <= 1e-4


def test_a_front_end_as_a_file(tmp_path):
    file = tmp_path / "mel.pt"
    made = run("export", file, "--front-end", "whisper", "--format", "torchscript", "--set", "n_bands=100")
    assert made.exit_code == 0, made.output
    x = torch.randn(1, 8000)
    expected = core.front_end("whisper", n_bands=100)(x)
    assert torch.allclose(nnaudio2_deploy.load(file)(x), expected, rtol=0, atol=1e-5)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["features", "x.wav", "--out", "out"], "either --transform or --front-end must be given"),
        (
            ["export", "x.onnx", "--front-end", "whispr", "--format", "onnx"],
            "--front-end whispr is not known",
        ),
        (["export", "STFT", "x.pt", "--front-end", "whisper", "--format", "onnx"], "leave STFT out"),
        (["export", "x.onnx", "--format", "onnx"], "FILE is missing"),
    ],
)
def test_calls_that_do_not_fit(arguments, message):
    refused = run(*arguments)
    assert refused.exit_code == 2
    assert message in refused.output
