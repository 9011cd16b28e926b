"""Streams: transforms and inverses of audio that comes block by block."""
