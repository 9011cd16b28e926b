"""The rows of the demo, one for each transform; a new transform joins by one more row in ``ROWS``."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import partial
from math import log10
from typing import Any, Literal, Optional

from torch import Tensor, nn

from ..crosschecks import torch_peers, torchaudio_peers
from ..crosschecks.peer import Arguments, Peer
from ..measures import say_decibels, spectral_convergence
from ..one_of_each import Sizes, one
from . import row_plots
from .edits import only_band, only_what_lasts, other_pitch
from .row_plots import GAMMATONE_FMIN, Results, cfp_arguments, nsgt_arguments

SEED = 0


@dataclass(frozen=True)
class Row:
    """A transform of the demo: its arguments, input, inverse, peer and picture.

    ``inverse`` tells where a waveform comes back: from the module's ``inverse`` method, from its forward
    (the transform is an inverse itself), or nowhere. ``peer`` computes the same in another library.
    ``remarks`` are figures that have no column in the table, from the config and the results.
    """

    name: str
    about: str
    feed: Callable[[Results], tuple[Any, ...]]
    picture: Callable[[Sizes, Results], bytes]
    caption: str
    inverse: Literal["method", "forward", "none"] = "none"
    peer: Optional[Peer] = None
    remarks: Optional[Callable[[Arguments, Results], list[str]]] = None
    streamed: bool = False
    """True if the recording goes through it block by block as well, for a second picture."""
    arguments: Callable[[Sizes], dict[str, Any]] = lambda sizes: {}
    """Other arguments than ``one_of_each`` has."""
    back: Callable[[Tensor, Results], tuple[Any, ...]] = lambda result, r: (result, True, _length(r))
    """Arguments of the method ``inverse``, if there is one."""
    edits: Mapping[str, Callable[[Any, Tensor], Tensor]] = field(default_factory=dict)
    """Edits of the coefficients, by what the players are called; they take the module and its result."""

    def build(self, sizes: Sizes) -> nn.Module:
        """The module for a recording of these sizes."""
        return one(self.name, sizes, **self.arguments(sizes))


def _length(results: Results) -> int:
    return results["waveform"].size(-1)


def _magnitude(results: Results) -> Tensor:
    magnitude: Tensor = results["STFT"].norm(dim=-1)
    return magnitude


def _griffin_lim_remarks(config: Arguments, results: Results) -> list[str]:
    S = _magnitude(results)

    def misfit(waveform: Tensor) -> str:
        magnitude = torch_peers.stft(waveform, config["n_fft"], config["hop_length"]).norm(dim=-1)
        return say_decibels(20 * log10(spectral_convergence(magnitude, S)))

    theirs = torchaudio_peers.GriffinLim(config, S, _length(results))
    return [
        f"Spectral convergence of GriffinLim after {config['n_iter']} steps: "
        f"{misfit(results['GriffinLim'])}; torchaudio's, from the same magnitudes and random phases "
        f"of its own: {misfit(theirs)} (lower is better)."
    ]


ROWS: tuple[Row, ...] = (
    Row(
        name="STFT",
        about="Short-time Fourier transform: complex, and invertible to rounding error.",
        arguments=lambda s: {"iSTFT": True},
        feed=lambda r: (r["waveform"],),
        picture=lambda s, r: row_plots.stft(r["STFT"], s),
        caption="Magnitude of the STFT.",
        inverse="method",
        peer=torch_peers.STFT,
    ),
    Row(
        name="iSTFT",
        about="The inverse as a module of its own, fed with the STFT above.",
        feed=lambda r: (r["STFT"], True, _length(r)),
        picture=partial(row_plots.difference, "iSTFT"),
        caption="Reconstruction by iSTFT minus recording: mind the scale of the axis.",
        inverse="forward",
        peer=torch_peers.iSTFT,
    ),
    Row(
        name="MelSpectrogram",
        about="Power in bands spaced like the ear's pitch resolution. "
        "It keeps no phase and merges bins, so it has no inverse.",
        feed=lambda r: (r["waveform"],),
        picture=row_plots.mel,
        caption=f"Mel spectrogram, {Sizes.n_mels} bands.",
        peer=torchaudio_peers.MelSpectrogram,
    ),
    Row(
        name="MFCC",
        about="Cosine transform of the mel spectrogram in decibels: the shape of the spectrum "
        "in a few numbers. It has no inverse.",
        feed=lambda r: (r["waveform"],),
        picture=row_plots.mfcc,
        caption=f"MFCC, coefficients 1 to {Sizes.n_mfcc - 1} of {Sizes.n_mfcc}.",
        peer=torchaudio_peers.MFCC,
    ),
    Row(
        name="Gammatonegram",
        about="Power in bands shaped like the filters of the inner ear. "
        "It has no inverse, and no counterpart in torchaudio.",
        arguments=lambda s: {"fmin": GAMMATONE_FMIN},
        feed=lambda r: (r["waveform"],),
        picture=row_plots.gammatone,
        caption=f"Gammatonegram, {Sizes.n_gammatone} bands.",
    ),
    Row(
        name="CQT",
        about="Constant-Q transform: complex, a semitone to each bin, so that a melody keeps its shape "
        "wherever it starts. No counterpart in torchaudio.",
        arguments=lambda s: {"output_format": "Complex"},
        feed=lambda r: (r["waveform"],),
        picture=partial(row_plots.constant_q, "CQT"),
        caption="Magnitude of the constant-Q transform.",
        streamed=True,
    ),
    Row(
        name="iCQT",
        about="The inverse of the CQT above in the sense of least squares. What lies below its lowest bin or "
        "above its highest is not in it, and does not come back.",
        feed=lambda r: (r["CQT"], _length(r)),
        picture=partial(row_plots.difference, "iCQT"),
        caption="Reconstruction by iCQT minus recording: mind the scale of the axis.",
        inverse="forward",
    ),
    Row(
        name="VQT",
        about=f"Variable-Q transform: a CQT whose bins are all {Sizes.gamma:g} Hz wider, so that low notes "
        "are sharper in time. No counterpart in torchaudio.",
        arguments=lambda s: {"output_format": "Complex"},
        feed=lambda r: (r["waveform"],),
        picture=partial(row_plots.constant_q, "VQT"),
        caption="Magnitude of the variable-Q transform.",
    ),
    Row(
        name="NSGT",
        about="Constant-Q transform without loss, 24 channels an octave. Edited coefficients return to a "
        "waveform as well. No counterpart in torchaudio.",
        arguments=nsgt_arguments,
        feed=lambda r: (r["waveform"],),
        back=lambda result, r: (result, _length(r)),
        picture=row_plots.nsgt,
        caption="Magnitude of the nonstationary Gabor transform.",
        inverse="method",
        edits={
            "Only 200 to 800 Hz": lambda nsgt, C: only_band(nsgt, C, 200.0, 800.0),
            "Only what lasts: tones without attacks": only_what_lasts,
            "A fifth higher": lambda nsgt, C: other_pitch(nsgt, C, 14),
        },
    ),
    Row(
        name="CFP",
        about="Combined frequency and periodicity: a pitch shows where a partial and a period meet. "
        "It has no inverse, and no counterpart in torchaudio.",
        arguments=cfp_arguments,
        feed=lambda r: (r["waveform"],),
        picture=row_plots.cfp,
        caption="Salience of each pitch.",
    ),
    Row(
        name="GriffinLim",
        about="A waveform from only the magnitudes of the STFT. The phase is a guess that fits them, so it "
        "sounds alike but does not match sample by sample: its signal-to-noise ratio is low.",
        arguments=lambda s: {"seed": SEED},
        feed=lambda r: (_magnitude(r), _length(r)),
        picture=row_plots.griffin_lim,
        caption="Magnitude of the STFT of the reconstruction.",
        inverse="forward",
        remarks=_griffin_lim_remarks,
    ),
)
