"""Gradients: finite at silence, equal to finite differences, and available to ``torch.func``."""

import dataclasses

import pytest
import torch
from tests import tolerances
from tests.contracts.cases import assert_close, build, entries, tensors, total, trained_entries, with_engines
from tests.contracts.registry import ENTRIES


@with_engines
def test_gradients_are_finite_at_silence(entry, engine, device):
    for level in (0.0, 1e-30, 1e-8):
        x = (level * entry.input(2)).to(device).requires_grad_()
        y = build(entry, engine).to(device)(x, **entry.call)
        assert all(part.isfinite().all() for part in tensors(y))
        sum(part.sum() for part in tensors(y)).backward()
        assert x.grad.isfinite().all()


@trained_entries
def test_gradients_of_kernels_are_finite_at_silence(entry):
    module = entry.build(**entry.trained)
    sum(part.sum() for part in tensors(module(0 * entry.input(2), **entry.call))).backward()
    assert all(parameter.grad.isfinite().all() for parameter in module.parameters())


@entries
def test_gradcheck(entry):
    small = dataclasses.replace(entry, arguments=entry.small, bins=entry.small_bins)
    module = small.build()
    x = small.input(1, time=entry.small_time, dtype=torch.float64).requires_grad_()
    # The fast mode compares one random projection of the Jacobian, and multiplies atol by the sums of both
    # random vectors, some hundreds: the default of 1e-5 would miss a wrong entry. Central differences err by
    # 1e-10, so that 1e-9 detects one that is 10 % off.
    assert torch.autograd.gradcheck(
        lambda x: module(x, **entry.call), (x,), fast_mode=True, atol=1e-9, rtol=1e-6
    )


@entries
def test_vmap_and_grad_transforms(entry):
    module = entry.build()
    x = entry.input(2, 3)
    mapped = torch.func.vmap(lambda x: module(x, **entry.call))(x)
    assert_close(mapped, module(x, **entry.call), tolerances.ENGINES)

    def loss(x):
        return total(module(x, **entry.call))

    y = x[0].clone().requires_grad_()
    loss(y).backward()
    assert_close(torch.func.grad(loss)(x[0]), y.grad, tolerances.ENGINES)
    each = torch.func.vmap(torch.func.grad(loss))(x[0])
    assert_close(each, y.grad, tolerances.ENGINES)


@trained_entries
def test_kernels_as_arguments_of_a_function(entry):
    """``functional_call`` with gradients for each item, as meta-learning and privacy need them."""
    module = entry.build(**entry.trained)
    parameters = dict(module.named_parameters())
    x = entry.input(2)

    def loss(parameters, x):
        return total(torch.func.functional_call(module, parameters, (x,), entry.call))

    each = torch.func.vmap(torch.func.grad(loss), in_dims=(None, 0))(parameters, x)
    total(module(x, **entry.call)).backward()
    for name, parameter in parameters.items():
        assert_close(each[name].sum(0), parameter.grad, tolerances.ENGINES)


@pytest.mark.parametrize("name", ["STFT", "MelSpectrogram", "FrontEnd", "Fbank"])
def test_forward_mode_of_vmap_is_that_of_the_batch(name):
    entry = next(entry for entry in ENTRIES if entry.name == name)
    module = entry.build()
    x, direction = entry.input(3, dtype=torch.float64), entry.input(3, dtype=torch.float64)
    _, expected = torch.func.jvp(module, (x,), (direction,))
    _, slopes = torch.func.jvp(torch.func.vmap(module), (x,), (direction,))
    assert_close(slopes, expected, tolerances.SAME_CODE)


@entries
def test_forward_mode_is_finite_differences(entry):
    small = dataclasses.replace(entry, arguments=entry.small, bins=entry.small_bins)
    module = small.build()
    x = small.input(1, time=entry.small_time, dtype=torch.float64)
    direction, step = torch.randn_like(x), 1e-6

    def call(x):
        return module(x, **entry.call)

    _, slopes = torch.func.jvp(call, (x,), (direction,))
    ahead, behind = tensors(call(x + step * direction)), tensors(call(x - step * direction))
    for slope, after, before in zip(tensors(slopes), ahead, behind, strict=True):
        expected = (after - before) / (2 * step)
        # Central differences lose the square of the step and round-off over the step.
        assert (slope - expected).norm() <= 1e-4 * expected.norm()


@entries
def test_second_derivatives_forward_over_reverse(entry):
    small = dataclasses.replace(entry, arguments=entry.small, bins=entry.small_bins)
    module = small.build()
    x = small.input(1, time=entry.small_time, dtype=torch.float64)

    def slope(x):
        return torch.func.grad(lambda x: total(module(x, **entry.call)))(x)

    # Not a constant: transforms that remove the mean do not change with it.
    direction = torch.linspace(-1.0, 2.0, x.numel(), dtype=x.dtype).view_as(x)
    _, ahead = torch.func.jvp(slope, (x,), (direction,))
    y = x.clone().requires_grad_()
    (first,) = torch.autograd.grad(total(module(y, **entry.call)), y, create_graph=True)
    (backwards,) = torch.autograd.grad((first * direction).sum(), y)
    assert_close(ahead, backwards, 1e-6)
