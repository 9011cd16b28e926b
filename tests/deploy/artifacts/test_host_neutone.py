"""examples/neutone: the effect of examples/cpp as a Neutone model, with the checks of neutone-sdk."""

import os
import subprocess
import sys

import torch
import torch.nn.functional as F
from tests.hosts import EXAMPLES, neutone_sdk
from tests.tolerances import STREAM_FLOAT32

from nnaudio2_core import STFT, iSTFT

N_FFT, HOP, KEPT = 512, 64, 40


def test_a_neutone_model_agrees_with_the_whole_clip(tmp_path, recording):
    script = EXAMPLES / "neutone" / "save_neutone.py"
    paths = [str(neutone_sdk()), *filter(None, [os.environ.get("PYTHONPATH")])]
    subprocess.run(
        [sys.executable, "-W", "ignore", script, str(tmp_path)],
        env={**os.environ, "PYTHONPATH": os.pathsep.join(paths)},
        capture_output=True,
        check=True,
    )
    plugin = torch.jit.load(tmp_path / "model.nm")
    plugin.set_daw_sample_rate_and_buffer_size(48000, HOP)
    delay = plugin.calc_buffering_delay_samples() + plugin.calc_model_delay_samples()
    x = recording("sir_duke_fast")[0][: 64 * 500]
    for _ in range(2):  # the second time after a reset
        plugin.reset()
        blocks = F.pad(x, [0, delay + -delay % HOP])[None].split(HOP, 1)
        with torch.no_grad():
            y = torch.cat([plugin.forward(block.repeat(2, 1), None)[:1].clone() for block in blocks], 1)[0]
        y = y[delay : delay + len(x)]
        X = STFT(N_FFT, hop_length=HOP)(F.pad(x, [N_FFT, 2 * N_FFT])[None])
        X[:, KEPT:] = 0
        expected = iSTFT(N_FFT, hop_length=HOP)(X)[0, N_FFT : N_FFT + len(x)]
        assert (y - expected).abs().max() <= STREAM_FLOAT32 * expected.abs().max()
