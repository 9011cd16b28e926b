"""The import name of the legacy nnAudio, kept for its API on top of nnaudio2-core.

Nothing of the legacy API is here yet: no ``Spectrogram``, no ``features``, no ``utils``. Code that needs
them stays with the legacy distribution until a release of nnaudio-compat says otherwise. There is no
``__version__`` either, for code that reads it expects the version of a complete legacy package.
"""

from nnaudio2_core.__about__ import __version__ as nnaudio2_version

__all__ = ["nnaudio2_version"]
