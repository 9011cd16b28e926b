"""Base classes, argument checks, precision, shapes, magnitude and phase."""
