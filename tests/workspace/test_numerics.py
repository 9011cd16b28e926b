"""The numerics page: a shorter run keeps every bound, and the page says what such a run says."""

import re
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest
from benchmarks.machine import SPELT, this_machine
from benchmarks.numerics import page
from benchmarks.numerics.__main__ import broken, loud_ends, measured
from benchmarks.numerics.comparison import Comparison, Difference, Reference, as_array, compare, difference
from benchmarks.numerics.librosa_ends import experiments
from benchmarks.numerics.recovered import recovered
from benchmarks.numerics.signals import signals
from tests.oracles.legacy_cases import CASES
from tests.tolerances import LIBROSA_CQT_INTERIOR_RMS

import nnaudio2_core

PAGE = (Path(__file__).resolve().parents[2] / "docs" / "numerics.md").read_text(encoding="utf-8")


# Functions, base classes, and what has no reference of its own there: the tests that measure it instead.
NOT_MEASURED = {
    "Transform": "contracts/test_registry.py",
    "frame_times": "core/gabor/test_nsgt.py",
    "estimate_tuning": "core/constant_q/test_tuning.py",
    "keep_freed_memory": "core/module/test_memory.py",
    "Stream": "contracts/test_streams.py",
    "GriffinLimCQT": "core/inverse/test_griffin_lim_cqt.py",
    "FrontEnd": "core/front_ends/test_named.py",
    "front_end": "core/front_ends/test_named.py",
    "front_ends": "core/front_ends/test_named.py",
    "Fbank": "core/front_ends/test_fbank.py",
    "LFCC": "core/front_ends/test_fbank.py",
    "AmplitudeToDB": "core/bands/test_amplitude_to_db.py",
    "Deltas": "core/bands/test_deltas.py",
    "PCEN": "core/bands/test_pcen.py",
    "InverseMel": "core/bands/test_inverse_mel.py",
    "Chroma": "core/chroma/test_chroma.py",
    "ChromaCQT": "core/chroma/test_chroma.py",
    "HCQT": "core/constant_q/test_hcqt.py",
    "StackedCQT": "core/constant_q/test_stacked_cqt.py",
}


@pytest.fixture(scope="module")
def short_run() -> "dict[str, list[Comparison]]":
    """All comparisons, on 1 s of noise and of the trumpet."""
    found = signals(1.0)
    return measured({name: found[name] for name in ("noise", "trumpet")})


@pytest.fixture(scope="module")
def short_way_back():
    return list(recovered(quick=True))


def test_every_bound_holds(short_run, short_way_back):
    assert list(broken(short_run)) == []
    assert [row for row in short_way_back if row.whole < row.floor] == []


def test_every_public_transform_is_measured(short_run, short_way_back):
    ours = {part: rows for part, rows in short_run.items() if part != "legacy"}
    rows = [*(row for rows in ours.values() for row in rows), *short_way_back]
    public = {name for name, value in vars(nnaudio2_core).items() if not name.startswith("_")}
    public -= {name for name in public if isinstance(getattr(nnaudio2_core, name), ModuleType)}
    assert {row.transform for row in rows} == public - NOT_MEASURED.keys()


@pytest.mark.parametrize(("name", "file"), NOT_MEASURED.items())
def test_what_is_not_measured_there_is_tested_here(name, file):
    text = (Path(__file__).parents[1] / file).read_text(encoding="utf-8")
    assert re.search(rf"\b{name}\b", text)


def test_every_legacy_class_is_measured(short_run):
    found = {row.transform for row in short_run["legacy"]}
    assert found == {f"nnAudio.{case.name}" for case in CASES}


def lines_of(text: str) -> "list[list[str]]":
    """The cells of every line of a table, the numbers without their bold type."""
    lines = [line for line in text.splitlines() if line.startswith("| `")]
    return [[cell.strip().strip("*") for cell in line.split("|")[1:-1]] for line in lines]


def test_the_page_has_the_lines_of_this_run_and_keeps_their_bounds(short_run):
    on_page = {tuple(line[:3]): line for line in lines_of(PAGE) if len(line) == len(page.HEADINGS)}
    here = {tuple(page.cells(row)[:3]): row for rows in short_run.values() for row in rows}
    assert on_page.keys() == here.keys()
    for key, row in here.items():
        assert on_page[key][6:] == page.cells(row)[6:], key
        number = on_page[key][3 + page.MEASURES.index(row.bounded)]
        assert float(number) <= row.bound, key


def test_the_page_says_what_comes_back(short_way_back):
    on_page = {tuple(line[:2]): line for line in lines_of(PAGE) if len(line) == 6}
    assert len(on_page) >= len(short_way_back)
    for row in short_way_back:
        line = on_page[(f"`{row.transform}`", row.signal)]
        assert float(line[4]) == row.floor
        assert float(line[2]) >= row.floor


def test_the_page_names_its_date_and_the_versions_of_all():
    assert re.search(r"Measured on 20\d\d-\d\d-\d\d with ", PAGE)
    for name in this_machine().versions.keys() - {"specux", "cicuetea"}:
        package = re.escape(SPELT.get(name, f"{name} {{}}")).replace(r"\{\}", r"\d+\.[\d.]+")
        assert re.search(rf"\b{package}", PAGE), name


def test_silence_around_a_clip_is_what_librosas_ends_lack():
    (found,) = experiments({"snare": loud_ends()["snare, its last 5 s"][-44100:]})
    assert found.whole > 100 * LIBROSA_CQT_INTERIOR_RMS
    assert found.silence < LIBROSA_CQT_INTERIOR_RMS
    assert found.half < found.silence / 3


def test_a_difference_is_measured_three_ways():
    expected = np.array([[3.0, 4.0], [0.0, 1.0]])
    found = difference(expected + np.array([[0.0, 0.0], [0.5, 0.5]]), expected)
    assert found.maximum == 0.125
    assert found.rms == pytest.approx(np.sqrt(0.5 / 26))
    assert found.worst_bin == pytest.approx(np.sqrt(0.5))
    with pytest.raises(ValueError, match="another shape"):
        difference(expected[:1], expected)


def test_a_broken_bound_is_found():
    off = Reference("one more", lambda x: x + 1, {"float64": 1e-3})
    rows = list(compare("t", "", lambda x: x, [off], {"ones": np.ones((1, 3))}))
    assert list(broken({"part": rows})) == rows
    assert rows[0].difference == Difference(0.5, 0.5, 0.5)
    assert as_array(3.0) == 3.0


def test_a_part_that_the_template_lacks_is_an_error():
    with pytest.raises(ValueError, match="the template has the parts"):
        page.page({"nonesuch": ""})
