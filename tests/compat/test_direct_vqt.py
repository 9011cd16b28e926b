"""VQT at gamma = 0: one constant-Q transform whatever happens to it, and the way back to nnAudio's."""

import io
import pickle

import pytest
import torch
from tests.compat.kept import assert_same, pickled
from tests.oracles.legacy_cases import EDITABLE, edited
from tests.tolerances import LEGACY_KERNELS, LEGACY_NUMBERS, ROUND_BFLOAT16, ROUND_FLOAT16, SAME_CODE

import nnaudio2_core as core
from nnAudio import features

# Early down-sampling and three octaves: the legacy numbers are nearly the maximum away.
VQT = {"sr": 8000, "hop_length": 64, "fmin": 110.0, "n_bins": 26, "bins_per_octave": 12, "verbose": False}
CASE = next(case for case, _ in EDITABLE if case.name == "VQT" and case.arguments["gamma"] == 0)


def cqt(**changes):
    given = {"norm" if key == "basis_norm" else key: value for key, value in changes.items()}
    return features.CQT1992v2(**{**VQT, **given})


@pytest.mark.parametrize(
    "changes", [{}, {"pad_mode": "constant"}, {"basis_norm": 2}, {"filter_scale": 0.7}, {"hop_length": 37}]
)
def test_it_is_the_constant_q_transform(changes):
    x = torch.randn(2, 5000)
    vqt = features.VQT(**{**VQT, **changes})
    for call in [(), ("Complex",), ("Complex", "wrap"), ("Phase", "convolutional")]:
        assert torch.equal(vqt(x, *call), cqt(**changes)(x, *call))
        assert torch.equal(torch.jit.script(vqt)(x, *call), cqt(**changes)(x, *call))


def rounded(module, dtype):
    module.load_state_dict({name: value.to(dtype).float() for name, value in module.state_dict().items()})
    return module


def from_meta(module):
    with torch.device("meta"):
        empty = features.VQT(**VQT)
    empty = empty.to_empty(device="cpu")
    empty.load_state_dict(module.state_dict())
    return empty


def saved(module):
    stream = io.BytesIO()
    torch.save(module, stream)
    stream.seek(0)
    return torch.load(stream, weights_only=False)


def one_row(module):
    module.cqt_kernels_real_1[3] *= 1.0001
    return module


def as_parameters(module):
    for name, value in list(module.named_buffers()):
        delattr(module, name)
        module.register_parameter(name, torch.nn.Parameter(value))
    return module


def set_to(name, value):
    def change(module):
        setattr(module, name, value)
        return module

    return change


CHANGES = {
    "half": (lambda m: m.half().float(), 4 * ROUND_FLOAT16),
    "bfloat16": (lambda m: m.bfloat16().float(), 4 * ROUND_BFLOAT16),
    "double": (lambda m: m.double(), LEGACY_KERNELS),
    "state rounded to float16": (lambda m: rounded(m, torch.float16), 4 * ROUND_FLOAT16),
    "state rounded to bfloat16": (lambda m: rounded(m, torch.bfloat16), 4 * ROUND_BFLOAT16),
    "built on meta": (from_meta, 0.0),
    "one row": (one_row, 1e-4),
    "replica": (lambda m: m._replicate_for_data_parallel(), 0.0),
    "pickle": (lambda m: pickle.loads(pickle.dumps(m)), 0.0),
    "file": (saved, 0.0),
    "parameters": (as_parameters, LEGACY_KERNELS),
    "trainable": (lambda m: features.VQT(**VQT, trainable=True), 1e-4),
    "without early filter": (set_to("earlydownsample", False), 0.0),
    "the same hop": (set_to("hop_length", 32), 0.0),
    "the same padding": (set_to("pad_mode", "reflect"), 0.0),
}


@pytest.mark.parametrize(("change", "bound"), CHANGES.values(), ids=CHANGES.keys())
def test_it_stays_the_constant_q_transform(change, bound):
    x = torch.randn(2, 5000)
    expected = cqt()(x)
    module = change(features.VQT(**VQT))
    assert_same(module(x), expected, bound)
    assert_same(torch.jit.script(module)(x), expected, bound)


@pytest.mark.parametrize(
    ("dtype", "unit"), [(torch.float16, ROUND_FLOAT16), (torch.bfloat16, ROUND_BFLOAT16)]
)
def test_half_precision_throughout(dtype, unit):
    x = torch.randn(2, 5000).to(dtype)
    module = features.VQT(**VQT).to(dtype)
    assert_same(module(x), cqt()(x.float()), 4 * unit)


@pytest.mark.filterwarnings("ignore::torch.jit.TracerWarning")
def test_graphs():
    x = torch.randn(2, 5000)
    vqt = features.VQT(**VQT)
    traced = torch.jit.trace(vqt, x, check_trace=False)
    assert_same(traced(x), cqt()(x), LEGACY_KERNELS)
    assert_same(torch.export.export(vqt, (x,)).module()(x), cqt()(x), LEGACY_KERNELS)
    for module in (vqt, traced):
        module.cqt_kernels_real_1.mul_(0.5)
    assert_same(traced(x), vqt(x), SAME_CODE)
    assert float((traced(x) - cqt()(x)).abs().max()) > 0.1 * float(cqt()(x).max())


def test_kernels_on_another_device_than_the_engine(device):
    """As in a replica of ``DataParallel`` on a further GPU."""
    x = torch.randn(2, 5000)
    module = features.VQT(**VQT)
    for where in (device, torch.device("meta")):
        replica = module._replicate_for_data_parallel()
        replica._buffers = {name: buffer.to(where) for name, buffer in module._buffers.items()}
        y = replica(x.to(where))
        assert y.shape == module(x).shape
        if where.type != "meta":
            assert_same(y.cpu(), cqt()(x), LEGACY_KERNELS)
    assert torch.equal(module(x), cqt()(x))


def test_other_hops_and_paddings_after_construction():
    x = torch.randn(2, 5000)
    module = features.VQT(**VQT)
    module.hop_length = 20  # at the rate after early down-sampling by 2
    assert torch.equal(module(x), cqt(hop_length=40)(x))
    module.pad_mode = "constant"
    assert torch.equal(module(x), cqt(hop_length=40, pad_mode="constant")(x))


def test_short_clips_and_none():
    module = features.VQT(**VQT)
    x = torch.randn(2, 300)
    assert module._fast.min_samples > 300
    with pytest.warns(UserWarning, match=r"x must have at least \d+ samples, got 300; zeros are added"):
        y = module(x)
    assert_same(y, cqt(pad_mode="constant")(x), LEGACY_KERNELS)
    assert module(torch.randn(0, 5000)).shape == (0, 26, 79)


def test_a_factor_of_a_kernel_is_a_factor_of_its_bin():
    x = torch.randn(2, 5000)
    module, expected = features.VQT(**VQT), cqt()(x)
    module.cqt_kernels_real_0[11] *= -3.0
    module.cqt_kernels_imag_0[11] *= -3.0
    module.cqt_kernels_real_1[11] *= 0.0
    module.cqt_kernels_imag_1[11] *= 0.0
    module.lenghts[2:4] *= 4.0
    expected[:, 25] *= 3.0
    expected[:, 13] *= 0.0
    expected[:, 2:4] *= 2.0
    assert_same(module(x), expected, LEGACY_KERNELS)


def test_the_rest_of_an_edit_is_added_octave_by_octave():
    """The legacy algorithm gives what the edit changes; it is linear in the kernels."""
    x = torch.randn(2, 5000)
    call = ("Complex", "convolutional")
    module, by_octaves = features.VQT(**VQT), features.VQT(**VQT)
    by_octaves.algorithm = "octaves"
    exact, before = cqt()(x, *call), by_octaves(x, *call)
    gains = torch.ones(26, 1, 2)
    for part, name in enumerate(("cqt_kernels_real_0", "cqt_kernels_imag_0")):
        kernel = getattr(module, name).double()
        values = edited(kernel)
        gains[14:, 0, part] = ((values * kernel).sum([1, 2]) / kernel.square().sum([1, 2])).float()
        for changed in (module, by_octaves):
            getattr(changed, name).copy_(values)
    after = by_octaves(x, *call)
    expected = gains * exact + (after - gains * before) / module.downsample_factor
    assert_same(module(x, *call), expected, LEGACY_KERNELS)
    assert float((expected - exact).abs().max()) > 0.05 * float(exact.abs().max())


def test_gradients_of_kernels_that_became_parameters():
    module = as_parameters(features.VQT(**VQT))
    module(torch.randn(1, 5000)).square().sum().backward()
    for name in ("cqt_kernels_real_0", "cqt_kernels_imag_2", "lenghts"):
        gradient = module.get_parameter(name).grad
        assert bool(gradient.isfinite().all())
        assert float(gradient.abs().max()) > 0


def test_the_way_back_to_the_numbers_of_nnaudio_0_3_4():
    key = f"{CASE.id}/frozen"
    kept = pickled("states_nnaudio")[key]
    module = CASE.build(features)
    module.load_state_dict(kept["state"])
    module.algorithm = "octaves"
    assert_same(CASE.run(module), kept["outputs"], LEGACY_NUMBERS)
    assert_same(CASE.run(torch.jit.script(module)), kept["outputs"], LEGACY_NUMBERS)
    assert_same(CASE.run(pickle.loads(pickle.dumps(module))), kept["outputs"], LEGACY_NUMBERS)
    new = core.VQT(**CASE.arguments, algorithm="octaves")
    assert_same(new(CASE.input()), kept["outputs"], LEGACY_NUMBERS)
    module.algorithm = "direct"
    assert_same(CASE.run(module), CASE.run(CASE.build(features)), LEGACY_KERNELS)


def test_algorithms():
    assert features.VQT(**VQT).algorithm == "direct"
    later = features.VQT(**VQT, gamma=5)
    assert later.algorithm == "octaves"
    with pytest.raises(ValueError, match="algorithm must be 'octaves' unless VQT was built with gamma=0"):
        later.algorithm = "direct"
    with pytest.raises(ValueError, match="algorithm must be one of 'direct', 'octaves', got 'fast'"):
        later.algorithm = "fast"
