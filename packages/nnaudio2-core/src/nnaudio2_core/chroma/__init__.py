"""Chroma: energy by pitch class, of the STFT and of the CQT."""
