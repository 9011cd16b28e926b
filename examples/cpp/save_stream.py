"""Save the effect that realtime runs: ``python save_stream.py STREAM.pt``.

A low-pass filter that edits a spectrogram: STFT, gains, inverse STFT, in steps of 64 samples.
"""

import sys
from typing import Tuple

import torch
from torch import Tensor, nn

from nnaudio2_core import STFT, Stream, iSTFT
from nnaudio2_core.streaming.frame_stream import BlockState
from nnaudio2_core.streaming.synthesis_stream import BlockSynthesisState
from nnaudio2_deploy import save

N_FFT, HOP, KEPT = 512, 64, 40
State = Tuple[BlockState, BlockSynthesisState]


class Lowpass(nn.Module):
    """Keeps the lower bins of a spectrogram."""

    def __init__(self) -> None:
        super().__init__()
        self.block: int = HOP
        self.analysis = Stream(STFT(N_FFT, hop_length=HOP, pad_mode="constant"), block=self.block)
        self.synthesis = Stream(iSTFT(N_FFT, hop_length=HOP), block=self.block)
        self.delay: int = self.analysis.delay * HOP + self.synthesis.delay
        gains = torch.zeros(1, N_FFT // 2 + 1, 1, 1)
        gains[:, :KEPT] = 1.0
        self.register_buffer("gains", gains)

    @torch.jit.export
    def start(self, batch_size: int = 1) -> State:
        """State before the first block."""
        return self.analysis.start(batch_size), self.synthesis.start(batch_size)

    @torch.jit.export
    def step(self, block: Tensor, state: State) -> Tuple[Tensor, State]:
        """64 samples, ``delay`` samples late, and the state after them."""
        X, analysis = self.analysis.step(block, state[0])
        y, synthesis = self.synthesis.step(X * self.gains, state[1])
        return y, (analysis, synthesis)


if __name__ == "__main__":
    save(Lowpass(), sys.argv[1], "torchscript")
