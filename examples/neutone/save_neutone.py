"""Save the low-pass filter of examples/cpp as a Neutone model: ``python save_neutone.py FOLDER``.

Needs neutone-sdk, whose checks run while it saves; FOLDER/model.nm is for the Neutone plug-in.
"""

import sys
from pathlib import Path
from typing import Dict, List

import torch
from neutone_sdk import ContinuousNeutoneParameter, WaveformToWaveformBase
from neutone_sdk.utils import save_neutone_model
from torch import Tensor, nn

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "cpp"))
from save_stream import HOP, Lowpass, State


class WithMemory(nn.Module):
    """A stream that keeps its state, as a plug-in wants it.

    It is a module of its own, because TorchScript does not see the annotations of a base class (those of the
    SDK) beside those of a subclass.
    """

    state: State

    def __init__(self, effect: Lowpass) -> None:
        super().__init__()
        self.effect, self.state = effect, effect.start(1)

    @torch.jit.export
    def restart(self) -> None:
        """Forget what came before."""
        self.state = self.effect.start(1)

    def forward(self, x: Tensor) -> Tensor:
        """One step."""
        y, self.state = self.effect.step(x, self.state)
        return y


class LowpassPlugin(WaveformToWaveformBase):
    """Blocks from the plug-in's host, one step of the stream each."""

    def __init__(self, effect: Lowpass) -> None:
        super().__init__(WithMemory(effect))
        self.delay: int = effect.delay

    def get_model_name(self) -> str:
        """Shown in the plug-in."""
        return "Low-pass"

    def get_model_authors(self) -> List[str]:
        """Shown in the plug-in."""
        return ["nnaudio2"]

    def get_model_short_description(self) -> str:
        """Shown in the plug-in."""
        return "A low-pass filter that edits a spectrogram."

    def get_model_long_description(self) -> str:
        """Shown on the website."""
        return "STFT, gains, inverse STFT, block by block, equal to the same edit of the whole recording."

    def get_technical_description(self) -> str:
        """Shown on the website."""
        return "A stream of nnaudio2: frames of 512 samples every 64."

    def get_tags(self) -> List[str]:
        """For the search on the website."""
        return ["filter"]

    def get_model_version(self) -> str:
        """Shown in the plug-in."""
        return "1.0.0"

    def is_experimental(self) -> bool:
        """Shown in the plug-in."""
        return False

    def get_neutone_parameters(self) -> List[ContinuousNeutoneParameter]:
        """Knobs of the plug-in."""
        return [ContinuousNeutoneParameter("level", "level of the result", default_value=1.0)]

    @torch.jit.export
    def is_input_mono(self) -> bool:
        """One channel."""
        return True

    @torch.jit.export
    def is_output_mono(self) -> bool:
        """One channel."""
        return True

    @torch.jit.export
    def get_native_sample_rates(self) -> List[int]:
        """Other rates are resampled."""
        return [48000]

    @torch.jit.export
    def get_native_buffer_sizes(self) -> List[int]:
        """Other sizes are queued."""
        return [64]

    @torch.jit.export
    def calc_model_delay_samples(self) -> int:
        """For the host, which delays other tracks by as much."""
        return self.delay

    @torch.jit.export
    def reset_model(self) -> bool:
        """Before the first block, and where the host jumps."""
        self.model.restart()
        return True

    def do_forward_pass(self, x: Tensor, params: Dict[str, Tensor]) -> Tensor:
        """A block, ``(1, 64)``."""
        y: Tensor = self.model(x)
        return y * params["level"]


if __name__ == "__main__":
    assert HOP == 64
    save_neutone_model(LowpassPlugin(Lowpass()), Path(sys.argv[1]), speed_benchmark=False)
