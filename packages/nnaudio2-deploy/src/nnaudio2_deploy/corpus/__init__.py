"""Features of a corpus: one transform over many audio files, resumable, on one machine or with Ray."""
