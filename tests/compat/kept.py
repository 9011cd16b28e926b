"""Goldens of the legacy package, and comparison with them."""

import gzip
import io
import json
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
import torch

# Signatures, defaults, attributes and state of the legacy package.
API: dict[str, Any] = json.loads((Path(__file__).parent / "legacy_api.json").read_text(encoding="utf-8"))
GOLDENS = Path(__file__).resolve().parents[1] / "oracles" / "goldens"


@lru_cache
def arrays(name: str) -> dict[str, np.ndarray]:
    with np.load(GOLDENS / f"legacy_{name}.npz") as kept:
        return dict(kept)


@lru_cache
def pickled(name: str) -> Any:
    """Objects pickled by ``tests/oracles/make_legacy_goldens.py``, hence safe to unpickle."""
    stream = io.BytesIO(gzip.decompress((GOLDENS / f"legacy_{name}.pt.gz").read_bytes()))
    return torch.load(stream, weights_only=False)


def parts(output: Any) -> list[torch.Tensor]:
    return list(output) if isinstance(output, tuple) else [output]


def golden(table: str, key: str) -> list[torch.Tensor]:
    found = arrays(table)
    names = [f"{key}/{i}" for i in range(4) if f"{key}/{i}" in found]
    assert names, f"no golden {key}"
    return [torch.from_numpy(found[name]) for name in names]


def assert_same(output: Any, expected: Any, bound: float) -> None:
    """Assert equal shapes, and differences of at most ``bound`` times the maximum of each part."""
    given, wanted = parts(output), parts(expected) if not isinstance(expected, list) else expected
    assert [part.shape for part in given] == [part.shape for part in wanted]
    for part, reference in zip(given, wanted, strict=True):
        error = (part.detach().double() - reference.double()).abs().max() / reference.abs().max()
        assert float(error) <= bound
