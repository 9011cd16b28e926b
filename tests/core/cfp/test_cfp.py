"""CFP against direct sums, the legacy classes' goldens and its own defining properties."""

import copy
import json
from pathlib import Path

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.signal.windows import blackmanharris
from tests.oracles import cfp as oracle
from tests.tolerances import (
    CFP_CHUNKED_FLOAT32,
    CFP_DIRECT_FLOAT64,
    CFP_DIRECT_LOGARITHM,
    CFP_GOLDEN_FLOAT32,
    CFP_GOLDEN_SAME_CONSTANTS,
)

from nnaudio2_core import CFP, CombinedFrequencyPeriodicity
from nnaudio2_core.module.precision import split_constant

SMALL = {"fr": 20, "fs": 8000, "hop_length": 61, "window_size": 201, "fc": 100, "NumPerOct": 24}
OUTPUTS = ("Z", "tfrL0", "tfrLF", "tfrLQ")
GOLDENS = np.load(Path(__file__).parents[2] / "oracles" / "goldens" / "cfp.npz")
CASES = sorted({key.split("/")[0] for key in GOLDENS})
LONG = 300_000  # samples that are cut into several chunks
BOTH = pytest.mark.parametrize("cls", [CFP, CombinedFrequencyPeriodicity])


def outputs(transform, x):
    """All outputs as a list, whichever class it is."""
    y = transform(x)
    return [y] if isinstance(y, torch.Tensor) else list(y)


def relative(a, b):
    """Largest difference as a share of the largest value of ``b``."""
    a, b = torch.as_tensor(a).double(), torch.as_tensor(b).double()
    assert a.shape == b.shape
    return float((a - b).abs().max() / b.abs().max())


# --- direct sums ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "changes",
    [
        {"tc": 0.001, "g": [0.24, 0.6, 1]},
        {"tc": 0.001, "g": [0.5, 0.6], "NumPerOct": 48.5, "window_size": 200},
        {"tc": 1 / 3990, "g": [0.24, 0.6, 0.9, 0.5, 0.7], "fr": 32, "fs": 8015, "window_size": 250},
        {"tc": 1 / 900, "g": [0.24, 0.6, 1], "fr": 23, "window_size": 347, "hop_length": 400},
        {"tc": 2 / 8000, "g": [1, 1, 1, 1]},
        {"tc": 0.001, "g": [0.5, 0, 0]},
    ],
)
def test_direct_sums(changes):
    arguments = {**SMALL, **changes}
    x = np.random.default_rng(0).standard_normal(1500)
    expected = oracle.cfp(x, **arguments)
    tolerance = CFP_DIRECT_LOGARITHM if 0 in changes["g"] else CFP_DIRECT_FLOAT64
    for y, z in zip(CombinedFrequencyPeriodicity(**arguments)(torch.from_numpy(x)), expected, strict=True):
        assert relative(y, z[:, 1:-1]) < tolerance
    for engine in ("fft", "real"):
        salience = CFP(**arguments, engine=engine)(torch.from_numpy(x))
        assert relative(salience, expected[0]) < tolerance


@settings(max_examples=20, deadline=None)
@given(
    fs=st.integers(2000, 4000),
    fr=st.floats(10, 40),
    per_octave=st.integers(5, 60),
    hop_length=st.integers(1, 300),
    samples=st.integers(60, 400),  # of fewer the spectrum is flat, and the layers are round-off
    top=st.floats(0.3, 1.0),
)
def test_direct_sums_for_any_grid(fs, fr, per_octave, hop_length, samples, top):
    arguments = {"fr": fr, "fs": fs, "hop_length": hop_length, "window_size": 49, "NumPerOct": per_octave}
    arguments |= {"fc": 3.0 * fr, "tc": 2 / fs / top, "g": [0.5, 0.8, 1]}
    x = np.random.default_rng(0).standard_normal(samples)
    transform = CFP(**arguments)
    salience = transform(torch.from_numpy(x))
    assert salience.shape == (transform.n_bins, transform.n_frames(samples))
    assert relative(salience, oracle.cfp(x, **arguments)[0]) < CFP_DIRECT_FLOAT64


# --- goldens -------------------------------------------------------------------------------------------


def golden(case):
    config = json.loads(str(GOLDENS[f"{case}/config"]))
    return config, torch.from_numpy(GOLDENS[f"{case}/x"])


def use_the_constants_of_the_legacy_class(transform):
    """The legacy window is rounded to float32 before it is normalised; the maps are rounded when complete."""
    window = blackmanharris(transform.config["window_size"]).astype(np.float32).astype(np.float64)
    transform.window.copy_(split_constant(window / np.linalg.norm(window)))
    transform._bin_weights[1] = 0.0
    transform._lag_weights[1] = 0.0


@pytest.mark.parametrize("case", CASES)
def test_the_legacy_formula(case):
    """With the legacy constants the results are the legacy numbers, logarithms and five layers included."""
    config, x = golden(case)
    salience, four = CFP(**config), CombinedFrequencyPeriodicity(**config)
    use_the_constants_of_the_legacy_class(salience)
    use_the_constants_of_the_legacy_class(four)
    assert relative(salience(x.double()), GOLDENS[f"{case}/CFP"]) < CFP_GOLDEN_SAME_CONSTANTS
    for key, y in zip(OUTPUTS, four(x.double()), strict=True):
        assert relative(y, GOLDENS[f"{case}/{key}"]) < CFP_GOLDEN_SAME_CONSTANTS


@pytest.mark.parametrize("case", CASES)
def test_goldens_in_float32(case):
    """Only where float32 is meaningful: two logarithms in a row turn round-off into noise, as in nnAudio."""
    config, x = golden(case)
    keyed = dict(zip(OUTPUTS, CombinedFrequencyPeriodicity(**config)(x), strict=True)) | {
        "CFP": CFP(**config)(x)
    }
    for key, y in keyed.items():
        if float(GOLDENS[f"{case}/{key}/float32_error"]) < CFP_GOLDEN_FLOAT32:
            assert relative(y, GOLDENS[f"{case}/{key}"]) < CFP_GOLDEN_FLOAT32


def test_most_goldens_are_held_to_the_plain_tolerance():
    loose = {
        key.split("/")[0]
        for key in GOLDENS
        if key.endswith("error") and GOLDENS[key] > CFP_GOLDEN_FLOAT32 / 2
    }
    assert loose == {"five_layers", "logarithms"}


# --- defining properties -------------------------------------------------------------------------------


@pytest.mark.parametrize("pitch", [110.0, 187.0, 330.0, 452.0])
def test_a_harmonic_tone_peaks_at_its_pitch(pitch):
    time = torch.arange(16000) / 16000
    x = sum(torch.sin(2 * torch.pi * pitch * k * time) / k for k in range(1, 11))
    transform = CFP()
    salience = transform(x)
    peaks = transform.frequencies[salience[:, 5:-5].argmax(0)]
    # One row next to the nearest is allowed: bins are 2 Hz apart, lags 1 / 16 ms.
    assert (torch.log2(peaks / pitch).abs() * 48 <= 1.5).all()


def test_salience_is_the_product_of_its_factors():
    x = torch.randn(3, 16000)
    Z, _, frequency, lag = CombinedFrequencyPeriodicity()(x)
    assert torch.equal(Z, frequency * lag)
    assert relative(Z, CFP()(x)[..., 1:-1]) < CFP_CHUNKED_FLOAT32


def test_layers_scale_by_the_product_of_their_exponents():
    transform = CombinedFrequencyPeriodicity(**SMALL, g=[0.4, 0.6, 0.8])
    x = torch.randn(2000, dtype=torch.float64)
    expected = (3.0 ** (0.4 * 0.6 * 1.8), 3.0, 3.0 ** (0.4 * 0.6 * 0.8), 3.0 ** (0.4 * 0.6))
    for y, scaled, factor in zip(transform(x), transform(3.0 * x), expected, strict=True):
        assert relative(scaled, factor * y) < CFP_DIRECT_FLOAT64


def test_a_delay_of_a_hop_shifts_the_frames():
    transform = CFP(**SMALL)
    x = torch.randn(2000, dtype=torch.float64)
    delayed = torch.nn.functional.pad(x, (61, 0))
    assert relative(transform(delayed)[:, 1:], transform(x)) < CFP_DIRECT_FLOAT64


@BOTH
def test_silence_is_zero(cls):
    for y in outputs(cls(), torch.zeros(2, 16000)):
        assert torch.equal(y, torch.zeros_like(y))


def test_rows_are_fractions_of_an_octave_apart():
    transform = CFP(fc=55, tc=1 / 880, NumPerOct=12)
    assert transform.n_bins == len(transform.frequencies) == 47
    torch.testing.assert_close(
        transform.frequencies[[0, 12, 46]], 55.0 * 2 ** torch.tensor([0, 1, 46 / 12]).double()
    )


# --- gradients -----------------------------------------------------------------------------------------


def few_values(cls):
    return cls(fr=100, fs=3200, hop_length=18, window_size=21, fc=300, tc=1 / 1500, NumPerOct=4)


@BOTH
def test_gradcheck(cls):
    x = torch.randn(2, 40, dtype=torch.float64, requires_grad=True)
    assert torch.autograd.gradcheck(few_values(cls), x)


@BOTH
@pytest.mark.parametrize("g", [(0.24, 0.6, 1), (0.01, 0.1, 0.1), (0.24, 0, 0), (2, 1, 0.5, 0.5)])
@pytest.mark.parametrize("level", [0.0, 1e-30, 1e-17, 1e-12, 1e-4, 1e4])
def test_gradients_are_finite_at_every_level(cls, g, level):
    x = level * torch.randn(2000)
    x[:1000] = 0.0
    x.requires_grad_()
    for y in outputs(cls(**SMALL, g=g), x):
        (grad,) = torch.autograd.grad(y.sum(), x, retain_graph=True)
        assert grad.isfinite().all()


@BOTH
def test_gradient_of_silence_is_zero(cls):
    x = torch.zeros(2000, requires_grad=True)
    for y in outputs(cls(**SMALL), x):
        (grad,) = torch.autograd.grad(y.sum(), x, retain_graph=True)
        assert torch.equal(grad, torch.zeros_like(x))


def test_forward_mode_and_second_derivative_are_finite_at_silence():
    transform = few_values(CFP)
    x = torch.zeros(40, dtype=torch.float64)
    _, tangent = torch.func.jvp(transform, (x,), (torch.ones_like(x),))
    assert tangent.isfinite().all()
    assert torch.func.hessian(lambda x: transform(x).sum())(x).isfinite().all()


# --- precision -----------------------------------------------------------------------------------------


def signal(kind):
    """One second at 16 kHz that, except for the noise, a float32 FFT does not resolve."""
    generator = torch.Generator().manual_seed(0)
    time = torch.arange(16000, dtype=torch.float64) / 16000
    noise = torch.randn(16000, dtype=torch.float64, generator=generator)
    spectrum = torch.fft.rfft(noise)
    k = torch.arange(len(spectrum))
    return {
        "noise": noise,
        "tone": torch.sin(2 * torch.pi * 440 * time),
        "harmonics": sum(torch.sin(2 * torch.pi * 220.3 * m * time) / m for m in range(1, 11)),
        "without upper half": torch.fft.irfft(torch.where(k < 4000, spectrum, 1e-9)),
        "without lowest bins": torch.fft.irfft(torch.where(k < 20, 1e-9, spectrum)),
        "red": torch.fft.irfft(spectrum / (1.0 + k) ** 2),
    }[kind]


KINDS = ["noise", "tone", "harmonics", "without upper half", "without lowest bins", "red"]


@pytest.mark.parametrize("engine", ["fft", "real"])
@pytest.mark.parametrize("kind", KINDS)
def test_float32_is_near_direct_sums_in_float64(kind, engine):
    """Except for the noise, round-off of a float32 FFT would be 1e-3 to 7e-2 of the maximum."""
    arguments = {**SMALL, "tc": 0.001, "g": (0.24, 0.6, 1)}
    x = signal(kind)[:3000].float()
    expected = oracle.cfp(x.double().numpy(), **arguments)
    assert relative(CFP(**arguments, engine=engine)(x), expected[0]) < CFP_CHUNKED_FLOAT32
    four = CombinedFrequencyPeriodicity(**arguments, engine=engine)(x)
    for y, z in zip(four, expected, strict=True):
        assert relative(y, z[:, 1:-1]) < CFP_CHUNKED_FLOAT32


@pytest.mark.parametrize("kind", KINDS)
def test_float32_is_near_float64_with_long_frames(kind):
    for cls in (CFP, CombinedFrequencyPeriodicity):
        x = signal(kind).float()
        for y, z in zip(outputs(cls(), x), outputs(cls(), x.double()), strict=True):
            assert relative(y, z) < CFP_CHUNKED_FLOAT32


@BOTH
@pytest.mark.parametrize("engine", ["fft", "real"])
@pytest.mark.parametrize("samples", [1000, 1, LONG])
def test_a_click_has_no_pitch(cls, engine, samples):
    """Its spectrum is flat, and its cepstrum is exactly 0 instead of round-off."""
    transform = cls(**SMALL, engine=engine)
    for level in (1.0, 0.3, 1e-5):
        x = torch.zeros(max(samples, transform.min_samples))
        x[len(x) // 2] = level
        assert outputs(transform, x)[0].count_nonzero() == 0


def types_of_ffts(monkeypatch, call):
    """The types in which frames are transformed, in turn."""
    seen, rfft = [], torch.fft.rfft

    def watched(x, *arguments, **named):
        seen.append(x.dtype)
        return rfft(x, *arguments, **named)

    with monkeypatch.context() as patch:
        patch.setattr(torch.fft, "rfft", watched)
        call()
    return seen


def test_float64_only_where_float32_does_not_resolve(monkeypatch):
    """float32 saves a third of the time. A chunk decides for the rest of its clip, not for the next clip."""
    transform = CFP()
    noise, tone, silence = signal("noise").float(), signal("tone").float(), torch.zeros(16000)

    def types(x):
        return types_of_ffts(monkeypatch, lambda: transform(x))

    narrow, wide = torch.float32, torch.float64
    assert types(noise) == types(silence) == [narrow]
    assert types(tone) == [narrow, wide]
    assert types(noise.double()) == [wide]
    late = torch.cat([noise.repeat(2), tone, noise.repeat(3)])  # of 300 frames, 75 to a chunk
    clips = torch.stack([late, noise.repeat(6)])
    assert types(clips) == [narrow, narrow, wide, wide, wide] + 4 * [narrow]


@pytest.mark.parametrize("kind", ["tone", "noise"])
def test_vmap_gives_each_item_its_own_precision(kind):
    transform = CFP()
    both = torch.stack([signal(kind).float(), signal("tone").float()])

    def nested(x):
        return torch.func.vmap(torch.func.vmap(transform))(x[None])[0]

    for batched in (torch.func.vmap(transform), nested):
        for y, x in zip(batched(both), both, strict=True):
            assert relative(y, transform(x)) < CFP_CHUNKED_FLOAT32


@BOTH
@pytest.mark.parametrize("samples", [700, 8000])  # less than four frames; three clips to a chunk
def test_an_item_does_not_depend_on_the_others(cls, samples):
    """Bit for bit: whether float32 resolves an item is decided for it alone."""
    transform = cls()
    x = torch.stack([signal(kind).float()[:samples] for kind in ("noise", "tone", "red", "harmonics")])
    x = torch.cat([x, torch.zeros(1, samples), 1e-20 * x[:2]])
    for y, *items in zip(outputs(transform, x), *(outputs(transform, item) for item in x), strict=True):
        for i, item in enumerate(items):
            assert torch.equal(y[i], item)


@BOTH
@pytest.mark.parametrize("engine", ["fft", "real"])
@pytest.mark.parametrize("kind", ["noise", "tone", "red"])
@pytest.mark.parametrize("g", [(0.24, 0.6, 1), (0.5, 0.7, 0.8, 1.2)])
def test_float32_holds_at_every_level(cls, engine, kind, g):
    transform = cls(**SMALL, g=g, engine=engine)
    clips = torch.stack([signal(kind)[:2000] * level for level in (1e-30, 1e-11, 1.0, 1e19, 1e30)]).float()
    if kind == "red":
        clips = clips / clips[2].abs().max()
    for y, wide in zip(outputs(transform, clips), outputs(transform, clips.double()), strict=True):
        for item, expected in zip(y, wide, strict=True):
            assert relative(item, expected) < CFP_GOLDEN_FLOAT32


def test_logarithms_keep_their_offset_at_every_level():
    """The offset of 1e-8 is absolute: it stays below loud layers and swallows quiet ones."""
    transform = CFP(**SMALL, g=(1, 0))
    for level in (1e-12, 1e-4, 1e4, 1e12):
        x = level * signal("noise")[:2000]
        assert relative(transform(x.float()), transform(x)) < CFP_GOLDEN_FLOAT32


@BOTH
def test_a_clip_without_a_period_is_refused(cls):
    transform = cls(fr=20, fs=8000, hop_length=5, window_size=201, fc=100)  # lags from 8 samples on
    assert transform.min_samples == (10 if cls is CombinedFrequencyPeriodicity else 9)
    with pytest.raises(ValueError, match="at least min_samples"):
        transform(torch.randn(3))


def test_lags_beyond_the_window():
    """The least lag is half of the layer, so little of it is left for the gridded transform."""
    transform = CFP(fr=10, fs=16000, window_size=257, fc=22, tc=1 / 40)
    x = torch.randn(4000)
    assert relative(transform(x), transform(x.double())) < CFP_GOLDEN_FLOAT32


def test_tensors_without_data():
    """Only shapes, as memory planners and compilers use them."""
    from torch._subclasses import FakeTensorMode

    with FakeTensorMode() as mode:
        transform = CFP(**SMALL)
        assert transform(mode.from_tensor(torch.randn(2000))).shape == CFP(**SMALL)(torch.randn(2000)).shape
    assert CFP(**SMALL).to("meta")(torch.zeros(2000, device="meta")).is_meta


@BOTH
def test_gradient_where_float64_is_needed(cls):
    """Near that of float64, although derivatives of roots are large next to zero; from a float32 FFT it would
    be unrelated."""
    x = signal("harmonics").float().requires_grad_()
    transform = cls()
    (ours,) = torch.autograd.grad(outputs(transform, x)[0].sum(), x)
    wide = x.detach().double().requires_grad_()
    (exact,) = torch.autograd.grad(outputs(transform, wide)[0].sum(), wide)
    assert (ours - exact).norm() < 0.1 * exact.norm()


# --- promises of every transform -----------------------------------------------------------------------


@BOTH
def test_batch_equals_items_and_leading_axes_come_back(cls):
    transform = cls(**SMALL)
    x = torch.randn(2, 3, 2000)
    for y, one in zip(outputs(transform, x), outputs(transform, x[1, 2]), strict=True):
        assert y.shape[:2] == (2, 3)
        assert y.shape[2:] == one.shape
        assert relative(y[1, 2], one) < CFP_CHUNKED_FLOAT32


@BOTH
@pytest.mark.parametrize("items", [1, 60])
def test_chunks_equal_the_whole(cls, items):
    """Several chunks of one clip, and chunks of several clips, against frames of a part of the clip."""
    transform = cls(**SMALL)
    x = torch.randn(items, LONG // items)
    middle = 61 * 20
    for y, part in zip(outputs(transform, x), outputs(transform, x[-1, middle:]), strict=True):
        assert relative(y[-1, :, 30:], part[:, 10:]) < CFP_CHUNKED_FLOAT32


@BOTH
def test_script_with_and_without_chunks(cls, tmp_path):
    transform = cls(**SMALL)
    torch.jit.script(transform).save(tmp_path / "cfp.pt")
    loaded = torch.jit.load(tmp_path / "cfp.pt")
    for samples in (2000, LONG):
        x = torch.randn(samples)
        for y, z in zip(outputs(loaded, x), outputs(transform, x), strict=True):
            assert torch.equal(y, z)
    assert loaded.n_frames(2000) == transform.n_frames(2000)
    with pytest.raises(torch.jit.Error, match="min_samples"):
        loaded(torch.zeros(0))


@BOTH
def test_export_with_any_batch_and_time(cls):
    transform = cls(**SMALL)
    dims = {0: torch.export.Dim("batch", min=1, max=64), 1: torch.export.Dim("time", min=500, max=10**6)}
    program = torch.export.export(transform, (torch.randn(2, 2000),), dynamic_shapes=(dims,)).module()
    for shape in ((3, 1234), (2, LONG // 2)):
        x = torch.randn(shape)
        for y, z in zip(outputs(program, x), outputs(transform, x), strict=True):
            assert relative(y, z) < CFP_CHUNKED_FLOAT32


def test_compile_whole():
    transform = CombinedFrequencyPeriodicity(**SMALL)
    # aot_eager: our code can break capture and decomposition, but not the code generator.
    compiled = torch.compile(transform, fullgraph=True, dynamic=True, backend="aot_eager")
    for shape in ((2, 2000), (3, LONG // 3)):
        x = torch.randn(shape)
        for y, z in zip(outputs(compiled, x), outputs(transform, x), strict=True):
            assert relative(y, z) < CFP_CHUNKED_FLOAT32


@BOTH
def test_vmap_and_its_gradient(cls):
    transform = cls(**SMALL)
    x = torch.randn(3, 2000)
    for y, z in zip(
        torch.func.vmap(lambda x: tuple(outputs(transform, x)))(x), outputs(transform, x), strict=True
    ):
        assert relative(y, z) < CFP_CHUNKED_FLOAT32
    per_item = torch.func.vmap(torch.func.grad(lambda x: outputs(transform, x)[0].sum()))(x)
    x.requires_grad_()
    (together,) = torch.autograd.grad(outputs(transform, x)[0].sum(), x)
    assert relative(per_item, together) < CFP_GOLDEN_FLOAT32


@BOTH
def test_types(cls):
    transform = cls(**SMALL)
    x = 0.1 * torch.randn(2, 2000)
    for dtype in (torch.float64, torch.float32, torch.float16, torch.bfloat16):
        narrow = x.to(dtype)
        expected = outputs(transform, narrow if dtype == torch.float64 else narrow.float())
        for y, z in zip(outputs(transform, narrow), expected, strict=True):
            assert y.dtype == dtype
            assert torch.equal(y, z.to(dtype))
    with pytest.raises(TypeError, match=r"x\.float\(\) / 32768"):
        transform(torch.zeros(2, 2000, dtype=torch.int16))


@BOTH
def test_precision_follows_the_input_not_the_module(cls):
    x = torch.randn(2000)
    plain = outputs(cls(**SMALL), x)
    with torch.autocast("cpu", torch.bfloat16):
        under_autocast = outputs(cls(**SMALL), x)
    for y, z, halved in zip(plain, under_autocast, outputs(cls(**SMALL).half(), x), strict=True):
        assert torch.equal(y, z)
        assert torch.equal(y, halved)


@BOTH
def test_forward_changes_nothing(cls):
    transform = cls(**SMALL)
    x = torch.randn(2, 2000)
    before, kept = copy.deepcopy(transform), x.clone()
    transform(x)
    assert torch.equal(x, kept)
    assert vars(transform).keys() == vars(before).keys()
    for (name, buffer), (_, old) in zip(transform.named_buffers(), before.named_buffers(), strict=True):
        assert torch.equal(buffer, old), name
    assert transform.state_dict() == {}
    assert list(transform.parameters()) == []


@BOTH
def test_config_rebuilds_the_module(cls):
    transform = cls(4, 8000, hop_length=100, window_size=512, g=[0.3, 0.5], NumPerOct=24)
    rebuilt = cls(**json.loads(json.dumps(transform.config)))
    assert rebuilt.config == transform.config
    assert repr(rebuilt) == repr(transform)
    x = torch.randn(2000)
    assert torch.equal(outputs(rebuilt, x)[0], outputs(transform, x)[0])


@BOTH
@pytest.mark.parametrize(("fs", "fr"), [(16000, 2), (22050, 2)])  # even and odd n_fft
def test_shortest_clip_and_count_of_frames(cls, fs, fr):
    transform = cls(fr=fr, fs=fs)
    shortest = transform.min_samples
    for samples in (shortest, shortest + 319, shortest + 320, 5000):
        assert outputs(transform, torch.zeros(samples))[0].shape == (174, transform.n_frames(samples))
    message = rf"min_samples = {shortest} samples, got {shortest - 1}"
    with pytest.raises(ValueError, match=message):
        transform(torch.zeros(shortest - 1))
    with pytest.raises(ValueError, match=message):
        transform.n_frames(shortest - 1)


@BOTH
@pytest.mark.parametrize(
    ("arguments", "error", "message"),
    [
        ({"fr": 0}, ValueError, "fr must be > 0, got 0"),
        ({"fs": -1}, ValueError, "fs must be > 0, got -1"),
        ({"fs": "16k"}, TypeError, "fs must be a number, got '16k'"),
        ({"hop_length": 0}, ValueError, "hop_length must be >= 1, got 0"),
        ({"hop_length": 2.5}, TypeError, r"hop_length must be an integer, got 2\.5"),
        ({"window_size": 8001}, ValueError, r"window_size must be <= int\(fs / fr\) = 8000, got 8001"),
        ({"window_size": 0}, ValueError, "window_size must be >= 1, got 0"),
        ({"fc": 0}, ValueError, "fc must be > 0, got 0"),
        ({"fc": 4}, ValueError, r"fc must be > fs / 3999\.5 = 4\.0005 Hz, got 4"),
        ({"fc": 1000}, ValueError, r"tc must be < 1 / fc = 0\.001 s, got 0\.001"),
        ({"tc": 0}, ValueError, "tc must be > 0, got 0"),
        ({"tc": 1 / 8001}, ValueError, r"tc must be >= 2 / fs = 0\.000125 s, got 0\.000124"),
        ({"g": [1]}, ValueError, r"g must hold at least 2 exponents, got \[1\]"),
        ({"g": 0.24}, TypeError, r"g must be a list of numbers, got 0\.24"),
        ({"g": [0, 1]}, ValueError, r"g\[0\] must be > 0, got 0"),
        ({"g": [1, 1, -0.5]}, ValueError, r"g\[2\] must be >= 0, got -0\.5"),
        ({"NumPerOct": 0}, ValueError, "NumPerOct must be > 0, got 0"),
        ({"fc": 900, "NumPerOct": 12}, ValueError, "NumPerOct must put at least 3 centres .* which puts 2"),
    ],
)
def test_arguments_out_of_range(cls, arguments, error, message):
    with pytest.raises(error, match=message):
        cls(**arguments)


@BOTH
def test_every_device(cls, device):
    transform = cls(**SMALL)
    x = torch.randn(2, 2000)
    for y, z in zip(
        outputs(copy.deepcopy(transform).to(device), x.to(device)), outputs(transform, x), strict=True
    ):
        assert y.device.type == device.type
        assert relative(y.cpu(), z) < CFP_GOLDEN_FLOAT32
