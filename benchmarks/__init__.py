"""Speed, memory and error compared with the peers: ``python -m benchmarks [NAMES...]``."""

import os

os.environ.setdefault("NNAUDIO_DISABLE_CITATION_REMINDER", "1")  # nnAudio 2.0.3 prints one at import
