"""Edit a recording on a musical scale and write what is heard: a band, what lasts, another pitch.

    python edit.py recording.wav edited --low 200 --high 800 --semitones 7

writes ``edited/band.wav``, ``edited/lasting.wav``, ``edited/shifted.wav`` and, nothing edited,
``edited/unchanged.wav``. The edits are functions of a few lines in ``nnaudio2_deploy.demo.edits``.
"""

import argparse
from pathlib import Path

import soundfile
import torch

from nnaudio2_core import NSGT
from nnaudio2_deploy.demo.edits import only_band, only_what_lasts, other_pitch

BINS_PER_OCTAVE = 24


def main() -> None:
    """Each channel of the recording is edited for itself."""
    parser = argparse.ArgumentParser(description="Edit a recording on a musical scale.")
    parser.add_argument("recording", help="a file that libsndfile reads, such as WAV, FLAC or Ogg")
    parser.add_argument("folder", type=Path, help="where the edited files go")
    parser.add_argument("--low", type=float, default=200.0, help="lower end of the band, Hz")
    parser.add_argument("--high", type=float, default=800.0, help="upper end of the band, Hz")
    parser.add_argument("--semitones", type=int, default=7, help="shift of the pitch; negative is lower")
    arguments = parser.parse_args()
    samples, sr = soundfile.read(arguments.recording, dtype="float32", always_2d=True)
    nsgt = NSGT(sr, bins_per_octave=BINS_PER_OCTAVE, layout="matrix")
    edits = {
        "unchanged": lambda C: C,
        "band": lambda C: only_band(nsgt, C, arguments.low, arguments.high),
        "lasting": lambda C: only_what_lasts(nsgt, C),
        "shifted": lambda C: other_pitch(nsgt, C, arguments.semitones * BINS_PER_OCTAVE // 12),
    }
    arguments.folder.mkdir(parents=True, exist_ok=True)
    coefficients = [nsgt(x) for x in torch.from_numpy(samples.T.copy())]
    for name, edit in edits.items():
        heard = torch.stack([nsgt.inverse(edit(C), length=len(samples)) for C in coefficients])
        path = arguments.folder / f"{name}.wav"
        soundfile.write(path, heard.T.numpy(), sr, subtype="FLOAT")
        print(path)


if __name__ == "__main__":
    main()
