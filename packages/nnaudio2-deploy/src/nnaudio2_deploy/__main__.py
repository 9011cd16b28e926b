"""Entry point of ``python -m nnaudio2_deploy``, the same as ``nnaudio2``."""

from .commands.cli import app

if __name__ == "__main__":  # worker processes import this file
    app(prog_name="nnaudio2")
