"""The strided complex filter bank of the constant-Q family."""
