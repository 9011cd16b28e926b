"""The bench runs, compares equal things, and prints and writes a complete table. No test looks at a time."""

import re
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import pytest
import torch
from benchmarks import timing
from benchmarks.__main__ import NAMES, main, rows_of
from benchmarks.machine import this_machine
from benchmarks.memory import peak_in_new_process
from benchmarks.row import HEADINGS, Row
from benchmarks.table import markdown
from benchmarks.timing import Peer, alternate, compare, relative_error
from tests.tolerances import BENCH_MEMORY_MB, BENCH_SAME_TRANSFORM

ROOT = Path(__file__).resolve().parents[2]

COMPARED = {
    "STFT": ["torch.stft", "nnaudio2", "auvux-dsp"],
    "inverse STFT": ["torch.istft", "nnaudio2", "auvux-dsp"],
    "mel": ["torchaudio", "nnaudio2", "auvux-dsp"],
    "mel, forward and backward": ["torchaudio", "nnaudio2", "auvux-dsp"],
    "MFCC": ["torchaudio", "nnaudio2", "auvux-dsp"],
    "gammatonegram": ["nnaudio2"],
}


def tables(page: str) -> "dict[str, list[dict[str, str]]]":
    """The tables of a page by their headings, each line as a dictionary."""
    found = {}
    for part in page.split("\n## ")[1:]:
        name, *lines = part.splitlines()
        cells = [re.split(r"(?<!\\)\|", line)[1:-1] for line in lines if line.startswith("|")]
        assert all(len(line) == len(HEADINGS) for line in cells)
        texts = [[cell.strip() for cell in line] for line in cells]
        found[name] = [dict(zip(HEADINGS, line, strict=True)) for line in texts[2:]]
    return found


@pytest.fixture(scope="module")
def quick_run(tmp_path_factory) -> "tuple[str, str]":
    """What ``hatch run bench --quick`` prints, and what it writes: every part."""
    page = tmp_path_factory.mktemp("bench") / "results.md"
    command = [sys.executable, "-m", "benchmarks", "--quick", "--threads", "1", "--out", page]
    result = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False, timeout=900)
    assert result.returncode == 0, result.stderr
    assert "Traceback" not in result.stderr
    return result.stdout, page.read_text(encoding="utf-8")


def test_every_part_has_its_table(quick_run):
    found = tables(quick_run[1])
    assert list(found) == NAMES
    for lines in found.values():
        assert lines
        assert all(re.fullmatch(r"\S+ (ms|MB)", line["ours"]) for line in lines)
        assert all(line["transform"] and line["case"] for line in lines)


@pytest.fixture(scope="module")
def spectral(quick_run) -> "list[dict[str, str]]":
    return tables(quick_run[1])["spectral"]


def is_there(peer: str) -> bool:
    """auvux-dsp has no wheel for some platforms; every other peer is in the environment."""
    return peer != "auvux-dsp" or find_spec("auvux") is not None


@pytest.mark.parametrize(("transform", "peer"), [(t, p) for t, peers in COMPARED.items() for p in peers])
def test_a_spectral_row_is_complete_and_compares_equal_things(spectral, transform, peer):
    lines = [line for line in spectral if (line["transform"], line["peer"]) == (transform, peer)]
    lines = [line for line in lines if not line["case"].endswith("in one call")]  # of those below
    assert len(lines) == (2 if transform == "mel" else 1)  # many clips, and one
    for line in lines:
        assert line["ours"].endswith(" ms")
        assert float(line["our error"]) <= BENCH_SAME_TRANSFORM
        if is_there(peer):
            assert line["peer's"].endswith(" ms")
            assert float(line["ratio"]) > 0
            assert float(line["peer's error"]) <= BENCH_SAME_TRANSFORM
        else:
            assert line["note"].startswith("not installed")


def test_griffin_lim_shows_both_convergences_and_who_cannot(spectral):
    lines = [line for line in spectral if line["transform"].startswith("Griffin-Lim")]
    assert [line["peer"] for line in lines] == ["torchaudio", "nnaudio2", "torchaudio"]
    for line in (lines[0], lines[2]):
        assert 0 < float(line["our error"]) < 1  # 1 is what silence would have
        assert 0 < float(line["peer's error"]) < 1
    assert lines[1]["note"].startswith("raises TypeError")
    assert lines[1]["peer's"] == ""


def test_long_audio_is_measured_in_megabytes(spectral):
    lines = [line for line in spectral if line["ours"].endswith(" MB")]
    assert [(line["transform"], line["peer"]) for line in lines] == [
        ("STFT", "torch.stft"),
        ("mel", "torchaudio"),
    ]
    assert all(line["peer's"].endswith(" MB") and line["target"] == "<= 500 MB" for line in lines)


def test_the_terminal_shows_every_row(quick_run, spectral):
    printed, _ = quick_run
    for line in spectral:
        assert any(line["transform"] in row and line["peer"] in row for row in printed.splitlines())


def test_the_page_names_machine_and_versions(quick_run):
    printed, page = quick_run
    machine = this_machine()
    for text in (printed, page):
        assert f"{machine.cores} cores" in text
        assert "1 threads" in text
        for name, number in machine.versions.items():
            assert f"{name} {number}" in text
        assert "the times mean nothing" in text


def test_the_four_parts_are_found():
    assert {"cfp", "cqt", "icqt", "spectral"} <= set(NAMES)


def test_unknown_part_is_refused(capsys):
    with pytest.raises(SystemExit) as stopped:
        main(["nonesuch"])
    assert stopped.value.code == 2
    assert f"NAME must be one of {', '.join(NAMES)}, got nonesuch" in capsys.readouterr().err


def test_a_part_that_cannot_run_is_a_row():
    (row,) = rows_of("nonesuch", quick=True)
    assert row.note.startswith("not installed")
    assert row.ours is None


def test_all_calls_are_timed_in_turn(monkeypatch):
    monkeypatch.setattr(timing, "BLOCK", 0.0)
    monkeypatch.setattr(timing, "BUDGET", 0.0)
    called = []
    alternate({"a": lambda: called.append("a"), "b": lambda: called.append("b")})
    assert "".join(called) == "aabb" + "ab" * timing.ROUNDS
    assert timing.ROUNDS >= 7


def test_peers_that_are_missing_fail_or_differ_are_rows():
    def missing():
        raise ImportError("No module named 'peer'")

    def failing():
        raise RuntimeError("first line\nsecond line")

    ones = torch.ones(3)
    peers = [
        Peer("missing", missing),
        Peer("failing", lambda: failing),
        Peer("other shape", lambda: lambda: torch.ones(2)),
        Peer("off", lambda: lambda: ones + torch.tensor([0.0, 0.5, 0.0]), target=1e9),
    ]
    rows = list(compare("t", "c", lambda: ones, peers, relative_error(ones), quick=True))
    assert [row.note for row in rows] == [
        "not installed: No module named 'peer'",
        "raises RuntimeError: first line",
        "raises ValueError: another shape, [2] for [3]",
        "",
    ]
    assert [row.theirs is None for row in rows] == [True, True, True, False]
    assert [row.error for row in rows] == [0.0] * 4
    assert rows[3].peer_error == 0.5
    assert rows[3].met


def test_ratio_target_and_limit():
    assert Row("t", "c", 2.0, "p", 8.0).ratio == 0.25
    assert Row("t", "c", 2.0, "p", 8.0).met is None
    assert Row("t", "c", 2.0, "p", 8.0, target=0.25).met is True
    assert Row("t", "c", 2.0, "p", 8.0, target=0.2).met is False
    assert Row("t", "c", 2.0, "p", None, target=0.2).met is None
    assert Row("t", "c", 501.0, "p", 100.0, limit=500.0, unit="MB").met is False
    assert Row("t", "c", 499.0, "p", None, limit=500.0, unit="MB").met is True


def test_a_full_page_counts_the_targets_and_escapes_bars():
    rows = [Row("t|u", "c", 1.0, "p", 2.0, target=1.0), Row("t", "c", 3.0, "p", 2.0, target=1.0)]
    page = markdown({"part": rows}, this_machine(), quick=False)
    assert "1 of 2 targets met" in page
    assert [line["transform"] for line in tables(page)["part"]] == ["t\\|u", "t"]


def forty_copies():
    """A call that needs 40 times its input for itself, and returns as much as its input."""
    return lambda x: x.repeat(40, 1)[-1:].clone()


def test_peak_memory_is_that_of_the_call():
    peak = peak_in_new_process(f"{__name__}:{forty_copies.__name__}", 1_000_000)
    assert abs(peak.megabytes - 40 * 4) <= BENCH_MEMORY_MB


def test_a_failing_measurement_says_why():
    with pytest.raises(RuntimeError, match=r"exit code 1, .*nothing_here"):
        peak_in_new_process("benchmarks.memory:nothing_here", 100)
