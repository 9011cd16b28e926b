"""The bench runs, compares equal things, prints and writes complete tables. No test looks at a time."""

import math
import re
import subprocess
import sys
from dataclasses import replace
from importlib.util import find_spec
from itertools import product
from pathlib import Path

import pytest
import torch
from benchmarks import bench_gpu, charts, guide, headlines, page, timing
from benchmarks.__main__ import NAMES, RESULTS, main, rows_of
from benchmarks.machine import accelerator, this_machine
from benchmarks.memory import peak_in_new_process
from benchmarks.peers import ROY
from benchmarks.results import Results
from benchmarks.row import Row
from benchmarks.timing import Peer, alternate, compare, relative_error
from matplotlib.image import imread
from tests.tolerances import BANK_DEFAULT, BENCH_ADDED_FLOOR, BENCH_MEMORY_MB, BENCH_SAME_TRANSFORM

ROOT = Path(__file__).resolve().parents[2]
SITE_PAGE = (ROOT / "docs" / "benchmarks.md").read_text(encoding="utf-8")

COMPARED = {
    "STFT": ["torch.stft", ROY, "specux"],
    "inverse STFT": ["torch.istft", ROY, "specux"],
    "inverse STFT, contiguous spectra": ["torch.istft", ROY, "specux"],
    "mel": ["torchaudio", ROY, "specux"],
    "mel, forward and backward": ["torchaudio", ROY, "specux"],
    "MFCC": ["torchaudio", ROY, "specux"],
    "gammatonegram": [ROY],
}


@pytest.fixture(scope="module")
def quick_run(tmp_path_factory) -> "tuple[str, Results]":
    """Every part that ``hatch run bench --quick`` prints and writes."""
    path = tmp_path_factory.mktemp("bench") / "results.json"
    command = [sys.executable, "-m", "benchmarks", "--quick", "--threads", "1", "--out", path]
    result = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False, timeout=900)
    assert result.returncode == 0, result.stderr
    assert "Traceback" not in result.stderr
    return result.stdout, Results.load(path)


def test_every_part_has_rows(quick_run):
    parts = quick_run[1].parts
    assert list(parts) == NAMES
    for name, rows in parts.items():
        assert rows or (name == "gpu" and accelerator() is None)
        assert all(row.ours > 0 if row.unit == "ms" else row.ours >= 0 for row in rows)
        assert all(row.transform and row.case for row in rows)


@pytest.fixture(scope="module")
def spectral(quick_run) -> "list[Row]":
    return quick_run[1].parts["spectral"]


def is_there(peer: str) -> bool:
    """specux has no wheel for some platforms; every other peer is in the environment."""
    return peer != "specux" or find_spec("specux") is not None


@pytest.mark.parametrize(("transform", "peer"), [(t, p) for t, peers in COMPARED.items() for p in peers])
def test_a_spectral_row_is_complete_and_compares_equal_things(spectral, transform, peer):
    rows = [row for row in spectral if (row.transform, row.peer) == (transform, peer)]
    rows = [row for row in rows if not row.case.endswith("in one call")]  # of those below
    assert len(rows) == 1
    compares_equal_things(rows[0])


def compares_equal_things(row: Row) -> None:
    assert row.unit == "ms"
    assert row.error <= BENCH_SAME_TRANSFORM
    if is_there(row.peer):
        assert row.ratio > 0
        added_floor = (row.transform.partition(",")[0], row.peer) == ("MFCC", "specux")
        assert row.peer_error <= (BENCH_ADDED_FLOOR if added_floor else BENCH_SAME_TRANSFORM)
    else:
        assert row.note.startswith("not installed")


def test_another_memory_order_gives_the_same_numbers(quick_run):
    rows = quick_run[1].parts["layouts"]
    assert {row.transform.partition(",")[0] for row in rows} >= {"STFT", "mel", "CQT", "inverse STFT", "iCQT"}
    assert all(row.error == 0 and row.peer_error == 0 and row.target == 1.25 for row in rows)


@pytest.mark.parametrize("part", ["latency", "gradients", "growth"])
def test_other_parts_compare_equal_things(quick_run, part):
    for row in quick_run[1].parts[part]:
        if row.peer and not row.transform.startswith(("CQT", "VQT")):  # banks drop what they are allowed to
            compares_equal_things(row)


def test_the_gpu_part_runs_anywhere():
    rows = list(bench_gpu.rows_on(accelerator() or torch.device("cpu"), quick=True))
    assert {row.peer for row in rows} == {"torch.stft", "torchaudio", ROY}
    assert sum(row.transform.endswith("backward") for row in rows) == 3
    assert all(row.error < BANK_DEFAULT and row.ours > 0 for row in rows)


def test_growth_has_every_axis(quick_run):
    rows = quick_run[1].parts["growth"]
    found = {(row.transform, row.axis) for row in rows if row.value is not None}
    assert found == set(product(("STFT", "mel", "CQT"), ("clips", "s", "bins", "threads")))


def test_griffin_lim_shows_both_convergences_and_who_cannot(spectral):
    rows = [row for row in spectral if row.transform.startswith("Griffin-Lim")]
    assert [row.peer for row in rows] == ["torchaudio", ROY, "torchaudio"]
    for row in (rows[0], rows[2]):
        assert 0 < row.error < 1  # 1 is what silence would have
        assert 0 < row.peer_error < 1
    assert rows[1].note.startswith("raises TypeError")
    assert rows[1].theirs is None


def test_long_audio_is_measured_in_megabytes(spectral):
    rows = [row for row in spectral if row.unit == "MB"]
    assert [(row.transform, row.peer) for row in rows] == [("STFT", "torch.stft"), ("mel", "torchaudio")]
    assert all(row.theirs is not None and row.limit == 500.0 for row in rows)


def test_the_terminal_shows_every_row(quick_run, spectral):
    printed, _ = quick_run
    for row in spectral:
        assert any(row.transform in line and row.peer in line for line in printed.splitlines())


def test_page_and_terminal_name_machine_and_versions(quick_run, tmp_path):
    printed, results = quick_run
    page.write(results, tmp_path / "page.md", tmp_path)
    machine = this_machine()
    for text in (printed, (tmp_path / "page.md").read_text(encoding="utf-8")):
        assert f"{machine.cores} cores" in text
        assert "1 threads" in text
        assert len(machine.packages()) == len(machine.versions)
        for package in machine.packages():
            assert package in text
        assert "the times mean nothing" in text.lower()


def test_the_page_has_every_row_and_its_pictures(quick_run, tmp_path):
    page.write(quick_run[1], tmp_path / "page.md", tmp_path)
    text = (tmp_path / "page.md").read_text(encoding="utf-8")
    assert all(f"| {row.transform} | {row.case} |" in text for row in quick_run[1].rows)
    drawn = re.findall(r"!\[.+\]\(.+/(benchmarks_\w+\.png)\)", text)
    names = ("speed", "short", "legacy", "growth", "cqt")
    assert drawn == [f"benchmarks_{name}.png" for name in names]
    for name in drawn:
        assert coloured(tmp_path / name) > 10, name  # a quick run may have a single mark to show


def coloured(path: Path) -> int:
    """Pixels of a picture that is wide and high enough: axes, their texts and the background are grey."""
    image = imread(path)
    height, width, channels = image.shape
    assert width >= 250  # one panel; the others have several beside each other
    assert height >= 140  # one line
    assert channels == 4
    colours = image[..., :3]
    return int((colours.max(-1) - colours.min(-1) > 0.3).sum())


def test_a_picture_of_speed_has_a_mark_for_each_comparison(tmp_path):
    one, two, three = (Row("t", f"case {number}", 2.0, "torchaudio", 4.0) for number in range(3))
    assert list(charts.draw([one], tmp_path)) == ["benchmarks_speed"]
    alone = coloured(tmp_path / "benchmarks_speed.png")
    charts.draw([one, two, three], tmp_path)
    # A mark for each case, and the legend's: four for two; where edges are smoothed a few pixels differ.
    assert coloured(tmp_path / "benchmarks_speed.png") == pytest.approx(2 * alone, rel=0.1)
    assert charts.draw([Row("t", "case", 2.0, "torchaudio", None)], tmp_path) == {}


def test_the_pages_are_those_of_the_results(tmp_path):
    """`hatch run bench --page` has been run since the results changed."""
    results = Results.load(RESULTS)
    drawn = dict(re.findall(r"!\[(.+)\]\(pictures/(benchmarks_\w+)\.png\)", SITE_PAGE))
    expected = page.lines(results, "pictures", {name: caption for caption, name in drawn.items()})
    assert "\n".join(expected) + "\n" == SITE_PAGE
    page.write_figures(results, tmp_path / "results.md")
    assert (tmp_path / "results.md").read_bytes() == RESULTS.with_suffix(".md").read_bytes()
    assert "\n".join(headlines.headlines(results.rows)) in (ROOT / "README.md").read_text(encoding="utf-8")
    assert not results.quick


def test_the_ends_of_clips_are_as_the_guide_says():
    """Decibels; those of float32 above 100 are its round-off, which depends on the order of sums."""
    text = (ROOT / "docs" / "inverting.md").read_text(encoding="utf-8")
    said = re.findall(r"\| (?:reflect|constant|replicate|circular)((?: \| \d+){5}) \|", text)
    measured = [cells for cells in guide.ends() if re.search(r"\d \|$", cells)]
    assert len(said) == len(measured) == 12
    for row, cells in zip(said, measured, strict=True):
        found = cells.strip("| ").split(" | ")[2:]
        for a, b in zip(map(int, row.split(" | ")[1:]), map(int, found), strict=True):
            assert abs(a - b) <= (6 if a > 100 else 1)


def test_headlines_name_times_errors_and_what_a_peer_lacks(tmp_path):
    rows = [
        Row("mel, forward and backward", headlines.EIGHT, 10.0, "torchaudio", 20.0, 1e-7, 2e-7),
        Row("mel, forward and backward", headlines.EIGHT, 10.0, ROY, 300.0, 1e-7, float("inf")),
    ]
    page = tmp_path / "page.md"
    page.write_text(f"before\n{headlines.BEGIN}\nold\n{headlines.END}\nafter\n", encoding="utf-8")
    headlines.update(page, rows)
    text = page.read_text(encoding="utf-8")
    assert text.startswith("before\n")
    assert text.endswith("\nafter\n")
    assert "old" not in text
    cells = ["10 ms, 1.0e-07", "20 ms, 2.0e-07", "300 ms, not finite", "no gradients", "–"]
    assert f"| mel, forward and backward | {' | '.join(cells)} |" in text
    assert "| CFP, music at 16 kHz | – | none | – | none | none |" in text


def test_the_parts_are_found():
    assert {"cfp", "construction", "cqt", "gpu", "gradients", "growth", "icqt", "latency"} <= set(NAMES)


def test_unknown_part_is_refused(capsys):
    with pytest.raises(SystemExit) as stopped:
        main(["nonesuch"])
    assert stopped.value.code == 2
    assert f"NAME must be one of {', '.join(NAMES)}, got nonesuch" in capsys.readouterr().err


def test_the_page_alone_takes_no_other_argument(capsys):
    with pytest.raises(SystemExit) as stopped:
        main(["--page", "cqt"])
    assert stopped.value.code == 2
    assert "--page measures nothing" in capsys.readouterr().err


def test_a_busy_machine_makes_no_page(monkeypatch):
    busy = replace(this_machine(), load=1.0, cores=2)
    monkeypatch.setattr("benchmarks.__main__.this_machine", lambda: busy)
    with pytest.raises(SystemExit, match=r"other programs use 1\.0 of 2 cores.*--busy"):
        main([])


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
        "raises ValueError: ours has the shape [2], theirs [3]",
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


def results_of(*rows: Row) -> Results:
    return Results(replace(this_machine(), load=0.0), {"part": rows}, quick=False)


def test_what_is_behind_stands_first_and_promises_are_counted():
    behind, ahead = Row("t|u", "c", 3.0, "p", 2.0, target=1.0), Row("t", "c", 1.0, "p", 2.0, target=1.0)
    own = Row("t", "as channels", 5.0, "ours, contiguous", 1.0)
    text = "\n".join(page.lines(results_of(ahead, behind, own), "pictures", {}))
    assert "Preliminary" not in text
    first, promises, rest = re.split("\n## Promises|\n## Pictures", text)
    assert "In 1 of 2 comparisons" in first
    assert r"| t\|u | c | p | 3 ms | 2 ms | 1.5 |" in first
    assert "1 of 2 targets met. Not met:" in promises
    assert "| t | c | p | 1 ms | 2 ms | 0.5 |" not in first + promises
    assert "| t | c | p | 1 ms | 2 ms | 0.5 |" in rest
    assert "ours, contiguous" not in first + promises
    assert "ours, contiguous" in rest


def test_results_are_read_as_they_were_written(tmp_path):
    results = results_of(Row("t", "c", 1.0, peer_error=math.inf, axis="s", value=3.0), Row("t", "c", None))
    results.save(tmp_path / "r.json")
    found = Results.load(tmp_path / "r.json")
    assert (found.machine, found.rows) == (results.machine, results.rows)
    assert [path.name for path in tmp_path.iterdir()] == ["r.json"]


def forty_copies():
    """A call that needs 40 times its input for itself, and returns as much as its input."""
    return lambda x: x.repeat(40, 1)[-1:].clone()


def test_peak_memory_is_that_of_the_call():
    peak = peak_in_new_process(f"{__name__}:{forty_copies.__name__}", 1_000_000)
    assert abs(peak.megabytes - 40 * 4) <= BENCH_MEMORY_MB


def test_a_failing_measurement_says_why():
    with pytest.raises(RuntimeError, match=r"exit code 1, .*nothing_here"):
        peak_in_new_process("benchmarks.memory:nothing_here", 100)
