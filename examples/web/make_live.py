"""Save the two streams that live.html runs: ``python make_live.py [FOLDER]``.

Writes live_mel.onnx and live_cqt.onnx, one step each, and live.json with what the page needs to know of them.
"""

import json
import sys
from pathlib import Path
from typing import Any

from nnaudio2_core import CQT, MelSpectrogram, Stream
from nnaudio2_core.bands.design_scales import mel_frequencies
from nnaudio2_deploy import save

SR, BLOCK, HOP, LOOKAHEAD = 48000, 1024, 512, 1024
MEL: dict[str, Any] = {
    "n_fft": 2048,
    "hop_length": HOP,
    "n_mels": 96,
    "fmax": 16000.0,
    "pad_mode": "constant",
}
CQT_: dict[str, Any] = {"hop_length": HOP, "fmin": 65.40639, "n_bins": 168, "bins_per_octave": 24}


def main(folder: Path) -> None:
    """Save the files."""
    mel = MelSpectrogram(SR, **MEL)
    cqt = CQT(SR, **CQT_, pad_mode="constant", lookahead=LOOKAHEAD)
    frequencies = {
        "mel": mel_frequencies(MEL["n_mels"] + 2, 0.0, MEL["fmax"])[1:-1].round(1).tolist(),
        "cqt": [round(CQT_["fmin"] * 2 ** (k / CQT_["bins_per_octave"]), 3) for k in range(CQT_["n_bins"])],
    }
    facts: dict[str, Any] = {"sr": SR, "block": BLOCK, "hop_length": HOP}
    for name, transform in (("mel", mel), ("cqt", cqt)):
        description = save(Stream(transform, block=BLOCK), folder / f"live_{name}.onnx", "onnx")
        facts[name] = {
            "state": description.state,
            "latency": description.latency,
            "delay": description.delay,
            "frequencies": frequencies[name],
        }
    (folder / "live.json").write_text(json.dumps(facts))


if __name__ == "__main__":
    main(Path(sys.argv[1] if len(sys.argv) > 1 else "."))
