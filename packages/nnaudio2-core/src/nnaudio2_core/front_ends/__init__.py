"""Front ends of known models: waveform in, the features that the model was trained on out."""
