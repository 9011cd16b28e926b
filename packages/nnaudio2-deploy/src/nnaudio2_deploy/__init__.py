"""Script, serialize, verify and demonstrate nnaudio2 transforms; the command ``nnaudio2``."""

from .artifact import Artifact as Artifact
from .artifact import inspect as inspect
from .artifact import load as load
from .artifact import save as save
from .crosschecks.run import crosscheck as crosscheck
from .description import Description as Description
from .errors import ArtifactError as ArtifactError
from .script import Call as Call
from .script import CleanRun as CleanRun
from .script import run_in_clean_process as run_in_clean_process
from .script import save_scripted as save_scripted
from .script import script_module as script_module
from .verification import Report as Report
from .verification import verify as verify
