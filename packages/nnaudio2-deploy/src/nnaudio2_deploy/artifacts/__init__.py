"""Saving modules for other runtimes, loading and verifying the files, and the formats they have."""
