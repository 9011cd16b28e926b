"""The two engines give the same numbers and the same gradients."""

import pytest
import torch
from tests.contracts.cases import assert_close, total
from tests.contracts.registry import ENTRIES

choosable = pytest.mark.parametrize(
    "entry", [entry for entry in ENTRIES if entry.engines], ids=lambda entry: entry.name
)


@choosable
def test_engines_agree(entry, device):
    x = entry.input(2).to(device)
    first, *others = [entry.build(engine=engine).to(device)(x, **entry.call) for engine in entry.engines]
    for other in others:
        assert_close(other, first, entry.engine_bound)


@choosable
def test_gradients_of_engines_agree(entry):
    # In float64: the derivative of a root is only round-off where its argument is.
    x = entry.input(2, dtype=torch.float64)
    gradients = []
    for engine in entry.engines:
        y = x.clone().requires_grad_()
        total(entry.build(engine=engine)(y, **entry.call)).backward()
        gradients.append(y.grad)
    for other in gradients[1:]:
        assert_close(other, gradients[0], entry.engine_bound)


FILTERS = ("trainable_mel", "trainable_bins", "trainable_bands", "trainable_chroma")


@choosable
def test_auto_is_real_if_kernels_are_trained_else_fft(entry):
    assert entry.build().engine == "fft"
    fourier = {name: True for name in entry.trained if name not in FILTERS}
    fourier.pop("trainable_window", None)
    if fourier:
        assert entry.build(**fourier).engine == "real"
        with pytest.raises(ValueError, match=r"^engine must be 'real' or 'auto' with trainable\w*=True"):
            entry.build(**fourier, engine="fft")


@pytest.mark.parametrize(
    "entry", [entry for entry in ENTRIES if entry.kind == "waveform"], ids=lambda entry: entry.name
)
def test_a_complex_result_can_be_viewed_as_complex_numbers(entry):
    for changes in ({}, *({"engine": engine} for engine in entry.engines), entry.trained):
        module = entry.build(**changes)
        if getattr(module, "output_format", "") == "Complex":
            for result in (module(entry.input()), module(entry.input(2))):
                assert torch.equal(torch.view_as_complex(result).real, result[..., 0])
