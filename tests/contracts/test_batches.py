"""A batch is its items side by side, whatever its leading axes and its layout in memory."""

import pytest
import torch
from tests import tolerances
from tests.contracts.cases import assert_close, build, entries, tensors, with_engines

import nnaudio2_core as core


@with_engines
def test_a_batch_equals_its_items(entry, engine, device):
    module = build(entry, engine).to(device)
    x = entry.input(3).to(device)
    batch = tensors(module(x, **entry.call))
    for i in range(3):
        item = tensors(module(x[i], **entry.call))
        assert_close(tuple(part[i] for part in batch), item, entry.batch_bound)


@entries
def test_leading_axes_come_back(entry):
    module = entry.build()
    x = entry.input(2, 3)
    y = tensors(module(x, **entry.call))
    flat = tensors(module(x.flatten(0, 1), **entry.call))
    none = tensors(module(x[0, 0], **entry.call))
    for a, b, c in zip(y, flat, none, strict=True):
        assert a.shape == (2, 3, *b.shape[1:])
        assert c.shape == b.shape[1:]
        assert torch.equal(a.flatten(0, 1), b)


@with_engines
def test_layout_in_memory_does_not_matter(entry, engine):
    module = build(entry, engine)
    x = entry.input(2, 3)
    expected = module(x, **entry.call)
    last = x.dim() - 1
    layouts = {
        "strided": torch.stack([x, x], -1)[..., 0],
        "transposed": x.transpose(0, last).contiguous().transpose(0, last),
        "negative view": torch.complex(torch.zeros_like(x), -x).conj().imag,
    }
    assert layouts["negative view"].is_neg()
    for name, y in layouts.items():
        assert torch.equal(x, y), name
        assert name == "negative view" or not y.is_contiguous()
        assert_close(module(y, **entry.call), expected, entry.batch_bound)
    item = module(x[0, 0], **entry.call)
    same = tensors(module(x[0, 0].expand(3, *x.shape[2:]), **entry.call))
    for i in range(3):
        assert_close(tuple(part[i] for part in same), tensors(item), entry.batch_bound)


@with_engines
@pytest.mark.parametrize("bad", [float("nan"), float("inf"), float("-inf")])
def test_a_bad_item_spoils_only_itself(entry, engine, bad):
    module = build(entry, engine)
    x = entry.input(3)
    expected = tensors(module(x, **entry.call))
    x[1].view(-1)[x[1].numel() // 2] = bad
    result = tensors(module(x, **entry.call))
    for a, b in zip(result, expected, strict=True):
        assert_close(a[[0, 2]], b[[0, 2]], entry.batch_bound)
        assert not a[1].isfinite().all()


@with_engines
def test_a_bad_item_spoils_only_its_own_gradient(entry, engine):
    module = build(entry, engine)
    x = entry.input(3)
    clean = x.clone().requires_grad_()
    sum(part[[0, 2]].sum() for part in tensors(module(clean, **entry.call))).backward()
    x[1] = float("nan")
    x.requires_grad_()
    sum(part.sum() for part in tensors(module(x, **entry.call))).backward()
    assert_close(x.grad[[0, 2]], clean.grad[[0, 2]], tolerances.ENGINES)


@with_engines
@pytest.mark.parametrize("dtype", [torch.float32, torch.float64, torch.float16], ids=str)
def test_an_empty_batch_has_an_empty_result(entry, engine, dtype):
    """As one of two clips, without its items: axes, dtype and a gradient of the right shape."""
    module = build(entry, engine)
    scripted = torch.jit.script(module)
    full = tensors(module(entry.input(2).to(dtype), **entry.call))
    for lead in ((0,), (0, 3), (3, 0)):
        x = entry.input(*lead).to(dtype).requires_grad_()
        result, scripted_result = tensors(module(x, **entry.call)), tensors(scripted(x, **entry.call))
        for a, b, expected in zip(result, scripted_result, full, strict=True):
            assert a.shape == b.shape == (*lead, *expected.shape[1:])
            assert a.dtype == b.dtype == expected.dtype
        torch.stack([part.abs().sum() for part in result]).sum().backward()
        assert x.grad.shape == x.shape


def test_the_other_inverses_of_an_empty_batch():
    X = torch.zeros(2, 0, 65, 9, 2)
    assert core.STFT(128).inverse(X, length=50).shape == (2, 0, 50)
    waveform, residual, _ = core.iCQT(sr=8000, fmin=300.0, hop_length=64, n_bins=20).solve(X[:, :, :20])
    assert waveform.shape == (2, 0, 512)
    assert residual.shape == (2, 0)
