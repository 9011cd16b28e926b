"""Least-squares inverses: iCQT, iVQT, Inverse."""
