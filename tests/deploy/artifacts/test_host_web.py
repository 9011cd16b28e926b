"""examples/web: the ONNX file by onnxruntime in Python, and by onnxruntime-web (WebAssembly) under Node."""

import json
import subprocess

import numpy as np
import pytest
import torch
from tests.hosts import arguments, page_commands, web_example
from tests.tolerances import HOST_ONNX

from nnaudio2_core import MelSpectrogram
from nnaudio2_deploy import load


@pytest.fixture(scope="module")
def web():
    return web_example()


def eager(samples: torch.Tensor) -> torch.Tensor:
    return MelSpectrogram(22050, 1024, hop_length=256, n_mels=96)(samples)


def under_node(folder, samples: np.ndarray):
    samples.astype("<f4").tofile(folder / "samples.f32")
    (folder / "mel.f32").unlink(missing_ok=True)
    line = page_commands("Node and the browser")[2]
    return subprocess.run(
        arguments(line), cwd=folder, capture_output=True, text=True, timeout=120, check=False
    )


@pytest.mark.parametrize("samples", [22050, 4000, 513])
def test_node_agrees_with_python(web, recording, samples):
    waveform = recording("snare-accelerate")[0][20000 : 20000 + samples]
    expected = eager(waveform)
    done = under_node(web, waveform.numpy())
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout == f"96 bands, {expected.size(1)} frames\n"
    result = torch.from_numpy(np.fromfile(web / "mel.f32", dtype="<f4")).reshape(expected.shape)
    assert (result - expected).abs().max() <= HOST_ONNX * expected.max()


def test_without_files_the_program_says_its_usage(web):
    line = page_commands("Node and the browser")[2].rpartition(" ")[0]
    done = subprocess.run(arguments(line), cwd=web, capture_output=True, text=True, timeout=120, check=False)
    assert (done.returncode, done.stderr) == (2, "usage: node mel_node.mjs SAMPLES.f32 MEL.f32\n")


def test_too_few_samples_are_an_error_that_names_the_number(web):
    done = under_node(web, np.zeros(512))
    assert done.returncode == 1
    assert "512 samples are too few, 513 are needed" in done.stderr
    assert not (web / "mel.f32").exists()


def test_onnxruntime_in_python_agrees(web, recording):
    waveform, _ = recording("snare-accelerate")
    batch = waveform[:88200].reshape(2, -1)
    expected = eager(batch)
    assert (load(web / "examples/web/mel.onnx")(batch) - expected).abs().max() <= HOST_ONNX * expected.max()


def test_the_facts_are_those_of_the_transform(web):
    facts = json.loads((web / "examples/web/mel.json").read_text())
    assert (facts["sr"], facts["hop_length"], facts["min_samples"]) == (22050, 256, 513)
    mel = MelSpectrogram(22050, 1024, hop_length=256, n_mels=96)
    for band in (20, 60, 90):  # a tone is loudest in the band of its frequency
        tone = torch.sin(2 * torch.pi * facts["frequencies"][band] * torch.arange(22050) / 22050)
        assert int(mel(tone)[:, 40].argmax()) == band
