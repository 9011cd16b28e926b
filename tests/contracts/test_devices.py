"""A transform moves between devices; on the meta device it computes shapes, and ``to_empty`` restores it.

Built under ``torch.device("meta")`` or moved there, a transform holds no numbers but computes the shapes of
its results. ``to_empty`` gives it memory and builds its constants again; parameters are undefined until
``load_state_dict`` fills them.
"""

import copy

import torch
from tests import tolerances
from tests.contracts.cases import assert_close, entries, tensors
from torch import nn


def numbers(module):
    """All constants by name, shared ones under each of their names."""
    return dict(module.named_buffers(remove_duplicate=False))


@entries
def test_moved_to_a_device_it_gives_the_same(entry, device):
    module = entry.build()
    x = entry.input(2)
    expected = module(x, **entry.call)
    moved = module.to(device)
    assert all(tensor.device.type == device.type for tensor in (*moved.buffers(), *moved.parameters()))
    result = moved(x.to(device), **entry.call)
    assert all(part.device.type == device.type for part in tensors(result))
    assert_close(
        tuple(part.cpu() for part in tensors(result)), tensors(expected), max(entry.engine_bound, 1e-5)
    )
    assert_close(module.cpu()(x, **entry.call), expected, tolerances.SAME_CODE)


@entries
def test_built_under_a_device_it_is_there(entry, device):
    with torch.device(device):
        module = entry.build(**entry.trained)
    assert all(tensor.device.type == device.type for tensor in (*module.buffers(), *module.parameters()))
    elsewhere = numbers(entry.build(**entry.trained))
    assert all(torch.equal(value.cpu(), elsewhere[name]) for name, value in numbers(module).items())


@entries
def test_meta_device_computes_shapes_and_to_empty_restores(entry, device):
    wanted = entry.build(**entry.trained)
    x = entry.input(2)
    expected = tensors(wanted(x, **entry.call))
    with torch.device("meta"):
        built_there = entry.build(**entry.trained)
    for module in (built_there, copy.deepcopy(wanted).to("meta")):
        assert all(tensor.is_meta for tensor in (*module.buffers(), *module.parameters()))
        shapes = tensors(module(x.to("meta"), **entry.call))
        assert [part.shape for part in shapes] == [part.shape for part in expected]
        model = nn.Sequential(module).to_empty(device=device)
        module.load_state_dict(wanted.state_dict())
        assert all(torch.equal(value.cpu(), numbers(wanted)[name]) for name, value in numbers(module).items())
        result = tuple(part.cpu() for part in tensors(model[0](x.to(device), **entry.call)))
        assert_close(result, expected, max(entry.engine_bound, 1e-5))


@entries
def test_a_conversion_keeps_the_constants(entry):
    module = entry.build()
    before = copy.deepcopy(numbers(module))
    for convert in (
        lambda m: m.half(),
        lambda m: m.double(),
        lambda m: m.to(torch.bfloat16),
        lambda m: m.to_empty(device="cpu"),
        lambda m: m.share_memory(),
    ):
        after = numbers(convert(copy.deepcopy(module)))
        assert all(torch.equal(after[name], value) for name, value in before.items())
