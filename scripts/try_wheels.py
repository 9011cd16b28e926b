"""Use each installed distribution once: a transform, its inverse, a file, the legacy name, the command."""

import subprocess
import sys
import tempfile
from pathlib import Path

import torch

from nnAudio import features
from nnaudio2_core import STFT, MelSpectrogram
from nnaudio2_deploy import load, save

waveform = torch.randn(2, 22050)
stft = STFT(n_fft=512)
restored = stft.inverse(stft(waveform), length=22050)
assert (restored - waveform).abs().max() < 1e-5 * waveform.abs().max()

with tempfile.TemporaryDirectory() as folder:
    path = Path(folder) / "mel.pt"
    mel = MelSpectrogram(sr=22050)
    save(mel, path, "torchscript")
    torch.testing.assert_close(load(path)(waveform), mel(waveform))

assert features.STFT(n_fft=512, verbose=False)(waveform).shape[:2] == (2, 257)
subprocess.run(
    [str(Path(sys.executable).with_name("nnaudio2")), "--help"], check=True, stdout=subprocess.DEVNULL
)
print("nnaudio2-core, nnaudio2-deploy and nnaudio-compat work")
