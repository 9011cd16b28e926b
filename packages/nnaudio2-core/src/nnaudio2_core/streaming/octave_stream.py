"""Streams of the octave-by-octave transforms: a chain of down-samplings, and the frames of each octave.

A low-pass filter that keeps every d-th sample is a transform with frames of as many samples as it has taps, d
samples apart. So every stage holds the samples that its own later frames see. The frames of all octaves are
computed together, once those of the lowest octave, which look furthest ahead, are final.
"""

from typing import Any, List, Optional, Tuple

import torch
from torch import Tensor

from ..constant_q.octave_constant_q import OctaveConstantQ
from ..constant_q.octaves import correlation_pairs
from ..framing.frame_geometry import FrameGeometry, final_frames, frames_of_clip, left_need
from ..module.precision import constant, conv1d, working_dtype
from ..module.shapes import check_samples
from .frame_stream import FrameState
from .held_samples import from_frame, held_samples, padded_end, stretch_of, with_block
from .stream import Stream, check_block, close, new_counts, next_counts, received_of, require_causal


def filter_geometry(taps: int, factor: int) -> FrameGeometry:
    """The frames of ``octaves.decimate``, a filter that keeps every ``factor``-th sample."""
    side = (taps - 1) // 2
    return FrameGeometry(factor, taps, taps, side, side, "constant", 0, 1)


def last_samples(samples: Tensor, count: int) -> Tensor:
    """The last ``count`` samples, or all if there are fewer: ``(batch, held)``."""
    return samples[:, max(0, samples.size(1) - count) :]


class OctaveStream(Stream):
    """Blocks of any length, through down-samplings."""

    filters: List[FrameGeometry]
    octaves: List[FrameGeometry]

    @classmethod
    def serves(cls, transform: Any, fixed: bool) -> bool:
        """True for a transform that halves the rate from octave to octave."""
        by_octaves: bool = getattr(transform, "octave_by_octave", False)
        return by_octaves or isinstance(transform, OctaveConstantQ)

    def __init__(self, transform: Any, block: Optional[int] = None) -> None:
        if block is not None:
            raise ValueError(
                f"block must be None octave by octave, got {block}: zeros before the first sample would ring "
                "in the filters; CQT and VQT(algorithm='direct') stream in fixed blocks"
            )
        by_octaves: Any = transform.octaves if getattr(transform, "octave_by_octave", False) else transform
        require_causal(by_octaves.pad_mode)
        super().__init__(transform, block)
        self.by_octaves = by_octaves
        self.n_bins: int = by_octaves.n_bins
        self.min_samples: int = by_octaves.min_samples
        # The early down-sampling, if any, then one filter before each octave but the top one.
        self.early = by_octaves.downsample_factor > 1
        self.filters = [filter_geometry(by_octaves.lowpass.size(1), 2)] * (by_octaves.n_octaves - 1)
        if self.early:
            first = filter_geometry(by_octaves.early_lowpass.size(1), by_octaves.downsample_factor)
            self.filters = [first, *self.filters]
        widths = [weights.size(2) for weights in by_octaves.octave_weights(torch.zeros(0))]
        self.octaves = [
            FrameGeometry(
                hop=by_octaves.top_hop // 2**octave,
                width=width,
                seen=width,
                before=width // 2,
                after=width // 2,
                pad_mode=by_octaves.pad_mode,
                first_centre=0,
                min_samples=1,
            )
            for octave, width in enumerate(widths)
        ]
        self._find_latency()

    @torch.jit.unused
    def _find_latency(self) -> None:
        """Latency from the samples after which a late frame is final, and the frames before it are not."""
        late = 8 + 2 * max(octave.width // octave.hop for octave in self.octaves)
        low, high = 0, 1 << 40
        while low < high:
            middle = (low + high) // 2
            low, high = (low, middle) if self._final(middle) > late else (middle + 1, high)
        self.latency = low - 1 - late * self.hop_length
        if self.octaves[0].pad_mode == "reflect":
            low, high = 0, 1 << 40
            while low < high:
                middle = (low + high) // 2
                counts = self._octave_samples(middle)
                known = all(count >= left_need(g) for count, g in zip(counts, self.octaves, strict=True))
                low, high = (low, middle) if known else (middle + 1, high)
            self.mirrored = low - 1

    def _octave_samples(self, time: int) -> List[int]:
        """Samples of each octave's signal that are final after ``time`` samples of a clip."""
        skipped = 1 if self.early else 0
        counts: List[int] = []
        for stage, geometry in enumerate(self.filters):
            if stage >= skipped:
                counts.append(time)
            time = final_frames(geometry, time)
        counts.append(time)
        return counts

    def _final(self, time: int) -> int:
        """Frames that are final in every octave after ``time`` samples of a clip."""
        counts = self._octave_samples(time)
        final = final_frames(self.octaves[0], counts[0])
        for octave, geometry in enumerate(self.octaves):
            final = min(final, final_frames(geometry, counts[octave]))
        return final

    @torch.jit.export
    def start(
        self,
        batch_size: int = 1,
        dtype: torch.dtype = torch.float32,
        device: Optional[torch.device] = None,
    ) -> FrameState:
        """State before the first sample of a clip."""
        batch_size, device = self.beginning(batch_size, device)
        held = 0
        for geometry in self.filters:
            held += held_samples(geometry, 0, 0)
        for geometry in self.octaves:
            held += held_samples(geometry, 0, 0)
        samples = torch.zeros([batch_size, held], dtype=working_dtype(dtype), device=device)
        return FrameState(samples, new_counts(self.key))

    @torch.jit.export
    def step(self, block: Tensor, state: FrameState) -> Tuple[Tensor, FrameState]:
        """The frames that become final with a block, and the state after it."""
        before = received_of(state.counts, self.key)
        samples = block.to(working_dtype(block.dtype)) if block.is_floating_point() else block
        check_block(samples, state.samples)
        total = before + block.size(1)
        X, held = self._advance(samples, state.samples, before, self._final(total), False)
        counts = next_counts(state.counts, block.size(1))
        return self._formatted(X, block), FrameState(held, counts)

    @torch.jit.export
    def finish(self, state: FrameState) -> Tensor:
        """The frames that see the padding on the right; closes the state.

        Raises:
            ValueError: if the clip has fewer samples than the transform takes.
        """
        total = received_of(state.counts, self.key)
        check_samples(total, self.min_samples)
        last = self.by_octaves.n_frames(total)
        X, _ = self._advance(state.samples[:, :0], state.samples, total, last, True)
        close(state.counts)
        return self._formatted(X, state.samples)

    def _formatted(self, X: Tensor, block: Tensor) -> Tensor:
        like = X.new_zeros([X.size(0), 1]).to(block.dtype)  # only its leading axis and its dtype count
        result: Tensor = self.transform.finish(self.by_octaves.scaled(X), like, None, "librosa", None)
        return result

    def _advance(
        self, block: Tensor, held: Tensor, before: int, final: int, last: bool
    ) -> Tuple[Tensor, Tensor]:
        """Coefficients up to frame ``final``, and the samples held after them.

        Args:
            block: new samples.
            held: of all stages, one after the other.
            before: samples received before.
            final: number of the first frame that is not computed.
            last: True if the clip ends with the block.

        Shape:
            block: ``(batch, samples)``
            held: ``(batch, held)``
            returns: ``(batch, n_bins, frames, 2)``, ``(batch, held)``
        """
        done = self._final(before)
        weights: List[Tensor] = self.by_octaves.octave_weights(block)
        signal, total, offset = block, before + block.size(1), 0
        known = before
        parts: List[Tensor] = []
        kept: List[Tensor] = []
        octave = -1 if self.early else 0
        while octave < len(self.octaves):
            if octave >= 0:
                geometry = self.octaves[octave]
                size = held_samples(geometry, done, known)
                samples = with_block(held[:, offset : offset + size], signal, geometry, known)
                offset += size
                kept.append(last_samples(samples, held_samples(geometry, final, total)))
                samples = self._from_frame(samples, geometry, done, total, last)
                parts = [self._correlated(samples, weights[octave], geometry, final - done)] + parts
            stage = octave + 1 if self.early else octave
            if stage < len(self.filters):
                geometry = self.filters[stage]
                first = final_frames(geometry, known)
                size = held_samples(geometry, first, known)
                samples = with_block(held[:, offset : offset + size], signal, geometry, known)
                offset += size
                ready = frames_of_clip(geometry, total) if last else final_frames(geometry, total)
                kept.append(last_samples(samples, held_samples(geometry, ready, total)))
                samples = self._from_frame(samples, geometry, first, total, last)
                signal = self._filtered(samples, stage, geometry, ready - first)
                known, total = first, ready
            octave += 1
        return torch.cat(parts, 1)[:, -self.n_bins :], torch.cat(kept, 1)

    def _from_frame(
        self, samples: Tensor, geometry: FrameGeometry, first: int, total: int, last: bool
    ) -> Tensor:
        """The samples of the frames from ``first`` on, padded if they end a clip of ``total`` samples."""
        if not last:
            return from_frame(samples, geometry, first, total)
        padded = padded_end(samples, geometry.after, geometry.pad_mode)
        return from_frame(padded, geometry, first, total + geometry.after)

    def _correlated(self, samples: Tensor, weight: Tensor, geometry: FrameGeometry, frames: int) -> Tensor:
        """Correlations of some frames, which may be none: ``(batch, bins, frames, 2)``."""
        if frames == 0:
            return samples.new_zeros([samples.size(0), weight.size(0) // 2, 0, 2])
        return correlation_pairs(stretch_of(samples, geometry, frames), weight, geometry.hop)

    def _filtered(self, samples: Tensor, stage: int, geometry: FrameGeometry, frames: int) -> Tensor:
        """Samples at a lower rate, which may be none: ``(batch, frames)``."""
        if frames == 0:
            return samples[:, :0]
        lowpass = constant(self.by_octaves.lowpass, samples.dtype)
        if self.early:
            if stage == 0:
                lowpass = constant(self.by_octaves.early_lowpass, samples.dtype)
        stretch = stretch_of(samples, geometry, frames)
        return conv1d(stretch.unsqueeze(1), lowpass[None, None], geometry.hop).squeeze(1)
