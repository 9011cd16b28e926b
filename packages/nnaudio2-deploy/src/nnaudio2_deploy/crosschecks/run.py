"""Comparison of our transforms with their peers over a grid of arguments."""

from collections.abc import Mapping
from dataclasses import dataclass
from math import pi

import torch
from torch import Tensor

from ..extras import extra
from .peer import Arguments, NoCounterpart, Peer, PeerMissing
from .subjects import SUBJECTS, Subject

SECONDS = 1.0
"""Length of each signal."""


@dataclass(frozen=True)
class Comparison:
    """One transform with one set of arguments against one peer: the error for each signal."""

    subject: Subject
    peer: Peer
    arguments: Arguments
    errors: Mapping[str, float]

    @property
    def passed(self) -> bool:
        """True if every error is within the bound of its transform."""
        return all(error <= self.subject.bound for error in self.errors.values())


@dataclass(frozen=True)
class CrossCheck:
    """All comparisons, and a sentence for each library that could not be loaded."""

    comparisons: list[Comparison]
    missing: dict[str, str]
    lacking: list[str]
    """Arguments that a peer does not know."""

    @property
    def passed(self) -> bool:
        """True if all errors are within their bounds and torchaudio was compared with."""
        return "torchaudio" not in self.missing and all(each.passed for each in self.comparisons)


def crosscheck(audio: str = "sir_duke_fast") -> CrossCheck:
    """Compare our transforms with torch's, torchaudio's and librosa's over a grid of arguments.

    The signals are white noise, tones, and the middle second of a recording, in float32. A library that
    cannot be loaded is not compared with, and ``missing`` says so.

    Args:
        audio: the name of a shipped recording, or a path.

    Raises:
        UserError: if the recording cannot be used.

    Example:
        >>> report = crosscheck()
        >>> report.passed
        True
        >>> first = report.comparisons[0]
        >>> first.peer.function, first.arguments["n_fft"], first.errors["noise"] < first.subject.bound
        ('torch.stft', 512, True)
    """
    signals, sr = _signals(audio)
    report = CrossCheck([], {}, [])
    for subject in SUBJECTS:
        for arguments in subject.grid:
            _compare(subject, arguments, signals, sr, report)
    return report


def _signals(audio: str) -> tuple[dict[str, Tensor], int]:
    with extra("crosscheck", "nnaudio2 crosscheck"):
        from ..corpus.recordings import check_length, read_recording
    recording = read_recording(audio)
    samples = torch.from_numpy(recording.samples)
    length = int(SECONDS * recording.sr)
    check_length(recording.name, len(samples), length, recording.sr)
    start = (len(samples) - length) // 2
    time = torch.arange(length) / recording.sr
    tones = [level * torch.sin(2 * pi * hz * time) for hz, level in ((110, 0.5), (440, 0.3), (1730, 0.1))]
    noise = torch.randn(length, generator=torch.Generator().manual_seed(0))
    signals = {
        "noise": 0.1 * noise,
        "tones": torch.stack(tones).sum(0),
        "recording": samples[start : start + length],
    }
    return signals, recording.sr


@torch.no_grad()
def _compare(
    subject: Subject, arguments: Arguments, signals: Mapping[str, Tensor], sr: int, report: CrossCheck
) -> None:
    transform = subject.build(**arguments, **({"sr": sr} if subject.rated else {}))
    config = transform.config
    inputs = {name: subject.feed(x, config) for name, x in signals.items()}
    ours = {name: transform(*inputs[name]) for name in signals}
    for peer in subject.peers:
        if peer.library in report.missing:
            continue
        try:
            theirs = {name: peer(config, *inputs[name]) for name in signals}
        except PeerMissing as error:
            report.missing[peer.library] = str(error)
        except NoCounterpart as error:
            report.lacking.append(f"{peer.function} has {error}")
        else:
            errors = {name: subject.error(ours[name], theirs[name], config, inputs[name]) for name in signals}
            report.comparisons.append(Comparison(subject, peer, arguments, errors))
