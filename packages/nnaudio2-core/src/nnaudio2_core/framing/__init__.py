"""Padding, frames, overlap-add, windows."""
