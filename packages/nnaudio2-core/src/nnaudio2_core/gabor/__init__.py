"""Nonstationary Gabor frames: constant-Q and auditory filter banks with an exact inverse."""
