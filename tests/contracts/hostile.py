"""Values that a hostile or careless caller might pass, and checks of the outcome."""

import inspect
import re
from typing import Any, Callable

import numpy as np
import torch
from tests.contracts.cases import Result, tensors
from tests.contracts.registry import Entry

VALUES: list[Any] = [
    None,
    True,
    False,
    0,
    1,
    3,
    -1,
    2.5,
    -0.5,
    1e-12,
    1e-308,
    1e308,
    2**31 - 1,
    10**12,
    2**63,
    10**400,
    float("nan"),
    float("inf"),
    -float("inf"),
    1j,
    "",
    "x",
    b"x",
    [],
    [1, 2],
    (1,),
    {},
    object(),
    int,
    ("kaiser",),
    ("kaiser", 4.0),
    ("kaiser", float("nan")),
    ("kaiser", "x"),
    ("gaussian", 0.0),
    np.float32("nan"),
    np.int64(3),
    np.float16(8.0),
    np.complex64(1),
    np.True_,
    np.timedelta64(3, "s"),
    np.timedelta64(3, "ns"),
    np.array([]),
    np.array([1, 2]),
    torch.tensor(3),
    torch.tensor(2.5),
    torch.tensor(True),
    torch.tensor(1j),
    torch.tensor([1, 2]),
    torch.tensor([]),
]


def refused_by_name(call: Callable[[], Result], names: set[str]) -> Result | None:
    """The result, or None for an error of ours: one of three types, with the name of an argument.

    Any other exception goes through and fails the test; so do warnings, which are errors in this suite.
    """
    try:
        return call()
    except (ValueError, TypeError, RuntimeError) as error:
        refusal = error
    subject, must, _ = str(refusal).partition(" must ")
    assert must, f"{type(refusal).__name__} that states no rule: {refusal}"
    assert names & set(re.findall(r"\w+", subject)), f"{type(refusal).__name__} names no argument: {refusal}"
    return None


def argument_names(entry: Entry) -> set[str]:
    """Names of the arguments of the constructor and of the call."""
    call = inspect.signature(entry.make.forward).parameters  # type: ignore[attr-defined]
    return {*inspect.signature(entry.make).parameters, *call}


def assert_same_numbers(result: Result, expected: Result, bound: float, floor: float, case: object) -> None:
    """float32 equals float64: no finite number is wrong, and none is missing."""
    for a, b in zip(tensors(result), tensors(expected), strict=True):
        assert a.shape == b.shape, case
        assert a.isfinite().all(), case
        if a.is_complex():
            a, b = torch.view_as_real(a), torch.view_as_real(b)
        difference = (a.double() - b).abs().max()
        assert difference <= bound * b.abs().max() + floor, case
