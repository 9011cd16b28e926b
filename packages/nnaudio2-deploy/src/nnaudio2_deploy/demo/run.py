"""The demo: a recording through every transform, back, and through TorchScript files; a report."""

import statistics
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import torch
from rich.console import Console
from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn
from rich.table import Table
from rich.text import Text
from torch import Tensor, nn

from nnaudio2_core import Stream

from ..artifacts.formats.torchscript import scripted
from ..artifacts.stepwise import in_blocks
from ..corpus.recordings import Recording, check_length, read_recording
from ..crosschecks.peer import PeerMissing
from ..errors import UserError, printable
from ..measures import relative_error, say_error, snr_db
from ..one_of_each import Sizes
from . import report
from .clean_run import Call, CleanRun, run_in_clean_process
from .outcome import HEADINGS, Outcome
from .rows import ROWS, Row

STREAMED_BLOCK = 1024
"""Samples in each block of a stream."""

TIMED_CALLS = 7
TIMED_SECONDS = 0.5
"""Timing stops after so many calls or so much time, whichever comes first."""


def run(audio: str, out: Path) -> list[Outcome]:
    """Do the whole demo: print a table, write ``out/report.html``.

    Args:
        audio: the name of a shipped recording, or a path.
        out: folder of the report; made if it is not there.

    Returns:
        The rows of the table, in its order.

    Raises:
        UserError: if the recording or the folder cannot be used; nothing is written then.
    """
    recording = read_recording(audio)
    sizes = Sizes.for_rate(recording.sr)
    report.check_folder(out)
    modules = _build(sizes, recording)

    bar = (TextColumn("{task.description:<44}"), BarColumn(), TaskProgressColumn())
    with Progress(*bar, console=Console(stderr=True), transient=True) as progress:
        task = progress.add_task("", total=3 * len(ROWS) + 4)

        def step(text: str, amount: int = 1) -> None:
            progress.update(task, advance=amount, description=text)

        results = {"waveform": torch.from_numpy(recording.samples)}
        outcomes = []
        for row, module in zip(ROWS, modules, strict=True):
            step(f"{row.name}: computing")
            outcomes.append(_measure(row, module, results))
        step("TorchScript: running the saved files elsewhere", 0)
        clean = _run_scripted(modules, results, outcomes)
        progress.advance(task, 4)
        warning = ""
        for row, module, outcome in zip(ROWS, modules, outcomes, strict=True):
            step(f"{row.name}: comparing with its peer")
            warning = _compare(row, module, results, outcome) or warning
        for row, module, outcome in zip(ROWS, modules, outcomes, strict=True):
            step(f"{row.name}: drawing")
            outcome.picture = row.picture(sizes, results)
            if row.streamed:
                _stream(row, module, sizes, results, outcome)
        page = report.render(recording, sizes, outcomes, clean, warning)
        path = report.write(out, page)
    _print(recording, outcomes, clean, warning, path)
    return outcomes


def _build(sizes: Sizes, recording: Recording) -> list[nn.Module]:
    try:
        modules = [row.build(sizes) for row in ROWS]
    except ValueError as error:
        raise UserError(
            f"{recording.name}, sampled at {recording.sr} Hz, does not suit the demo: {error}"
        ) from error
    # Inverses have no shortest clip of their own; torchaudio's Griffin-Lim needs about one whole frame.
    shortest = max(sizes.n_fft, *(int(getattr(module, "min_samples", 1)) for module in modules))
    check_length(recording.name, len(recording.samples), shortest, recording.sr)
    return modules


@torch.no_grad()
def _stream(row: Row, module: nn.Module, sizes: Sizes, results: dict[str, Tensor], outcome: Outcome) -> None:
    """Send the recording through a transform block by block; draw and compare the result."""
    stream: Any = Stream(module)
    blocks = results["waveform"][None].split(STREAMED_BLOCK, 1)
    frames = in_blocks(stream.step, stream.finish, stream.start(1), blocks, delay=0, axis=2)[0]
    error = say_error(relative_error(frames, results[row.name]))
    outcome.remarks.append(
        f"{row.name} in blocks of {STREAMED_BLOCK} samples differs from that of the whole recording by "
        f"{error} of the maximum; a frame waits for {stream.latency} samples after its own."
    )
    outcome.streamed_picture = row.picture(sizes, {**results, row.name: frames})


@torch.no_grad()
def _measure(row: Row, module: nn.Module, results: dict[str, Tensor]) -> Outcome:
    """Compute one transform and its inverse, and put the result among ``results``."""
    inputs = row.feed(results)
    result, milliseconds = _time(module, inputs)
    results[row.name] = result
    outcome = Outcome(name=row.name, shape=tuple(result.shape), milliseconds=milliseconds)
    if row.inverse == "method":
        outcome.reconstruction = _inverse(row, module, result, results)
        for label, edit in row.edits.items():
            outcome.edits[label] = _inverse(row, module, edit(module, result), results)
    elif row.inverse == "forward":
        outcome.reconstruction = result
    if outcome.reconstruction is not None:
        outcome.snr = snr_db(results["waveform"], outcome.reconstruction)
    return outcome


def _inverse(row: Row, module: Any, result: Tensor, results: dict[str, Tensor]) -> Tensor:
    waveform: Tensor = module.inverse(*row.back(result, results))
    return waveform


def _time(module: nn.Module, inputs: tuple[Any, ...]) -> tuple[Tensor, float]:
    """The result of a call, and the median time of a few more, ms (of the one call if it was long)."""
    times: list[float] = []
    while len(times) <= TIMED_CALLS and sum(times) < TIMED_SECONDS:
        start = time.perf_counter()
        result: Tensor = module(*inputs)
        times.append(time.perf_counter() - start)
    warm = times[1:] or times
    return result, 1000 * statistics.median(warm)


def _run_scripted(
    modules: Sequence[nn.Module], results: dict[str, Tensor], outcomes: list[Outcome]
) -> CleanRun:
    """Run every module, and every inverse method, from its file; keep the larger error of the two."""
    with tempfile.TemporaryDirectory(prefix="nnaudio2-") as folder:
        calls, expected, owners = [], [], []
        for row, module, outcome in zip(ROWS, modules, outcomes, strict=True):
            file = Path(folder) / f"{row.name}.pt"
            file.write_bytes(scripted(module))
            calls.append(Call(file, row.feed(results)))
            expected.append(results[row.name])
            owners.append(outcome)
            if row.inverse == "method" and outcome.reconstruction is not None:
                calls.append(Call(file, row.back(results[row.name], results), "inverse"))
                expected.append(outcome.reconstruction)
                owners.append(outcome)
        clean = run_in_clean_process(calls)
    for outcome, eager, other in zip(owners, expected, clean.results, strict=True):
        outcome.scripted_error = max(relative_error(other, eager), outcome.scripted_error or 0.0)
    return clean


def _compare(row: Row, module: Any, results: dict[str, Tensor], outcome: Outcome) -> str:
    """Compare with the peer; return a warning if torchaudio is missing."""
    try:
        if row.peer is not None:
            theirs = row.peer(module.config, *row.feed(results))
            outcome.peer_error = relative_error(results[row.name], theirs)
        if row.remarks is not None:
            outcome.remarks = row.remarks(module.config, results)
    except PeerMissing as missing:
        return str(missing)
    return ""


def _print(recording: Recording, outcomes: list[Outcome], clean: CleanRun, warning: str, path: Path) -> None:
    console = Console()
    said = ", ".join([f"{recording.seconds:.2f} s at {recording.sr} Hz", *recording.remarks])
    table = Table(title=Text(f"{recording.name}: {said}"), title_justify="left", title_style="bold")
    for heading in HEADINGS:
        table.add_column(heading, justify="left" if heading == "Transform" else "right", no_wrap=True)
    for outcome in outcomes:
        table.add_row(*outcome.cells())
    console.print(table)
    for outcome in outcomes:
        for remark in outcome.remarks:
            console.print(remark, highlight=False, markup=False)
    console.print(
        "Scripted: the saved TorchScript file, run in a process where importing nnaudio2_core fails "
        f"({clean.refused['nnaudio2_core']}), against eager.",
        highlight=False,
        markup=False,
    )
    console.print(
        "Peer: torch.stft, torch.istft, torchaudio. Errors are relative to the maximum.", highlight=False
    )
    if warning:
        Console(stderr=True).print(f"Warning: {warning}", highlight=False, markup=False)
    console.print(f"Report: {printable(str(path))}", highlight=False, markup=False, soft_wrap=True)
