"""Pictures: the right way up, round labels at the right rows, nothing breaks on odd input."""

import io

import numpy as np
import pytest
from matplotlib.image import imread

from nnaudio2_deploy.corpus import plots


def pixels(png: bytes) -> np.ndarray:
    return imread(io.BytesIO(png), format="png")


def inside(png: bytes) -> np.ndarray:
    """Brightness of the middle of the plot, clear of axes, labels and colour bar."""
    image = pixels(png)
    height, width = image.shape[:2]
    return image[int(0.1 * height) : int(0.7 * height), int(0.25 * width) : int(0.7 * width), :3].sum(-1)


def test_decibels_are_relative_to_the_peak_and_stop_at_the_floor():
    level = plots.decibels(np.array([[2.0, 0.2], [2e-3, 1e-9]]))
    np.testing.assert_allclose(level, [[0, -20], [-60, -80]], rtol=0, atol=1e-12)
    np.testing.assert_array_equal(plots.decibels(np.zeros((2, 3))), np.full((2, 3), -80.0))


def test_ticks_lie_where_their_frequency_lies():
    centres = np.geomspace(30.0, 15000.0, 90)
    ticks = plots.octave_ticks(centres)
    assert [label for _, label in ticks] == ["50", "100", "200", "500", "1000", "2000", "5000", "10000"]
    for row, label in ticks:
        below = int(row)
        assert centres[below] <= float(label) <= centres[below + 1]


def test_ticks_leave_room_for_their_text():
    centres = np.linspace(10.0, 10000.0, 128)  # linear, so low round numbers crowd
    rows = [row for row, _ in plots.octave_ticks(centres)]
    assert min(np.diff(rows)) > 0.07 * 128


@pytest.mark.parametrize(
    ("sr", "labels"), [(44100, "0 5000 10000 15000 20000"), (8000, "0 1000 2000 3000 4000")]
)
def test_linear_ticks_are_round(sr, labels):
    ticks = plots.linear_ticks(np.arange(257) * sr / 512)
    assert [label for _, label in ticks] == labels.split()
    for row, label in ticks:
        assert row == pytest.approx(float(label) * 512 / sr)


def test_a_heatmap_has_low_rows_at_the_bottom_and_early_frames_on_the_left():
    values = np.zeros((40, 60))
    values[30:] = 1.0
    bright = inside(plots.heatmap(values, 0.01, [], "rows", "value"))
    assert bright[0].min() > bright[-1].max()
    values = np.zeros((40, 60))
    values[:, 40:] = 1.0
    bright = inside(plots.heatmap(values, 0.01, [], "rows", "value"))
    assert bright[:, -1].min() > bright[:, 0].max()


def test_a_signed_heatmap_tells_signs_apart():
    values = np.zeros((40, 60))
    values[:20], values[20:] = -1.0, 1.0
    image = pixels(plots.heatmap(values, 0.01, [], "rows", "value", symmetric=True))
    height, width = image.shape[:2]
    low, high = image[int(0.6 * height), width // 2], image[int(0.2 * height), width // 2]
    assert low[2] > low[0]  # blue
    assert high[0] > high[2]  # orange


@pytest.mark.parametrize("shape", [(128, 1), (1, 5), (20, 3000)])
def test_any_shape_and_silence_can_be_drawn(shape):
    image = pixels(plots.heatmap(np.full(shape, -80.0), 0.01, [(0.0, "0")], "rows", "value"))
    assert image.shape[:2] == (520, 980)
    assert image[0, 0, 3] == 0  # the background is transparent


@pytest.mark.parametrize("samples", [np.zeros(1), np.zeros(5000), np.ones(700), np.sin(np.arange(9000.0))])
def test_any_waveform_can_be_drawn(samples):
    image = pixels(plots.waveform(samples, 8000))
    assert image.shape[:2] == (520, 980)
    assert image[..., 3].max() > 0


def test_a_waveform_is_drawn_between_its_extremes():
    samples = np.where(np.arange(20000) % 2 == 0, 1.0, -1.0)
    full = (pixels(plots.waveform(samples, 8000))[..., 3] > 0.9).sum()
    half = (pixels(plots.waveform(np.abs(samples), 8000))[..., 3] > 0.9).sum()
    assert full > 3 * half  # the constant 1 is a thin line, the alternating one a block
