"""The command ``nnaudio2``: arguments, help and exit codes; other modules do the work."""

import io
import sys
from pathlib import Path
from typing import Annotated, Any, Optional

import typer
from typer.core import TyperGroup

from ..errors import UserError
from ..extras import extra
from ..installed import core_version
from . import artifact_commands, corpus_commands, doctor

EXIT_CODES = """
Exit codes:

- 0: all is well
- 1: the work was done, and something in it failed: the output says what
- 2: the command could not be carried out as given; nothing was written
- 130: it was interrupted; what is written is whole
"""


class _Commands(TyperGroup):
    """Commands whose user errors and interruptions are one line on stderr and an exit code."""

    def invoke(self, ctx: Any) -> Any:
        try:
            return super().invoke(ctx)
        except UserError as error:
            command, said = f"nnaudio2 {ctx.invoked_subcommand}", str(error)
            typer.echo(said if said.startswith(f"{command} ") else f"{command}: {said}", err=True)
            raise typer.Exit(2) from error
        except KeyboardInterrupt:
            typer.echo(f"nnaudio2 {ctx.invoked_subcommand}: interrupted", err=True)
            raise typer.Exit(130) from None


app = typer.Typer(
    cls=_Commands,
    no_args_is_help=True,
    pretty_exceptions_show_locals=False,
    rich_markup_mode="markdown",
    epilog=EXIT_CODES,
)

COMPUTE, SHIP, COMPARE = "See and compute", "Ship", "Compare"


def _version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"nnaudio2 {core_version()}")
        raise typer.Exit


@app.callback()
def main(
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Show the version and exit.")
    ] = False,
) -> None:
    """Trainable, invertible, deployable audio front ends for PyTorch.

    To begin, `nnaudio2 demo` takes a recording through every transform and back, and writes a page to look at
    and listen to. Each command has a `--help` of its own, with an example.

    `nnaudio2 --install-completion` teaches your shell the commands, options and names of transforms.
    """
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")  # a terminal without × shows ? instead


# Each command imports what it needs when it runs: torch and matplotlib load only when there is work for them.


@app.command(rich_help_panel=COMPUTE)
def demo(
    audio: Annotated[
        str,
        typer.Option(
            help="A wav, flac, ogg or mp3 file, or the name of a shipped recording; its first 30 s are taken."
        ),
    ] = "sir_duke_fast",
    out: Annotated[Path, typer.Option(help="The folder that report.html is written to.")] = Path("demo"),
) -> None:
    """Take a recording through every transform and back; write a page with pictures and sound.

    Each transform is also saved as TorchScript and run where nnaudio2 is not installed, and compared with
    torch and torchaudio; a table says how they agree.

    Example: `nnaudio2 demo --audio concert.flac --out concert`
    """
    with extra("demo", "nnaudio2 demo"):
        from ..demo.run import run

    run(audio, out)


@app.command(rich_help_panel=COMPARE)
def crosscheck(
    audio: Annotated[
        str, typer.Option(help="A wav, flac, ogg or mp3 file, or the name of a shipped recording.")
    ] = "sir_duke_fast",
    every: Annotated[bool, typer.Option("--every", help="A line for each set of arguments.")] = False,
) -> None:
    """Compare our transforms with those of torch, torchaudio and librosa over a grid of arguments.

    The signals are noise, tones and a second of a recording. One table holds the errors and the bounds that
    they must keep, another says which argument of ours means which of theirs. A library that is not installed
    is left out, and named. The exit code is 1 if an error is above its bound, or without torchaudio.

    Example: `nnaudio2 crosscheck --every`
    """
    from rich.console import Console

    from ..crosschecks import run, table

    report = run.crosscheck(audio)
    table.show(report, Console(), every)
    for message in report.missing.values():
        typer.echo(f"nnaudio2 crosscheck: {message}", err=True)
    if not report.passed:
        raise typer.Exit(1)


@app.command(rich_help_panel=COMPARE)
def bench(
    threads: Annotated[
        Optional[int], typer.Option(min=1, help="Threads of torch.", show_default="those torch chooses")
    ] = None,
) -> None:
    """Time the transforms on this machine, compared with those of torch and torchaudio.

    It takes about half a minute, on a machine that must be idle. In the repository, `hatch run bench`
    compares more, including the errors.

    Example: `nnaudio2 bench --threads 1`
    """
    import torch
    from rich.console import Console

    from ..crosschecks.bench import run

    if threads is not None:
        torch.set_num_threads(threads)
    run(Console())


app.command(rich_help_panel=COMPUTE)(corpus_commands.features)
app.command(rich_help_panel=COMPARE)(doctor.doctor)
for command in (
    artifact_commands.export,
    artifact_commands.front_ends,
    artifact_commands.verify,
    artifact_commands.inspect,
    artifact_commands.matrix,
):
    app.command(rich_help_panel=SHIP)(command)
