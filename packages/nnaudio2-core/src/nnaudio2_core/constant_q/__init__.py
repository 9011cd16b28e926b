"""Constant-Q and variable-Q transforms."""
