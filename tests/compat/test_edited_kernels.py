"""Edited kernels and attributes take effect, however they were edited."""

import copy
import io
import pickle

import numpy as np
import pytest
import torch
from tests.compat.kept import assert_same, golden, parts
from tests.oracles.legacy_cases import EDITABLE, EDITS, edited
from tests.tolerances import LEGACY_KERNELS, LEGACY_NUMBERS, ROUND_FLOAT16

from nnAudio import features
from nnAudio._module import ENGINES

IDS = [f"{case.id}-{name}" for case, name in EDITS]


def owner_of(module, name):
    path, _, kernel = name.rpartition(".")
    return module.get_submodule(path), kernel


def in_place(owner, kernel, values):
    getattr(owner, kernel).copy_(values)


def by_data(owner, kernel, values):
    getattr(owner, kernel).data.copy_(values)


def assigned_data(owner, kernel, values):
    getattr(owner, kernel).data = values


def by_numpy(owner, kernel, values):
    getattr(owner, kernel).numpy()[...] = values.numpy()


def by_a_kept_reference(owner, kernel, values):
    view = getattr(owner, kernel).view(-1)
    view.data[:] = values.reshape(-1)


def assigned(owner, kernel, values):
    setattr(owner, kernel, values)


def as_parameter(owner, kernel, values):
    setattr(owner, kernel, torch.nn.Parameter(values))


def registered(owner, kernel, values):
    owner.register_buffer(kernel, values)


def loaded(owner, kernel, values):
    owner.load_state_dict({**owner.state_dict(), kernel: values}, strict=True)


def loaded_by_assignment(owner, kernel, values):
    owner.load_state_dict({**owner.state_dict(), kernel: values}, strict=True, assign=True)


WAYS = [
    in_place,
    by_data,
    assigned_data,
    by_numpy,
    by_a_kept_reference,
    assigned,
    as_parameter,
    registered,
    loaded,
    loaded_by_assignment,
]


# Classes without an engine, for their own kernels are as fast; VQT at gamma = 0 has one of its own kind.
OCTAVES = ("CQT2010", "CQT2010v2", "VQT")
BUILT = {}


def engines(module):
    found = [vars(part).get(name) for part in module.modules() for name in ENGINES]
    return [engine for engine in found if engine is not None]


def built(case):
    """A copy of the module of a case, which is built only once."""
    if case.id not in BUILT:
        BUILT[case.id] = case.build(features)
    return copy.deepcopy(BUILT[case.id])


def with_legacy_algorithm(case):
    """The same; VQT at gamma = 0, which otherwise corrects the legacy numbers, computes octave by octave."""
    module = built(case)
    if case.arguments.get("gamma") == 0:
        module.algorithm = "octaves"
    return module


@pytest.mark.parametrize(("case", "name"), EDITS, ids=IDS)
def test_an_edit_takes_effect_however_it_is_made(case, name):
    expected = golden("edits", f"{case.id}/{name}")
    before = parts(case.run(with_legacy_algorithm(case)))
    for way in WAYS:
        module = with_legacy_algorithm(case)
        owner, kernel = owner_of(module, name)
        case.run(module)  # so that the engine has been used before the edit
        with torch.no_grad():
            way(owner, kernel, edited(getattr(owner, kernel)))
        after = parts(case.run(module))
        assert_same(tuple(after), expected, LEGACY_NUMBERS)
        assert not all(torch.equal(a, b) for a, b in zip(after, before, strict=True)), way.__name__


@pytest.mark.parametrize("case", [case for case, _ in EDITABLE], ids=[case.id for case, _ in EDITABLE])
def test_untouched_kernels_have_an_engine_that_agrees_with_them(case):
    module = built(case)
    without = copy.deepcopy(module)
    for part in without.modules():
        for name in ENGINES:
            if hasattr(part, name):
                setattr(part, name, None)
    assert engines(module) or case.name in OCTAVES
    if case.arguments.get("gamma") != 0:  # there the engine corrects the legacy numbers
        assert_same(case.run(module), case.run(without), LEGACY_KERNELS)


def agreements(module):
    """A list to which each engine of a module appends its answer when the module is called."""
    asked = []
    for engine in engines(module):
        name = "agrees" if hasattr(engine, "agrees") else "unedited"
        ask = getattr(engine, name)
        setattr(engine, name, lambda *kernels, ask=ask: asked.append(ask(*kernels)) or asked[-1])
    return asked


SAME = [
    lambda module: copy.deepcopy(module),
    lambda module: pickle.loads(pickle.dumps(module)),
    lambda module: module.to("cpu"),
    lambda module: module.eval().requires_grad_(False),
    lambda module: module.float(),
]


WITH_ENGINE = [case for case, _ in EDITABLE if case.name not in OCTAVES or case.arguments.get("gamma") == 0]


@pytest.mark.parametrize("case", WITH_ENGINE, ids=lambda case: case.id)
def test_the_engine_stays_in_use_where_no_kernel_changes(case):
    for change in SAME:
        module = change(built(case))
        module.load_state_dict(built(case).state_dict())
        asked = agreements(module)
        case.run(module)
        assert asked
        assert all(asked)


@pytest.mark.parametrize("case", [case for case, _ in EDITABLE], ids=[case.id for case, _ in EDITABLE])
def test_half_and_double(case):
    """Half precision rounds the kernels; double precision keeps them."""
    expected = parts(case.run(built(case)))
    x = case.input()
    double = built(case).double()
    result = parts(getattr(double, case.method)(x.double(), **case.call))
    assert {part.dtype for part in result} == {torch.float64}
    assert_same(tuple(result), expected, LEGACY_KERNELS)
    half = built(case).half()
    result = parts(getattr(half, case.method)(x.half(), **case.call))
    assert {part.dtype for part in result} == {torch.float16}
    if case.name not in ("MFCC", "CFP", "Combined_Frequency_Periodicity"):
        assert_same(tuple(result), expected, 8 * ROUND_FLOAT16)
    assert not torch.equal(result[0].float(), expected[0].half().float())


def test_restored_kernels_are_served_by_the_engine_again():
    stft = features.STFT(n_fft=64, hop_length=16, verbose=False)
    kept = stft.wsin.clone()
    asked = agreements(stft)
    x = torch.randn(1, 900)
    for values in (kept, torch.zeros_like(kept), kept):
        stft.wsin = values
        stft(x)
    assert asked == [True, False, True]


@pytest.mark.parametrize("size", [1e-3, 1e-2, 1.0])
def test_an_edit_of_one_entry_is_detected(size):
    """One of 2 * 129 * 256 numbers up to 1 changes."""
    stft = features.STFT(n_fft=256, verbose=False)
    x = torch.randn(1, 2000)
    before = stft(x)
    stft.wcos.data[70, 0, 100] += size
    difference = (stft(x) - before).abs()
    assert float(difference[:, 70].max()) > 0.1 * size
    assert float(difference[:, :70].max()) < 1e-4


def test_swapped_rows_columns_and_kernels_are_detected():
    x = torch.randn(1, 900)
    for swap in (
        lambda stft: stft.wsin.data.copy_(stft.wsin.data.flip(0)),
        lambda stft: stft.wsin.data.copy_(stft.wsin.data.roll(1, 2)),
        lambda stft: stft.wsin.data.copy_(stft.wcos.data),
        lambda stft: stft.wsin.data.neg_(),
    ):
        stft = features.STFT(n_fft=64, hop_length=16, verbose=False)
        before = stft(x)
        swap(stft)
        assert float((stft(x) - before).abs().max()) > 0.1


def test_a_nan_is_detected():
    mel = features.MelSpectrogram(n_fft=64, n_mels=6, verbose=False)
    mel.mel_basis.data[2, 3] = float("nan")
    assert bool(mel(torch.randn(1, 900)).isnan().any())


ATTRIBUTES = [
    ("STFT", {"n_fft": 64, "hop_length": 16}, "stride", 8),
    ("STFT", {"n_fft": 64, "hop_length": 16}, "pad_mode", "constant"),
    ("STFT", {"n_fft": 64, "hop_length": 16}, "pad_amount", 10),
    ("STFT", {"n_fft": 64, "hop_length": 16}, "freq_bins", 20),
    ("STFT", {"n_fft": 64, "freq_scale": "log", "freq_bins": 33}, "freq_bins", 20),
    ("MelSpectrogram", {"n_fft": 64, "n_mels": 6}, "power", 1.0),
    ("MFCC", {"n_fft": 64, "n_mels": 6, "n_mfcc": 4}, "top_db", 1.0),
    ("MFCC", {"n_fft": 64, "n_mels": 6, "n_mfcc": 4}, "m_mfcc", 3),
    ("CQT1992v2", {"n_bins": 6, "fmin": 1000}, "hop_length", 100),
    ("CQT1992v2", {"n_bins": 6, "fmin": 1000}, "center", False),
    ("CQT1992v2", {"n_bins": 6, "fmin": 1000}, "kernel_width", 600),
    ("CQT2010", {"n_bins": 6, "fmin": 1000}, "padding", torch.nn.ConstantPad1d(128, 0.0)),
    ("CQT2010v2", {"n_bins": 6, "fmin": 1000}, "padding", torch.nn.ConstantPad1d(100, 0.0)),
    ("CQT1992v2", {"n_bins": 6, "fmin": 1000}, "output_format", "Complex"),
]


PERIODS = {"fr": 16, "fs": 4000, "hop_length": 100, "window_size": 129, "NumPerOct": 12}


@pytest.mark.parametrize(
    ("attribute", "value"), [("g", [0.3, 0.6, 1]), ("tc_idx", 9), ("fc_idx", 9), ("N", 240)]
)
def test_a_changed_attribute_of_cfp_takes_effect(attribute, value):
    x = torch.randn(1, 3000)
    module = features.CFP(**PERIODS)
    before = module(x)
    setattr(module, attribute, value)
    assert float((module(x) - before).abs().max()) > 1e-3 * float(before.abs().max())


@pytest.mark.parametrize(("name", "arguments", "attribute", "value"), ATTRIBUTES)
def test_a_changed_attribute_takes_effect(name, arguments, attribute, value):
    x = torch.randn(1, 3000)
    module = getattr(features, name)(**arguments, verbose=False)
    before = module(x)
    setattr(module, attribute, value)
    after = module(x)
    assert before.shape != after.shape or float((before - after).abs().max()) > 1e-3
    scripted = torch.jit.script(module)
    assert_same(scripted(x), after, LEGACY_KERNELS)


@pytest.mark.parametrize("name", ["STFT", "CQT1992v2"])
def test_a_changed_trainable_offsets_the_magnitude(name):
    module = getattr(features, name)(
        **{"STFT": {"n_fft": 64}}.get(name, {"n_bins": 6, "fmin": 1000}), verbose=False
    )
    module.trainable, module.output_format = True, "Magnitude"
    assert float(module(torch.zeros(1, 3000)).detach().min()) == pytest.approx(1e-4)


def test_a_changed_padding_takes_effect_in_the_inverse():
    stft = features.STFT(n_fft=64, hop_length=16, iSTFT=True, verbose=False)
    X = stft(torch.randn(1, 900))
    before = stft.inverse(X)
    stft.pad_amount = 10
    after = stft.inverse(X)
    assert after.size(1) == before.size(1) + 2 * 22
    assert_same(after[:, 22:-22], before, LEGACY_KERNELS)


@pytest.mark.parametrize(("case", "name"), EDITS, ids=IDS)
@pytest.mark.filterwarnings("ignore::torch.jit.TracerWarning")  # about lengths only
def test_an_edit_takes_effect_in_scripted_and_traced_modules(case, name):
    expected = golden("edits", f"{case.id}/{name}")
    scripted = torch.jit.script(with_legacy_algorithm(case))
    saved = io.BytesIO()
    torch.jit.save(scripted, saved)
    saved.seek(0)
    scripted = torch.jit.load(saved)
    copies = [scripted]
    if case.method == "forward" and not case.call:
        traced = torch.jit.trace(with_legacy_algorithm(case), case.input(), check_trace=False)
        copies.append(traced)
    for module in copies:
        values = dict(module.named_buffers())[name]
        values.copy_(edited(values))
        assert_same(case.run(module), expected, LEGACY_NUMBERS)


def test_a_replaced_numpy_makes_kernels_in_double_precision(monkeypatch):
    class Double:
        float32, complex64 = np.float64, np.complex128

        def __getattr__(self, name):
            return getattr(np, name)

    monkeypatch.setattr("nnAudio.utils.np", Double())
    cqt = features.CQT1992v2(n_bins=6, fmin=1000, verbose=False)
    assert cqt.cqt_kernels_real.dtype == torch.float64
    assert features.STFT(n_fft=64, verbose=False).wsin.dtype == torch.float64
    monkeypatch.undo()
    x = torch.randn(1, 3000, dtype=torch.float64)
    expected = features.CQT1992v2(n_bins=6, fmin=1000, verbose=False)(x.float())
    assert_same(cqt(x), expected, LEGACY_KERNELS)
