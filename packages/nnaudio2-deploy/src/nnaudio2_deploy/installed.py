"""Versions, extras, and files overwritten by another distribution, found without importing torch."""

import base64
import hashlib
import re
import runpy
from importlib import metadata
from importlib.util import find_spec
from pathlib import Path
from typing import Optional

OURS = ("nnaudio2-core", "nnaudio2-deploy", "nnaudio-compat")
REPAIR = "pip uninstall -y nnAudio nnaudio-compat, then pip install nnaudio-compat"


def core_version() -> str:
    """Version of nnaudio2_core, read from its file: importing the package would load torch."""
    spec = find_spec("nnaudio2_core")
    if spec is None or spec.origin is None:
        return "unknown (nnaudio2-core is not installed)"
    return str(runpy.run_path(str(Path(spec.origin).with_name("__about__.py")))["__version__"])


def version_of(distribution: str) -> Optional[str]:
    """Version of an installed distribution, None if it is not."""
    try:
        return metadata.version(distribution)
    except metadata.PackageNotFoundError:
        return None


def overwritten(distribution: str) -> tuple[int, int]:
    """Number of a distribution's files that are missing or changed since they were installed, and of all."""
    changed = count = 0
    for file in metadata.distribution(distribution).files or ():
        if file.suffix != ".py" or file.hash is None:
            continue
        count += 1
        path = Path(str(file.locate()))
        digest = hashlib.new(file.hash.mode, path.read_bytes()).digest() if path.is_file() else b""
        changed += base64.urlsafe_b64encode(digest).rstrip(b"=").decode() != file.hash.value
    return changed, count


def problems() -> list[str]:
    """Faults of the installed distributions, each with the cure."""
    found = []
    versions = {name: version for name in OURS if (version := version_of(name)) is not None}
    if len(set(versions.values())) > 1:
        said = ", ".join(f"{name} {version}" for name, version in versions.items())
        found.append(f"{said}: their versions must be the same: install them in one command")
    if "nnaudio-compat" not in versions:
        return found
    changed, count = overwritten("nnaudio-compat")
    legacy = version_of("nnAudio")
    if changed and legacy:
        found.append(
            f"nnAudio {legacy} has overwritten {changed} of {count} files of nnaudio-compat, and the "
            f"legacy code runs: {REPAIR}"
        )
    elif changed:
        found.append(f"{changed} of {count} files of nnaudio-compat are missing or not its own: {REPAIR}")
    elif legacy:
        found.append(f"nnAudio {legacy} and nnaudio-compat share the import name nnAudio: {REPAIR}")
    return found


def missing_extras() -> dict[str, list[str]]:
    """Packages that are not installed, for each extra of nnaudio2-deploy."""
    found: dict[str, list[str]] = {}
    for line in metadata.requires("nnaudio2-deploy") or ():
        match = re.match(r"([\w.-]+).*;.*\bextra == [\"']([\w-]+)[\"']", line)
        if match and match[1] != "nnaudio2-deploy":
            missing = found.setdefault(match[2], [])
            if version_of(match[1]) is None:
                missing.append(match[1])
    return found
