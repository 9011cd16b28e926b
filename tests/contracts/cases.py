"""The registered transforms as parameters of tests, and helpers for their results."""

from typing import Any

import pytest
import torch
from tests.contracts.registry import ENTRIES, Entry
from torch import Tensor, nn

Result = Tensor | tuple[Tensor, ...] | list[Tensor]

entries = pytest.mark.parametrize("entry", ENTRIES, ids=lambda entry: entry.name)
with_engines = pytest.mark.parametrize(
    ("entry", "engine"),
    [(entry, engine) for entry in ENTRIES for engine in entry.engines or (None,)],
    ids=lambda value: value.name if isinstance(value, Entry) else str(value),
)
trained_entries = pytest.mark.parametrize(
    "entry", [entry for entry in ENTRIES if entry.trained], ids=lambda entry: entry.name
)


def build(entry: Entry, engine: str | None, **changes: Any) -> nn.Module:
    return entry.build(**changes) if engine is None else entry.build(engine=engine, **changes)


def two_steps(entry: Entry) -> dict[str, int]:
    """Arguments for a graph, which repeats each step: further ones take time and show nothing more."""
    return {"n_iter": 2} if entry.arguments.get("n_iter", 0) > 2 else {}


def tensors(result: Result) -> tuple[Tensor, ...]:
    return (result,) if isinstance(result, Tensor) else tuple(result)


def total(result: Result) -> Tensor:
    return torch.stack([part.square().sum() for part in tensors(result)]).sum()


def assert_close(result: Result, expected: Result, bound: float) -> None:
    """Equal shapes, and no difference above ``bound`` times the largest expected value."""
    assert len(tensors(result)) == len(tensors(expected))
    for a, b in zip(tensors(result), tensors(expected), strict=True):
        assert a.shape == b.shape
        difference = (a.double() - b.double()).abs().max().item()
        assert difference <= bound * b.double().abs().max().item()


class Called(nn.Module):
    """A module with the keyword arguments of its call."""

    def __init__(self, module: nn.Module, call: dict[str, Any]) -> None:
        super().__init__()
        self.module, self.call = module, call

    def forward(self, x: Tensor) -> Result:
        return self.module(x, **self.call)
