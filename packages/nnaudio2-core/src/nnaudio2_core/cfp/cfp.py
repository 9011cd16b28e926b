"""Combined frequency and periodicity (CFP): a pitch salience over time and log-frequency."""

from typing import List, Sequence, Tuple

import numpy as np
import torch
from torch import Tensor

from ..block_sparse.block import Block
from ..block_sparse.design_blocks import cut_into_blocks
from ..fourier.fourier_transform import FourierTransform
from ..framing.frame_geometry import FrameGeometry
from ..module.arguments import (
    MOST_BANDS,
    MOST_FRAME_SAMPLES,
    require_int,
    require_memory,
    require_number,
    shown,
)
from ..module.engines import resolve_engine
from ..module.graph_capture import capturing_graph
from ..module.plain_values import plain_copy
from ..module.precision import constant, split_constant, widest
from ..module.shapes import flatten_waveform, require_samples, restore_leading
from .design_gridded_dft import gridded_dft_filter
from .design_maps import Array, blackmanharris, frequency_map, log_centres, quefrency_map
from .layers import CfpConstants, CfpLayers, cfp_chunk_shape, combined_frequency_periodicity


class _FrequencyPeriodicity(FourierTransform):
    """Arguments, constants and maps that both classes share."""

    __jit_unused_properties__ = ["config", "frequencies"]

    _exponents: List[float]
    _bins: List[int]
    _lags: List[int]
    _blocks: List[List[Block]]
    _bin_weights: Tensor
    _lag_weights: Tensor
    _gridded_matrix: Tensor
    _gridded_gains: Tensor

    _SKIP = 0  # frames left out at each end

    def __init__(
        self,
        fr: float = 2,
        fs: float = 16000,
        *,
        hop_length: int = 320,
        window_size: int = 2049,
        fc: float = 80,
        tc: float = 0.001,
        g: Sequence[float] = (0.24, 0.6, 1),
        NumPerOct: float = 48,
        engine: str = "auto",
    ) -> None:
        super().__init__()
        g = _require_exponents(g)
        if "g" in self._config:
            self._config["g"] = g  # one form, whether list, tuple or array was given
        fr = require_number("fr", fr, above=0.0)
        fs = require_number("fs", fs, above=0.0)
        fc = require_number("fc", fc, above=0.0)
        tc = require_number("tc", tc, above=0.0)
        self.hop_length = require_int("hop_length", hop_length, 1)
        if not fs / fr <= MOST_FRAME_SAMPLES:
            raise ValueError(f"fs / fr must be <= {MOST_FRAME_SAMPLES}, got {fs:g} / {fr:g}")
        self.n_fft = int(fs / fr)
        self.engine = resolve_engine(engine)
        real = self.engine == "real"
        window_size = require_int("window_size", window_size, 1)
        if window_size > self.n_fft:
            raise ValueError(f"window_size must be <= int(fs / fr) = {self.n_fft}, got {window_size}")
        centres = _require_centres(fc, tc, NumPerOct, fs, self.n_fft)

        require_memory("NumPerOct and fs / fr", len(centres) * self.n_fft)
        self.n_bins = len(centres) - 1
        # The least lag that a layer keeps: a shorter clip holds no period, and its layers only round-off.
        period = round(fs * tc)
        self.min_samples = max(period + 1, 2 * self._SKIP * self.hop_length + self.n_fft % 2)
        self._skipped = self._SKIP * self.hop_length
        self.sr, self.first_centre = fs, self._skipped
        # Half a frame of zeros, minus the samples that the window leaves out: of the first frame on the left,
        # of the last one on the right.
        left = (self.n_fft - window_size) // 2
        half, right = self.n_fft // 2 - self._skipped, self.n_fft - window_size - left
        self._ends = [half - left, half - right]
        self._frequencies = centres[:-1]
        self._exponents = [float(exponent) for exponent in g]
        # The first entry that a layer keeps, and the end of those that are mapped to log-frequency.
        self._bins = [round(fc / fr), min(round(1.0 / tc / fr) + 1, round(self.n_fft / 2))]
        self._lags = [period, round(fs / fc) + 1]
        by_bin = frequency_map(centres, fs, fr, self.n_fft, self._bins[1])
        by_lag = quefrency_map(centres, fs, self._lags[1])
        bin_map = cut_into_blocks(by_bin[:, self._bins[0] :])
        lag_map = cut_into_blocks(by_lag[:, self._lags[0] :])
        self._blocks = [bin_map.blocks, lag_map.blocks]
        self.constant_buffer("_bin_weights", split_constant(bin_map.weights))
        self.constant_buffer("_lag_weights", split_constant(lag_map.weights))
        # Not for lags: the mean of a spectrum is so large that round-off of the filter would show.
        gridded = not real and len(g) % 2 == 1
        filters = gridded_dft_filter(self.n_fft, self._bins[1]) if gridded else 2 * [np.zeros(0)]
        for name, values in zip(("_gridded_matrix", "_gridded_gains"), filters, strict=True):
            self.constant_buffer(name, split_constant(values))
        self.keep_fourier(blackmanharris(window_size), self.n_fft, "fs / fr", factored=real)

    @property
    def frequencies(self) -> Tensor:
        """Centre frequencies of the rows, Hz, ``(n_bins,)``, float64."""
        return torch.from_numpy(self._frequencies.copy())

    @torch.jit.export
    def n_frames(self, time: int) -> int:
        """Frames of a clip of ``time`` samples.

        Raises:
            ValueError: if ``time`` is less than ``min_samples``.
        """
        time = require_samples(time, self.min_samples)
        return 1 + (time - self.n_fft % 2 - 2 * self._skipped) // self.hop_length

    @torch.jit.unused
    def frame_geometry(self) -> FrameGeometry:
        """Place of the frames, for :class:`nnaudio2_core.Stream`."""
        return FrameGeometry(
            hop=self.hop_length,
            width=self.window.size(1),
            seen=self.window.size(1),
            before=self._ends[0],
            after=self._ends[1],
            pad_mode="constant",
            first_centre=self.first_centre,
            min_samples=self.min_samples,
        )

    def _salience(self, x: Tensor, factors: bool, ends: List[int]) -> Tensor:
        """Salience and, with ``factors``, log-frequency spectrum, frequency layer and lag layer.

        ``ends`` are the samples added to both ends, ``_ends`` for a whole clip.

        Shape:
            x: ``(batch, time)``
            returns: ``(1 or 4, batch, n_bins, frames)``
        """
        gridded: List[Tensor] = []
        if self._gridded_gains.size(1) > 0 and x.dtype == torch.float32:  # exact only to float32
            gridded = [self._gridded_matrix[0], self._gridded_gains[0]]
        plan = CfpLayers(
            ends,
            self._exponents,
            self._bins,
            self._lags,
            self._blocks,
            self.n_bins,
            factors,
        )
        weights = [constant(self._bin_weights, x.dtype), constant(self._lag_weights, x.dtype)]
        narrow, wide = self.fourier(x.dtype), self.fourier(widest(x.device))
        shared = capturing_graph() or cfp_chunk_shape(self.n_frames(x.size(1)), self.n_fft)[0] > 1
        constants = CfpConstants(narrow, wide, weights, gridded, shared)
        maps: Tensor = combined_frequency_periodicity(x, plan, constants)
        return maps.reshape(maps.size(0), maps.size(1), 4 if factors else 1, self.n_bins).permute(2, 0, 3, 1)


class CFP(_FrequencyPeriodicity):
    """Combined frequency and periodicity of a waveform: a pitch salience, high where a partial and a period
    agree.

    A magnitude spectrum to the power ``g[0]`` is transformed to the lag domain (the generalized
    cepstrum), rectified and raised to ``g[1]``, transformed back, rectified and raised to ``g[2]``, and so
    on. Harmonics survive in the last layer over frequency, subharmonics in the last one over lag;
    both are mapped to the same log-frequency bins and multiplied, which leaves the pitches. Frames are
    centred and zero-padded; a layer loses frequencies below ``fc``, or lags below ``tc``.

    The gradient is finite everywhere: where a layer is exactly 0, silence included, its derivative is 0.

    Args:
        fr: spacing of the FFT bins, Hz, > 0; the FFT has ``n_fft = int(fs / fr)`` points.
        fs: sampling rate, Hz, > 0.
        hop_length: samples between frames, >= 1.
        window_size: length of the Blackman-Harris window, samples, 1 to ``n_fft``.
        fc: lowest frequency, Hz, at least about ``2 * fr``.
        tc: period of the highest frequency, s; ``1 / tc`` is above ``fc`` and at most ``fs / 2``.
        g: exponents of the layers, two or more, the first > 0, the others >= 0; 0 stands for a logarithm.
        NumPerOct: bins per octave, > 0.
        engine: ``"fft"``; ``"real"``, a factored DFT without complex numbers, for other runtimes; ``"auto"``
            is fft.

    Shape:
        x: ``(..., time)``, ``time >= min_samples = round(fs * tc) + 1``
        returns: ``(..., n_bins, frames)``; ``frames = 1 + (time - n_fft % 2) // hop_length``. Row ``i``
        lies at ``frequencies[i] = fc * 2 ** (i / NumPerOct)``; row 0 is always 0

    Raises:
        ValueError: if an argument is out of its range, or a clip shorter than ``min_samples``.
        TypeError: for audio that is not of a floating type.

    Example:
        A tone of 220 Hz with ten harmonics of equal strength:

        >>> import torch
        >>> from nnaudio2_core import CFP
        >>> time = torch.arange(16000) / 16000
        >>> x = sum(torch.sin(2 * torch.pi * 220 * k * time) for k in range(1, 11))
        >>> cfp = CFP(fr=2, fs=16000)
        >>> salience = cfp(x)
        >>> salience.shape
        torch.Size([174, 51])
        >>> round(cfp.frequencies[salience[:, 25].argmax()].item())
        220

    Source: Su and Yang (2015), "Combining spectral and temporal representations for multipitch estimation
    of polyphonic music", IEEE/ACM TASLP 23(10), section III; in the form of Su (2018), "Vocal melody
    extraction using patch-based CNN", arXiv:1804.09202, section 2. Numerically nnAudio's.
    """

    def forward(self, x: Tensor) -> Tensor:
        """Salience: the product of the last frequency layer and the last lag layer."""
        return restore_leading(self._salience(flatten_waveform(x, self.min_samples), False, self._ends)[0], x)

    def frames_of(self, x: Tensor) -> Tensor:
        """Frames of a stretch of a padded clip, ``(batch, time)``, at least one window."""
        return self._salience(x, False, [0, 0])[0]


class CombinedFrequencyPeriodicity(_FrequencyPeriodicity):
    """Combined frequency and periodicity with its factors, as in Su's original code.

    Arguments and definitions are those of :class:`CFP`. The first and the last frame, which reach beyond
    the clip by half a window, are left out.

    Args:
        fr: spacing of the FFT bins, Hz, > 0; the FFT has ``n_fft = int(fs / fr)`` points.
        fs: sampling rate, Hz, > 0.
        hop_length: samples between frames, >= 1.
        window_size: length of the Blackman-Harris window, samples, 1 to ``n_fft``.
        fc: lowest frequency, Hz, at least about ``2 * fr``.
        tc: period of the highest frequency, s; ``1 / tc`` is above ``fc`` and at most ``fs / 2``.
        g: exponents of the layers, two or more, the first > 0, the others >= 0; 0 stands for a logarithm.
        NumPerOct: bins per octave, > 0.
        engine: ``"fft"``; ``"real"``, a factored DFT without complex numbers, for other runtimes; ``"auto"``
            is fft.

    Shape:
        x: ``(..., time)``, ``time >= min_samples``, the larger of ``round(fs * tc) + 1`` and
            ``2 * hop_length + n_fft % 2``
        returns: ``(Z, tfrL0, tfrLF, tfrLQ)``, the salience ``tfrLF * tfrLQ``, the magnitude spectrum, the
        last frequency layer and the last lag layer, each ``(..., n_bins, frames)``;
        ``frames = (time - n_fft % 2) // hop_length - 1``

    Raises:
        ValueError: if an argument is out of its range, or a clip shorter than ``min_samples``.
        TypeError: for audio that is not of a floating type.

    Example:
        >>> import torch
        >>> from nnaudio2_core import CombinedFrequencyPeriodicity
        >>> Z, spectrum, frequency, lag = CombinedFrequencyPeriodicity()(torch.randn(2, 16000))
        >>> Z.shape
        torch.Size([2, 174, 49])
        >>> torch.equal(Z, frequency * lag)
        True

    Source: as for :class:`CFP`.
    """

    _SKIP = 1

    def forward(self, x: Tensor) -> Tuple[Tensor, Tensor, Tensor, Tensor]:
        """Salience, spectrum, frequency layer and lag layer."""
        maps = self._salience(flatten_waveform(x, self.min_samples), True, self._ends)
        salience, spectrum, frequency, lag = maps.unbind(0)
        return (
            restore_leading(salience, x),
            restore_leading(spectrum, x),
            restore_leading(frequency, x),
            restore_leading(lag, x),
        )


def _require_exponents(g: Sequence[float]) -> Tuple[float, ...]:
    g = plain_copy(g)
    if not isinstance(g, (list, tuple)):
        raise TypeError(f"g must be a list of numbers, got {shown(g)}")
    if len(g) < 2:
        raise ValueError(f"g must hold at least 2 exponents, got {shown(g)}")
    first = require_number("g[0]", g[0], above=0.0)
    others = [require_number(f"g[{layer}]", g[layer], at_least=0.0) for layer in range(1, len(g))]
    return (first, *others)


def _require_centres(fc: float, tc: float, NumPerOct: float, fs: float, n_fft: int) -> Array:
    """Centre frequencies from ``fc`` to ``1 / tc``, Hz; raise if the FFT lacks bins or lags for them."""
    bins_per_octave = require_number("NumPerOct", NumPerOct, above=0.0)
    # The lag of fc must lie in the half of the lags that is not a mirror image.
    lags = round(n_fft / 2)
    if round(min(fs / fc, 1e18)) >= lags:
        raise ValueError(f"fc must be > fs / {lags - 0.5:g} = {fs / (lags - 0.5):g} Hz, got {fc:g}")
    # 1e-9 for round-off: tc = 2 / fs is allowed.
    if 1.0 / tc > fs / 2.0 * (1.0 + 1e-9):
        raise ValueError(f"tc must be >= 2 / fs = {2 / fs:g} s, got {tc:g}")
    if 1.0 / tc <= fc:
        raise ValueError(f"tc must be < 1 / fc = {1 / fc:g} s, got {tc:g}")
    if bins_per_octave > MOST_BANDS:
        raise ValueError(f"NumPerOct must be <= {MOST_BANDS}, got {bins_per_octave:g}")
    centres = log_centres(fc, 1.0 / tc, bins_per_octave)
    if len(centres) < 3:
        raise ValueError(
            f"NumPerOct must put at least 3 centres between fc = {fc:g} Hz and 1 / tc = {1 / tc:g} Hz, "
            f"got {bins_per_octave:g}, which puts {len(centres)}"
        )
    return centres
