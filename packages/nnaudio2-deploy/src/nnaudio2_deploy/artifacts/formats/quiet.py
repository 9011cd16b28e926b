"""Silence for exporters, whose warnings and logs are for their own developers, one of them at a time."""

import contextlib
import logging
import threading
import warnings
from collections.abc import Iterator

ONE_AT_A_TIME = threading.RLock()
"""Held where torch or an exporter uses the process's own state: warning filters, log levels, ``sys.stdout``,
and the tables of ``torch.export``. Two threads would each restore what the other had changed."""


@contextlib.contextmanager
def quiet(*loggers: str) -> Iterator[None]:
    """Suppress warnings, and messages of these loggers below an error; other threads wait."""
    with ONE_AT_A_TIME:
        levels = {name: logging.getLogger(name).level for name in loggers}
        for name in loggers:
            logging.getLogger(name).setLevel(logging.ERROR)
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                yield
        finally:
            for name, level in levels.items():
                logging.getLogger(name).setLevel(level)
