"""Build: plain numbers in, float64 constants out."""
