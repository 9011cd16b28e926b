"""Clips of a recording: channels, resampling, segments."""

import numpy as np
import pytest
from tests.tolerances import RESAMPLED_ALIAS, RESAMPLED_TONE

from nnaudio2_deploy.corpus.clips import clips, resampled
from nnaudio2_deploy.corpus.options import Reading
from nnaudio2_deploy.errors import UserError

STEREO = np.random.default_rng(0).uniform(-1, 1, (1000, 2)).astype(np.float32)


def test_channels():
    for channels, expected in (
        ("mono", STEREO.mean(1, dtype=np.float32)[None]),
        ("keep", STEREO.T),
        (1, STEREO.T[1:]),
    ):
        found, starts = clips(STEREO, 8000, Reading(channels=channels), "a.wav")
        np.testing.assert_array_equal(found, expected[None])
        assert starts.tolist() == [0]
    with pytest.raises(UserError, match=r"a.wav has 2 channels, --channel 2 \(from 0\) is none of them"):
        clips(STEREO, 8000, Reading(channels=2), "a.wav")


@pytest.mark.parametrize(("length", "hop"), [(300, 300), (300, 100), (300, 700), (1000, 1000), (4000, 1000)])
def test_segments_cover_the_recording(length, hop):
    reading = Reading(channels=0, segment=length / 8000, segment_hop=hop / 8000)
    found, starts = clips(STEREO, 8000, reading, "a.wav")
    padded = np.concatenate([STEREO[:, 0], np.zeros(length, np.float32)])
    places = [0]
    while places[-1] + length < 1000:
        places.append(places[-1] + hop)
    np.testing.assert_allclose(starts, np.array(places) / 8000, rtol=1e-12)
    for clip, place in zip(found, places, strict=True):
        np.testing.assert_array_equal(clip[0], np.pad(padded, (0, hop))[place : place + length])


@pytest.mark.parametrize(("old", "new"), [(44100, 16000), (48000, 22050), (16000, 44100)])
def test_a_tone_is_the_same_tone_at_another_rate(old, new):
    low = min(old, new)
    for part, bound in RESAMPLED_TONE.items():
        hz, time = part * low, np.arange(2 * old) / old
        tone = np.sin(2 * np.pi * hz * time)[None].astype(np.float32)
        found = resampled(tone, old, new)
        assert found.shape == (1, 2 * new)
        assert found.dtype == np.float32
        middle = slice(new // 2, 3 * new // 2)  # the ends are cut off, which no filter can resample
        expected = np.sin(2 * np.pi * hz * np.arange(2 * new) / new)
        assert np.abs(found[0] - expected)[middle].max() <= bound


def test_a_tone_above_the_new_nyquist_frequency_is_gone():
    tone = np.sin(2 * np.pi * 9000 * np.arange(88200) / 44100)[None].astype(np.float32)
    assert np.abs(resampled(tone, 44100, 16000))[0, 8000:24000].max() <= RESAMPLED_ALIAS


def test_the_same_rate_changes_nothing():
    assert resampled(STEREO, 8000, 8000) is STEREO
