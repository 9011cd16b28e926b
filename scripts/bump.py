"""Set the version of all three distributions: ``hatch run release:bump X.Y.Z``.

Changes ``__version__``, every exact pin of a sibling, the Unreleased heading of the changelog, and version
and date of the citation. All new texts are computed before the first file is written.
"""

import os
import re
import sys
from datetime import datetime, timezone
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
ABOUT = ROOT / "packages/nnaudio2-core/src/nnaudio2_core/__about__.py"
CHANGELOG = ROOT / "CHANGELOG.md"
CITATION = ROOT / "CITATION.cff"
PROJECTS = sorted(ROOT.glob("packages/*/pyproject.toml"))
PROJECTS.remove(ROOT / "packages/nnaudio2-core/pyproject.toml")  # core depends on no sibling

NUMBER = r"(?:0|[1-9]\d*)"
RELEASE = re.compile(rf"({NUMBER})\.({NUMBER})\.({NUMBER})(?:(a|b|rc)({NUMBER}))?", re.ASCII)
VERSION = re.compile(r'(?m)^__version__ = "(.*)"$')
PIN = re.compile(r'"(nnaudio2-core|nnaudio2-deploy|nnaudio-compat)(\[[\w, -]+\])? *==[^"]*"')
CITED = re.compile(r"(?m)^version: .*\ndate-released: .*$")
UNRELEASED = "## [Unreleased]\n"


def order(version: str) -> "tuple[int, int, int, str, int]":
    """Sort key of a release, or exit: 0.2.0a1 < 0.2.0b1 < 0.2.0rc1 < 0.2.0."""
    match = RELEASE.fullmatch(version)
    if match is None:
        raise SystemExit(f"version must be X.Y.Z, X.Y.ZaN, X.Y.ZbN or X.Y.ZrcN, got {version!r}")
    major, minor, micro, stage, number = match.groups()
    return int(major), int(minor), int(micro), stage or "release", int(number or 0)


def replaced(path: Path, pattern: "re.Pattern[str]", new: str) -> str:
    """The text of ``path`` with each match of ``pattern`` replaced, or exit if there is none."""
    text, count = pattern.subn(new, path.read_text(encoding="utf-8"))
    if count == 0:
        raise SystemExit(f"{path.relative_to(ROOT)} must hold {pattern.pattern!r}")
    return text


def main(arguments: "list[str]") -> None:
    """Check the version, compute every new text, then write all files."""
    if len(arguments) != 1:
        raise SystemExit("usage: hatch run release:bump X.Y.Z")
    new = arguments[0]
    old = VERSION.findall(ABOUT.read_text(encoding="utf-8"))[0]
    if order(new) <= order(old):
        raise SystemExit(f"version must be above {old}, got {new}")

    today = datetime.now(timezone.utc).date()
    heading = f"{UNRELEASED}\n## [{new}] - {today}\n"
    texts = {path: replaced(path, PIN, rf'"\1\2=={new}"') for path in PROJECTS}
    texts[ABOUT] = replaced(ABOUT, VERSION, f'__version__ = "{new}"')
    texts[CHANGELOG] = replaced(CHANGELOG, re.compile(re.escape(UNRELEASED)), heading)
    texts[CITATION] = replaced(CITATION, CITED, f"version: {new}\ndate-released: {today}")

    for path, text in texts.items():
        path.with_suffix(".new").write_text(text, encoding="utf-8", newline="\n")
    for path in texts:
        os.replace(path.with_suffix(".new"), path)
    print(f"{old} -> {new}: {', '.join(str(path.relative_to(ROOT)) for path in texts)}")


if __name__ == "__main__":
    main(sys.argv[1:])
