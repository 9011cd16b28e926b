"""Audio front ends for PyTorch that one can train, invert and ship."""

from .__about__ import __version__ as __version__
from .transforms.cfp import CFP as CFP
from .transforms.cfp import CombinedFrequencyPeriodicity as CombinedFrequencyPeriodicity
