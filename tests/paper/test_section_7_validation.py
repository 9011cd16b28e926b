"""Section 7: every row of Table 2, the tests of 7.2, the iCQT tests of 7.3, the round trip of 7.4."""

import numpy as np
import pytest
import torch
from tests import tolerances
from tests.paper.signals import snr, speech, tone

from nnaudio2_core import (
    CFP,
    CQT1992,
    CQT2010,
    MFCC,
    STFT,
    VQT,
    CombinedFrequencyPeriodicity,
    CQT1992v2,
    CQT2010v2,
    Gammatonegram,
    MelSpectrogram,
    iCQT,
    iSTFT,
)

SR = 22050
PITCHES = {"sr": SR, "hop_length": 512, "fmin": 110.0, "n_bins": 60}


def sine(frequency: float = 440.0):
    return torch.from_numpy(tone(frequency, SR)).float()


@pytest.mark.parametrize("freq_scale", ["no", "linear", "log", "log2"])
def test_stft_forward_and_output_formats(freq_scale):
    """Table 2, row 1: STFT forward / output formats."""
    stft = STFT(2048, freq_scale=freq_scale, sr=SR)
    X = torch.view_as_complex(stft(sine(), "Complex"))
    magnitude, phase = stft(sine(), "Magnitude"), stft(sine(), "Phase")
    assert (X.abs() - magnitude).abs().max() <= 1e-6 * magnitude.max()
    loud = magnitude > 1e-2 * magnitude.max()
    assert (X - torch.polar(magnitude, phase)).abs()[loud].max() <= 1e-5 * magnitude.max()
    peak = stft.frequencies[magnitude[:, 20].argmax()]
    assert abs(peak - 440) <= stft.frequencies.diff().max()


def test_mel_spectrogram_and_mfcc():
    """Table 2, row 2: Mel spectrogram, MFCC."""
    mel = MelSpectrogram(sr=SR)(sine())
    assert mel.shape == (128, 44)
    mfcc = MFCC(sr=SR)(sine())
    assert mfcc.shape == (20, 44)
    # A factor of ten adds 20 dB in every band, which changes only the constant term.
    louder = MFCC(sr=SR)(10 * sine())
    assert (louder[0] - mfcc[0] - 20 * np.sqrt(128)).abs().max() < 1e-2
    assert (louder[1:] - mfcc[1:]).abs().max() < 1e-2


@pytest.mark.parametrize("make", [CQT1992, CQT1992v2, CQT2010, CQT2010v2])
def test_cqt_of_both_algorithms(make):
    """Table 2, row 3: CQT (1992 + 2010 algorithms): a tone has its peak in the same bin in all."""
    cqt = make(**PITCHES)
    X = cqt(sine(), normalization_type="wrap")
    assert (X[:, 10:-10].argmax(0) == 24).all()  # two octaves above 110 Hz
    assert (X[24, 10:-10] - 1).abs().max() < 0.05
    assert cqt.frequencies[24] == pytest.approx(440)


def test_vqt_matches_cqt():
    """Table 2, row 4: VQT matches CQT; fails with the original."""
    assert torch.equal(VQT(**PITCHES, gamma=0)(sine()), CQT1992v2(**PITCHES)(sine()))


@pytest.mark.parametrize("make", [CFP, CombinedFrequencyPeriodicity])
def test_cfp_module_load(make):
    """Table 2, row 5: CFP module load; fails with the original."""
    cfp = make(fr=4, fs=SR, window_size=1025)
    result = cfp(sine(440) + sine(880) + sine(1320))
    salience = result[0] if isinstance(result, tuple) else result
    pitch = float(cfp.frequencies[salience[:, salience.shape[1] // 2].argmax()])
    assert abs(12 * np.log2(pitch / 440)) < 0.5


def test_gammatone_forward():
    """Table 2, row 6: Gammatone forward."""
    gammatone = Gammatonegram(sr=SR)(sine())
    assert gammatone.shape == (64, 44)
    centres = (gammatone[:, 20].argmax(), Gammatonegram(sr=SR)(sine(880))[:, 20].argmax())
    assert centres[0] < centres[1]


@pytest.mark.parametrize("trainable", [False, True])
def test_scripted_stft_compiles_and_equals_eager(trainable):
    """Table 2, rows 7 and 8, and section 7.2: it scripts, and forward and inverse equal eager mode."""
    stft = STFT(512, iSTFT=True, trainable=trainable)
    scripted = torch.jit.script(stft)
    x = torch.randn(2, 4000)
    X, expected = scripted(x), stft(x)
    assert (X - expected).abs().max() <= tolerances.SAME_CODE * expected.abs().max()
    y, wanted = scripted.inverse(X, True, 4000), stft.inverse(expected, True, 4000)
    assert (y - wanted).abs().max() <= tolerances.SAME_CODE * wanted.abs().max()


@pytest.mark.parametrize("freq_scale", ["linear", "log", "log2"])
@pytest.mark.filterwarnings("ignore:.*analysis-only:UserWarning")  # told once in a process
def test_istft_on_other_scales_raises(freq_scale):
    """Table 2, row 9, and section 7.2: the error names the offending parameter."""
    with pytest.raises(RuntimeError, match="freq_scale"):
        iSTFT(512, freq_scale=freq_scale)(torch.zeros(1, 257, 9, 2), onesided=True)


def test_istft_on_the_uniform_scale_inverts():
    """Section 7.2, the companion test: with freq_scale='no' the inverse raises no error."""
    assert iSTFT(512, freq_scale="no")(torch.zeros(1, 257, 9, 2), onesided=True).shape == (1, 1024)


def music(recording, name):
    samples, sr = recording(name)
    return samples[: 3 * sr].double().numpy()


@pytest.mark.parametrize(
    "name", ["tone 100 Hz", "tone 440 Hz", "tone 3000 Hz", "speech", "sir_duke_fast", "snare-accelerate"]
)
@pytest.mark.parametrize(("n_fft", "hop_length"), [(2048, 512), (512, 128)])
def test_round_trip_is_at_round_off(name, n_fft, hop_length, recording):
    """Table 2, row 10, and section 7.4: sinusoids, speech, music; as good as torch.istft."""
    if name.startswith("tone"):
        x = tone(float(name.split()[1]), SR)
    else:
        x = speech() if name == "speech" else music(recording, name)
    x = torch.from_numpy(x).float()
    stft = STFT(n_fft, hop_length=hop_length, freq_scale="no", iSTFT=True)
    error = (stft.inverse(stft(x), length=len(x)) - x).abs().max().item()
    window = torch.hann_window(n_fft)
    X = torch.stft(x, n_fft, hop_length, window=window, return_complex=True)
    theirs = (torch.istft(X, n_fft, hop_length, window=window, length=len(x)) - x).abs().max().item()
    peak = x.abs().max().item()
    assert error <= 1e-6 * peak
    assert error <= 2 * theirs + 1e-7 * peak


def test_vqt_equals_cqt_on_a_batch():
    """Table 2, row 11, and section 7.2: matched parameters, a small batch, magnitudes agree."""
    x = torch.stack([sine(220), sine(440), torch.randn(SR)])
    vqt, cqt = VQT(**PITCHES, bins_per_octave=24, gamma=0), CQT1992v2(**PITCHES, bins_per_octave=24)
    assert torch.equal(vqt(x), cqt(x))


@pytest.mark.parametrize("solver", ["landweber", "direct", "cg"])
def test_icqt_round_trip(solver, device):
    """Section 7.3, the round-trip test: one second of 440 Hz at 44 100 Hz, 32 Landweber steps, over 30 dB."""
    x = tone(440, 44100)
    arguments = {"sr": 44100, "hop_length": 512, "n_bins": 84, "bins_per_octave": 12}
    cqt = CQT1992v2(**arguments, output_format="Complex").to(device)
    icqt = iCQT(**arguments, solver=solver).to(device)
    assert icqt.n_iter == (0 if solver == "direct" else 32)
    y = icqt(cqt(torch.from_numpy(x).float().to(device)), length=44100)
    assert snr(x, y.double().cpu().numpy()) > 30


@pytest.mark.parametrize("solver", ["landweber", "direct"])
def test_icqt_output_shape(solver, device):
    """Section 7.3, the output-shape test: a batch of two keeps its length."""
    x = torch.randn(2, SR, device=device)
    cqt = CQT1992v2(**PITCHES, output_format="Complex").to(device)
    for length in (SR, SR - 100, SR + 100):
        assert iCQT(**PITCHES, solver=solver).to(device)(cqt(x), length=length).shape == (2, length)


@pytest.mark.parametrize("solver", ["landweber", "direct"])
def test_icqt_gradients(solver, device):
    """Section 7.3, the gradient test: gradients exist and are nonzero."""
    cqt = CQT1992v2(**PITCHES, output_format="Complex").to(device)
    X = cqt(torch.randn(1, SR, device=device)).detach().requires_grad_()
    iCQT(**PITCHES, solver=solver).to(device)(X, length=SR).square().sum().backward()
    assert X.grad.isfinite().all()
    assert X.grad.abs().max() > 0
