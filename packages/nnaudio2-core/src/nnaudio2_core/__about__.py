"""The one version of all three distributions; `hatch run release:bump` changes it."""

__version__ = "0.1.0"
