"""Mel spectrogram, MFCC and gammatonegram: against direct products, librosa, torchaudio, the legacy class."""

import copy
import warnings

import librosa
import nnAudio2.features as legacy
import numpy as np
import pytest
import scipy.fft
import torch
import torchaudio
from tests import tolerances
from tests.oracles import fourier

from nnaudio2_core import MFCC, Gammatonegram, MelSpectrogram
from nnaudio2_core.bands.design_gammatone import gammatone_filterbank
from nnaudio2_core.bands.design_mel import cosine_basis, mel_filterbank
from nnaudio2_core.bands.design_scales import erb_frequencies, hz_to_mel, mel_to_hz
from nnaudio2_core.block_sparse.design_blocks import cut_into_blocks
from nnaudio2_core.block_sparse.products import block_matrices, sparse_product, sparse_transpose_product
from nnaudio2_core.module.user_warning import told

SR = 16000


def maximum_error(result, expected):
    result, expected = (np.asarray(v.detach() if torch.is_tensor(v) else v) for v in (result, expected))
    assert result.shape == expected.shape
    return np.abs(result - expected).max() / np.abs(expected).max()


NARROW = {"sr": 44100, "n_fft": 512, "n_mels": 128}


@pytest.mark.parametrize("cls", [MelSpectrogram, MFCC])
@pytest.mark.parametrize("trainable", [False, True])
def test_bands_without_a_bin_are_told_once(cls, trainable):
    told.clear()  # each warning is given once in a process
    filterbank = mel_filterbank(44100, 512, 128, 0.0, 22050.0, False, "slaney")
    empty = int((filterbank == 0).all(1).sum())
    assert empty == 11
    with pytest.warns(
        UserWarning, match=rf"^{empty} of n_mels = 128 bands are always 0: .* 86\.1 Hz"
    ) as caught:
        module = cls(**NARROW, trainable_mel=trainable)
    assert [warning.filename for warning in caught] == [__file__]
    cls(**module.config)  # as in loading and lowering
    copy.deepcopy(module)
    enough = int(str(caught[0].message).partition("n_fft >= ")[2].partition(",")[0])
    told.clear()
    cls(**{**NARROW, "n_fft": enough})  # a warning would be an error here
    with pytest.raises(UserWarning, match="bands are always 0"):
        cls(**{**NARROW, "n_fft": enough // 2})


def test_a_warning_that_is_an_error_is_not_given_up():
    told.clear()
    for _ in range(2):
        with pytest.raises(UserWarning, match="bands are always 0"):
            MelSpectrogram(**NARROW)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        MelSpectrogram(**NARROW)
    MelSpectrogram(**NARROW)


@pytest.mark.parametrize("power", [2.0, 1.0, 3.0])
@pytest.mark.parametrize("top_db", [80.0, None])
@pytest.mark.parametrize("engine", ["fft", "real"])
def test_mfcc_of_loud_and_quiet_clips_is_that_of_float64(power, top_db, engine):
    mfcc = MFCC(SR, 20, n_fft=512, hop_length=160, n_mels=40, power=power, top_db=top_db, engine=engine)
    levels = torch.tensor([1e-30, 1e-3, 1.0, 1e12, 1e19, 1e30, 1e36], dtype=torch.float64)
    x = (levels[:, None] * torch.randn(1, 4000, dtype=torch.float64)).float()
    y, exact = mfcc(x), mfcc(x.double())
    for item, expected, one in zip(y, exact, x, strict=True):
        assert maximum_error(item, expected) <= 1e-5  # some 1e3 dB in float32
        assert torch.equal(item, mfcc(one)) or maximum_error(item, mfcc(one)) <= 1e-6
    assert torch.equal(y[2], mfcc(x[2]))
    scripted = torch.jit.script(mfcc)
    assert maximum_error(scripted(x), y) <= 1e-6
    leaf = x.clone().requires_grad_()
    (grad,) = torch.autograd.grad(mfcc(leaf)[1:].sum(), leaf)
    assert grad.isfinite().all()


def test_one_nan_stays_a_nan_in_mfcc():
    x = torch.randn(2, 8000)
    x[1, 4000] = float("nan")
    y = MFCC(SR, 20, n_fft=512, hop_length=160, n_mels=40, top_db=None)(x)
    assert y[0].isfinite().all()
    assert y[1].isnan().any()
    assert y[1, :, 0].isfinite().all()


# --- filters and scales ------------------------------------------------------------------------------


@pytest.mark.parametrize("htk", [False, True])
def test_mel_scales_are_librosas_and_invert(htk):
    hertz = np.linspace(0, 20000, 101)
    assert np.allclose(hz_to_mel(hertz, htk), librosa.hz_to_mel(hertz, htk=htk), rtol=1e-13, atol=1e-12)
    assert np.allclose(mel_to_hz(hz_to_mel(hertz, htk), htk), hertz, rtol=1e-13, atol=1e-10)


@pytest.mark.parametrize("htk", [False, True])
@pytest.mark.parametrize("norm", ["slaney", None])
@pytest.mark.parametrize(("n_fft", "n_mels", "fmin", "fmax"), [(512, 40, 0, 8000), (513, 23, 60.5, 7000)])
def test_mel_filterbank_is_librosas(htk, norm, n_fft, n_mels, fmin, fmax):
    expected = librosa.filters.mel(
        sr=SR, n_fft=n_fft, n_mels=n_mels, fmin=fmin, fmax=fmax, htk=htk, norm=norm, dtype=np.float64
    )
    assert maximum_error(mel_filterbank(SR, n_fft, n_mels, fmin, fmax, htk, norm), expected) <= 1e-13


def test_slaney_bands_have_equal_area():
    filterbank = mel_filterbank(SR, 65536, 20, 0, 8000, False, "slaney")
    assert np.allclose(filterbank.sum(1) * SR / 65536, 1.0, rtol=1e-4)  # a sum instead of the integral


@pytest.mark.parametrize("norm", ["ortho", None])
def test_cosine_basis_is_the_dct(norm):
    x = np.random.default_rng(0).standard_normal(40)
    assert np.allclose(cosine_basis(13, 40, norm) @ x, scipy.fft.dct(x, norm=norm)[:13], rtol=0, atol=1e-12)


@pytest.mark.parametrize(("fmin", "fmax"), [(0.0, 8000.0), (50.0, 4000.0)])
def test_gammatone_filterbank_is_four_biquads(fmin, fmax):
    expected = fourier.gammatone_responses(SR, 512, 32, fmin, fmax)
    # The lowest filters have their poles within 1e-2 of the unit circle, to the fourth power.
    assert maximum_error(gammatone_filterbank(SR, 512, 32, fmin, fmax), expected) <= 1e-9


def test_erb_frequencies_are_evenly_spaced_in_erb_rate():
    centres = erb_frequencies(20, 100, 8000)
    rate = 9.26449 * np.log(1 + centres / (24.7 * 9.26449))
    assert centres[0] == pytest.approx(100)
    assert np.allclose(np.diff(rate), np.diff(rate)[0], rtol=1e-10, atol=0)


@pytest.mark.parametrize("kind", ["mel", "dense", "empty band", "all zero", "one"])
def test_blocks_hold_the_whole_filterbank(kind):
    generator = np.random.default_rng(0)
    filterbank = {
        "mel": mel_filterbank(SR, 512, 40, 0, 8000, False, None),
        "dense": generator.standard_normal((7, 50)),
        "empty band": mel_filterbank(SR, 64, 40, 0, 8000, True, None),  # bands narrower than a bin
        "all zero": np.zeros((3, 9)),
        "one": np.ones((1, 1)),
    }[kind]
    weights, blocks = cut_into_blocks(filterbank)
    matrices = block_matrices(torch.from_numpy(weights), blocks)
    x = torch.randn(2, 5, filterbank.shape[1], dtype=torch.float64)
    y = torch.randn(2, 5, filterbank.shape[0], dtype=torch.float64)
    product = sparse_product(x, matrices, blocks)
    assert torch.allclose(product, x @ torch.from_numpy(filterbank).T, rtol=0, atol=1e-12)
    transpose = sparse_transpose_product(y, matrices, blocks, filterbank.shape[1])
    assert torch.allclose(transpose, y @ torch.from_numpy(filterbank), rtol=0, atol=1e-12)


# --- mel ---------------------------------------------------------------------------------------------

MEL_CASES = [
    {"n_fft": 512, "hop_length": 128, "n_mels": 40},
    {"n_fft": 512, "hop_length": 128, "n_mels": 40, "power": 1.0},
    {"n_fft": 400, "hop_length": 160, "n_mels": 23, "power": 0.5, "norm": None},
    {"n_fft": 512, "hop_length": 128, "n_mels": 64, "power": 3.0, "htk": True},
    {"n_fft": 512, "win_length": 400, "hop_length": 100, "n_mels": 40, "center": False},
    {"n_fft": 511, "hop_length": 77, "n_mels": 40, "pad_mode": "constant", "fmin": 50.0, "fmax": 7000.0},
    {"n_fft": 512, "hop_length": 128, "n_mels": 40, "window": "blackman", "norm": 1},
]


def mel_oracle(x, arguments):
    defaults = {"window": "hann", "center": True, "pad_mode": "reflect", "power": 2.0, "htk": False}
    defaults |= {"win_length": arguments["n_fft"], "norm": "slaney", "fmin": 0.0, "fmax": SR / 2}
    arguments = {**defaults, **arguments}
    n_fft = arguments["n_fft"]
    X = fourier.stft(
        x,
        fourier.grid("no", n_fft // 2 + 1, n_fft, 0, 0, SR),
        SR,
        fourier.centred_window(arguments["window"], arguments["win_length"], n_fft),
        arguments["hop_length"],
        arguments["center"],
        arguments["pad_mode"],
    )
    filterbank = librosa.filters.mel(
        sr=SR,
        n_fft=n_fft,
        n_mels=arguments["n_mels"],
        fmin=arguments["fmin"],
        fmax=arguments["fmax"],
        htk=arguments["htk"],
        norm=None if arguments["norm"] is None else "slaney",
        dtype=np.float64,
    )
    return filterbank @ np.abs(X) ** arguments["power"]


@pytest.mark.parametrize("engine", ["fft", "real"])
@pytest.mark.parametrize("arguments", MEL_CASES, ids=str)
def test_mel_equals_the_direct_product(arguments, engine):
    x = torch.randn(4000, dtype=torch.float64)
    expected = mel_oracle(x.numpy(), arguments)
    mel = MelSpectrogram(SR, engine=engine, **arguments)
    bound = tolerances.BANDS_FLOAT64 if engine == "fft" else tolerances.STFT_REAL_KERNELS * 2
    assert maximum_error(mel(x), expected) <= bound
    assert maximum_error(mel(x.float()), expected) <= tolerances.BANDS_FLOAT32


@pytest.mark.parametrize("power", [1.0, 2.0])
@pytest.mark.parametrize("htk", [False, True])
def test_mel_equals_librosa_torchaudio_and_the_legacy_class(power, htk, recording):
    x, sr = recording("sir_duke_fast")
    ours = MelSpectrogram(sr, power=power, htk=htk)(x)
    assert (
        maximum_error(
            ours,
            librosa.feature.melspectrogram(y=x.numpy(), sr=sr, power=power, htk=htk, pad_mode="reflect"),
        )
        <= tolerances.LEGACY_STFT
    )
    peer = torchaudio.transforms.MelSpectrogram(
        sr, 2048, hop_length=512, n_mels=128, power=power, norm="slaney", mel_scale="htk" if htk else "slaney"
    )
    assert maximum_error(ours, peer(x)) <= tolerances.PEER_MEL_FLOAT32
    old = legacy.MelSpectrogram(sr, power=power, htk=htk, verbose=False)
    assert maximum_error(ours, old(x)[0]) <= tolerances.LEGACY_STFT


@pytest.mark.parametrize("power", [1.0, 2.0])
@pytest.mark.parametrize("time", [4000, 900_000])  # one chunk, and several
def test_trainable_and_frozen_filterbanks_agree_in_value_and_gradient(power, time):
    arguments = {"n_fft": 512, "hop_length": 256, "n_mels": 40, "power": power}
    frozen, trained = MelSpectrogram(SR, **arguments), MelSpectrogram(SR, trainable_mel=True, **arguments)
    x = torch.randn(2, time, requires_grad=True)
    y, z = frozen(x), trained(x)
    assert maximum_error(y, z) <= tolerances.BANDS_FLOAT32
    assert maximum_error(frozen(x.detach()), y) <= tolerances.BATCH
    weight = torch.rand_like(y)
    (gradient,) = torch.autograd.grad((y * weight).sum(), x)
    (expected,) = torch.autograd.grad((z * weight).sum(), x, retain_graph=True)
    assert maximum_error(gradient, expected) <= tolerances.BANDS_FLOAT32
    (basis_gradient,) = torch.autograd.grad((z * weight).sum(), trained.mel_basis)
    assert basis_gradient.shape == (40, 257)
    spectrogram = torch.stft(x.detach(), 512, 256, window=torch.hann_window(512), return_complex=True).abs()
    assert maximum_error(basis_gradient, torch.einsum("bmt,bft->mf", weight, spectrogram**power)) <= 1e-5


@pytest.mark.parametrize("power", [0.5, 1.0, 2.0])
def test_mel_gradients_to_second_order(power):
    mel = MelSpectrogram(SR, 64, hop_length=16, n_mels=8, power=power)
    x = torch.randn(1, 150, dtype=torch.float64, requires_grad=True)
    assert torch.autograd.gradcheck(mel, (x,))
    assert torch.autograd.gradgradcheck(mel, (x,))


def test_a_trained_front_end_learns():
    x = torch.randn(4, 4000)
    target = MelSpectrogram(SR, 256, hop_length=128, n_mels=20, htk=True)(x)
    mel = MelSpectrogram(SR, 256, hop_length=128, n_mels=20, trainable_mel=True, trainable_STFT=True)
    assert [name for name, _ in mel.named_parameters()] == ["mel_basis", "stft.wsin", "stft.wcos"]
    optimizer = torch.optim.Adam(mel.parameters(), lr=1e-5)
    losses = []
    for _ in range(10):
        loss = (mel(x) - target).square().mean()
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    assert losses[-1] < 0.9 * losses[0]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"n_mels": 0}, "n_mels must be >= 1, got 0"),
        ({"norm": "area"}, "norm must be 'slaney'"),
        ({"power": 0}, "power must be > 0, got 0"),
        ({"fmin": -1}, "fmin must be >= 0, got -1"),
        ({"fmin": 9000}, "fmin must be < fmax = 8000, got 9000"),
        ({"fmax": 9000}, "fmax must be <= sr / 2 = 8000, got 9000"),
        (
            {"engine": "fft", "trainable_STFT": True},
            "engine must be 'real' or 'auto' with trainable_STFT=True",
        ),
    ],
)
def test_mel_errors(arguments, message):
    with pytest.raises(ValueError, match=message):
        MelSpectrogram(SR, **arguments)


# --- MFCC --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("norm", ["ortho", None])
@pytest.mark.parametrize("top_db", [80.0, 20.0, None])
def test_mfcc_equals_librosa_item_by_item(norm, top_db, recording):
    x, sr = recording("sir_duke_fast")
    x = torch.stack([x, 0.01 * x.flip(0)])
    ours = MFCC(sr, 20, norm=norm, top_db=top_db)(x)
    for item, waveform in zip(ours, x, strict=True):
        mel = librosa.feature.melspectrogram(y=waveform.numpy(), sr=sr, pad_mode="reflect")
        expected = scipy.fft.dct(librosa.power_to_db(mel, top_db=top_db), axis=0, norm=norm)[:20]
        assert maximum_error(item, expected) <= tolerances.MFCC_FLOAT32


def test_mfcc_equals_the_legacy_class(recording):
    x, sr = recording("snare-accelerate")
    assert maximum_error(MFCC(sr)(x), legacy.MFCC(sr, verbose=False)(x)[0]) <= tolerances.MFCC_FLOAT32


@pytest.mark.parametrize(
    "arguments",
    [
        {"fmin": 300.0},
        {"fmax": 5000.0},
        {"ref": 5.0},
        {"amin": 0.01, "top_db": None},
        {"amin": 0.01, "ref": 1e-4, "top_db": None},  # a reference below amin is raised to it as well
        {"win_length": 700, "window": "blackman", "pad_mode": "constant", "hop_length": 300},
    ],
    ids=str,
)
def test_other_arguments_of_mfcc_mean_what_they_mean_in_librosa(arguments, recording):
    x, sr = recording("sir_duke_fast")
    x, given = x[:sr], dict(arguments)
    level = {"ref": 1.0, "amin": 1e-10, "top_db": 80.0}
    level |= {name: given.pop(name) for name in level if name in given}
    mel = librosa.feature.melspectrogram(y=x.numpy(), sr=sr, **{"pad_mode": "reflect", **given})
    expected = scipy.fft.dct(librosa.power_to_db(mel, **level), axis=0, norm="ortho")[:20]
    assert maximum_error(MFCC(sr, 20, **arguments)(x), expected) <= tolerances.MFCC_FLOAT32
    assert maximum_error(MFCC(sr, 20, hop_length=given.get("hop_length", 512))(x), expected) > 1e-2


def test_top_db_belongs_to_the_item_not_the_batch():
    quiet = 1e-4 * torch.randn(8000)
    mfcc = MFCC(SR, 13, n_fft=512, hop_length=160, n_mels=40, top_db=30.0)
    assert torch.allclose(mfcc(torch.stack([quiet, torch.randn(8000)]))[0], mfcc(quiet), rtol=0, atol=1e-4)


def test_mfcc_errors():
    with pytest.raises(ValueError, match="n_mfcc must be <= n_mels = 20, got 21"):
        MFCC(SR, 21, n_mels=20)
    with pytest.raises(ValueError, match="amin must be > 0, got 0"):
        MFCC(SR, amin=0)
    with pytest.raises(ValueError, match="top_db must be >= 0, got -1"):
        MFCC(SR, top_db=-1)
    with pytest.raises(ValueError, match="norm must be 'ortho' or None, got 'slaney'"):
        MFCC(SR, norm="slaney")


# --- gammatone ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "arguments", [{}, {"n_bins": 32, "fmin": 50.0, "fmax": 8000.0, "power": 1.0}], ids=str
)
def test_gammatonegram_equals_the_legacy_class(arguments, recording):
    x, sr = recording("sir_duke_fast")
    expected = legacy.Gammatonegram(sr, **arguments, verbose=False)(x)[0]
    # The legacy class rounds its responses to float32 at every step of a fourth power.
    assert maximum_error(Gammatonegram(sr, **arguments)(x), expected) <= tolerances.LEGACY_STFT


@pytest.mark.parametrize("engine", ["fft", "real"])
def test_gammatonegram_equals_the_direct_product(engine):
    x = torch.randn(3000, dtype=torch.float64)
    window = fourier.centred_window("hann", 512, 512)
    X = fourier.stft(x.numpy(), fourier.grid("no", 257, 512, 0, 0, SR), SR, window, 128, True, "reflect")
    expected = fourier.gammatone_responses(SR, 512, 32, 50.0, 8000.0) @ np.abs(X) ** 2
    ours = Gammatonegram(SR, 512, hop_length=128, n_bins=32, fmin=50.0, fmax=8000.0, engine=engine)(x)
    assert maximum_error(ours, expected) <= (1e-9 if engine == "fft" else tolerances.STFT_REAL_KERNELS * 2)


def test_a_tone_at_a_centre_frequency_is_loudest_in_its_filter():
    centres = erb_frequencies(32, 100.0, 8000.0)
    gammatone = Gammatonegram(SR, 2048, n_bins=32, fmin=100.0, fmax=8000.0)
    for i in (8, 15, 25):
        x = torch.sin(2 * torch.pi * centres[i] * torch.arange(SR) / SR)
        assert (gammatone(x)[:, 8:-8].argmax(0) == i).all()
