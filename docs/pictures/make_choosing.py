"""Make choosing_*.png: python docs/pictures/make_choosing.py"""

import librosa
import matplotlib.pyplot as plt
import numpy as np
from drawing import recording, save, spectrogram

from nnaudio2_core import CFP, CQT, STFT, VQT, Gammatonegram, MelSpectrogram
from nnaudio2_core.bands.design_scales import EAR_Q, MIN_BANDWIDTH, erb_frequencies

HOP = 256


def picture_of_all() -> None:
    """Six transforms of the same three seconds."""
    x, sr = recording(0.0, 3.0)
    figure, axes = plt.subplots(2, 3, figsize=(11, 6.0), sharex=True, sharey=True, layout="constrained")
    panels = axes.ravel()
    hop = HOP / sr
    stft = STFT(2048, hop_length=HOP, sr=sr, output_format="Magnitude")
    spectrogram(panels[0], stft(x)[1:], stft.frequencies.numpy()[1:], hop, "STFT")
    centres = librosa.mel_frequencies(130, fmin=0.0, fmax=sr / 2)[1:-1]
    mel = MelSpectrogram(sr, hop_length=HOP)(x).sqrt()
    spectrogram(panels[1], mel, centres, hop, "MelSpectrogram")
    gammatone = Gammatonegram(sr, hop_length=HOP, fmin=40.0)(x).sqrt()
    spectrogram(panels[2], gammatone, erb_frequencies(64, 40.0, sr / 2), hop, "Gammatonegram")
    arguments = {"fmin": 40.0, "n_bins": 280, "bins_per_octave": 36}
    cqt = CQT(sr, HOP, **arguments)
    spectrogram(panels[3], cqt(x), cqt.frequencies.numpy(), hop, "CQT")
    vqt = VQT(sr, HOP, gamma=20.0, **arguments)
    spectrogram(panels[4], vqt(x), vqt.frequencies.numpy(), hop, "VQT, gamma 20 Hz")
    cfp = CFP(fr=4, fs=sr, hop_length=HOP, window_size=4096, fc=80, tc=1 / 4000, NumPerOct=48)
    rows = 80 * 2 ** (np.arange(cfp.n_bins) / 48)
    spectrogram(panels[5], cfp(x), rows, hop, "CFP, pitch salience", down=40)
    for axis in axes[0]:
        axis.set_xlabel("")
    for axis in axes[:, 0]:
        axis.set_ylabel("frequency, Hz")
    save(figure, "choosing_all")


def picture_of_bandwidths() -> None:
    """Bandwidth of a bin against frequency, for each transform."""
    f = np.geomspace(30, 11025, 400)
    figure, axis = plt.subplots(figsize=(7, 4.0), layout="constrained")
    axis.plot(f, np.full_like(f, 1.44 * 22050 / 2048), label="STFT, 2048 samples at 22.05 kHz")
    edges = librosa.mel_frequencies(130, fmin=0.0, fmax=11025.0)
    axis.plot(edges[1:-1], (edges[2:] - edges[:-2]) / 2, label="mel, 128 bands")
    axis.plot(f, 1.019 * (f / EAR_Q + MIN_BANDWIDTH), label="gammatone (the ear's ERB)")
    alpha = 2 ** (1 / 12) - 1
    axis.plot(f, 1.44 * alpha * f, label="CQT, 12 bins per octave")
    axis.plot(f, 1.44 * (alpha * f + 20), label="VQT, gamma 20 Hz")
    axis.set(xscale="log", yscale="log", xlabel="frequency, Hz", ylabel="half-power bandwidth of a bin, Hz")
    axis.set_xticks([50, 100, 200, 500, 1000, 2000, 5000, 10000])
    axis.set_xticklabels(["50", "100", "200", "500", "1k", "2k", "5k", "10k"])
    axis.set_yticks([2, 5, 10, 20, 50, 100, 200, 500], ["2", "5", "10", "20", "50", "100", "200", "500"])
    axis.minorticks_off()
    axis.grid(alpha=0.3)
    axis.legend(fontsize=9)
    save(figure, "choosing_bandwidths")


if __name__ == "__main__":
    picture_of_all()
    picture_of_bandwidths()
