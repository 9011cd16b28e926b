"""Hugging Face's preprocessor_config.json gives the front end of the extractor that wrote it."""

import warnings

import numpy as np
import pytest
import torch
from tests import tolerances

import nnaudio2_core as core

# Arguments that differ from the extractor's defaults, and where its result stands.
CASES = [
    (
        "WhisperFeatureExtractor",
        {"feature_size": 100, "chunk_length": 5, "hop_length": 128},
        "input_features",
    ),
    ("VoxtralRealtimeFeatureExtractor", {"global_log_mel_max": 1.0}, "input_features"),
    ("ParakeetFeatureExtractor", {"feature_size": 128, "hop_length": 200}, "input_features"),
    ("ASTFeatureExtractor", {"max_length": 100, "mean": -3.0}, "input_values"),
    ("ASTFeatureExtractor", {"do_normalize": False, "num_mel_bins": 64}, "input_values"),
    ("Speech2TextFeatureExtractor", {"num_mel_bins": 40, "normalize_vars": False}, "input_features"),
    ("SeamlessM4TFeatureExtractor", {"num_mel_bins": 40}, "input_features"),
    ("ClapFeatureExtractor", {"truncation": "rand_trunc", "max_length_s": 2}, "input_features"),
    ("Gemma3nAudioFeatureExtractor", {"mel_floor": 1e-3, "frame_length_ms": 25.0}, "input_features"),
    ("Gemma3nAudioFeatureExtractor", {"per_bin_mean": [0.5] * 128}, "input_features"),
    ("Gemma4AudioFeatureExtractor", {"mel_floor": 1e-2, "frame_length_ms": 32.0}, "input_features"),
    ("LasrFeatureExtractor", {"feature_size": 80}, "input_features"),
]


@pytest.mark.parametrize(("kind", "changes", "feature"), CASES, ids=lambda value: str(value)[:40])
def test_the_front_end_of_an_extractor(kind, changes, feature, tmp_path):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        import transformers

        extractor = getattr(transformers, kind)(**changes)
        extractor.save_pretrained(tmp_path)
        module = core.front_end.from_config(tmp_path / "preprocessor_config.json")
        x = 0.1 * np.random.default_rng(0).standard_normal(12_000).astype(np.float32)
        clips = [x] if kind.startswith("Gemma4") else x
        expected = np.asarray(extractor(clips, sampling_rate=int(module.sr), return_tensors="np")[feature])
    expected = torch.from_numpy(expected).squeeze().double()
    result = module(torch.from_numpy(x)).double()
    assert result.shape == expected.shape
    assert (result - expected).abs().median() <= tolerances.FRONT_END_MEDIAN
    assert (result - expected).abs().max() <= tolerances.FRONT_END_QUIET_BANDS


@pytest.mark.parametrize(
    ("config", "message"),
    [
        ({}, "feature_extractor_type must be one of 'WhisperFeatureExtractor', .*, got None"),
        ({"feature_extractor_type": "SeamlessM4TFeatureExtractor", "stride": 3}, "stride must be 2"),
        ({"feature_extractor_type": "EncodecFeatureExtractor"}, "feature_extractor_type must be one of"),
        (
            {"feature_extractor_type": "WhisperFeatureExtractor", "dither": 1e-5},
            "dither must be 0, got 1e-05",
        ),
    ],
)
def test_configs_that_are_not_covered(config, message):
    with pytest.raises(ValueError, match=message):
        core.front_end.from_config(config)


def test_a_config_that_is_no_mapping():
    with pytest.raises(TypeError, match="config must be a path or a mapping, got 3"):
        core.front_end.from_config(3)
