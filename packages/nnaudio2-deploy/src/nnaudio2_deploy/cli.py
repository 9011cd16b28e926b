"""The command ``nnaudio2``: arguments in, exit codes out; the work is elsewhere."""

import io
import sys
from pathlib import Path
from typing import Annotated, Any

import typer
from typer.core import TyperGroup

from .errors import UserError

EXIT_CODES = (
    "Exit codes: 0, all is well; 1, the work was done and something in it failed, as the output says; "
    "2, the command could not be carried out as given, and wrote nothing."
)


class _Commands(TyperGroup):
    """Turns what the user can put right into one line on stderr and exit code 2."""

    def invoke(self, ctx: Any) -> Any:
        try:
            return super().invoke(ctx)
        except UserError as error:
            typer.echo(f"nnaudio2 {ctx.invoked_subcommand}: {error}", err=True)
            raise typer.Exit(2) from error


app = typer.Typer(cls=_Commands, no_args_is_help=True, pretty_exceptions_show_locals=False, epilog=EXIT_CODES)


def _version(wanted: bool) -> None:
    if wanted:
        from nnaudio2_core.__about__ import __version__

        typer.echo(f"nnaudio2 {__version__}")
        raise typer.Exit


@app.callback()
def main(
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Show the version and exit.")
    ] = False,
) -> None:
    """Audio front ends for PyTorch that one can train, invert and ship."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")  # a terminal without × shows ? in its place


# Each command imports what it needs when it runs: torch and matplotlib load only when there is work for them.


@app.command()
def demo(
    audio: Annotated[
        str, typer.Option(help="A wav, flac, ogg or mp3 file, or the name of a shipped recording.")
    ] = "sir_duke_fast",
    out: Annotated[Path, typer.Option(help="The folder that report.html is written to.")] = Path("demo"),
) -> None:
    """Take a recording through every transform, back, through TorchScript and a file; write a report."""
    from .demo import run

    run(audio, out)


@app.command()
def crosscheck(
    audio: Annotated[
        str, typer.Option(help="A wav, flac, ogg or mp3 file, or the name of a shipped recording.")
    ] = "sir_duke_fast",
    every: Annotated[bool, typer.Option("--every", help="A line for each set of arguments.")] = False,
) -> None:
    """Compare our transforms with those of torch, torchaudio and librosa over a grid of arguments.

    Exit code 1 if an error is above its bound, or torchaudio cannot be loaded.
    """
    from rich.console import Console

    from .crosschecks import run, table

    report = run.crosscheck(audio)
    table.show(report, Console(), every)
    for message in report.missing.values():
        typer.echo(f"nnaudio2 crosscheck: {message}", err=True)
    if not report.passed:
        raise typer.Exit(1)
