"""Means and deviations over a corpus, against those of all frames at once in float64."""

import numpy as np
import pytest

from nnaudio2_deploy.corpus.statistics import Moments, Statistics
from nnaudio2_deploy.errors import UserError

SHAPES = {
    "rows and frames": ((1, 1), (5,), (), 2),
    "segments and channels": ((3, 2), (5,), (), 2),
    "pairs": ((1, 1), (5,), (2,), 2),
    "frames first": ((2, 1), (5,), (), 3),
}


def recordings(case: str) -> tuple[list[np.ndarray], int]:
    lead, rows, parts, row = SHAPES[case]
    rng = np.random.default_rng(0)
    found = []
    for frames in (7, 1, 30):
        inner = (*rows, frames) if row == 2 else (frames, *rows)
        found.append((100 + rng.normal(size=(*lead, *inner, *parts))).astype(np.float32))
    return found, row


def others(features: np.ndarray, row: int) -> tuple[int, ...]:
    return tuple(axis for axis in range(features.ndim) if axis not in (row, 4))


@pytest.mark.parametrize("case", SHAPES)
def test_merged_moments_are_those_of_all_frames(case):
    found, row = recordings(case)
    statistics = Statistics.over((Moments.of(each, others(each, row)) for each in found), "")
    table = [np.moveaxis(each.astype(np.float64), row, -1) for each in found]  # rows last
    if case == "pairs":
        table = [np.moveaxis(each.astype(np.float64), (2, 4), (-2, -1)) for each in found]
    number = statistics.mean.size
    together = np.concatenate([each.reshape(-1, number) for each in table])
    np.testing.assert_allclose(statistics.mean.ravel(), together.mean(0), rtol=1e-13)
    np.testing.assert_allclose(statistics.deviation.ravel(), together.std(0), rtol=1e-11)
    assert statistics.frames == len(together)
    normalised = [statistics.normalised(each, others(each, row)) for each in found]
    again = Statistics.over((Moments.of(each, others(each, row)) for each in normalised), "")
    np.testing.assert_allclose(again.mean, 0, rtol=0, atol=1e-10)
    np.testing.assert_allclose(again.deviation, 1, rtol=1e-10)


def test_moments_survive_json_and_statistics_a_file(tmp_path):
    (first, *_), row = recordings("pairs")
    moments = Moments.of(first, others(first, row))
    again = Moments.from_json(moments.as_json())
    assert np.array_equal(again.mean, moments.mean)
    assert np.array_equal(again.squares, moments.squares)
    statistics = Statistics.over([moments], "made of this")
    statistics.save(tmp_path / "statistics.npz")
    loaded = Statistics.load(tmp_path / "statistics.npz")
    assert (loaded.digest, loaded.frames, loaded.made_of) == (
        statistics.digest,
        statistics.frames,
        "made of this",
    )


def test_a_row_that_never_changes_becomes_zero():
    features = np.ones((1, 1, 2, 4), np.float32)
    features[0, 0, 1] = [1, 2, 3, 4]
    statistics = Statistics.over([Moments.of(features, (0, 1, 3))], "")
    assert np.array_equal(statistics.normalised(features, (0, 1, 3))[0, 0, 0], np.zeros(4))


def test_statistics_of_other_rows_are_refused():
    statistics = Statistics.over([Moments.of(np.ones((1, 1, 2, 4), np.float32), (0, 1, 3))], "")
    with pytest.raises(UserError, match=r"of features with rows \(2,\), these have \(3,\)"):
        statistics.normalised(np.ones((1, 1, 3, 4)), (0, 1, 3))


@pytest.mark.parametrize("content", [None, b"", b"PK", b"text"])
def test_what_holds_no_statistics_is_refused(content, tmp_path):
    path = tmp_path / "statistics.npz"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(UserError, match=r"statistics\.npz (cannot be read|holds no statistics)"):
        Statistics.load(path)
