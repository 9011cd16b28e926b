"""Training on several devices: DataParallel, and DistributedDataParallel over two processes."""

import sys

import pytest
import torch
from tests import tolerances
from tests.contracts.cases import Called, assert_close, entries
from tests.contracts.registry import ENTRIES
from tests.contracts.two_processes import PROCESSES, FrontEnd, inputs, train
from torch import nn


@entries
def test_data_parallel(entry, device):
    module = Called(entry.build(**entry.trained), entry.call).to(device)
    x = entry.input(4).to(device)
    assert_close(nn.DataParallel(module)(x), module(x), tolerances.BATCH)


@entries
def test_a_replica_of_data_parallel(entry):
    """A replica, which DataParallel puts on each device, has plain tensors with a gradient as parameters."""

    def replica(module):
        copy = module._replicate_for_data_parallel()
        for name, child in module.named_children():
            setattr(copy, name, replica(child))
        for name, parameter in module.named_parameters(recurse=False):
            setattr(copy, name, parameter * 1.0)
        return copy

    module = entry.build(**entry.trained)
    x = entry.input(2)
    result = replica(module)(x, **entry.call)
    expected = module(x, **entry.call)
    assert_close(result, expected, tolerances.SAME_CODE)


@pytest.mark.skipif(
    sys.platform == "win32" or not torch.distributed.is_available(), reason="gloo over a file is not there"
)
def test_distributed_data_parallel_averages_the_gradients(tmp_path):
    torch.multiprocessing.spawn(train, (str(tmp_path),), nprocs=PROCESSES)
    found = torch.load(tmp_path / "gradients.pt", weights_only=True)
    assert set(found) == {entry.name for entry in ENTRIES}
    for entry in ENTRIES:
        model = FrontEnd(entry).double()
        (model(inputs(entry)) / PROCESSES).backward()
        for name, parameter in model.named_parameters():
            assert_close(found[entry.name][name], parameter.grad, tolerances.AVERAGED_GRADIENTS_FLOAT64)
