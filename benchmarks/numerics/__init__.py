"""The numerics page, written by ``hatch run numerics``: transforms against direct sums and other packages.

It measures with the oracles of ``tests/oracles`` and holds what it finds to ``tests/tolerances.py``.
"""
