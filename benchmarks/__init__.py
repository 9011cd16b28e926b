"""Speed, memory and error beside the peers: ``python -m benchmarks [NAMES...]``."""

import os

os.environ.setdefault("NNAUDIO_DISABLE_CITATION_REMINDER", "1")  # nnaudio2 prints one at import
