"""Script, serialize, verify and demonstrate nnaudio2 transforms; the command ``nnaudio2``."""

from .crosschecks.run import crosscheck as crosscheck
from .description import Description as Description
from .errors import ArtifactError as ArtifactError
from .loading import Artifact as Artifact
from .loading import inspect as inspect
from .loading import load as load
from .saving import save as save
from .script import Call as Call
from .script import CleanRun as CleanRun
from .script import run_in_clean_process as run_in_clean_process
from .script import save_scripted as save_scripted
from .script import script_module as script_module
from .verification import Report as Report
from .verification import verify as verify
