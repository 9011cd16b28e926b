"""Save the STFT that lowpass runs: ``python save_stft.py STFT.pt``."""

import sys

from nnaudio2_core import STFT
from nnaudio2_deploy import save

if __name__ == "__main__":
    # iSTFT=True: its inverse will be called, so say now if window and hop do not allow one
    save(STFT(n_fft=2048, hop_length=512, iSTFT=True), sys.argv[1], "torchscript")
