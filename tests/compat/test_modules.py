"""Behaviour of modules beyond numbers: shapes, errors, copies, scripts, precision, gradients, devices."""

import contextlib
import copy
import inspect
import io
import pickle
import warnings

import pytest
import torch
from tests.compat.kept import API, assert_same, parts
from tests.oracles.legacy_cases import EDITABLE, TRAINED, Case
from tests.tolerances import BATCH, LEGACY_GRIFFIN_LIM, LEGACY_KERNELS, SAME_CODE

import nnaudio2_core as core
from nnAudio import features
from nnAudio._module import ENGINES

# Names that the legacy package inherits or has only with other arguments; "cqt" is that of nnAudio 2.0.3, and
# "algorithm" the way back to the numbers of nnAudio 0.3.4.
INHERITED = {"inverse_stft", "forward_manual"}
OPTIONAL = {"kernel_sin_inv", "kernel_cos_inv", "early_downsample_filter", "cqt", "algorithm"}
CASES = [case for case, _ in EDITABLE]
IDS = [case.id for case in CASES]
WAVEFORM_CASES = [case for case in CASES if not case.shape]


def call(case, module, x):
    return getattr(module, case.method)(x, **case.call)


@pytest.mark.parametrize("case", WAVEFORM_CASES, ids=lambda case: case.id)
def test_every_shape_of_a_waveform(case):
    module = case.build(features)
    x = torch.randn(3, case.time)
    expected = parts(call(case, module, x))
    assert all(part.size(0) == 3 for part in expected)
    interleaved = torch.stack([x, x], -1)[..., 0]
    assert not interleaved.is_contiguous()
    for given in (x[:, None], interleaved, x.t().contiguous().t()):
        assert_same(call(case, module, given), tuple(expected), BATCH)
    assert_same(call(case, module, x[1]), tuple(part[1:2] for part in expected), LEGACY_KERNELS)
    for wrong in (x[None], x[None, None]):
        with pytest.raises(ValueError, match="x must have the shape"):
            call(case, module, wrong)
    with pytest.raises(TypeError, match=r"x must be a float tensor, got torch.int16; convert"):
        call(case, module, x.short())


GRIFFIN_LIM = Case("Griffin_Lim", {"n_fft": 32, "hop_length": 16}, shape=(2, 17, 20), silent=False)
EVERY_CLASS = [*CASES, GRIFFIN_LIM]
EVERY_KIND = [(case, {}) for case in EVERY_CLASS] + [
    (case, TRAINED[case.name]) for case in CASES if case.name in TRAINED
]
KIND_IDS = [f"{case.id}-{'trained' if changes else 'frozen'}" for case, changes in EVERY_KIND]


@pytest.mark.parametrize(("case", "changes"), EVERY_KIND, ids=KIND_IDS)
def test_an_empty_batch_gives_an_empty_result(case, changes):
    module = case.build(features, **changes)
    formats: list[dict[str, str]] = [{}]
    if "output_format" in inspect.signature(module.forward).parameters and case.method == "forward":
        formats += [{"output_format": wanted} for wanted in ("Complex", "Magnitude", "Phase")]
    for given in (module, torch.jit.script(module)):
        for wanted in formats:
            one = parts(getattr(given, case.method)(case.input()[:1], **case.call, **wanted))
            none = parts(getattr(given, case.method)(case.input()[:0], **case.call, **wanted))
            assert [part.shape for part in none] == [(0, *part.shape[1:]) for part in one]
            assert [part.dtype for part in none] == [part.dtype for part in one]


@pytest.mark.parametrize("case", CASES, ids=IDS)
def test_copies_scripts_and_precision(case):
    module = case.build(features)
    x = case.input()
    expected = tuple(parts(case.run(module)))
    assert not any(part.requires_grad for part in expected)
    for other in (copy.deepcopy(module), pickle.loads(pickle.dumps(module)), torch.jit.script(module)):
        assert_same(call(case, other, x), expected, SAME_CODE)
    with torch.autocast("cpu", dtype=torch.bfloat16):
        assert_same(call(case, module, x), expected, SAME_CODE)
    with torch.inference_mode():
        assert_same(call(case, module, x), expected, SAME_CODE)


@pytest.mark.parametrize("case", WAVEFORM_CASES, ids=lambda case: case.id)
@pytest.mark.filterwarnings("ignore::torch.jit.TracerWarning")  # about lengths, which a trace fixes
def test_traces(case):
    module = case.build(features)
    traced = torch.jit.trace(module, case.input(), check_trace=False)
    assert_same(traced(case.input()), tuple(parts(case.run(module))), LEGACY_KERNELS)


@pytest.mark.parametrize("case", CASES, ids=IDS)
def test_data_parallel(case):
    module = case.build(features)
    wrapped = torch.nn.DataParallel(module)
    if case.method == "forward":
        assert_same(wrapped(case.input(), **case.call), tuple(parts(case.run(module))), SAME_CODE)
    # DataParallel makes such a copy for each further device.
    replica = module._replicate_for_data_parallel()
    assert replica is not module


@pytest.mark.parametrize("case", WAVEFORM_CASES, ids=lambda case: case.id)
@pytest.mark.parametrize("kind", ["frozen", "trained"])
def test_gradients_are_finite_also_at_silence(case, kind):
    module = case.build(features, **(TRAINED.get(case.name, {}) if kind == "trained" else {}))
    for x in (case.input(), torch.zeros(1, case.time)):
        x.requires_grad_()
        module.zero_grad()
        sum(part.square().sum() for part in parts(call(case, module, x))).backward()
        assert bool(x.grad.isfinite().all())
        for name, parameter in module.named_parameters():
            assert bool(parameter.grad.isfinite().all()), name


@pytest.mark.parametrize("case", CASES, ids=IDS)
def test_a_module_shows_the_parts_of_the_legacy_one(case):
    module = case.build(features)
    assert list(module.parameters()) == []
    assert {name for name, _ in module.named_buffers()} == set(module.state_dict())
    assert {name for name, _ in module.named_children()} == set(API["classes"][case.name]["submodules"])
    assert {type(part).__module__.split(".")[0] for part in module.modules()} <= {"nnAudio", "torch"}
    torch.jit.script(module)  # which compiles the engine as a child
    assert {name for name, _ in module.named_children()} == set(API["classes"][case.name]["submodules"])


@pytest.mark.parametrize("case", CASES, ids=IDS)
def test_no_helper_takes_a_name_that_a_subclass_may_want(case):
    legacy = API["classes"][case.name]
    known = {*dir(torch.nn.Module()), *legacy["public_attributes"], *legacy["methods"], *legacy["state_dict"]}
    public = {name for name in dir(case.build(features)) if not name.startswith("_")}
    assert public - known <= {*legacy["submodules"], *INHERITED, *OPTIONAL}


def test_extra_repr():
    assert str(features.Griffin_Lim(n_fft=64)) == "Griffin_Lim()"
    assert str(features.STFT(n_fft=64, verbose=False)) == (
        "STFT(n_fft=64, Fourier Kernel size=(33, 1, 64), iSTFT=False, trainable=False)"
    )
    assert features.MFCC(n_fft=64, n_mels=6, n_mfcc=4, verbose=False).extra_repr() == "n_mfcc = 4"


def test_short_clips():
    stft = features.STFT(n_fft=64, verbose=False)
    with pytest.raises(AssertionError, match="x must have more than n_fft // 2 = 32 samples, got 20"):
        stft(torch.randn(1, 20))
    with pytest.raises(RuntimeError, match="x must have at least 33 samples to be reflected, got 32"):
        stft(torch.randn(1, 32))
    cqt = features.CQT1992v2(n_bins=6, fmin=1000, verbose=False)
    with pytest.raises(RuntimeError, match="x must have at least 257 samples to be reflected, got 200"):
        cqt(torch.randn(1, 200))
    octaves = features.CQT2010v2(n_bins=6, fmin=1000, verbose=False)
    with pytest.warns(UserWarning, match="zeros are added"):
        assert octaves(torch.randn(1, 60)).shape[:2] == (1, 6)


def test_errors_name_argument_rule_and_value():
    x = torch.randn(1, 3000)
    stft, cqt = features.STFT(n_fft=64, verbose=False), features.CQT(n_bins=6, fmin=1000, verbose=False)
    for module in (stft, cqt):
        with pytest.raises(ValueError, match=r"output_format must be one of .*, got 'nonsense'"):
            module(x, "nonsense")
    with pytest.raises(ValueError, match=r"normalization_type must be one of .*, got 'nonsense'"):
        cqt(x, "Magnitude", "nonsense")
    with pytest.raises(ValueError, match=r"pad_mode must be one of .*, got 'nonsense'"):
        features.CQT2010v2(n_bins=6, fmin=1000, pad_mode="nonsense", verbose=False)
    with pytest.raises(ValueError, match="n_bins must leave the top bin below"):
        features.CQT1992v2(fmin=1000, verbose=False)
    with pytest.raises(ValueError, match="n_bins must span at most 12 octaves, got 13"):
        features.VQT(n_bins=26, bins_per_octave=2, fmin=1.0, gamma=1, hop_length=4096, verbose=False)


@pytest.mark.parametrize("freq_scale", ["linear", "log", "log2"])
def test_only_the_frequencies_of_the_fft_are_inverted(freq_scale):
    arguments = {"n_fft": 64, "freq_scale": freq_scale, "verbose": False}
    X = torch.randn(1, 33, 10, 2)
    # The second text, and analysis-only, are those that code for nnAudio 2.0.3 (Roy et al.) looks for.
    said = f"freq_scale must be 'no' to invert by overlap-add, got '{freq_scale}': .* freq_scale='no'"
    with warnings.catch_warnings():
        warnings.simplefilter("error", UserWarning)
        analysis = features.STFT(**arguments)
    with pytest.raises(RuntimeError, match=said):
        analysis.inverse(X)
    for build in (lambda: features.STFT(**arguments, iSTFT=True), lambda: features.iSTFT(**arguments)):
        with pytest.warns(UserWarning, match=f"STFT is analysis-only: {said}") as caught:
            module = build()
        assert len(caught) == 1
        assert caught[0].filename == __file__
        for given in (module, torch.jit.script(module), pickle.loads(pickle.dumps(module))):
            with pytest.raises((RuntimeError, torch.jit.Error), match=said):
                (given.inverse if isinstance(module, features.STFT) else given)(X)


def test_an_inverse_needs_its_kernels():
    with pytest.raises(NameError, match="iSTFT must be True"):
        features.STFT(n_fft=64, verbose=False).inverse(torch.randn(1, 33, 10, 2))
    istft = features.iSTFT(n_fft=64, verbose=False)
    with pytest.raises(RuntimeError, match="X must have 64 bins with n_fft=64, onesided=False, got 33"):
        istft(torch.randn(1, 33, 10, 2))
    with pytest.raises(AssertionError, match="X must have the shape"):
        istft(torch.randn(1, 33, 10), True)


@pytest.mark.parametrize("arguments", [{}, {"win_length": 40}, {"n_fft": 63}, {"window": "hamming"}])
def test_round_trip(arguments):
    given = {"n_fft": 64, "hop_length": 10, "verbose": False, **arguments}
    x = torch.randn(2, 1000)
    stft, istft = features.STFT(**given), features.iSTFT(**given)
    y = istft(stft(x), onesided=True, length=1000)
    assert y.dtype == torch.float64
    assert_same(y, x, LEGACY_KERNELS)
    if "n_fft" not in arguments:  # the legacy package makes too few inverse kernels for an odd n_fft
        both = features.STFT(**given, iSTFT=True)
        assert_same(both.inverse(both(x), length=1000), x, LEGACY_KERNELS)


def test_a_subclass_of_the_base_inverts_with_its_kernels():
    class Mine(features.STFTBase):
        def __init__(self):
            super().__init__()
            self.n_fft, self.stride, self.center, self.pad_amount = 64, 16, True, 32
            whole = features.STFT(n_fft=64, hop_length=16, iSTFT=True, verbose=False)
            self.register_buffer("window_mask", whole.window_mask)
            self.cosine, self.sine = whole.kernel_cos_inv, whole.kernel_sin_inv

        def forward(self, X):
            return self.inverse_stft(X, self.cosine, self.sine, length=900)

    x = torch.randn(1, 900)
    assert_same(Mine()(features.STFT(n_fft=64, hop_length=16, verbose=False)(x)), x, LEGACY_KERNELS)


def test_griffin_lim_works():
    x = torch.sin(2 * torch.pi * 440 * torch.arange(8000) / 8000).repeat(2, 1)
    S = features.STFT(n_fft=512, hop_length=128, output_format="Magnitude", verbose=False)(x)
    griffin_lim = features.Griffin_Lim(n_fft=512, hop_length=128)
    y = griffin_lim(S)
    assert_same(y, core.GriffinLim(512, 32, hop_length=128)(S), SAME_CODE)
    assert griffin_lim.state_dict() == {}
    before = y
    griffin_lim.w.mul_(torch.linspace(0.5, 1, 512))
    assert float((griffin_lim(S) - before).abs().max()) > 1e-3
    griffin_lim.w = torch.hann_window(512)
    assert_same(griffin_lim(S), before, LEGACY_GRIFFIN_LIM)
    restored = pickle.loads(pickle.dumps(griffin_lim))
    assert torch.equal(restored(S), griffin_lim(S))
    torch.jit.script(griffin_lim)


@pytest.mark.parametrize(("case", "changes"), EVERY_KIND, ids=KIND_IDS)
def test_the_meta_device_and_back(case, changes):
    """A module that is built on or moved to the meta device gives shapes there, and results once back."""
    here = case.build(features, **changes)
    expected = tuple(part.detach() for part in parts(case.run(here)))
    ways = [lambda: case.build(features, device="meta", **changes), lambda: copy.deepcopy(here).to("meta")]
    if case is not GRIFFIN_LIM:  # whose argument device has the default "cpu"
        ways.append(lambda: case.build(features, **changes))
    for way in ways:
        with torch.device("meta") if way is ways[-1] else contextlib.nullcontext():
            there = way()
        tensors = [there.w] if case is GRIFFIN_LIM else [*there.parameters(), *there.buffers()]
        assert {tensor.device.type for tensor in tensors} == {"meta"}
        found = parts(call(case, there, case.input().to("meta")))
        assert [(part.shape, part.dtype) for part in found] == [(p.shape, p.dtype) for p in expected]
        back = there.to_empty(device="cpu")
        back.load_state_dict(here.state_dict())
        assert [name for name in ENGINES if vars(back).get(name)] == [
            name for name in ENGINES if vars(here).get(name)
        ]
        assert_same(case.run(back), expected, 0.0)


def test_griffin_lim_is_on_the_device_of_its_argument():
    with torch.device("meta"):
        griffin_lim = GRIFFIN_LIM.build(features)
    assert griffin_lim.w.device.type == "cpu"
    S = GRIFFIN_LIM.input()
    assert torch.equal(griffin_lim(S), GRIFFIN_LIM.build(features)(S))


def test_devices(device):
    mel = features.MelSpectrogram(n_fft=64, n_mels=6, verbose=False)
    x = torch.randn(2, 900)
    expected = mel(x)
    moved = mel.to(device)
    assert moved(x.to(device)).device.type == device.type
    assert_same(moved(x.to(device)).cpu(), expected, LEGACY_KERNELS)


@pytest.mark.parametrize("case", CASES, ids=IDS)
@pytest.mark.parametrize("learns", [False, True])
def test_results_may_be_viewed_and_edited(case, learns):
    """Results are contiguous and may be edited in place, as by ``spectrogram += 1e-8``."""
    module = case.build(features)
    x = case.input().requires_grad_(learns)
    for part in parts(call(case, module, x)):
        assert part.is_contiguous()
        part.mul_(0.5)
        if learns:
            part.sum().backward(retain_graph=True)


@pytest.mark.parametrize(
    "name", ["STFT", "MelSpectrogram", "Gammatonegram", "MFCC", "CQT1992v2", "CQT2010v2"]
)
@pytest.mark.filterwarnings("ignore::torch.jit.TracerWarning", "ignore::DeprecationWarning")
@pytest.mark.filterwarnings("ignore:.*(legacy|Constant folding|onnx).*")
def test_the_older_exporter_to_onnx(name):
    pytest.importorskip("onnx")
    magnitude = {"output_format": "Magnitude"} if name in ("STFT", "CQT1992v2", "CQT2010v2") else {}
    case = next(case for case in CASES if case.name == name)
    module = case.build(features, **magnitude)
    file = io.BytesIO()
    torch.onnx.export(module, (case.input(),), file, dynamo=False)
    assert file.tell() > 0


class Floor(torch.nn.Module):
    """A module around a layer that replaces it."""

    def __init__(self, layer):
        super().__init__()
        self.layer = layer

    def forward(self, x, **arguments):
        return self.layer(x, **arguments).clamp(min=0.5)


def hooked(layer, seen):
    layer.register_forward_hook(lambda module, given, output: seen.append(output) or output.clamp(min=0.5))
    return layer


def patched(layer, seen):
    forward = layer.forward
    layer.forward = lambda x, **arguments: forward(x, **arguments).clamp(min=0.5)
    return layer


@pytest.mark.parametrize("change", [hooked, patched, lambda layer, seen: Floor(layer)])
@pytest.mark.parametrize("name", ["MelSpectrogram", "Gammatonegram", "MFCC"])
def test_a_part_that_was_changed_is_called(name, change):
    case = next(case for case in CASES if case.name == name)
    module, seen = case.build(features), []
    part = "melspec_layer" if name == "MFCC" else "stft"
    layer = getattr(module, part)
    if name == "MFCC":
        expected = module._dct(module._power_to_db(layer(case.input()).clamp(min=0.5)), "ortho")[:, :5]
    else:
        basis = module.mel_basis if name == "MelSpectrogram" else module.gammatone_basis
        expected = basis @ layer(case.input(), output_format="Magnitude").clamp(min=0.5).square()
    setattr(module, part, change(layer, seen))
    assert_same(module(case.input()), expected, LEGACY_KERNELS)
    assert len(seen) == (change is hooked)


def test_a_filter_that_is_not_needed_is_none():
    assert features.CQT2010v2(verbose=False).early_downsample_filter is None
    assert not hasattr(features.CQT2010v2(earlydownsample=False, verbose=False), "early_downsample_filter")
