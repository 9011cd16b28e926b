"""``python -m nnaudio2_deploy`` is ``nnaudio2``."""

from .commands.cli import app

if __name__ == "__main__":  # workers import this file, too
    app(prog_name="nnaudio2")
