"""Make goldens/cfp.npz with the legacy classes: python tests/oracles/make_cfp_goldens.py

It needs nnAudio 2.0.3 (Roy et al.), on PyPI as nnaudio2. The classes run in float64, so the goldens have
float32 round-off only in the constants, which the classes keep in float32. The error of the same classes in
float32, relative to the maximum, is stored with each golden.
"""

import json
import warnings
from pathlib import Path

import numpy as np
import torch
from nnAudio2.features import CFP, Combined_Frequency_Periodicity

CASES = {
    "defaults": {},
    "odd_n_fft": {"fs": 22050, "NumPerOct": 24},
    "coarse_and_low": {"fs": 22050, "fr": 4, "fc": 55, "tc": 1 / 2000, "window_size": 1024, "NumPerOct": 36},
    "up_to_nyquist": {"fr": 4, "tc": 1 / 8000, "hop_length": 411, "NumPerOct": 24},
    "two_layers": {"g": [0.5, 0.6], "NumPerOct": 24},
    "five_layers": {"g": [0.3, 0.6, 0.9, 0.5, 0.7], "NumPerOct": 24},
    "logarithms": {"g": [0.24, 0, 0], "NumPerOct": 24},
    "rows_between_bins": {"fr": 7, "NumPerOct": 96, "tc": 1 / 500, "window_size": 1001},
}


def clip(fs, samples=4000):
    """A gliding tone with eight harmonics, and noise 50 dB below it that keeps every bin above round-off."""
    time = np.arange(samples) / fs
    phase = 2 * np.pi * (180 * time + 200 * time**2)
    tone = sum(np.sin(k * phase) / k for k in range(1, 9))
    noise = np.random.default_rng(0).standard_normal(samples)
    return (0.3 * tone + 1e-3 * noise).astype(np.float32)


def legacy_outputs(arguments, x):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # legacy classes warn of division by zero and of torch.stft
        salience = CFP(**arguments).to(x.dtype)(x)
        four = Combined_Frequency_Periodicity(**arguments).to(x.dtype)(x)
    keyed = zip(("Z", "tfrL0", "tfrLF", "tfrLQ"), four, strict=True)
    return {"CFP": salience[0], **{key: y[0] for key, y in keyed}}


def main():
    arrays = {}
    for name, arguments in CASES.items():
        x = clip(arguments.get("fs", 16000))
        arrays[f"{name}/config"] = np.array(json.dumps(arguments))
        arrays[f"{name}/x"] = x
        batch = torch.from_numpy(x)[None]
        single = legacy_outputs(arguments, batch)
        for key, y in legacy_outputs(arguments, batch.double()).items():
            arrays[f"{name}/{key}"] = y.numpy().astype(np.float32)
            arrays[f"{name}/{key}/float32_error"] = ((y - single[key]).abs().max() / y.abs().max()).numpy()
    np.savez_compressed(Path(__file__).parent / "goldens" / "cfp.npz", **arrays)


if __name__ == "__main__":
    main()
