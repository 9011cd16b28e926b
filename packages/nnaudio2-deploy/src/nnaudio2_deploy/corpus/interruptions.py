"""Early ends of a command: Ctrl-C, a scheduler, a closed terminal."""

import signal
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from types import FrameType
from typing import Any, NoReturn, Optional

TERMINATIONS = [getattr(signal, name) for name in ("SIGTERM", "SIGHUP") if hasattr(signal, name)]
"""Signals of schedulers and terminals; Windows has no SIGHUP."""

ALL = [signal.SIGINT, *TERMINATIONS]


@contextmanager
def terminations_interrupt() -> Iterator[None]:
    """Terminations raise KeyboardInterrupt, as Ctrl-C does, unless the program has another answer to them."""
    unanswered = [number for number in TERMINATIONS if signal.getsignal(number) is signal.SIG_DFL]
    with _answered(unanswered, _interrupt):
        yield


@contextmanager
def interruptions_ignored() -> Iterator[None]:
    """Ignore interruptions, also in processes that start meanwhile, where the system inherits that."""
    ours = [number for number in ALL if signal.getsignal(number) is not None]  # None: not Python's to restore
    with _answered(ours, signal.SIG_IGN):
        yield


def ignore_interruptions() -> None:
    """Ignore interruptions from now on."""
    for number in ALL:
        signal.signal(number, signal.SIG_IGN)


def _interrupt(number: int, frame: Optional[FrameType]) -> NoReturn:
    signal.signal(number, signal.SIG_IGN)  # schedulers send it twice; once is enough to end cleanly
    raise KeyboardInterrupt


@contextmanager
def _answered(numbers: Sequence[int], answer: Any) -> Iterator[None]:
    if threading.current_thread() is not threading.main_thread():
        yield  # only the main thread is interrupted, and may say what happens then
        return
    before = {number: signal.signal(number, answer) for number in numbers}
    try:
        yield
    finally:
        for number, earlier in before.items():
            signal.signal(number, earlier)
