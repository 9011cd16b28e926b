"""Rewrite code of the legacy package for nnaudio2_core: ``python -m nnAudio.migrate FILE_OR_FOLDER ...``.

Shows the changes as a diff and notes those to make by hand; ``--write`` makes the changes.
"""

import argparse
import difflib
import os
import stat
import sys
import tempfile
from pathlib import Path
from typing import Iterator, List, Optional, Sequence

import libcst

from ._rewrite import rewrite


def python_files(paths: Sequence[Path]) -> Iterator[Path]:
    """The files given, and those in the folders given except hidden folders and environments."""
    for path in paths:
        if path.is_file():
            yield path
            continue
        for found in sorted(path.rglob("*.py")):
            folders = found.relative_to(path).parts[:-1]
            if not any(part.startswith(".") or part in ("venv", "site-packages") for part in folders):
                yield found


def write(path: Path, content: bytes) -> None:
    """Replace a file as a whole or not at all."""
    descriptor, temporary = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        with os.fdopen(descriptor, "wb") as stream:
            stream.write(content)
        os.chmod(temporary, stat.S_IMODE(path.stat().st_mode))
        os.replace(temporary, path)
    except BaseException:
        os.unlink(temporary)
        raise


def diff(path: Path, before: bytes, after: bytes) -> List[str]:
    """Unified diff."""
    old, new = (text.decode("utf-8", "replace").splitlines(keepends=True) for text in (before, after))
    return list(difflib.unified_diff(old, new, f"{path}", f"{path} (migrated)"))


def main(given: Optional[Sequence[str]] = None) -> int:
    """Run the command; returns exit code 1 if a file could not be parsed as Python."""
    parser = argparse.ArgumentParser(prog="python -m nnAudio.migrate", description=__doc__)
    parser.add_argument("paths", nargs="+", type=Path, metavar="FILE_OR_FOLDER")
    parser.add_argument("--write", action="store_true", help="make the changes instead of showing them")
    options = parser.parse_args(given)
    for path in options.paths:
        if not path.exists():
            parser.error(f"FILE_OR_FOLDER must exist, got {path}")
    changed, failed = 0, 0
    for path in python_files(options.paths):
        before = path.read_bytes()
        if b"nnAudio" not in before:
            continue
        try:
            after, notes = rewrite(before)
        except (libcst.ParserSyntaxError, UnicodeDecodeError) as problem:
            print(f"{path}: cannot be parsed as Python: {problem}".splitlines()[0], file=sys.stderr)
            failed += 1
            continue
        for note in notes:
            print(f"{path}:{note.line}: {note.text}", file=sys.stderr)
        if after == before:
            continue
        changed += 1
        if options.write:
            write(path, after)
        else:
            sys.stdout.writelines(diff(path, before, after))
    done = "changed" if options.write else "would change; nothing is written without --write"
    print(f"{changed} file{'s' if changed != 1 else ''} {done}", file=sys.stderr)
    return int(failed > 0)


if __name__ == "__main__":
    sys.exit(main())
