"""Make goldens/cfp.npz with the legacy classes: python tests/oracles/make_cfp_goldens.py

Wants nnaudio2 2.0.3. The classes are run in float64, so that the goldens are free of the round-off of float32
but for the constants, which the classes keep in float32. How far the same classes are off in float32 is kept
beside each golden, as a share of its maximum.
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
    """A gliding tone of eight harmonics in noise 50 dB below it, which keeps every bin above round-off."""
    time = np.arange(samples) / fs
    phase = 2 * np.pi * (180 * time + 200 * time**2)
    tone = sum(np.sin(k * phase) / k for k in range(1, 9))
    noise = np.random.default_rng(0).standard_normal(samples)
    return (0.3 * tone + 1e-3 * noise).astype(np.float32)


def legacy_outputs(arguments, x):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of the legacy classes: division by zero, torch.stft
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
