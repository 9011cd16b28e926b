"""Complex outputs: kept where the runtime has complex numbers, refused with the cure elsewhere."""

import pytest
import torch
from torch import Tensor, nn

from nnaudio2_core import STFT
from nnaudio2_deploy import ArtifactError, load, save, verify
from nnaudio2_deploy.artifacts.parity import error_between, sampled_errors_on, samples_of


class ComplexSTFT(nn.Module):
    """An STFT that returns complex numbers."""

    def __init__(self) -> None:
        super().__init__()
        self.stft = STFT(256, hop_length=64)

    def forward(self, x: Tensor) -> Tensor:
        return torch.view_as_complex(self.stft(x).contiguous())


@pytest.mark.parametrize("format", ["torchscript", "export", "aoti"])
def test_a_complex_output_is_kept_and_compared(format, tmp_path):
    path, module = tmp_path / "stft", ComplexSTFT()
    description = save(module, path, format)
    assert description.output == [{"batch": None, "axis1": 129, "frames": None}]
    assert max(description.parity.values()) < 1e-5
    assert description.latency == 127
    x = torch.randn(2, 5000)
    result = load(path, trust=True)(x)
    assert result.is_complex()
    assert error_between(result, module(x)) < 1e-5
    for compared_with in (None, module):  # results kept in the file, eager mode
        assert verify(path, compared_with, trust=True).passed


@pytest.mark.parametrize("format", ["onnx", "executorch"])
def test_a_runtime_without_complex_numbers_is_told_with_the_argument(format, tmp_path):
    cure = (
        f"ComplexSTFT cannot be saved as {format}: return_complex must be False for {format}, whose runtimes"
    )
    with pytest.raises(ArtifactError, match=cure):
        save(ComplexSTFT(), tmp_path / "stft", format)
    assert list(tmp_path.iterdir()) == []


def test_the_imaginary_part_counts():
    x = torch.tensor([3 + 4j, 1j])
    assert error_between(x + 0.4j, x) == pytest.approx(0.1)
    assert error_between(torch.view_as_real(x), x) == float("inf")
    inputs = {"tone": torch.zeros(1)}
    kept = samples_of(lambda _: x, lambda _: x, inputs, {"tone": 0.0})
    assert sampled_errors_on(lambda _: x, kept, inputs) == {"tone": 0.0}
    assert sampled_errors_on(lambda _: x + 0.4j, kept, inputs)["tone"] == pytest.approx(0.1)
