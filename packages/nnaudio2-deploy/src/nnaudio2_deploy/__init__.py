"""Script, serialize, verify and demonstrate nnaudio2 transforms; the command ``nnaudio2``."""

from .crosschecks.run import crosscheck as crosscheck
from .script import Call as Call
from .script import CleanRun as CleanRun
from .script import run_in_clean_process as run_in_clean_process
from .script import save_scripted as save_scripted
from .script import script_module as script_module
