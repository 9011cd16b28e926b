"""Files of NSGT: its lists of tensors, its inverse, and the formats that need slices."""

import pytest
import torch
from tests import tolerances

from nnaudio2_core import NSGT
from nnaudio2_deploy import ArtifactError, load, save, verify

SMALL = {"sr": 8000, "fmin": 300.0, "bins_per_octave": 5}
# Graphs repeat the steps for each group of bins, and take seconds each.
FEW = {"sr": 8000, "fmin": 2000.0, "bins_per_octave": 2}
GROUPS = {"matrix": 1, "octaves": 3, "ragged": 4}


@pytest.mark.parametrize("slice_length", [None, 240])
@pytest.mark.parametrize("layout", ["octaves", "matrix", "ragged"])
@pytest.mark.parametrize("format", ["torchscript", "export"])
def test_every_layout_in_the_formats_with_complex_numbers(format, layout, slice_length, tmp_path):
    module = NSGT(**FEW, layout=layout, slice_length=slice_length)
    description = save(module, tmp_path / "nsgt", format)
    assert len(description.output) == len(module.groups) == GROUPS[layout]
    varying = "slices" if slice_length else "frames"
    assert all(axes[varying] is None and axes["parts"] == 2 for axes in description.output)
    assert verify(tmp_path / "nsgt", trust=True).passed


@pytest.mark.parametrize("layout", ["octaves", "matrix", "ragged"])
@pytest.mark.parametrize("format", ["onnx", "executorch"])
def test_slices_in_the_formats_without_complex_numbers(format, layout, tmp_path):
    module = NSGT(**FEW, layout=layout, slice_length=240)
    description = save(module, tmp_path / "nsgt", format)
    assert len(description.output) == len(module.groups) == GROUPS[layout]
    assert description.engine == "real"
    assert max(description.parity.values()) <= 1e-4


@pytest.mark.parametrize("format", ["onnx", "executorch"])
def test_whole_clips_need_complex_numbers(format, tmp_path):
    with pytest.raises(ArtifactError, match=r"without complex numbers: .* unless slice_length is given"):
        save(NSGT(**SMALL), tmp_path / "nsgt", format)


@pytest.mark.parametrize("slice_length", [None, 960])
def test_the_inverse_comes_with_torchscript(slice_length, tmp_path):
    save(NSGT(**SMALL, slice_length=slice_length), tmp_path / "nsgt.pt", "torchscript")
    runtime = torch.jit.load(tmp_path / "nsgt.pt")
    x = torch.randn(2, 5003)
    y = runtime.inverse(load(tmp_path / "nsgt.pt")(x), length=5003)
    assert (y - x).norm() <= tolerances.GABOR_ROUND_TRIP_FLOAT32 * x.norm()
