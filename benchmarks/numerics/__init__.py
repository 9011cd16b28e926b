"""The numerics page: every transform beside direct sums and other packages. ``hatch run numerics`` writes it.

It measures with the oracles of ``tests/oracles`` and holds what it finds to ``tests/tolerances.py``.
"""
