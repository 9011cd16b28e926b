"""Save the mel spectrogram that the page and the Node program run: ``python make_mel.py [FOLDER]``.

Writes mel.onnx, and mel.json with what they need to know of it.
"""

import json
import sys
from pathlib import Path

from nnaudio2_core import MelSpectrogram
from nnaudio2_core.bands.design_scales import mel_frequencies
from nnaudio2_deploy import save

SR, N_FFT, HOP, BANDS = 22050, 1024, 256, 96


def main(folder: Path) -> None:
    """Save both files."""
    description = save(MelSpectrogram(SR, N_FFT, hop_length=HOP, n_mels=BANDS), folder / "mel.onnx", "onnx")
    facts = {
        "sr": SR,
        "hop_length": HOP,
        "min_samples": description.min_samples,
        "frequencies": mel_frequencies(BANDS + 2, 0.0, SR / 2)[1:-1].round(1).tolist(),
    }
    (folder / "mel.json").write_text(json.dumps(facts))


if __name__ == "__main__":
    main(Path(sys.argv[1] if len(sys.argv) > 1 else "."))
