"""Make the goldens of the constant-Q family with nnAudio 0.3.4.

Install it in a separate folder and run this file with that folder on the path:

    pip install --no-deps --target /tmp/nnaudio034 nnAudio==0.3.4
    PYTHONPATH=/tmp/nnaudio034 python tests/oracles/make_cqt_goldens.py

Each ``goldens/cqt_*.npz`` contains the arguments (JSON), the seed of the noise, and for each normalisation
the complex coefficients of every third frame.
"""

import contextlib
import io
import json
import warnings
from pathlib import Path

import numpy as np
import torch

import nnAudio
from nnAudio import features

CASES = {
    "cqt2010": [
        {},
        {"sr": 44100, "fmin": 65.4, "n_bins": 44, "pad_mode": "constant"},
        {"n_bins": 48, "bins_per_octave": 24, "fmin": 220.0, "hop_length": 256, "basis_norm": 2},
    ],
    "cqt2010v2": [
        {},
        {"sr": 44100, "fmin": 65.4, "n_bins": 44, "pad_mode": "constant"},
        {"n_bins": 50, "bins_per_octave": 24, "fmin": 220.0, "hop_length": 256, "filter_scale": 0.7},
        {"n_bins": 36, "fmin": 110.0, "earlydownsample": False, "pad_mode": "constant"},
    ],
    "vqt": [
        {"gamma": 10.0},
        {"gamma": 5.0, "sr": 44100, "fmin": 65.4, "n_bins": 44, "pad_mode": "constant"},
        {"gamma": 20.0, "n_bins": 36, "fmin": 110.0, "earlydownsample": False, "hop_length": 256},
    ],
}
CLASSES = {"cqt2010": features.CQT2010, "cqt2010v2": features.CQT2010v2, "vqt": features.VQT}
SAMPLES = 33000


def main():
    warnings.simplefilter("ignore")
    assert nnAudio.__version__ == "0.3.4"
    folder = Path(__file__).parent / "goldens"
    folder.mkdir(exist_ok=True)
    for name, cases in CASES.items():
        for number, arguments in enumerate(cases):
            x = np.random.default_rng(number).standard_normal((1, SAMPLES)).astype(np.float32)
            with contextlib.redirect_stdout(io.StringIO()):
                transform = CLASSES[name](verbose=False, **arguments)
            result = {"arguments": json.dumps(arguments), "seed": number, "samples": SAMPLES}
            for normalization in ("librosa", "convolutional", "wrap"):
                y = transform(torch.from_numpy(x), "Complex", normalization)
                result[normalization] = y.numpy()[:, :, ::3]
                result["frames"] = y.shape[2]
            np.savez_compressed(folder / f"cqt_{name}_{number}.npz", **result)


if __name__ == "__main__":
    main()
