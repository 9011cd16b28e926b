"""All transforms and helpers of the legacy package."""

from . import cfp as cfp
from . import cqt as cqt
from . import gammatone as gammatone
from . import griffin_lim as griffin_lim
from . import mel as mel
from . import stft as stft
from . import vqt as vqt
from .cfp import *  # noqa: F403
from .cqt import *  # noqa: F403
from .gammatone import *  # noqa: F403
from .griffin_lim import *  # noqa: F403
from .mel import *  # noqa: F403
from .stft import *  # noqa: F403
from .vqt import *  # noqa: F403
