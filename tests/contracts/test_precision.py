"""The result has the dtype of the input; types narrower than float32 are computed in float32."""

import pytest
import torch
from tests import tolerances
from tests.contracts.cases import assert_close, build, entries, tensors, with_engines


@with_engines
def test_float64_in_float64_out_and_more_exact(entry, engine, device):
    if device.type == "mps":
        pytest.skip("MPS has no float64")
    module = build(entry, engine).to(device)
    x = entry.input(2, dtype=torch.float64).to(device)
    y = module(x, **entry.call)
    assert all(part.dtype == torch.float64 for part in tensors(y))
    assert_close(module(x.float(), **entry.call), y, entry.float32_bound)


@with_engines
@pytest.mark.parametrize("dtype", [torch.float16, torch.bfloat16])
def test_half_types_are_computed_in_float32(entry, engine, dtype, device):
    module = build(entry, engine).to(device)
    x = entry.input(2).to(device, dtype)
    expected = module(x.float(), **entry.call)
    result = module(x, **entry.call)
    for a, b in zip(tensors(result), tensors(expected), strict=True):
        assert a.dtype == dtype
        assert torch.equal(a, b.to(dtype))
    # A converted module keeps its constants: only parameters change type.
    assert_close(module.to(dtype)(x.float(), **entry.call), expected, tolerances.BATCH)


@with_engines
@pytest.mark.parametrize("dtype", [torch.float16, torch.bfloat16])
def test_autocast_changes_nothing(entry, engine, dtype, device):
    module = build(entry, engine).to(device)
    x = entry.input(2).to(device)
    expected = module(x, **entry.call)
    scripted = torch.jit.script(module)
    with torch.autocast(device.type, dtype=dtype):
        assert_close(module(x, **entry.call), expected, tolerances.SAME_CODE)
        assert_close(scripted(x, **entry.call), expected, tolerances.ENGINES)


@entries
def test_integer_and_complex_audio_is_a_type_error(entry):
    module = entry.build()
    for dtype in (torch.int16, torch.int32, torch.uint8, torch.bool):
        with pytest.raises(TypeError, match=r"^[xXS] must be a .*float"):
            module(torch.ones_like(entry.input(), dtype=dtype), **entry.call)
    if entry.kind == "waveform":
        with pytest.raises(TypeError, match="convert integer audio first"):
            module(entry.input().to(torch.complex64), **entry.call)


@with_engines
def test_the_default_dtype_of_torch_does_not_matter(entry, engine):
    x = entry.input(1)
    expected = build(entry, engine)(x, **entry.call)
    default = torch.get_default_dtype()
    torch.set_default_dtype(torch.bfloat16)
    try:
        result = build(entry, engine)(x, **entry.call)
    finally:
        torch.set_default_dtype(default)
    for ours, theirs in zip(tensors(result), tensors(expected), strict=True):
        assert torch.equal(ours, theirs)
