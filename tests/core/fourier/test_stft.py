"""STFT and its inverse: against direct sums, torch, the legacy package, and themselves."""

import math

import nnAudio2.features as legacy
import numpy as np
import pytest
import torch
from tests import tolerances
from tests.oracles import fourier
from torch.autograd import forward_ad

from nnaudio2_core import STFT, iSTFT
from nnaudio2_core.module.user_warning import told

SR = 8000

CASES = [
    {},
    {"n_fft": 64, "hop_length": 16},
    {"n_fft": 65, "hop_length": 13},
    {"n_fft": 64, "win_length": 40, "hop_length": 7},
    {"n_fft": 63, "win_length": 32},
    {"n_fft": 64, "center": False},
    {"n_fft": 64, "pad_mode": "constant"},
    {"n_fft": 64, "pad_mode": "replicate"},
    {"n_fft": 64, "pad_mode": "circular"},
    {"n_fft": 64, "window": ("kaiser", 6.0)},
    {"n_fft": 64, "freq_bins": 10},
    {"n_fft": 64, "freq_bins": 64},
    {"n_fft": 65, "freq_bins": 65},
    {"n_fft": 64, "freq_scale": "linear", "fmin": 0, "fmax": 4000},
    {"n_fft": 64, "freq_scale": "log", "fmin": 20, "fmax": 4000, "freq_bins": 50},
    {"n_fft": 65, "freq_scale": "log2", "fmin": 100, "fmax": 3000, "freq_bins": 7, "hop_length": 5},
    {"n_fft": 64, "freq_scale": "log", "fmin": 100, "fmax": 3000, "center": False, "win_length": 33},
]


def reference(x, n_fft=2048, win_length=None, hop_length=None, window="hann", center=True, **other):
    win_length = win_length or n_fft
    frequencies = fourier.grid(
        other.get("freq_scale", "no"),
        other.get("freq_bins", n_fft // 2 + 1),
        n_fft,
        other.get("fmin", 50),
        other.get("fmax", 6000),
        SR,
    )
    return fourier.stft(
        x,
        frequencies,
        SR,
        fourier.centred_window(window, win_length, n_fft),
        hop_length or win_length // 4,
        center,
        other.get("pad_mode", "reflect"),
    )


@pytest.mark.parametrize("engine", ["fft", "real"])
@pytest.mark.parametrize("arguments", CASES, ids=str)
def test_equals_the_direct_sum(arguments, engine):
    x = torch.randn(3000 if arguments == {} else 500, dtype=torch.float64)
    expected = reference(x.numpy(), **arguments)
    X = torch.view_as_complex(STFT(sr=SR, engine=engine, **arguments)(x).contiguous()).numpy()
    assert X.shape == expected.shape
    bound = tolerances.STFT_DIRECT_FLOAT64 if engine == "fft" else tolerances.STFT_REAL_KERNELS
    assert np.abs(X - expected).max() <= bound * np.abs(expected).max()


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
def test_equals_torch(dtype, device, recording):
    if device.type == "mps" and dtype == torch.float64:
        pytest.skip("MPS has no float64")
    x, _ = recording("sir_duke_fast")
    x = x.to(device, dtype)
    window = torch.hann_window(2048, dtype=dtype, device=device)
    expected = torch.stft(x, 2048, 512, window=window, return_complex=True)
    X = torch.view_as_complex(STFT(2048, hop_length=512).to(device)(x).contiguous())
    bound = tolerances.STFT_DIRECT_FLOAT64 if dtype == torch.float64 else tolerances.STFT_FLOAT32
    assert (X - expected).abs().max() <= bound * expected.abs().max()


@pytest.mark.parametrize("freq_scale", ["no", "linear", "log", "log2"])
@pytest.mark.parametrize("output_format", ["Complex", "Magnitude"])
def test_equals_the_legacy_class(freq_scale, output_format):
    arguments = {"n_fft": 512, "freq_scale": freq_scale, "fmin": 100, "fmax": 8000, "sr": 22050}
    x = torch.randn(2, 6000)
    old = legacy.STFT(**arguments, output_format=output_format, verbose=False)
    new = STFT(**arguments, output_format=output_format)
    expected = old(x)
    assert (new(x) - expected).abs().max() <= tolerances.LEGACY_STFT * expected.abs().max()
    assert np.allclose(new.frequencies.numpy(), np.array(old.bins2freq), rtol=1e-12, atol=0)


def test_a_tone_peaks_in_its_bin_with_half_its_amplitude_times_the_window():
    stft = STFT(256, hop_length=64, sr=SR, output_format="Magnitude")
    x = 0.5 * torch.cos(2 * torch.pi * (20 * SR / 256) * torch.arange(4000, dtype=torch.float64) / SR + 1.0)
    S = stft(x)[:, 5:-5]
    assert (S.argmax(0) == 20).all()
    assert torch.allclose(S[20], torch.tensor(0.5 * 128 / 2, dtype=torch.float64), rtol=1e-12, atol=0)


def test_silence_has_the_phase_zero_whatever_the_sign_of_its_zeros():
    # FFTs of zeros contain zeros of either sign.
    assert not STFT(256, output_format="Phase")(torch.zeros(2, 2000)).any()


def test_phase_is_that_of_the_complex_result():
    x = torch.randn(2000)
    stft = STFT(128)
    X, phase = stft(x), stft(x, "Phase")
    assert torch.allclose(phase.cos() * stft(x, "Magnitude"), X[..., 0], rtol=0, atol=1e-4)
    assert torch.allclose(phase.sin() * stft(x, "Magnitude"), X[..., 1], rtol=0, atol=1e-4)
    assert (stft(torch.zeros(2000), "Phase") == 0).all()


def signals(recording):
    time = torch.arange(22050) / 22050
    impulses = torch.zeros(22050)
    impulses[[0, 1, 777, 11025, 22048, 22049]] = torch.tensor([1.0, -1.0, 0.5, 1.0, 0.3, -1.0])
    return {
        "tone": torch.sin(2 * torch.pi * 440 * time),
        "high tone": torch.sin(2 * torch.pi * 11000 * time),
        "noise": torch.randn(22050),
        "impulses": impulses,
        "sir_duke_fast": recording("sir_duke_fast")[0],
        "snare-accelerate": recording("snare-accelerate")[0],
    }


@pytest.mark.parametrize(
    "name", ["tone", "high tone", "noise", "impulses", "sir_duke_fast", "snare-accelerate"]
)
@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
@pytest.mark.parametrize(
    "arguments",
    [
        {},
        {"n_fft": 2048, "hop_length": 512},
        {"n_fft": 1024, "win_length": 600},
        {"n_fft": 513, "hop_length": 100},
        {"n_fft": 512, "pad_mode": "constant"},
    ],
    ids=str,
)
def test_round_trip(name, dtype, arguments, recording):
    x = signals(recording)[name].to(dtype)
    X = STFT(**arguments, iSTFT=True)(x)
    inverse = {key: value for key, value in arguments.items() if key != "pad_mode"}
    bound = tolerances.ROUND_TRIP_FLOAT32 if dtype == torch.float32 else tolerances.ROUND_TRIP_FLOAT64
    for y in (
        STFT(**arguments, iSTFT=True).inverse(X, length=len(x)),
        iSTFT(**inverse)(X, onesided=True, length=len(x)),
    ):
        assert y.dtype == dtype
        assert y.shape == x.shape
        assert (y - x).abs().max() <= bound * x.abs().max()


@pytest.mark.parametrize("n_fft", [64, 65])
@pytest.mark.parametrize("engine", ["fft", "real"])
def test_two_sided_round_trip(n_fft, engine):
    x = torch.randn(2, 700)
    stft = STFT(n_fft, hop_length=16, freq_bins=n_fft, engine=engine)
    X = stft(x)
    assert X.shape[1] == n_fft
    for y in (
        stft.inverse(X, onesided=False, length=700),
        iSTFT(n_fft, hop_length=16, engine=engine)(X, length=700),  # the legacy default is two-sided
    ):
        assert (y - x).abs().max() <= tolerances.ROUND_TRIP_FLOAT32 * x.abs().max()


@pytest.mark.parametrize("onesided", [True, False])
def test_inverse_of_any_spectrogram_is_torchs(onesided):
    n_fft, bins = 64, 33 if onesided else 64
    X = torch.randn(3, bins, 20, 2, dtype=torch.float64)
    window = torch.hann_window(n_fft, dtype=torch.float64)
    complex_X = torch.view_as_complex(X)
    if onesided:
        expected = torch.istft(complex_X, n_fft, 16, window=window)
    else:  # torch's two-sided istft returns the complex signal; the waveform is its real part
        expected = torch.istft(complex_X, n_fft, 16, window=window, onesided=False, return_complex=True).real
    y = iSTFT(n_fft, hop_length=16)(X, onesided)
    assert (y - expected).abs().max() <= tolerances.STFT_DIRECT_FLOAT64 * expected.abs().max()
    assert torch.equal(iSTFT(n_fft, hop_length=16)(complex_X, onesided), y)


@pytest.mark.parametrize("length", [0, 1, 500, 613, 700, 1000])
def test_length_is_exact(length):
    x = torch.randn(613)
    stft = STFT(64, hop_length=16)
    y = stft.inverse(stft(x), length=length)
    assert y.shape == (length,)
    seen = min(length, 613)
    assert (y[:seen] - x[:seen]).abs().max().item() <= 1e-5 if seen else True
    assert (y[700:] == 0).all()


def test_without_centering_only_samples_that_no_window_covers_are_lost():
    x = torch.randn(640, dtype=torch.float64)
    stft = STFT(64, hop_length=16, center=False)
    y = stft.inverse(stft(x))
    assert y.shape == x.shape
    assert y[0] == 0  # the Hann window is zero there
    assert (y[1:] - x[1:]).abs().max() <= 1e-9  # the window sum of sample 1 is only 2e-3 squared


@pytest.mark.parametrize("freq_scale", ["linear", "log", "log2"])
def test_guard_names_the_argument_its_value_and_what_to_do(freq_scale):
    X = torch.randn(1, 33, 10, 2)
    told.clear()  # each warning is given once in a process
    with pytest.warns(
        UserWarning, match=rf"^STFT is analysis-only: freq_scale.*'{freq_scale}'.*Inverse\(stft\)"
    ):
        stft = STFT(64, freq_scale=freq_scale, iSTFT=True)
    with pytest.warns(UserWarning, match=rf"^iSTFT is analysis-only: .*'{freq_scale}'") as caught:
        inverse = iSTFT(64, freq_scale=freq_scale)
    assert caught[0].filename == __file__
    STFT(**stft.config), iSTFT(**inverse.config)  # the same text is not given again
    STFT(64, freq_scale=freq_scale)  # nobody asked for an inverse
    for invert in (stft.inverse, inverse):
        with pytest.raises(RuntimeError, match=rf"freq_scale.*'{freq_scale}'.*GriffinLim.*Inverse"):
            invert(X)
    scripted = torch.jit.script(inverse)
    with pytest.raises(torch.jit.Error, match=rf"freq_scale.*'{freq_scale}'"):
        scripted(X)


def test_other_losses_are_refused_by_name():
    X = torch.randn(1, 33, 10, 2)
    with pytest.raises(
        RuntimeError, match=r"freq_bins must be at least n_fft // 2 \+ 1 = 33 to invert, got 20"
    ):
        STFT(64, freq_bins=20).inverse(X)
    with pytest.raises(RuntimeError, match=r"hop_length .* got 64"):
        STFT(64, hop_length=64).inverse(X)
    with pytest.raises(ValueError, match="hop_length"):
        STFT(64, hop_length=64, iSTFT=True)
    with pytest.raises(ValueError, match=r"must have n_fft // 2 \+ 1 = 33 bins or n_fft = 64, got 20"):
        STFT(64).inverse(X[:, :20])
    with pytest.raises(ValueError, match="33 bins with onesided=True, got 20"):
        STFT(64).inverse(X[:, :20], onesided=True)
    with pytest.raises(ValueError, match=r"n_fft = 64 bins with onesided=False, got 33; .*onesided=True"):
        iSTFT(64)(X, onesided=False)
    with pytest.raises(ValueError, match="freq_bins must be <= n_fft = 64, got 65"):
        iSTFT(64, freq_bins=65)
    with pytest.raises(ValueError, match="length must be >= 0, got -1"):
        STFT(64).inverse(X, length=-1)
    with pytest.raises(ValueError, match="at least 1 frame, got 0"):
        STFT(64).inverse(X[:, :, :0])


@pytest.mark.parametrize("n_fft", [2, 3, 64, 65])
@pytest.mark.parametrize("engine", ["fft", "real"])
def test_the_inverse_infers_the_sides(n_fft, engine):
    x = torch.randn(2, 600, dtype=torch.float64)
    hop = {"hop_length": 1} if n_fft < 4 else {}
    bound = tolerances.STFT_REAL_KERNELS if engine == "real" else tolerances.ROUND_TRIP_FLOAT64
    for freq_bins in {n_fft // 2 + 1, max(n_fft // 2 + 1, n_fft - 1), n_fft}:
        frames = {"freq_bins": freq_bins, "window": "hamming", **hop}
        stft, istft = STFT(n_fft, engine=engine, **frames), iSTFT(n_fft, engine=engine, **frames)
        X = stft(x)
        for inverse in (stft.inverse, istft, torch.jit.script(istft)):
            assert (inverse(X, length=600) - x).abs().max() <= bound * x.abs().max()
    X = STFT(n_fft, freq_bins=n_fft, window="hamming", **hop)(x)
    y = iSTFT(n_fft, window="hamming", **hop)(X, length=600)
    assert (y - x).abs().max() <= tolerances.ROUND_TRIP_FLOAT64 * x.abs().max()


@pytest.mark.parametrize("engine", ["fft", "real"])
def test_complex_tensors_go_out_and_in(engine):
    x = torch.randn(2, 900)
    stft = STFT(64, engine=engine, return_complex=True)
    X = stft(x)
    assert X.dtype == torch.complex64
    theirs = torch.stft(x, 64, 16, window=torch.hann_window(64), return_complex=True)
    assert (X - theirs).abs().max() <= tolerances.STFT_FLOAT32 * theirs.abs().max()
    assert torch.equal(torch.view_as_real(X), stft(x, return_complex=False))
    assert torch.equal(STFT(64, engine=engine)(x, return_complex=True), X)
    assert torch.equal(torch.jit.script(stft)(x), X)
    assert stft(x.double()).dtype == torch.complex128
    assert stft(x.half()).dtype == torch.complex64
    for inverse in (stft.inverse, iSTFT(64)):
        assert (inverse(X, length=900) - x).abs().max() <= tolerances.ROUND_TRIP_FLOAT32 * x.abs().max()
    with pytest.raises(ValueError, match="return_complex must be False with output_format='Magnitude'"):
        stft(x, "Magnitude")
    with pytest.raises(ValueError, match="return_complex must be False with output_format='Phase'"):
        STFT(64, output_format="Phase", return_complex=True)


@pytest.mark.parametrize("engine", ["fft", "real"])
def test_spectra_in_any_memory_order(engine):
    stft, x = STFT(64, engine=engine), torch.randn(3, 900)
    X = stft(x)
    expected = stft.inverse(X, length=900)
    apart = torch.stack([X[..., 0].contiguous(), X[..., 1].contiguous()]).permute(1, 2, 3, 0)
    odd = torch.zeros(3, 33, X.size(2), 3)[..., 1:]
    odd.copy_(X)
    shifted = torch.empty(X.numel() + 1)[1:].view(X.shape).copy_(X)
    for layout in (
        X.contiguous(),
        torch.view_as_complex(X.contiguous()),
        apart,
        odd,
        shifted,
        X[::1].clone(),
    ):
        error = (stft.inverse(layout, length=900) - expected).abs().max()
        assert error <= tolerances.SAME_CODE * expected.abs().max()


def largest_copy(call):
    """Numbers in the largest tensor that is copied during a call, seen by torch's profiler."""
    with torch.profiler.profile(record_shapes=True) as profile:
        call()
    copies = [event for event in profile.events() if event.name in ("aten::copy_", "aten::clone")]
    return max(math.prod(event.input_shapes[0]) for event in copies)


@pytest.mark.parametrize("cls", [iSTFT, STFT])
@pytest.mark.parametrize(("n_fft", "clips"), [(512, 1), (2048, 2)])  # at once; clip by clip
def test_the_inverse_copies_no_spectrum(cls, n_fft, clips):
    """Networks, masks and view_as_real leave spectra contiguous; a copy takes most of the inverse's time."""
    X = torch.randn(clips, n_fft // 2 + 1, 400, 2)
    spectrum = (n_fft // 2 + 1) * 400  # numbers of one clip, if they are complex
    inverse = iSTFT(n_fft) if cls is iSTFT else STFT(n_fft).inverse
    # Parts that are not adjacent, channels of a network, become complex numbers: pairs are not copied.
    apart = torch.stack([X[..., 0], X[..., 1]]).permute(1, 2, 3, 0)
    for layout in (X, torch.view_as_complex(X), X.transpose(1, 2).contiguous().transpose(1, 2), apart):
        assert largest_copy(lambda X=layout: inverse(X)) < spectrum
    assert largest_copy(apart.contiguous) >= spectrum  # a copy would be seen


@pytest.mark.parametrize("trainable", [False, True])
def test_scripted_keeps_forward_and_inverse_after_save_and_load(tmp_path, trainable):
    stft = STFT(128, iSTFT=True, trainable=trainable)
    torch.jit.script(stft).save(tmp_path / "stft.pt")
    loaded = torch.jit.load(tmp_path / "stft.pt")
    x = torch.randn(2, 3, 1000)
    X = loaded(x)
    assert torch.equal(X, stft(x))
    assert torch.equal(loaded.inverse(X, True, 1000), stft.inverse(X, True, 1000))
    assert torch.equal(loaded(x, "Magnitude"), stft(x, "Magnitude"))


def test_trainable_kernels_are_parameters_that_learn_scripted_too():
    stft = STFT(64, trainable=True)
    assert [name for name, _ in stft.named_parameters()] == ["wsin", "wcos"]
    assert stft.wsin.shape == (33, 1, 64)
    x = torch.randn(1, 600)
    target = STFT(64, window="hamming")(x)
    for module in (stft, torch.jit.script(stft)):
        optimizer = torch.optim.SGD(module.parameters(), lr=1e-4)
        losses = []
        for _ in range(3):
            loss = (module(x) - target).square().mean()
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            losses.append(loss.item())
        assert losses[2] < losses[1] < losses[0]
    # The inverse remains the analytic one.
    y = stft.inverse(STFT(64)(x), length=600)
    assert (y - x).abs().max() <= tolerances.ROUND_TRIP_FLOAT32 * x.abs().max()


@pytest.mark.parametrize("freq_bins", [33, 64])
def test_inverse_of_edited_kernels_is_the_analytic_one(freq_bins):
    """Edited before the first call, so that no part of the inverse can depend on the original kernels."""
    x = torch.randn(2, 600, dtype=torch.float64)
    stft, untouched = (STFT(64, freq_bins=freq_bins, trainable=trainable) for trainable in (True, False))
    with torch.no_grad():
        stft.wsin.mul_(2)
        stft.wcos.mul_(2)
    onesided = freq_bins == 33
    assert torch.equal(
        stft.inverse(untouched(x), onesided, 600), untouched.inverse(untouched(x), onesided, 600)
    )
    with torch.no_grad():
        y = stft.inverse(stft(x), onesided, 600)
    assert (y - 2 * x).abs().max() <= tolerances.STFT_REAL_KERNELS * 2 * x.abs().max()


def test_edited_synthesis_kernels_and_window_are_those_of_the_inverse():
    x = torch.randn(2, 600, dtype=torch.float64)
    X = STFT(64)(x)
    inverse = iSTFT(64, trainable_kernels=True, trainable_window=True)
    with torch.no_grad():
        inverse.wcos.mul_(2)
        inverse.wsin.mul_(2)
        assert (inverse(X, True, 600) - 2 * x).abs().max() <= tolerances.STFT_REAL_KERNELS * 2 * x.abs().max()
        # The sum of squared windows follows: frames count twice, and are divided by four.
        inverse.synthesis_window.mul_(2)
        assert (inverse(X, True, 600) - x).abs().max() <= tolerances.STFT_REAL_KERNELS * x.abs().max()


@pytest.mark.parametrize("inverse", [STFT(64).inverse, iSTFT(64), STFT(64, engine="real").inverse])
def test_forward_mode_of_the_inverse_is_the_inverse_of_the_tangent(inverse):
    """Also where the spectrogram needs a gradient, which uses a rule of our own."""
    X, V = torch.randn(2, 2, 33, 20, 2, dtype=torch.float64)
    expected = inverse(V, True)
    for given in (X, X.clone().requires_grad_()):
        with forward_ad.dual_level():
            tangent = forward_ad.unpack_dual(inverse(forward_ad.make_dual(given, V), True)).tangent
            assert (tangent - expected).abs().max() <= tolerances.STFT_DIRECT_FLOAT64 * expected.abs().max()


def test_trainable_synthesis():
    x = torch.randn(2, 600, dtype=torch.float64)
    X = STFT(64)(x)
    inverse = iSTFT(64, trainable_kernels=True, trainable_window=True).double()
    assert sorted(name for name, _ in inverse.named_parameters()) == ["synthesis_window", "wcos", "wsin"]
    y = inverse(X, True, 600)
    assert (y - x).abs().max() <= tolerances.STFT_REAL_KERNELS * x.abs().max()
    y.square().sum().backward()
    assert all(p.grad.isfinite().all() and p.grad.abs().max() > 0 for p in inverse.parameters())
    window_only = iSTFT(64, trainable_window=True)
    window_only(X, True).sum().backward()
    assert window_only.engine == "fft"
    assert window_only.synthesis_window.grad.abs().max() > 0


@pytest.mark.parametrize("engine", ["fft", "real"])
@pytest.mark.parametrize(("dtype", "bound"), [(torch.float32, 1e-5), (torch.float64, 1e-12)])
@pytest.mark.parametrize("arguments", CASES[1:], ids=str)
def test_adjoint_passes_the_dot_product_test(arguments, dtype, bound, engine):
    stft = STFT(sr=SR, engine=engine, **arguments)
    x = torch.randn(2, 507, dtype=dtype)
    X = stft.analysis(x)
    Y = torch.randn_like(X)
    y = torch.jit.script(stft).adjoint(Y, 507)
    assert y.shape == x.shape
    assert torch.equal(y, stft.adjoint(Y, 507))
    difference = (X * Y).sum().double() - (x * y).sum().double()
    assert difference.abs() <= bound * X.norm().double() * Y.norm().double()


@pytest.mark.parametrize("arguments", [{}, {"freq_scale": "log", "freq_bins": 9, "fmax": 4000}], ids=str)
def test_gradients_to_second_order(arguments):
    stft = STFT(32, hop_length=9, sr=SR, **arguments)
    x = torch.randn(1, 120, dtype=torch.float64, requires_grad=True)
    assert torch.autograd.gradcheck(stft, (x,))
    assert torch.autograd.gradgradcheck(lambda x: stft(x).square(), (x,))


def test_gradient_of_the_inverse_to_second_order():
    stft = STFT(32, hop_length=9)
    X = torch.randn(1, 17, 12, 2, dtype=torch.float64, requires_grad=True)
    assert torch.autograd.gradcheck(lambda X: stft.inverse(X, True, 100), (X,))
    assert torch.autograd.gradgradcheck(lambda X: stft.inverse(X, True, 100).square(), (X,))


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"n_fft": 1}, "n_fft must be >= 2, got 1"),
        ({"n_fft": 64, "win_length": 65}, "win_length must be <= n_fft = 64, got 65"),
        ({"hop_length": 0}, "hop_length must be >= 1, got 0"),
        ({"freq_scale": "mel"}, "freq_scale must be one of 'no', 'linear', 'log', 'log2', got 'mel'"),
        ({"pad_mode": "mirror"}, "pad_mode must be one of"),
        (
            {"window": "nosuch"},
            "window must be one that scipy.signal.get_window takes, or its samples, got 'nosuch'",
        ),
        ({"n_fft": 64, "freq_bins": 65}, "freq_bins must be <= n_fft = 64, got 65"),
        ({"freq_scale": "log", "fmin": 0}, "fmin must be > 0"),
        ({"freq_scale": "log", "fmin": 100, "fmax": 50}, "fmax must be > 100, got 50"),
        ({"freq_scale": "linear", "fmax": 20000}, "fmax must be <= sr / 2 = 11025, got 20000"),
        ({"sr": 0}, "sr must be > 0, got 0"),
        ({"output_format": "Power"}, "output_format must be one of"),
        ({"engine": "dft"}, "engine must be one of 'auto', 'fft', 'real', got 'dft'"),
        ({"engine": "fft", "trainable": True}, "engine must be 'real' or 'auto' with trainable=True"),
    ],
)
def test_errors_name_argument_rule_and_value(arguments, message):
    with pytest.raises(ValueError, match=message):
        STFT(**arguments)


def test_wrong_types_are_type_errors():
    with pytest.raises(TypeError, match=r"n_fft must be an integer, got 64\.0"):
        STFT(64.0)
    with pytest.raises(TypeError, match="convert integer audio first"):
        STFT(64)(torch.zeros(1000, dtype=torch.int16))
    with pytest.raises(ValueError, match=r"output_format must be one of .* got 'Power'"):
        STFT(64)(torch.zeros(1000), "Power")
    with pytest.raises(ValueError, match="min_samples = 33 samples, got 32"):
        STFT(64)(torch.zeros(32))


@pytest.mark.parametrize("freq_bins", [40, 50, 63])
def test_inverse_takes_the_bins_that_the_transform_gives(freq_bins):
    x = torch.randn(2, 700, generator=torch.Generator().manual_seed(0))
    stft = STFT(64, freq_bins=freq_bins, hop_length=16, iSTFT=True)
    for onesided in (True, False):
        assert (stft.inverse(stft(x), onesided, length=700) - x).abs().max() <= 1e-5
        again = iSTFT(64, freq_bins=freq_bins, hop_length=16)(stft(x), onesided, length=700)
        assert (again - x).abs().max() <= 1e-5


def test_inverse_takes_lazily_conjugated_numbers():
    X = torch.view_as_complex(STFT(64, hop_length=16)(torch.randn(2, 700)))
    lazy, real = X.conj(), X.conj().resolve_conj()
    assert torch.equal(iSTFT(64, hop_length=16)(lazy, True), iSTFT(64, hop_length=16)(real, True))
    assert torch.equal(STFT(64, hop_length=16).inverse(lazy), STFT(64, hop_length=16).inverse(real))


def test_adjoint_checks_the_number_of_frames():
    with pytest.raises(ValueError, match=r"X must have n_frames\(length\) = 8 frames, got 50"):
        STFT(512, hop_length=128).adjoint(torch.randn(1, 257, 50, 2), 1000)


@pytest.mark.parametrize("name", ["fmin", "fmax"])
def test_frequencies_are_checked_on_the_uniform_grid_as_well(name):
    with pytest.raises(TypeError, match=f"{name} must be a number, got 'x'"):
        STFT(512, **{name: "x"})
