"""Trainable, invertible, deployable audio front ends for PyTorch."""

from .__about__ import __version__ as __version__
from .bands.gammatonegram import Gammatonegram as Gammatonegram
from .bands.mel_spectrogram import MelSpectrogram as MelSpectrogram
from .bands.mfcc import MFCC as MFCC
from .cfp.cfp import CFP as CFP
from .cfp.cfp import CombinedFrequencyPeriodicity as CombinedFrequencyPeriodicity
from .constant_q.cqt import CQT as CQT
from .constant_q.cqt import CQT1992 as CQT1992
from .constant_q.cqt import CQT1992v2 as CQT1992v2
from .constant_q.cqt2010 import CQT2010 as CQT2010
from .constant_q.cqt2010 import CQT2010v2 as CQT2010v2
from .constant_q.vqt import VQT as VQT
from .fourier.griffin_lim import GriffinLim as GriffinLim
from .fourier.istft import iSTFT as iSTFT
from .fourier.stft import STFT as STFT
from .gabor.nsgt import NSGT as NSGT
from .inverse.icqt import iCQT as iCQT
from .inverse.icqt import iVQT as iVQT
from .inverse.inverse import Inverse as Inverse
from .module.frame_times import frame_times as frame_times
from .module.transform import Transform as Transform
