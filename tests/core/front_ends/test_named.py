"""Front ends by name return what the models' own packages return, frame for frame."""

import functools
import inspect
import warnings

import numpy as np
import pytest
import torch
from tests import tolerances
from tests.oracles.front_ends import ORACLES

import nnaudio2_core as core

names = pytest.mark.parametrize("name", list(core.front_ends()))

# With no variance at all the originals divide their own round-off, or zero, by a small offset or by zero.
DIVIDES_SILENCE = {"parakeet", "nemo-80", "nemo-128", "speech-to-text", "seamless-m4t"}
# Patches of 96 frames, frames of half a second, nine octaves of frames.
SECONDS = {"vggish": 1.0, "yamnet": 1.0, "musicgen-melody": 1.0, "basic-pitch": 2.0}
# Frames of originals that are longer than those of ours: kernels in a power of two of samples.
PADDED = {"pesto": 4096}
FIXED = {"whisper", "whisper-large-v3", "voxtral", "clap-fused", "clap-unfused"}


@functools.lru_cache
def module_of(name):
    return core.front_end(name)


def original(name, x):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return torch.from_numpy(np.asarray(ORACLES[name](x), dtype=np.float64).copy())


def signals(sr, seconds):
    rng = np.random.default_rng(0)
    time = np.arange(int(seconds * sr)) / sr
    noise = 0.1 * rng.standard_normal(len(time))
    tones = 0.3 * np.sin(2 * np.pi * 200 * time * (1 + 0.1 * time)) + 0.1 * np.sin(2 * np.pi * 1333 * time)
    tones += 0.01 * rng.standard_normal(len(time))
    return {
        "noise": noise,
        "tones": tones,
        "clipped": np.clip(8 * noise, -1, 1),
        "offset": tones + 0.5,
        "integers": np.round(8000 * tones),
        "silence": np.zeros(len(time)),
    }


def test_every_name_has_an_oracle():
    assert list(core.front_ends()) == list(ORACLES)
    assert len(ORACLES) >= 30


@names
def test_numbers_of_the_original(name):
    module = module_of(name)
    cepstra = getattr(module, "n_cepstra", 0)
    median = tolerances.FRONT_END_MEDIAN * (10 if cepstra else 1)  # the lifter's factors
    # Decibels of magnitudes are 8.7 times their natural logarithms.
    quiet = tolerances.FRONT_END_QUIET_BANDS * (8.7 if isinstance(module, core.HCQT) else 1)
    for signal, samples in signals(module.sr, SECONDS.get(name, 0.4)).items():
        if name in FIXED and signal in ("noise", "clipped", "offset"):
            continue  # half a minute each
        if signal == "silence" and name in DIVIDES_SILENCE:
            assert not module(torch.from_numpy(samples).float()).any()
            continue
        if signal == "integers" and name == "ge2e":
            samples = samples / 8000  # it has no logarithm
        x = samples.astype(np.float32)
        expected = original(name, x)
        result = module(torch.from_numpy(x)).double()
        exact = module(torch.from_numpy(x).double())
        assert result.shape == expected.shape, signal
        # float64 has the same formula: what remains is the original's own round-off. Errors of up to 0.01
        # are those of bands that lie 100 dB below others in the same frame.
        own = (expected - exact).abs()
        if name == "basic-pitch":
            assert own.max() <= tolerances.BASIC_PITCH_FLOAT64, signal
            median, quiet = tolerances.BASIC_PITCH_LEAST_CELL, tolerances.BASIC_PITCH_QUIET_CELL
        assert own.median() <= median, signal
        assert own.max() <= quiet, signal
        error = (result - expected).abs()
        assert error.median() <= median, signal
        assert error.max() <= max(2 * own.max(), quiet), signal


@names
def test_number_of_frames_of_the_original(name):
    """At up to 500 lengths from 1 sample to three hops beyond a window, and all around its ends."""
    module = module_of(name)
    axis = -1 if module.frames_last else 0
    hop, fewest = getattr(module, "frame_hop", module.hop_length), module.min_samples
    frame = PADDED.get(name, module.config.get("n_fft", 1))
    window = max(fewest, getattr(module, "win_length", frame))
    end = window + 3 * hop
    computed = {1, fewest - 1, fewest, fewest + 1, window - 1, window, window + 1, end}
    x = (0.1 * np.random.default_rng(0).standard_normal(end)).astype(np.float32)
    compared = 0
    for length in sorted((computed | set(range(1, end, 1 + end // 500))) - {0}):
        if name in FIXED and length > 3:
            break
        try:
            frames = original(name, x[:length]).shape[axis]
        except (ValueError, RuntimeError, IndexError, AssertionError):
            frames = 0
        if length < fewest:
            # NeMo's frame of zeros, NaN in its likeness, or nothing.
            assert frames == 0 or not original(name, x[:length]).nan_to_num().any(), length
            with pytest.raises(ValueError, match="min_samples"):
                module.n_frames(length)
        elif frames:  # where padding is longer than the clip, some originals fail although a frame exists
            compared += 1
            assert module.n_frames(length) == frames, length
            if length in computed:
                assert module(torch.from_numpy(x[:length])).shape[axis] == frames, length
    assert compared > 0


@names
def test_an_item_of_a_padded_batch_equals_the_item_alone(name):
    module = module_of(name)
    if "lengths" not in inspect.signature(module.forward).parameters:
        assert name in {"pesto", "basic-pitch", "musicgen-melody"}
        return
    fewest = module.min_samples
    lengths = [fewest + 3 * module.hop_length + 17, fewest, fewest + module.hop_length + 5]
    x = torch.randn(3, max(lengths))
    for item, length in enumerate(lengths):
        x[item, length:] = float("nan")
    result = module(x, torch.tensor(lengths))
    assert result.isfinite().all()
    counts = module.n_frames(torch.tensor(lengths))
    axis = 1 if module.frames_last else 0
    for item, length in enumerate(lengths):
        alone = module(x[item, :length])
        frames = int(counts[item])
        assert frames == module.n_frames(length) == alone.shape[axis]
        torch.testing.assert_close(
            result[item].narrow(axis, 0, frames),
            alone,
            rtol=0,
            atol=tolerances.BATCH * max(5, float(alone.abs().max())),
        )
        assert not result[item].narrow(axis, frames, result.shape[axis + 1] - frames).any()


@pytest.mark.parametrize("changes", [{}, {"pad_right": 500}, {"preemphasis": 0.97}, {"remove_mean": True}])
def test_zeros_after_a_short_clip_are_not_computed_but_count(changes):
    """Lengths up to the end of the fixed one, where the padding on the right mirrors the clip."""
    module = core.front_end("whisper", clip_length=4000, **changes)
    for time in (1, 2, 150, 201, 1599, 1600, 3400, 3499, 3500, 3959, 3960, 3999, 4000, 5000):
        x = torch.randn(2, time)
        filled = torch.nn.functional.pad(x, [0, max(0, 4000 - time)])
        assert (module(x) - module(filled)).abs().max() <= tolerances.FLOAT32_ROUND_OFF
    lengths = torch.tensor([1700, 900])
    x = torch.randn(2, 2000)
    for item, length in enumerate(lengths):
        alone = module(x[item, :length])
        assert (module(x, lengths)[item] - alone).abs().max() <= tolerances.FLOAT32_ROUND_OFF


def test_thirty_seconds_and_a_sample_more_or_less():
    for name in ("whisper", "kaldi-fbank", "nemo-128"):
        for length in (479_999, 480_000, 480_001):
            x = 0.1 * np.random.default_rng(0).standard_normal(length).astype(np.float32)
            assert module_of(name)(torch.from_numpy(x)).shape == original(name, x).shape


def test_an_unknown_name_is_refused():
    with pytest.raises(ValueError, match=r"^name must be one of 'whisper', .*, got 'whispr'"):
        core.front_end("whispr")


@pytest.mark.parametrize(
    ("lengths", "error", "message"),
    [
        ([3000], TypeError, "lengths must be a tensor of whole numbers, got list"),
        (torch.tensor([3000.0]), TypeError, "lengths must be a tensor of whole numbers, got torch.float32"),
        (torch.tensor(3000), ValueError, r"lengths must have the shape \[1\] of the batch, got \[\]"),
    ],
)
def test_lengths_that_do_not_fit(lengths, error, message):
    with pytest.raises(error, match=message):
        core.FrontEnd()(torch.randn(1, 3000), lengths)
