"""The same transforms in torchaudio and torch: which of their arguments means what ours means.

torchaudio is imported when it is first asked for: where it cannot be loaded, everything else still works.
"""

from math import inf, isnan
from types import ModuleType
from typing import Any

import torch
from torch import Tensor


class PeerMissing(RuntimeError):
    """torchaudio cannot be imported; the message says why and what to do."""


def _torchaudio_transforms() -> ModuleType:
    try:
        import torchaudio.transforms
    except (ImportError, OSError) as error:  # OSError: its library does not fit the installed torch
        reason = str(error).partition("\n")[0]
        raise PeerMissing(
            f"torchaudio cannot be loaded ({reason}), so it is not compared with: "
            "install the torchaudio that belongs to your torch"
        ) from error
    module: ModuleType = torchaudio.transforms
    return module


def relative_error(ours: Tensor, theirs: Tensor) -> float:
    """Largest difference over the largest magnitude of ``theirs``.

    Where theirs is all zero it is the largest difference itself; a NaN anywhere makes it infinite.

    Raises:
        ValueError: if the shapes differ.
    """
    if ours.shape != theirs.shape:
        raise ValueError(f"ours has the shape {list(ours.shape)}, theirs {list(theirs.shape)}")
    difference = float((ours.double() - theirs.double()).abs().max())
    peak = float(theirs.double().abs().max())
    if isnan(difference):
        return inf
    return difference / peak if peak > 0 else difference


def stft(x: Tensor, n_fft: int, hop_length: int) -> Tensor:
    """``torch.stft`` as our ``STFT(output_format='Complex')``: periodic Hann window, reflected ends.

    Shape:
        x: ``(time,)``
        returns: ``(n_fft // 2 + 1, frames, 2)``
    """
    window = torch.hann_window(n_fft, dtype=x.dtype)
    spectrum = torch.stft(
        x, n_fft, hop_length, window=window, center=True, pad_mode="reflect", return_complex=True
    )
    return torch.view_as_real(spectrum)


def istft(X: Tensor, n_fft: int, hop_length: int, length: int) -> Tensor:
    """``torch.istft`` as our ``iSTFT`` with ``onesided=True``.

    Shape:
        X: ``(n_fft // 2 + 1, frames, 2)``
        returns: ``(length,)``
    """
    window = torch.hann_window(n_fft, dtype=X.dtype)
    return torch.istft(
        torch.view_as_complex(X.contiguous()), n_fft, hop_length, window=window, center=True, length=length
    )


def _mel_arguments(n_fft: int, hop_length: int, n_mels: int) -> dict[str, Any]:
    # torchaudio's own defaults are the htk scale without normalisation
    return {
        "n_fft": n_fft,
        "hop_length": hop_length,
        "n_mels": n_mels,
        "mel_scale": "slaney",
        "norm": "slaney",
        "power": 2.0,
        "center": True,
        "pad_mode": "reflect",
    }


def mel_spectrogram(x: Tensor, sr: int, n_fft: int, hop_length: int, n_mels: int) -> Tensor:
    """torchaudio's mel spectrogram as our ``MelSpectrogram`` with its defaults: Slaney scale and norm.

    Shape:
        x: ``(time,)``
        returns: ``(n_mels, frames)``
    """
    transform = _torchaudio_transforms().MelSpectrogram(sr, **_mel_arguments(n_fft, hop_length, n_mels))
    result: Tensor = transform(x)
    return result


def mfcc(x: Tensor, sr: int, n_fft: int, hop_length: int, n_mels: int, n_mfcc: int) -> Tensor:
    """torchaudio's MFCC as our ``MFCC`` with its defaults.

    Both take decibels with reference 1 and floor 1e-10, 80 dB below the peak of the clip at most (a single
    clip: torchaudio would take the peak over a batch), and an orthonormal type II cosine transform.

    Shape:
        x: ``(time,)``
        returns: ``(n_mfcc, frames)``
    """
    transform = _torchaudio_transforms().MFCC(
        sr,
        n_mfcc,
        dct_type=2,
        norm="ortho",
        log_mels=False,
        melkwargs=_mel_arguments(n_fft, hop_length, n_mels),
    )
    result: Tensor = transform(x)
    return result


def griffin_lim(S: Tensor, n_fft: int, hop_length: int, n_iter: int, length: int, seed: int) -> Tensor:
    """torchaudio's fast Griffin-Lim, momentum 0.99, from seeded random phases.

    Its random numbers are not ours, so the waveforms differ; compare how well each fits ``S``.

    Shape:
        S: magnitudes, ``(n_fft // 2 + 1, frames)``
        returns: ``(length,)``
    """
    transform = _torchaudio_transforms().GriffinLim(
        n_fft, n_iter, hop_length=hop_length, power=1.0, momentum=0.99, length=length, rand_init=True
    )
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        result: Tensor = transform(S)
    return result


def spectral_convergence(waveform: Tensor, S: Tensor, n_fft: int, hop_length: int) -> float:
    """Norm of the difference between the magnitudes of ``waveform`` and ``S``, over that of ``S``, in dB.

    Shape:
        waveform: ``(time,)``
        S: ``(n_fft // 2 + 1, frames)``
    """
    magnitude = stft(waveform.double(), n_fft, hop_length).norm(dim=-1)
    target = S.double()
    ratio = (magnitude - target).norm() / target.norm()
    return float(20 * torch.log10(ratio))


def snr_db(signal: Tensor, estimate: Tensor) -> float:
    """Signal-to-noise ratio of an estimate, dB: inf where it is exact, nan where the signal is silent."""
    energy = float(signal.double().square().sum())
    noise = float((signal.double() - estimate.double()).square().sum())
    if energy == 0:
        return float("nan")
    if noise == 0:
        return float("inf")
    return float(10 * torch.log10(torch.tensor(energy / noise, dtype=torch.float64)))
