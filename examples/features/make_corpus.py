"""Write the two recordings that ship with nnaudio2-deploy as a corpus of two labels: ``python make_corpus.py
FOLDER``."""

import sys
from pathlib import Path

import soundfile

from nnaudio2_deploy.corpus.recordings import read_recording


def main(folder: str) -> None:
    """Four recordings for each label: the quarters of a melody and of a drum solo."""
    for label, name in (("trumpet", "sir_duke_fast"), ("snare", "snare-accelerate")):
        recording = read_recording(name)
        quarter = len(recording.samples) // 4
        Path(folder, label).mkdir(parents=True, exist_ok=True)
        for number in range(4):
            part = recording.samples[number * quarter : (number + 1) * quarter]
            soundfile.write(Path(folder, label, f"{number}.wav"), part, recording.sr)


if __name__ == "__main__":
    main(sys.argv[1])
