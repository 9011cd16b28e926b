"""Commands that make, check and describe artifacts, and the matrix of transforms and formats."""

import json
from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Literal, Optional

import typer

from ..errors import UserError, printable

FormatName = Literal["torchscript", "export", "aoti", "onnx", "executorch"]
Settings = Annotated[
    Optional[list[str]],
    typer.Option("--set", metavar="NAME=VALUE", help="An argument of the transform; repeatable."),
]
FrontEndName = Annotated[
    Optional[str],
    typer.Option(
        "--front-end", metavar="NAME", help="The front end of a known model, e.g. whisper-large-v3."
    ),
]
Trust = Annotated[bool, typer.Option("--trust", help="Run machine code (aoti) and any operator of the file.")]
File = Annotated[Path, typer.Argument(metavar="FILE", help="A file made by `nnaudio2 export` or `save()`.")]


def export(
    transform: Annotated[
        str, typer.Argument(metavar="TRANSFORM", help="Which transform, e.g. MelSpectrogram.")
    ],
    file: Annotated[
        Optional[Path], typer.Argument(metavar="FILE", help="An older file stays until the end.")
    ] = None,
    format: Annotated[
        Optional[FormatName], typer.Option(help="For which runtime.", show_default="by the suffix of FILE")
    ] = None,
    front_end: FrontEndName = None,
    settings: Settings = None,
    max_time: Annotated[
        Optional[int],
        typer.Option(min=1, help="Longest input, samples or frames (executorch).", show_default="10 s"),
    ] = None,
    tolerance: Annotated[
        Optional[float],
        typer.Option(
            help="Largest error that is accepted, of the maximum.", show_default="the format's bound"
        ),
    ] = None,
    stream: Annotated[
        bool, typer.Option("--stream", help="One step of the transform, block by block, with its state.")
    ] = False,
    block: Annotated[
        Optional[int],
        typer.Option(
            min=1, help="Samples in a step, a multiple of the hop.", show_default="any, torchscript only"
        ),
    ] = None,
    batch_size: Annotated[int, typer.Option(min=1, help="Clips in a step, e.g. 2 for stereo.")] = 1,
    opset: Annotated[
        Optional[int], typer.Option(help="Version of ONNX's operators, 18 or 20 (onnx).", show_default="20")
    ] = None,
) -> None:
    """Save a transform as one file for another runtime, once it has been seen to agree with eager mode.

    torchscript: libtorch and `torch.jit.load`. export: `torch.export.load`. aoti: machine code for this kind
    of processor. onnx: onnxruntime. executorch: phones and small devices.

    With `--front-end`, leave TRANSFORM out: `nnaudio2 export mel.onnx --front-end whisper`.

    With `--stream`, the file takes a block of samples and a state, and returns frames and the next state:
    `nnaudio2 export CQT cqt.onnx --stream --block 256 --set hop_length=256`.

    Example: `nnaudio2 export MelSpectrogram mel.onnx --set sr=16000 --set n_fft=512`
    """
    from nnaudio2_core import Stream

    from ..artifacts.saving import save
    from ..transforms import find_transform, front_end_transform, parse_arguments, public_transforms

    if front_end is not None:
        if file is not None:
            raise UserError(f"--front-end {front_end} takes the place of TRANSFORM: leave {transform} out")
        file = Path(transform)
        made, arguments = front_end_transform(front_end, settings or [])
    elif file is None:
        raise UserError("FILE is missing: name the transform, then the file")
    else:
        made = find_transform(transform, public_transforms())
        arguments = parse_arguments(made, settings or [])
    if not stream and (block is not None or batch_size > 1):
        raise UserError("--block and --batch-size are for --stream")
    chosen = _format_of(file, format)
    try:
        module = made(**arguments)
        subject = Stream(module, block=block) if stream else module
    except (TypeError, ValueError) as error:
        raise UserError(f"{made.__name__}: {error}") from error
    description = save(
        subject, file, chosen, max_time=max_time, tolerance=tolerance, opset=opset, batch_size=batch_size
    )
    worst = max(description.parity, key=lambda signal: description.parity[signal])
    steps = "" if description.state is None else f" in blocks of {description.block or 'any length'},"
    typer.echo(
        f"{printable(str(file))}: {description.name} as {chosen},{steps} {description.payload_bytes} bytes; "
        f"the error against eager mode is at most {description.parity[worst]:.1e} of the maximum ({worst})"
    )


SUFFIXES = {".pt": ("torchscript",), ".pt2": ("export", "aoti"), ".onnx": ("onnx",), ".pte": ("executorch",)}
"""Formats that programs expect behind a suffix."""


def _format_of(file: Path, format: Optional[str]) -> str:
    """The format asked for, with a warning if the name says another one, or that which the name says."""
    usual = SUFFIXES.get(file.suffix.lower(), ())
    name = printable(str(file))
    if format is None:
        if len(usual) == 1:
            return usual[0]
        sure = [suffix for suffix, formats in SUFFIXES.items() if len(formats) == 1]
        known = " or ".join(usual) if usual else f"any format; {', '.join(sure)} say theirs"
        raise UserError(f"--format must be given: {name} may be {known}")
    if usual and format not in usual:
        typer.echo(f"warning: {name} is written as {format}; its suffix says {' or '.join(usual)}", err=True)
    return format


def front_ends() -> None:
    """List the front ends of known models: name, sampling rate, features, source.

    Example: `nnaudio2 front-ends`
    """
    from rich.console import Console
    from rich.table import Table

    import nnaudio2_core as core

    table = Table("Name", "Rate (Hz)", "Features", "Source")
    for name, known in core.front_ends().items():
        table.add_row(name, str(known["sr"]), str(known["features"]), known["source"])
    Console().print(table)


def verify(file: File, trust: Trust = False) -> None:
    """Run a file on seeded signals and compare it with eager mode.

    The signals are a tone, noise, an impulse, silence, the shortest allowed clip, a long one and a batch. The
    exit code is 1 if an error is above what the file's format allows, 2 if the file is damaged, foreign or
    unsafe.

    Example: `nnaudio2 verify mel.onnx`
    """
    from rich.console import Console
    from rich.table import Table

    from ..artifacts.verification import verify as verify_file

    report = verify_file(file, trust=trust)
    table = Table("Signal", "Error", "Allowed")
    for signal, error in report.errors.items():
        allowed = report.description.allowed.get(signal, 0.0)
        table.add_row(signal, f"{error:.1e}", f"{allowed:.0e}", style=None if error <= allowed else "red")
    name = printable(str(file))
    typer.echo(f"{name} against {report.compared_with}")  # a title would be broken at the table's width
    Console().print(table)
    if not report.passed:
        typer.echo(f"nnaudio2 verify: {name} does not agree with {report.compared_with}", err=True)
        raise typer.Exit(1)


def inspect(file: File) -> None:
    """Print the description of a file as JSON, without running it.

    The exit code is 2 if the file is damaged or foreign.

    Example: `nnaudio2 inspect mel.onnx`
    """
    from ..artifacts.loading import inspect as inspect_file

    typer.echo(json.dumps(asdict(inspect_file(file)), indent=2))


def matrix(
    formats: Annotated[
        Optional[list[str]], typer.Option("--format", help="A format; repeatable.", show_default="all")
    ] = None,
    transforms: Annotated[
        Optional[list[str]],
        typer.Option("--transform", help="A transform; repeatable.", show_default="all"),
    ] = None,
    out: Annotated[
        Optional[Path], typer.Option(help="Also write it as Markdown.", show_default=False)
    ] = None,
) -> None:
    """Make every transform in every format, with the measured error and speed against eager mode.

    A cell that cannot be made says why. All of it takes twenty minutes, most of it for aoti and executorch.

    Example: `nnaudio2 matrix --format onnx --transform CQT`
    """
    from rich.console import Console

    from ..artifacts.matrix import measure
    from ..artifacts.matrix_table import as_markdown, as_table

    if out is not None:
        _check_place(out)
    cells = measure(formats, transforms)
    Console().print(as_table(cells))
    if out is not None:
        from ..artifacts.atomic import write_atomically

        write_atomically(out, as_markdown(cells).encode())


def _check_place(out: Path) -> None:
    """Refuse, before a quarter of an hour's work, a file that could not be written."""
    from ..artifacts.atomic import check_place

    try:
        check_place(out)
    except OSError as error:
        raise UserError(
            f"--out {out} cannot be written ({error.strerror}): choose a folder that you may write to"
        ) from error
