"""A batch is its items side by side, whatever its leading axes and its layout in memory."""

import pytest
import torch
from tests import tolerances
from tests.contracts.cases import assert_close, build, entries, tensors, with_engines


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
