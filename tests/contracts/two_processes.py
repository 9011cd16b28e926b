"""Work of each of two processes in the test of DistributedDataParallel."""

import torch
import torch.distributed as dist
from tests.contracts.cases import total
from tests.contracts.registry import ENTRIES
from torch import nn
from torch.nn.parallel import DistributedDataParallel

PROCESSES = 2


class FrontEnd(nn.Module):
    """A transform of a modulated input: the depth of the modulation is trained where the transform is frozen.

    A gain would not do: a transform that normalises its frames does not change with it.
    """

    def __init__(self, entry):
        super().__init__()
        self.transform = entry.build(**entry.trained)
        self.depth = nn.Parameter(torch.tensor(0.7))
        self.call = entry.call

    def forward(self, x):
        wave = torch.arange(x.size(-1), dtype=x.dtype).cos()
        return total(self.transform((1.0 + self.depth * wave) * x, **self.call))


def inputs(entry):
    """One item for each process, in float64: round-off of batches and items is not what is tested."""
    torch.manual_seed(1)
    return entry.input(PROCESSES, dtype=torch.float64)


def train(rank: int, folder: str) -> None:
    """One step of every transform; the gradients of process 0 go to ``folder``."""
    torch.set_num_threads(1)
    dist.init_process_group("gloo", init_method=f"file://{folder}/store", rank=rank, world_size=PROCESSES)
    gradients = {}
    for entry in ENTRIES:
        model = FrontEnd(entry).double()
        parallel = DistributedDataParallel(model)
        parallel(inputs(entry)[rank : rank + 1]).backward()
        gradients[entry.name] = {name: p.grad for name, p in model.named_parameters()}
    if rank == 0:
        torch.save(gradients, f"{folder}/gradients.pt")
    dist.destroy_process_group()
