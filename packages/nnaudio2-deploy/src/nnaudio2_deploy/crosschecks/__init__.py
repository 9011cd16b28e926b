"""Our transforms beside the same ones of torch, torchaudio and librosa: arguments, errors, bounds."""
