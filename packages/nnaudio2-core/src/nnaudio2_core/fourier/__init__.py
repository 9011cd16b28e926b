"""Short-time Fourier transform, its inverse, Griffin-Lim."""
