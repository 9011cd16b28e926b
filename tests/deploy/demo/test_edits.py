"""Edits of NSGT coefficients do what their names say; the example writes what they give."""

import subprocess
import sys

import pytest
import soundfile
import torch
from tests import tolerances
from tests.hosts import EXAMPLES

from nnaudio2_core import NSGT
from nnaudio2_deploy.demo.edits import only_band, only_what_lasts, other_pitch

SR = 16000
TIME = torch.arange(2 * SR, dtype=torch.float64) / SR


@pytest.fixture(scope="module")
def nsgt():
    return NSGT(SR, bins_per_octave=24, layout="matrix")


def tone(frequency):
    """Partials at 1, 2 and 3 times a frequency, faded in and out."""
    partials = [torch.sin(2 * torch.pi * k * frequency * TIME) / k for k in (1, 2, 3)]
    return torch.stack(partials).sum(0) * torch.sin(torch.pi * TIME / 2).square()


def decibels(part, whole):
    return float(20 * torch.log10(part.norm() / whole.norm()))


@pytest.mark.parametrize("bins", [7, 14, -9, 24])
@pytest.mark.parametrize("frequency", [220.0, 223.1, 311.4])
def test_a_tone_gets_another_pitch(nsgt, frequency, bins):
    """All of its energy is at the new partials, wherever the old ones lie between the channels."""
    x = tone(frequency)
    y = nsgt.inverse(other_pitch(nsgt, nsgt(x), bins), length=len(x))
    Y = torch.fft.rfft(y * torch.hann_window(len(y), dtype=y.dtype)).abs()
    for k in (1, 2, 3):
        expected = k * frequency * 2 ** (bins / 24)
        near = round(0.9 * 2 * expected), round(1.1 * 2 * expected)  # bins of 0.5 Hz
        peak = int(Y[near[0] : near[1]].argmax()) + near[0]
        assert abs(peak / 2 - expected) <= 0.5
        Y[peak - 20 : peak + 21] = 0
    assert decibels(Y, torch.fft.rfft(x)) < tolerances.GABOR_SHIFT_LEFT_DB
    assert abs(decibels(y, x)) < tolerances.GABOR_SHIFT_ENERGY_DB


def test_a_shift_by_none_changes_nothing_and_one_off_the_scale_leaves_nothing(nsgt):
    C = nsgt(tone(220.0))
    assert (other_pitch(nsgt, C, 0)[1:-1] - C[1:-1]).norm() <= 1e-12 * C.norm()
    for bins in (len(C), -len(C)):
        shifted = other_pitch(nsgt, C, bins)
        assert shifted.shape == C.shape
        assert not shifted.any()


def test_a_band_is_kept_and_the_rest_is_not(nsgt):
    inside, outside = tone(500.0), tone(2000.0)
    C = nsgt(inside + outside)
    y = nsgt.inverse(only_band(nsgt, C, 300.0, 1750.0), length=len(inside))
    assert decibels(y - inside, inside) < tolerances.GABOR_BAND_LEFT_DB


def test_tones_last_and_clicks_do_not(nsgt):
    clicks = torch.zeros_like(TIME)
    clicks[4000::4000] = 10.0
    both = nsgt(tone(440.0) + clicks)
    mask_of_both = only_what_lasts(nsgt, both) / (both + 1e-30)
    kept = [nsgt.inverse(nsgt(x) * mask_of_both, length=len(x)) for x in (tone(440.0), clicks)]
    assert decibels(kept[0], tone(440.0)) > tolerances.GABOR_TONE_KEPT_DB
    assert decibels(kept[1], clicks) < tolerances.GABOR_CLICKS_LEFT_DB


def test_the_example_writes_the_edited_recordings(tmp_path):
    x = torch.stack([tone(220.0), tone(330.0)], 1)[:8000].float()
    soundfile.write(tmp_path / "x.wav", x.numpy(), SR, subtype="FLOAT")
    program = [sys.executable, str(EXAMPLES / "edit" / "edit.py"), "x.wav", "out", "--semitones", "-5"]
    done = subprocess.run(program, cwd=tmp_path, capture_output=True, text=True, timeout=300, check=True)
    assert [line.split("out")[1][1:] for line in done.stdout.splitlines()] == [
        f"{name}.wav" for name in ("unchanged", "band", "lasting", "shifted")
    ]
    heard = {path.stem: torch.from_numpy(soundfile.read(path)[0]) for path in (tmp_path / "out").iterdir()}
    assert all(y.shape == x.shape for y in heard.values())
    assert (heard["unchanged"] - x).norm() <= tolerances.GABOR_ROUND_TRIP_FLOAT32 * x.norm()
    assert len({float(y.norm()) for y in heard.values()}) == 4
