"""Make the goldens of librosa's constant-Q transforms, of a version that may need a newer Python than ours.

    python3.12 -m venv /tmp/librosa && /tmp/librosa/bin/pip install librosa==1.0.0
    /tmp/librosa/bin/python tests/oracles/make_librosa_goldens.py

``goldens/librosa_VERSION.npz`` contains for each case the arguments (JSON) and the coefficients of every
seventh frame of noise between silence, where librosa's resampler has no end to truncate.
"""

import json
from pathlib import Path

import librosa
import numpy as np

SAMPLES, SILENCE, EVERY = 30_000, 32_768, 7
CASES = [
    {},
    {"n_bins": 100},
    {"sr": 16000, "n_bins": None},
    {"sr": 8000, "n_bins": None, "hop_length": 256, "bins_per_octave": 24},
    {"sr": 44100, "n_bins": 110},
    {"fmin": 100.0, "n_bins": 80, "filter_scale": 0.7},
    {"fmin": 40.0, "n_bins": 24, "hop_length": 2048},
    {"hop_length": 96, "window": "blackman"},
    {"tuning": 0.3, "norm": 2},
    {"norm": None, "n_bins": 100},
    {"norm": 0, "scale": False},
    {"norm": 0.5},
    {"norm": float("inf"), "scale": False},
    {"gamma": None, "n_bins": 96},
    {"gamma": 20.0, "n_bins": 60},
]


def coefficients(arguments):
    """Frames of the noise, ``(n_bins, frames)``."""
    arguments = {"gamma": 0.0, **arguments}
    hop = arguments.get("hop_length", 512)
    silent = -(-SILENCE // hop)
    x = np.random.default_rng(0).standard_normal(SAMPLES)
    X = librosa.vqt(np.pad(x, silent * hop), sparsity=0, dtype=np.complex128, **arguments)
    return X[:, silent : silent + 1 + SAMPLES // hop : EVERY]


if __name__ == "__main__":
    goldens = Path(__file__).with_name("goldens")
    parts = {f"case_{i}": coefficients(case).astype(np.complex64) for i, case in enumerate(CASES)}
    path = goldens / f"librosa_{librosa.__version__}.npz"
    np.savez_compressed(path, arguments=np.array(json.dumps(CASES)), **parts)
