"""Audio front ends for PyTorch that one can train, invert and ship."""

from .__about__ import __version__ as __version__
from .transforms.base import Transform as Transform
from .transforms.cfp import CFP as CFP
from .transforms.cfp import CombinedFrequencyPeriodicity as CombinedFrequencyPeriodicity
from .transforms.cqt import CQT as CQT
from .transforms.cqt import CQT1992 as CQT1992
from .transforms.cqt import CQT1992v2 as CQT1992v2
from .transforms.cqt2010 import CQT2010 as CQT2010
from .transforms.cqt2010 import CQT2010v2 as CQT2010v2
from .transforms.gammatone import Gammatonegram as Gammatonegram
from .transforms.griffin_lim import GriffinLim as GriffinLim
from .transforms.icqt import iCQT as iCQT
from .transforms.icqt import iVQT as iVQT
from .transforms.inverse import Inverse as Inverse
from .transforms.istft import iSTFT as iSTFT
from .transforms.mel import MelSpectrogram as MelSpectrogram
from .transforms.mfcc import MFCC as MFCC
from .transforms.stft import STFT as STFT
from .transforms.vqt import VQT as VQT
