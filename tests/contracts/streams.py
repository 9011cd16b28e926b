"""The registered transforms as subjects of stream tests, and what runs a stream over a clip."""

from collections.abc import Iterable
from dataclasses import replace
from typing import Any, Union

import torch
from tests import tolerances
from tests.contracts.registry import ENTRIES, Entry
from torch import Tensor, nn

from nnaudio2_core import CFP, NSGT, Stream
from nnaudio2_core.inverse.least_squares import LeastSquaresInverse

# Arguments with which transforms stream that do not with the registry's.
CHANGES: dict[str, dict[str, Any]] = {
    "MFCC": {"top_db": None},
    "LFCC": {"top_db": None},
    "FrontEnd": {"maximum": 2.0},
}
# Why the others do not stream: what the error names.
REFUSED = {
    "GriffinLim": "whole clip",
    "GriffinLim, long frames": "whole clip",
    "InverseMel": "whole clip",
    "StackedCQT": "whole clip",
    **dict.fromkeys(("AmplitudeToDB", "Deltas", "PCEN"), "takes frames"),
    **dict.fromkeys(("GriffinLimCQT", "GriffinLimCQT gamma"), "whole clip"),
    **{
        entry.name: "whole clip: with slice_length it streams"
        for entry in ENTRIES
        if entry.make is NSGT and "slice_length" not in entry.arguments
    },
    "CombinedFrequencyPeriodicity": "CFP streams",
    "iCQT cg": "solver must be 'direct'",
    "iCQT landweber": "solver must be 'direct'",
    "iVQT direct": "with n_iter=0",
}
STREAMED = [
    replace(entry, arguments={**entry.arguments, **CHANGES.get(entry.name, {})})
    for entry in ENTRIES
    if entry.name not in REFUSED
]


def frames_axis(entry: Entry, whole: Tensor) -> int:
    """Time axis of the result of a batch, as :func:`one_tensor` returns it."""
    if entry.kind != "waveform" or entry.make is NSGT:
        return 1
    return whole.dim() - 2 if whole.size(-1) == 2 and whole.dim() == 4 else whole.dim() - 1


def one_tensor(result: Union[Tensor, list[Tensor]]) -> Tensor:
    """The parts of a slice side by side: ``(batch, slices, numbers)``; another result as it is."""
    if isinstance(result, Tensor):
        return result
    return torch.cat([part.flatten(2) for part in result], 2)


def streamed(stream: nn.Module, x: Tensor, lengths: Iterable[int], axis: int, **end: Any) -> Tensor:
    """The pieces of a stream in blocks of the given lengths, one after the other, joined."""
    time = x.size(1) if x.dim() == 2 else x.size(2)
    state = stream.start(x.size(0), x.dtype)
    pieces, begin = [], 0
    lengths = iter(lengths)
    while begin < time:
        size = next(lengths)
        block = x[:, begin : begin + size] if x.dim() == 2 else x[:, :, begin : begin + size]
        piece, state = stream.step(block, state)
        pieces.append(one_tensor(piece))
        begin += size
    pieces.append(one_tensor(stream.finish(state, **end)))
    return torch.cat(pieces, axis)


def offline_bound(entry: Entry, module: nn.Module, dtype: torch.dtype) -> float:
    """Largest difference between a stream and the whole clip, of the maximum."""
    if isinstance(module, LeastSquaresInverse):
        if module.engine == "fft":
            return tolerances.STREAM_BLOCK_INVERSE
    if isinstance(module, CFP):  # it divides each stretch by its level
        return tolerances.CFP_STREAM_FLOAT64 if dtype == torch.float64 else tolerances.CFP_CHUNKED_FLOAT32
    if dtype == torch.float64:
        bands = getattr(module, "tolerance", 0.0) > 0 and module.engine == "fft"
        return tolerances.STREAM_BAND_FLOAT64 if bands else tolerances.STREAM_FLOAT64
    return tolerances.STREAM_FLOAT32


def stream_of(entry: Entry, **changes: Any) -> tuple[nn.Module, Stream]:
    module = entry.build(**changes)
    return module, Stream(module)
