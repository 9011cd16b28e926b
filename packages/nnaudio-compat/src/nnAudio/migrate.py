"""Rewrite code of the legacy package for nnaudio2_core: ``python -m nnAudio.migrate FILE_OR_FOLDER ...``.

Takes Python files and Jupyter notebooks that import ``nnAudio``, or ``nnAudio2`` of nnAudio 2.0.3 (Roy et
al.). Shows the changes as a diff and notes those to make by hand; ``--write`` makes the changes.
"""

import argparse
import difflib
import json
import os
import stat
import sys
import tempfile
from pathlib import Path
from typing import Iterator, List, NamedTuple, Optional, Sequence

from ._notebooks import code_of, place, with_code
from ._rewrite import rewrite


def code_files(paths: Sequence[Path]) -> Iterator[Path]:
    """The files given, and those in the folders given except hidden folders and environments."""
    for path in paths:
        if path.is_file():
            yield path
            continue
        for found in sorted([*path.rglob("*.py"), *path.rglob("*.ipynb")]):
            folders = found.relative_to(path).parts[:-1]
            if not any(part.startswith(".") or part in ("venv", "site-packages") for part in folders):
                yield found


class Migrated(NamedTuple):
    """The content of a file, the code in it before and after, and what is left to do."""

    content: bytes
    before: bytes
    after: bytes
    notes: List[str]


def migrated(path: Path, content: bytes) -> Migrated:
    """The file for nnaudio2_core.

    Raises:
        SyntaxError: if it is not Python, or not a notebook of Python.
    """
    if path.suffix != ".ipynb":
        after, notes = rewrite(content)
        return Migrated(after, content, after, [f"{path}:{note.line}: {note.text}" for note in notes])
    try:
        notebook = json.loads(content)
        code = code_of(notebook)
        before = code.encode()
    except ValueError as error:
        raise SyntaxError(str(error)) from error
    after, notes = rewrite(before)
    said = [f"{path}: {place(code, note.line)}: {note.text}" for note in notes]
    return Migrated(with_code(notebook, after.decode()).encode(), before, after, said)


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
            link = ", a link to a place that does not exist" if path.is_symlink() else ""
            parser.error(f"FILE_OR_FOLDER must exist, got {path}{link}")
    changed, failed = 0, 0
    for path in code_files(options.paths):
        content = path.read_bytes()
        if b"nnAudio" not in content:
            continue
        try:
            done = migrated(path, content)
        except SyntaxError as problem:
            print(f"{path}: cannot be parsed as Python: {problem}".splitlines()[0], file=sys.stderr)
            failed += 1
            continue
        for note in done.notes:
            print(note, file=sys.stderr)
        if done.before == done.after:
            continue
        changed += 1
        if options.write:
            write(path, done.content)
        else:
            sys.stdout.writelines(diff(path, done.before, done.after))
    made = "changed" if options.write else "would change; nothing is written without --write"
    print(f"{changed} file{'s' if changed != 1 else ''} {made}", file=sys.stderr)
    return int(failed > 0)


if __name__ == "__main__":
    sys.exit(main())
