"""The strided filter bank against direct sums, its transpose, its gradients and function transforms."""

import numpy as np
import pytest
import torch
from tests.oracles.strided_correlation import correlate, worst_bin_error
from tests.tolerances import (
    ADJOINT_FLOAT32,
    ADJOINT_FLOAT64,
    BANK_DEFAULT,
    BANK_EXACT_FLOAT32,
    BANK_EXACT_FLOAT64,
    FLOAT32_ROUND_OFF,
)
from torch.autograd import forward_ad

from nnaudio2_core.bank.strided_bank import StridedBank
from nnaudio2_core.constant_q.design_kernels import constant_q_basis


class Bank:
    """A constant-Q filter bank, or any other kernels, with its plan."""

    def __init__(self, hop, kernels=None, starts=None, width=None, engine="fft", **options):
        if kernels is None:
            basis = constant_q_basis(22050, 65.4, 66)
            lead = -min(basis.offsets)
            kernels, starts, width = basis.kernels, [lead + o for o in basis.offsets], 2 * lead
        self.kernels, self.starts = kernels, starts
        self.hop, self.width, self.n_bins = hop, width, len(kernels)
        self.analysis = StridedBank(kernels, starts, hop, width, engine, **options)
        self.adjoint = self.analysis.adjoint

    @property
    def kinds(self):
        return [group.kind for group in self.analysis.plan.groups]

    def error(self, x, y):
        frames = 1 + (x.shape[1] - self.width) // self.hop
        some = sorted({0, frames - 1} | set(np.linspace(0, frames - 1, 25).astype(int)))
        expected = correlate(x.numpy().astype(np.float64), self.kernels, self.starts, self.hop, some)
        return worst_bin_error(torch.view_as_complex(y).numpy()[:, :, some], expected)


HOPS = [1, 2, 7, 100, 127, 441, 509, 512, 1000, 4093, 4096]


@pytest.mark.parametrize("hop", HOPS)
def test_default_error_in_float32(hop):
    bank = Bank(hop)
    x = torch.randn(2, 40000 if hop > 7 else 9000)
    assert bank.error(x, bank.analysis(x)) < BANK_DEFAULT


@pytest.mark.parametrize("hop", [7, 127, 441, 512, 4096])
def test_tolerance_zero_is_exact(hop):
    bank = Bank(hop, tolerance=0.0)
    x = torch.randn(2, 20000, dtype=torch.float64)
    assert bank.error(x, bank.analysis(x)) < BANK_EXACT_FLOAT64
    x = x.float()
    assert bank.error(x, bank.analysis(x)) < BANK_EXACT_FLOAT32


def test_smaller_tolerance_is_smaller_error():
    x = torch.randn(2, 40000, dtype=torch.float64)
    errors = []
    for tolerance in (1e-2, 1e-3, 1e-4, 1e-5):
        bank = Bank(512, tolerance=tolerance)
        errors.append(bank.error(x, bank.analysis(x)))
    # The tolerance bounds the response to a sine; white noise gets less than twice that share of a bin.
    assert all(error < 2 * t for error, t in zip(errors, (1e-2, 1e-3, 1e-4, 1e-5), strict=True))
    assert errors == sorted(errors, reverse=True)


def test_each_way_of_computing_is_chosen_somewhere():
    chosen = {hop: set(Bank(hop).kinds) for hop in (1, 127, 512, 4093)}
    assert "polyphase" in chosen[127]
    assert chosen[4093] == {"matrix"}
    assert chosen[512] == {"band", "matrix"}
    assert "matrix" not in chosen[1]


@pytest.mark.parametrize("hop", [3, 64, 127, 512])
@pytest.mark.parametrize("window", ["boxcar", "noise"])
def test_kernels_of_any_band(hop, window):
    """Kernels may have any band: rectangular ones have long tails, noise has all frequencies."""
    generator = np.random.default_rng(1)
    sizes = [3000, 2500, 400, 30, 1]
    kernels = []
    for k, size in enumerate(sizes):
        values = np.exp(2j * np.pi * (0.01 + 0.12 * k) * np.arange(size)) / size
        if window == "noise":
            values = generator.standard_normal(size) + 1j * generator.standard_normal(size)
        kernels.append(values)
    starts = [0, 700, 100, 3100, 3199]
    bank = Bank(hop, kernels, starts, 3200)
    x = torch.randn(3, 8000)
    assert bank.error(x, bank.analysis(x)) < BANK_DEFAULT


@pytest.mark.parametrize("hop", HOPS)
@pytest.mark.parametrize(
    ("dtype", "tolerance"), [(torch.float32, ADJOINT_FLOAT32), (torch.float64, ADJOINT_FLOAT64)]
)
def test_adjoint_is_the_transpose(hop, dtype, tolerance):
    bank = Bank(hop)
    time = bank.width + 20 * hop + hop // 3
    x = torch.randn(3, time, dtype=dtype)
    y = bank.analysis(x)
    z = torch.randn_like(y)
    difference = (y.double() * z).sum() - (bank.adjoint(z, time).double() * x).sum()
    assert abs(difference) < tolerance * y.double().norm() * z.double().norm()


@pytest.mark.parametrize("hop", [64, 127, 512])
def test_chunks_are_invisible(hop):
    """A batch of long clips is computed in chunks, one short clip is not."""
    bank = Bank(hop)
    x = torch.randn(3, 200_000)
    whole = bank.analysis(x)
    for clip, result in zip(x, whole, strict=True):
        torch.testing.assert_close(bank.analysis(clip[None])[0], result, rtol=0, atol=FLOAT32_ROUND_OFF)
    end = bank.width + 40 * hop
    # A kernel cut in frequency has no sharp end in time: samples after the clip contribute up to the
    # tolerance.
    torch.testing.assert_close(bank.analysis(x[:, :end]), whole[:, :, :41], rtol=0, atol=BANK_DEFAULT)
    z = torch.randn_like(whole)
    back = bank.adjoint(z, x.shape[1])
    for clip, result in zip(z, back, strict=True):
        single = bank.adjoint(clip[None], x.shape[1])[0]
        torch.testing.assert_close(single, result, rtol=0, atol=FLOAT32_ROUND_OFF * float(back.abs().max()))


@pytest.mark.parametrize("hop", [5, 127, 512])
def test_the_real_engine_gives_the_same(hop):
    fft, real = Bank(hop, tolerance=0.0), Bank(hop, engine="real")
    x = torch.randn(2, 12000)
    y = real.analysis(x)
    torch.testing.assert_close(y, fft.analysis(x), rtol=0, atol=FLOAT32_ROUND_OFF)
    back = fft.adjoint(y, 12000)
    torch.testing.assert_close(
        real.adjoint(y, 12000), back, rtol=0, atol=FLOAT32_ROUND_OFF * float(back.abs().max())
    )


@pytest.mark.parametrize("hop", [127, 512])
def test_gradients_to_second_order(hop):
    bank = Bank(hop)
    x = torch.randn(1, bank.width + 3 * hop, dtype=torch.float64, requires_grad=True)
    weights = torch.rand(1, bank.n_bins, 4, 2, dtype=torch.float64)

    def energy(x):
        return (weights * bank.analysis(x) ** 2).sum()

    (gradient,) = torch.autograd.grad(energy(x), x, create_graph=True)
    expected = bank.adjoint(2 * weights * bank.analysis(x.detach()), x.shape[1])
    torch.testing.assert_close(gradient, expected, rtol=0, atol=ADJOINT_FLOAT64)
    direction = torch.randn_like(x)
    (second,) = torch.autograd.grad((gradient * direction).sum(), x)
    expected = bank.adjoint(2 * weights * bank.analysis(direction), x.shape[1])
    torch.testing.assert_close(second, expected, rtol=0, atol=ADJOINT_FLOAT64)


def test_adjoint_has_a_gradient():
    bank = Bank(512)
    time = bank.width + 1100
    y = torch.randn(1, bank.n_bins, 3, 2, dtype=torch.float64, requires_grad=True)
    weights = torch.randn(1, time, dtype=torch.float64)
    (gradient,) = torch.autograd.grad((bank.adjoint(y, time) * weights).sum(), y)
    torch.testing.assert_close(gradient, bank.analysis(weights), rtol=0, atol=ADJOINT_FLOAT64)


def test_function_transforms():
    bank = Bank(512)
    x = torch.randn(4, 1, 60000)
    batched = torch.func.vmap(bank.analysis)(x)
    torch.testing.assert_close(batched, bank.analysis(x[:, 0])[:, None], rtol=0, atol=FLOAT32_ROUND_OFF)
    gradients = torch.func.vmap(torch.func.grad(lambda clip: bank.analysis(clip).square().sum()))(x)
    expected = bank.adjoint(2 * bank.analysis(x[:, 0]), x.shape[-1])[:, None]
    torch.testing.assert_close(gradients, expected, rtol=0, atol=FLOAT32_ROUND_OFF)
    _, tangent = torch.func.jvp(bank.analysis, (x[0],), (x[1],))
    torch.testing.assert_close(tangent, bank.analysis(x[1]), rtol=0, atol=FLOAT32_ROUND_OFF)


@pytest.mark.parametrize("hop", [127, 512])
def test_forward_mode_of_the_adjoint_is_the_adjoint_of_the_tangent(hop):
    """Also where the input needs a gradient, which uses a rule of our own, for both maps."""
    bank = Bank(hop)
    time = bank.width + 2 * hop
    y, v = torch.randn(2, 1, bank.n_bins, 3, 2, dtype=torch.float64)
    x, u = torch.randn(2, 1, time, dtype=torch.float64)
    maps = [(lambda y: bank.adjoint(y, time), y, v), (bank.analysis, x, u)]
    for linear, point, direction in maps:
        expected = linear(direction)
        for given in (point, point.clone().requires_grad_()):
            with forward_ad.dual_level():
                tangent = forward_ad.unpack_dual(linear(forward_ad.make_dual(given, direction))).tangent
                torch.testing.assert_close(tangent, expected, rtol=0, atol=ADJOINT_FLOAT64)


def test_input_that_is_not_contiguous():
    bank = Bank(512)
    x = torch.randn(60000, 2)
    torch.testing.assert_close(bank.analysis(x.t()), bank.analysis(x.t().contiguous()), rtol=0, atol=0)
