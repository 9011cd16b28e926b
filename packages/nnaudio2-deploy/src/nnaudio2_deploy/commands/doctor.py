"""The command ``nnaudio2 doctor``: check of an installation."""

import platform

import typer

from ..installed import OURS, missing_extras, problems, version_of


def doctor() -> None:
    """Check what is installed: versions, extras, nnAudio beside nnaudio-compat.

    The exit code is 1 if something has to be repaired; the output says how. Missing extras are listed only.

    Example: `nnaudio2 doctor`
    """
    typer.echo(f"Python {platform.python_version()} on {platform.system()} {platform.machine()}")
    for name in (*OURS, "nnAudio", "torch", "numpy", "scipy"):
        typer.echo(f"{name} {version_of(name) or '(not installed)'}")
    for extra, missing in missing_extras().items():
        said = (
            f"missing {', '.join(missing)}: pip install 'nnaudio2-deploy[{extra}]'"
            if missing
            else "installed"
        )
        typer.echo(f"extra {extra}: {said}")
    found = problems()
    for problem in found:
        typer.echo(f"nnaudio2 doctor: {problem}", err=True)
    if found:
        raise typer.Exit(1)
    typer.echo("nothing to repair")
