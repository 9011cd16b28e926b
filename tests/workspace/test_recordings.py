"""The two recordings that ship with nnaudio2-deploy, and the attribution that their licence asks for."""

from importlib.resources import files

import pytest
import torch

AUDIO = files("nnaudio2_deploy").joinpath("audio")


@pytest.mark.parametrize(
    ("name", "sr", "samples"), [("sir_duke_fast", 44100, 230378), ("snare-accelerate", 22050, 661500)]
)
def test_recordings_are_what_they_say(recording, name, sr, samples):
    waveform, found_sr = recording(name)
    assert found_sr == sr
    assert waveform.shape == (samples,)
    assert waveform.dtype == torch.float32
    assert bool(torch.isfinite(waveform).all())
    assert 0.1 < float(waveform.abs().max()) <= 1.0


def test_a_test_may_change_its_copy(recording):
    recording("sir_duke_fast")[0].zero_()
    assert float(recording("sir_duke_fast")[0].abs().max()) > 0


def test_attribution_names_every_recording():
    attribution = AUDIO.joinpath("LICENSE.md").read_text(encoding="utf-8")
    names = [entry.name for entry in AUDIO.iterdir() if entry.name.endswith(".ogg")]
    assert len(names) == 2
    for name in names:
        assert name in attribution
    assert "CC BY 4.0" in attribution
    assert "Stefan Balke" in attribution
    assert "Brian McFee" in attribution


def test_random_numbers_repeat_in_every_test():
    # Torch's first draw from seed 0, as the autouse fixture leaves it at the start of each test.
    torch.testing.assert_close(torch.rand(1), torch.rand(1, generator=torch.Generator().manual_seed(0)))
