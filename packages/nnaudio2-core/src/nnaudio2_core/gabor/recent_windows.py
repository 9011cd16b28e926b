"""The windows of recent lengths, kept for the next clips."""

from typing import Any, Callable, Dict, Tuple

from torch import Tensor

from .windows import Windows

# Values of all windows together: 0.3 GB in float32. A clip of ten minutes has more, and builds its own.
MOST_VALUES = 2**24


class RecentWindows:
    """Windows by length, type and device: those asked for last. A copy of this object is empty."""

    def __init__(self) -> None:
        self._kept: Dict[Tuple[Any, ...], Windows] = {}

    def get(self, key: Tuple[Any, ...], build: Callable[[], Windows]) -> Windows:
        """The windows kept for ``key``, or new ones."""
        windows = self._kept.pop(key, None) or build()
        # The tensors of a mode, such as fake ones, must not outlive it.
        if type(windows.bins) is Tensor and windows.bins.numel() <= MOST_VALUES:
            self._kept[key] = windows
            while sum(kept.bins.numel() for kept in list(self._kept.values())) > MOST_VALUES:
                self._kept.pop(next(iter(list(self._kept)), key), None)
        return windows

    def __reduce__(self) -> Tuple[Any, ...]:
        return RecentWindows, ()
