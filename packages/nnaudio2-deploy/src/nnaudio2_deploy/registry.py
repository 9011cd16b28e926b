"""What the demo shows: one row for each transform. A new transform joins by one more row in ``ROWS``."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from math import log2
from typing import Any, Literal, Optional

import numpy as np
import numpy.typing as npt
from torch import Tensor, nn

import nnaudio2_core as core
from nnaudio2_core.bases.scales import erb_frequencies, fft_frequencies, mel_frequencies

from . import crosscheck, pictures

N_MELS = 128
N_MFCC = 20
N_GAMMATONE = 64
GRIFFIN_LIM_STEPS = 32
SEED = 0

Results = Mapping[str, Tensor]
"""What the rows so far have computed, by name; ``'waveform'`` is the recording."""


@dataclass(frozen=True)
class Setting:
    """Sizes that suit a sampling rate: windows of about 46 ms, a hop of a quarter of that."""

    sr: int
    n_fft: int
    hop_length: int

    @classmethod
    def for_rate(cls, sr: int) -> "Setting":
        """The power of two nearest to 46 ms: 2048 at 44.1 kHz, 1024 at 22.05 kHz, 512 at 8 kHz."""
        n_fft = 2 ** round(log2(0.046 * sr))
        return cls(sr=sr, n_fft=n_fft, hop_length=n_fft // 4)

    @property
    def step(self) -> float:
        """Time between frames, s."""
        return self.hop_length / self.sr

    @property
    def frames(self) -> dict[str, int]:
        """The arguments that all transforms on short frames share."""
        return {"n_fft": self.n_fft, "hop_length": self.hop_length}


@dataclass(frozen=True)
class Row:
    """How one transform is built, fed, inverted, cross-checked and drawn.

    ``inverse`` says how a waveform comes back: by the module's ``inverse`` method, by its forward
    (the transform is an inverse itself), or not at all. ``peer`` computes the same elsewhere.
    ``remarks`` are figures that have no column in the table.
    """

    name: str
    about: str
    build: Callable[[Setting], nn.Module]
    feed: Callable[[Results], tuple[Any, ...]]
    picture: Callable[[Setting, Results], bytes]
    caption: str
    inverse: Literal["method", "forward", "none"] = "none"
    peer: Optional[Callable[[Setting, Results], Tensor]] = None
    peer_name: str = ""
    remarks: Optional[Callable[[Setting, Results], list[str]]] = None


def _numpy(x: Tensor) -> npt.NDArray[np.floating]:
    array: npt.NDArray[np.floating] = x.double().numpy()
    return array


def _length(results: Results) -> int:
    return results["waveform"].size(-1)


def _draw_stft(complex_spectrum: Tensor, setting: Setting) -> bytes:
    ticks = pictures.linear_ticks(fft_frequencies(setting.sr, setting.n_fft))
    level = pictures.decibels(_numpy(complex_spectrum.norm(dim=-1)))
    return pictures.heatmap(level, setting.step, ticks, "frequency (Hz)", "level (dB)")


def _draw_mel(setting: Setting, results: Results) -> bytes:
    centres = mel_frequencies(N_MELS + 2, 0.0, setting.sr / 2)[1:-1]
    level = pictures.decibels(_numpy(results["MelSpectrogram"].sqrt()))
    ticks = pictures.octave_ticks(centres)
    return pictures.heatmap(level, setting.step, ticks, "frequency (Hz), mel bands", "level (dB)")


def _draw_mfcc(setting: Setting, results: Results) -> bytes:
    # coefficient 0 is the loudness, and so large that the others would all look alike beside it
    values = _numpy(results["MFCC"][1:])
    ticks = [(float(k - 1), str(k)) for k in (1, 5, 10, 15, N_MFCC - 1)]
    return pictures.heatmap(values, setting.step, ticks, "coefficient", "value (dB)", symmetric=True)


def _draw_gammatone(setting: Setting, results: Results) -> bytes:
    centres = erb_frequencies(N_GAMMATONE, 20.0, setting.sr / 2)
    level = pictures.decibels(_numpy(results["Gammatonegram"].sqrt()))
    ticks = pictures.octave_ticks(centres)
    return pictures.heatmap(level, setting.step, ticks, "frequency (Hz), ERB bands", "level (dB)")


def _draw_difference(setting: Setting, results: Results) -> bytes:
    difference = _numpy(results["iSTFT"]) - _numpy(results["waveform"])
    return pictures.waveform(difference, setting.sr, "difference")


def _draw_griffin_lim(setting: Setting, results: Results) -> bytes:
    return _draw_stft(crosscheck.stft(results["GriffinLim"], **setting.frames), setting)


def _magnitude(results: Results) -> Tensor:
    magnitude: Tensor = results["STFT"].norm(dim=-1)
    return magnitude


def _griffin_lim_remarks(setting: Setting, results: Results) -> list[str]:
    S, length = _magnitude(results), _length(results)
    ours = crosscheck.spectral_convergence(results["GriffinLim"], S, **setting.frames)
    theirs = crosscheck.griffin_lim(S, **setting.frames, n_iter=GRIFFIN_LIM_STEPS, length=length, seed=SEED)
    converged = crosscheck.spectral_convergence(theirs, S, **setting.frames)
    return [
        f"Spectral convergence of GriffinLim after {GRIFFIN_LIM_STEPS} steps: {ours:.1f} dB; torchaudio's, "
        f"from the same magnitudes and random phases of its own: {converged:.1f} dB (lower is better)."
    ]


ROWS: tuple[Row, ...] = (
    Row(
        name="STFT",
        about="Short-time Fourier transform: complex, and invertible to rounding error.",
        build=lambda s: core.STFT(**s.frames, sr=s.sr, iSTFT=True),
        feed=lambda r: (r["waveform"],),
        picture=lambda s, r: _draw_stft(r["STFT"], s),
        caption="Magnitude of the STFT.",
        inverse="method",
        peer=lambda s, r: crosscheck.stft(r["waveform"], **s.frames),
        peer_name="torch.stft",
    ),
    Row(
        name="iSTFT",
        about="The inverse as a module of its own, fed with the STFT above.",
        build=lambda s: core.iSTFT(**s.frames),
        feed=lambda r: (r["STFT"], True, _length(r)),
        picture=_draw_difference,
        caption="Reconstruction minus recording: mind the scale of the axis.",
        inverse="forward",
        peer=lambda s, r: crosscheck.istft(r["STFT"], **s.frames, length=_length(r)),
        peer_name="torch.istft",
    ),
    Row(
        name="MelSpectrogram",
        about="Power in bands that are as wide as the ear's pitch sense is coarse. "
        "It keeps no phase and merges bins, so it has no inverse.",
        build=lambda s: core.MelSpectrogram(s.sr, **s.frames, n_mels=N_MELS),
        feed=lambda r: (r["waveform"],),
        picture=_draw_mel,
        caption=f"Mel spectrogram, {N_MELS} bands.",
        peer=lambda s, r: crosscheck.mel_spectrogram(r["waveform"], s.sr, **s.frames, n_mels=N_MELS),
        peer_name="torchaudio",
    ),
    Row(
        name="MFCC",
        about="Cosine transform of the mel spectrogram in decibels: the shape of the spectrum "
        "in a few numbers. It has no inverse.",
        build=lambda s: core.MFCC(s.sr, N_MFCC, **s.frames, n_mels=N_MELS),
        feed=lambda r: (r["waveform"],),
        picture=_draw_mfcc,
        caption=f"MFCC, coefficients 1 to {N_MFCC - 1} of {N_MFCC}.",
        peer=lambda s, r: crosscheck.mfcc(r["waveform"], s.sr, **s.frames, n_mels=N_MELS, n_mfcc=N_MFCC),
        peer_name="torchaudio",
    ),
    Row(
        name="Gammatonegram",
        about="Power in bands shaped like the filters of the inner ear. "
        "It has no inverse, and no counterpart in torchaudio.",
        build=lambda s: core.Gammatonegram(s.sr, **s.frames, n_bins=N_GAMMATONE),
        feed=lambda r: (r["waveform"],),
        picture=_draw_gammatone,
        caption=f"Gammatonegram, {N_GAMMATONE} bands.",
    ),
    Row(
        name="GriffinLim",
        about="A waveform from the magnitudes of the STFT alone. The phase is a guess that fits them, so it "
        "sounds alike but does not match sample by sample: its signal-to-noise ratio is low, and honest.",
        build=lambda s: core.GriffinLim(s.n_fft, GRIFFIN_LIM_STEPS, hop_length=s.hop_length, seed=SEED),
        feed=lambda r: (_magnitude(r), _length(r)),
        picture=_draw_griffin_lim,
        caption="Magnitude of the STFT of the reconstruction.",
        inverse="forward",
        remarks=_griffin_lim_remarks,
    ),
)
