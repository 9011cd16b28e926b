"""Comparison of our transforms with those of torch, torchaudio and librosa."""
