"""The report: one page of HTML that holds its pictures, sounds and style, and fetches nothing."""

import base64
import io
import os
import platform
import re
import tempfile
from collections.abc import Sequence
from html import escape
from importlib import metadata, resources
from pathlib import Path

import numpy as np
import numpy.typing as npt
import soundfile
import torch

from nnaudio2_core.__about__ import __version__

from ..artifacts.atomic import check_names, check_place, write_atomically
from ..corpus import plots
from ..corpus.recordings import LICENCE, Recording
from ..errors import UserError
from ..measures import NOTHING
from ..one_of_each import Sizes
from .clean_run import CleanRun
from .outcome import HEADINGS, Outcome
from .rows import ROWS, Row

FILE = "report.html"


def check_folder(out: Path) -> None:
    """Try, before any work, whether a report could be written to ``out``; leaves nothing behind.

    Raises:
        UserError: if it could not.
    """
    ancestor = out
    while not os.path.exists(ancestor) and ancestor != ancestor.parent:
        ancestor = ancestor.parent
    if not ancestor.is_dir():
        raise UserError(f"--out {out} cannot be a folder, {ancestor} is a file: choose another place")
    if os.path.isdir(out / FILE):
        raise UserError(
            f"{out / FILE} is a folder where the report would be: move it, or choose another --out"
        )
    try:
        if ancestor == out:
            check_place(out / FILE)
        else:
            check_names(out)
            os.rmdir(tempfile.mkdtemp(dir=ancestor))
    except OSError as error:
        raise UserError(_cannot_write(out, error)) from error


def _cannot_write(out: Path, error: OSError) -> str:
    return f"cannot write to --out {out} ({error.strerror or error}): choose a folder that you may write to"


def write(out: Path, page: str) -> Path:
    """Put the page at ``out/report.html`` in one step: an earlier report stays until the new one is whole."""
    path = out / FILE
    try:
        out.mkdir(parents=True, exist_ok=True)
        write_atomically(path, page.encode())
    except OSError as error:
        raise UserError(_cannot_write(out, error)) from error
    return path


def render(
    recording: Recording, sizes: Sizes, outcomes: Sequence[Outcome], clean: CleanRun, warning: str
) -> str:
    """The page as text."""
    gain = _common_gain(recording, outcomes)
    cards = [_card(row, outcome, recording.sr, gain) for row, outcome in zip(ROWS, outcomes, strict=True)]
    remarks = [
        f'<p class="remark">{_typeset(remark)}</p>' for outcome in outcomes for remark in outcome.remarks
    ]
    style = (resources.files("nnaudio2_deploy.demo") / "report.css").read_text(encoding="utf-8")
    title = f"nnaudio2 demo: {recording.name}"
    parts = [
        "<!doctype html>",
        '<html lang="en">',
        "<head>",
        '<meta charset="utf-8">',
        '<meta name="viewport" content="width=device-width, initial-scale=1">',
        # the browser itself is told to fetch nothing
        '<meta http-equiv="Content-Security-Policy" content="default-src \'none\'; img-src data:; '
        "media-src data:; style-src 'unsafe-inline'\">",
        '<link rel="icon" href="data:,">',
        f"<title>{escape(title)}</title>",
        f"<style>\n{style}</style>",
        "</head>",
        "<body>",
        _header(recording, sizes, gain),
        "<main>",
        f'<p class="warning">{escape(warning)}</p>' if warning else "",
        "<h2>The figures</h2>",
        _table(outcomes),
        *remarks,
        "<h2>The transforms</h2>",
        '<div class="cards">',
        *cards,
        "</div>",
        "<h2>How each figure was made</h2>",
        _method(clean, gain),
        "</main>",
        _footer(recording),
        "</body>",
        "</html>",
    ]
    return "\n".join(part for part in parts if part) + "\n"


def _common_gain(recording: Recording, outcomes: Sequence[Outcome]) -> float:
    """One gain for all players, so that none clips and their loudness can be compared."""
    peaks = [float(np.abs(recording.samples).max())]
    heard = [o.reconstruction for o in outcomes if o.reconstruction is not None]
    heard += [edited for o in outcomes for edited in o.edits.values()]
    peaks += [float(waveform.abs().max()) for waveform in heard]
    return min(1.0, 1.0 / max(peaks, default=1.0)) if max(peaks) > 0 else 1.0


def _data(kind: str, content: bytes) -> str:
    return f"data:{kind};base64,{base64.b64encode(content).decode('ascii')}"


def _image(png: bytes, caption: str) -> str:
    source, text = _data("image/png", png), escape(caption)
    return f'<figure><img src="{source}" alt="{text}"><figcaption>{text}</figcaption></figure>'


def _player(samples: npt.NDArray[np.floating], sr: int, gain: float, label: str) -> str:
    buffer = io.BytesIO()
    soundfile.write(buffer, samples * gain, sr, format="WAV", subtype="PCM_16")
    source = _data("audio/wav", buffer.getvalue())
    return (
        f'<div class="player"><span>{escape(label)}</span>'
        f'<audio controls preload="metadata" aria-label="{escape(label)}" src="{source}"></audio></div>'
    )


def _header(recording: Recording, sizes: Sizes, gain: float) -> str:
    facts = [f"{recording.seconds:.2f} s at {recording.sr} Hz", *recording.remarks]
    picture = _image(plots.waveform(recording.samples, recording.sr), "Waveform of the recording.")
    return (
        '<header class="cards"><div>'
        f"<h1>{escape(recording.name)}, there and back</h1>"
        '<p class="lead">One recording through every transform of nnaudio2, through the inverses, '
        "and through TorchScript files that run where nnaudio2 is not installed.</p>"
        f'<p class="soft">{escape("; ".join(facts))}. Frames of {sizes.n_fft} samples, '
        f"{sizes.hop_length} apart.</p>"
        f"{_player(recording.samples, recording.sr, gain, 'The recording')}</div>"
        f"{picture}"
        "</header>"
    )


def _table(outcomes: Sequence[Outcome]) -> str:
    head = "".join(f'<th scope="col">{heading}</th>' for heading in HEADINGS)
    rows = []
    for outcome in outcomes:
        name, *figures = outcome.cells()
        cells = "".join(map(_cell, HEADINGS[1:], figures))
        rows.append(f'<tr><th scope="row">{escape(name)}</th>{cells}</tr>')
    return f"<table><thead><tr>{head}</tr></thead><tbody>{''.join(rows)}</tbody></table>"


def _cell(heading: str, figure: str) -> str:
    # a telephone shows a row as a list and leaves out what is not there
    kind = ' class="none"' if figure == NOTHING else ""
    return f'<td data-label="{heading}"{kind}><span>{_typeset(figure)}</span></td>'


def _typeset(text: str) -> str:
    """Escaped text with true minus signs, and powers of ten for exponents."""
    powers = re.sub(r"e([+-])0*(\d+)", lambda m: f" × 10<sup>{m[1].strip('+')}{m[2]}</sup>", escape(text))
    return re.sub(r"(?<![\w-])-(?=\d)|(?<=<sup>)-", "−", powers)


def _card(row: Row, outcome: Outcome, sr: int, gain: float) -> str:
    streamed, players = "", []
    if outcome.streamed_picture:
        streamed = _image(outcome.streamed_picture, f"{row.name} as a stream, block by block.")
    if outcome.reconstruction is not None:
        players.append(_player(outcome.reconstruction.numpy(), sr, gain, f"Reconstruction by {row.name}"))
    players += [_player(edited.numpy(), sr, gain, label) for label, edited in outcome.edits.items()]
    heard = "".join(players)
    return (
        f'<article class="card" id="{escape(row.name)}"><h3>{escape(row.name)}</h3><p>{escape(row.about)}</p>'
        f"{_image(outcome.picture, row.caption)}{streamed}{heard}</article>"
    )


def _method(clean: CleanRun, gain: float) -> str:
    refusal = escape(clean.refused["nnaudio2_core"])
    peers = ", ".join(f"{row.name} with {row.peer.function}" for row in ROWS if row.peer is not None)
    rows = [
        (
            "Inverse SNR",
            "Energy of the recording over the energy of recording minus reconstruction. "
            "A dash: it has no inverse, or the inverse is a row of its own.",
        ),
        (
            "Scripted",
            "Largest difference between the module here and its saved TorchScript file in another process, "
            "relative to the largest value; inverses included. That process ran torch "
            f"{escape(clean.torch)} and could not import nnaudio2: <code>{refusal}</code>.",
        ),
        (
            "Peer",
            f"Largest difference from another library, relative to its largest value: {escape(peers)}, "
            "with their arguments set to mean the same. A dash: nothing there gives the same numbers.",
        ),
        (
            "Time",
            "Median of several forward calls, once warm, without gradients, for this one recording on "
            f"{torch.get_num_threads()} threads. Times vary from run to run.",
        ),
    ]
    if gain < 1:
        rows.append(("Players", f"All are turned down by the same factor, {gain:.3f}, so that none clips."))
    return "<dl>" + "".join(f"<dt>{term}</dt><dd>{text}</dd>" for term, text in rows) + "</dl>"


def _versions() -> str:
    installed = {found.name: found.version for found in metadata.distributions()}
    names = ("torch", "torchaudio", "numpy", "soundfile", "matplotlib")
    packages = [f"{name} {installed.get(name, 'missing')}" for name in names]
    python = f"nnaudio2 {__version__}, Python {platform.python_version()}"
    return f"{python}, {', '.join(packages)}; {platform.system()} on {platform.machine()}."


def _footer(recording: Recording) -> str:
    licence = ""
    if recording.attribution:
        licence = (
            f'<p>{escape(recording.attribution)} (<a href="{LICENCE}">the licence</a>). '
            "The reconstructions on this page are made from it.</p>"
        )
    return f"<footer>{licence}<p>Made with {escape(_versions())}</p></footer>"
